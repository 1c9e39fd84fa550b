"""G1: an event comes only by the ways that its `from` names, from pages or from the company's server, and is
stored with the one that it came by."""

from collections.abc import Generator, Iterable, Mapping, Sequence

from kept.policy.compiled import Event
from kept.prove.browser import Browser, CollectorSaid
from kept.prove.expected import SERVER, TRACKER, events_from, expected_mask, right_values
from kept.prove.stage import GERMANY, Stage
from kept.prove.verdict import Finding
from kept.prove.words import word
from kept.storage.search import Row

NOT_FROM_HERE = "not from here"
REQUEST_ONLY = ("address", "device", "browser")
"""What only a visitor's own request can tell; a server's would tell of the server."""


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Send every declared event by both ways, then look at what came in by the server's."""
    bo, every = stage.yes(), list(stage.policy.events.values())
    if not bo.visitor:
        return [Finding(True, "the policy gives no visitor an id, so no server can speak for one")]
    by_page = {event.name: bo.sends(_sent(event)) for event in every}
    by_site = {event.name: _by_site(stage, bo, _sent(event)) for event in every}
    unknown = _by_site(stage, bo, {"name": f"canary_{word()}"})
    yield
    rows = [row for row in stage.rows() if row["subject"] == stage.subject(bo.visitor)]
    astray = sorted({*_astray(every, TRACKER, by_page), *_astray(every, SERVER, by_site)})
    return [
        Finding(
            False, f"taken by a way that its `from` does not name, or refused without saying so: {astray}"
        )
        if astray or "undeclared event" not in unknown.reasons()
        else Finding(True, "each event is taken by the ways that its `from` names alone"),
        _stored(stage, rows),
    ]


def _sent(event: Event) -> dict[str, object]:
    return {"name": event.name, "properties": right_values(event)}


def _by_site(stage: Stage, visitor: Browser, event: Mapping[str, object]) -> CollectorSaid:
    return visitor.sent_by_site(stage.house.secret, visitor.visitor, GERMANY, event)


def _astray(events: Iterable[Event], source: str, told: Mapping[str, CollectorSaid]) -> list[str]:
    """Events that do not come this way and were not refused for it, or come this way and were."""
    return [
        event.name
        for event in events
        if (source in event.sources) == (NOT_FROM_HERE in told[event.name].reasons())
    ]


def _stored(stage: Stage, rows: Sequence[Row]) -> Finding:
    """What the site's server sent must arrive, marked as its own, and with nothing of the server's own request."""
    all_yes = stage.answer(stage.asked())
    due = {
        event.name
        for event in events_from(stage.policy, SERVER)
        if expected_mask(stage.policy, event, GERMANY, all_yes)
    }
    came = {str(row["name"]) for row in rows if row["source"] == SERVER}
    if wrong := sorted(came ^ due):
        return Finding(False, f"of what the site's server sent, lost or not to be taken: {', '.join(wrong)}")
    if strange := sorted(_of_the_request(rows)):
        return Finding(False, f"of the server's own request, kept as the visitor's: {', '.join(strange)}")
    return Finding(True, f"{len(due)} declared events came in from the site's server, and are marked so")


def _of_the_request(rows: Iterable[Row]) -> set[str]:
    return {
        column
        for row in rows
        if row["source"] == SERVER
        for column in REQUEST_ONLY
        if row[column] is not None
    }
