"""The end of a performance: every canary is deleted, those too that an earlier one left behind."""

from kept.base.errors import InUse
from kept.prove.stage import Refused, Stage
from kept.subject import Person


def leave(stage: Stage) -> bool:
    """Release the canaries' holds and delete them all in one deletion; whether that was done in time."""
    stage.forgotten_copy.unlink(missing_ok=True)
    subjects = {stage.subject(visitor) for visitor in stage.cast if visitor} | set(stage.elsewhere)
    for person in _people(stage):
        stage.voice.release(person, stage.house.clock.now_ms())
        subjects.update(person.subjects)
    subjects.update(_left_in_lake(stage))
    if not subjects:
        return True
    number = stage.house.doors.begin(Person(stage.house.workspace, None, tuple(sorted(subjects))))
    if isinstance(number, Refused):
        return False
    return stage.until(lambda: stage.house.doors.stage_of(number) == "done")


def _people(stage: Stage) -> list[Person]:
    with stage.house.records.read() as connection:
        found = [stage.house.identities.person_of_account(connection, each) for each in stage.accounts]
    return [person for person in found if person is not None]


def _left_in_lake(stage: Stage) -> set[int]:
    try:
        return {int(row["subject"]) for row in stage.rows()}
    except InUse:  # there is no lake yet
        return set()
