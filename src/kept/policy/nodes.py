"""The first layer: YAML 1.2 as a tree of texts, lists and maps that know where they stand.

Values are not guessed at: every scalar stays the text that was written, so the country code `NO` is Norway.
Anchors, aliases, merges, tags, duplicate keys and deep nesting are errors: what a lawyer reads in one place
must be the whole of what holds there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from kept.base.printing import clean, is_clean
from kept.policy.problems import Place, Problems
from kept.policy.yaml_words import in_words

DEEPEST = 12
LONGEST = 1_000_000  # characters; the longest policies known to us have a tenth of it
MOST = 10_000  # words, lists and maps; as many problems can still be said in seconds
_CUT = re.compile(r"[ \t]+#")


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, as written. `quoted`: quotes or a block style stood around it. `cut`: a comment follows."""

    place: Place
    text: str
    quoted: bool
    cut: bool

    @property
    def empty(self) -> bool:
        """Whether nothing, or a YAML null, was written."""
        return not self.quoted and self.text in {"", "~", "null"}


@dataclass(frozen=True, slots=True)
class Seq:
    """A list."""

    place: Place
    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Map:
    """A map. `keys` has the place of each key, which is where its entry is said to stand."""

    place: Place
    nodes: dict[str, "Node"]
    keys: dict[str, Place]


Node = Text | Seq | Map


class _NotAllowed(Exception):
    """The file cannot be read any further; the problem has been noted."""


def read_yaml(text: str, problems: Problems) -> Map | None:
    """The file as a map; None after its first error of form, since later ones may only follow from it."""
    if len(text) > LONGEST:
        problems.error("F01", Place(1, 1, ""), f"This file is longer than {LONGEST} characters.")
        return None
    try:
        return _Composer(text, problems).document()
    except _NotAllowed:
        return None
    except MarkedYAMLError as error:
        _not_yaml(problems, _marked(error), str(error.problem))
    except YAMLError as error:
        _not_yaml(problems, Place(1, 1, ""), str(error))
    return None


def _marked(error: MarkedYAMLError) -> Place:
    mark = error.problem_mark or error.context_mark
    return Place(mark.line + 1, mark.column + 1, "") if mark else Place(1, 1, "")


def _not_yaml(problems: Problems, at: Place, problem: str) -> None:
    said = in_words(problem)
    problems.error("F01", at, f"This is not YAML: {said.what}.", next_step=said.next_step)


class _Composer:
    """Builds the tree from the parser's events."""

    def __init__(self, text: str, problems: Problems) -> None:
        self.lines = text.split("\n")
        self.problems = problems
        self.nodes = 0
        self.events: Iterator[Event] = YAML(typ="safe", pure=True).parse(text)

    def document(self) -> Map:
        event = next(self.events)
        while not isinstance(event, DocumentStartEvent | StreamEndEvent):
            event = next(self.events)
        if isinstance(event, StreamEndEvent):
            self._refuse(
                event, "", "This file is empty.", "Start from `kept init`, which writes a policy to fill in."
            )
        if getattr(event, "version", None) not in {None, (1, 2)}:
            self._refuse(event, "", "This file asks for another YAML than 1.2.", "Take the %YAML line out.")
        root = self._node(next(self.events), "", 0)
        if not isinstance(root, Map):
            self._refuse(event, "", "A policy is a map of sections.", "Begin with `company:`.")
        self._nothing_after()
        return root

    def _nothing_after(self) -> None:
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                self._refuse(
                    event, "", "A second document begins here.", "One policy is one file and one document."
                )

    def _node(self, event: Event, path: str, depth: int) -> Node:
        self._check(event, path, depth)
        place = _place(event, path)
        if isinstance(event, ScalarEvent):
            self._check_letters(event, path)
            quoted = event.style is not None
            return Text(place, str(event.value), quoted, not quoted and self._comment_follows(event))
        if isinstance(event, SequenceStartEvent):
            return Seq(place, tuple(self._members(path, depth)))
        return self._map(place, path, depth)

    def _members(self, path: str, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self.events), SequenceEndEvent):
            yield self._node(event, path, depth + 1)

    def _map(self, place: Place, path: str, depth: int) -> Map:
        nodes: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self._key(event, path, keys)
            keys[key] = _place(event, f"{path}.{key}" if path else key)
            nodes[key] = self._node(next(self.events), keys[key].path, depth + 1)
        return Map(place, nodes, keys)

    def _key(self, event: Event, path: str, before: dict[str, Place]) -> str:
        self._check(event, path, 0)
        if not isinstance(event, ScalarEvent):
            self._refuse(event, path, "A key is a word, not a list or a map.", "Write the key as plain text.")
        self._check_letters(event, path)
        key = str(event.value)
        if key == "<<":
            self._refuse(
                event,
                path,
                "Merges (`<<`) are not allowed.",
                "Make a group: what it states holds for its `items`.",
            )
        if key in before:
            self._refuse(
                event,
                path,
                f"`{key}` stands here twice.",
                f"Line {before[key].line} has it already; keep one of them.",
            )
        return key

    def _check(self, event: Event, path: str, depth: int) -> None:
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            self._refuse(
                event, path, "Anchors and aliases are not allowed.", "Make a group, or write it out."
            )
        if isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent) and event.tag:
            self._refuse(
                event,
                path,
                f"Tags such as `{clean(str(event.tag))}` are not allowed.",
                "Take it out; every value is read as written.",
            )
        self.nodes += 1
        if self.nodes > MOST:
            self._refuse(
                event,
                path,
                f"This file holds more than {MOST} words and values.",
                "No policy needs that many.",
            )
        if depth > DEEPEST:
            self._refuse(
                event, path, f"This is nested deeper than {DEEPEST} levels.", "No part of a policy is."
            )

    def _check_letters(self, event: ScalarEvent, path: str) -> None:
        """What a lawyer reads must be what stands there, on the page and in a terminal as in the file."""
        if not is_clean(str(event.value), but="\n\t"):
            self._refuse(
                event,
                path,
                "This text holds characters that do not show, or that change the order of what is read.",
                "Write it again by hand; control characters and marks of direction are not allowed.",
            )

    def _comment_follows(self, event: ScalarEvent) -> bool:
        end = event.end_mark
        return bool(end and end.line < len(self.lines) and _CUT.match(self.lines[end.line], end.column))

    def _refuse(self, event: Event, path: str, what: str, next_step: str) -> NoReturn:
        self.problems.error("F01", _place(event, path), what, next_step=next_step)
        raise _NotAllowed


def _place(event: Event, path: str) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1, path) if mark else Place(1, 1, path)
