"""Who it is about: identities, joins, choices and holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kept.base.clock import SetClock
from kept.policy.compiled import Answer
from kept.storage import withdrawals
from kept.storage.records import Records
from kept.subject import (
    AlreadyJoined,
    Answers,
    Choices,
    Identities,
    Person,
    Said,
    place_hold,
    record_answer,
    release_hold,
    standing_holds,
)
from kept.subject.answers import DELETED

IMPROVE, RESEARCH = 1, 2


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = Records(tmp_path / "records.db")
    yield opened
    opened.close()


@pytest.fixture
def identities() -> Identities:
    return Identities(1, b"v" * 32, b"b" * 32, b"k" * 32, SetClock(1_000))


def says(yes: int = 0, no: int = 0) -> Said:
    return Said(yes=yes, no=no, policy=1, how="dialog", words="May we count your visit?", at_ms=1_000)


def test_a_visitor_is_the_same_subject_again_and_unknown_without_the_key(identities: Identities) -> None:
    other = Identities(1, b"w" * 32, b"b" * 32, b"k" * 32, SetClock(0))
    assert identities.visitor("ana") == identities.visitor("ana")
    assert identities.visitor("ana") != identities.visitor("bo")
    assert identities.visitor("ana") != other.visitor("ana")


def test_an_account_gets_one_random_subject(records: Records, identities: Identities) -> None:
    with records.write() as connection:
        first = identities.meet_account(connection, "ana@example.com")
        assert identities.meet_account(connection, "ana@example.com") == first
        assert identities.account(connection, "eve@example.com") is None


@pytest.mark.sqlite
def test_no_identifier_is_written(records: Records, identities: Identities) -> None:
    with records.write() as connection:
        identities.join(connection, "cookie-of-ana", "ana@example.com", "secret key")
    records.scrub()
    assert isinstance(records.place, Path)
    stored = records.place.read_bytes()
    assert b"ana@example.com" not in stored
    assert b"cookie-of-ana" not in stored


def test_a_join_makes_one_person_of_account_and_browsers(records: Records, identities: Identities) -> None:
    with records.write() as connection:
        identities.join(connection, "laptop", "ana", "secret key")
        person = identities.join(connection, "phone", "ana", "secret key")
    assert isinstance(person, Person)
    assert set(person.subjects) == {person.account, identities.visitor("laptop"), identities.visitor("phone")}


def test_a_browser_of_one_account_does_not_become_anothers(records: Records, identities: Identities) -> None:
    with records.write() as connection:
        identities.join(connection, "laptop", "ana", "secret key")
        assert isinstance(identities.join(connection, "laptop", "bo", "secret key"), AlreadyJoined)
        bo = identities.person_of_account(connection, "bo")
    assert bo is not None
    assert identities.visitor("laptop") not in bo.subjects


def test_a_cookie_alone_opens_no_account(records: Records, identities: Identities) -> None:
    with records.write() as connection:
        identities.join(connection, "laptop", "ana", "secret key")
    by_cookie = identities.person_of_visitor("laptop")
    assert by_cookie.subjects == (identities.visitor("laptop"),)


def test_a_forgotten_person_is_a_stranger_again(records: Records, identities: Identities) -> None:
    with records.write() as connection:
        person = identities.join(connection, "laptop", "cy", "secret key")
        assert isinstance(person, Person)
        identities.forget(connection, person)
        assert identities.person_of_account(connection, "cy") is None
        assert identities.meet_account(connection, "cy") != person.account


def test_a_later_word_replaces_an_earlier_one(records: Records) -> None:
    answers = Answers(records)
    with records.write() as connection:
        record_answer(connection, 7, says(yes=IMPROVE | RESEARCH))
        record_answer(connection, 7, says(no=RESEARCH))
    answers.refresh()
    assert answers.of(7) == (Answer(yes=IMPROVE, no=RESEARCH), 2)


def test_a_yes_withdraws_nothing_and_a_no_withdraws_what_it_names(records: Records) -> None:
    with records.write() as connection:
        record_answer(connection, 7, says(yes=IMPROVE))
        record_answer(connection, 7, says(no=IMPROVE))
        rows = connection.execute(withdrawals.choice.select()).all()
    assert [(row.subject, row.bits) for row in rows] == [(7, 0), (7, IMPROVE)]


def test_a_copy_that_was_not_refreshed_says_how_old_it_is(records: Records) -> None:
    answers = Answers(records)
    with records.write() as connection:
        record_answer(connection, 7, says(yes=IMPROVE))
    assert answers.of(7) == (Answer(), 0)
    assert answers.refresh()
    assert answers.of(7) == (Answer(yes=IMPROVE), 1)
    assert not answers.refresh()


def test_an_old_answer_is_never_stamped_with_a_new_head(records: Records) -> None:
    """A refresh between the two look-ups may make the stamp too old, which is safe; never too new."""
    with records.write() as connection:
        record_answer(connection, 7, says(yes=IMPROVE))
    answers = Answers(records)

    class Interrupted(dict[int, Answer]):
        def get(self, key: int, default: Answer) -> Answer:  # type: ignore[override]  # as `of` calls it
            found = super().get(key, default)
            with records.write() as connection:
                record_answer(connection, 7, says(no=IMPROVE))
            answers.refresh()
            return found

    answers._known = Interrupted(answers._known)
    stale, stamped = answers.of(7)
    assert stale == Answer(yes=IMPROVE)
    assert stamped == 1  # so the withdrawal, number 2, clears the event


def test_an_erased_person_has_no_answer_any_more(records: Records) -> None:
    with records.write() as connection:
        record_answer(connection, 7, says(yes=IMPROVE))
    answers = Answers(records)
    cy = Person(1, None, (7,))
    with records.write() as connection:
        withdrawals.append(connection, 7, IMPROVE, dropped=True)
    Choices(records).erase(cy)
    answers.refresh()
    assert answers.of(7)[0] is DELETED
    assert Answers(records).of(7)[0] is DELETED, "also for a collector that starts later"


def test_the_history_holds_the_words_that_were_shown(records: Records) -> None:
    with records.write() as connection:
        record_answer(connection, 7, says(yes=IMPROVE))
    choices = Choices(records)
    ana = Person(1, None, (7,))
    assert [row["words"] for row in choices.export(ana)] == ["May we count your visit?"]
    assert choices.remains(ana) == 2
    choices.erase(ana)
    choices.erase(ana)  # again, as after a crash
    assert choices.remains(ana) == 0
    assert choices.find(ana) == []


def test_a_hold_stands_until_it_is_released(records: Records) -> None:
    di = Person(1, 5, (5, 6))
    with records.write() as connection:
        place_hold(connection, di, ground="case 14/26", owner="legal", review_ms=9, now_ms=1)
        assert {hold.ground for hold in standing_holds(connection, Person(1, 5, (5, 6, 8)))} == {"case 14/26"}
        release_hold(connection, di, 2)
        assert standing_holds(connection, di) == []
