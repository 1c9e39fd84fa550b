"""What differs in what data is used for: purposes, their ground and the say that people have, their questions."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kept.base.language import marked
from kept.policy.compiled import Choice, CompiledPolicy, Event, Form, Group, Item, Purpose
from kept.policy.diff_fields import Both, Teller, as_kind, differences, members
from kept.policy.diff_model import Change, Kind, Names, Needs, Pair, added_and_gone
from kept.policy.diff_times import lengthened
from kept.policy.notice_held import held_title
from kept.policy.wording import CHOICES, FORMS, GROUNDS, length, sentence, title_of

FORMS_BY_NEARNESS = (Form.AGGREGATE, Form.PSEUDONYMOUS, Form.IDENTIFIED)


def purpose_changes(pair: Pair) -> Iterator[Change]:
    """Purposes that are new, that ended, and what differs of each."""
    old, new = pair.old.purposes, pair.new.purposes
    added, gone = added_and_gone(tuple(old), tuple(new))
    for name in added:
        says = _new(pair, new[name])
        one = pair.change(Kind.NEW_PURPOSE, f"purposes.{name}", says, concerned(pair.new, new[name]))
        yield from _by_need(pair, new[name], one)
    for name in gone:
        says = pair.say("{title} ended: nothing is used for it any more.", title=old[name].title)
        yield pair.change(Kind.PURPOSE_ENDED, f"purposes.{name}", says, concerned(pair.old, old[name]))
    for name in (one for one in new if one in old):
        people = concerned(pair.new, new[name])
        both = Both(pair, f"purposes.{name}", new[name].title, old[name], new[name], people)
        for one in differences(both, TELLERS):
            yield from _by_need(pair, new[name], one) if one.kind is Kind.USED_MORE else (one,)


def concerned(policy: CompiledPolicy, purpose: Purpose) -> tuple[str, ...]:
    """The roles whose data a purpose uses."""
    held = _held(policy)
    used = purpose.items | {event for event, _name in purpose.properties}
    roles = {role for name in used if name in held for role in held[name].about}
    return ("everyone",) if "everyone" in roles else tuple(sorted(roles))


def _held(policy: CompiledPolicy) -> dict[str, Item | Event]:
    return {**policy.items, **policy.events}


def _new(pair: Pair, purpose: Purpose) -> str:
    is_new = pair.say("A purpose is new: {title}.", title=purpose.title)
    return f"{is_new} {sentence(purpose.says)}".rstrip()


def _by_need(pair: Pair, purpose: Purpose, one: Change) -> Iterator[Change]:
    """The same change once for those who must be asked, and once for those who must be told.

    Those for whom the purpose is ruled out need neither. A purpose on demand asks nobody.
    """
    needs: dict[Needs, set[Names]] = {}
    for names, _was, now in pair.cells:
        choice = purpose.terms[now].choice
        need = Needs.QUESTION if choice is Choice.OPT_IN and not purpose.on_demand else Needs.NOTICE
        needs.setdefault(Needs.NOTHING if choice is Choice.NEVER else need, set()).add(names)
    for need, cells in needs.items():
        yield pair.within(replace(one, needs=need), cells)


def _items(both: Both, field: str) -> Iterator[Change]:
    added, gone = added_and_gone(*both.values(field))
    if added:
        names = _titles(both, both.pair.new, added)
        yield both.change(
            Kind.USED_MORE, field, both.say("{title} now uses {names} too.", title=both.title, names=names)
        )
    if gone:
        names = _titles(both, both.pair.old, gone)
        yield both.change(
            Kind.USED_LESS, field, both.say("{title} uses {names} no more.", title=both.title, names=names)
        )


def _titles(both: Both, policy: CompiledPolicy, names: list[str]) -> str:
    held = _held(policy)
    return both.say.listing(held[name].title if name in held else title_of(name) for name in names)


def _properties(both: Both, field: str) -> Iterator[Change]:
    before, after = both.values(field)
    for kind, frame, policy, pairs in (
        (Kind.USED_MORE, marked("{title} now uses {names} too."), both.pair.new, after - before),
        (Kind.USED_LESS, marked("{title} uses {names} no more."), both.pair.old, before - after),
    ):
        if pairs:
            names = both.say.listing(
                held_title(policy, both.say, f"{event}.{name}") for event, name in sorted(pairs)
            )
            yield both.change(kind, field, both.say(frame, title=both.title, names=names))


def _terms(both: Both, field: str) -> Iterator[Change]:
    old, new = both.values(field)
    yield from both.pair.differing(
        [one.basis for one in old], [one.basis for one in new], lambda was, now: _basis(both, was, now)
    )
    yield from both.pair.differing(
        [one.choice for one in old], [one.choice for one in new], lambda was, now: _say(both, was, now)
    )


def _basis(both: Both, was: str, now: str) -> Change:
    says = both.say(
        "{title} rests on another ground: {now}; before: {before}.",
        title=both.title,
        now=both.say(GROUNDS[now]),
        before=both.say(GROUNDS[was]),
    )
    return both.change(Kind.BASIS_CHANGED, "terms", says)


def _say(both: Both, was: Choice, now: Choice) -> Change:
    kind = Kind.LESS_SAY if now < was else Kind.MORE_SAY
    says = both.say(
        "{title}: {now}; before: {before}.",
        title=both.title,
        now=both.say(CHOICES[now]),
        before=both.say(CHOICES[was]),
    )
    asked = now is Choice.OPT_IN and not both.new.on_demand
    one = both.change(kind, "terms", says)
    return replace(one, needs=Needs.QUESTION) if asked else one


def _form(both: Both, field: str) -> Iterator[Change]:
    before, after = (FORMS_BY_NEARNESS.index(value) for value in both.values(field))
    kind = Kind.USED_MORE if after > before else Kind.USED_LESS
    now, then = both.say(FORMS[both.new.form]), both.say(FORMS[both.old.form])
    says = both.say("{title} sees it {now}; before: {before}.", title=both.title, now=now, before=then)
    yield both.change(kind, field, says)


def _looks_back(both: Both, field: str) -> Iterator[Change]:
    before, after = both.values(field)
    now, then = (
        length(one, both.say) if one else both.say("as long as it is kept") for one in (after, before)
    )
    kind = Kind.USED_LESS if lengthened(before, after) is Kind.KEPT_SHORTER else Kind.USED_MORE
    says = both.say("{title} looks back {now}; before: {before}.", title=both.title, now=now, before=then)
    yield both.change(kind, field, says)


def _on_demand(both: Both, field: str) -> Iterator[Change]:
    if both.new.on_demand:
        says = both.say("{title} looks at nothing until a demand is approved.", title=both.title)
        yield both.change(Kind.USED_LESS, field, says)
    else:
        yield both.change(
            Kind.USED_MORE, field, both.say("{title} no more waits for a demand.", title=both.title)
        )


def _group(both: Both, field: str) -> Iterator[Change]:
    now, then = _question(both.pair.new, both.new.group), _question(both.pair.old, both.old.group)
    says = both.say(
        "{title} is asked about with “{now}”; before: with “{before}”.",
        title=both.title,
        now=now,
        before=then,
    )
    yield both.change(Kind.ASKED_OTHERWISE, field, says)


def _question(policy: CompiledPolicy, name: str) -> str:
    return policy.groups[name].title if name in policy.groups else title_of(name)


def _said(both: Both, field: str) -> Iterator[Change]:
    """What a purpose says of itself is what people agreed to: they are told of other words."""
    for one in as_kind(Kind.WORDS)(both, field):
        yield replace(one, needs=Needs.NOTICE)


TELLERS: Mapping[str, Teller] = {
    "items": _items,
    "properties": _properties,
    "terms": _terms,
    "form": _form,
    "looks_back": _looks_back,
    "on_demand": _on_demand,
    "group": _group,
    "says": _said,
}


def question_changes(pair: Pair) -> Iterator[Change]:
    """Groups: one question each, its words and the purposes that it is about."""
    old, new = pair.old.groups, pair.new.groups
    for name in (one for one in new if one in old):
        was, now = _ordered(old[name]), _ordered(new[name])
        called = pair.say("The question “{title}”", title=now.title)
        both = Both(pair, f"groups.{name}", called, was, now)
        yield from differences(both, {"purposes": ASKED, "says": _said})
    added, gone = added_and_gone(tuple(old), tuple(new))
    for name in added:
        says = pair.say("What is asked as one is new: “{title}”.", title=new[name].title)
        yield pair.change(Kind.ASKED_OTHERWISE, f"groups.{name}", says)
    for name in gone:
        says = pair.say("What was asked as one is gone: “{title}”.", title=old[name].title)
        yield pair.change(Kind.WORDS, f"groups.{name}", says)


def _ordered(group: Group) -> Group:
    return replace(group, purposes=tuple(sorted(group.purposes)))


ASKED = members(
    Kind.ASKED_OTHERWISE,
    Kind.ASKED_OTHERWISE,
    marked("{title}: it is now also about {names}."),
    marked("{title}: it is no more about {names}."),
)
