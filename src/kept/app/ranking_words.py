"""What the ranking process is asked, and what it tells. The public process knows these, and loads no engine."""

import msgspec

from kept.rank import Order, WhyGeneral


class RankAsked(msgspec.Struct, frozen=True):
    """For whom, of what, how many. With an account, its own profile ranks too."""

    workspace: int
    kind: str
    subjects: list[int]
    yes: int
    no: int
    residence: str | None = None
    signal: bool = False
    profile: dict[str, str] = {}
    account: str = ""
    most: int = 10


class RankTold(msgspec.Struct, frozen=True):
    """The ranking, and in what order it is. Each thing is its id, what was viewed, which item of the profile."""

    order: str
    things: list[tuple[str, str, str]]
    why: str = ""
    clause: str = ""


NOT_NOW = RankTold(Order.GENERAL.value, [], WhyGeneral.NOT_NOW.value)
"""When no ranking can be had."""
