"""What each version posts is made when it comes into force, kept whole, and stays readable whatever follows."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import delete, update

from kept.base.clock import SetClock
from kept.gate import Policies
from kept.gate.store import policy_posted, policy_version
from kept.policy.notice import notice_of
from kept.storage.records import Records

TEXT = (Path(__file__).parents[1] / "mutants" / "policy.yaml").read_text()
LATER = TEXT.replace('version: "1"', 'version: "2"').replace("keep: 13 months", "keep: 12 months")
MAIN = "  main: {for: everyone, language: en, reading age: 12, at: /privacy}\n"
GERMAN = f"{MAIN}  deutsch: {{for: everyone, language: de, reading age: 12, at: /privacy/de}}\n"
NOW = SetClock(int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp() * 1000))


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = Records(tmp_path / "records.db")
    yield opened
    opened.close()


@pytest.fixture
def policies(records: Records) -> Policies:
    made = Policies(records, NOW)
    made.put_in_force(TEXT, "policy.yaml")
    NOW.advance(86_400_000)
    made.put_in_force(LATER, "policy.yaml")
    return made


def test_what_is_posted_is_the_notice_of_the_version(policies: Policies) -> None:
    now = policies.now()
    [main] = policies.posted(now.number)
    assert main.notice == notice_of(now.policy)
    assert main.json_ld["identifier"] == now.policy.fingerprint
    assert (main.name, main.at, main.for_all) == ("main", "/privacy", True)


def test_a_version_tells_what_it_changed_and_when_it_ended(policies: Policies) -> None:
    first, second = policies.past()
    assert first.changes == ()
    assert first.until_ms == second.since_ms
    assert second.until_ms is None
    shorter = [one for one in second.changes if one.kind == "kept shorter"]
    assert any("12 months" in one.says and not one.matters for one in shorter)


def test_an_old_version_needs_neither_its_file_nor_the_language(records: Records, policies: Policies) -> None:
    before = policies.posted(1)
    with records.write() as connection:
        connection.execute(
            update(policy_version).where(policy_version.c.number == 1).values(text="a form that nobody reads")
        )
    afresh = Policies(records, NOW)
    assert afresh.posted(1) == before
    assert [one.version for one in afresh.past()] == ["1", "2"]


def test_what_an_older_kept_did_not_put_down_is_made_up_for(records: Records, policies: Policies) -> None:
    before = policies.past(), policies.posted(1)
    with records.write() as connection:
        connection.execute(delete(policy_posted))
    afresh = Policies(records, NOW)
    assert afresh.posted(1) == ()
    afresh.put_in_force(LATER, "policy.yaml")
    assert (afresh.past(), afresh.posted(1)) == before


def test_a_number_that_no_version_has_posts_nothing(policies: Policies) -> None:
    assert policies.posted(3) == ()


def test_what_changed_is_told_in_the_words_of_each_notice(records: Records) -> None:
    text = TEXT.replace(MAIN, GERMAN)
    made = Policies(records, NOW)
    made.put_in_force(text, "policy.yaml")
    NOW.advance(86_400_000)
    made.put_in_force(
        text.replace('version: "1"', 'version: "2"').replace("13 months", "12 months"), "policy.yaml"
    )
    _first, second = made.past()
    told = second.told_by("deutsch", "de")
    assert told.language == "de"
    assert any("kürzere Speicherung (12 Monate; bisher: 13 Monate)." in one.says for one in told.changes)
    assert [one.kind for one in told.changes] == [one.kind for one in second.changes]
    assert second.told_by("gone", "de") == told  # a notice that it did not have: another in the language
    assert second.told_by("gone", "fr").changes == second.changes


def test_what_an_older_kept_told_in_english_alone_is_read(records: Records, policies: Policies) -> None:
    before = policies.past()
    with records.write() as connection:
        connection.execute(
            update(policy_posted)
            .where(policy_posted.c.number == 2)
            .values(changes=msgspec.json.encode(before[1].changes).decode())
        )
    after = Policies(records, NOW).past()
    assert [one.changes for one in after] == [one.changes for one in before]
    assert after[1].told_by("main", "de").language == "en"
