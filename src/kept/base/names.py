"""Names whose form more than one room must know, each in one place."""

import re

VERSION = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}\Z"
"""A version of the policy. People cite it and the ledger keeps it, so it is short and no free text."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^0-9a-z]+")


def snake(name: str) -> str:
    """`Order Completed`, `orderCompleted` and `order-completed` are order_completed; empty where no letter is left."""
    return _OTHER.sub("_", _HUMP.sub("_", name).lower()).strip("_")
