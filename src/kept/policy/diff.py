"""What changed between two versions of a policy (promise M1), for the people whom it concerns.

Pure: it looks at two compiled policies and at nothing else. Whatever makes their fingerprints differ is named
at least once.
"""

from collections.abc import Iterator, Mapping

from kept.base.language import ENGLISH
from kept.policy.compiled import Assumption, Audience, CompiledPolicy
from kept.policy.compiled_rest import Named
from kept.policy.diff_fields import Both, Teller, as_kind, differences, plain
from kept.policy.diff_held import cookie_changes, held_changes, retention_changes
from kept.policy.diff_model import Change, Kind, Needs, Pair, added_and_gone, change, pair_of
from kept.policy.diff_more import section_changes
from kept.policy.diff_purposes import purpose_changes, question_changes
from kept.policy.wording import audience_words, places_words

__all__ = ["Change", "Kind", "Needs", "diff", "diff_text"]

MARKS = {Needs.NOTHING: "", Needs.NOTICE: " [needs a new notice]", Needs.QUESTION: " [needs a new question]"}


def diff(old: CompiledPolicy, new: CompiledPolicy) -> tuple[Change, ...]:
    """Every change from one version to the other; empty exactly when both say the same."""
    if old.canonical == new.canonical:
        return ()
    pair = pair_of(old, new)
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
    if pair.old.version != pair.new.version:
        says = f"Version {pair.new.version} follows version {pair.old.version}."
        yield change(Kind.VERSION, "version", says)
    if pair.old.in_force != pair.new.in_force:
        says = f"In force from {pair.new.in_force}; before: from {pair.old.in_force}."
        yield change(Kind.VERSION, "in_force", says)


def _company(pair: Pair) -> Iterator[Change]:
    old, new = pair.old.company, pair.new.company
    who = as_kind(Kind.COMPANY)
    tellers: Mapping[str, Teller] = dict.fromkeys(
        ("name", "site", "contact", "country", "representative", "officer"), who
    )
    if old.name != new.name:
        yield change(Kind.COMPANY, "company.name", f"{new.name} answers for the data; before: {old.name}.")
    yield from differences(Both(pair, "company", new.name, old, new), tellers)


def _audiences(pair: Pair) -> Iterator[Change]:
    old, new = pair.old.audiences, pair.new.audiences
    added, gone = added_and_gone(tuple(old), tuple(new))
    for name in added:
        yield _audience(
            new[name], f"Other rules may hold for them now: {audience_words(new[name], ENGLISH)}."
        )
    for name in gone:
        yield _audience(old[name], f"Told apart no more: {audience_words(old[name], ENGLISH)}.")
    for name in (one for one in new if one in old and old[one] != new[one]):
        now, then = audience_words(new[name], ENGLISH), audience_words(old[name], ENGLISH)
        says = f"Now {now}; before: {then}." if now != then else f"Was called “{old[name].title}”."
        yield _audience(new[name], says)
    if pair.old.if_unknown != pair.new.if_unknown:
        yield change(Kind.AUDIENCES, "if_unknown", f"Whom we know little of: {_presumed(pair)}.")


def _audience(audience: Audience, says: str) -> Change:
    return change(Kind.AUDIENCES, f"audiences.{audience.name}", f"{audience.title}. {says}")


def _together(pair: Pair) -> Iterator[Change]:
    """What is gathered together: its words."""
    old, new = pair.old.held_groups, pair.new.held_groups
    for name in sorted({*old, *new}):
        if (was := old.get(name)) != (now := new.get(name)):
            title = (now or was or Named(name=name, title=name)).title
            says = f"What is held together as “{title}” is told in other words." if was and now else ""
            says = says or f"Held together {'no more' if was else 'now'}: “{title}”."
            yield change(Kind.WORDS, f"held_groups.{name}", says)


def _presumed(pair: Pair) -> str:
    now, then = (plain(one.if_unknown) or "the strictest rules count" for one in (pair.new, pair.old))
    return f"{now}; before: {then}"


def _counting(pair: Pair) -> Iterator[Change]:
    old, new = pair.old.counting_in, pair.new.counting_in
    if new - old:
        says = f"Visits are counted without cookies in {places_words(new - old, ENGLISH)} too."
        yield change(Kind.GATHERED_MORE, "counting_in", says)
    if old - new:
        says = f"Visits are counted without cookies no more in {places_words(old - new, ENGLISH)}."
        yield change(Kind.GATHERED_LESS, "counting_in", says)


def _assumptions(pair: Pair) -> Iterator[Change]:
    old, new = _reasons(pair.old.assumptions), _reasons(pair.new.assumptions)
    for path, reason in sorted(new - old):
        yield change(Kind.ASSUMED, "assumptions", f"Assumed now: {path or 'the file'}: {reason}")
    for path, reason in sorted(old - new):
        yield change(Kind.ASSUMED, "assumptions", f"Assumed no more: {path or 'the file'}: {reason}")


def _reasons(assumptions: tuple[Assumption, ...]) -> set[tuple[str, str]]:
    return {(one.path, one.reason) for one in assumptions}
