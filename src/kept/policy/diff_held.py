"""What differs in what is gathered and how long it is kept: items, events, cookies, retention."""

from collections.abc import Iterator, Mapping

from kept.base.language import Language, marked
from kept.policy.compiled import Cookie, Event, Item
from kept.policy.compiled_rest import Duty
from kept.policy.diff_fields import Both, Teller, as_kind, differences, members
from kept.policy.diff_model import Change, Kind, Pair, added_and_gone
from kept.policy.diff_times import lengthened, longer_or_shorter
from kept.policy.fixed import FIXED
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
        says = _gathered(new[name], pair.say)
        yield pair.change(Kind.GATHERED_MORE, f"{section}.{name}", says, new[name].about)
    for name in gone:
        says = pair.say("{title} is gathered no more.", title=old[name].title)
        yield pair.change(Kind.GATHERED_LESS, f"{section}.{name}", says, old[name].about)
    for name in (one for one in new if one in old):
        both = Both(pair, f"{section}.{name}", new[name].title, old[name], new[name], new[name].about)
        yield from differences(both, TELLERS)


def _gathered(one: Held, say: Language) -> str:
    where = say.either(say(SOURCES.get(source, source)) for source in one.sources)
    if not where:
        return say("{title} is gathered now.", title=one.title)
    return say("{title} is gathered now: {sources}.", title=one.title, sources=where)


def _identifies(both: Both, field: str) -> Iterator[Change]:
    before, after = (HOW_NEARLY.index(value) for value in both.values(field))
    kind = Kind.GATHERED_MORE if after > before else Kind.GATHERED_LESS
    yield from as_kind(kind)(both, field)


def _reduced(both: Both, field: str) -> Iterator[Change]:
    before, after = (both.say(FIXED.get(value, value)) for value in both.values(field))
    if before and after:
        kind, frame = Kind.GATHERED_OTHERWISE, marked("{title} is kept as {after}, no more as {before}.")
    elif after:
        kind, frame = Kind.GATHERED_LESS, marked("{title} is kept as {after} only.")
    else:
        kind, frame = Kind.GATHERED_MORE, marked("{title} is kept whole, no more as {before} only.")
    yield both.change(kind, field, both.say(frame, title=both.title, after=after, before=before))


def _required(both: Both, field: str) -> Iterator[Change]:
    if both.new.required:
        says = both.say("{title} must be given now.", title=both.title)
        yield both.change(Kind.GATHERED_MORE, field, says)
    else:
        says = both.say("{title} need not be given any more.", title=both.title)
        yield both.change(Kind.GATHERED_LESS, field, says)


def _properties(both: Both, field: str) -> Iterator[Change]:
    old, new = both.values(field)
    for kind, frame, names in (
        (
            Kind.GATHERED_MORE,
            marked("{title}: gathered with it now, besides what was: {names}."),
            [name for name in new if name not in old],
        ),
        (
            Kind.GATHERED_LESS,
            marked("{title}: gathered with it no more: {names}."),
            [name for name in old if name not in new],
        ),
    ):
        if names:
            words = both.say.listing(both.say.inside(title_of(name)) for name in sorted(names))
            yield both.change(kind, field, both.say(frame, title=both.title, names=words))
    other = [name for name in old if name in new and old[name] != new[name]]
    if other:
        kinds = both.say.listing(
            f"{both.say.inside(title_of(name))} ({both.say(FIXED.get(new[name], new[name]))})"
            for name in other
        )
        says = both.say("{title}: of another kind now: {kinds}.", title=both.title, kinds=kinds)
        yield both.change(Kind.GATHERED_OTHERWISE, field, says)


def _keep(both: Both, field: str) -> Iterator[Change]:
    yield from both.pair.differing(*both.values(field), lambda old, new: _kept(both, old, new))


def _kept(both: Both, old: tuple[Span, ...], new: tuple[Span, ...]) -> Change:
    kind = longer_or_shorter(old, new)
    now = times_words(new, both.pair.new.moments, both.say)
    then = times_words(old, both.pair.old.moments, both.say)
    return both.change(kind, "keep", both.say(KEPT[kind], title=both.title, now=now, before=then))


