"""What differs in what is gathered and how long it is kept: items, events, cookies, retention."""

from collections.abc import Iterator, Mapping

from kept.base.language import ENGLISH
from kept.policy.compiled import Cookie, Event, Item
from kept.policy.diff_fields import Both, Teller, as_kind, differences, members, words
from kept.policy.diff_model import Change, Kind, Pair, added_and_gone, change
from kept.policy.diff_times import lengthened, longer_or_shorter
from kept.policy.times import Span
from kept.policy.wording import SOURCES, length, time_words, times_words, title_of

Held = Item | Event
HOW_NEARLY = ("no", "indirectly", "directly")


def held_changes(pair: Pair) -> Iterator[Change]:
    """Items and events: gathered or not any more, and what is said of each."""
    yield from _of_section(pair, "items", pair.old.items, pair.new.items)
    yield from _of_section(pair, "events", pair.old.events, pair.new.events)


def _of_section(
    pair: Pair, section: str, old: Mapping[str, Held], new: Mapping[str, Held]
) -> Iterator[Change]:
    added, gone = added_and_gone(tuple(old), tuple(new))
    for name in added:
        says = f"{new[name].title} is gathered now{_how(new[name])}."
        yield change(Kind.GATHERED_MORE, f"{section}.{name}", says, new[name].about)
    for name in gone:
        says = f"{old[name].title} is gathered no more."
        yield change(Kind.GATHERED_LESS, f"{section}.{name}", says, old[name].about)
    for name in (one for one in new if one in old):
        both = Both(pair, f"{section}.{name}", new[name].title, old[name], new[name], new[name].about)
        yield from differences(both, TELLERS)


def _how(one: Held) -> str:
    where = ENGLISH.either(SOURCES.get(source, source) for source in one.sources)
    return f": {where}" if where else ""


def _sources(both: Both, field: str) -> Iterator[Change]:
    added, gone = added_and_gone(*both.values(field))
    for kind, verb, names in (
        (Kind.GATHERED_MORE, "comes from this too", added),
        (Kind.GATHERED_LESS, "comes from this no more", gone),
    ):
        if names:
            where = ENGLISH.listing(SOURCES.get(name, name) for name in names)
            yield both.change(kind, field, f"{both.title} {verb}: {where}.")


def _identifies(both: Both, field: str) -> Iterator[Change]:
    before, after = (HOW_NEARLY.index(value) for value in both.values(field))
    kind = Kind.GATHERED_MORE if after > before else Kind.GATHERED_LESS
    yield from as_kind(kind)(both, field)


def _reduced(both: Both, field: str) -> Iterator[Change]:
    before, after = both.values(field)
    if before and after:
        kind, says = Kind.GATHERED_OTHERWISE, f"is kept as {after}, no more as {before}"
    elif after:
        kind, says = Kind.GATHERED_LESS, f"is kept as {after} only"
    else:
        kind, says = Kind.GATHERED_MORE, f"is kept whole, no more as {before} only"
    yield both.change(kind, field, f"{both.title} {says}.")


def _required(both: Both, field: str) -> Iterator[Change]:
    kind = Kind.GATHERED_MORE if both.new.required else Kind.GATHERED_LESS
    yield both.change(
        kind,
        field,
        f"{both.title} {'must be given now' if both.new.required else 'need not be given any more'}.",
    )


def _properties(both: Both, field: str) -> Iterator[Change]:
    old, new = both.values(field)
    yield from members(
        Kind.GATHERED_MORE,
        Kind.GATHERED_LESS,
        "gathered with it now, besides what was:",
        "gathered with it no more:",
    )(both, field)
    other = [name for name in old if name in new and old[name] != new[name]]
    if other:
        kinds = ENGLISH.listing(
            f"{word} ({new[name]})" for word, name in zip(words(other), other, strict=True)
        )
        yield both.change(Kind.GATHERED_OTHERWISE, field, f"{both.title}: of another kind now: {kinds}.")


def _keep(both: Both, field: str) -> Iterator[Change]:
    yield from both.pair.differing(*both.values(field), lambda old, new: _kept(both, old, new))


def _kept(both: Both, old: tuple[Span, ...], new: tuple[Span, ...]) -> Change:
    kind = longer_or_shorter(old, new)
    now, then = (
        times_words(new, both.pair.new.moments, ENGLISH),
        times_words(old, both.pair.old.moments, ENGLISH),
    )
    return both.change(kind, "keep", f"{both.title} is {kind.value}: {now}; before: {then}.")


def _about(both: Both, field: str) -> Iterator[Change]:
    yield from members(Kind.GATHERED_MORE, Kind.GATHERED_LESS, "now also gathered of", "no more gathered of")(
        both, field
    )


