"""A no that stands only in the browser, because whoever says no gets no id: the request that carries it is bound."""

import pytest

from kept.base.ids import MASK_63, keyed_63
from kept.gather.arrival import SentEvent
from kept.gather.meeting import Words, meet
from kept.gather.minimise import origin_of
from kept.gather.refusals import Counts
from kept.gather.steps import admit
from kept.policy.compiled import Answer
from kept.web.carried import is_ours, noes_of
from tests.collecting import AMERICAN, GERMAN, IMPROVE, KEYS, NOW, PERSONALISE, PROTECT, small_door

ANA = keyed_63(KEYS.visitor, b"visitor", b"ana")
DOOR = small_door({ANA: Answer(yes=IMPROVE | PERSONALISE)})


def mask_for(visitor: str | None, noes: int) -> tuple[int, list[str]]:
    words = Words(visitor, AMERICAN, origin_of(AMERICAN), b"Firefox/140.0", signal=False, noes=noes)
    stored, away = admit(DOOR, meet(DOOR, words, NOW), [SentEvent(name="page_view")], Counts())
    return (stored[0].mask if stored else 0), [told.reason for told in away]


@pytest.mark.parametrize(
    ("cookies", "noes"),
    [
        (None, 0),
        (b"other=1", 0),
        (b"kept_choice=1.1790000000.0.3", 3),
        (b"a=b; kept_choice=1.1790000000.5.a; kept_visit=x", 10),
        (b"kept_choice=1.1790000000.0.1;kept_choice=1.1790000000.0.4", 5),
        (b"kept_choice=1.1790000000.0.ffffffffffffffff", MASK_63),
        (b"not_kept_choice=1.1790000000.0.3", 0),
        (b"kept_choice=1.1790000000.0.3x", 0),
        (b"kept_choice=2.1790000000.0.3", 0),
        (b"kept_choice=1.1790000000.3.0", 0),
    ],
)
def test_noes_are_read_from_the_cookie(cookies: bytes | None, noes: int) -> None:
    assert noes_of(cookies) == noes


def test_someone_without_an_id_who_carries_a_no_is_not_counted() -> None:
    assert mask_for(None, 0)[0] & PROTECT
    for no in (PROTECT, IMPROVE):
        assert mask_for(None, no) == (0, ["no purpose"])


@pytest.mark.parametrize("visitor", ["ana", "a visitor whom nobody knows"])
def test_a_no_that_the_request_carries_binds_it_under_any_id(visitor: str) -> None:
    assert mask_for(visitor, 0)[0] & (IMPROVE | PROTECT) == IMPROVE | PROTECT
    assert mask_for(visitor, IMPROVE)[0] & (IMPROVE | PROTECT) == PROTECT
    assert mask_for(visitor, MASK_63) == (0, ["no purpose"])


def test_a_forged_yes_gives_nothing() -> None:
    """Only noes are read from the cookie: a yes counts where the house has written it down."""
    assert noes_of(b"kept_choice=1.1790000000.ffffffff.0") == 0


@pytest.mark.parametrize("address", [AMERICAN, GERMAN])
def test_nothing_is_gathered_under_an_id_that_we_gave_when_no_answer_stands_behind_it(address: str) -> None:
    """After a deletion the second browser of the person still sends its cookie, until it hears of it. The pages
    treat it as a stranger's; the collector must not go on gathering under the pseudonym that was deleted, not
    even where no yes is needed."""
    words = Words("kv_" + "d" * 43, address, origin_of(address), b"Firefox/140.0", signal=False, ours=True)
    stored, away = admit(DOOR, meet(DOOR, words, NOW), [SentEvent(name="page_view")], Counts())
    assert (stored, [told.reason for told in away]) == ([], ["no purpose"])


def test_ids_of_the_sites_own_are_taken_as_before() -> None:
    assert is_ours("kv_" + "a" * 43)
    assert not is_ours("customer-17")
