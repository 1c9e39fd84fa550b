"""The second layer, words: texts, fixed words, lists. A reader takes a node and gives a value, or `Bad`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from kept.base.names import VERSION
from kept.base.nearest import nearest
from kept.policy.nodes import Node, Seq, Text
from kept.policy.problems import Place, listed

T = TypeVar("T")
Reader = Callable[[Node], T]

_NUMBER_LIKE = re.compile(r"[-+]?(\d[\d_]*)?\.?\d*([eE][-+]?\d+)?|0x[0-9a-fA-F]+|0o[0-7]+|true|false")


class Bad(Exception):
    """A value does not fit. `place` overrides the node's own; `more` is as in `Problems.error`.

    `others` are what else does not fit in the same value.
    """

    def __init__(self, code: str, what: str, place: Place | None = None, **more: str) -> None:
        super().__init__(what)
        self.code, self.what, self.place, self.more = code, what, place, more
        self.others: tuple[Bad, ...] = ()


def text(node: Node) -> str:
    """One text that is not empty."""
    if not isinstance(node, Text):
        raise Bad("F06", "One text is expected here, not a list or a map.")
    if node.empty or not node.text.strip():
        raise Bad("F05", "Nothing stands here.", next_step="Write the value, or take the key out.")
    return " ".join(node.text.split())


def sentence(node: Node) -> str:
    """Words for people. A comment that follows an unfinished sentence has probably cut it."""
    words = text(node)
    if isinstance(node, Text) and node.cut and words[-1] not in ".!?\"'”’)":
        raise Bad(
            "F09",
            f"This sentence ends at `{words.split()[-1]}`, where a comment begins.",
            why="` #` starts a comment in YAML, and the sentence has no full stop before it.",
            next_step="Put the sentence into quotes, or end it with a full stop before the comment.",
        )
    return words


def version(node: Node) -> str:
    """A version's name. YAML might take it for something else: `1.0` must stand in quotes."""
    words = text(node)
    if isinstance(node, Text) and not node.quoted and _NUMBER_LIKE.fullmatch(words):
        raise Bad("F06", f"`{words}` reads as a number.", next_step=f'Write it as a text: "{words}".')
    if not re.match(VERSION, words):
        raise Bad(
            "F06",
            f"`{words}` cannot be a version's name.",
            found=words,
            valid="letters, digits, `.`, `_` and `-`, a letter or digit first, 40 at most",
        )
    return words


@dataclass(frozen=True, slots=True)
class OneOf:
    """Reads one of these words."""

    words: tuple[str, ...]

    def __call__(self, node: Node) -> str:
        """The word."""
        found = text(node)
        if found not in self.words:
            raise Bad(
                "F06",
                f"`{found}` is not one of the words that fit here.",
                found=found,
                valid=listed(self.words, most=20),
                nearest=nearest(found, self.words),
            )
        return found


def one_of(*words: str) -> OneOf:
    """One of these words."""
    return OneOf(words)


def yes_no(node: Node) -> bool:
    """`yes` or `no`."""
    return one_of("yes", "no")(node) == "yes"


@dataclass(frozen=True)  # no slots: Python 3.11 cannot make a generic one
class Many(Generic[T]):
    """Reads one value or a list of them. Each member that does not fit is an error, at its own place."""

    read: Reader[T]

    def __call__(self, node: Node) -> tuple[T, ...]:
        """The values."""
        if not isinstance(node, Seq):
            return (self.read(node),)
        if not node.nodes:
            raise Bad("F05", "This list is empty.", next_step="Name what belongs here, or take the key out.")
        found, wrong = list[T](), list[Bad]()
        for one in node.nodes:
            try:
                found.append(member(self.read, one))
            except Bad as bad:
                wrong.append(bad)
        if wrong:
            wrong[0].others += tuple(wrong[1:])
            raise wrong[0]
        return tuple(found)


def many(read: Reader[T]) -> Many[T]:
    """One value or a list of them."""
    return Many(read)


def member(read: Reader[T], node: Node) -> T:
    """Read a part of a value, so that what is wrong with it is said at its own place."""
    try:
        return read(node)
    except Bad as bad:
        bad.place = bad.place or node.place
        raise
