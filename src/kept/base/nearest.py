"""The word that was likely meant. What is not near is not proposed: `money` is no misspelling of `phone`."""

from collections.abc import Iterable

from kept.base.names import snake


def nearest(word: str, valid: Iterable[str]) -> str:
    """The valid word that `word` is likely a misspelling of, or nothing.

    It is near if it is the same but for its ending or its spaces; if at most one letter in three is wrong, missing,
    added or swapped with its neighbour; or else if the one is made of whole words of the other (phone, phone_number).
    """
    known = sorted(set(valid))
    folded = snake(word)
    for candidate in known:
        if folded in {candidate, candidate.replace(" ", "_"), f"{candidate}s", candidate.removesuffix("s")}:
            return candidate
    lower = word.lower()
    near = [
        (_distance(lower, candidate.lower()), candidate) for candidate in known if _may_be(lower, candidate)
    ]
    close = [pair for pair in near if pair[0] <= max(len(lower), len(pair[1])) // 3]
    if close:
        return min(close)[1]
    parts = _parts(word)
    shared = [each for each in known if _within(parts, _parts(each))]
    return min(shared, key=lambda each: abs(len(each) - len(word)), default="")


def _may_be(word: str, candidate: str) -> bool:
    longest = max(len(word), len(candidate))
    return abs(len(word) - len(candidate)) <= longest // 3 and longest <= LONGEST


def _within(one: set[str], other: set[str]) -> bool:
    return bool(one and other) and (one <= other or other <= one)


def _parts(word: str) -> set[str]:
    return {part for part in snake(word).replace(".", "_").split("_") if len(part) > 2}


LONGEST = 128
"""Longer words are compared with none: comparing costs the square of their length."""


def _distance(one: str, other: str) -> int:
    """Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours."""
    before, row = list[int](), list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        earlier, before, row = before, row, [at]
        for place, beside in enumerate(other, 1):
            cost = min(row[-1] + 1, before[place] + 1, before[place - 1] + (letter != beside))
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == beside:
                cost = min(cost, earlier[place - 2] + 1)
            row.append(cost)
    return row[-1]
