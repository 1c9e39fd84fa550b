"""A person's own order needs leave and something known; else everyone's, which tells of nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kept.base.errors import BadInput
from kept.bench.rank import measure, read_views
from kept.policy import Answer, CompiledPolicy, load_policy
from kept.rank import (
    Asking,
    Because,
    Offer,
    Orders,
    Ranked,
    WhyGeneral,
    leave_to_rank,
    offer,
    offers_of,
    ranked_by,
    stamp_of,
    take_back,
)
from kept.rank.ordering import FEWEST_PEOPLE
from kept.storage.likeness import Likeness
from kept.storage.records import Records

KIND = "job_view.job"
COOK, BAKER, CHEF, GUARD, DRIVER = "1", "2", "3", "4", "5"
OFFERS = [
    Offer(DRIVER, "Truck driver, Reno"),
    Offer(GUARD, "Night guard, Reno"),
    Offer(CHEF, "Head chef, kitchen, Chicago"),
    Offer(BAKER, "Baker, kitchen, Chicago"),
    Offer(COOK, "Line cook, kitchen, Chicago"),
]


@pytest.fixture(scope="module")
def policy() -> CompiledPolicy:
    path = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"
    return load_policy(path.read_text(), "workhirespot.yaml")


@pytest.fixture
def orders() -> Iterator[Orders]:
    likeness = Likeness([each.words for each in OFFERS])
    yield Orders(OFFERS, likeness.like)
    likeness.close()


def asking(
    policy: CompiledPolicy, said: bool | None, residence: str | None, *, signal: bool = False
) -> Asking:
    bit = policy.purposes["personalise"].mask
    answer = Answer() if said is None else Answer(bit, 0) if said else Answer(0, bit)
    return Asking((7,), answer, residence, signal, {"occupation": "cook", "email": "x@example.com"})


@pytest.mark.parametrize(
    ("said", "residence", "signal", "allowed"),
    [
        (True, "DE", False, True),
        (None, "DE", False, False),  # asked first in Europe
        (None, "US", False, True),  # told, and may say no
        (False, "US", False, False),
        (None, "US", True, False),
        (True, "DE", True, False),
        (None, None, False, False),  # unsure of residence, the strictest rule
    ],
)
def test_leave(
    policy: CompiledPolicy, said: bool | None, residence: str | None, signal: bool, allowed: bool
) -> None:
    leave, clause = leave_to_rank(policy, KIND, asking(policy, said, residence, signal=signal))
    assert isinstance(leave, Ranked) is allowed
    assert allowed or leave is WhyGeneral.NO_LEAVE
    assert clause == "purposes.personalise"


def test_only_items_that_the_purpose_uses_are_taken_from_a_profile(policy: CompiledPolicy) -> None:
    leave, _ = leave_to_rank(policy, KIND, asking(policy, True, "DE"))
    assert isinstance(leave, Ranked)
    assert leave.profile == {"occupation": "cook"}


def test_a_purpose_that_works_with_pseudonyms_is_turned_on_nobody(policy: CompiledPolicy) -> None:
    found = ranked_by(policy, KIND)
    assert found is not None
    assert found.purpose.name == "personalise"


@pytest.mark.parametrize("kind", ["job_view.words", "nothing.job", "page_view.path", "job_view", ""])
def test_what_no_purpose_ranks(policy: CompiledPolicy, kind: str) -> None:
    assert leave_to_rank(policy, kind, asking(policy, True, "DE")) == (WhyGeneral.NO_PURPOSE, "purposes")


def test_ones_own_order_says_why_and_shows_nothing_twice(orders: Orders) -> None:
    found = orders.own([COOK], {}, 10)
    assert [each.id for each in found] == [CHEF, BAKER] or [each.id for each in found] == [BAKER, CHEF]
    assert {each.because for each in found} == {Because(viewed=COOK)}


def test_the_last_thing_counts_most(orders: Orders) -> None:
    first = orders.own([GUARD, COOK], {}, 1)
    assert [(each.id, each.because) for each in first] == [(DRIVER, Because(viewed=GUARD))]


def test_a_profile_ranks_too(orders: Orders) -> None:
    found = orders.own([], {"occupation": "Baker"}, 10)
    assert [(each.id, each.because) for each in found] == [(BAKER, Because(profile="occupation"))]


def test_nothing_known_is_no_order(orders: Orders) -> None:
    assert orders.own([], {}, 10) == []
    assert orders.own(["gone"], {"occupation": "!?"}, 10) == []


def test_what_is_no_longer_on_offer_still_says_what_was_looked_at() -> None:
    offers = [Offer(COOK, "Line cook, kitchen", open=False), Offer(CHEF, "Head chef, kitchen")]
    likeness = Likeness([each.words for each in offers])
    orders = Orders(offers, likeness.like)
    assert [each.id for each in orders.own([COOK], {}, 10)] == [CHEF]
    assert [each.id for each in orders.own([CHEF], {}, 10)] == []
    assert [each.id for each in orders.general({}, 10)] == [CHEF]


def test_everyone_s_order_tells_of_no_few(orders: Orders) -> None:
    people = {COOK: FEWEST_PEOPLE, BAKER: FEWEST_PEOPLE - 1, GUARD: FEWEST_PEOPLE + 1}
    assert [each.id for each in orders.general(people, 10)] == [GUARD, COOK, DRIVER, CHEF, BAKER]
    assert all(each.because is None for each in orders.general(people, 10))


@pytest.mark.parametrize(
    "words", ['"', "a_b OR c*", "NEAR(a b)", "-x ^y : z", "é'); drop table thing; --", "日本 語", "", "\0"]
)
def test_words_are_words_and_never_a_query(words: str) -> None:
    likeness = Likeness(["plain words", words])
    assert all(0 < score <= 1 for _, score in likeness.like(words, 5))
    assert likeness.like("plain", 5)[0] == (0, 1.0)
    likeness.close()


def test_offers_are_kept_newest_first_by_workspace(tmp_path: Path) -> None:
    records = Records(tmp_path / "records.db")
    with records.write() as connection:
        offer(connection, 1, KIND, [Offer(COOK, "cook"), Offer(BAKER, "baker")])
        offer(connection, 2, KIND, [Offer(GUARD, "guard")])
        before = stamp_of(connection, 1, KIND)
        offer(connection, 1, KIND, [Offer(CHEF, "chef"), Offer(COOK, "line cook")])
        take_back(connection, 1, KIND, [BAKER, GUARD])
        assert offers_of(connection, 1, KIND) == [
            Offer(CHEF, "chef"),
            Offer(BAKER, "baker", open=False),
            Offer(COOK, "line cook"),
        ]
        assert offers_of(connection, 2, KIND) == [Offer(GUARD, "guard")]
        assert stamp_of(connection, 1, KIND) > before
        assert stamp_of(connection, 1, "other.kind") == 0
    records.close()


def test_the_benchmark_counts_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "views.csv"
    words = {COOK: "cook kitchen", CHEF: "chef kitchen", GUARD: "guard night", DRIVER: "driver truck"}
    lines = [
        f"{who},{job},{at},{words[job]}" for who, job, at in (("a", COOK, 1), ("a", CHEF, 2), ("b", GUARD, 1))
    ]
    path.write_text("\n".join(["person,thing,at,words", *lines, f"c,{DRIVER},1,driver truck"]))
    views = read_views(path, "person", "thing", "at", ["words"])
    assert [(each.history, each.next) for each in views.people] == [((COOK,), CHEF)]
    assert measure(views)["measured"] == 1.0
    with pytest.raises(BadInput, match="no column job"):
        read_views(path, "person", "job", "at", ["words"])
