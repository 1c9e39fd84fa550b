"""What the door lets in equals a second, slow reading of the rules, written here without the door's code."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.base.ids import keyed_63
from kept.gather.arrival import SentEvent
from kept.gather.door import AnswersInMemory
from kept.gather.meeting import Words, meet
from kept.gather.minimise import clean_words, link_of, origin_of, page_of, referrer_of, shorten, without_mail
from kept.gather.refusals import Counts
from kept.gather.steps import admit
from kept.policy.compiled import Answer
from kept.storage.event import StoredEvent
from tests.collecting import (
    AMERICAN,
    EVENTS,
    GERMAN,
    IMPROVE,
    ITEMS,
    KEYS,
    NOW,
    NOWHERE,
    OBEY_LAW,
    PERSONALISE,
    PROTECT,
    small_door,
)

DAY_MS = 86_400_000
DOOR = small_door()
"""One for all that is drawn: what it remembers of one sender must not decide for another."""
FIREFOX = b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BITS = st.integers(0, 15)
ADDRESSES = {GERMAN: "DE", AMERICAN: "US", NOWHERE: None}

TIMES = (
    st.none()
    | st.integers(NOW - 8 * DAY_MS, NOW + 600_000)
    | st.sampled_from([NOW - 7 * DAY_MS, NOW - 7 * DAY_MS - 1, NOW + 300_000, NOW + 300_001, 0, -1, 1 << 62])
    | st.sampled_from(
        ["2026-09-21T14:13:20Z", "2026-09-21T14:13:20", "2026-09-20T00:00:00.25+05:30", "then", ""]
    )
)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 65), 1 << 65)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["x" * 128, "x" * 129, "x" * 200, "x" * 201, "x" * 2_000, "x" * 2_001])
    | st.sampled_from(
        ["2026-02-28", "2026-02-30", "2026-2-28", "https://a.example/b?c=d", "mailto:a@example.com"]
    )
    | st.lists(st.text(max_size=5) | st.integers(), max_size=3)
    | st.just(["x"] * 51)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)
NAMES = sorted({name for event in EVENTS for name in event.properties} | {"undeclared"})
SENT = st.fixed_dictionaries(
    {"name": st.sampled_from([*(event.name for event in EVENTS), "undeclared"])},
    optional={
        "id": st.text(max_size=8),
        "at": TIMES,
        "page": st.none() | st.sampled_from(["/jobs", "https://a.example/x/1?token=y", "nonsense", ""]),
        "referrer": st.none()
        | st.sampled_from(["https://b.example/?q=1", "https://a.example/", "nonsense", ""]),
        "session": st.none() | st.text(max_size=4),
        "properties": st.none() | st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5),
    },
)


def choice(bit: int, country: str | None) -> str:
    """The say that a person has over a purpose of the small policy: unknown is judged as Germany."""
    if bit == OBEY_LAW:
        return "none"
    if bit == PROTECT:
        return "objection"
    return "opt out" if country == "US" else "opt in"


def may(bit: int, country: str | None, answer: Answer, signal: bool) -> bool:
    """Whether one purpose may use what is gathered now."""
    said_no, said_yes = bool(answer.no & bit), bool(answer.yes & bit)
    return {
        "none": True,
        "objection": not said_no,
        "opt out": not said_no and not signal,
        "opt in": said_yes and not said_no and not signal,
    }[choice(bit, country)]


def mask_of(event: Any, country: str | None, answer: Answer, known: bool, signal: bool) -> int:
    """The purposes that may use an event. The cookie is declared for all but obey_law, which waits for a demand."""
    if not known:  # no answer can be known: no choice is open, and the signal asks not to be counted
        used = [bit for bit in (PROTECT,) if event.uses & bit and not signal]
    else:
        used = [
            bit
            for bit in (IMPROVE, PROTECT, PERSONALISE)
            if event.uses & bit and may(bit, country, answer, signal)
        ]
    return sum(used) | (event.uses & OBEY_LAW) if used else 0


def read(kind: str, value: Any) -> str | None:
    """The text that is kept of a property, None if it is refused."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if kind == "yes or no":
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else None
    if kind == "number" or (kind == "id" and whole):
        if whole:
            return str(value) if -(2**63) <= value < 2**63 else None
        return repr(value) if isinstance(value, float) else None
    if kind == "list of text":
        good = isinstance(value, list) and len(value) <= 50 and all(isinstance(text, str) for text in value)
        good = good and all(len(text) <= 200 for text in value)
        return msgspec.json.encode([clean_words(text)[:200] for text in value]).decode() if good else None
    if not isinstance(value, str) or kind == "email":
        return None
    if kind == "date":
        try:
            day = datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            return None
        return value if value == f"{day:%Y-%m-%d}" else None
    if kind == "web address":
        return link_of(value)
    longest = {"free text": 2_000, "id": 128}.get(kind, 200)
    tidy = without_mail if kind == "id" else clean_words
    return tidy(value)[:longest] if len(value) <= longest else None


