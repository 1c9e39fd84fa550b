"""What SQL lets through is what `decide()` allows: random policies, people, choices, times and states of the lake."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from kept.policy import CompiledPolicy
from kept.policy.compiled import Answer, Form, Purpose, allowed, decide
from kept.storage.event import StoredEvent
from kept.storage.lake.leaves import leaf_of, leaves
from kept.storage.query import QueryWorker, Rows
from kept.use.views import ITEM_COLUMNS
from tests.asking import DAY, NOW, House, event
from tests.policies import compile_text, policies

PEOPLE = (3, 4, 10, 21, (1 << 62) + 5, (1 << 63) - 1)
COUNTRIES = (None, "DE", "US", "FR", "JP")


@dataclass(frozen=True)
class Chosen:
    """A row of the log of choices: its place is its sequence number, from 1."""

    subject: int
    yes: int
    no: int
    dropped: bool = False


@dataclass(frozen=True)
class Gathered:
    """An event, and what the collector knew when it gathered it."""

    event: StoredEvent
    country: str | None
    signal: bool


@dataclass(frozen=True)
class World:
    policy: CompiledPolicy
    choices: list[Chosen]
    gathered: list[Gathered]
    splits: frozenset[str]
    floors: dict[str, int]
    later: list[int]  # positions of events flushed after the rest, into files of their own


@st.composite
def worlds(draw: st.DrawFn) -> World:
    policy = compile_text(draw(policies()))
    bits = (1 << len(policy.purposes)) - 1
    masks = st.integers(0, bits)
    choices = draw(
        st.lists(
            st.builds(Chosen, st.sampled_from(PEOPLE), masks, masks, st.sampled_from([False] * 6 + [True])),
            max_size=8,
        )
    )
    gathered = [draw(_gathered(policy, choices, place)) for place in range(draw(st.integers(1, 14)))]
    splits = draw(st.sampled_from([frozenset(), frozenset({"b"}), frozenset({"b", "b1"})]))
    groups = ["hot", *leaves(splits)]
    floors = {group: draw(st.integers(0, len(choices))) for group in groups}
    later = draw(st.lists(st.sampled_from(range(len(gathered))), unique=True))
    return World(policy, choices, gathered, splits, floors, later)


@st.composite
def _gathered(draw: st.DrawFn, policy: CompiledPolicy, choices: list[Chosen], place: int) -> Gathered:
    subject, country = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(COUNTRIES))
    cv, signal = draw(st.integers(0, len(choices))), draw(st.booleans())
    declared = policy.events[draw(st.sampled_from(sorted(policy.events)))]
    cell = policy.cell_of(country, None, frozenset(declared.about))
    mask = allowed(policy.masks[cell], answer_at(choices, subject, cv), signal=signal) & declared.uses
    age = draw(st.integers(0, 900 * DAY) | st.integers(0, 3 * DAY))
    # An event that an older policy knew, with any mask.
    formerly = draw(st.sampled_from([False] * 7 + [True]))
    made = event(
        subject,
        (NOW - age) // 100 * 100 + place,  # no two at the same time, so that rows can be told apart
        event_id=place,
        name="formerly" if formerly else declared.name,
        country=country,
        mask=draw(st.integers(0, 15)) if formerly else mask,
        cv=cv,
        workspace=draw(st.sampled_from([1] * 9 + [2])),
    )
    return Gathered(made, country, signal)


def answer_at(choices: list[Chosen], subject: int, cv: int) -> Answer:
    """What a person had answered, up to a sequence number."""
    yes = no = 0
    for choice in choices[:cv]:
        if choice.subject == subject:
            yes, no = (yes & ~choice.no) | (choice.yes & ~choice.no), (no & ~choice.yes) | choice.no
    return Answer(yes, no)


def may_see(world: World, purpose: Purpose, each: Gathered) -> bool:
    """The oracle: `decide()` at the time of gathering, nothing withdrawn since, no ceiling reached."""
    row, policy = each.event, world.policy
    if row.name not in policy.events:
        return False
    declared = policy.events[row.name]
    cell = policy.cell_of(each.country, None, frozenset(declared.about))
    answer = answer_at(world.choices, row.subject, row.cv)
    decided = decide(policy, purpose.name, cell, answer, signal=each.signal).allowed
    since = [choice for choice in world.choices[row.cv :] if choice.subject == row.subject]
    withdrawn = any(choice.dropped or choice.no & purpose.mask for choice in since)
    living = all(_lives(span, row.ts) for spans in declared.keep for span in spans)
    back = purpose.looks_back is None or _lives(purpose.looks_back, row.ts)
    used = bool(declared.uses & purpose.mask)
    return row.workspace == 1 and used and decided and not withdrawn and living and back


def _lives(span, ts: int) -> bool:  # type: ignore[no-untyped-def]
    ends = span.ends(ts)
    return ends is None or ends > NOW


def lay_out(world: World, house: House) -> None:
    """The lake as the committer may leave it: each group's masks know all choices up to its floor."""
    for choice in world.choices:
        house.choose(choice.subject, choice.no, dropped=choice.dropped)
    house.commit_splits(world.splits)
    for late in (False, True):
        for group, floor in world.floors.items():
            rows = [
                kept
                for place, each in enumerate(world.gathered)
                if (place in world.later) is late and _group(world, place, each.event) == group
                if (kept := _worked_in(world, each.event, floor)) is not None
            ]
            if rows:
                house.put(rows, group, floor)


