"""Choices: asked once, counted at once, and nothing kept that a yes does not allow.

Ana says yes, Bo no, Cy withdraws.
"""

import re
from importlib import resources
from pathlib import Path

import pytest

from kept.policy import load_policy
from kept.policy.compiled import Answer, CompiledPolicy
from kept.web.centre import centre_app
from kept.web.house import Visitor
from kept.web.pages import question
from kept.web.pages.choosing import local_path
from tests.pages_call import Reply, call
from tests.pages_house import KEY, MemoryHouse, workhirespot

ASK = f"/v1/choices?key={KEY}"
ROOT = Path(__file__).parents[2]
GPC = {"sec-gpc": "1"}


ASKED = ("personalise", "improve", "research", "marketing", "combine")
"""Every purpose that is asked about in the dialog."""


def bits(*names: str) -> int:
    return sum(workhirespot().purposes[name].mask for name in names)


def say(house: MemoryHouse, yes: bool, cookies: dict[str, str] | None = None) -> Reply:
    answers = {"by_choice": yes, "outward": yes}
    return call(centre_app(house), "/v1/choices", data={"key": KEY, "answers": answers}, cookies=cookies)


def test_a_stranger_is_asked_and_gets_no_cookie() -> None:
    reply = call(centre_app(MemoryHouse()), ASK)
    assert reply.json["ask"] is True
    assert reply.json["collect"] is False
    assert reply.json["events"] == {}
    assert [group["answer"] for group in reply.json["groups"]] == [None, None]
    assert reply.cookies == {}
    assert reply.header("cache-control") == "no-store"


class _Starter(MemoryHouse):
    """Under the policy that `kept init` writes, whose purposes say what they are for and ask nothing."""

    def policy(self) -> CompiledPolicy:
        return load_policy(resources.files("kept.policy").joinpath("starter.yaml").read_text(), "policy.yaml")


def test_the_title_speaks_of_data_since_not_all_of_it_is_a_visit() -> None:
    """A newsletter uses an address: whoever says yes to a question about their visit has not allowed that."""
    texts = call(centre_app(_Starter()), ASK).json["texts"]
    assert texts["title"] == "May we use your data?"


@pytest.mark.parametrize(
    "path", ["/privacy", "/choices", "/dialog", "/kept.js", "/kept-dialog.css", "/-/parts"]
)
def test_looking_sets_no_cookie(path: str) -> None:
    assert call(centre_app(MemoryHouse()), path).cookies == {}


def test_bo_says_no_and_only_the_no_is_kept() -> None:
    house = MemoryHouse()
    reply = say(house, yes=False)
    assert set(reply.kept) == {"kept_choice"}
    assert reply.json["collect"] is False
    assert reply.json["ask"] is False
    assert house.written == []
    again = call(centre_app(house), ASK, cookies=reply.kept)
    assert (again.json["ask"], again.json["collect"]) == (False, False)
    assert again.json["texts"]["said"] == "You said no."


def test_ana_says_yes_and_is_known_for_as_long_as_the_policy_says() -> None:
    house = MemoryHouse()
    reply = say(house, yes=True)
    assert set(reply.kept) == {"kept_choice", "kept_visit"}
    assert reply.json["collect"] is True
    assert reply.json["session"] == 30 * 60
    assert reply.json["events"]["page_view"] == ["path", "title"]
    visit = reply.cookies["kept_visit"]
    assert re.fullmatch(r"kv_[A-Za-z0-9_-]{43}", visit.value)
    assert 390 * 86_400 < int(visit["max-age"]) < 400 * 86_400
    assert visit["samesite"] == "lax"
    assert house.answers[visit.value] == Answer(bits(*ASKED), 0)


def test_the_words_that_were_shown_are_written_down() -> None:
    house = MemoryHouse()
    say(house, yes=True)
    ((_token, written),) = house.written
    assert "May we look at how you use the site" in written.words
    assert written.how == "dialog"


def test_cookies_are_secure_by_https_and_only_then() -> None:
    house = MemoryHouse()
    body = {"key": KEY, "answers": {"by_choice": True}}
    by_https = call(centre_app(house), "/v1/choices", data=body, headers={"x-forwarded-proto": "https"})
    assert all(cookie["secure"] for cookie in by_https.cookies.values())
    by_http = call(centre_app(house), "/v1/choices", data=body)
    assert not any(cookie["secure"] for cookie in by_http.cookies.values())


