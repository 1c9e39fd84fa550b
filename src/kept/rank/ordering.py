"""The order of what is on offer: one person's own, by the words of what they looked at; or everyone's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kept.rank.model import Because, Offer, Thing

Like = Callable[[str, int], Sequence[tuple[int, float]]]
"""Takes words and how many to find; gives places in the list of offers, each with its likeness from 0 to 1."""

HISTORY = 20
"""So many of the things last looked at count; each counts four fifths of the one after it."""
FADES = 0.8
ALIKE = 300
PROFILE_WEIGHT = 0.5
FEWEST_PEOPLE = 5
"""A thing that fewer looked at counts as looked at by nobody, so that no order tells of a few."""


@dataclass(frozen=True)
class Orders:
    """What is on offer, the newest first, and how alike it is."""

    offers: Sequence[Offer]
    like: Like

    def own(self, history: Sequence[str], profile: Mapping[str, str], most: int) -> list[Thing]:
        """The best things for someone who looked at `history`, the last one first; none where nothing is known.

        What they looked at is not shown again. The reason is what gave a thing most of its score.
        """
        words = {each.id: each.words for each in self.offers}
        viewed = [
            (Because(viewed=id), words[id], FADES**place)
            for place, id in enumerate(history[:HISTORY])
            if id in words
        ]
        told = [(Because(profile=name), text, PROFILE_WEIGHT) for name, text in profile.items()]
        shares = self._shares([*viewed, *told])
        seen = set(history)
        found = [
            (sum(share.values()), place, max(share, key=lambda why: share[why]))
            for place, share in shares.items()
            if self.offers[place].open and self.offers[place].id not in seen
        ]
        found.sort(key=lambda each: (-each[0], each[1]))
        return [Thing(self.offers[place].id, why) for _, place, why in found[:most]]

    def general(self, people: Mapping[str, int], most: int) -> list[Thing]:
        """Everyone's order: what most people looked at, then the newest. `people` counts them by thing."""
        known = {id: count for id, count in people.items() if count >= FEWEST_PEOPLE}
        on_offer = [each for each in self.offers if each.open]
        on_offer.sort(key=lambda each: -known.get(each.id, 0))
        return [Thing(each.id) for each in on_offer[:most]]

    def _shares(self, sources: Sequence[tuple[Because, str, float]]) -> dict[int, dict[Because, float]]:
        """For each place what each source gives it."""
        shares: dict[int, dict[Because, float]] = {}
        for because, words, weight in sources:
            for place, likeness in self.like(words, ALIKE):
                share = shares.setdefault(place, {})
                share[because] = share.get(because, 0.0) + weight * likeness
        return shares
