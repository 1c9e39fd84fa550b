"""A notice of some parts tells those, whole, and of single items what is about them."""

from pathlib import Path

from kept.policy import load_policy
from kept.policy.grammar import SECTIONS
from kept.policy.posted import TOLD_IN, posted_of

CLINIC = Path(__file__).parents[1] / "companies" / "clinic.yaml"


def test_a_notice_of_single_items_tells_of_these_alone() -> None:
    policy = load_policy(CLINIC.read_text(), str(CLINIC), {})
    notice = next(one.notice for one in posted_of(policy) if one.at == "/consumer-health")
    what = notice.section("what")
    assert what is not None
    titles = {policy.items[name].title for name in ("diagnosis", "voice_note")}
    assert {row[0] for table in what.tables for row in table.rows} == titles
    assert notice.section("given") is not None
    assert notice.section("rights") is not None
    assert notice.section("cookies") is None


def test_every_section_of_the_policy_is_told_somewhere() -> None:
    silent = {"version", "in force", "moments", "notices"}
    assert set(SECTIONS) - silent == set(TOLD_IN)
