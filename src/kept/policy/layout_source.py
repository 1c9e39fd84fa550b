"""A policy file as its author laid it out: values with where they begin and end, and the comments between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

Kind = Literal["text", "list", "map"]
_FOLDED = frozenset("|>")
_HEADER_COMMENT = re.compile(r"[|>][-+0-9]*[ \t]+(?P<comment>#.*)")


@dataclass(frozen=True, slots=True, order=True)
class At:
    """A place in the file: line and column, both from 0."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, and whether something stands before it on its line."""

    at: At
    text: str
    trailing: bool


@dataclass(frozen=True, slots=True)
class Laid:
    """A value: a text with its quotes, or a list or map; `flow`: written in brackets. Keys are texts too."""

    kind: Kind
    at: At
    end: At
    flow: bool = False
    style: str = ""
    text: str = ""
    nodes: tuple["Laid", ...] = ()
    keys: tuple["Laid", ...] = ()


@dataclass(slots=True)
class Source:
    """The file's lines, its root and its comments, which are taken out as they are laid out again."""

    lines: list[str]
    root: Laid
    comments: list[Comment] = field(default_factory=list)


def read_source(text: str) -> Source:
    """The layout of a file that is YAML as policies are written."""
    lines = text.split("\n")
    events = (one for one in YAML(typ="safe", pure=True).parse(text) if _stands(one))
    root = _node(next(events), events, lines)
    return Source(lines, root, list(_comments(lines, root)))


def _stands(event: Event) -> bool:
    kinds = (ScalarEvent, MappingStartEvent, MappingEndEvent, SequenceStartEvent, SequenceEndEvent)
    return isinstance(event, kinds)


def _node(event: Event, events: Iterator[Event], lines: list[str]) -> Laid:
    if isinstance(event, ScalarEvent):
        return _text(event, lines)
    keys, nodes = list[Laid](), list[Laid]()
    is_map = isinstance(event, MappingStartEvent)
    while not isinstance(inner := next(events), MappingEndEvent | SequenceEndEvent):
        if is_map:
            keys.append(_node(inner, events, lines))
            inner = next(events)
        nodes.append(_node(inner, events, lines))
    flow = bool(getattr(event, "flow_style", False))
    end = _at(inner.end_mark) if flow or not nodes else nodes[-1].end
    kind: Kind = "map" if is_map else "list"
    return Laid(kind, _at(event.start_mark), end, flow, nodes=tuple(nodes), keys=tuple(keys))


def _text(event: ScalarEvent, lines: list[str]) -> Laid:
    at, style = _at(event.start_mark), str(event.style or "")
    end = _end_of_block(at, lines) if style in _FOLDED and style else _at(event.end_mark)
    return Laid("text", at, end, style=style, text=str(event.value))


def _at(mark: Any) -> At:
    return At(mark.line, mark.column)


def _end_of_block(at: At, lines: list[str]) -> At:
    """Where a `|` or `>` text ends: before the first line that stands further left than its first."""
    inside, last = 0, at.line
    for number in range(at.line + 1, len(lines)):
        line = lines[number]
        indent = len(line) - len(line.lstrip(" "))
        if not line.strip():
            continue
        inside = inside or indent
        if indent < inside:
            break
        last = number
    return At(last, len(lines[last]))


def _comments(lines: list[str], root: Laid) -> Iterator[Comment]:
    """Every `#` outside the texts, to the end of its line; and what follows the mark of a folded text."""
    covered: dict[int, list[tuple[int, int]]] = {}
    for text in _texts(root):
        if text.style and text.style in _FOLDED:
            header = _HEADER_COMMENT.match(lines[text.at.line], text.at.column)
            if header:
                yield Comment(At(text.at.line, header.start("comment")), header["comment"].rstrip(), True)
        for number in range(text.at.line, text.end.line + 1):
            first = text.at.column if number == text.at.line else 0
            last = text.end.column if number == text.end.line else len(lines[number])
            folded = bool(text.style) and text.style in _FOLDED
            covered.setdefault(number, []).append((first, len(lines[number]) if folded else last))
    for number, line in enumerate(lines):
        yield from _comment_of(number, line, covered.get(number, []))


def _comment_of(number: int, line: str, covered: list[tuple[int, int]]) -> Iterator[Comment]:
    for found in re.finditer("#", line):
        if not any(first <= found.start() < last for first, last in covered):
            yield Comment(
                At(number, found.start()), line[found.start() :].rstrip(), bool(line[: found.start()].strip())
            )
            return


def _texts(node: Laid) -> Iterator[Laid]:
    if node.kind == "text":
        yield node
    for inner in (*node.keys, *node.nodes):
        yield from _texts(inner)
