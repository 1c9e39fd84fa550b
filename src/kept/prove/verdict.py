"""What became of each promise, and the line of evidence for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from kept.prove.promises import PROMISES, Promise


class State(Enum):
    """A promise's state: the word, and the mark that goes before it."""

    KEPT = ("kept", "●")
    BROKEN = ("broken", "✕")
    NOT_BUILT = ("not built", "○")

    @property
    def word(self) -> str:
        """As pages and JSON write it."""
        return self.value[0]

    @property
    def mark(self) -> str:
        """As the table shows it."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it holds, and what was seen. Never anything about a real person."""

    holds: bool
    says: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A promise with its state and everything that was found."""

    promise: Promise
    state: State
    findings: tuple[Finding, ...]
    there: str = ""
    """What stands already of a promise that is not built."""

    @property
    def evidence(self) -> str:
        """One line: what is wrong, if anything is; else what was seen."""
        if self.state is State.NOT_BUILT:
            return self.there or "no check looks at it"
        wrong = [finding.says for finding in self.findings if not finding.holds]
        return "; ".join(wrong or [finding.says for finding in self.findings])


THERE: Mapping[str, str] = {
    "S2": "the stricter of two laws counts in choices; deadlines do not run yet",
    "S4": "Global Privacy Control is honoured (see G2); the rest of California's rights is not built",
    "P1": "events stand under pseudonyms, evidence under a key per person; roles are not built",
    "P3": "what is past its ceiling is not read; nothing is deleted by itself yet",
    "M1": "versions are numbered, in the ledger, posted with their differences; no plan is made before",
}
"""Parts of promises that stand without the whole: said, and not called kept."""


def verdicts(found: Mapping[str, Sequence[Finding]]) -> list[Verdict]:
    """Every promise, in the order of the table. One without any finding is not built."""
    return [_verdict(promise, tuple(found.get(promise.id, ()))) for promise in PROMISES]


def plain(verdict: Verdict) -> dict[str, object]:
    """A verdict for machines."""
    return {
        "id": verdict.promise.id,
        "section": verdict.promise.section,
        "says": verdict.promise.says,
        "state": verdict.state.word,
        "evidence": verdict.evidence,
        "findings": [{"holds": finding.holds, "says": finding.says} for finding in verdict.findings],
    }


def _verdict(promise: Promise, findings: tuple[Finding, ...]) -> Verdict:
    if not findings:
        return Verdict(promise, State.NOT_BUILT, (), THERE.get(promise.id, ""))
    whole = all(finding.holds for finding in findings)
    return Verdict(promise, State.KEPT if whole else State.BROKEN, findings)
