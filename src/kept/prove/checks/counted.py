"""G1: what is refused is counted under names that the policy declares; others may hold anything, and stand nowhere."""

import time
from collections.abc import Generator, Sequence

from kept.prove.expected import tracker_events
from kept.prove.stage import Stage
from kept.prove.verdict import Finding
from kept.prove.words import word

UNDECLARED_PROPERTY = "undeclared property"


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Send names that nobody declared, and look for them once every collector has told what it counted."""
    ana, strange = stage.yes(), f"canary_{word()}"
    before = stage.house.doors.refusals(0.0) or {}
    ana.sends({"name": strange})
    ana.sends_by_segment({"type": "track", "event": strange, "anonymousId": word(), "userId": word()})
    due = {"undeclared event/": 2, "public key/": 1}
    for event in tracker_events(stage.policy)[:1]:
        told = ana.sends({"name": event.name, "properties": {strange: word()}})
        if UNDECLARED_PROPERTY in told.reasons():  # else the policy takes nothing of it from her
            due[f"{UNDECLARED_PROPERTY}/{event.name}"] = 1
    sent_s = time.time()
    yield
    if not stage.until(lambda: stage.house.doors.refusals(sent_s) is not None):
        return [Finding(False, "no collector tells what it counted; nothing could be looked for there")]
    if places := stage.traces(texts=[strange]):
        return [Finding(False, f"a name that was sent, and nobody declared, stands in: {'; '.join(places)}")]
    now = stage.house.doors.refusals(sent_s) or {}
    if missed := sorted(
        label for label, count in due.items() if now.get(label, 0) < before.get(label, 0) + count
    ):
        return [Finding(False, f"refused, and not counted: {', '.join(missed)}")]
    return [
        Finding(
            True,
            f"{sum(due.values())} refusals of names that nobody declared are counted without those names",
        )
    ]
