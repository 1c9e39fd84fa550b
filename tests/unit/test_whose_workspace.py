"""A subject is of one workspace: the same visitor's id, sent to two, is two people of whom neither sees the other."""

import json
import time
from collections.abc import Mapping
from typing import Any, cast

import jwt
import pytest

from kept.app.house import House
from kept.app.workspaces import CANARIES, workspaces
from kept.gather.arrival import SentEvent
from kept.gather.door import Door
from kept.gather.meeting import Words, meet
from kept.gather.minimise import origin_of
from kept.gather.refusals import Counts
from kept.gather.steps import admit
from kept.policy.compiled import NO_ANSWER
from kept.subject import Answers
from kept.web.centre import centre_app
from kept.web.living import LivingCentre
from kept.web.public import Public, open_centre
from kept.web.whence import Proxies
from tests.pages_call import call

ANA = "kv_" + "a" * 43


class Doors:
    """Stands in the collector's place, to see which doors are hung for which keys."""

    def use(self, keys: Mapping[str, Any], secrets: Mapping[str, Door]) -> None:
        self.keys, self.secrets = keys, secrets


@pytest.fixture
def centre(house: House) -> LivingCentre:
    return open_centre(house, Proxies(()))


def hung(house: House) -> Doors:
    doors = Doors()
    none = cast(Any, None)
    known = {each.number: house.in_workspace(each.number).known for each in workspaces(house)}
    Public(
        house, Answers(house.records), none, cast(Any, doors), none, none, none, none, known, none
    ).hang_doors()
    return doors


def says_yes(centre: LivingCentre, key: str) -> str:
    """A visitor says yes with a write key; the id that the browser is given."""
    said = call(centre_app(centre), "/v1/choices", data={"key": key, "answers": {"improve": True}})
    assert said.status == 200
    return said.kept["kept_visit"]


def token(house: House, account: str) -> str:
    return jwt.encode({"sub": account, "exp": int(time.time()) + 300}, house.api_keys.secret)


def test_each_door_knows_a_visitor_by_a_key_of_its_own(house: House) -> None:
    canaries, doors = house.in_workspace(CANARIES), hung(house)
    for space in (house, canaries):
        here = doors.keys[space.api_keys.write].door, doors.secrets[space.api_keys.secret]
        for door in here:
            assert door.workspace == space.settings.workspace
            assert door.visitor_id(ANA.encode()) == space.identities.visitor(ANA)
    assert house.identities.visitor(ANA) != canaries.identities.visitor(ANA)


def test_events_of_one_id_in_two_workspaces_are_two_subjects(house: House) -> None:
    words = Words(ANA, "128.103.0.1", origin_of("128.103.0.1"), b"Firefox/140.0", signal=False)
    subjects: dict[int, int] = {}
    for key in hung(house).keys.values():
        stored, _ = admit(key.door, meet(key.door, words, 1), [SentEvent(name="page_view")], Counts())
        subjects |= {event.workspace: event.subject for event in stored}
    assert len(set(subjects.values())) == len(subjects) == 2


def test_a_yes_counts_in_the_workspace_that_its_key_leads_to(house: House, centre: LivingCentre) -> None:
    canaries = house.in_workspace(CANARIES)
    company, (other,) = centre, centre.beside
    visit = says_yes(centre, canaries.api_keys.write)
    assert other.answer_of(visit) != NO_ANSWER
    assert company.answer_of(visit) == NO_ANSWER
    visit = says_yes(centre, house.api_keys.write)
    assert company.answer_of(visit) != NO_ANSWER
    assert other.answer_of(visit) == NO_ANSWER


def test_a_token_opens_the_workspace_that_signed_it(house: House, centre: LivingCentre) -> None:
    """One account's name, in two workspaces: two people, and neither sees or deletes the other."""
    app, canaries = centre_app(centre), house.in_workspace(CANARIES)
    for space, visits in ((house, 1), (canaries, 2)):
        for _ in range(visits):
            joined = {"visitor": says_yes(centre, space.api_keys.write), "account": "ana"}
            head = {"authorization": f"Bearer {space.api_keys.secret}", "content-type": "application/json"}
            assert call(app, "/v1/join", "POST", headers=head, body=json.dumps(joined).encode()).status == 200
    for space, visits in ((house, 1), (canaries, 2)):
        copied = call(app, f"/data/copy.json?token={token(space, 'ana')}").json
        browsers = [row for row in copied["your account and browsers"] if row["what"] == "browser"]
        assert len(browsers) == visits
    stranger = jwt.encode(
        {"sub": "ana", "exp": int(time.time()) + 300}, "nobody's secret, as long as a real one may be"
    )
    assert call(app, f"/data?token={stranger}").status == 403


def test_a_folder_of_before_goes_on(house: House) -> None:
    """The company's own keys stay what they were: nobody of theirs becomes someone else."""
    assert house.in_workspace(1) is house
    assert house.identities.visitor_key == house.keys.workspace_key(1, "visitor")
    assert house.event_key == house.keys.workspace_key(1, "event")
