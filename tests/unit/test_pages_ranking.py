"""`v1/ranking` and `v1/offers`: who may ask for whom, what is said, and when it is everyone's order."""

import pytest

from kept.policy import Answer
from kept.web.centre import centre_app
from tests.pages_call import Reply, call
from tests.pages_house import KEY, SECRET, MemoryHouse, workhirespot

VISIT = "kv_" + "a" * 43
PATH = f"/v1/ranking?key={KEY}&of=job_view.job"


def post(house: MemoryHouse, path: str, body: object, bearer: str = SECRET) -> Reply:
    return call(centre_app(house), path, data=body, headers={"authorization": f"Bearer {bearer}"})


def test_a_browser_is_ranked_by_its_own_answer_and_place() -> None:
    house, bit = MemoryHouse(), workhirespot().purposes["personalise"].mask
    house.answers[VISIT] = Answer(bit, 0)
    told = call(centre_app(house), PATH, cookies={"kept_visit": VISIT}, headers={"sec-gpc": "1"}).json
    assert told == {
        "order": "general",
        "things": [{"id": "1003"}],
        "why": "nothing is known",
        "clause": "purposes.personalise",
        "without": "Newest first.",
    }
    [asked] = house.ranked
    assert (asked.visitor, asked.answer, asked.residence, asked.signal) == (
        VISIT,
        Answer(bit, 0),
        "DE",
        True,
    )
    assert asked.account == ""


def test_the_site_s_server_names_an_account_and_gets_the_reasons() -> None:
    house = MemoryHouse()
    body = {"of": "job_view.job", "account": "ana", "residence": "US", "profile": {"occupation": "Cook"}}
    assert post(house, "/v1/ranking", body).json == {
        "order": "own",
        "things": [
            {"id": "1002", "because": {"viewed": "1001"}},
            {"id": "1003", "because": {"profile": "occupation"}},
        ],
    }
    assert house.ranked[0].profile == {"occupation": "Cook"}
    assert house.ranked[0].answer is None, "the one that stands in the records"


def test_a_residence_that_is_no_place_is_refused() -> None:
    said = post(MemoryHouse(), "/v1/ranking", {"of": "job_view.job", "account": "ana", "residence": "UK"})
    assert (said.status, said.json["where"]) == (400, "residence")


def test_a_person_s_token_is_for_that_person_alone() -> None:
    house, of = MemoryHouse(), "job_view.job"
    assert post(house, "/v1/ranking", {"of": of}, "signed-ana").json["order"] == "own"
    assert post(house, "/v1/ranking", {"of": of, "account": "bo"}, "signed-ana").status == 403
    assert post(house, "/v1/ranking", {"of": of, "visitor": "kv_bo"}, "signed-ana").status == 403
    assert post(house, "/v1/offers", {"of": of}, "signed-ana").status == 403
    assert post(house, "/v1/ranking", {"of": of}, "sk_wrong").status == 401
    assert call(centre_app(house), "/v1/ranking?key=wk_wrong&of=job_view.job").status == 401


@pytest.mark.parametrize(
    "query", ["of=job_view", "of=", "of=a.b&limit=0", "of=a.b&limit=101", "of=A.b", "of=a.b;"]
)
def test_what_cannot_be_read(query: str) -> None:
    assert call(centre_app(MemoryHouse()), f"/v1/ranking?key={KEY}&{query}").status == 400


def test_offers_are_taken_from_the_secret_key() -> None:
    house = MemoryHouse()
    body = {"of": "job_view.job", "things": [{"id": "1", "words": "Line cook"}], "gone": ["2"]}
    assert post(house, "/v1/offers", body).json == {"offered": 1, "gone": 1}
    assert house.offers == [("job_view.job", [("1", "Line cook")], ["2"])]
    assert post(house, "/v1/offers", {"of": "job_view.job", "things": [{"id": ""}]}).status == 400


@pytest.mark.parametrize("path", ["/v1/ranking", "/v1/offers", "/v1/join", "/v1/shown", "/v1/choices"])
@pytest.mark.parametrize("body", [b"", b"{", b'{"a": "\xff"}', b'"\xff', b"[" * 3_000, b'{"a":' * 1_500])
def test_no_body_is_a_fault_of_ours(path: str, body: bytes) -> None:
    headers = {"authorization": f"Bearer {SECRET}", "sec-fetch-site": "same-origin"}
    said = call(centre_app(MemoryHouse()), path, "POST", headers=headers, body=body)
    assert said.status == 400, said.text
    assert said.json["error"]
