"""What someone says on *Your data* counts for them, wherever they are signed in; before, each browser's word."""

import time
from typing import Any

import jwt
import pytest

from kept.app.house import House
from kept.app.people import People
from kept.gate import Gathering
from kept.ledger import entries, facts
from kept.policy.compiled import NO_ANSWER, Answer, CompiledPolicy
from kept.subject import Answers, choices, strictest
from kept.web.centre import centre_app
from kept.web.living import LivingCentre
from kept.web.whence import Proxies
from tests.pages_call import Reply, call

PHONE, LAPTOP, TABLET = ("kv_" + letter * 43 for letter in "plt")
GERMAN = {"x-forwarded-for": "84.128.0.1"}


@pytest.fixture
def policy(house: House) -> CompiledPolicy:
    return house.policies.now().policy


@pytest.fixture
def app(house: House, people: People) -> Any:
    return centre_app(LivingCentre(house, people, Proxies(["127.0.0.1", "203.0.113.9"])))


def token(house: House, account: str = "ana") -> str:
    return jwt.encode({"sub": account, "exp": int(time.time()) + 300}, house.api_keys.secret, "HS256")


def masks(policy: CompiledPolicy, *names: str) -> int:
    return sum(policy.purposes[name].mask for name in names)


def says(people: People, visitor: str, *, yes: int = 0, no: int = 0) -> None:
    people.answer(visitor, yes=yes, no=no, how="dialog", words="May we?")


def answers(
    app: Any, house: House, account: str = "ana", cookies: dict[str, str] | None = None, **form: str
) -> Reply:
    sent = {"token": token(house, account), **form}
    return call(app, "/data/choices", form=sent, cookies=cookies, headers=GERMAN)


def test_a_no_on_your_data_holds_for_every_joined_browser_from_the_next_event_on(
    app: Any, house: House, people: People, policy: CompiledPolicy
) -> None:
    improve, research = masks(policy, "improve"), masks(policy, "research")
    for browser in (PHONE, LAPTOP):
        says(people, browser, yes=improve | research)
        people.join(browser, "ana", "site")
    at_door, gathering, view = Answers(house.records), Gathering(policy), policy.events["page_view"]
    reply = answers(app, house, improve="no")
    assert reply.status == 303
    assert reply.header("location").startswith("../data?token=")
    at_door.refresh()
    for browser in (PHONE, LAPTOP):
        said, _ = at_door.of(house.identities.visitor(browser))
        assert said == Answer(yes=research, no=improve)
        mask = gathering.of_visitor(view, policy.cell_of("DE"), said, signal=False)
        assert (bool(mask & improve), bool(mask & research)) == (False, True)


def test_it_is_written_down_for_each_browser_with_the_words_and_the_version(
    app: Any, house: House, people: People, policy: CompiledPolicy
) -> None:
    for browser in (PHONE, LAPTOP):
        people.join(browser, "ana", "site")
    answers(app, house, improve="yes", marketing="no")
    person = people.of_account("ana")
    assert person is not None
    for subject in person.subjects:
        (past,) = people.history([subject])
        assert (past.said.yes, past.said.no) == (masks(policy, "improve"), masks(policy, "marketing"))
        assert (past.said.how, past.said.policy) == ("account", house.policies.now().number)
        assert "To see which parts of the site work" in past.said.words
        assert "counts in every browser in which you signed in" in past.said.words
    with house.records.read() as connection:
        recorded = [
            entry.fact for entry in entries(connection) if isinstance(entry.fact, facts.ChoiceRecorded)
        ]
    assert [(fact.yes, fact.no, fact.how) for fact in recorded] == [
        (("improve",), ("marketing",), "account")
    ] * 4
    assert len({fact.person for fact in recorded}) == 4  # the fourth is the browser at which it was said


