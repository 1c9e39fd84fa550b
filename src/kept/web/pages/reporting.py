"""The company's pages: reports for a purpose, what was turned away, the ledger."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import JSONResponse, RedirectResponse, Response

from kept.base.language import ENGLISH
from kept.web.authority import Asked, Because
from kept.web.house import Column, ConsoleHouse, Figure, NoReport, Report, ReportAsked, ReportPurpose, Table
from kept.web.pages import charts, words
from kept.web.pages.draw import HEADERS, page
from kept.web.pages.errors import deny_office

USUAL_DAYS = 30
MOST_DAYS = 800
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def show_reports(asked: Asked[ConsoleHouse]) -> Response:
    """Figures, the chart with its table, and the breakdowns."""
    purposes = asked.house.report_purposes()
    wanted = report_asked(asked, purposes)
    answer = wanted if isinstance(wanted, NoReport) else asked.house.report(wanted)
    return page(
        asked.request, "reports.html", _report_shown(asked, purposes, wanted, answer), status_of(answer)
    )


def report_asked(asked: Asked[ConsoleHouse], purposes: tuple[ReportPurpose, ...]) -> ReportAsked | NoReport:
    """Which report the address asks for; without words, the usual purpose and the last 30 days."""
    query = asked.request.query_params
    usable = [each.name for each in purposes if not each.refused]
    if not usable and "for" not in query:
        return NoReport(
            "No purpose of the policy may have reports.", "purposes", "Declare one that uses events."
        )
    today = datetime.fromtimestamp(asked.house.now_ms() / 1000, UTC).date()
    until = day_of(query.get("until", today.isoformat()))
    since = day_of(query.get("since", (today - timedelta(USUAL_DAYS - 1)).isoformat()))
    if since is None or until is None:
        return NoReport("That is not a day.", next_step="Write days as 2026-11-23.")
    if until == date.max:
        return NoReport("That is the last day that there is.", next_step="Choose an earlier one.")
    if since > until:
        return NoReport("The time ends before it begins.", next_step="Exchange the two days.")
    if (until - since).days >= MOST_DAYS:
        return NoReport(f"That is more than {MOST_DAYS} days.", next_step="Ask for a shorter time.")
    return ReportAsked(query.get("for") or usable[0], since, until)


def reports_json(asked: Asked[ConsoleHouse]) -> Response:
    """The same for programs."""
    found = _found(asked)
    if isinstance(found, NoReport):
        said = {"error": found.says, "clause": found.clause, "next": found.next_step, "retry": found.retry}
        return JSONResponse(said, status_of(found), HEADERS)
    return JSONResponse(as_json(found), headers=HEADERS)


def reports_csv(asked: Asked[ConsoleHouse]) -> Response:
    """One table of a report as CSV (RFC 4180)."""
    found = _found(asked)
    if isinstance(found, NoReport):
        return Response(found.says + "\n", status_of(found), HEADERS, "text/plain; charset=utf-8")
    name = asked.request.path_params["table"]
    table = next((each for each in found.tables if each.name == name), None)
    if table is None:
        return deny_office(asked, Because.NO_SUCH_PAGE)
    saved_as = f'attachment; filename="{found.asked.purpose}-{name}.csv"'
    return Response(
        as_csv(table), 200, {**HEADERS, "Content-Disposition": saved_as}, "text/csv; charset=utf-8"
    )


def show_refusals(asked: Asked[ConsoleHouse]) -> Response:
    """What was turned away at the door, by reason."""
    found = asked.house.refusals()
    shown: dict[str, Any] = {"here": "refusals", "policy": asked.house.policy(), "refusals": found}
    if found is not None:
        properties = sum(each.count for each in found.counts if each.is_of_property)
        events = sum(each.count for each in found.counts) - properties
        shown["figures"] = (
            Figure("accepted", "Events taken in", found.accepted),
            Figure("refused", "Events and messages turned away", events),
            Figure("refused_properties", "Properties turned away", properties),
        )
        rows = tuple(
            (each.says, each.what, each.count)
            for each in sorted(found.counts, key=lambda each: -each.count)
            if each.count
        )
        columns = (Column("why", "Why"), Column("what", "What"), Column("count", "How often", is_number=True))
        shown["table"] = Table("refusals", "Reasons, most frequent first", columns, rows)
    return page(asked.request, "refusals.html", shown)


def show_ledger(asked: Asked[ConsoleHouse]) -> Response:
    """The ledger's newest entries."""
    found = asked.house.ledger()
    entries = found.entries if found else ()
    rows = [
        (f"#{words.number(each.index)}", words.moment(each.at_ms, ENGLISH), each.fact, each.says)
        for each in entries
    ]
    return page(
        asked.request,
        "ledger.html",
        {"here": "ledger", "policy": asked.house.policy(), "ledger": found, "rows": rows},
    )


