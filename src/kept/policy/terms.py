"""What holds for a person: basis, choice, ceilings by cell. Where audiences differ, the stricter counts."""

from collections.abc import Iterable
from dataclasses import dataclass

from kept.policy.cells import Names, Possible
from kept.policy.compiled import Choice, Terms
from kept.policy.draft import Draft, Entry
from kept.policy.grammar import AT_MOST, BASIS, BASIS_CHOICE, CHOICE, CHOICES, KEEP
from kept.policy.times import Span
from kept.policy.values import Keep, Ref

CHOICE_OF = {word: Choice(index) for index, word in enumerate(CHOICES)}


@dataclass(frozen=True, slots=True)
class Stated:
    """Terms and who states them: an audience under `for`, or, with no name, the entry itself."""

    terms: Terms
    audience: str = ""


def terms_in(entry: Entry, cell: Possible) -> Terms:
    """The strictest terms of a purpose in any of the cell's audience sets."""
    return strictest(found for names in cell for found in stated_in(entry, names)).terms


def strictest(stated: Iterable[Stated]) -> Stated:
    """The strictest; among equals the same one whatever their order."""
    return max(stated, key=lambda one: (one.terms.choice, one.terms.basis))


def stated_in(entry: Entry, names: Names) -> list[Stated]:
    """All that is said of a purpose for people in exactly these audiences.

    The entry's own word counts where no audience has one; and beside a group's `for`, which may make a
    member stricter than what it says itself, never looser.
    """
    by_audience = [
        Stated(_terms(entry, differing), name)
        for name, differing in sorted(entry.differences().items())
        if name in names and _has_terms(differing)
    ]
    own_word = "for" not in entry.places and _has_terms(entry)
    if by_audience and not own_word:
        return by_audience
    return [Stated(_terms(entry, None)), *by_audience]


def _has_terms(entry: Entry) -> bool:
    return entry.own(BASIS) is not None or entry.own(CHOICE) is not None


def _terms(entry: Entry, differing: Entry | None) -> Terms:
    basis = (differing.own(BASIS) if differing else None) or entry.get(BASIS) or ""
    word = (differing.own(CHOICE) if differing else None) or _own_choice(entry) or BASIS_CHOICE[basis]
    return Terms(basis, CHOICE_OF[word])


def _own_choice(entry: Entry) -> str | None:
    """The choice beside the basis that counts: a member's own basis is not softened by its group's choice."""
    if entry.own(CHOICE) is None and entry.own(BASIS) is not None:
        return None
    return entry.get(CHOICE)


def ceilings_in(draft: Draft, entry: Entry, cell: Possible) -> tuple[Span, ...]:
    """Every ceiling that an item or event has in any of the cell's audience sets; the earliest counts."""
    found = {
        str(span): span
        for names in cell
        for keep in _keeps(entry, names)
        for span in ceilings_of(draft, keep)
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
    return by_audience if by_audience and not own_word else [*([own] if own else []), *by_audience]


def ceilings_of(draft: Draft, keep: Keep) -> list[Span]:
    """The spans of a keep, periods opened."""
    spans = []
    for ceiling in keep.at_most:
        if isinstance(ceiling, Ref):
            period = draft.below_retention("periods").get(ceiling.name)
            spans += [timed.span for timed in (period.get(AT_MOST) or () if period else ())]
        else:
            spans.append(ceiling.span)
    return spans