def test_cy_withdraws_and_is_forgotten_in_the_same_reply() -> None:
    house = MemoryHouse()
    before = say(house, yes=True).kept
    reply = say(house, yes=False, cookies=before)
    assert reply.cookies["kept_visit"]["max-age"] == "0"
    assert reply.cookies["kept_session"]["max-age"] == "0"
    assert reply.json["collect"] is False
    assert house.answers[before["kept_visit"]].yes == 0
    assert house.answers[before["kept_visit"]].no == bits(*ASKED)


def test_a_new_yes_after_a_withdrawal_makes_a_new_id() -> None:
    house = MemoryHouse()
    first = say(house, yes=True).kept
    second = say(house, yes=False, cookies=first).kept
    third = say(house, yes=True, cookies=second).kept
    assert third["kept_visit"] != first["kept_visit"]


def test_an_id_that_the_house_does_not_know_is_never_taken_over() -> None:
    """Whoever plants a cookie in another's browser, or comes back erased, gets a fresh id."""
    house = MemoryHouse()
    reply = say(house, yes=True, cookies={"kept_visit": "planted-by-somebody-else"})
    assert reply.kept["kept_visit"] != "planted-by-somebody-else"


def test_a_yes_to_mail_alone_allows_no_id() -> None:
    """No cookie that recognises people is declared for marketing."""
    house = MemoryHouse()
    reply = call(
        centre_app(house), "/v1/choices", data={"key": KEY, "answers": {"outward": True, "by_choice": False}}
    )
    assert set(reply.kept) == {"kept_choice"}
    assert house.written == []


def test_a_yes_without_improve_allows_no_session() -> None:
    reply = call(
        centre_app(MemoryHouse()),
        "/v1/choices",
        data={"key": KEY, "answers": {"personalise": True, "improve": False}},
    )
    assert reply.json["session"] == 0


def test_a_no_anywhere_beats_a_yes_elsewhere() -> None:
    house = MemoryHouse()
    kept = say(house, yes=True).kept
    house.answers[kept["kept_visit"]] = Answer(
        bits("improve"), bits("personalise")
    )  # said by the account elsewhere
    state = call(centre_app(house), ASK, cookies=kept).json
    page = call(centre_app(house), "/choices", cookies=kept).text
    assert state["texts"]["said"] == "You said yes to A better site, and no to Jobs that suit you."
    assert 'name="personalise" value="no" checked' in page


def test_the_signal_is_a_no_that_is_not_asked_about() -> None:
    house = MemoryHouse()
    for told in (call(centre_app(house), ASK, headers=GPC), call(centre_app(house), f"{ASK}&gpc=1")):
        assert told.json["signal"] is True
        assert told.json["ask"] is False
        assert told.json["collect"] is False
    page = call(centre_app(house), "/choices", headers=GPC).text
    assert "Global Privacy Control" in page
    assert 'name="improve"' not in page
    assert 'name="protect"' in page  # one may object to it with or without a signal


def test_the_signal_beats_a_yes_said_before() -> None:
    house = MemoryHouse()
    kept = say(house, yes=True).kept
    assert call(centre_app(house), ASK, cookies=kept, headers=GPC).json["collect"] is False


def test_where_visits_are_counted_without_cookies_nothing_else_is_needed() -> None:
    state = call(centre_app(MemoryHouse(country="US")), ASK).json
    assert (state["ask"], state["collect"], state["session"]) == (False, True, 0)
    assert set(state["events"]) <= {"page_view", "tool_used"}
    no = say(MemoryHouse(country="US"), yes=False)
    assert no.json["collect"] is False


def test_unknown_residence_is_asked_like_the_strictest() -> None:
    state = call(centre_app(MemoryHouse(country=None)), ASK).json
    assert (state["ask"], state["collect"]) == (True, False)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"key": "wk_other", "answers": {}}, 401),
        ({"key": KEY, "answers": {"world_peace": True}}, 400),
        ({"key": KEY, "answers": {"improve": "yes"}}, 400),
        ({"key": KEY}, 400),
        ([], 400),
    ],
)
def test_an_answer_that_cannot_be_used_changes_nothing(body: object, status: int) -> None:
    reply = call(centre_app(MemoryHouse()), "/v1/choices", data=body)
    assert reply.status == status
    assert "error" in reply.json
    assert reply.cookies == {}


