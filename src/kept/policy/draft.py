"""A policy as written: entries with typed keys, each knowing where it stands. Nothing is looked up yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from kept.policy.compiled import Assumption
from kept.policy.keys import EMPTY, SAYS, Key, Shape
from kept.policy.problems import Place, Problem

T = TypeVar("T")


@dataclass(slots=True)
class Entry:
    """One entry: its own keys, what `for` changes by audience, and the group it stands in."""

    name: str
    place: Place
    parent: "Entry | None" = None
    shape: Shape = EMPTY
    values: dict[str, object] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    audiences: dict[str, "Entry"] = field(default_factory=dict)
    sections: dict[str, dict[str, "Entry"]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)  # keys that were written and could not be read
    members: list["Entry"] | None = None  # of a group

    def own(self, key: Key[T]) -> T | None:
        """What the entry itself states."""
        return cast("T | None", self.values.get(key.name))

    def get(self, key: Key[T]) -> T | None:
        """What holds for the entry: its own word, or its group's. `says` and `called` are never inherited."""
        if key.name in self.values or self.parent is None or key.name in {SAYS.name, "called"}:
            return self.own(key)
        return self.parent.own(key)

    def want(self, key: Key[T], default: T) -> T:
        """As `get`, with what holds when nothing is stated."""
        found = self.get(key)
        return default if found is None else found

    def states(self, key: Key[T]) -> bool:
        """Whether the entry or its group has the key, readable or not."""
        holders = (self, self.parent) if self.parent else (self,)
        return any(key.name in holder.values or key.name in holder.broken for holder in holders)

    def unread(self, key: Key[T]) -> bool:
        """Whether the key was written and could not be read, so that nobody knows what it would have named."""
        return key.name in self.broken or (
            self.parent is not None and key.name not in self.values and key.name in self.parent.broken
        )

    def at(self, key: Key[T] | str) -> Place:
        """Where the key stands, or the entry if it has no such key."""
        name = key if isinstance(key, str) else key.name
        if name in self.places or self.parent is None:
            return self.places.get(name, self.place)
        return self.parent.places.get(name, self.place)

    def differences(self) -> Mapping[str, "Entry"]:
        """What `for` says by audience: the entry's own, or else its group's."""
        if "for" in self.places or self.parent is None:
            return self.audiences
        return self.parent.audiences

    @property
    def group(self) -> str:
        """The group's name, or its own."""
        return self.parent.name if self.parent else self.name


@dataclass(slots=True)
class Draft:
    """A whole file after reading and checking. It compiles only if it has no errors."""

    file: str
    company: Entry
    texts: dict[str, str] = field(default_factory=dict)  # version, in force
    places: dict[str, Place] = field(default_factory=dict)  # of sections
    entries: dict[str, dict[str, Entry]] = field(
        default_factory=dict
    )  # by section; members of groups, not groups
    groups: dict[str, dict[str, Entry]] = field(default_factory=dict)  # by section
    single: dict[str, Entry] = field(default_factory=dict)  # sections that are one entry
    if_unknown: Entry | None = None
    assumptions: list[Assumption] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)  # sections whose names are not all known: refused in part
    problems: tuple[Problem, ...] = ()

    def section(self, name: str) -> dict[str, Entry]:
        """The entries of a section by name; empty when the file has none."""
        return self.entries.get(name, {})

    @property
    def held(self) -> dict[str, Entry]:
        """Items and events: one namespace."""
        return {**self.section("data"), **self.section("events")}

    def is_event(self, name: str) -> bool:
        """Whether a name of that namespace is an event."""
        return name in self.section("events")

    @property
    def retention(self) -> Entry | None:
        """The section `retention`."""
        return self.single.get("retention")

    def below_retention(self, part: str) -> dict[str, Entry]:
        """Its `periods` or `duties` by name."""
        return self.retention.sections.get(part, {}) if self.retention else {}

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps it from compiling."""
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What should be known."""
        return tuple(problem for problem in self.problems if problem.level == "warning")

    def declared(self) -> Iterator[Entry]:
        """Everything that bears a name of the company's own, groups included, in the order of the file."""
        for section, entries in self.entries.items():
            yield from self.groups.get(section, {}).values()
            yield from entries.values()
        for holder in (*self._named(), *self.single.values()):
            for kind, below in holder.sections.items():
                if kind != "words":  # which are about names, and give none
                    yield from below.values()

    def _named(self) -> Iterator[Entry]:
        for entries in self.entries.values():
            yield from entries.values()

    def every(self) -> Iterator[Entry]:
        """Every entry with keys: what is declared, sections that are one entry, and what `for` says in each."""
        for entry in (*self.single.values(), *self.declared()):
            yield entry
            yield from entry.audiences.values()

    @property
    def features(self) -> dict[str, Entry]:
        """The features of all services by name."""
        services = self.section("services").values()
        return {
            name: one for service in services for name, one in service.sections.get("features", {}).items()
        }
