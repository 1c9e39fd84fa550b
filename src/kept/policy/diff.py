"""What changed between two versions of a policy (promise M1), for the people whom it concerns.

Pure: it looks at two compiled policies and at nothing else. Whatever makes their fingerprints differ is named
at least once.
"""

from collections.abc import Iterator, Mapping

from kept.base.language import ENGLISH, Language, marked
from kept.policy.compiled import Assumption, Audience, CompiledPolicy
from kept.policy.compiled_rest import Named, NoticeFor
from kept.policy.diff_fields import Both, Teller, as_kind, differences
from kept.policy.diff_held import cookie_changes, held_changes, retention_changes
from kept.policy.diff_model import Change, Kind, Needs, Pair, added_and_gone, pair_of
from kept.policy.diff_more import section_changes
from kept.policy.diff_purposes import purpose_changes, question_changes
from kept.policy.worded import worded
from kept.policy.wording import ages_words, audience_words, places_words

__all__ = ["Change", "Kind", "Needs", "diff", "diff_in", "diff_text"]

MARKS = {Needs.NOTHING: "", Needs.NOTICE: " [needs a new notice]", Needs.QUESTION: " [needs a new question]"}


def diff(old: CompiledPolicy, new: CompiledPolicy, say: Language = ENGLISH) -> tuple[Change, ...]:
    """Every change from one version to the other; empty exactly when both say the same. English is what the company
    reads; people read `diff_in`."""
    if old.canonical == new.canonical:
        return ()
    pair = pair_of(old, new, say)
    return (
        *_version(pair),
        *_company(pair),
        *_audiences(pair),
        *held_changes(pair),
        *_together(pair),
        *_counting(pair),
        *cookie_changes(pair),
        *purpose_changes(pair),
        *question_changes(pair),
        *retention_changes(pair),
        *section_changes(pair),
        *_assumptions(pair),
    )


def diff_in(old: CompiledPolicy, new: CompiledPolicy, one: NoticeFor, say: Language) -> tuple[Change, ...]:
    """The same in the words of a notice. Where it is new, they are no change in what went before."""
    before = old.notices.get(one.name, one)
    return diff(worded(old, before.words), worded(new, one.words), say)


def diff_text(changes: tuple[Change, ...]) -> str:
    """The changes for a person to read, grouped by whom they concern."""
    if not changes:
        return "Nothing changed."
    groups: dict[str, list[Change]] = {}
    for one in changes:
        groups.setdefault(one.whom, []).append(one)
    return "\n\n".join("\n".join([whom, *map(_line, group)]) for whom, group in groups.items())


def _line(one: Change) -> str:
    return f"  {one.kind.value}: {one.says}{MARKS[one.needs]}"


def _version(pair: Pair) -> Iterator[Change]:
    say = pair.say
    if pair.old.version != pair.new.version:
        says = say(
            "Version {version} follows version {before}.", version=pair.new.version, before=pair.old.version
        )
        yield pair.change(Kind.VERSION, "version", says)
    if pair.old.in_force != pair.new.in_force:
        now, then = say.day(pair.new.in_force), say.day(pair.old.in_force)
        says = say("In force from {day}; before: from {before}.", day=now, before=then)
        yield pair.change(Kind.VERSION, "in_force", says)


def _company(pair: Pair) -> Iterator[Change]:
    old, new = pair.old.company, pair.new.company
    who = as_kind(Kind.COMPANY)
    tellers: Mapping[str, Teller] = dict.fromkeys(
        ("name", "site", "contact", "country", "representative", "officer"), who
    )
    if old.name != new.name:
        says = pair.say("{name} answers for the data; before: {before}.", name=new.name, before=old.name)
        yield pair.change(Kind.COMPANY, "company.name", says)
    yield from differences(Both(pair, "company", new.name, old, new), tellers)


def _audiences(pair: Pair) -> Iterator[Change]:
    old, new, say = pair.old.audiences, pair.new.audiences, pair.say
    added, gone = added_and_gone(tuple(old), tuple(new))
    for name in added:
        says = say("Other rules may hold for them now: {audience}.", audience=audience_words(new[name], say))
        yield _audience(pair, new[name], says)
    for name in gone:
        says = say("Told apart no more: {audience}.", audience=audience_words(old[name], say))
        yield _audience(pair, old[name], says)
    for name in (one for one in new if one in old and old[one] != new[one]):
        now, then = audience_words(new[name], say), audience_words(old[name], say)
        says = (
            say("Now {audience}; before: {before}.", audience=now, before=then)
            if now != then
            else say("Was called “{title}”.", title=old[name].title)
        )
        yield _audience(pair, new[name], says)
    if pair.old.if_unknown != pair.new.if_unknown:
        now, then = (_presumed(one, say) for one in (pair.new, pair.old))
        says = say("Whom we know little of: {now}; before: {before}.", now=now, before=then)
        yield pair.change(Kind.AUDIENCES, "if_unknown", says)


def _audience(pair: Pair, audience: Audience, says: str) -> Change:
    return pair.change(Kind.AUDIENCES, f"audiences.{audience.name}", f"{audience.title}. {says}")


def _together(pair: Pair) -> Iterator[Change]:
    """What is gathered together: its words."""
    old, new, say = pair.old.held_groups, pair.new.held_groups, pair.say
    for name in sorted({*old, *new}):
        if (was := old.get(name)) != (now := new.get(name)):
            title = (now or was or Named(name=name, title=name)).title
            if was and now:
                says = say("What is held together as “{title}” is told in other words.", title=title)
            elif was:
                says = say("Held together no more: “{title}”.", title=title)
            else:
                says = say("Held together now: “{title}”.", title=title)
            yield pair.change(Kind.WORDS, f"held_groups.{name}", says)


def _presumed(policy: CompiledPolicy, say: Language) -> str:
    places, ages = policy.if_unknown.get("residence"), policy.if_unknown.get("age")
    words = [
        say("living in {places}", places=places_words(places, say, "in")) if places else "",
        ages_words(int(ages[0]), int(ages[1]), say) if ages else "",
    ]
    return say.listing(words) or say("the strictest rules count")


def _counting(pair: Pair) -> Iterator[Change]:
    old, new, say = pair.old.counting_in, pair.new.counting_in, pair.say
    if new - old:
        places = places_words(new - old, say, "in")
        says = say("Visits are counted without cookies in {places} too.", places=places)
        yield pair.change(Kind.GATHERED_MORE, "counting_in", says)
    if old - new:
        places = places_words(old - new, say, "in")
        says = say("Visits are counted without cookies no more in {places}.", places=places)
        yield pair.change(Kind.GATHERED_LESS, "counting_in", says)


def _assumptions(pair: Pair) -> Iterator[Change]:
    old, new = _reasons(pair.old.assumptions), _reasons(pair.new.assumptions)
    for frame, reasons in (
        (marked("Assumed now: {path}: {reason}"), new - old),
        (marked("Assumed no more: {path}: {reason}"), old - new),
    ):
        for path, reason in sorted(reasons):
            says = pair.say(frame, path=path or pair.say("the file"), reason=reason)
            yield pair.change(Kind.ASSUMED, "assumptions", says)


def _reasons(assumptions: tuple[Assumption, ...]) -> set[tuple[str, str]]:
    return {(one.path, one.reason) for one in assumptions}
