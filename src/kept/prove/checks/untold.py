"""U1: how much a purpose misses is told roughly, and not at all where few people are behind it."""

from collections.abc import Iterable, Sequence

from kept.policy.compiled import Purpose
from kept.prove.stage import Refused, Stage

FEW = 20
NOT_ALLOWED = "NOT_ALLOWED"


def untold(stage: Stage, using: Sequence[Purpose]) -> Iterable[str]:
    """What is told of the rows gathered without leave, held against whose rows lie in the files."""
    rows = stage.rows()
    for purpose in using:
        told = stage.house.doors.missing(purpose.name)
        if isinstance(told, Refused):
            yield f"what {purpose.name} misses cannot be counted: {told.says}"
            continue
        kept_out = [row for row in rows if row["name"] in purpose.items and not row["mask"] & purpose.mask]
        said, people = told[NOT_ALLOWED], {row["subject"] for row in kept_out}
        if 0 < len(people) < FEW and said is not None:
            yield f"{purpose.name} is told of {said} rows of {len(people)} people who are hidden from it"
        elif said is not None and len(str(said).rstrip("0")) > 1:
            yield f"{purpose.name} is told exactly how many rows are hidden from it: {said}"
