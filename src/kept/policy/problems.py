"""What is wrong with a policy file, said so that a person can mend it: what, where, what is valid."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]

CODES = {
    "F01": "not YAML 1.2, or a part of it that is not allowed here",
    "F03": "no such section",
    "F04": "no such key",
    "F05": "a key without a value",
    "F06": "a value that does not fit",
    "F08": "a key that is missing",
    "F09": "a comment that cuts a sentence",
    "N01": "not a name",
    "N02": "a name used twice",
    "N03": "an address that is not free",
    "N04": "a text that a notice in another language lacks",
    "R01": "no such item",
    "R02": "sent by a source that it does not come from",
    "R03": "`not` takes nothing out",
    "R04": "no such name",
    "D01": "not a time",
    "D02": "no such moment",
    "A01": "audiences that clash",
    "K01": "nothing says how long it is kept",
    "K02": "a ceiling that may never come",
    "K03": "nothing says where it comes from",
    "K04": "no purpose uses it",
    "U01": "a purpose that uses nothing",
    "U02": "a choice weaker than its basis",
    "U03": "names people where nobody is to be named",
    "U04": "required, yet put to choice",
    "U05": "more purposes than there are bits",
    "U06": "works with what its purpose does not use",
    "S01": "gets more than its purposes use",
    "S02": "nothing protects it abroad",
    "S03": "an agreement that has lapsed",
    "V01": "breaks a `never`",
    "V02": "breaks a `never` by inference",
    "V03": "a list of all that there are today",
    "V04": "seen by whom it is hidden from",
    "V05": "an absolute word that no fact bears out",
    "L01": "no balance",
    "L02": "no basis in law",
    "L03": "a cookie without the consent that it needs",
    "L06": "no condition for a special category",
    "L08": "a decision that weighs on people without what the law asks",
    "L10": "a fact that a notice must give",
    "E01": "declared, not yet enforced",
    "E02": "a purpose that never sees an event",
}
"""Every code and what it is about. A code never changes its meaning."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file something stands: line and column from 1, and the path of keys that leads there."""

    line: int
    column: int
    path: str

    def at(self, key: str) -> str:
        """The path of a key below this place."""
        return f"{self.path}.{key}" if self.path else key


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, or, as a warning, one thing to know."""

    code: str
    file: str
    line: int
    column: int
    path: str
    what: str
    found: str = ""
    valid: str = ""
    nearest: str = ""
    why: str = ""
    next_step: str = ""
    level: Level = "error"
    stops: bool = False  # a warning that is an error as soon as the version is to come into force

    def __str__(self) -> str:
        warning = "warning: " if self.level == "warning" else ""
        head = f"{self.file}:{self.line}:{self.column}: {self.code} {warning}{self.what}"
        return "\n    ".join([head, *self._more()])

    def _more(self) -> Iterable[str]:
        yield f"Where: {self.path}." if self.path else "Where: at the top of the file."
        if self.why:
            yield f"Why: {self.why}"
        if self.nearest:
            yield f"Did you mean `{self.nearest}`?"
        if self.valid:
            yield f"Valid here: {self.valid}."
        if self.next_step:
            yield f"Next: {self.next_step}"


class Problems:
    """Collects what is found in one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []
        self._noted: set[Problem] = set()

    def error(self, code: str, at: Place, what: str, **more: str) -> None:
        """Note an error; `more` is any of found, valid, nearest, why, next_step."""
        self._add("error", code, at, what, more)

    def warn(self, code: str, at: Place, what: str, *, stops: bool = False, **more: str) -> None:
        """Note what is allowed but should be known. `stops`: it keeps the version from coming into force."""
        self._add("warning", code, at, what, more, stops=stops)

    def _add(
        self, level: Level, code: str, at: Place, what: str, more: dict[str, str], *, stops: bool = False
    ) -> None:
        problem = Problem(
            code, self.file, at.line, at.column, at.path, what, level=level, stops=stops, **more
        )
        if problem not in self._noted:
            self._noted.add(problem)
            self.found.append(problem)

    @property
    def errors(self) -> int:
        """How many errors there are so far."""
        return sum(problem.level == "error" for problem in self.found)

    def sorted(self) -> tuple[Problem, ...]:
        """All of them in the order of the file."""
        return tuple(sorted(self.found, key=lambda problem: (problem.line, problem.column, problem.code)))


class Once:
    """Notes a problem once a place: what a group states, each of its members would repeat."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._seen: set[tuple[str, Place]] = set()

    def error(self, code: str, at: Place, what: str, **more: str) -> None:
        """As `Problems.error`, unless the same code was noted there."""
        if (code, at) not in self._seen:
            self._seen.add((code, at))
            self._problems.error(code, at, what, **more)


def listed(words: Iterable[str], most: int = 12) -> str:
    """Words as a list for a message, cut after `most`."""
    every = [f"`{word}`" for word in words]
    more = len(every) - most
    return ", ".join(every[:most]) + (f" and {more} more" if more > 0 else "")
