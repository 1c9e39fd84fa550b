"""`/-/health`, `/-/ready`, `/-/metrics`: for those who watch over an installation. They tell of nobody.

Metrics are text of OpenMetrics 1.0 (prometheus.io/docs/specs/om). Labels take their values from closed lists:
names of processes, statuses of HTTP, reasons for which an event is refused, and parts of the policy. None comes from a
request.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from starlette.responses import JSONResponse, Response

from kept.app.vitals import BUCKETS, QUERY_SECONDS, Vital
from kept.web.authority import Asked, Authority, DeclaredRoute, route

NEEDED = ("public", "committer")
"""The processes without which no event comes in, or none arrives."""
MEDIA_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"


class Family(NamedTuple):
    """One kind of figure: its name, type, meaning, and the names of its labels if it has any."""

    name: str
    kind: str
    says: str
    labels: tuple[str, ...] = ()


FAMILIES = (
    Family(
        "kept_event_requests", "counter", "Requests that bring events, by the reply's status.", ("status",)
    ),
    Family(
        "kept_page_requests", "counter", "Requests for pages and choices, by the reply's status.", ("status",)
    ),
    Family("kept_events_accepted", "counter", "Events taken in and on the disk."),
    Family(
        "kept_events_refused",
        "counter",
        "Events and properties refused at the door, by reason and declared event or property.",
        ("reason", "part"),
    ),
    Family("kept_events_waiting", "gauge", "Events being written to the disk at this moment."),
    Family("kept_journal_backlog_bytes", "gauge", "Bytes in the journal that are not in the lake yet."),
    Family(
        "kept_committer_lag_seconds", "gauge", "How long something has waited in the journal without a break."
    ),
    Family("kept_lake_age_seconds", "gauge", "Since the lake's newest version was made."),
    Family("kept_log_lines", "counter", "Lines of server logs that were followed."),
    Family("kept_log_events", "counter", "Page views that were kept of them."),
    Family("kept_erasures_open", "gauge", "Deletions that were asked for and are not done."),
    Family(QUERY_SECONDS, "histogram", "How long the console's questions took."),
    Family("kept_process_up", "gauge", "Whether the process runs and has spoken within 20 s.", ("process",)),
    Family("kept_process_started_seconds", "gauge", "When the process started, since 1970.", ("process",)),
    Family(
        "kept_process_resident_bytes",
        "gauge",
        "Memory of the process, shared pages counted in full.",
        ("process",),
    ),
)


class Watched(Protocol):
    """What these pages ask of the house."""

    def vitals(self) -> list[Vital]:
        """What every process last said."""
        ...


def show_health(_asked: Asked[Watched]) -> Response:
    """That this process answers."""
    return JSONResponse({"healthy": True}, headers=_FRESH)


def show_ready(asked: Asked[Watched]) -> Response:
    """Whether events can come in and arrive: 200, or 503 with the processes that are waited for."""
    waits = waits_for(asked.house.vitals(), time.time())
    return JSONResponse({"ready": not waits, "waits for": waits}, 503 if waits else 200, headers=_FRESH)


def show_metrics(asked: Asked[Watched]) -> Response:
    """All figures."""
    return Response(text_of(asked.house.vitals(), time.time()), media_type=MEDIA_TYPE, headers=_FRESH)


def waits_for(vitals: Iterable[Vital], now: float) -> list[str]:
    """The needed processes that do not run, or have not spoken of late."""
    well = {vital.process for vital in vitals if vital.is_fresh(now)}
    return [name for name in NEEDED if name not in well]


def text_of(vitals: list[Vital], now: float) -> str:
    """The figures of all processes that run, as OpenMetrics writes them."""
    living = [vital for vital in vitals if vital.is_fresh(now)]
    found: dict[str, dict[str, float]] = {}
    for vital in living:
        for name, values in vital.figures.items():
            sums = found.setdefault(name, {})
            for label, value in values.items():
                sums[label] = sums.get(label, 0.0) + value
    found["kept_process_up"] = {vital.process: float(vital in living) for vital in vitals}
    found["kept_process_started_seconds"] = {vital.process: vital.started for vital in living}
    found["kept_process_resident_bytes"] = {vital.process: float(vital.resident) for vital in living}
    lines = [line for family in FAMILIES for line in _lines(family, found.get(family.name, {}))]
    return "\n".join([*lines, "# EOF", ""])


def _lines(family: Family, values: dict[str, float]) -> Iterator[str]:
    yield f"# TYPE {family.name} {family.kind}"
    yield f"# HELP {family.name} {family.says}"
    if family.kind == "histogram":
        yield from _histogram(family.name, values)
        return
    name = f"{family.name}_total" if family.kind == "counter" else family.name
    for label, value in sorted(values.items()):
        pairs = zip(family.labels, label.split("/"), strict=True) if family.labels else ()
        named = ",".join(f'{label}="{said}"' for label, said in pairs)
        yield f"{name}{{{named}}} {_number(value)}" if named else f"{name} {_number(value)}"


def _histogram(name: str, values: dict[str, float]) -> Iterator[str]:
    if values:
        for bound in [*(f"{most:g}" for most in BUCKETS), "+Inf"]:
            yield f'{name}_bucket{{le="{_bound(bound)}"}} {_number(values.get(bound, 0.0))}'
        yield f"{name}_sum {_number(values.get('sum', 0.0))}"
        yield f"{name}_count {_number(values.get('+Inf', 0.0))}"


def _bound(text: str) -> str:
    return text if text == "+Inf" or "." in text else f"{text}.0"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.6f}"


def counting(app: Any, count: Callable[[int], None]) -> Any:
    """An ASGI app whose replies are counted by their status."""

    async def counted(scope: Any, receive: Any, send: Any) -> None:
        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                count(message["status"])
            await send(message)

        await app(scope, receive, sent)

    return counted


_FRESH = {"cache-control": "no-store"}

ROUTES: tuple[DeclaredRoute, ...] = (
    route("/-/health", show_health, authority=Authority.ANYONE),
    route("/-/ready", show_ready, authority=Authority.ANYONE),
    route("/-/metrics", show_metrics, authority=Authority.ANYONE),
)
