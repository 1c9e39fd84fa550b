"""What an import makes of lines, written as plainly as it can be said: line by line, nothing remembered but counts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from kept.base.ids import keyed_63
from kept.gather.minimise import NO_AGENT, Agent, agent_of, country_of, page_of, referrer_of, shorten
from kept.gather.weblog import Form, LogLine, Malformed, NotKept
from kept.gather.weblog.asked import judge_answer, judge_target
from kept.gather.weblog.terms import LogTerms
from kept.policy import CompiledPolicy
from kept.storage.event import StoredEvent
from tests.weblog_world import KEY, NOW

SKEW = 5 * 60_000
Who = tuple[int, str, str]


@dataclass
class Plain:
    """What came of the lines of one file. `who` is of each event; the subject in it is 0."""

    events: list[StoredEvent] = field(default_factory=list)
    who: list[Who] = field(default_factory=list)
    refused: Counter[NotKept] = field(default_factory=Counter)
    malformed: list[tuple[int, str]] = field(default_factory=list)


def plainly(form: Form, data: bytes, rules: CompiledPolicy) -> Plain:
    """A file of whole lines in one form, imported into workspace 1 for the first time."""
    found, reader, equal = Plain(), form.reader(), Counter[bytes]()
    for number, raw in enumerate(data.split(b"\n")[:-1], start=1):
        text = raw.removesuffix(b"\r")
        line = reader.read(number, text) if text.strip() else None
        if isinstance(line, Malformed):
            found.malformed.append((number, line.fault.value))
        elif line is not None:
            _take(line, rules, found, equal)
    return found


def _take(line: LogLine, rules: CompiledPolicy, found: Plain, equal: Counter[bytes]) -> None:
    terms = LogTerms(rules, NOW).in_country(country_of(line.address))
    page = page_of(line.target)
    reason = judge_answer(line.method, line.status)
    if reason is None:
        reason = NotKept.NO_REQUEST if page.path is None else judge_target(line.target)
    if reason is None and not terms.mask:
        reason = NotKept.NO_PURPOSE
    if reason is None and line.ts > NOW + SKEW:
        reason = NotKept.IN_FUTURE
    if reason is None and line.ts <= terms.event:
        reason = NotKept.TOO_OLD
    if reason is not None:
        found.refused[reason] += 1
        return
    first, times = keyed_63(KEY, b"log line", line.raw), equal[line.raw]
    equal[line.raw] += 1
    again = (b"log line again", first.to_bytes(8, "big"), times.to_bytes(8, "big"))
    agent = (
        (agent_of(line.agent) if line.agent else NO_AGENT) if line.names_agents else Agent(None, None, False)
    )
    found.who.append((line.ts // 86_400_000, line.address, line.agent or ""))
    found.events.append(
        StoredEvent(
            workspace=1,
            subject=0,
            ts=line.ts,
            event_id=keyed_63(KEY, *again) if times else first,
            name="page_view",
            page=page.path if line.ts > terms.page else None,
            properties=None,
            session=None,
            source="server log",
            device=agent.device if line.ts > terms.device else None,
            browser=agent.browser if line.ts > terms.browser else None,
            country=country_of(line.address) if line.ts > terms.country else None,
            referrer=referrer_of(line.referrer, line.host or "www.example.com")
            if line.ts > terms.referrer
            else None,
            campaign=page.campaign if line.ts > terms.campaign else None,
            address=shorten(line.address) if line.ts > terms.address else None,
            crawler=agent.crawler,
            policy=3,
            mask=terms.mask,
            cv=17,
        )
    )


def same_people(one: Sequence[object], other: Sequence[object]) -> bool:
    """Whether two lists tell the same people apart, whatever they call them."""
    return len(set(zip(one, other, strict=True))) == len(set(one)) == len(set(other))
