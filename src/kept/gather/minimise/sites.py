"""What kind of site a host is: a search, a social network, mail, advertising, or another. From a list (`gather/lists`).

A host that the list does not name is what the domain above it is: "de.search.example" what "search.example" is.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

LIST = Path(__file__).parents[1] / "lists" / "referrers.json"
OTHER_SITE = "other site"
_CLASSES = {"search": "search", "social": "social", "email": "mail", "paid": "advertising"}


def class_of_site(host: str) -> str:
    """search, social, mail, advertising or other site, of a host in lower case."""
    known, rest = _known(), host
    while "." in rest:
        found = known.get(rest)
        if found is not None:
            return found
        rest = rest.partition(".")[2]
    return OTHER_SITE


@lru_cache(maxsize=1)
def _known() -> Mapping[str, str]:
    """By host. What the list says of single paths is left out: of a referrer no path is looked at."""
    told = msgspec.json.decode(LIST.read_bytes(), type=dict[str, dict[str, str]])
    return {
        host.removeprefix("www."): _CLASSES.get(said["medium"], OTHER_SITE)
        for host, said in told.items()
        if "/" not in host
    }