def test_it_holds_for_all_browsers_or_for_none(
    house: House, people: People, policy: CompiledPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for browser in (PHONE, LAPTOP):
        people.join(browser, "ana", "site")
    written, real = [], choices.record_answer

    def breaks(*given: Any) -> int:
        written.append(given[1])
        if len(written) == 2:
            raise OSError("the disk is gone")
        return real(*given)

    monkeypatch.setattr("kept.subject.voice.record_answer", breaks)
    with pytest.raises(OSError, match="the disk is gone"):
        people.answer_for_account("ana", yes=0, no=masks(policy, "improve"), how="account", words="")
    person = people.of_account("ana")
    assert person is not None
    assert set(people.answers_of(person).values()) == {NO_ANSWER}


def test_a_browser_that_said_nothing_contradicts_nobody(
    app: Any, house: House, people: People, policy: CompiledPolicy
) -> None:
    says(people, PHONE, yes=masks(policy, "improve"))
    for browser in (PHONE, LAPTOP):
        people.join(browser, "ana", "site")
    text = call(app, f"/data?token={token(house)}", cookies={"kept_visit": PHONE}).text
    said = text[text.index('id="said"') :]
    assert "Each browser keeps to its own answer" in said
    assert "not the same in all your browsers" not in said
    assert "Your browsers have different answers now." not in said


def test_before_that_each_browser_keeps_its_own_word_and_the_strictest_is_named(
    app: Any, house: House, people: People, policy: CompiledPolicy
) -> None:
    says(people, PHONE, yes=masks(policy, "improve", "research"))
    says(people, LAPTOP, yes=masks(policy, "research"), no=masks(policy, "improve"))
    for browser in (PHONE, LAPTOP):
        people.join(browser, "ana", "site")
    text = call(app, f"/data?token={token(house)}", cookies={"kept_visit": PHONE}).text
    said = text[text.index('id="said"') :]
    assert "Each browser keeps to its own answer" in said
    assert "This browser, yours since" in said
    lines = said[: said.index("</ul>")].split("<li>")[1:]
    assert ["No" in line for line in lines] == [True, False]
    assert ["not the same in all" in line for line in lines] == [True, False]
    improve = said[said.index('name="improve"') - 400 : said.index('name="improve" value="no"') + 40]
    assert "checked" not in improve
    assert "Your browsers have different answers now." in said
    assert people.answer_in_force(PHONE).yes & masks(policy, "improve"), "looking changes nothing"
    answers(app, house, improve="no", research="yes")
    text = call(app, f"/data?token={token(house)}&saved=yes").text
    assert "It counts in all your browsers from now on." in text
    assert "Each browser keeps to its own answer" not in text


def test_a_browser_that_is_joined_later_takes_over_the_noes_and_no_yes(
    app: Any, house: House, people: People, policy: CompiledPolicy
) -> None:
    improve, research, marketing = (masks(policy, name) for name in ("improve", "research", "marketing"))
    answers(app, house, improve="no", marketing="yes")
    says(people, TABLET, yes=improve | research)
    people.join(TABLET, "ana", "site")
    assert people.answer_in_force(TABLET) == Answer(yes=research, no=improve)
    newest = people.history([house.identities.visitor(TABLET)])[0].said
    assert (newest.how, newest.no, newest.yes) == ("account", improve, 0)
    assert "counts in every browser" in newest.words
    assert not people.answer_in_force(TABLET).yes & marketing
    says(people, TABLET, yes=improve)  # their later word, for this browser
    people.join(TABLET, "ana", "site")
    assert people.answer_in_force(TABLET).yes & improve, "a second join of the same browser says nothing new"


def test_the_other_browser_hears_the_no_and_is_not_asked_again(
    app: Any, house: House, people: People, policy: CompiledPolicy
) -> None:
    told = {"key": house.api_keys.write, "answers": {"by_choice": True, "outward": True}, "how": "dialog"}
    phone = call(app, "/v1/choices", data=told, headers=GERMAN).kept
    people.join(phone["kept_visit"], "ana", "site")
    no = dict.fromkeys(("improve", "personalise", "research", "marketing", "combine"), "no")
    assert answers(app, house, cookies=None, **no).status == 303
    asked = f"/v1/choices?key={house.api_keys.write}"
    reply = call(app, asked, cookies=phone, headers=GERMAN)
    assert (reply.json["ask"], reply.json["events"]) == (False, {})
    assert reply.cookies["kept_visit"]["max-age"] == "0"
    carried = {"kept_choice": reply.kept["kept_choice"]}
    again = call(app, asked, cookies=carried, headers=GERMAN)
    assert again.json["ask"] is False
    assert again.json["texts"]["said"] == "You said no."


def test_the_browser_at_which_it_is_said_hears_it_at_once(
    app: Any, house: House, people: People, policy: CompiledPolicy
) -> None:
    people.join(PHONE, "ana", "site")
    says(people, PHONE, yes=masks(policy, "improve"))
    mine = answers(app, house, cookies={"kept_visit": PHONE}, improve="no")
    assert mine.cookies["kept_visit"]["max-age"] == "0"
    assert mine.kept["kept_choice"].endswith(f".0.{masks(policy, 'improve'):x}")
    assert len(people.history([house.identities.visitor(PHONE)])) == 2, "it is written down once"
    fresh = answers(app, house, improve="yes").kept
    assert people.answer_in_force(fresh["kept_visit"]) == Answer(yes=masks(policy, "improve"))


def test_in_a_browser_of_somebody_else_nothing_is_written_under_their_id(
    app: Any, house: House, people: People, policy: CompiledPolicy
) -> None:
    yes = masks(policy, "improve", "research")
    says(people, LAPTOP, yes=yes)
    people.join(LAPTOP, "bo", "site")
    answered = answers(app, house, cookies={"kept_visit": LAPTOP}, improve="no", marketing="yes")
    assert people.answer_in_force(LAPTOP) == Answer(yes=yes)
    assert answered.kept["kept_choice"].endswith(
        f".{masks(policy, 'research'):x}.{masks(policy, 'improve'):x}"
    )


def test_the_signal_of_one_browser_does_not_keep_a_person_from_answering_for_the_others(
    app: Any, house: House, people: People, policy: CompiledPolicy
) -> None:
    people.join(PHONE, "ana", "site")
    signal = {**GERMAN, "sec-gpc": "1"}
    text = call(app, f"/data?token={token(house)}", headers=signal).text
    assert 'name="improve" value="no"' in text
    assert "This browser sends the Global Privacy Control signal" in text
    sent = {"token": token(house), "improve": "yes"}
    reply = call(app, "/data/choices", form=sent, headers=signal)
    assert people.answer_in_force(PHONE).yes == masks(policy, "improve")
    assert "kept_visit" not in reply.kept


@pytest.mark.parametrize("given", ["", "forged"])
def test_nobody_answers_for_an_account_without_its_token(app: Any, people: People, given: str) -> None:
    people.join(PHONE, "ana", "site")
    assert call(app, "/data/choices", form={"token": given, "improve": "yes"}).status == 403
    assert people.answer_in_force(PHONE) == NO_ANSWER


def test_another_site_answers_for_nobody(app: Any, house: House, people: People) -> None:
    people.join(PHONE, "ana", "site")
    headers = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    reply = call(app, "/data/choices", form={"token": token(house), "improve": "yes"}, headers=headers)
    assert reply.status == 403
    assert people.answer_in_force(PHONE) == NO_ANSWER


def test_the_strictest_of_several_answers() -> None:
    assert strictest([]) == NO_ANSWER
    assert strictest([Answer(yes=3), Answer(yes=4, no=1), NO_ANSWER]) == Answer(yes=6, no=1)


def test_the_collector_hears_of_it_before_the_reply(
    house: House, people: People, policy: CompiledPolicy
) -> None:
    at_door, improve = Answers(house.records), masks(policy, "improve")
    centre = centre_app(LivingCentre(house, people, Proxies(()), heard=at_door.refresh))
    says(people, PHONE, yes=improve)
    at_door.refresh()
    assert call(centre, "/data/choices", form={"token": token(house), "improve": "no"}).status == 303
    secret = {"authorization": f"Bearer {house.api_keys.secret}"}
    assert call(centre, "/v1/join", headers=secret, data={"visitor": PHONE, "account": "ana"}).status == 200
    assert at_door.of(house.identities.visitor(PHONE))[0] == Answer(no=improve)
