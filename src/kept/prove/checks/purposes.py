"""U1: every read names a purpose, and sees only what that purpose may see."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kept.gate import Reason
from kept.policy import Answer
from kept.policy.compiled import Form, Purpose
from kept.prove.browser import VISIT, Browser
from kept.prove.checks.untold import untold
from kept.prove.checks.walls import STATEMENTS, through_the_wall
from kept.prove.checks.ways_out import ways_out
from kept.prove.expected import COLUMN_ITEMS, PAGE_PROPERTIES, expected_mask, right_values, tracker_events
from kept.prove.stage import GERMANY, Refused, Seen, Stage
from kept.prove.verdict import Finding
from kept.prove.words import word

EVERY_TABLE = frozenset({"person", "time", "name", "source", "crawler", "session"})
"""Columns that describe a row and hold no item. The session stands only under purposes of its cookie."""


@dataclass
class Member:
    """A canary with the answer that stands, and the visitor's id it had."""

    who: str
    browser: Browser
    visitor: str
    answer: Answer


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Ask about the canaries under each purpose, and hold what is seen against `decide()`."""
    cast = _cast(stage)
    for each in cast:
        each.browser.sends(
            *(_event(event.name, right_values(event)) for event in tracker_events(stage.policy))
        )
    yield
    open_to_sql = [purpose for purpose in stage.policy.purposes.values() if _answers(purpose)]
    using = [purpose for purpose in open_to_sql if _tables(stage, purpose)]
    first, columns, out = list[str](), list[str](), list[str]()
    for purpose in using:  # one after the other: each has a process of its own, which ends with it
        first += _seen(stage, purpose, cast)
        columns += _columns(stage, purpose)
        out += _ways_out(stage, purpose) if purpose is using[0] else ()
    again = list(_withdraw(stage, cast, using)) if cast else []
    return [
        _either(first, f"under {len(using)} purposes SQL sees of {len(cast)} canaries what decide() says"),
        _either(again, "a no counts in the very next question"),
        _either(columns, "tables, items and properties that a purpose does not use do not exist under it"),
        _either(
            [*_refusals(stage), *_unused(stage, open_to_sql)],
            "purposes that open no rows are refused, each for its reason",
        ),
        _either(untold(stage, using), "how much is missing is not told where few people are behind it"),
        _either(out, f"{len(ways_out([], ''))} ways out of free SQL are refused"),
        _either(through_the_wall(), f"{len(STATEMENTS)} statements that would tell of a hidden row do not"),
        _either([*_sealed(stage, cast, using)], "the company's own questions do not see the canaries"),
    ]


def _cast(stage: Stage) -> list[Member]:
    """Ana said yes, others to one purpose alone, Cy will withdraw. Bo and Eve have no id, and are seen by nobody."""
    asked = stage.asked()
    members = [
        Member("Ana", stage.yes(), "", stage.answer(asked)),
        Member("Cy", stage.yes(), "", stage.answer(asked)),
    ]
    for name in asked:
        others = [other for other in asked if other != name]
        members.append(Member(f"a yes to {name}", stage.yes(only=[name]), "", stage.answer([name], others)))
    for each in members:
        each.visitor = each.browser.visitor
    return [each for each in members if each.visitor]


def _event(name: str, values: Mapping[str, object]) -> dict[str, object]:
    return {"name": name, "id": word(), "page": f"/{word()}", "properties": dict(values)}


def _answers(purpose: Purpose) -> bool:
    return not purpose.on_demand and purpose.form is not Form.AGGREGATE


def _tables(stage: Stage, purpose: Purpose) -> list[str]:
    return [name for name in stage.policy.events if name in purpose.items]


def _seen(stage: Stage, purpose: Purpose, cast: Iterable[Member]) -> Iterable[str]:
    """Who is seen under a purpose, and who should be: each canary's events by name."""
    seen = stage.house.doors.ask(
        purpose.name, "select person, name, count(*) as rows from events group by all"
    )
    if isinstance(seen, Refused):
        yield f"{purpose.name} may read, and was refused: {seen.says}"
        return
    found = {(row["person"], row["name"]): row["rows"] for row in seen.rows}
    for each in cast:
        for event in tracker_events(stage.policy):
            due = bool(expected_mask(stage.policy, event, GERMANY, each.answer) & purpose.mask)
            if found.get((stage.subject(each.visitor), event.name), 0) != due:
                yield f"under {purpose.name}, {event.name} of {each.who} is {'not seen' if due else 'seen'}"


