"""Identifiers that the workspace knows give way before any pattern is tried: to `[user]`, in a path to `:person`.

Patterns know what looks like a telephone number; that "u-4711" is somebody, only the workspace knows (`subject.known`).
"""

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar
from urllib.parse import unquote

from kept.base.remembered import Remembered
from kept.gather.minimise.identifiers import Span
from kept.gather.minimise.page import Page
from kept.gather.minimise.reading import bare
from kept.gather.minimise.segment import PERSON
from kept.gather.minimise.words import replaced

USER = "[user]"
"""No longer than the shortest identifier that is looked for, so that a text never grows."""
REMEMBERED = 4_096
"""Titles and pages: a site's visitors look at the same ones, over and over."""

V = TypeVar("V")


class Known(Protocol):
    """What is known of a workspace's people: `subject.Known`."""

    @property
    def version(self) -> int:
        """Rises with every change."""
        ...

    def __bool__(self) -> bool:
        """Whether anything is known."""
        ...

    def places_in(self, text: str, *, numbers: bool = True) -> Sequence[tuple[int, int]]:
        """Where identifiers stand in a text; a number alone only with `numbers`."""
        ...

    def copy(self) -> "Known":
        """What is known at this moment; it can be handed to another process."""
        ...


class Nobody:
    """Where nothing is known."""

    version = 0

    def __bool__(self) -> bool:
        return False

    def places_in(self, text: str, *, numbers: bool = True) -> Sequence[tuple[int, int]]:
        """Nowhere."""
        return ()

    def copy(self) -> "Nobody":
        """Itself."""
        return self


class Lent:
    """What another process knows, as it was told last."""

    def __init__(self) -> None:
        self.now: Known = Nobody()

    @property
    def version(self) -> int:
        """Of what was told last."""
        return self.now.version

    def __bool__(self) -> bool:
        return bool(self.now)

    def places_in(self, text: str, *, numbers: bool = True) -> Sequence[tuple[int, int]]:
        """Where identifiers stand in a text."""
        return self.now.places_in(text, numbers=numbers)

    def copy(self) -> Known:
        """What was told last."""
        return self.now


class Unhidden(Generic[V]):
    """What was made of texts without identifiers: remembered for as long as nothing new is known."""

    __slots__ = ("_known", "_made", "_version")

    def __init__(self, known: Known, make: Callable[[str], V], longest: int, most: int) -> None:
        self._known, self._version = known, known.version
        self._made = Remembered(make, most, longest)

    def of(self, text: str) -> V:
        """What is made of this text."""
        if self._known.version != self._version:
            self._version = self._known.version
            self._made.clear()
        return self._made[text]


class Hiding:
    """Takes known identifiers out of texts."""

    def __init__(self, known: Known | None = None) -> None:
        self._known = Nobody() if known is None else known

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self._known)

    def copy(self) -> Known:
        """What is known at this moment, for another process."""
        return self._known.copy()

    def then(self, make: Callable[[str], V], longest: int, most: int = REMEMBERED) -> Unhidden[V]:
        """Remembers what `make` gives for `most` texts of at most `longest` characters, where `make` hides by this."""
        return Unhidden(self._known, make, longest, most)

    def text(self, text: str, *, numbers: bool = True) -> str:
        """A text, or an id, without them. In an id, as in a path, a number alone is likelier to be a thing's."""
        found = self._places(bare(text), numbers) if self._known else ()
        return replaced(text, [Span(*place, USER) for place in found]) if found else text

    def path(self, path: str | None) -> str | None:
        """A path, or whatever else has clean segments between slashes, without segments that hold one."""
        if not path or not self._known:
            return path
        # enforces: known-in-path
        return "/".join(
            PERSON if self._places(bare(unquote(part)), False) else part for part in path.split("/")
        )

    def page(self, page: Page) -> Page:
        """What is kept of a page's address, without them."""
        return Page(self.path(page.path), page.host, self.path(page.campaign))

    def _places(self, text: str, numbers: bool) -> Sequence[tuple[int, int]]:
        return self._known.places_in(text, numbers=numbers)  # enforces: known-first
