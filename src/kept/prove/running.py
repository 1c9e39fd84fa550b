"""The performance: every check acts, the lake takes in what was sent, and every check looks.

A check is a generator. It acts, yields to let the lake catch up, looks, may act again; what it returns are
its findings. All checks move together, so the lake is waited for a few times and not once for each.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

from kept.base.errors import InUse, KeptError
from kept.prove.checks import (
    corrected,
    counted,
    declared,
    deleted,
    expired,
    other_clients,
    own_view,
    partners,
    places,
    posted,
    profiles_read,
    purposes,
    ranked,
    smaller,
    told,
    trends,
    watched,
    ways_in,
)
from kept.prove.leaving import leave
from kept.prove.stage import Installation, Stage
from kept.prove.verdict import Finding
from kept.prove.waiting import until
from kept.storage.files import Files
from kept.storage.segments import list_segments

Act = Generator[None, None, Sequence[Finding]]
Check = Callable[[Stage], Act]


def together(*checks: Check) -> Check:
    """Several checks of one promise as one: they act side by side, and the lake is waited for once."""

    def check(stage: Stage) -> Act:
        acts = [each(stage) for each in checks]
        found: dict[int, Sequence[Finding]] = {}
        while True:
            for place, act in enumerate(acts):
                if place not in found and (ended := _go_on(act)) is not None:
                    found[place] = ended
            if len(found) == len(acts):
                return [finding for place in sorted(found) for finding in found[place]]
            yield

    return check


CHECKS: Mapping[str, Check] = {
    "G1": together(declared.check, counted.check, ways_in.check, told.check),
    "G2": together(watched.check, places.check, other_clients.check),
    "G3": smaller.check,
    "G4": partners.check,
    "U1": together(purposes.check, profiles_read.check, expired.check),
    "U2": ranked.check,
    "R1": trends.check,
    "S1": together(deleted.check, corrected.check),
    "M2": posted.check,
    "M3": own_view.check,
}
"""The check of each promise that has one."""


class TooLate(KeptError):
    """The committer did not take in what the collector had acknowledged."""

    retry = True


def prove(house: Installation, wanted: Iterable[str] = ()) -> dict[str, list[Finding]]:
    """The findings on each promise that has a check, or on those wanted. The canaries are gone afterwards."""
    stage = Stage(house, house.policies.now())
    chosen = frozenset(wanted) or CHECKS.keys()
    acts = {name: check(stage) for name, check in CHECKS.items() if name in chosen}
    found: dict[str, list[Finding]] = {}
    try:
        while acts:
            for name, act in list(acts.items()):
                if (ended := _go_on(act)) is not None:
                    found[name] = list(ended)
                    del acts[name]
            if acts:
                wait_for_lake(house)
    finally:
        left = _leave(stage)
    if left:
        found.setdefault("S1", []).append(left)
    return {name: found[name] for name in CHECKS if name in found}


def _leave(stage: Stage) -> Finding | None:
    """End it. Canaries that cannot be deleted are a deletion that does not work."""
    try:
        gone = leave(stage)
    except KeptError as error:
        return Finding(False, f"the canaries could not be deleted: {error.what}")
    return (
        None
        if gone
        else Finding(False, "the canaries were not deleted in time; the next `kept prove` tries again")
    )


def wait_for_lake(house: Installation) -> None:
    """Return once the lake knows the journal as far as it stands now. Raises `TooLate`."""
    files, folder = Files(), house.lake.places.journal
    ends = {
        segment.collector: (segment.number, (folder / segment.name).stat().st_size)
        for segment in list_segments(files, folder)
    }
    if not until(lambda: _knows(house, ends), house.patience_seconds):
        raise TooLate(
            "the committer does not take in what was gathered",
            where="journal",
            why="The lake stands where it stood, and patience is over.",
            next_step="Look at what the committer says; with a large backlog give more --patience.",
        )


def _knows(house: Installation, ends: Mapping[int, tuple[int, int]]) -> bool:
    try:
        now = house.lake.snapshot()
    except InUse:  # the committer has not made the lake yet
        return False
    return all(now.cursor(collector) >= end for collector, end in ends.items())


def _go_on(act: Act) -> Sequence[Finding] | None:
    """Let a check act until it waits, or to its end. One that cannot be carried out shows nothing kept."""
    try:
        next(act)
    except StopIteration as ended:
        findings: Sequence[Finding] = ended.value
        return findings
    except KeptError as error:
        return [Finding(False, f"could not be checked: {error.what}")]
    return None
