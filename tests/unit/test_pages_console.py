"""The console: signing in, reports with their twins, and every face a list may show."""

import csv
import io
from datetime import date

import pytest

from kept.web.console import console_app
from kept.web.house import Column, ReportAsked, Table
from kept.web.pages import reporting
from kept.web.pages.company import RefusalCount, Refusals
from tests.pages_call import Reply, call
from tests.pages_house import OWNER, MemoryHouse, a_report

SIGNED_IN = {"authorization": f"Bearer {OWNER}"}


def see(path: str, house: MemoryHouse | None = None) -> Reply:
    return call(console_app(house or MemoryHouse()), path, headers=SIGNED_IN)


def test_the_owner_token_is_exchanged_for_a_cookie_of_its_own() -> None:
    house = MemoryHouse()
    app = console_app(house)
    reply = call(app, "/sign-in", form={"token": f" {OWNER} "})
    assert reply.status == 303
    cookie = reply.cookies["kept_owner"]
    assert cookie.value != OWNER
    assert cookie["httponly"]
    assert cookie["samesite"] == "strict"
    seat = reply.header("location").removesuffix("/reports")
    assert call(app, f"/{seat}/reports", cookies=reply.kept).status == 200
    out = call(app, f"/{seat}/sign-out", form={}, cookies=reply.kept)
    assert out.status == 303
    assert call(app, f"/{seat}/reports", cookies=reply.kept).status == 401


def test_a_wrong_token_is_refused_in_words() -> None:
    reply = call(console_app(MemoryHouse()), "/sign-in", form={"token": "ot_wrong"})
    assert reply.status == 403
    assert "That is not the owner token." in reply.text
    assert "ot_wrong" not in reply.text
    assert reply.cookies == {}


def test_the_report_of_the_usual_purpose_and_time() -> None:
    text = see("/reports").text
    assert '<option value="improve" selected>' in text
    assert 'value="2026-10-25"' in text
    assert 'value="2026-11-23"' in text
    assert "1\N{NARROW NO-BREAK SPACE}204" in text
    assert "<svg" in text
    assert "Figures as a table" in text


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("since=yesterday", 400, "That is not a day."),
        ("since=2026-11-24&until=2026-11-23", 400, "ends before it begins"),
        ("since=1999-01-01", 400, "more than 800 days"),
        ("for=trends", 403, "figures only"),
    ],
)
def test_what_cannot_be_reported_says_why(query: str, status: int, says: str) -> None:
    for path in (f"/reports?{query}", f"/reports.json?{query}", f"/reports/pages.csv?{query}"):
        reply = see(path)
        assert reply.status == status
        assert says in reply.text


def test_broken_and_empty_have_faces_of_their_own() -> None:
    broken, empty = MemoryHouse(broken=True), MemoryHouse(empty=True)
    assert see("/reports", broken).status == 503
    assert "cannot be read" in see("/reports", broken).text
    assert "cannot be read" in see("/refusals", broken).text
    assert "cannot be read" in see("/ledger", broken).text
    assert "Nothing in this time." in see("/reports", empty).text
    assert "Nothing was turned away." in see("/refusals", empty).text
    assert "Nothing has been done yet." in see("/ledger", empty).text


def test_the_twins_hold_the_same_figures() -> None:
    told = see("/reports.json").json
    assert told["figures"]["visitors"] == 1204
    assert told["tables"]["pages"][0] == {"name": "/", "visitors": 810, "views": 2210}
    rows = list(csv.reader(io.StringIO(see("/reports/pages.csv").text)))
    assert rows[:2] == [["name", "visitors", "views"], ["/", "810", "2210"]]
    assert see("/reports/nothing.csv").status == 404


def test_a_page_name_is_no_formula() -> None:
    table = Table("pages", "Pages", (Column("name", "Page"),), (("=HYPERLINK(1)",), ("@x",), ("/",)))
    assert reporting.as_csv(table).splitlines() == ["name", "'=HYPERLINK(1)", "'@x", "/"]


def test_refusals_are_counted_by_reason_without_the_zeros() -> None:
    text = see("/refusals").text
    assert "96\N{NARROW NO-BREAK SPACE}204" in text
    assert "The policy declares no such event" in text
    assert "more than 7 days old" not in text


def test_the_ledger_shows_facts_and_the_root() -> None:
    text = see("/ledger").text
    assert "#88\N{NARROW NO-BREAK SPACE}214" in text
    assert "rights:person:erased" in text


def test_a_chart_says_in_words_what_it_draws() -> None:
    report = a_report(ReportAsked("improve", date(2026, 11, 1), date(2026, 11, 5)))
    drawn = reporting.drawn(report.tables[0])
    assert drawn is not None
    assert drawn["says"].startswith(
        "Visitors: between 60 and 102 a day from 1 November 2026 to 5 November 2026."
    )
    assert drawn["top"] >= 250


