"""Meeting the sender: what a request says about a person, minimised before anything else is done with it.

Promise G3: device, browser and country are derived; the address is shortened, and the full one, like the
agent's own words, is never written.
"""

import msgspec

from kept.gather.arrival import Sender, ServerBatch
from kept.gather.door import Door
from kept.gather.minimise import Origin, agent_of, clean_words, origin_of
from kept.policy.compiled import NO_ANSWER, Answer
from kept.subject.answers import DELETED


class Words(msgspec.Struct, gc=False):
    """What a request says: the visitor's id, the whole address and what is kept of it, the User-Agent line."""

    visitor: str | None
    address: str
    origin: Origin
    agent: bytes
    signal: bool  # Sec-GPC: 1
    noes: int = 0  # bits with a no that the request itself carries
    ours: bool = False  # the id is one that we gave, and gave for a yes alone


def meet(door: Door, words: Words, now_ms: int) -> Sender:
    """The sender of one request."""
    if words.visitor:
        subject = door.visitor_id(words.visitor.encode())
        answer, cv = _known(door, subject, ours=words.ours)  # enforces: deleted-id
    else:
        subject = door.day.subject(now_ms, words.address, words.agent)
        answer, cv = NO_ANSWER, door.answers.of(subject)[1]
    # enforces: carried-no
    if words.noes and answer is not DELETED:  # what is not known here is known to the sender: each no counts
        answer = Answer(answer.yes & ~words.noes, answer.no | words.noes)
    agent, origin = agent_of(words.agent), words.origin
    return Sender(  # by position: twelve names cost more than what they name
        now_ms,
        subject,
        subject.to_bytes(8, "big"),
        bool(words.visitor),
        words.signal,
        answer,
        cv,
        origin.network,
        origin.country,
        agent.device,
        agent.browser,
        agent.crawler,
    )


def _known(door: Door, subject: int, *, ours: bool) -> tuple[Answer, int]:
    """What a visitor has answered, and the head that it is known under.

    Behind an id that we gave stands an answer, since it was given for a yes. Where none does, another process has
    just taken it; or its person was deleted before these records began, and for the pages too it is nobody's id
    (`pages.visitor`).
    """
    answer, cv = door.answers.of(subject)
    if ours and answer == NO_ANSWER:
        answer, cv = door.answers.look_again(subject)
        answer = DELETED if answer == NO_ANSWER else answer
    return answer, cv


def meet_by_server(
    door: Door,
    batch: ServerBatch,
    now_ms: int,
    *,
    signal: bool,
    ours: bool = False,
) -> Sender:
    """For whom the customer's server speaks: neither address nor agent are theirs, so none is kept.

    `ours` as in `Words`: the site's server, too, may go on sending an id whose person was deleted. An id that is ours
    stays a browser's, also where it is called an account's.
    """
    subject = door.visitor_id(batch.about.encode())
    answer, cv = _known(door, subject, ours=ours)  # enforces: deleted-id-by-server
    return Sender(
        now_ms=now_ms,
        subject=subject,
        subject_bytes=subject.to_bytes(8, "big"),
        known=True,
        signal=signal,
        answer=answer,
        cv=cv,
        address=None,
        country=batch.residence and str(batch.residence),  # as text: it is written down
        device=None,
        browser=None,
        crawler=False,
        history=batch.history,
        of_account=batch.account is not None and not ours,
    )


def warm_up() -> None:
    """Read the tables of browsers and countries now, which takes a tenth of a second or two."""
    agent_of(b"Mozilla/5.0")
    origin_of("198.41.0.4")
    clean_words("ä")  # the patterns for what is not ASCII
