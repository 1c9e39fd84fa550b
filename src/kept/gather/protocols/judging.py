"""Who may say what, whatever the protocol. After this, an event goes through the same steps as ours.

A page's key is public. What it shows may append events for the visitor at that browser; that this visitor is someone,
or what someone is like, it can say of nobody (GDPR Art. 5(1)(d) and (f): anyone could say it). The company's server,
by the secret key, may join a visitor to an account. Neither may describe a person here.
"""

from collections.abc import Callable, Mapping, Sequence

from kept.gather.arrival import Sender
from kept.gather.door import Door
from kept.gather.protocols.wire import Message
from kept.gather.refusals import AtDoor, Counts, TurnedAway
from kept.gather.steps import admit
from kept.storage.event import StoredEvent
from kept.subject.answers import DELETED

Meet = Callable[[str | None], Sender]
"""Gives the sender whose visitor's id this is; None where a message names none."""
Pair = tuple[str, str]
"""A visitor and the account that it is said to be."""


def visitor_of(message: Message, *, by_site: bool) -> str | None:
    """Whose event it is. The site may name the account alone: that is an id of its own making, and so a visitor's."""
    return message.visitor or (message.account if by_site else None)


def claims(messages: Sequence[Message]) -> list[Pair]:
    """Whom the sender says to be whom, each once."""
    return list(dict.fromkeys(pair for message in messages if (pair := _claim(message)) is not None))


def deleted_among(pairs: Sequence[Pair], meet: Meet) -> dict[Pair, AtDoor]:
    """Pairs of someone who was deleted: a join would begin anew what was taken away."""
    deleted = [pair for pair in pairs if meet(pair[0]).answer is DELETED]  # enforces: deleted-not-joined
    return dict.fromkeys(deleted, AtDoor.DELETED)


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
            sender = meet(visitor_of(message, by_site=not_joined is not None))
            events, refused = admit(door, sender, [message.event], counts)
            stored += events
            turned_away += [_placed(each, index, message) for each in refused]
        for reason, field in refusals:
            counts.add(reason)
            turned_away.append(TurnedAway(index, reason.code, message.at(field)))
    return stored, turned_away


def _said_of_people(
    message: Message, not_joined: Mapping[Pair, AtDoor] | None
) -> tuple[bool, list[tuple[AtDoor, str]]]:
    """Whether the event is refused with it, and each refusal with its place in the message."""
    public = not_joined is None
    if message.too_large:
        return True, [(AtDoor.TOO_LARGE, "")]
    if not public and visitor_of(message, by_site=True) is None:
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
