"""G1: only declared events, properties and items are taken; all else is refused, with the reason, and not stored."""

import re
from collections.abc import Generator, Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import select

from kept.gate.store import policy_version, purpose_bit
from kept.policy import CompiledPolicy, load_policy
from kept.policy.compiled import Event
from kept.policy.grammar import CLASS_OF_SITE
from kept.prove.browser import CollectorSaid
from kept.prove.expected import (
    expected_keys,
    expected_mask,
    parts_ruled_out,
    right_values,
    tracker_events,
    unused_parts,
)
from kept.prove.stage import GERMANY, Stage
from kept.prove.verdict import Finding
from kept.prove.words import word
from kept.storage.event import COLUMNS
from kept.storage.search import Row, names_in

UNDECLARED_EVENT, UNDECLARED_PROPERTY, WRONG_TYPE = "undeclared event", "undeclared property", "wrong type"

SHAPES = {
    "address": r"(\d{1,3}\.){3}0/24|[0-9a-f:]+::/48",
    "page": r"/[^?#@\s]*",
    "country": r"[A-Z]{2}",
    "device": r"[A-Za-z][\w .,/+-]{0,40}",
    "browser": r"[A-Za-z][\w .,/+-]{0,40}",
    "referrer": r"[a-z0-9.-]+\.[a-z][a-z0-9-]*",
    "source": r"tracker|server log|server|[a-z][a-z0-9_]*",
}
"""What a value of a column looks like, whatever was sent."""
CLASSES_OF_SITES = "search|social|mail|advertising|internal|other site"
"""What a referrer looks like where the policy has it reduced to that."""


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Send what is declared and what is not, and hold what is stored against the policy."""
    events = tracker_events(stage.policy)
    if not events:
        return [Finding(True, "the policy declares no event that pages may send; nothing was sent")]
    ana, unknown, secret = stage.yes(), word(), word()
    told = [
        _refused(UNDECLARED_EVENT, ana.sends({"name": f"canary_{unknown}"})),
        _refused(
            UNDECLARED_PROPERTY,
            ana.sends({"name": events[0].name, "properties": {f"canary_{unknown}": secret}}),
        ),
        *(_refused_types(event, ana.sends(_wrong(event, secret))) for event in events if event.properties),
    ]
    all_yes = stage.answer(stage.asked())
    expected = {event.name: expected_keys(stage.policy, event, GERMANY, all_yes) for event in events}
    right = {
        event.name: ana.sends({"name": event.name, "properties": right_values(event)})
        for event in events
        if expected_mask(stage.policy, event, GERMANY, all_yes)
    }
    single = [stage.yes(only=[name]) for name in stage.asked()]
    for each in single:
        each.sends(
            *(
                {"name": event.name, "page": "/canary", "session": word(), "properties": right_values(event)}
                for event in events
            )
        )
    yield
    rows = stage.rows()
    return [
        Finding(all(told), "undeclared event and property and wrong types are refused, each with its reason")
        if all(told)
        else Finding(False, "something undeclared was not refused with its reason"),
        _taken(right, expected, [row for row in rows if row["subject"] == stage.subject(ana.visitor)]),
        _nowhere(stage.traces(texts=[unknown, secret])),
        *_declared_in(stage),
        *_shaped(stage, rows),
        _used(stage, rows, [stage.subject(each.visitor) for each in single if each.visitor]),
        *_ruled(stage, rows, [stage.subject(each.visitor) for each in (ana, *single) if each.visitor]),
    ]


def _refused(reason: str, told: CollectorSaid) -> bool:
    return reason in told.reasons()


def _wrong(event: Event, secret: str) -> dict[str, object]:
    """A value of the wrong type for every property: no type is a mapping."""
    return {"name": event.name, "properties": {name: {"canary": secret} for name in event.properties}}


def _refused_types(event: Event, told: CollectorSaid) -> bool:
    places = {place for _, reason, place in told.refused if reason == WRONG_TYPE}
    return places == {f"events[0].properties.{name}" for name in event.properties}


def _taken(
    told: Mapping[str, CollectorSaid], expected: Mapping[str, frozenset[str]], rows: Iterable[Row]
) -> Finding:
    """What is declared must arrive whole, or refusing everything would look like keeping the promise."""
    stored = {(str(row["name"]), frozenset(keys_of(row))) for row in rows}
    lost = [
        name
        for name, each in told.items()
        if each.accepted != 1 or each.refused or (name, expected[name]) not in stored
    ]
    if lost:
        return Finding(False, f"declared but not taken as sent: {', '.join(lost)}")
    return Finding(True, f"{len(told)} declared events with their properties are taken")


def _nowhere(places: Sequence[str]) -> Finding:
    if places:
        return Finding(False, f"what was refused stands on the disk: {'; '.join(places)}")
    return Finding(True, "what was refused stands nowhere on the disk")


def keys_of(row: Row) -> dict[str, str]:
    """The properties of a row."""
    found: dict[str, str] = msgspec.json.decode(row["properties"] or "{}")
    return found


def _declared_in(stage: Stage) -> Iterable[Finding]:
    """Every event name and property in the whole lake stands in the version of the policy that it names."""
    files = stage.house.lake.paths(list(stage.house.lake.snapshot().files.values()))
    seen = names_in(files)
    versions = _versions(stage, {number for number, _, _ in seen.names})
    strange = sorted(
        {
            f"{event}.{key}" if key else event
            for number, event, key in seen.names
            if not _is_declared(versions.get(number), event, key)
        }
    )
    if strange:
        yield Finding(False, f"in the lake, and in no version of the policy: {', '.join(strange)[:300]}")
    else:
        yield Finding(
            True, f"{len(seen.names)} names in the lake are all declared by the version they came under"
        )
    if more := seen.columns - {name for name, _ in COLUMNS}:
        yield Finding(False, f"columns that no event has: {', '.join(sorted(more))}")


def _is_declared(policy: CompiledPolicy | None, event: str, key: str | None) -> bool:
    declared = policy.events.get(event) if policy else None
    return declared is not None and (key is None or key in declared.properties)


def _versions(stage: Stage, numbers: Iterable[int]) -> dict[int, CompiledPolicy]:
    """The versions of the policy with these numbers, compiled anew from the text that was in force."""
    known = {stage.in_force.number: stage.policy}
    with stage.house.records.read() as connection:
        bits = {row.purpose: row.bit for row in connection.execute(select(purpose_bit))}
        rows = connection.execute(
            select(policy_version).where(policy_version.c.number.in_(set(numbers) - known.keys()))
        ).all()
    return known | {row.number: load_policy(row.text, f"version {row.version}", bits) for row in rows}


def _shaped(stage: Stage, rows: Iterable[Row]) -> Iterable[Finding]:
    """Values of the canaries' columns look as such values must."""
    referrer = stage.policy.items.get("referrer")
    by_class = referrer is not None and referrer.reduced_to == CLASS_OF_SITE
    shapes = {**SHAPES, "referrer": CLASSES_OF_SITES} if by_class else SHAPES
    wrong = {
        column
        for row in rows
        for column, shape in shapes.items()
        if row[column] is not None and not re.fullmatch(shape, str(row[column]))
    }
    if wrong:
        yield Finding(False, f"values of another kind than declared in: {', '.join(sorted(wrong))}")


