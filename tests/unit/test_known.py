"""What names people is learnt when it is told, stands as a digest alone, and goes with its person (G3, S1)."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from kept.app.house import House
from kept.app.intake import intake_of
from kept.app.opening import IMPORT, open_journal
from kept.app.people import People
from kept.gather.arrival import SentEvent
from kept.gather.door import Door
from kept.gather.meeting import Words, meet
from kept.gather.minimise import Hiding, origin_of
from kept.gather.profiles import Telling
from kept.gather.refusals import Counts
from kept.gather.steps import admit
from kept.gather.weblog import import_log
from kept.storage.event import StoredEvent
from kept.storage.records import Records
from kept.subject import Known, Learnt
from kept.subject import known as subject_known
from kept.subject.known import learn
from kept.subject.store import known
from tests.collecting import AMERICAN, NOW, small_door
from tests.weblog_world import line, world, write

KEY = b"k" * 32


def rows(house: House) -> int:
    with house.records.read() as connection:
        return connection.execute(select(func.count()).select_from(known)).scalar_one()


def hidden(house: House, text: str) -> str:
    house.known.refresh()
    return Hiding(house.known).text(text)


def stands(folder: Path, text: str) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file() and text.encode() in path.read_bytes()]


def test_an_account_is_known_from_its_first_meeting(house: House) -> None:
    assert hidden(house, "u-4711 rang") == "u-4711 rang"
    house.voice.join("kv_1", "u-4711", "site", {})
    assert hidden(house, "u-4711 rang") == "[user] rang"
    assert not stands(house.settings.data, "u-4711")
    house.voice.join("kv_2", "u-4711", "site", {})
    assert rows(house) == 1


def test_of_a_profile_what_names_its_person_is_known(house: House) -> None:
    told = {"name": "Ana the 2031st", "email": "ana.k7@example.com", "occupation": "R2-D2000 operator"}
    house.tellings.tell("u-4711", Telling(told, residence="US"))
    assert hidden(house, "2031st u-4711 R2-D2000") == "[user] [user] R2-D2000"


def test_a_value_that_goes_is_known_no_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject_known, "RELOAD_SECONDS", 0)
    house.tellings.tell("u-4711", Telling({"name": "Ana the 2031st"}, residence="US"))
    house.tellings.tell("u-4711", Telling({"name": "Ana the 2032nd"}, residence="US"))
    assert hidden(house, "2031st 2032nd") == "[user] [user]"  # what it was before is held too
    house.tellings.tell("u-4711", Telling({"name": None}, residence="US"))
    assert hidden(house, "2031st 2032nd u-4711") == "2031st 2032nd [user]"


def test_whoever_is_deleted_is_known_no_more(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject_known, "RELOAD_SECONDS", 0)
    house.tellings.tell("u-4711", Telling({"name": "Ana the 2031st"}, residence="US"))
    house.tellings.tell("u-4712", Telling({"name": "Bo the 2031st"}, residence="US"))
    person = people.of_account("u-4711")
    assert person is not None
    for holding in people.holdings[1:]:
        assert holding.remains(person) or holding.name not in {"your profile", "your account and browsers"}
        holding.erase(person)
        assert not holding.remains(person)
    assert hidden(house, "u-4711, u-4712, 2031st") == "u-4711, [user], [user]"  # Bo goes by that name too
    assert rows(house) == 2


def test_a_copy_in_memory_takes_over_what_is_new_and_is_made_anew_when_it_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject_known, "MOST_NEW", 3)
    records = Records(tmp_path / "records.db")
    copies = [Known(records, 1, KEY), Known(records, 2, KEY)]
    for number in range(1_000, 1_008):
        with records.write() as connection:
            learn(connection, 1, KEY, [Learnt(number, None, f"u-{number}")])
        for copy in copies:
            copy.refresh()
        texts = [f"u-{each}" for each in range(1_000, number + 1)]
        assert all(copies[0].places_in(text) == [(0, 6)] for text in texts)
        assert not any(map(copies[1].places_in, texts))  # another workspace knows nobody
    version = copies[0].version
    copies[0].refresh()
    assert copies[0].version == version


def test_a_door_hides_them_in_every_kind_of_text(tmp_path: Path) -> None:
    records = Records(tmp_path / "records.db")
    with records.write() as connection:
        learn(connection, 1, KEY, [Learnt(7, None, "u-4711"), Learnt(8, None, "K2046118")])
    door = small_door({}, known=Known(records, 1, KEY))
    page = through(
        door,
        "page_view",
        page="https://example.com/members/u-4711?utm_source=letter&utm_campaign=for-u-4711",
        properties={"title": "Orders of K2046118, card 4111 1111 1111 1111"},
    )
    assert page.page == "/members/:person"
    assert page.properties == '{"title":"Orders of [user], card [card]"}'
    search = through(
        door,
        "job_search",
        properties={
            "words": "u-4711 night",
            "place": "u-4711",
            "fields": ["u-4711", "sales"],
            "job": "u-4711",
            "target": "https://example.org/of/u-4711",
            "radius": 4711,
        },
    )
    assert msgspec.json.decode(search.properties or "") == {
        "words": "[user] night",
        "place": "[user]",
        "fields": '["[user]","sales"]',
        "job": "[user]",
        "target": "example.org/of/:person",
        "radius": "4711",
    }


def through(door: Door, name: str, **sent: object) -> StoredEvent:
    event = msgspec.convert({"name": name, **sent}, SentEvent)
    sender = meet(door, Words("ana", AMERICAN, origin_of(AMERICAN), b"Firefox/140.0", False), NOW)
    stored, away = admit(door, sender, [event], Counts())
    assert not away
    return stored[0]


def test_an_imported_log_has_none(tmp_path: Path) -> None:
    place = world(tmp_path)
    with place.intake.records.write() as connection:
        learn(connection, 1, KEY, [Learnt(7, None, "u-4711")])
    hiding = Hiding(Known(place.intake.records, 1, KEY))
    log = write(tmp_path / "access.log", [line("/members/u-4711/"), line("/jobs")])
    import_log([log], replace(place.intake, hiding=hiding))
    assert [event.page for event in place.events] == ["/members/:person/", "/jobs"]


def test_an_import_asks_what_the_installation_knows(house: House) -> None:
    journal = open_journal(house, IMPORT)
    try:
        assert intake_of(house, journal).hiding.path("/u-4711") == "/u-4711"
        house.voice.join("kv_1", "u-4711", "site", {})
        assert intake_of(house, journal).hiding.path("/u-4711") == "/:person"
    finally:
        journal.close()
