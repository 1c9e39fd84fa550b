"""The Holding of events: what was gathered about a person's visits, found and taken away by pseudonym."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from kept.base.errors import InUse
from kept.policy import CompiledPolicy
from kept.policy.compiled import Event
from kept.storage import erasures
from kept.storage.event import COLUMNS, StoredEvent
from kept.storage.lake import Lake
from kept.storage.lookup import events_of
from kept.storage.records import Records
from kept.subject import Duty, Held, NotCorrectable, Person

PSEUDONYMS = frozenset({"subject", "event_id", "session", "workspace", "cv", "mask"})


@dataclass(frozen=True, slots=True)
class Events:
    """Events, in the journal and the lake. `policy` gives the version in force."""

    lake: Lake
    records: Records
    policy: Callable[[], CompiledPolicy]
    name: str = "your visits"

    def find(self, person: Person) -> list[Held]:
        """One entry for each kind of event."""
        policy = self.policy()
        events = sorted(self._events(person), key=lambda event: event.name)
        return [
            _held(policy, name, list(group)) for name, group in groupby(events, key=lambda event: event.name)
        ]

    def export(self, person: Person) -> Iterator[Mapping[str, object]]:
        """Every event with what is known of it, and the purposes that may use it now."""
        policy = self.policy()
        for event in self._events(person):
            row = {name: getattr(event, name) for name, _ in COLUMNS if name not in PSEUDONYMS}
            properties = json.loads(event.properties or "{}")
            yield {**row, "properties": properties, "purposes": list(_purposes(policy, event.mask))}

    def correct(self, person: Person, item: str, value: object) -> NotCorrectable | None:
        """An event is what was observed, not a statement about the person."""
        return NotCorrectable("An event records what was seen at the time; it can be deleted, not rewritten.")

    def erase(self, person: Person) -> None:
        """The committer rewrites and searches; until it reports them done, `InUse` says to come again."""
        with self.records.read() as connection:
            states = [erasures.state_of(connection, subject) for subject in person.subjects]
        if any(state is not erasures.State.DONE for state in states):
            raise InUse(
                "the committer is still rewriting files",
                where="lake",
                next_step="Come again shortly.",
                why="It has not yet proven that nothing of the person is left.",
            )

    def duties(self, person: Person) -> list[Duty]:
        """None: no law makes anyone keep visits."""
        return []

    def remains(self, person: Person) -> int:
        """Erasures that the committer has not proven; it decodes every file for that."""
        with self.records.read() as connection:
            states = [erasures.state_of(connection, subject) for subject in person.subjects]
        return sum(state is not erasures.State.DONE for state in states)

    def _events(self, person: Person) -> list[StoredEvent]:
        return events_of(self.lake, self.records, person.subjects)


def _held(policy: CompiledPolicy, name: str, events: Sequence[StoredEvent]) -> Held:
    declared = policy.events.get(name)
    mask = 0
    for event in events:
        mask |= event.mask
    return Held(
        item=name,
        title=declared.title if declared else name,
        count=len(events),
        sources=tuple(sorted({event.source for event in events})),
        purposes=_purposes(policy, mask),
        first_ms=min(event.ts for event in events),
        last_ms=max(event.ts for event in events),
        until_ms=_until(declared, events),
    )


def _purposes(policy: CompiledPolicy, mask: int) -> tuple[str, ...]:
    return tuple(
        name for name, purpose in policy.purposes.items() if mask & purpose.mask and not purpose.on_demand
    )


def _until(declared: Event | None, events: Sequence[StoredEvent]) -> int | None:
    """When the last of them is over its ceiling, by the shortest rule that any audience has."""
    if declared is None:
        return None
    last = max(event.ts for event in events)
    ends = [span.ends(last) for cell in declared.keep for span in cell]
    return min((end for end in ends if end is not None), default=None)
