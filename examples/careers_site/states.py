"""The states of the US, and where each stands on a map of dots: a grid of eleven columns and eight rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

_ROWS = (
    "AK .. .. .. .. .. .. .. .. .. ME",
    ".. .. .. .. .. .. .. .. .. VT NH",
    "WA ID MT ND MN IL WI MI NY RI MA",
    "OR NV WY SD IA IN OH PA NJ CT ..",
    "CA UT CO NE MO KY WV VA MD DE ..",
    ".. AZ NM KS AR TN NC SC DC .. ..",
    ".. .. .. OK LA MS AL GA .. .. ..",
    "HI .. .. TX .. .. .. .. FL .. ..",
)

_NAMES = """
AL Alabama; AK Alaska; AZ Arizona; AR Arkansas; CA California
CO Colorado; CT Connecticut; DE Delaware; DC District of Columbia; FL Florida
GA Georgia; HI Hawaii; ID Idaho; IL Illinois; IN Indiana
IA Iowa; KS Kansas; KY Kentucky; LA Louisiana; ME Maine
MD Maryland; MA Massachusetts; MI Michigan; MN Minnesota; MS Mississippi
MO Missouri; MT Montana; NE Nebraska; NV Nevada; NH New Hampshire
NJ New Jersey; NM New Mexico; NY New York; NC North Carolina; ND North Dakota
OH Ohio; OK Oklahoma; OR Oregon; PA Pennsylvania; RI Rhode Island
SC South Carolina; SD South Dakota; TN Tennessee; TX Texas; UT Utah
VT Vermont; VA Virginia; WA Washington; WV West Virginia; WI Wisconsin
WY Wyoming
"""
NAMES = {part.strip()[:2]: part.strip()[3:] for part in _NAMES.replace("\n", ";").split(";") if part.strip()}


@dataclass(frozen=True, slots=True)
class Dot:
    """One state on the map: its middle in tenths of a column, and a radius whose area grows with its jobs."""

    state: str
    x: int
    y: int
    radius: float
    jobs: int


def dots(by_state: Mapping[str, int]) -> list[Dot]:
    """A dot for each state; those without a job are small and faint."""
    most = max(by_state.values(), default=1)
    cells = (
        (code, x, y) for y, row in enumerate(_ROWS) for x, code in enumerate(row.split()) if code != ".."
    )
    return [
        Dot(
            code,
            x * 10 + 5,
            y * 10 + 5,
            round(1.5 + 3.4 * sqrt(by_state.get(code, 0) / most), 2),
            by_state.get(code, 0),
        )
        for code, x, y in cells
    ]