def test_names_that_visitors_choose_are_escaped() -> None:
    class Hostile(MemoryHouse):
        def report(self, asked: ReportAsked) -> object:  # type: ignore[override]  # the same, with a nasty page
            found = a_report(asked)
            nasty = Table("pages", "Pages", found.tables[1].columns, (("<script>alert(1)</script>", 1, 1),))
            return type(found)(found.asked, found.figures, (nasty,), found.note)

    text = see("/reports", Hostile()).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_what_a_purpose_sees_and_why_not() -> None:
    text = see("/seen?for=improve").text
    assert "page_view.title" in text
    assert "country, in 2 tables" in text
    assert "purposes.improve.uses" in text
    assert "about 4\N{NARROW NO-BREAK SPACE}000" in text
    assert "a few people’s, not told" in text
    assert see("/seen").text == text, "the usual purpose"


def test_what_is_seen_for_programs() -> None:
    told = see("/seen.json?for=improve").json
    assert told["rows"] == {
        "there": 9_704,
        "missing": {"Gathered without leave for this purpose.": 4_000, "Withdrawn since.": None},
    }
    assert told["parts"][-1]["why_not"] == "The purpose does not use it."


def test_a_purpose_that_reads_no_rows_says_so_and_one_that_is_none_is_refused() -> None:
    assert "It reads no rows." in see("/seen?for=trends").text
    assert see("/seen?for=nothing").status == see("/seen.json?for=nothing").status == 400
    assert "Did you mean improve?" in see("/seen?for=nothing").text


@pytest.mark.parametrize("report", ["compared", "funnel", "return", "features", "live"])
def test_what_people_do(report: str) -> None:
    reply = see(f"/behaviour?report={report}&for=improve&by=device&column=country&value=DE")
    assert reply.status == 200
    assert "People who came so far" in reply.text
    assert reply.text.count("<svg") >= 3, "a chart, and a bar for each row of the funnel"
    assert (reply.header("refresh") == "20") is (report == "live")
    first, second = [*MemoryHouse().policy().events][:2]
    assert f'placeholder="{first} {second}"' in reply.text


def test_reports_are_split_by_what_the_purpose_sees_alone() -> None:
    text = see("/behaviour?for=improve").text
    assert "<option>device" in text
    assert "campaign" not in text
    assert "<option>device" not in see("/behaviour?for=protect").text


def test_the_twins_of_what_people_do() -> None:
    assert see("/behaviour.json").json["tables"]["funnel"][1] == {
        "step": "application",
        "share": "3%",
        "people": 41,
    }
    assert see("/behaviour/funnel.csv").text.splitlines()[1] == "page_view,100%,1204"
    assert see("/behaviour/funnel.parquet").body == b"PAR1funnel"
    assert see("/behaviour/funnel.xlsx").status == see("/behaviour/nothing.csv").status == 404


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("by=browser", 403, "This purpose does not see browser."),
        ("report=all", 400, "There is no such report."),
        ("since=x", 400, "That is not a day."),
        ("since=2026-11-24&until=2026-11-23", 400, "ends before it begins"),
    ],
)
def test_what_people_do_and_cannot_be_told(query: str, status: int, says: str) -> None:
    for path in (f"/behaviour?{query}", f"/behaviour.json?{query}", f"/behaviour/funnel.csv?{query}"):
        assert see(path).status == status
        assert says in see(path).text
    assert see("/behaviour", MemoryHouse(broken=True)).status == 503
    assert "Nothing in this time." in see("/behaviour", MemoryHouse(empty=True)).text


def test_since_when_there_are_counts_is_said_and_that_there_are_none() -> None:
    house = MemoryHouse()
    assert "Counted since 20 November 2026" in see("/refusals", house).text
    house.refusals = lambda: Refusals(None, 0, ())  # type: ignore[method-assign]
    assert "Nothing has been counted yet." in see("/refusals", house).text


def test_events_and_properties_that_were_turned_away_are_counted_apart() -> None:
    counts = (
        RefusalCount("no purpose", "No purpose may use the event", 311),
        RefusalCount("wrong type", "The value is not of the declared type", 40, True, "apply.job"),
        RefusalCount("undeclared property", "The policy declares no such property", 2, True, "apply"),
    )
    house = MemoryHouse()
    house.refusals = lambda: Refusals(0, 7, counts)  # type: ignore[method-assign]
    text = see("/refusals", house).text
    for figure, count in (("Events and messages turned away", "311"), ("Properties turned away", "42")):
        assert figure in text
        assert count in text
    assert "apply.job" in text
    assert "apply: a name that the policy does not declare" in text
