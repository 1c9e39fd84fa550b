"""What the cookie kept_choice carries to the collector: the noes of a browser that the house has no id for.

Whoever says no gets no id, so their no stands nowhere but in their browser (`pages.cookies`). A request that
carries it brings its own refusal along, and it counts: also in a tab that was open before, and for senders
that do not ask first.
"""

import re

from kept.base.ids import MASK_63

CHOICE = b"kept_choice"
_NOES = re.compile(rb"(?:^|;)\s*kept_choice=1\.[0-9]{1,11}\.[0-9a-f]{1,16}\.([0-9a-f]{1,16})\s*(?=;|$)")


def is_ours(visitor: str) -> bool:
    """Whether an id looks like those that the pages give (`pages.cookies`): it stands for a yes or for nobody."""
    return visitor.startswith("kv_")


def noes_of(cookies: bytes | None) -> int:
    """The bits of purposes with a no in a Cookie header; 0 when there is none that can be read."""
    if cookies is None or CHOICE not in cookies:
        return 0
    noes = 0
    for found in _NOES.finditer(cookies):  # of several, each no counts
        noes |= int(found[1], 16)
    return noes & MASK_63
