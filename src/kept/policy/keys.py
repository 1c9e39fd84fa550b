"""What the grammar is made of: keys, the shapes of entries, sections. `grammar` fills the tables."""

from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from kept.policy.compiled_rest import Named
from kept.policy.words import Reader, sentence, text

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, eq=False)  # no slots: Python 3.11 cannot make a generic one
class Key(Generic[T_co]):
    """A key and how its value is read. `missing`: the code when it is required; `differs`: under `for`.

    `to`: the sections in which the names that it holds are declared; `words`: what may stand there besides.
    `length`: it is a plain length of time, and this is how a sentence about it begins.
    """

    name: str
    read: Reader[T_co]
    missing: str = ""
    differs: bool = False
    to: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    length: str = ""
    fact: str = ""  # the field that holds it in the compiled entry, where that is not the key's own name

    @property
    def field(self) -> str:
        """The field of the compiled entry that holds it."""
        return self.fact or self.name.replace(" ", "_").replace("-", "_")


@dataclass(frozen=True, slots=True)
class Shape:
    """An entry's keys. `groups`: it may be a group with `items`; `sections`: named entries below a key;
    `common`: whether it may have words of its own (`says`, `called`, `assumed`); `worded`: one sentence may
    stand for the whole entry, as its `says`. Where a key differs, there may be a `for`."""

    keys: tuple[Key[object], ...]
    groups: bool = False
    sections: dict[str, "Shape"] = field(default_factory=dict)
    common: bool = True
    worded: bool = False

    @property
    def differs(self) -> bool:
        """Whether an audience may be told apart here."""
        return any(key.differs for key in self.keys)

    @property
    def names(self) -> tuple[str, ...]:
        """Every key that may stand in an entry of this shape."""
        own = (*(key.name for key in self.keys), *self.sections)
        own = (*own, "says", "called", "assumed") if self.common else own
        own = (*own, "items") if self.groups else own
        return (*own, "for") if self.common and self.differs else own

    def key(self, name: str) -> Key[object] | None:
        """The key of that name."""
        return next((key for key in (*self.keys, *COMMON) if key.name == name), None)


EMPTY = Shape(())
SAYS = Key[str]("says", sentence)
CALLED = Key[str]("called", text)
COMMON: tuple[Key[object], ...] = (SAYS, CALLED)


@dataclass(frozen=True, slots=True)
class Section:
    """A section: a text, one entry, or names with an entry each. `made`: what an entry compiles to, where
    the grammar alone says how. `also`: names of the language that may stand there beside the company's."""

    kind: Literal["text", "entry", "names"]
    shape: Shape = EMPTY
    read: Reader[str] = text
    required: bool = False
    made: type[Named] | None = None
    also: frozenset[str] = frozenset()
