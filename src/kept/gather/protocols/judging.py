"""Who may say what, whatever the protocol. After this, an event goes through the same steps as ours.

A page's key is public. What it shows may append events for the visitor at that browser; that this visitor is someone,
or what someone is like, it can say of nobody (GDPR Art. 5(1)(d) and (f): anyone could say it). The company's server,
by the secret key, may join a visitor to an account. Neither may describe a person here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from kept.gather.arrival import Sender
from kept.gather.door import Door
from kept.gather.protocols.wire import Message
from kept.gather.refusals import AtDoor, Counts, TurnedAway
from kept.gather.steps import admit
from kept.storage.event import StoredEvent
from kept.subject.answers import DELETED


class Whose(NamedTuple):
    """Whose event it is: a visitor's id, or the site's own id of an account that is named alone. None: not said."""

    id: str | None
    is_account: bool = False


Meet = Callable[[Whose], Sender]
"""Gives the sender whose id this is."""
Pair = tuple[str, str]
"""A visitor and the account that it is said to be."""


def whose(message: Message, *, by_site: bool) -> Whose:
    """Whose event it is. The site may name the account alone: then no browser has a part in it. So it does where it
    gives the account's own id as the visitor's, since PostHog's clients send no event without the latter."""
    if by_site and message.account is not None and message.visitor in (None, message.account):
        return Whose(message.account, is_account=True)
    return Whose(message.visitor)


def claims(door: Door, messages: Sequence[Message], meet: Meet) -> list[Pair]:
    """Whom the sender says to be whom, each once: where it says that alone, or where its event can be taken.

    A refused event leaves nobody behind, neither an account nor a browser of one.
    """
    found: dict[Pair, None] = {}
    for message in messages:
        pair = _claim(message)
        if pair is not None and pair not in found and _can_be_taken(door, message, meet):
            found[pair] = None
    return list(found)


def _can_be_taken(door: Door, message: Message, meet: Meet) -> bool:
    if message.event is None:
        return True
    return bool(admit(door, meet(whose(message, by_site=True)), [message.event], Counts())[0])


def deleted_among(pairs: Sequence[Pair], meet: Meet) -> dict[Pair, AtDoor]:
    """Pairs of someone who was deleted: a join would begin anew what was taken away."""
    gone = [pair for pair in pairs if meet(Whose(pair[0])).answer is DELETED]  # enforces: deleted-not-joined
    return dict.fromkeys(gone, AtDoor.DELETED)


def judge(
    door: Door,
    messages: Sequence[Message],
    meet: Meet,
    counts: Counts,
    not_joined: Mapping[Pair, AtDoor] | None = None,
) -> tuple[list[StoredEvent], list[TurnedAway]]:
    """The events to store, and what was turned away, by its place.

    `not_joined` are the claims that did not lead to a join, and why. It is None for what comes by a public key, whose
    claims are not even tried.
    """
    stored: list[StoredEvent] = []
    turned_away: list[TurnedAway] = []
    for index, message in enumerate(messages):
        whole, refusals = _said_of_people(message, not_joined)
        if message.event is not None and not whole:
            sender = meet(whose(message, by_site=not_joined is not None))
            events, refused = admit(door, sender, [message.event], counts)
            stored += events
            turned_away += [_placed(each, index, message) for each in refused]
        for reason, field in refusals:
            part = door.declared(message.event.name) if message.event else ""  # enforces: claim-unnamed
            counts.add(reason, part)
            turned_away.append(TurnedAway(index, reason.code, message.at(field)))
    return stored, turned_away


def _said_of_people(
    message: Message, not_joined: Mapping[Pair, AtDoor] | None
) -> tuple[bool, list[tuple[AtDoor, str]]]:
    """Whether the event is refused with it, and each refusal with its place in the message."""
    public = not_joined is None
    if message.too_large:
        return True, [(AtDoor.TOO_LARGE, "")]
    if not public and whose(message, by_site=True).id is None:
        return True, [(AtDoor.NO_VISITOR, "")]
    why_not = _why_not_joined(message, not_joined)
    said = [(why_not, message.account_at)] if why_not else []
    if message.described:  # enforces: nobody-described
        said.append((AtDoor.PUBLIC_KEY if public else AtDoor.PROFILE, message.described_at))
    return why_not is not None and not public, said


def _why_not_joined(message: Message, not_joined: Mapping[Pair, AtDoor] | None) -> AtDoor | None:
    claim = _claim(message)
    if claim is None:
        return None
    return AtDoor.PUBLIC_KEY if not_joined is None else not_joined.get(claim)  # enforces: claims-answered


def _claim(message: Message) -> Pair | None:
    return (message.visitor or message.account, message.account) if message.account else None


def _placed(refused: TurnedAway, index: int, message: Message) -> TurnedAway:
    """A refusal where it stands in what the client sent."""
    field = refused.where.partition("].")[2]
    return TurnedAway(index, refused.reason, message.at(field))
