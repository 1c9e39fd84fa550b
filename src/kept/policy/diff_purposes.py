"""What differs in what data is used for: purposes, their ground and the say that people have, their questions."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kept.base.language import ENGLISH
from kept.policy.compiled import Choice, CompiledPolicy, Event, Form, Group, Item, Purpose
from kept.policy.diff_fields import Both, Teller, as_kind, differences, members
from kept.policy.diff_model import Change, Kind, Names, Needs, Pair, added_and_gone, change
from kept.policy.diff_times import lengthened
from kept.policy.wording import CHOICES, FORMS, GROUNDS, length, title_of

FORMS_BY_NEARNESS = (Form.AGGREGATE, Form.PSEUDONYMOUS, Form.IDENTIFIED)


def purpose_changes(pair: Pair) -> Iterator[Change]:
    """Purposes that are new, that ended, and what differs of each."""
    old, new = pair.old.purposes, pair.new.purposes
    added, gone = added_and_gone(tuple(old), tuple(new))
    for name in added:
        one = change(Kind.NEW_PURPOSE, f"purposes.{name}", _new(new[name]), concerned(pair.new, new[name]))
        yield from _by_need(pair, new[name], one)
    for name in gone:
        says = f"{old[name].title} ended: nothing is used for it any more."
        yield change(Kind.PURPOSE_ENDED, f"purposes.{name}", says, concerned(pair.old, old[name]))
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


def _new(purpose: Purpose) -> str:
    says = f" {purpose.says.rstrip('.')}." if purpose.says else ""
    return f"A purpose is new: {purpose.title}.{says}"


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
        yield both.change(
            Kind.USED_MORE, field, f"{both.title} now uses {_titles(both.pair.new, added)} too."
        )
    if gone:
        yield both.change(Kind.USED_LESS, field, f"{both.title} uses {_titles(both.pair.old, gone)} no more.")


def _titles(policy: CompiledPolicy, names: list[str]) -> str:
    held = _held(policy)
    return ENGLISH.listing(held[name].title if name in held else title_of(name) for name in names)


def _properties(both: Both, field: str) -> Iterator[Change]:
    before, after = both.values(field)
    for kind, verb, pairs in (
        (Kind.USED_MORE, "now uses {} too", after - before),
        (Kind.USED_LESS, "uses {} no more", before - after),
    ):
        if pairs:
            said = ENGLISH.listing(
                f"{title_of(name).lower()} of {title_of(event).lower()}" for event, name in sorted(pairs)
            )
            yield both.change(kind, field, f"{both.title} {verb.format(said)}.")


def _terms(both: Both, field: str) -> Iterator[Change]:
    old, new = both.values(field)
    yield from both.pair.differing(
        [one.basis for one in old], [one.basis for one in new], lambda was, now: _basis(both, was, now)
    )
    yield from both.pair.differing(
        [one.choice for one in old], [one.choice for one in new], lambda was, now: _say(both, was, now)
    )


def _basis(both: Both, was: str, now: str) -> Change:
    says = f"{both.title} rests on another ground: {GROUNDS[now]}; before: {GROUNDS[was]}."
    return both.change(Kind.BASIS_CHANGED, "terms", says)


def _say(both: Both, was: Choice, now: Choice) -> Change:
    kind = Kind.LESS_SAY if now < was else Kind.MORE_SAY
    says = f"{both.title}: {CHOICES[now]}; before: {CHOICES[was]}."
    asked = now is Choice.OPT_IN and not both.new.on_demand
    one = both.change(kind, "terms", says)
    return replace(one, needs=Needs.QUESTION) if asked else one


def _form(both: Both, field: str) -> Iterator[Change]:
    before, after = (FORMS_BY_NEARNESS.index(value) for value in both.values(field))
    kind = Kind.USED_MORE if after > before else Kind.USED_LESS
    now, then = FORMS[both.new.form], FORMS[both.old.form]
    yield both.change(kind, field, f"{both.title} sees it {now}; before: {then}.")


def _looks_back(both: Both, field: str) -> Iterator[Change]:
    before, after = both.values(field)
    now, then = (length(one, ENGLISH) if one else "as long as it is kept" for one in (after, before))
    kind = Kind.USED_LESS if lengthened(before, after) is Kind.KEPT_SHORTER else Kind.USED_MORE
    yield both.change(kind, field, f"{both.title} looks back {now}; before: {then}.")


def _on_demand(both: Both, field: str) -> Iterator[Change]:
    if both.new.on_demand:
        yield both.change(Kind.USED_LESS, field, f"{both.title} looks at nothing until a demand is approved.")
    else:
        yield both.change(Kind.USED_MORE, field, f"{both.title} no more waits for a demand.")


def _group(both: Both, field: str) -> Iterator[Change]:
    old, new = both.values(field)
    says = f"{both.title} is asked about with “{title_of(new)}”; before: with “{title_of(old)}”."
    yield both.change(Kind.ASKED_OTHERWISE, field, says)


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
        both = Both(pair, f"groups.{name}", f"The question “{now.title}”", was, now)
        yield from differences(both, {"purposes": ASKED, "says": _said})
    added, gone = added_and_gone(tuple(old), tuple(new))
    for name in added:
        yield change(
            Kind.ASKED_OTHERWISE, f"groups.{name}", f"What is asked as one is new: “{new[name].title}”."
        )
    for name in gone:
        yield change(Kind.WORDS, f"groups.{name}", f"What was asked as one is gone: “{old[name].title}”.")


def _ordered(group: Group) -> Group:
    return replace(group, purposes=tuple(sorted(group.purposes)))


ASKED = members(Kind.ASKED_OTHERWISE, Kind.ASKED_OTHERWISE, "it is now also about", "it is no more about")
