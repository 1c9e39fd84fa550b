"""What holds for a person: basis, choice, ceilings by cell. Where audiences differ, the stricter counts."""

from collections.abc import Iterable
from dataclasses import dataclass

from kept.policy.cells import Names, Possible
from kept.policy.compiled import Choice, Terms
from kept.policy.draft import Draft, Entry
from kept.policy.grammar import (
    AT_MOST,
    BASIS,
    BASIS_CHOICE,
    CHOICE,
    CHOICES,
    KEEP,
)
from kept.policy.keys import Key
from kept.policy.times import Span
from kept.policy.values import Keep, Ref, Timed

CHOICE_OF = {word: Choice(index) for index, word in enumerate(CHOICES)}


@dataclass(frozen=True, slots=True)
class Stated:
    """A word and who says it: an audience under `for`, or, with no name, the entry itself."""

    word: str
    audience: str = ""


def terms_in(entry: Entry, cell: Possible) -> Terms:
    """The strictest terms of a purpose in any of the cell's audience sets."""
    return max((terms_for(entry, names) for names in cell), key=lambda terms: (terms.choice, terms.basis))


def terms_for(entry: Entry, names: Names) -> Terms:
    """A purpose's terms for people in exactly these audiences: the strictest basis, and the strictest choice.

    The choice is never weaker than the basis demands.
    """
    bases = (one.word for one in stated(entry, BASIS, names))
    basis = max(bases, key=lambda word: (CHOICE_OF[BASIS_CHOICE[word]], word))
    choices = [BASIS_CHOICE[basis], *(one.word for one in stated(entry, CHOICE, names))]
    return Terms(basis, max(CHOICE_OF[word] for word in choices))


def stated(entry: Entry, key: Key[str], names: Names) -> list[Stated]:
    """All that is said of one key for people in exactly these audiences.

    The entry's own word counts where no audience has one; and beside a group's `for`, which may make a
    member stricter than what it says itself, never looser.
    """
    by_audience = [
        Stated(word, name)
        for name, differing in sorted(entry.differences().items())
        if name in names and (word := differing.own(key)) is not None
    ]
    own = entry.get(key)
    alone = [Stated(own)] if own is not None else []
    own_word = "for" not in entry.places and entry.own(key) is not None
    return [*alone, *by_audience] if own_word or not by_audience else by_audience


def ceilings_in(draft: Draft, entry: Entry, cell: Possible) -> tuple[Span, ...]:
    """Every ceiling that an item or event has in any of the cell's audience sets; the earliest counts."""
    found = {
        str(span): span
        for names in cell
        for keep in _keeps(entry, names)
        for span in ceilings_of(draft, keep.at_most)
    }
    return tuple(found[text] for text in sorted(found))


def _keeps(entry: Entry, names: Names) -> list[Keep]:
    by_audience = [
        keep
        for name, differing in sorted(entry.differences().items())
        if name in names and (keep := differing.own(KEEP)) is not None
    ]
    own = entry.get(KEEP)
    own_word = "for" not in entry.places and entry.own(KEEP) is not None
    return [*([own] if own else []), *by_audience] if own_word or not by_audience else by_audience


def ceilings_of(draft: Draft, ceilings: Iterable[Timed | Ref]) -> list[Span]:
    """The spans of a keep, periods opened."""
    spans = []
    for ceiling in ceilings:
        if isinstance(ceiling, Ref):
            period = draft.below_retention("periods").get(ceiling.name)
            spans += [timed.span for timed in (period.get(AT_MOST) or () if period else ())]
        else:
            spans.append(ceiling.span)
    return spans