def _group(world: World, place: int, row: StoredEvent) -> str:
    return "hot" if place % 3 == 0 else leaf_of(row.subject, world.splits)


def _worked_in(world: World, row: StoredEvent, floor: int) -> StoredEvent | None:
    mask = row.mask
    for choice in world.choices[row.cv : floor]:
        if choice.subject == row.subject:
            if choice.dropped:
                return None
            mask &= ~choice.no
    return msgspec.structs.replace(row, mask=mask)


@pytest.fixture(scope="module")
def worker() -> Iterator[QueryWorker]:
    """One process for all examples: each opens its own lake in it."""
    with QueryWorker() as started:
        yield started


@settings(max_examples=settings.default.max_examples // 4 if settings.default else 25)
@given(world=worlds())
def test_sql_lets_through_what_is_allowed(worker: QueryWorker, world: World) -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        try:
            lay_out(world, house)
            for purpose in world.policy.purposes.values():
                if purpose.form is not Form.AGGREGATE and not purpose.on_demand:
                    hold(world, house, purpose, worker)
        finally:
            house.records.close()


def hold(world: World, house: House, purpose: Purpose, worker: QueryWorker) -> None:
    """Hold every table of a purpose against the oracle."""
    with house.reader(world.policy, purpose.name, worker=worker) as reader:
        note(f"{purpose.name}: {dict(reader.catalogue)}")
        used = [declared for declared in world.policy.events.values() if declared.uses & purpose.mask]
        assert set(reader.catalogue) == ({"events", *(each.name for each in used)} if used else set())
        seen = [each for each in world.gathered if may_see(world, purpose, each)]
        for table in reader.catalogue:
            found = reader.ask(f'select * from "{table}" order by time')
            assert isinstance(found, Rows), found
            due = [each.event for each in seen if table in ("events", each.event.name)]
            rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
            assert [(row["person"], row["time"]) for row in rows] == sorted(
                ((row.subject, _iso(row.ts)) for row in due), key=lambda pair: pair[1]
            )
            _hold_items(world, purpose, rows, {_iso(row.ts): row for row in due})


def _hold_items(
    world: World, purpose: Purpose, rows: Sequence[Mapping[str, object]], due: dict[str, StoredEvent]
) -> None:
    for name, column in ITEM_COLUMNS.items():
        item = world.policy.items.get(name)
        used = item is not None and bool(item.uses & purpose.mask)
        for row in rows:
            stored = due[str(row["time"])]
            assert (column in row) is used
            if item is not None and used:
                lives = all(_lives(span, stored.ts) for spans in item.keep for span in spans)
                assert row[column] == (getattr(stored, column) if lives else None)


def _iso(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1000, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
