"""Identifiers that the workspace knows give way before any pattern is tried: to `[user]`, in a path to `:person`.

Patterns know what looks like a telephone number; that "u-4711" is somebody, only the workspace knows (`subject.known`).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol
from urllib.parse import unquote

from kept.gather.minimise.identifiers import Span
from kept.gather.minimise.reading import bare
from kept.gather.minimise.segment import PERSON
from kept.gather.minimise.words import LEAST, replaced

USER = "[user]"
"""No longer than the shortest identifier that is looked for, so that a text never grows."""
REMEMBERED = 4_096
"""Titles and paths: a site's visitors look at the same pages, over and over. Longer texts come once, and are not kept
even in memory."""


class Known(Protocol):
    """What is known of a workspace's people: `subject.Known`."""

    version: int

    def __bool__(self) -> bool:
        """Whether anything is known."""
        ...

    def places_in(self, text: str, *, numbers: bool = True) -> Sequence[tuple[int, int]]:
        """Where identifiers stand in a text; a number alone only with `numbers`."""
        ...


class Hiding:
    """Takes known identifiers out of texts. Remembers what became of some, for as long as nothing new is known."""

    def __init__(self, known: Known | None = None) -> None:
        self._known, self._version = known, -1
        self._text = lru_cache(REMEMBERED)(self._hide)
        self._path = lru_cache(REMEMBERED)(self._hide_path)

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self._known)

    def text(self, text: str, *, numbers: bool = True) -> str:
        """A text, or an id, without them. In an id, as in a path, a number alone is likelier to be a thing's."""
        if not self._knows():
            return text
        return self._text(text, numbers) if len(text) <= LEAST else self._hide(text, numbers)

    def path(self, path: str | None) -> str | None:
        """A path, or whatever else has clean segments between slashes, without segments that hold one."""
        return self._path(path) if path and self._knows() else path

    def _knows(self) -> bool:
        known = self._known
        if not known:
            return False
        if known.version != self._version:
            self._version = known.version
            self._text.cache_clear()
            self._path.cache_clear()
        return True

    def _hide(self, text: str, numbers: bool) -> str:
        found = self._places(bare(text), numbers)
        return replaced(text, [Span(*place, USER) for place in found]) if found else text

    def _hide_path(self, path: str) -> str:
        # enforces: known-in-path
        return "/".join(
            PERSON if self._places(bare(unquote(part)), False) else part for part in path.split("/")
        )

    def _places(self, text: str, numbers: bool) -> Sequence[tuple[int, int]]:
        return self._known.places_in(text, numbers=numbers) if self._known else ()  # enforces: known-first