def _ruled(stage: Stage, rows: Iterable[Row], subjects: Sequence[int]) -> Iterable[Finding]:
    """Rules of `never` hold in the lake too, where the policy has any."""
    if not stage.policy.never:
        return
    cells = {
        event.name: stage.policy.cell_of(GERMANY, None, frozenset(event.about))
        for event in stage.policy.events.values()
    }
    kept = {
        part
        for row in rows
        if row["subject"] in subjects and row["name"] in cells  # others are found undeclared
        for part in parts_ruled_out(stage.policy, row, frozenset(keys_of(row)), cells[str(row["name"])])
    }
    if kept:
        yield Finding(False, f"stored, though a rule of `never` stands against it: {', '.join(sorted(kept))}")
    else:
        yield Finding(True, "what a rule of `never` keeps from a purpose stands in no row that opens to it")


def _used(stage: Stage, rows: Iterable[Row], subjects: Sequence[int]) -> Finding:
    """Nothing is stored that no purpose in the event's mask uses."""
    idle = {
        part
        for row in rows
        if row["subject"] in subjects
        for part in unused_parts(stage.policy, row, frozenset(keys_of(row)))
    }
    if idle:
        return Finding(
            False, f"stored, though no purpose allowed for the event uses it: {', '.join(sorted(idle))}"
        )
    return Finding(True, "of a yes to one purpose, only what that purpose uses is stored")