DUTIES = members(
    Kind.KEPT_LONGER, Kind.KEPT_SHORTER, "may be kept longer, locked, by law:", "no law keeps it longer:"
)
MADE_OF = members(Kind.GATHERED_MORE, Kind.GATHERED_LESS, "now worked out from", "no more worked out from")
WALLS = members(Kind.GIVEN_LESS, Kind.GIVEN_MORE, "now hidden from", "no more hidden from")
MAKERS = members(Kind.USED_MORE, Kind.USED_LESS, "now made for", "no more made for")
OTHERWISE = as_kind(Kind.GATHERED_OTHERWISE)
TELLERS: Mapping[str, Teller] = {
    "about": _about,
    "sources": _sources,
    "identifies": _identifies,
    "reduced_to": _reduced,
    "required": _required,
    "properties": _properties,
    "keep": _keep,
    "duties": DUTIES,
    "derived_from": MADE_OF,
    "hidden_from": WALLS,
    "made_for": MAKERS,
    "type": OTHERWISE,
    "special": OTHERWISE,
    "condition": OTHERWISE,
    "screened_for": OTHERWISE,
}


def cookie_changes(pair: Pair) -> Iterator[Change]:
    """Cookies set, no more set, and what differs of each."""
    old, new = pair.old.cookies, pair.new.cookies
    added, gone = added_and_gone(tuple(old), tuple(new))
    for name in added:
        lasts = length(new[name].lasts, ENGLISH)
        yield change(Kind.GATHERED_MORE, f"cookies.{name}", f"The cookie {name} is set now, for {lasts}.")
    for name in gone:
        yield change(Kind.GATHERED_LESS, f"cookies.{name}", f"The cookie {name} is set no more.")
    for name in (one for one in new if one in old):
        yield from _cookie(pair, old[name], new[name])


def _cookie(pair: Pair, old: Cookie, new: Cookie) -> Iterator[Change]:
    both = Both(pair, f"cookies.{new.name}", f"The cookie {new.name}", old, new)
    tellers: Mapping[str, Teller] = {
        "lasts": _lasts,
        "set_by": _set_by,
        "holds": as_kind(Kind.GATHERED_OTHERWISE),
        "strictly_necessary": _necessary,
    }
    yield from (one for one in differences(both, tellers) if one.path != f"{both.path}.purposes")
    was = [one.title for one in pair.old.purposes.values() if one.mask & old.purposes]
    serves = {one.name: one.title for one in pair.new.purposes.values() if one.mask & new.purposes}
    before = {one.name for one in pair.old.purposes.values() if one.mask & old.purposes}
    if set(serves) != before:
        kind = Kind.USED_MORE if set(serves) - before else Kind.USED_LESS
        says = f"{both.title} serves {ENGLISH.listing(serves.values())}; before: {ENGLISH.listing(was)}."
        yield both.change(kind, "purposes", says)


def _lasts(both: Both, field: str) -> Iterator[Change]:
    kind = longer_or_shorter([both.old.lasts], [both.new.lasts])
    says = f"{both.title} lasts {length(both.new.lasts, ENGLISH)}; before: {length(both.old.lasts, ENGLISH)}."
    yield both.change(kind, field, says)


def _set_by(both: Both, field: str) -> Iterator[Change]:
    kind = Kind.GIVEN_LESS if both.new.set_by == "us" else Kind.GIVEN_MORE
    yield both.change(kind, field, f"{both.title} is set by {both.new.set_by}, no more by {both.old.set_by}.")


def _necessary(both: Both, field: str) -> Iterator[Change]:
    if both.new.strictly_necessary:
        yield both.change(Kind.LESS_SAY, field, f"{both.title} counts as needed: it waits for no yes.")
    else:
        yield both.change(Kind.MORE_SAY, field, f"{both.title} counts as needed no more: it waits for a yes.")


def retention_changes(pair: Pair) -> Iterator[Change]:
    """Duties to keep, the rule for holds, the lives of backups."""
    yield from _duties(pair)
    both = Both(pair, "retention", "Retention", pair.old.retention, pair.new.retention)
    tellers: Mapping[str, Teller] = {"backups": _backups, "backups_of_keys": _backups}
    told = differences(both, tellers)
    yield from (one for one in told if one.path != "retention.duties")


def _backups(both: Both, field: str) -> Iterator[Change]:
    before, after = both.values(field)
    kept = [length(span, ENGLISH) if span else "no time is stated" for span in (after, before)]
    says = f"{title_of(field)}: {kept[0]}; before: {kept[1]}."
    yield both.change(lengthened(before, after), field, says)


def _duties(pair: Pair) -> Iterator[Change]:
    old, new = pair.old.retention.duties, pair.new.retention.duties
    added, gone = added_and_gone(tuple(old), tuple(new))
    for name in added:
        says = f"A duty to keep is new: {title_of(name)}, {time_words(new[name].at_least, pair.new.moments, ENGLISH)}."
        yield change(Kind.KEPT_LONGER, f"retention.duties.{name}", says)
    for name in gone:
        yield change(
            Kind.KEPT_SHORTER, f"retention.duties.{name}", f"A duty to keep is gone: {title_of(name)}."
        )
    for name in (one for one in new if one in old):
        both = Both(pair, f"retention.duties.{name}", title_of(name), old[name], new[name])
        yield from differences(both, {"at_least": _at_least, "only_for": MAKERS})


def _at_least(both: Both, field: str) -> Iterator[Change]:
    old, new = both.values(field)
    kind = longer_or_shorter([old], [new])
    now, then = (
        time_words(new, both.pair.new.moments, ENGLISH),
        time_words(old, both.pair.old.moments, ENGLISH),
    )
    yield both.change(kind, field, f"{both.title}: the law keeps it {now}; before: {then}.")
