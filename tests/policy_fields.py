"""Every key of the grammar as it stands in a policy's tree: for tests that count, or that break one at a time."""

from collections.abc import Iterator
from typing import Any

from kept.policy.grammar import SECTIONS
from kept.policy.keys import Key, Shape

Tree = dict[str, Any]
Path = tuple[str, ...]


def fields_of(tree: Tree) -> Iterator[tuple[Path, str, Key[object]]]:
    """Each key that a tree states: where, under which name of the grammar (`data.keep`), and what reads it."""
    for name, value in tree.items():
        section = SECTIONS.get(name)
        if section is None:
            continue
        if section.kind == "text":
            yield (name,), name, Key[object](name, section.read)
        elif section.kind == "entry":
            yield from _entry((name,), name, value, section.shape)
        else:
            for own, entry in value.items():
                if own not in {"if unknown", "assumed"}:
                    yield from _entry((name, own), name, entry, section.shape)


def _entry(path: Path, at: str, entry: Any, shape: Shape) -> Iterator[tuple[Path, str, Key[object]]]:
    if not isinstance(entry, dict):
        return
    for name, value in entry.items():
        key = shape.key(name)
        if key is not None:
            yield (*path, name), f"{at}.{name}", key
        elif name == "items":
            for own, member in value.items():
                yield from _entry((*path, name, own), at, member, shape)
        elif name == "for":
            for audience, differing in value.items():
                yield from _entry((*path, name, audience), f"{at}.for", differing, shape)
        elif name in shape.sections:
            for own, below in value.items():
                yield from _entry((*path, name, own), f"{at}.{name}", below, shape.sections[name])


def every_field() -> set[str]:
    """All names that `fields_of` can give."""
    found: set[str] = set()
    for name, section in SECTIONS.items():
        if section.kind == "text":
            found.add(name)
        else:
            found |= set(_names(name, section.shape))
    return found


def _names(at: str, shape: Shape) -> Iterator[str]:
    keys = (*shape.keys, *(key for name in ("says", "called") if (key := shape.key(name)) and shape.common))
    for key in keys:
        yield f"{at}.{key.name}"
        if key.differs:
            yield f"{at}.for.{key.name}"
    for name, below in shape.sections.items():
        yield from _names(f"{at}.{name}", below)
