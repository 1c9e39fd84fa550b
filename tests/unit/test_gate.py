"""The one door: which policy is in force, and who gets a Permit."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kept.base.clock import SetClock
from kept.base.errors import BadInput
from kept.gate import Gate, Gathering, Permit, Policies, Reason, Refusal
from kept.ledger import entries, facts
from kept.policy import Answer
from kept.storage.records import Records

WORKHIRESPOT = (Path(__file__).parents[2] / "policies" / "workhirespot.yaml").read_text()
NOW = SetClock(int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp() * 1000))


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = Records(tmp_path / "records.db")
    yield opened
    opened.close()


@pytest.fixture
def gate(records: Records) -> Gate:
    policies = Policies(records, NOW)
    policies.put_in_force(WORKHIRESPOT, "policy.yaml")
    return Gate(records, policies, NOW)


def test_nothing_is_in_force_at_first(records: Records) -> None:
    with pytest.raises(BadInput, match="no policy is in force"):
        Policies(records, NOW).now()


def test_a_policy_that_fails_its_check_never_replaces_the_one_in_force(records: Records) -> None:
    policies = Policies(records, NOW)
    before = policies.put_in_force(WORKHIRESPOT, "policy.yaml")
    with pytest.raises(BadInput):
        policies.put_in_force(WORKHIRESPOT.replace("basis: contract", "basis: contrakt"), "policy.yaml")
    assert policies.now().number == before.number
    assert Policies(records, NOW).now().policy.fingerprint == before.policy.fingerprint


def test_a_version_of_the_future_waits(records: Records) -> None:
    policies = Policies(records, NOW)
    with pytest.raises(BadInput, match="not in force before 2027-01-01"):
        policies.put_in_force(WORKHIRESPOT.replace("in force: 2026-11-01", "in force: 2027-01-01"), "p.yaml")
    assert policies.number() == 0


def test_the_same_text_is_the_same_version(records: Records) -> None:
    policies = Policies(records, NOW)
    first = policies.put_in_force(WORKHIRESPOT, "policy.yaml")
    assert policies.put_in_force(WORKHIRESPOT, "policy.yaml").number == first.number
    assert policies.put_in_force(f"# a remark\n{WORKHIRESPOT}", "policy.yaml").number == first.number
    assert len(policies.past()) == 1


def test_a_version_names_one_policy_for_good_and_an_earlier_one_may_return(records: Records) -> None:
    policies = Policies(records, NOW)
    first = policies.put_in_force(WORKHIRESPOT, "policy.yaml").policy
    other = WORKHIRESPOT.replace("To study work and hiring.", "To study work, pay and hiring.")
    with pytest.raises(BadInput, match=f"version '{first.version}' names another policy already") as caught:
        policies.put_in_force(other, "policy.yaml")
    assert "another `version`" in caught.value.next_step
    assert policies.now().policy.fingerprint == first.fingerprint
    named = other.replace(f'version: "{first.version}"', 'version: "2027"')
    assert policies.put_in_force(named, "policy.yaml").policy.version == "2027"
    back = policies.put_in_force(WORKHIRESPOT, "policy.yaml")
    assert (back.number, back.policy.fingerprint) == (3, first.fingerprint)


def test_a_purpose_keeps_its_bit_when_the_file_is_edited(records: Records) -> None:
    policies = Policies(records, NOW)
    before = policies.put_in_force(WORKHIRESPOT, "policy.yaml").policy
    renamed = WORKHIRESPOT.replace("research", "studies").replace('version: "', 'version: "2027-', 1)
    after = policies.put_in_force(renamed, "policy.yaml").policy
    assert after.purposes["improve"].bit == before.purposes["improve"].bit
    assert after.purposes["studies"].bit not in {purpose.bit for purpose in before.purposes.values()}


def test_a_permit_is_on_record_once_a_day(gate: Gate, records: Records) -> None:
    for _ in range(3):
        assert isinstance(gate.use("improve"), Permit)
    with records.read() as connection:
        used = [entry.fact for entry in entries(connection) if isinstance(entry.fact, facts.PurposeUsed)]
    assert [(fact.purpose, fact.day) for fact in used] == [("improve", "2026-11-23")]


@pytest.mark.parametrize(
    ("purpose", "reason", "words"),
    [
        ("improv", Reason.NO_SUCH_PURPOSE, "Did you mean improve"),
        ("obey_law", Reason.ON_DEMAND, "approved demand"),
        ("trends", Reason.AGGREGATE_ONLY, "figures only"),
    ],
)
def test_a_refusal_says_why(gate: Gate, purpose: str, reason: Reason, words: str) -> None:
    refused = gate.use(purpose)
    assert isinstance(refused, Refusal)
    assert refused.reason is reason
    assert words in refused.message


def test_gathering_by_the_answer_in_europe(records: Records) -> None:
    policy = Policies(records, NOW).put_in_force(WORKHIRESPOT, "policy.yaml").policy
    gathering, view, cell = Gathering(policy), policy.events["page_view"], policy.cell_of("DE")
    improve, obey = policy.purposes["improve"].mask, policy.purposes["obey_law"].mask
    ana = gathering.of_visitor(view, cell, Answer(yes=improve), signal=False)
    assert ana == improve | obey  # what is open on demand comes along, and justifies nothing alone
    assert gathering.of_visitor(view, cell, Answer(no=improve), signal=False) == 0  # Bo
    assert gathering.of_visitor(view, cell, Answer(), signal=False) == 0  # Eve was never asked
    assert gathering.of_visitor(view, cell, Answer(yes=improve), signal=True) == 0  # the browser says no


SHOP = (Path(__file__).parents[2] / "policies" / "web_shop.yaml").read_text(encoding="utf-8")


def test_a_contract_sees_what_the_server_tells_of_an_account_and_nothing_that_a_browser_carries(
    records: Records,
) -> None:
    policy = Policies(records, NOW).put_in_force(SHOP, "web_shop.yaml").policy
    gathering, ordered, cell = Gathering(policy), policy.events["ordered"], policy.cell_of("NL")
    told = gathering.of_account(ordered, cell, Answer(), signal=False)
    expected = [name for name in ("sell", "books", "safety") if policy.purposes[name].mask & told]
    assert expected == ["sell", "books", "safety"]
    assert told == sum(policy.purposes[name].mask for name in expected)
    assert gathering.of_visitor(ordered, cell, Answer(), signal=False) == 0


def test_a_log_line_serves_no_purpose_that_is_a_matter_of_choice(records: Records) -> None:
    policy = Policies(records, NOW).put_in_force(WORKHIRESPOT, "policy.yaml").policy
    gathering, names = Gathering(policy), {"protect", "performance", "trends", "obey_law"}
    for country in ("DE", "US", None):
        mask = gathering.of_log_line(policy.events["page_view"], policy.cell_of(country))
        assert {name for name, purpose in policy.purposes.items() if mask & purpose.mask} == names
    assert gathering.of_log_line(policy.events["job_view"], policy.cell_of("US")) == 0