def test_the_plain_form_does_what_the_script_does() -> None:
    house = MemoryHouse()
    app = centre_app(house)
    yes = call(app, "/choices", form={"group": "by_choice yes"})
    assert yes.status == 303
    assert yes.header("location") == "choices?saved=yes"
    assert house.answers[yes.kept["kept_visit"]] == Answer(bits("personalise", "improve", "research"), 0)
    part = call(app, "/choices", form={"improve": "no", "protect": "no"}, cookies=yes.kept)
    assert house.answers[yes.kept["kept_visit"]] == Answer(
        bits("personalise", "research"), bits("improve", "protect")
    )
    page = call(app, "/choices?saved=yes", cookies=yes.kept | part.kept).text
    assert "Saved." in page
    assert 'name="improve" value="no" checked' in page
    assert 'name="research" value="yes" checked' in page
    assert 'name="marketing" value="yes" checked' not in page
    assert "Safety and A better site" in page  # the history


def test_nothing_is_ticked_before_an_answer() -> None:
    for country in ("DE", "US", None):
        assert "checked" not in call(centre_app(MemoryHouse(country=country)), "/choices").text


def test_the_page_says_what_a_no_costs() -> None:
    page = call(centre_app(MemoryHouse()), "/choices").text
    assert "If you say no: Jobs are shown newest first." in page


def test_the_dialog_without_script() -> None:
    app = centre_app(MemoryHouse())
    asked = call(app, "/dialog?back=/jobs")
    assert 'name="everything" value="yes"' in asked.text
    assert "frame-ancestors 'self'" in asked.header("content-security-policy")
    no = call(app, "/choices", form={"how": "dialog", "everything": "no", "back": "/jobs"})
    assert no.header("location") == "/jobs"
    assert set(no.kept) == {"kept_choice"}
    inside = call(app, "/choices", form={"how": "dialog", "everything": "no"})
    assert inside.header("location") == "dialog?saved=yes"
    assert "You said no." in call(app, "/dialog", cookies=no.kept).text
    assert "<p>You said no. That was on " in call(app, "/choices", cookies=no.kept).text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("/jobs?page=2", "/jobs?page=2"),
        ("//evil.example", ""),
        ("/\\evil.example", ""),
        ("https://evil.example", ""),
        ("javascript:alert(1)", ""),
        ("/a\r\nset-cookie: x=1", ""),
        ("/\t/evil.example", ""),
        ("", ""),
    ],
)
def test_back_never_leads_to_another_host(text: str, safe: str) -> None:
    assert local_path(text) == safe


@pytest.mark.parametrize(
    "value", ["", "1.x.0.0", "2.1.0.0", "1.1.0", "1.1.gg.0", "1.1.0.0;", "1." + "9" * 40 + ".0.0"]
)
def test_a_cookie_that_cannot_be_read_is_no_answer(value: str) -> None:
    assert call(centre_app(MemoryHouse()), ASK, cookies={"kept_choice": value}).json["ask"] is True


def test_a_yes_written_into_the_cookie_by_hand_opens_nothing() -> None:
    forged = f"1.1795435200.{bits('improve', 'personalise', 'research', 'marketing'):x}.0"
    assert call(centre_app(MemoryHouse()), ASK, cookies={"kept_choice": forged}).json["collect"] is False


def test_purposes_that_need_no_choice_or_are_ruled_out_are_not_asked() -> None:
    policy = workhirespot()
    asked = {
        each.name for found in question.questions(policy, Visitor(residence="DE")) for each in found.purposes
    }
    assert "operate" not in asked
    assert "obey_law" not in asked
    assert {"improve", "marketing", "protect"} <= asked


def test_a_group_answer_never_reaches_what_one_may_only_object_to() -> None:
    policy = workhirespot()
    assert question.bits_of(policy, Visitor(residence="DE"), {"necessary": False}) == Answer(0, 0)
    assert question.bits_of(policy, Visitor(residence="DE"), {"protect": False}) == Answer(0, bits("protect"))


def test_what_was_agreed_to_stays_agreed_to_while_something_else_is_asked() -> None:
    house = MemoryHouse()
    kept = call(centre_app(house), "/choices", form={"improve": "yes"}).kept
    state = call(centre_app(house), ASK, cookies=kept).json
    assert (state["ask"], state["collect"]) == (True, True)


def test_the_question_of_a_single_purpose_says_its_words_once() -> None:
    starter = load_policy((ROOT / "src/kept/policy/starter.yaml").read_text(), "starter")

    class Small(MemoryHouse):
        def policy(self) -> CompiledPolicy:
            return starter

    text = call(centre_app(Small()), "/choices").text
    asked = text[text.index("A better site") : text.index("Uses you can object to")]
    assert asked.count("To see which parts of the site work, and to make them better.") == 1
    assert asked.count("A better site") == 2  # the heading, and for who hears it with its Yes and No
    assert '<p class="hidden" id="choice-improve">A better site</p>' in asked
    objected = text[text.index("Uses you can object to") :]
    assert '<p class="name" id="choice-protect">Safety</p>' in objected
