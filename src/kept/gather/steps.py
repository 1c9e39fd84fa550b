"""The way of an event through the door, as a list of steps. The list, in `take_steps`, is the documentation.

Promises G1 and G2: what the policy does not declare is refused here, before anything is written. Each step
either carries the event on, or says why not.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from kept.base.ids import random_63
from kept.gather.arrival import Draft, Sender, SentEvent
from kept.gather.door import Door
from kept.gather.minimise import NO_PAGE
from kept.gather.refusals import AtDoor, Counts, TurnedAway
from kept.gather.terms import TRACKER, EventTerms, Ruling
from kept.gather.values import encode_properties
from kept.policy.compiled import Answer, Event
from kept.storage.event import StoredEvent
from kept.subject.answers import DELETED


class MaskOf(Protocol):
    """Which purposes may use an event of someone in a cell."""

    def __call__(self, event: Event, cell: int, answer: Answer, /, *, signal: bool) -> int:
        """The mask; 0 refuses it."""
        ...


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
NAME_SHOWN = 64
OLDEST_MS = 7 * 86_400_000
"""A phone may send what it gathered in a week without a network. Older events would reach into reports that
have been read, and past the 48 hours in which repeats are noticed by far."""
OLDEST_HISTORY_MS = 20 * 366 * 86_400_000
"""History that a customer's server brings in; older is a clock gone wrong. How long it is seen, the policy says."""
CLOCK_SKEW_MS = 5 * 60_000
"""Clocks run fast: so much into the future counts as now."""


def find_event(door: Door, sent: SentEvent) -> Draft | AtDoor:
    """The event must be declared, and declared to come this way: from pages, or from the company's server."""
    terms = door.events.get(sent.name)
    if terms is None:
        return AtDoor.UNDECLARED_EVENT  # enforces: undeclared-event
    return Draft(sent, terms) if terms.from_here else AtDoor.NOT_FROM_HERE  # enforces: event-source


def know_visitor(door: Door, sender: Sender) -> AtDoor | None:
    """Without a visitor's id, only where the policy counts visits without cookies. Of someone who was deleted
    nothing, not even what needs no yes, until they choose anew."""
    if sender.answer is DELETED:  # enforces: deleted-refused
        return AtDoor.DELETED
    # enforces: counting-without-cookies
    return None if sender.known or sender.country in door.counting_in else AtDoor.NO_VISITOR


def drop_undeclared_properties(draft: Draft) -> AtDoor | None:
    """Properties must be declared, and of the declared type; others are refused one by one."""
    if draft.sent.properties:
        taken, properties = {}, draft.terms.properties
        for name, value in draft.sent.properties.items():
            declared = properties.get(name)
            if declared is None:
                draft.turn_away(AtDoor.UNDECLARED_PROPERTY, name)  # enforces: undeclared-property
            elif value is not None:
                read = declared.read(value)
                if isinstance(read, str):
                    taken[name] = read
                else:
                    draft.turn_away(read, name)  # enforces: property-type
        draft.properties = taken
    return None


def place_in_time(sender: Sender, draft: Draft) -> AtDoor | None:
    """Within the last 7 days, or longer ago if a server says so; up to 5 minutes ahead counts as now."""
    at = draft.sent.at
    if at is None:
        draft.ts = sender.now_ms
        return None
    at_ms = at if isinstance(at, int) else _read_time(at)
    if at_ms is None:
        return AtDoor.WRONG_TIME
    if at_ms < sender.now_ms - (OLDEST_HISTORY_MS if sender.history else OLDEST_MS):
        return AtDoor.TOO_OLD
    if at_ms > sender.now_ms + CLOCK_SKEW_MS:
        return AtDoor.IN_FUTURE
    draft.ts = min(at_ms, sender.now_ms)
    return None


def minimise(door: Door, draft: Draft) -> AtDoor | None:
    """Addresses of pages lose what may name a person. A property that is the page fills its column."""
    sent, page, properties = draft.sent, draft.sent.page, draft.properties
    if properties:
        for name in draft.terms.pages:
            if name in properties:
                given = properties.pop(name)
                page = given if page is None else page
    kept = door.pages.of(page) if page else NO_PAGE
    draft.page, draft.campaign = kept.path, kept.campaign
    if sent.referrer:
        draft.referrer = door.referrers[sent.referrer, kept.host]
    return None


def put_mask(door: Door, sender: Sender, draft: Draft) -> AtDoor | None:
    """Which purposes may use it: by policy, region, answer and signal. None at all: it is refused."""
    name, rulings = draft.sent.name, sender.rulings
    if rulings is None:
        rulings = sender.rulings = door.rulings_of(sender)
    ruling = rulings.get(name)
    if ruling is None:
        ruling = rulings[name] = _ruling_of(door, sender, draft.terms)
    draft.ruling = ruling
    return None if ruling.mask else _why_none(door, sender, draft)


def _ruling_of(door: Door, sender: Sender, terms: EventTerms) -> Ruling:
    cell = terms.cell_in(sender.country)
    mask = _rule_for(door, sender)(terms.event, cell, sender.answer, signal=sender.signal)
    return terms.ruling(cell, mask)


