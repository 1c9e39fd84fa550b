"""G2: what clients of other makes send is held to the same answers as ours; a page's key says of nobody who they are.

Segment stands for all: behind the translation there is one way.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence

from kept.policy.compiled import Event
from kept.prove.browser import Browser
from kept.prove.expected import expected_mask, right_values, tracker_events
from kept.prove.stage import GERMANY, Stage
from kept.prove.verdict import Finding
from kept.prove.words import word
from kept.storage.search import Row

PAGE = "page_view"
PUBLIC_KEY, PROFILE = "public key", "profile"


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Ana said yes, Eve is a stranger; both look at a page by Segment's SDK, which gives each an id of its own."""
    events = tracker_events(stage.policy)[:2]
    if not events:
        return [Finding(True, "the policy declares no event that pages may send; nothing was sent")]
    ana, eve = stage.yes(), stage.browser()
    made_up = f"sdk-{word()}"
    stage.cast.append(made_up)
    sent = [_sent(event, made_up) for event in events]
    for _ in range(2):
        ana.sends_by_segment(*sent)
    eve.sends_by_segment(*(_sent(event, made_up) for event in events))
    told = _claims(stage, eve)
    yield
    rows = stage.rows()
    return [
        _stored(stage, "Ana, by Segment's client", ana.visitor or made_up, events, rows, yes=True),
        *([_stored(stage, "Eve, by Segment's client", made_up, events, rows)] if ana.visitor else []),
        *told,
    ]


def _sent(event: Event, visitor: str) -> Mapping[str, object]:
    kind = {"type": "page"} if event.name == PAGE else {"type": "track", "event": event.name}
    return {**kind, "messageId": word(), "anonymousId": visitor, "properties": right_values(event)}


def _stored(
    stage: Stage, who: str, visitor: str, events: Iterable[Event], rows: Iterable[Row], *, yes: bool = False
) -> Finding:
    """Each event once, under the purposes that the person allows, or not at all."""
    answer = stage.answer(stage.asked() if yes else ())
    due = sorted(mask for event in events if (mask := expected_mask(stage.policy, event, GERMANY, answer)))
    found = sorted(int(row["mask"]) for row in rows if row["subject"] == stage.subject(visitor))
    if found != due:
        return Finding(False, f"{who}: {len(found)} rows in the lake, where {len(due)} belong, or for others")
    return Finding(True, f"{who}: stored once and as her answer allows: {len(due)} events")


def _claims(stage: Stage, eve: Browser) -> list[Finding]:
    """Eve says by the page's key that she is an account, and what she is like; then the site's server does."""
    account, visitor = f"canary-{word()}", f"sdk-{word()}"
    stage.accounts.append(account)
    stage.cast.append(visitor)
    said = {"type": "identify", "anonymousId": visitor, "userId": account, "traits": {"mood": word()}}
    by_page = eve.sends_by_segment(said)
    if stage.account(account) is not None:
        return [Finding(False, "by a page's key a visitor was joined to an account")]
    by_site = eve.sends_by_segment(said, secret=stage.house.secret)
    places = {place for _, reason, place in by_page.refused if reason == PUBLIC_KEY}
    if places != {"batch[0].userId", "batch[0].traits"} or by_site.reasons() != {PROFILE}:
        return [Finding(False, "who someone is, or is like, was passed over without its reason")]
    if stage.account(account) is None:
        return [Finding(False, "by the site's secret key nobody was joined")]
    return [Finding(True, "a page's key says of nobody who they are, and is told so; the site's server may")]
