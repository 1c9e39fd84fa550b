"""Small maps: of facts, by country, by right; and what stands for a change."""

from dataclasses import dataclass

from kept.base.nearest import nearest
from kept.policy.nodes import Map, Node
from kept.policy.places import COUNTRIES
from kept.policy.problems import listed
from kept.policy.times import Span, parse_span
from kept.policy.values import Timed, timed
from kept.policy.words import Bad, many, member, one_of, sentence, text

EVERYWHERE = "everywhere"


@dataclass(frozen=True, slots=True)
class FactsOf:
    """Reads a small map of texts, such as a signed authorisation; every key is required."""

    keys: tuple[str, ...]

    def __call__(self, node: Node) -> dict[str, str]:
        """The texts by key; several in one joined by commas."""
        if not isinstance(node, Map):
            raise Bad("F06", "A map is expected here.", valid=listed(self.keys))
        for key, place in node.keys.items():
            if key not in self.keys:
                raise Bad(
                    "F04",
                    f"`{key}` does not belong here.",
                    place,
                    valid=listed(self.keys),
                    nearest=nearest(key, self.keys),
                )
        for key in self.keys:
            if key not in node.nodes:
                raise Bad("F08", f"`{key}` is missing here.")
        return {key: member(text_or_list, one) for key, one in node.nodes.items()}


def facts_of(*keys: str) -> FactsOf:
    """A small map of these texts."""
    return FactsOf(keys)


def text_or_list(node: Node) -> str:
    """One text, or several joined by commas."""
    return ", ".join(many(text)(node))


@dataclass(frozen=True, slots=True)
class ByCountry:
    """Reads a map from countries to one of these words."""

    words: tuple[str, ...]

    def __call__(self, node: Node) -> dict[str, str]:
        """The words by country; `everywhere` may stand for one."""
        if not isinstance(node, Map):
            raise Bad(
                "F06",
                "A map from countries is expected here.",
                valid=f"a map from countries to {listed(self.words)}",
            )
        for name, place in node.keys.items():
            if name not in COUNTRIES and name != EVERYWHERE:
                raise Bad("F06", f"`{name}` is not one country.", place, valid="ISO 3166 codes such as US")
        return {name: member(one_of(*self.words), one) for name, one in node.nodes.items()}


def by_country(*words: str) -> ByCountry:
    """A map from countries to one of these words."""
    return ByCountry(words)


@dataclass(frozen=True, slots=True)
class ListedBy:
    """Reads a map from these words to sentences, or one sentence that holds for all of them."""

    whole: str
    words: tuple[str, ...]

    def __call__(self, node: Node) -> dict[str, str]:
        """The sentences by word; one for all of them stands under `whole`."""
        if not isinstance(node, Map):
            return {self.whole: sentence(node)}
        for name, place in node.keys.items():
            if name not in self.words:
                raise Bad(
                    "F04",
                    f"`{name}` does not belong here.",
                    place,
                    valid=listed(self.words),
                    nearest=nearest(name, self.words),
                )
        return {name: member(sentence, one) for name, one in node.nodes.items()}


def listed_by(whole: str, *words: str) -> ListedBy:
    """A map from these words to sentences, or one sentence for all of them."""
    return ListedBy(whole, words)


Change = dict[str, Timed | str]


def change(node: Node) -> Change:
    """How a change comes: how long before people are told, and what say they have."""
    valid = ("notice", "choice")
    if not isinstance(node, Map):
        raise Bad("F06", "A map is expected here.", valid="`{notice: 30 days, choice: opt out}`")
    for name, place in node.keys.items():
        if name not in valid:
            raise Bad(
                "F04",
                f"`{name}` does not belong here.",
                place,
                valid=listed(valid),
                nearest=nearest(name, valid),
            )
    if "notice" not in node.nodes:
        raise Bad("F08", "`notice` is missing here.")
    found: Change = {"notice": member(_length, node.nodes["notice"])}
    if "choice" in node.nodes:
        found["choice"] = member(one_of("none", "objection", "opt out", "opt in"), node.nodes["choice"])
    return found


def _length(node: Node) -> Timed:
    found = timed(node)
    if not found.span.plain:
        raise Bad(
            "D01", "How long before, in a plain length of time.", found=str(found.span), valid="`30 days`"
        )
    return found


@dataclass(frozen=True, slots=True)
class Forbidden:
    """What a rule of `never` forbids; `keep beyond` with the time."""

    act: str
    beyond: Timed | None = None


@dataclass(frozen=True, slots=True)
class Forbidding:
    """Reads one of these words, or `keep beyond` and a time."""

    words: tuple[str, ...]

    def __call__(self, node: Node) -> Forbidden:
        """The word, and the time."""
        found = text(node)
        if found.startswith(KEEP_BEYOND):
            return Forbidden(KEEP_BEYOND.strip(), self._beyond(found, node))
        if found not in self.words:
            raise Bad(
                "F06",
                f"`{found}` is nothing that a rule forbids.",
                found=found,
                valid=f"{listed(self.words)}, `keep beyond 2 years`",
                nearest=nearest(found, self.words),
            )
        return Forbidden(found)

    def _beyond(self, found: str, node: Node) -> Timed:
        try:
            span = parse_span(found.removeprefix(KEEP_BEYOND))
        except ValueError:
            span = Span(0, until=True)
        if not span.plain:
            raise Bad(
                "D01", f"`{found}` names no plain length of time.", found=found, valid="`keep beyond 2 years`"
            )
        return Timed(span, node.place)


KEEP_BEYOND = "keep beyond "


def forbidden(*words: str) -> Forbidding:
    """One of these words, or `keep beyond` and a time."""
    return Forbidding(words)