def _rule_for(door: Door, sender: Sender) -> MaskOf:
    """By whose id an event comes: an account's, a browser's, which its cookie binds, or none."""
    if sender.of_account:  # enforces: account-is-no-browser
        return door.gathering.of_account
    return door.gathering.of_visitor if sender.known else door.gathering.of_nameless


def drop_unused_items(draft: Draft) -> AtDoor | None:
    """What no purpose in the mask uses, or a rule of `never` keeps from one of them, is not stored."""
    stays = draft.ruling
    if draft.properties and not stays.properties.issuperset(draft.properties):
        draft.properties = {
            name: value for name, value in draft.properties.items() if name in stays.properties
        }
    if not stays.page:
        draft.page = None
    if not stays.referrer:
        draft.referrer = None
    if not stays.campaign:
        draft.campaign = None
    return None


def put_session(door: Door, sender: Sender, draft: Draft) -> AtDoor | None:
    """Holds together the visit of a known visitor, for the purposes that the session's cookie is declared for.
    For others it would be an id by another door."""
    said = draft.sent.session
    if sender.known and said and door.session_uses & draft.ruling.mask:  # enforces: session-cookie
        session = sender.sessions.get(said)
        if session is None:
            session = sender.sessions[said] = door.session_id(sender.subject_bytes, said.encode())
        draft.session = session
    return None


def put_event_id(door: Door, sender: Sender, draft: Draft) -> AtDoor | None:
    """The client's own id, hashed, so that a repeat is known as one; else a random one."""
    if draft.sent.id:
        draft.event_id = door.event_id(sender.subject_bytes, draft.sent.id.encode())  # enforces: event-id
    else:
        draft.event_id = random_63()
    return None


def put_together(door: Door, sender: Sender, draft: Draft) -> StoredEvent:
    """The event as it is stored."""
    properties = encode_properties(draft.properties) if draft.properties else None
    stays = draft.ruling
    return StoredEvent(  # by position: nineteen names cost more than any step above
        door.workspace,
        sender.subject,
        draft.ts,
        draft.event_id,
        draft.sent.name,
        draft.page,
        properties,
        draft.session,
        door.carried,
        sender.device if stays.device else None,
        sender.browser if stays.browser else None,
        sender.country if stays.country else None,
        draft.referrer,
        draft.campaign,
        sender.address if stays.address else None,
        sender.crawler,
        door.number,
        stays.mask,
        sender.cv,
    )


def take_steps(door: Door, sender: Sender, draft: Draft) -> AtDoor | None:
    """All steps in their order, up to the one that says no; the event is ready to be put together if none does.

    One after another rather than in a loop: the interpreter then knows at each place what is called there.
    """
    return (
        know_visitor(door, sender)
        or drop_undeclared_properties(draft)
        or place_in_time(sender, draft)
        or minimise(door, draft)
        or put_mask(door, sender, draft)
        or drop_unused_items(draft)
        or put_session(door, sender, draft)
        or put_event_id(door, sender, draft)
    )


def admit(
    door: Door, sender: Sender, events: list[SentEvent], counts: Counts
) -> tuple[list[StoredEvent], list[TurnedAway]]:
    """Find each event in the policy, and take it through the steps: those to store, and what was turned away, by
    its place."""
    stored: list[StoredEvent] = []
    turned_away: list[TurnedAway] = []
    for index, sent in enumerate(events):
        draft = find_event(door, sent)
        if isinstance(draft, AtDoor):
            turned_away.append(_tell(door, counts, index, sent, draft))
            continue
        refusal = take_steps(door, sender, draft)
        if draft.turned_away is not None:
            turned_away += [_tell(door, counts, index, sent, *refused) for refused in draft.turned_away]
        if refusal is None:
            stored.append(put_together(door, sender, draft))
        else:
            turned_away.append(_tell(door, counts, index, sent, refusal))
    return stored, turned_away


def _tell(
    door: Door, counts: Counts, index: int, sent: SentEvent, reason: AtDoor, name: str | None = None
) -> TurnedAway:
    """Count a refusal and name it. Pages are not told who was deleted: anyone may guess at a site's own ids."""
    counts.add(reason, door.declared(sent.name, name))
    if reason is AtDoor.DELETED and door.source == TRACKER:  # enforces: deletion-untold
        reason = AtDoor.NO_PURPOSE
    place = f"events[{index}]" if name is None else f"events[{index}].properties.{name[:NAME_SHOWN]}"
    return TurnedAway(index, reason.code, place)


def _why_none(door: Door, sender: Sender, draft: Draft) -> AtDoor:
    event, cell = draft.terms.event, draft.ruling.cell
    if sender.signal and _rule_for(door, sender)(event, cell, sender.answer, signal=False):
        return AtDoor.SIGNAL
    return AtDoor.NO_PURPOSE


def _read_time(text: str) -> int | None:
    """RFC 3339 with an offset; a local time without one could be any of 26 hours."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else (moment - EPOCH) // MILLISECOND
