"""S1, its other side: a hold stops a deletion before it begins, and in every stage after that."""

from collections.abc import Sequence

from kept.prove.member import Member, profile
from kept.prove.stage import Refused, Stage
from kept.prove.verdict import Finding
from kept.prove.waiting import until

GROUND = "an invented dispute of canaries"
DAY_MS = 86_400_000
WATCHED_SECONDS = 1.5


def place_hold(stage: Stage, who: Member) -> None:
    """Place a hold until tomorrow."""
    now_ms = stage.house.clock.now_ms()
    stage.voice.hold(who.person, ground=GROUND, owner="canaries", review_ms=now_ms + DAY_MS, now_ms=now_ms)


def hold_first(stage: Stage, di: Member) -> list[Finding]:
    """Di: the page says why and offers nothing; the room itself refuses a plan that knew of no hold."""
    begun = stage.house.doors.begin(di.person, lambda: place_hold(stage, di))
    page = di.opens(stage, "data/erase")
    token = stage.house.doors.sign(di.account)
    insisted = di.browser.fills("data/erase", token=token, plan="0" * 64)
    shown = stage.shown(di.person.subjects)
    wrong = [
        *([] if isinstance(begun, Refused) else ["a plan made before the hold was carried out after it"]),
        *([] if GROUND.encode() in page.body else ["the page does not say why"]),
        *(["a confirmation was accepted"] if insisted.status == 303 else []),
        *([] if shown else ["what is held is gone"]),
        *([] if all(map(stage.key_is_there, di.person.subjects)) else ["keys are gone"]),
    ]
    if wrong:
        return [Finding(False, f"a hold did not stop a deletion: {'; '.join(wrong)}")]
    return [
        Finding(True, f"Di under a hold is refused with its ground, and all {shown} rows are still there")
    ]


def hold_later(stage: Stage, hals: Sequence[Member]) -> Finding:
    """Hal: begun, and held the moment after. No stage may follow; keys and rows stay.

    A stage that was under way when the hold came may end, so the first who went on proves nothing yet.
    """
    for hal in hals:
        number = stage.house.doors.begin(hal.person)
        place_hold(stage, hal)
        if isinstance(number, Refused):
            return Finding(False, f"a deletion that nothing stops was refused: {number.reason}")
        if not until(lambda hal=hal: _lost(stage, hal), WATCHED_SECONDS + 2 * stage.house.flush_seconds):  # type: ignore[misc]  # bound at once
            return _still_hidden(stage, hal)
    return Finding(False, "a hold placed after the beginning did not stop a deletion")


def _still_hidden(stage: Stage, hal: Member) -> Finding:
    """A hold keeps data, and revives nothing: since the beginning of the deletion no purpose sees it."""
    if shown := stage.shown(hal.person.subjects):
        return Finding(False, f"{shown} rows are seen of someone whose deletion was begun and then held")
    if values := profile(stage):
        told = hal.browser.tells(stage.house.secret, hal.account, values)
        read = (hal.browser.reads(stage.house.secret, hal.account, name) for name in stage.policy.purposes)
        if told.status != 409 or any(reply.json().get("values") for reply in read):
            return Finding(False, "the profile of someone whose deletion was begun is read or written on")
    return Finding(True, "Hal's deletion, begun before his hold, went no further than hiding him")


def _lost(stage: Stage, hal: Member) -> bool:
    keys = all(map(stage.key_is_there, hal.person.subjects))
    return not keys or not any(row["subject"] in hal.person.subjects for row in stage.rows())