def _withdraw(stage: Stage, cast: Sequence[Member], using: Sequence[Purpose]) -> Iterable[str]:
    """Cy says no to one purpose, then to all; each time the next question must know, and no other purpose suffer."""
    cy, asked = cast[1], stage.asked()
    one = next(each.name for each in using if each.mask & _stored(stage, cy.answer))
    for no, under in (
        ([one], [each for each in using if each.mask & _stored(stage, cy.answer)]),
        (asked, using),
    ):
        cy.browser.cookies.setdefault(VISIT, cy.visitor)
        cy.browser.says(dict.fromkeys(no, False))
        cy.answer = stage.answer([name for name in asked if name not in no], no)
        for purpose in under:
            yield from _seen(stage, purpose, [cy])


def _stored(stage: Stage, answer: Answer) -> int:
    """All purposes that may use some event of someone who gave this answer."""
    mask = 0
    for event in tracker_events(stage.policy):
        mask |= expected_mask(stage.policy, event, GERMANY, answer)
    return mask


def _columns(stage: Stage, purpose: Purpose) -> Iterable[str]:
    """Every table has at most the columns of what the purpose uses, and a table it does not use is none."""
    for event in stage.policy.events.values():
        seen = stage.house.doors.ask(purpose.name, f'select * from "{event.name}" limit 0')  # noqa: S608  names of the policy
        if event.name not in purpose.items:
            if isinstance(seen, Seen):
                yield f"{purpose.name} does not use {event.name}, and can read it"
        elif isinstance(seen, Refused):
            yield f"{purpose.name} uses {event.name}, and cannot read it: {seen.says}"
        else:
            more = set(seen.columns) - _may_have(purpose, event.name)
            yield from (
                f"{purpose.name} does not use {event.name}.{name}, and can read it" for name in sorted(more)
            )
    seen = stage.house.doors.ask(purpose.name, "select * from events limit 0")
    may = {"page"}.union(*(_may_have(purpose, name) - _own(stage, name) for name in _tables(stage, purpose)))
    if isinstance(seen, Seen) and (more := set(seen.columns) - may):
        yield f"{purpose.name} does not use {', '.join(sorted(more))}, and can read it in events"


def _own(stage: Stage, event: str) -> set[str]:
    return set(stage.policy.events[event].properties) - EVERY_TABLE


def _may_have(purpose: Purpose, event: str) -> set[str]:
    items = {column for column, item in COLUMN_ITEMS.items() if item in purpose.items}
    own = {name for of, name in purpose.properties if of == event}
    page = {"page"} if own & set(PAGE_PROPERTIES) else set[str]()
    return {*EVERY_TABLE, *items, *page, *(own - set(PAGE_PROPERTIES))}


def _refusals(stage: Stage) -> Iterable[str]:
    """Unknown purposes, those that wait for a demand, those that give out figures only: each for its reason."""
    shut = {f"canary_{word()}": Reason.NO_SUCH_PURPOSE}
    for purpose in stage.policy.purposes.values():
        if not _answers(purpose):
            shut[purpose.name] = Reason.ON_DEMAND if purpose.on_demand else Reason.AGGREGATE_ONLY
    for name, reason in shut.items():
        seen = stage.house.doors.ask(name, "select 1 as one")
        if isinstance(seen, Seen):
            yield f"{name} opens rows"
        elif seen.reason != reason.value:
            yield f"{name} is refused for {seen.reason!r}, where it is {reason.value!r}"


def _unused(stage: Stage, purposes: Iterable[Purpose]) -> Iterable[str]:
    for purpose in purposes:
        if not _tables(stage, purpose) and isinstance(
            stage.house.doors.ask(purpose.name, "select * from events limit 0"), Seen
        ):
            yield f"{purpose.name} uses no event, and can read them"


def _ways_out(stage: Stage, purpose: Purpose) -> Iterable[str]:
    for way in ways_out(stage.active_files(), str(stage.house.data.absolute())):
        if isinstance(stage.house.doors.ask(purpose.name, way), Seen):
            yield f"not refused: {way.partition('{')[0][:60]}"


def _sealed(stage: Stage, cast: Iterable[Member], using: Iterable[Purpose]) -> Iterable[str]:
    """No answer to the company counts a canary."""
    people = ", ".join(str(stage.subject(each.visitor)) for each in cast) or "0"
    counting = f"select count(*) as rows from events where person in ({people})"  # noqa: S608  numbers of ours
    for purpose in using:
        seen = stage.house.doors.ask(purpose.name, counting, canaries=False)
        if isinstance(seen, Refused) or seen.rows[0]["rows"]:
            yield f"{purpose.name} of the company sees canaries"


def _either(faults: Iterable[str], fine: str) -> Finding:
    """What is wrong, if anything is; else that it is fine."""
    listed = list(faults)
    return Finding(False, "; ".join(listed)) if listed else Finding(True, fine)
