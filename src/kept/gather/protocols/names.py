"""One rule for the names of other clients: they are compared in lower snake_case, as the policy writes its own."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from kept.base.names import snake as snake_case

LONGEST = 128
"""No name of a policy is longer than 40 characters; what is longer than this is not looked at further."""


def snake(name: str) -> str:
    """`Order Completed`, `orderCompleted` and `order-completed` are order_completed. Of what no letter is left of, the
    beginning stands as it came."""
    return _snake(name[:LONGEST])


@lru_cache(maxsize=4_096)
def _snake(name: str) -> str:
    return snake_case(name) or name


def renamed(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties under the names by which the policy knows them.

    Where two come to the same name, the first has it; the other keeps its own, which no policy declares, and so it
    is refused where everyone can see it.
    """
    found: dict[str, Any] = {}
    for name, value in properties.items():
        short = snake(name)
        found[name if short in found else short] = value
    return found
