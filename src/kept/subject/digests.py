"""Looking for known identifiers in texts, by their digests alone: pure, so that another process can do it as well."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from unicodedata import normalize

from kept.base.ids import prepare

LEAST = 6
"""Characters. What is shorter stands for too many other things."""
MOST_PARTS = 5
"""As a UUID has."""

_WORD = re.compile(r"[^\W_]++(?:[-._+][^\W_]++)*+")
_PART = re.compile(r"[^\W_]++")
_DIGIT = re.compile(r"\d")


class Digests:
    """What was known at one moment: sorted numbers, 8 bytes each, and a few new ones beside them.

    A site's ids look alike: what is as long as none of them, or has other parts, is passed over without a digest. It
    never changes, and pickles to little more than the numbers.
    """

    __slots__ = ("_digest", "_key", "new", "ordered", "shapes", "version")

    def __init__(
        self, key: bytes, version: int, ordered: "array[int]", new: frozenset[int], shapes: frozenset[int]
    ) -> None:
        self._key, self._digest = key, prepare(key, b"known")
        self.version, self.ordered, self.new, self.shapes = version, ordered, new, shapes

    def __reduce__(self) -> tuple[type["Digests"], tuple[object, ...]]:
        return Digests, (self._key, self.version, self.ordered, self.new, self.shapes)

    def __bool__(self) -> bool:
        return bool(self.ordered or self.new)

    def copy(self) -> "Digests":
        """Itself: it never changes."""
        return self

    def places_in(self, text: str, *, numbers: bool = True) -> list[tuple[int, int]]:
        """Where identifiers stand in a text, from left to right, never overlapping.

        A number alone is one only with `numbers`: in a path it is likelier to be a thing's.
        """
        if not self or not _DIGIT.search(text):
            return []
        found: list[tuple[int, int]] = []
        for word in _WORD.finditer(text):
            if word.end() - word.start() >= LEAST and _DIGIT.search(word[0]):
                found += self._in_word(text, *word.span(), numbers)
        return found

    def _in_word(self, text: str, start: int, end: int, numbers: bool) -> Iterator[tuple[int, int]]:
        """The longest first at each place: "cv_u-4711.pdf" has "u-4711" in it."""
        parts, plain = [part.span() for part in _PART.finditer(text, start, end)], text.isascii()
        reached = 0
        for first, (begins, _) in enumerate(parts):
            if begins < reached:
                continue
            for last in range(min(first + MOST_PARTS, len(parts)) - 1, first - 1, -1):
                ends = parts[last][1]
                if plain and shape(last - first + 1, ends - begins) not in self.shapes:
                    continue
                if not numbers and last == first and text[begins:ends].isdigit():
                    continue
                if self._has(text[part[0] : part[1]] for part in parts[first : last + 1]):
                    reached = ends
                    yield begins, ends
                    break

    def _has(self, parts: Iterable[str]) -> bool:
        digest = self._digest(phrase(parts).encode())
        place = bisect_left(self.ordered, digest)
        return (place < len(self.ordered) and self.ordered[place] == digest) or digest in self.new


def phrase_of(identifier: str) -> str:
    """What is looked for of an identifier: the parts of its last word with a digit. "" where that is too little.

    A mail address is not looked for: whatever has an "@" gives way in any text, known or not.
    """
    words = [] if "@" in identifier else [word[0] for word in _WORD.finditer(identifier)]
    told = next((word for word in reversed(words) if _DIGIT.search(word)), "")
    parts = _PART.findall(told)
    return phrase(parts) if len(told) >= LEAST and len(parts) <= MOST_PARTS else ""


def shape(parts: int, characters: int) -> int:
    """How many parts, and how many characters with one mark between each two of them."""
    return parts << 16 | characters


def phrase(parts: Iterable[str]) -> str:
    """Its parts as they are looked up: however they are written, and whatever stands between them."""
    text = " ".join(parts)
    return text.lower() if text.isascii() else normalize("NFKC", text).casefold()
