"""What was worked out for an address is remembered, as far as that cannot be used to fill the memory."""

from collections.abc import Callable
from functools import lru_cache
from typing import Concatenate, ParamSpec, TypeVar, cast

ADDRESSES = 4_096
"""A site's visitors look at the same pages, over and over."""
LENGTH = 512
"""Longer addresses are read anew each time: anyone can invent them."""

Rest = ParamSpec("Rest")
Found = TypeVar("Found")


def remembered(find: Callable[Concatenate[str, Rest], Found]) -> Callable[Concatenate[str, Rest], Found]:
    """The same function, which answers for the latest `ADDRESSES` short addresses from memory."""
    kept = cast(Callable[Concatenate[str, Rest], Found], lru_cache(maxsize=ADDRESSES)(find))

    def of(address: str, /, *rest: Rest.args, **named: Rest.kwargs) -> Found:
        return (kept if len(address) <= LENGTH else find)(address, *rest, **named)

    return of
