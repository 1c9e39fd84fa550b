"""What people do: compared with the time before, funnel, return, features, the last half hour. With their twins."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from kept.web.authority import Asked, Because
from kept.web.house import Behaviour, BehaviourWanted, ConsoleHouse, NoReport, Table
from kept.web.pages.draw import HEADERS, page
from kept.web.pages.errors import deny_office
from kept.web.pages.reporting import MOST_DAYS, USUAL_DAYS, as_csv, day_of, drawn, status_of

LIVE = "live"
REFRESH_SECONDS = 20
REPORTS = (
    ("compared", "Beside the time before"),
    ("funnel", "Funnel"),
    ("return", "Who comes back"),
    ("features", "What is used"),
    (LIVE, "The last half hour"),
)
DRAWN = frozenset({"days", "minutes"})
LONGEST = 200
PARQUET = "application/vnd.apache.parquet"


def show_behaviour(asked: Asked[ConsoleHouse]) -> Response:
    """The form, then the tables; of those over time the chart too. The last half hour loads itself anew."""
    wanted = behaviour_wanted(asked)
    answer = wanted if isinstance(wanted, NoReport) else asked.house.behaviour(wanted)
    query = asked.request.query_params
    shown: dict[str, Any] = {
        "here": "reports",
        "use": "behaviour",
        "policy": asked.house.policy(),
        "purposes": asked.house.report_purposes(),
        "reports": REPORTS,
        "segments": asked.house.segments(wanted.purpose) if isinstance(wanted, BehaviourWanted) else (),
        "asked": wanted if isinstance(wanted, BehaviourWanted) else None,
        "given": query,
        "steps_like": " ".join([*asked.house.policy().events][:2]),
        "refused": answer if isinstance(answer, NoReport) else None,
    }
    if isinstance(answer, Behaviour):
        shown |= {
            "tables": [(table, drawn(table) if table.name in DRAWN else None) for table in answer.tables],
            "query": urlencode([(name, value) for name, value in query.multi_items() if value]),
        }
    live = isinstance(answer, Behaviour) and answer.asked.report == LIVE
    refresh = {"Refresh": str(REFRESH_SECONDS)} if live else None
    return page(asked.request, "behaviour.html", shown, status_of(answer), headers=refresh)


def behaviour_twin(asked: Asked[ConsoleHouse]) -> Response:
    """One table as CSV or Parquet, or all as JSON: `behaviour.json`, `behaviour/funnel.csv`, `….parquet`."""
    wanted = behaviour_wanted(asked)
    answer = wanted if isinstance(wanted, NoReport) else asked.house.behaviour(wanted)
    if isinstance(answer, NoReport):
        said = {"error": answer.says, "clause": answer.clause, "next": answer.next_step}
        return JSONResponse(said, status_of(answer), HEADERS)
    kind = asked.request.path_params.get("kind", "json")
    if kind == "json":
        return JSONResponse(
            {"tables": {table.name: _objects(table) for table in answer.tables}}, headers=HEADERS
        )
    table = next((each for each in answer.tables if each.name == asked.request.path_params["table"]), None)
    if table is None or kind not in {"csv", "parquet"}:
        return deny_office(asked, Because.NO_SUCH_PAGE)
    saved_as = f'attachment; filename="{answer.asked.purpose}-{table.name}.{kind}"'
    body = as_csv(table).encode() if kind == "csv" else asked.house.parquet(table)
    media = "text/csv; charset=utf-8" if kind == "csv" else PARQUET
    return Response(body, 200, {**HEADERS, "Content-Disposition": saved_as}, media)


def behaviour_wanted(asked: Asked[ConsoleHouse]) -> BehaviourWanted | NoReport:
    """Which report the address asks for; without words the usual purpose, and the last 30 days beside those before."""
    query, purposes = asked.request.query_params, asked.house.report_purposes()
    usable = [each.name for each in purposes if not each.refused]
    today = datetime.fromtimestamp(asked.house.now_ms() / 1000, UTC).date()
    since = day_of(query.get("since") or (today - timedelta(USUAL_DAYS - 1)).isoformat())
    until = day_of(query.get("until") or today.isoformat())
    wanted = _named(query.get("report", REPORTS[0][0]))
    if not usable and "for" not in query:
        return NoReport("No purpose of the policy may have reports.", "purposes")
    if since is None or until is None or until == date.max or since.year < 1971:
        return NoReport("That is not a day.", next_step="Write days as 2026-11-23.")
    if since > until or (until - since).days >= MOST_DAYS:
        return NoReport("The time ends before it begins, or is too long.", next_step="Choose other days.")
    if wanted is None:
        return NoReport(
            "There is no such report.", next_step=f"Ask for {', '.join(name for name, _ in REPORTS)}."
        )
    made = BehaviourWanted(query.get("for") or usable[0], wanted, since, until, by=query.get("by", ""))
    steps = tuple(step for step in query.get("steps", "").replace(",", " ").split() if step)
    column, value = query.get("column", ""), query.get("value", "")[:LONGEST]
    return replace(made, steps=steps, where=((column, value),) if column and value else ())


def _named(name: str) -> str | None:
    return name if name in dict(REPORTS) else None


def _objects(table: Table) -> list[dict[str, Any]]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]
