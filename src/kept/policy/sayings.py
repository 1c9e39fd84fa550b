"""Absolute words in `says` bind like facts: each needs a fact that bears it out (V05)."""

import re
from collections.abc import Iterator

from kept.policy.draft import Draft, Entry
from kept.policy.grammar import BASIS, CHOICE, FORM
from kept.policy.grammar_more import NEVER_ITEMS, NEVER_PURPOSES, TO
from kept.policy.keys import SAYS
from kept.policy.problems import Problems
from kept.policy.selections import Selections

ABSOLUTE = re.compile(
    r"\b(never|always|only|anonymous(?:ly)?|anonymi[sz]ed|nobody|no one|guarantees?d?|completely|entirely)\b",
    re.IGNORECASE,
)


def check_sayings(draft: Draft, problems: Problems) -> None:
    """Note every absolute word that no declared fact bears out."""
    for entry in _speaking(draft):
        says = entry.own(SAYS)
        for word in ABSOLUTE.findall(says) if says else ():
            if not borne(word.lower(), entry, draft):
                problems.error(
                    "V05",
                    entry.at(SAYS),
                    f"“{word}” in what `{entry.name}` says is absolute, and no fact bears it out.",
                    why="What `says` promises binds like a fact.",
                    next_step="Say what is done, without the absolute word; or make it a rule under `never`.",
                )


def _speaking(draft: Draft) -> Iterator[Entry]:
    yield draft.company
    yield from draft.declared()


def borne(word: str, entry: Entry, draft: Draft) -> bool:
    """Whether a fact of the entry bears the word.

    `never`: a rule says so, or some audience is never asked. `only`: it leaves as figures, or only after a yes.
    """
    if word == "never":
        asked = {entry.get(CHOICE), *(one.own(CHOICE) for one in entry.differences().values())}
        return "never" in asked or _ruled(entry, draft)
    if word == "only":
        return entry.get(FORM) == "aggregate" or entry.get(BASIS) in {"consent", "signed authorisation"}
    return False


def _ruled(entry: Entry, draft: Draft) -> bool:
    """Whether a rule of `never` speaks of the entry: it is one, it names the entry, or it covers it."""
    rules, selections = draft.section("never"), Selections(draft)
    if entry in rules.values():
        return True
    named = {
        ref.name for rule in rules.values() for key in (NEVER_PURPOSES, TO) for ref in rule.own(key) or ()
    }
    covered = (selections.open(rule.own(NEVER_ITEMS) or (), whole=True).names for rule in rules.values())
    return entry.name in named or any(entry.name in names for names in covered)
