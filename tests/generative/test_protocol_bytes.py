"""Whatever the clients of other makes send: an answer below 500, never more memory than a body may have, and what is
stored is declared."""

import gzip
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kept.gather.protocols import PROTOCOLS, protocol_at
from kept.gather.protocols.names import renamed, snake
from kept.gather.protocols.packed import Packed, gunzip
from kept.web.centre import ROUTES
from kept.web.clients import Clients
from kept.web.limits import Limits, Rate
from tests.clients import Joined, basic
from tests.collecting import EVENTS, KEY, SECRET, Notebook, collector

FREE = Limits(Rate(1e9, 1e9), Rate(1e9, 1e9), backlog=1_000_000_000)
ENDINGS = sorted(ending for protocol in PROTOCOLS for ending in protocol.endings)
WORDS = (
    *("type", "event", "messageId", "anonymousId", "userId", "previousId", "groupId", "properties", "traits"),
    *("context", "page", "url", "timestamp", "batch", "writeKey", "api_key", "token", "distinct_id", "uuid"),
    *(
        "$set",
        "$identify",
        "alias",
        "requests",
        "token_auth",
        "idsite",
        "rec",
        "track",
        "identify",
        "page_view",
    ),
    *(KEY, SECRET, "sign_up", "Job Search", "?rec=1&idsite=wk_test", "\x00", "", "\ud7ff", "title"),
)
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(WORDS)
)
anything = st.recursive(
    leaves,
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=9), inside, max_size=6)
    ),
    max_leaves=20,
)
bodies = st.binary(max_size=200) | anything.map(lambda said: json.dumps(said).encode())


class FakeCall:
    """A request without a connection."""

    client = "128.103.0.1"

    def __init__(self, method: bytes, url: bytes, headers: dict[bytes, bytes], body: bytes) -> None:
        self.method, self.url, self.headers, self.body = method, url, headers, body
        self.status = 0

    def reply(self, head: bytes, body: bytes) -> None:
        """Note what was answered."""
        self.status = int(head.split()[1])


async def answered(call: FakeCall, notebook: Notebook) -> None:
    import asyncio

    taken = collector(notebook, limits=FREE)
    taken.of_site.use({1: Joined().join})
    listening = Clients(taken)
    listening.take(call)  # type: ignore[arg-type]  # it has what is asked of a call
    for _ in range(200):
        if call.status:
            return
        await asyncio.sleep(0.005)


@settings(max_examples=400)
@given(
    method=st.sampled_from([b"POST", b"POST", b"GET", b"OPTIONS", b"PUT"]),
    ending=st.sampled_from(ENDINGS),
    query=st.binary(max_size=40) | st.just(b"rec=1&idsite=wk_test&uid=u1&e_a=sign_up"),
    body=bodies,
    packed=st.booleans(),
    header=st.sampled_from(
        [b"", basic(KEY).encode(), basic(SECRET).encode(), b"Basic \xff", b"Bearer", b"Bearer \xff"]
    ),
    form=st.booleans(),
)
def test_any_body_is_answered_and_only_what_is_declared_is_stored(
    method: bytes, ending: bytes, query: bytes, body: bytes, packed: bool, header: bytes, form: bool
) -> None:
    import asyncio

    headers = {b"authorization": header} if header else {}
    if packed:
        body = gzip.compress(body)
    if form:
        headers[b"content-type"] = b"application/x-www-form-urlencoded"
    call, notebook = FakeCall(method, b"/kept/" + ending + b"?" + query, headers, body), Notebook()
    asyncio.run(answered(call, notebook))
    assert 200 <= call.status < 500
    assert {event.name for event in notebook.events} <= {each.name for each in EVENTS}


@given(st.text())
@example("Order Completed")
@example("HTTPRequest2Sent")
def test_names_of_a_policy_stay_and_others_come_to_rest(name: str) -> None:
    short = snake(name)
    assert len(short) <= 256
    assert snake(short) == short or not short.isascii()


@given(st.from_regex(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", fullmatch=True).filter(lambda name: len(name) <= 40))
def test_a_name_as_the_policy_writes_it_stays(name: str) -> None:
    assert snake(name) == name


@given(st.dictionaries(st.text(max_size=9), st.integers(), max_size=9))
def test_no_property_is_lost_without_a_word(properties: dict[str, Any]) -> None:
    assert sorted(renamed(properties).values()) == sorted(properties.values())


@pytest.mark.parametrize("zeros", [600_000, 200_000_000])
def test_a_bomb_costs_no_more_than_a_body(zeros: int) -> None:
    bomb = gzip.compress(b"0" * zeros)
    tracemalloc.start()
    assert gunzip(bomb, 524_288) is Packed.TOO_LARGE
    assert tracemalloc.get_traced_memory()[1] < 3_000_000
    tracemalloc.stop()


@given(st.binary(max_size=2_000))
def test_what_was_packed_is_unpacked(body: bytes) -> None:
    assert gunzip(gzip.compress(body), 2_000) == body
    assert gunzip(gzip.compress(body)[:-1], 2_000) is Packed.BROKEN


def test_no_path_of_another_client_is_one_of_ours() -> None:
    assert not [route.path for route in ROUTES if protocol_at(route.path.encode()) is not None]
    assert protocol_at(b"/kept/v1/events") is None
    assert len(ENDINGS) == len(set(ENDINGS))
