"""Plain facts: places, languages, dates, ages, numbers, addresses."""

import re
from dataclasses import dataclass
from datetime import date

from kept.policy.cells import OLDEST
from kept.policy.nodes import Node
from kept.policy.places import GROUPS, country_of, is_place, nearest_place
from kept.policy.problems import listed
from kept.policy.words import Bad, text

_AGE = re.compile(r"under (?P<under>\d{1,3})|(?P<low>\d{1,3}) to (?P<high>\d{1,3})|(?P<over>\d{1,3}) or over")


def code(node: Node) -> str:
    """A place: US, US-CA, or a group such as EEA."""
    found = text(node)
    if not is_place(found):
        valid = f"ISO 3166 codes such as US or US-CA, and {listed(sorted(GROUPS))}"
        raise Bad(
            "F06", f"`{found}` is no code of a place.", found=found, valid=valid, nearest=nearest_place(found)
        )
    return found


def country(node: Node) -> str:
    """One country: US."""
    found = code(node)
    if found in GROUPS or "-" in found:
        raise Bad("F06", f"`{found}` is not one country.", found=found, valid="an ISO 3166 code such as US")
    return found


def whole_country(node: Node) -> str:
    """A country, or a group of them; a visit that is counted tells no region."""
    found = code(node)
    if "-" in found:
        raise Bad("F06", f"`{found}` is a part of a country.", found=found, valid="whole countries, or `EEA`")
    return found


def language(node: Node) -> str:
    """A language tag such as en or pt-BR (RFC 5646, its simple forms)."""
    found = text(node)
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2}|-[A-Z][a-z]{3})?", found):
        raise Bad(
            "F06", f"`{found}` is no code of a language.", found=found, valid="codes such as `en` or `pt-BR`"
        )
    return found


def day(node: Node) -> str:
    """A date: 2026-11-01."""
    found = text(node)
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", found):
            raise ValueError
        return date.fromisoformat(found).isoformat()
    except ValueError:
        raise Bad("F06", f"`{found}` is no date.", found=found, valid="a date such as `2026-11-01`") from None


@dataclass(frozen=True, slots=True)
class Within:
    """Reads a whole number within limits."""

    low: int
    high: int

    def __call__(self, node: Node) -> int:
        """The number."""
        found = text(node)
        if not (
            found.isascii() and found.isdigit() and len(found) < 9 and self.low <= int(found) <= self.high
        ):
            raise Bad(
                "F06",
                f"`{found}` does not fit here.",
                found=found,
                valid=f"a whole number, {self.low} to {self.high}",
            )
        return int(found)


def number(low: int, high: int) -> Within:
    """A whole number within limits."""
    return Within(low, high)


def web_address(node: Node) -> str:
    """Where a site stands: https://example.com."""
    found = text(node)
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s]*)?", found):
        raise Bad(
            "F06",
            f"`{found}` is no web address.",
            found=found,
            valid="an address such as `https://example.com`",
        )
    return found


def mail_address(node: Node) -> str:
    """Where mail is read."""
    found = text(node)
    if not re.fullmatch(r"[^\s@]+@[^\s@]+", found):
        raise Bad("F06", "This is no mail address.", valid="an address such as `privacy@example.com`")
    return found


def path(node: Node) -> str:
    """A path on the company's site: /privacy."""
    found = text(node)
    if not re.fullmatch(r"/[A-Za-z0-9/_.-]*", found):
        raise Bad("F06", f"`{found}` is no path.", found=found, valid="a path such as `/privacy`")
    return found


def ages(node: Node) -> tuple[int, int]:
    """An age: `under 16`, `13 to 15`, `18 or over`; as first and last year of life."""
    found = _AGE.fullmatch(text(node))
    if found is None:
        raise Bad(
            "F06",
            f"`{text(node)}` is no age.",
            found=text(node),
            valid="`under 16`, `13 to 15`, `18 or over`",
        )
    low = int(found["over"] or found["low"] or 0)
    high = int(found["high"] or OLDEST) if not found["under"] else int(found["under"]) - 1
    if not low <= high <= OLDEST:
        raise Bad("F06", f"Nobody is `{text(node)}`.", found=text(node), valid=f"ages up to {OLDEST}")
    return low, high


def age_reached(node: Node) -> int:
    """An age at which something ends: `age 16`."""
    found = re.fullmatch(r"age (\d{1,3})", text(node))
    if found is None or not 0 < int(found[1]) <= OLDEST:
        raise Bad("F06", f"`{text(node)}` is no age.", found=text(node), valid="an age such as `age 16`")
    return int(found[1])


def origin(node: Node) -> str:
    """Where pages come from, without a path: https://example.com."""
    found = text(node)
    if not re.fullmatch(r"https?://[^\s/?#]+", found):
        raise Bad(
            "F06", f"`{found}` is no origin.", found=found, valid="an origin such as `https://example.com`"
        )
    return found


def destination(node: Node) -> str:
    """Where data goes: a country, a group of them, or `everywhere`."""
    return "everywhere" if text(node) == "everywhere" else _whole(node, ", `everywhere`")


def _whole(node: Node, more: str) -> str:
    found = text(node)
    if not is_place(found) or "-" in found:
        valid = f"whole countries by ISO 3166 codes, {listed(sorted(GROUPS))}{more}"
        better = country_of(nearest_place(found))
        raise Bad("F06", f"`{found}` is no country.", found=found, valid=valid, nearest=better)
    return found


def place_or_not(node: Node) -> str:
    """A country or a group of them, or all but it: `not EEA`."""
    found = text(node)
    bare = found.removeprefix("not ")
    if not is_place(bare) or "-" in bare:
        valid = f"whole countries by ISO 3166 codes, {listed(sorted(GROUPS))}, `not EEA`"
        better = country_of(nearest_place(bare))
        raise Bad("F06", f"`{found}` is no country.", found=found, valid=valid, nearest=better)
    return found
