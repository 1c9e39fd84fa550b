"""Absolute words in `says` bind like facts: each needs a fact that bears it out (V05)."""

import re
from collections.abc import Iterator

from kept.policy.draft import Draft, Entry
from kept.policy.grammar import BASIS, CHOICE, FORM, SAYS
from kept.policy.problems import Problems

ABSOLUTE = re.compile(
    r"\b(never|always|only|anonymous(?:ly)?|anonymi[sz]ed|nobody|no one|guarantees?d?|completely|entirely)\b",
    re.IGNORECASE,
)


def check_sayings(draft: Draft, problems: Problems) -> None:
    """Note every absolute word that no declared fact bears out."""
    for entry in _speaking(draft):
        says = entry.own(SAYS)
        for word in ABSOLUTE.findall(says) if says else ():
            if not _borne(word.lower(), entry):
                problems.error(
                    "V05",
                    entry.at(SAYS),
                    f"“{word}” in what `{entry.name}` says is absolute, and no fact bears it out.",
                    why="What `says` promises binds like a fact. (`never` rules are not read yet.)",
                    next_step="Say what is done, without the absolute word.",
                )


def _speaking(draft: Draft) -> Iterator[Entry]:
    yield draft.company
    yield from draft.declared()


def _borne(word: str, entry: Entry) -> bool:
    """`never`: some audience is never asked. `only`: it leaves as figures, or only after a yes."""
    if word == "never":
        return "never" in {entry.get(CHOICE), *(one.own(CHOICE) for one in entry.differences().values())}
    if word == "only":
        return entry.get(FORM) == "aggregate" or entry.get(BASIS) in {"consent", "signed authorisation"}
    return False