def time_of(at: Any) -> int | None:
    """The time that is kept, None if the event is refused for it."""
    if isinstance(at, str):
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            return None
        if moment.tzinfo is None:
            return None
        at = int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000)
    at = NOW if at is None else at
    return min(at, NOW) if NOW - 7 * DAY_MS <= at <= NOW + 300_000 else None


def expected(sent: dict[str, Any], known: bool, address: str, answer: Answer, signal: bool) -> Any:
    """The columns that an event is kept with; None if it is refused."""
    country = ADDRESSES[address]
    event = next((event for event in EVENTS if event.name == sent["name"]), None)
    if event is None or "tracker" not in event.sources or (not known and country != "US"):
        return None
    ts, mask = time_of(sent.get("at")), mask_of(event, country, answer, known, signal)
    if ts is None or not mask:
        return None
    given = {name: value for name, value in (sent.get("properties") or {}).items() if value is not None}
    texts = {
        name: read(event.properties[name], value) for name, value in given.items() if name in event.properties
    }
    kept = {name: text for name, text in texts.items() if text is not None}
    kept.pop("path", None)
    path = given.get("path") if isinstance(given.get("path"), str) and len(given["path"]) <= 200 else None
    page = sent.get("page") if sent.get("page") is not None else path
    found = page_of(page) if page is not None else None
    allowed = {item.name for item in ITEMS if item.uses & mask and "tracker" in item.sources}
    return {
        "name": event.name,
        "ts": ts,
        "mask": mask,
        "page": found.path if found and event.property_uses.get("path", 0) & mask else None,
        "properties": {name: text for name, text in kept.items() if event.property_uses[name] & mask},
        "session": bool(known and sent.get("session") and mask & IMPROVE),
        "country": country if "country" in allowed else None,
        "address": shorten(address) if "ip_address" in allowed else None,
        "browser": "Firefox" if "browser" in allowed else None,
        "referrer": referrer_of(sent.get("referrer"), found.host if found else None)
        if "referrer" in allowed
        else None,
        "campaign": None,
    }


def columns(stored: StoredEvent) -> dict[str, Any]:
    """The same columns of what the door let in."""
    return {
        "name": stored.name,
        "ts": stored.ts,
        "mask": stored.mask,
        "page": stored.page,
        "properties": msgspec.json.decode(stored.properties or "{}"),
        "session": stored.session is not None,
        "country": stored.country,
        "address": stored.address,
        "browser": stored.browser,
        "referrer": stored.referrer,
        "campaign": stored.campaign,
    }


@given(
    batch=st.lists(SENT, max_size=5),
    visitor=st.none() | st.text(min_size=1, max_size=6),
    address=st.sampled_from(sorted(ADDRESSES)),
    yes=BITS,
    no=BITS,
    signal=st.booleans(),
)
@settings(max_examples=1_000, deadline=None)
def test_the_door_and_the_slow_reading_agree(
    batch: list[dict[str, Any]], visitor: str | None, address: str, yes: int, no: int, signal: bool
) -> None:
    answer, known, said = Answer(yes, no), visitor is not None, DOOR.answers
    assert isinstance(said, AnswersInMemory)
    subject = keyed_63(KEYS.visitor, b"visitor", (visitor or "").encode("utf-8", "surrogatepass"))
    door, said.known = DOOR, {subject: answer}
    sender = meet(
        door,
        Words(
            visitor,
            address,
            origin_of(address),
            FIREFOX,
            signal,
        ),
        NOW,
    )
    events = [msgspec.convert(sent, SentEvent) for sent in batch]
    counts = Counts()
    stored, away = admit(door, sender, events, counts)
    wanted = [expected(sent, known, address, answer, signal) for sent in batch]
    assert [columns(event) for event in stored] == [
        columns_wanted for columns_wanted in wanted if columns_wanted
    ]
    refused = {told.event for told in away if "properties" not in told.where}
    assert refused == {index for index, columns_wanted in enumerate(wanted) if columns_wanted is None}
    assert sum(counts.of().values()) == len(away)
    for event in stored:
        assert event.subject == sender.subject
        assert (event.subject == subject) == known
        assert (event.workspace, event.policy, event.cv, event.source) == (1, 3, 7, "tracker")