def to_reports(asked: Asked[ConsoleHouse]) -> Response:  # noqa: ARG001  an endpoint like the others
    """The console opens on its reports."""
    return RedirectResponse("reports", 303, HEADERS)


def as_json(report: Report) -> dict[str, Any]:
    """A report as plain values: figures by name, tables as lists of objects."""
    return {
        "purpose": report.asked.purpose,
        "since": report.asked.since.isoformat(),
        "until": report.asked.until.isoformat(),
        "figures": {each.name: each.value for each in report.figures},
        "tables": {
            each.name: [
                dict(zip((column.name for column in each.columns), row, strict=True)) for row in each.rows
            ]
            for each in report.tables
        },
        "note": report.note,
    }


def as_csv(table: Table) -> str:
    """A table as CSV. A text that a spreadsheet would read as a formula gets an apostrophe: visitors choose
    the names of pages and referrers (OWASP, CSV injection)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(column.name for column in table.columns)
    for row in table.rows:
        writer.writerow(
            f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in row
        )
    return out.getvalue()


def drawn(table: Table) -> Mapping[str, Any] | None:
    """The chart of a table of days or minutes: its first two number columns. None when there is nothing to draw."""
    numbers = [place for place, column in enumerate(table.columns) if column.is_number][:2]
    if not table.rows or not numbers:
        return None
    lines = [
        charts.Line(table.columns[place].title, tuple(float(row[place]) for row in table.rows))
        for place in numbers
    ]
    first, last = _named(str(table.rows[0][0])), _named(str(table.rows[-1][0]))
    step = table.columns[0].title.lower()
    return {
        "caption": f"{ENGLISH.listing([line.title for line in lines]).capitalize()}, {step} by {step}.",
        "lines": lines,
        "says": " ".join(_in_words(line, step, first, last) for line in lines),
        "top": charts.ceiling(max(value for line in lines for value in line.values)),
        "first": first,
        "last": last,
    }


def _tells_something(days: Table) -> bool:
    """Every day of a report has its row, also where nothing was seen: of noughts no line is drawn."""
    return any(
        row[place] for row in days.rows for place, column in enumerate(days.columns) if column.is_number
    )


def _named(text: str) -> str:
    """A day in words; a minute as it is."""
    return text if ":" in text else ENGLISH.day(text)


def _in_words(line: charts.Line, step: str, first: str, last: str) -> str:
    least, most = words.number(min(line.values)), words.number(max(line.values))
    return f"{line.title}: between {least} and {most} a {step} from {first} to {last}."


def _report_shown(
    asked: Asked[ConsoleHouse],
    purposes: tuple[ReportPurpose, ...],
    wanted: ReportAsked | NoReport,
    answer: Report | NoReport,
) -> dict[str, Any]:
    query = asked.request.query_params
    name = query.get("for", "") if isinstance(wanted, NoReport) else wanted.purpose
    shown: dict[str, Any] = {
        "here": "reports",
        "use": "reports",
        "policy": asked.house.policy(),
        "purposes": purposes,
        "chosen": next((each for each in purposes if each.name == name), None),
        "since": query.get("since", "") if isinstance(wanted, NoReport) else wanted.since.isoformat(),
        "until": query.get("until", "") if isinstance(wanted, NoReport) else wanted.until.isoformat(),
    }
    if isinstance(answer, NoReport):
        return {**shown, "refused": answer}
    days = next((each for each in answer.tables if each.name == "days"), None)
    asked_for = {"for": answer.asked.purpose, "since": shown["since"], "until": shown["until"]}
    return {
        **shown,
        "refused": None,
        "report": answer,
        "days": days,
        "drawn": drawn(days) if days and _tells_something(days) else None,
        "tables": [each for each in answer.tables if each.name != "days"],
        "query": urlencode(asked_for),
    }


def _found(asked: Asked[ConsoleHouse]) -> Report | NoReport:
    wanted = report_asked(asked, asked.house.report_purposes())
    return wanted if isinstance(wanted, NoReport) else asked.house.report(wanted)


def status_of(answer: object) -> int:
    """The status of HTTP with which an answer goes out: no report may be had later, never, or as it was asked."""
    if not isinstance(answer, NoReport):
        return 200
    return 503 if answer.retry else 403 if answer.clause else 400


def day_of(text: str) -> date | None:
    """A day as forms write it, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
