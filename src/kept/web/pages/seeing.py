"""The page that says what a purpose sees, and why the rest is not there; as JSON too."""

from typing import Any

from starlette.responses import JSONResponse, Response

from kept.web.authority import Asked
from kept.web.house import ConsoleHouse, NoReport, Seen, SeenPart
from kept.web.pages import words
from kept.web.pages.draw import HEADERS, page


def show_seen(asked: Asked[ConsoleHouse]) -> Response:
    """Columns that are seen, parts that are not with their clause, rows there and missing."""
    name, found = _found(asked)
    purposes = asked.house.policy().purposes.values()
    shown: dict[str, Any] = {
        "here": "reports",
        "use": "seen",
        "policy": asked.house.policy(),
        "purposes": sorted(purposes, key=lambda each: each.bit),
        "name": name,
        "refused": found if isinstance(found, NoReport) else None,
    }
    if isinstance(found, Seen):
        shown |= {"seen": found, "rows_seen": _seen_rows(found), "rows_unseen": _unseen_rows(found)}
        shown["rows_missing"] = [(why, about(rows)) for why, rows in found.missing]
    return page(asked.request, "seen.html", shown, 200 if isinstance(found, Seen) else 400)


def seen_json(asked: Asked[ConsoleHouse]) -> Response:
    """The same for programs; a count that is not told is null."""
    _, found = _found(asked)
    if isinstance(found, NoReport):
        return JSONResponse({"error": found.says, "clause": found.clause}, 400, HEADERS)
    said = {
        "purpose": found.purpose,
        "rows": {"there": found.there, "missing": dict(found.missing)},
        "parts": [_as_json(part) for part in found.parts],
    }
    return JSONResponse(said, headers=HEADERS)


def about(rows: int | None) -> str:
    """A rounded count in words."""
    if rows is None:
        return "a few people’s, not told"
    return f"about {words.number(rows)}" if rows else "none"


def _found(asked: Asked[ConsoleHouse]) -> tuple[str, Seen | NoReport]:
    usual = next((each.name for each in asked.house.report_purposes() if not each.refused), "")
    name = asked.request.query_params.get("for") or usual
    return name, asked.house.seen_by(name)


def _seen_rows(found: Seen) -> list[tuple[str, ...]]:
    return [(part.name, _places(part), part.kept_for or "—") for part in found.parts if part.seen_as]


def _unseen_rows(found: Seen) -> list[tuple[str, ...]]:
    return [(part.name, part.why, part.clause) for part in found.parts if not part.seen_as]


def _places(part: SeenPart) -> str:
    """The columns; an item that stands in every table is said to."""
    column = part.seen_as[0].rpartition(".")[2]
    return part.seen_as[0] if len(part.seen_as) == 1 else f"{column}, in {len(part.seen_as)} tables"


def _as_json(part: SeenPart) -> dict[str, Any]:
    return {
        "name": part.name,
        "kind": part.kind,
        "seen_as": list(part.seen_as),
        "kept_for": part.kept_for,
        "why_not": part.why or None,
        "clause": part.clause,
    }