KEPT = {
    Kind.KEPT_LONGER: marked("{title} is kept longer: {now}; before: {before}."),
    Kind.KEPT_SHORTER: marked("{title} is kept shorter: {now}; before: {before}."),
    Kind.KEPT_OTHERWISE: marked("{title} is kept otherwise: {now}; before: {before}."),
}
ABOUT = members(
    Kind.GATHERED_MORE,
    Kind.GATHERED_LESS,
    marked("{title}: now also gathered of {names}."),
    marked("{title}: no more gathered of {names}."),
)
COMES_FROM = members(
    Kind.GATHERED_MORE,
    Kind.GATHERED_LESS,
    marked("{title} comes from this too: {names}."),
    marked("{title} comes from this no more: {names}."),
)
DUTIES = members(
    Kind.KEPT_LONGER,
    Kind.KEPT_SHORTER,
    marked("{title}: may be kept longer, locked, by law: {names}."),
    marked("{title}: no law keeps it longer: {names}."),
)
MADE_OF = members(
    Kind.GATHERED_MORE,
    Kind.GATHERED_LESS,
    marked("{title}: now worked out from {names}."),
    marked("{title}: no more worked out from {names}."),
)
WALLS = members(
    Kind.GIVEN_LESS,
    Kind.GIVEN_MORE,
    marked("{title}: now hidden from {names}."),
    marked("{title}: no more hidden from {names}."),
)
MAKERS = members(
    Kind.USED_MORE,
    Kind.USED_LESS,
    marked("{title}: now made for {names}."),
    marked("{title}: no more made for {names}."),
)
OTHERWISE = as_kind(Kind.GATHERED_OTHERWISE)
TELLERS: Mapping[str, Teller] = {
    "about": ABOUT,
    "sources": COMES_FROM,
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
        lasts = length(new[name].lasts, pair.say)
        says = pair.say("The cookie {name} is set now, for {length}.", name=name, length=lasts)
        yield pair.change(Kind.GATHERED_MORE, f"cookies.{name}", says)
    for name in gone:
        says = pair.say("The cookie {name} is set no more.", name=name)
        yield pair.change(Kind.GATHERED_LESS, f"cookies.{name}", says)
    for name in (one for one in new if one in old):
        yield from _cookie(pair, old[name], new[name])


def _cookie(pair: Pair, old: Cookie, new: Cookie) -> Iterator[Change]:
    both = Both(pair, f"cookies.{new.name}", pair.say("The cookie {name}", name=new.name), old, new)
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
        says = pair.say(
            "{title} serves {purposes}; before: {before}.",
            title=both.title,
            purposes=pair.say.listing(serves.values()),
            before=pair.say.listing(was),
        )
        yield both.change(kind, "purposes", says)


def _lasts(both: Both, field: str) -> Iterator[Change]:
    kind = longer_or_shorter([both.old.lasts], [both.new.lasts])
    now, then = length(both.new.lasts, both.say), length(both.old.lasts, both.say)
    says = both.say("{title} lasts {now}; before: {before}.", title=both.title, now=now, before=then)
    yield both.change(kind, field, says)


def _set_by(both: Both, field: str) -> Iterator[Change]:
    kind = Kind.GIVEN_LESS if both.new.set_by == "us" else Kind.GIVEN_MORE
    now, then = (_setter(one.set_by, both.say) for one in (both.new, both.old))
    says = both.say("{title} is set by {now}, no more by {before}.", title=both.title, now=now, before=then)
    yield both.change(kind, field, says)


def _setter(name: str, say: Language) -> str:
    return say("us") if name == "us" else name


def _necessary(both: Both, field: str) -> Iterator[Change]:
    if both.new.strictly_necessary:
        says = both.say("{title} counts as needed: it waits for no yes.", title=both.title)
        yield both.change(Kind.LESS_SAY, field, says)
    else:
        says = both.say("{title} counts as needed no more: it waits for a yes.", title=both.title)
        yield both.change(Kind.MORE_SAY, field, says)


def retention_changes(pair: Pair) -> Iterator[Change]:
    """Duties to keep, the rule for holds, the lives of backups."""
    yield from _duties(pair)
    both = Both(pair, "retention", pair.say("Retention"), pair.old.retention, pair.new.retention)
    tellers: Mapping[str, Teller] = {"backups": _backups, "backups_of_keys": _backups}
    told = differences(both, tellers)
    yield from (one for one in told if one.path != "retention.duties")


def _backups(both: Both, field: str) -> Iterator[Change]:
    before, after = both.values(field)
    now, then = (
        length(span, both.say) if span else both.say("no time is stated") for span in (after, before)
    )
    frame = marked("Backups: {now}; before: {before}.")
    frame = frame if field == "backups" else marked("Backups of keys: {now}; before: {before}.")
    yield both.change(lengthened(before, after), field, both.say(frame, now=now, before=then))


def _duties(pair: Pair) -> Iterator[Change]:
    old, new, say = pair.old.retention.duties, pair.new.retention.duties, pair.say
    added, gone = added_and_gone(tuple(old), tuple(new))
    for name in added:
        time = time_words(new[name].at_least, pair.new.moments, say)
        says = say("A duty to keep is new: {title}, {time}.", title=_titled(new[name]), time=time)
        yield pair.change(Kind.KEPT_LONGER, f"retention.duties.{name}", says)
    for name in gone:
        says = say("A duty to keep is gone: {title}.", title=_titled(old[name]))
        yield pair.change(Kind.KEPT_SHORTER, f"retention.duties.{name}", says)
    for name in (one for one in new if one in old):
        both = Both(pair, f"retention.duties.{name}", _titled(new[name]), old[name], new[name])
        yield from differences(both, {"at_least": _at_least, "only_for": MAKERS})


def _titled(duty: Duty) -> str:
    return duty.title or title_of(duty.name)


def _at_least(both: Both, field: str) -> Iterator[Change]:
    old, new = both.values(field)
    now = time_words(new, both.pair.new.moments, both.say)
    then = time_words(old, both.pair.old.moments, both.say)
    says = both.say(
        "{title}: the law keeps it {now}; before: {before}.", title=both.title, now=now, before=then
    )
    yield both.change(longer_or_shorter([old], [new]), field, says)
