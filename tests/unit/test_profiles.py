"""G1: what people tell us is declared or refused, stands under their own key, and is read under a purpose alone."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kept.app.house import House
from kept.app.people import People
from kept.base.clock import SetClock
from kept.base.errors import Damaged
from kept.base.settings import Settings
from kept.gate import Permit, Reason, Refusal
from kept.gather.profiles import FileTold, NotTaken, TakenDown, Telling
from kept.gather.profiles.sniffing import MOST_FILE_BYTES
from kept.gather.profiles.store import profile_part, profile_value
from kept.ledger import entries, facts
from kept.subject import Person
from tests.mutants.world import HERE

PDF = b"%PDF-1.7\nAna has lifted crates for six years."
ANA: dict[str, Any] = {"name": "Ana", "email": "ana@example.com", "occupation": "Warehouse lead"}


def tell(house: House, account: str = "u-1", whole: bool = False, **values: Any) -> TakenDown:
    return house.tellings.tell(account, Telling(values, whole=whole, residence="US"))


def refused(told: TakenDown) -> dict[str, NotTaken]:
    return {each.item: each.why for each in told.refused}


def read(house: House, purpose: str, account: str = "u-1") -> dict[str, object]:
    permit = house.gate.use_by_name(purpose)
    assert isinstance(permit, Permit)
    return {value.item: value.plain for value in house.readings.read(permit, account)}


def person(people: People, account: str = "u-1") -> Person:
    found = people.of_account(account)
    assert found is not None
    return found


def test_what_is_declared_is_taken_and_comes_back(house: House) -> None:
    told = tell(house, **ANA, skills=["forklift", "stock"], experience="Six years\nat the harbour.")
    assert set(told.taken) == {*ANA, "skills", "experience"}
    assert not told.refused
    assert read(house, "operate") == {
        **ANA,
        "skills": ["forklift", "stock"],
        "experience": "Six years\nat the harbour.",
    }


def test_what_is_not_declared_is_refused_and_nowhere_stored(house: House) -> None:
    told = tell(house, name="Ana", shoe_size="a very unusual forty-one")
    assert refused(told) == {"shoe_size": NotTaken.UNDECLARED}
    assert told.taken == ("name",)
    with house.records.read() as connection:
        assert [row.item for row in connection.execute(select(profile_value))] == ["name"]


@pytest.mark.parametrize(
    ("item", "value", "why"),
    [
        ("email", "not a mail address", NotTaken.WRONG_TYPE),
        ("email", ["ana@example.com"], NotTaken.WRONG_TYPE),
        ("email", "a" * 250 + "@example.com", NotTaken.TOO_LONG),
        ("name", 7, NotTaken.WRONG_TYPE),
        ("name", "An\x00a", NotTaken.WRONG_TYPE),
        ("name", "A" * 201, NotTaken.TOO_LONG),
        ("skills", "forklift", NotTaken.WRONG_TYPE),
        ("skills", ["x"] * 101, NotTaken.TOO_LONG),
        ("cv", "my life", NotTaken.A_FILE),
        ("sign_in", "hunter2", NotTaken.CREDENTIAL),
        ("ip_address", "198.51.100.7", NotTaken.NOT_FROM_HERE),
        ("interests", ["ships"], NotTaken.NOT_FROM_HERE),
        ("choices", "yes to all", NotTaken.NOT_FROM_HERE),
        ("page_view", "/", NotTaken.UNDECLARED),
    ],
)
def test_each_wrong_value_is_refused_for_its_reason(
    house: House, item: str, value: object, why: NotTaken
) -> None:
    told: dict[str, Any] = {item: value}
    assert refused(tell(house, **told)) == {item: why}
    with house.records.read() as connection:
        assert house.identities.account(connection, "u-1") is None


def test_values_stand_sealed_under_the_persons_own_key(house: House, people: People) -> None:
    tell(house, **ANA)
    house.tellings.tell("u-1", Telling({"cv": FileTold("cv.pdf", PDF)}))
    raw = b"".join(path.read_bytes() for path in house.settings.data.rglob("*") if path.is_file())
    assert b"ana@example.com" not in raw
    assert b"lifted crates" not in raw
    for subject in person(people).subjects:
        house.keys.destroy_person(subject)
    assert read(house, "operate") == {}


def test_a_value_moved_to_another_person_does_not_open(house: House) -> None:

    tell(house, "u-1", name="Ana")
    tell(house, "u-2", name="Bo")
    with house.records.write() as connection:
        ana, bo = connection.execute(select(profile_value).order_by(profile_value.c.at)).all()
        connection.execute(
            profile_value.update().where(profile_value.c.number == bo.number).values(sealed=ana.sealed)
        )
    with pytest.raises(Damaged):
        read(house, "operate", "u-2")


def test_a_purpose_reads_what_it_uses_and_nothing_else(house: House) -> None:
    tell(house, **ANA, skills=["stock"])
    assert read(house, "marketing") == ANA
    assert read(house, "honour_rights") == {"name": "Ana", "email": "ana@example.com"}


def test_no_purpose_reads_against_a_no(house: House, people: People) -> None:
    tell(house, **ANA)
    marketing = house.policies.now().policy.purposes["marketing"].mask
    people.answer_for_account("u-1", yes=0, no=marketing, how="account", words="")
    assert read(house, "marketing") == {}
    assert read(house, "operate") == ANA
    people.answer_for_account("u-1", yes=marketing, no=0, how="account", words="")
    assert read(house, "marketing") == ANA


def test_a_no_in_any_browser_counts(house: House, people: People) -> None:
    tell(house, **ANA)
    marketing = house.policies.now().policy.purposes["marketing"].mask
    people.join("kv_other", "u-1", "site")
    people.answer("kv_other", yes=0, no=marketing, how="page", words="")
    assert read(house, "marketing") == {}


def test_where_consent_is_asked_silence_opens_nothing_and_a_later_yes_does(
    house: House, people: People
) -> None:
    house.tellings.tell("u-1", Telling(ANA, residence="DE"))
    assert read(house, "marketing") == {}
    marketing = house.policies.now().policy.purposes["marketing"].mask
    people.answer_for_account("u-1", yes=marketing, no=0, how="account", words="")
    assert read(house, "marketing") == ANA


def test_residence_unknown_the_strictest_law_counts(house: House) -> None:
    house.tellings.tell("u-1", Telling(ANA))
    assert read(house, "marketing") == {}


def test_the_privacy_signal_is_a_no(house: House) -> None:
    house.tellings.tell("u-1", Telling(ANA, residence="US", signal=True))
    assert read(house, "marketing") == {}
    assert read(house, "operate") == ANA


def test_purposes_that_know_nobody_read_nobody_by_name(house: House) -> None:
    tell(house, **ANA)
    asked = house.gate.use_by_name("research")
    assert isinstance(asked, Refusal)
    assert asked.reason is Reason.NOBODY_BY_NAME
    gone = house.gate.use_by_name("obey_law")
    assert isinstance(gone, Refusal)
    assert gone.reason is Reason.ON_DEMAND


def test_telling_the_same_again_adds_nothing(house: House) -> None:
    tell(house, **ANA)
    again = tell(house, **ANA)
    assert set(again.unchanged) == set(ANA)
    assert not again.taken
    with house.records.read() as connection:
        assert len(connection.execute(select(profile_value)).all()) == 3


def test_what_took_a_values_place_leaves_it_as_history(house: House, people: People) -> None:
    tell(house, **ANA)
    tell(house, occupation="Foreman")
    rows = [row for row in people.copy(person(people))["your profile"] if row["item"] == "occupation"]  # type: ignore[attr-defined]
    assert [(row["value"], row["ended_ms"] is None) for row in rows] == [
        ("Foreman", True),
        ("Warehouse lead", False),
    ]


def test_the_whole_profile_replaces_and_a_part_does_not(house: House) -> None:
    tell(house, **ANA)
    house.tellings.tell("u-1", Telling({"cv": FileTold("cv.pdf", PDF)}))
    assert tell(house, skills=["stock"]).removed == ()
    told = tell(house, whole=True, name="Ana", email="ana@example.com")
    assert set(told.removed) == {"occupation", "skills"}
    assert set(read(house, "operate")) == {"name", "email", "cv"}


def test_none_and_an_empty_text_take_a_value_away_with_its_history(house: House, people: People) -> None:
    tell(house, **ANA)
    tell(house, name="Anna")
    assert set(tell(house, name=None, occupation=" ").removed) == {"name", "occupation"}
    copied = people.copy(person(people))["your profile"]
    assert {row["item"] for row in copied} == {"email"}  # type: ignore[attr-defined]


def test_a_file_is_known_by_its_bytes_and_comes_back_whole(house: House, people: People) -> None:
    content = PDF + bytes(range(256)) * 3_000  # several parts
    told = house.tellings.tell(
        "u-1", Telling({"cv": FileTold("C:\\Docs\\my cv.exe", content)}, residence="US")
    )
    assert told.taken == ("cv",)
    permit = house.gate.use_by_name("operate")
    assert isinstance(permit, Permit)
    (value,) = house.readings.read(permit, "u-1")
    assert isinstance(value.plain, FileTold)
    assert (value.plain.name, value.plain.media) == ("my cv.exe", "application/pdf")
    parts = house.readings.content(permit, "u-1", "cv")
    assert parts is not None
    assert b"".join(parts) == content
    with house.records.read() as connection:
        assert len(connection.execute(select(profile_part)).all()) == 3
    other = house.gate.use_by_name("marketing")
    assert isinstance(other, Permit)
    assert house.readings.content(other, "u-1", "cv") is None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<html><script>alert(1)</script>", NotTaken.WRONG_TYPE),
        (b"MZ\x90\x00 a program", NotTaken.WRONG_TYPE),
        (b"PK\x03\x04 not an archive", NotTaken.WRONG_TYPE),
        (b"", NotTaken.WRONG_TYPE),
        (b"%PDF-" + b"x" * MOST_FILE_BYTES, NotTaken.TOO_LONG),
    ],
)
def test_what_is_no_paper_is_refused(house: House, content: bytes, why: NotTaken) -> None:
    assert refused(house.tellings.tell("u-1", Telling({"cv": FileTold("cv.pdf", content)}))) == {"cv": why}


def test_nothing_is_told_of_someone_who_is_being_deleted(house: House, people: People) -> None:
    tell(house, **ANA)
    number = people.erase(people.plan(person(people)))
    assert isinstance(number, int)
    assert read(house, "operate") == {}
    assert refused(tell(house, name="Ana")) == {"name": NotTaken.DELETED}


def test_a_deletion_takes_values_history_and_files(house: House, people: People) -> None:
    tell(house, **ANA)
    tell(house, name="Anna")
    house.tellings.tell("u-1", Telling({"cv": FileTold("cv.pdf", PDF)}))
    who = person(people)
    profiles = next(each for each in people.holdings if each.name == "your profile")
    assert profiles.remains(who) == 5
    profiles.erase(who)
    assert profiles.remains(who) == 0
    with house.records.read() as connection:
        assert connection.execute(select(profile_part)).all() == []


def test_a_person_corrects_what_stands_and_the_history_says_what_was(house: House, people: People) -> None:
    tell(house, **ANA)
    profiles = next(each for each in people.holdings if each.name == "your profile")
    assert profiles.correct(person(people), "name", "Anna") is None
    rows = [row for row in profiles.export(person(people)) if row["item"] == "name"]
    assert [(row["value"], row["told_by"]) for row in rows] == [("Anna", "person"), ("Ana", "site")]
    wrong = profiles.correct(person(people), "email", "nothing")
    assert wrong is not None
    assert "declared type" in wrong.reason
    assert profiles.correct(person(people), "skills", ["x"]) is not None


def test_what_is_done_to_a_profile_is_on_record_without_its_words(house: House) -> None:
    tell(house, **ANA)
    tell(house, name=None)
    with house.records.read() as connection:
        told = [
            entry.fact for entry in entries(connection, 0) if isinstance(entry.fact, facts.ProfileChanged)
        ]
    assert [(set(fact.taken), fact.removed, fact.how) for fact in told] == [
        (set(ANA), (), "site"),
        (set(), ("name",), "site"),
    ]


def test_values_past_their_time_are_not_read(tmp_path: Path) -> None:

    clock = SetClock(1_795_435_200_000)
    house = House.open(Settings(data=tmp_path / "data", master_key=tmp_path / "master.key"), clock)
    house.policies.put_in_force(PROFILE_POLICY, "policy.yaml")
    house.tellings.tell("u-1", Telling({"name": "Ana", "email": "ana@example.com"}))
    assert len(read(house, "operate")) == 2
    clock.advance(800 * 86_400_000)
    assert read(house, "operate") == {}
    house.close()


PROFILE_POLICY = (
    (HERE / "policy.yaml")
    .read_text()
    .replace(
        "email: {type: email, identifies",
        "phone: {type: phone}\n      email: {type: email, required: yes, identifies",
    )
    .replace("uses: [name, email,", "uses: [name, email, phone,")
    .replace("needs: name,", "needs: [name, email],")
)


def small(tmp_path: Path) -> House:
    house = House.open(Settings(data=tmp_path / "data", master_key=tmp_path / "master.key"))
    house.policies.put_in_force(PROFILE_POLICY, "policy.yaml")
    return house


def test_a_profile_without_what_is_required_is_not_taken(tmp_path: Path) -> None:
    house = small(tmp_path)
    assert refused(tell(house, name="Ana", phone="+49 30 1234567")) == {"email": NotTaken.REQUIRED}
    with house.records.read() as connection:
        assert house.identities.account(connection, "u-1") is None
    assert tell(house, name="Ana", email="ana@example.com").taken == ("name", "email")
    assert tell(house, phone="+49 30 1234567").taken == ("phone",)
    assert refused(tell(house, email=None)) == {"email": NotTaken.REQUIRED}
    assert refused(tell(house, whole=True, name="Ana")) == {"email": NotTaken.REQUIRED}
    assert set(read(house, "operate")) == {"name", "email", "phone"}
    house.close()
