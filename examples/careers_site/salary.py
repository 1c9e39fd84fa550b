"""The salary tool. All bands are invented, round figures for a demonstration; nobody should lean on them."""

from dataclasses import dataclass

from examples.careers_site.jobs import Job

TOP_OF_SCALE = 200_000

# Dollars a year at the start of a career: the lower and the upper end.
ENTRY = {
    "software": (72_000, 98_000),
    "care": (41_000, 62_000),
    "teaching": (40_000, 54_000),
    "safety": (34_000, 46_000),
    "trades": (42_000, 60_000),
    "money": (43_000, 61_000),
    "kitchen": (30_000, 40_000),
    "moving": (34_000, 47_000),
    "office": (35_000, 48_000),
    "sales": (30_000, 42_000),
}
EXPERIENCE = {
    "0-2": ("Up to 2 years", 1.0),
    "3-5": ("3 to 5 years", 1.14),
    "6-10": ("6 to 10 years", 1.31),
    "11+": ("11 years and more", 1.47),
}
DEARER = dict.fromkeys(("CA", "NY", "MA", "WA", "DC", "NJ", "CT"), 1.14)
CHEAPER = dict.fromkeys(("AL", "AR", "IA", "IN", "KS", "KY", "MO", "MS", "NE", "OH", "OK", "TN", "WV"), 0.93)


@dataclass(frozen=True, slots=True)
class Band:
    """Dollars a year: a quarter earn less than `low`, a quarter more than `high`."""

    low: int
    middle: int
    high: int


def band(field: str, experience: str = "0-2", state: str = "") -> Band | None:
    """The band of a field; None when field or experience is not one of ours."""
    if field not in ENTRY or experience not in EXPERIENCE:
        return None
    factor = EXPERIENCE[experience][1] * DEARER.get(state, CHEAPER.get(state, 1.0))
    low, high = (_round(end * factor) for end in ENTRY[field])
    return Band(low, _round((low + high) / 2), high)


def typical(job: Job) -> Band | None:
    """What a job's field pays in its state after three to five years."""
    return band(job.field, "3-5", job.state)


def _round(dollars: float) -> int:
    return int(round(dollars / 500) * 500)
