"""Bodies that nobody should send, at a living installation: each is answered below 500, what is stored is declared,
and memory stays as it was. A million of them in the long form, some thousands in the short one.

What is remembered of networks, pages and agents has bounds, which tests of their own hold (`test_remembered.py`,
`test_origin_remembered.py`, `test_collect.py`). Here memory must be flat once those tables are full: in the long form
every network of the world sends, and half a million bodies fill them; in the short one few do, and are soon known.
"""

import os
import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kept.policy import load_policy
from tests.collecting import Got, read_reply
from tests.faults.fuzzing import EVERYWHERE, Maker
from tests.faults.living_eyes import none_left
from tests.living import Living, living, wait_until

LONG = bool(os.environ.get("KEPT_LONG"))
REQUESTS = 1_000_000 if LONG else 24_000
CONNECTIONS = 4
IN_FLIGHT = 16
MEGABYTE = 1 << 20
PARTS, FULL = 10, 5
"""The bodies come in so many parts; after so many of them every table is full."""
NETWORKS = EVERYWHERE if LONG else 200
MOST_GROWN = 16 * REQUESTS // 2 if LONG else 2 * MEGABYTE
"""In the second half: in the long form 16 bytes a body, the least that an object takes without what refers to it."""
SEED = int(os.environ.get("KEPT_FUZZ_SEED", "7"))
PATH = re.compile(r"/[^?#@\s]*")
"""What is stored of an address: no query, nor who signs in. A damaged one that lost its `?` is all path."""
FREE = {"KEPT_RATE_PER_KEY": "1000000", "KEPT_RATE_PER_ADDRESS": "1000000"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with none_left(), living(tmp_path_factory.mktemp("house"), **FREE) as started:
        yield started


@dataclass
class Fuzzer:
    """Sends over one connection, some requests at a time; a new one where the house has closed it."""

    house: Living
    maker: Maker
    statuses: Counter[int] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    def run(self, count: int) -> None:
        """Send so many, and note what was answered; the first wrong one is kept as it was sent."""
        connection, sent = self._connect(), 0
        while sent < count and not self.failed:
            requests = [self.maker.request() for _ in range(min(IN_FLIGHT, count - sent))]
            sent += len(requests)
            stays = self._exchange(connection, requests)
            if stays is None:  # it had been idle for too long, and was closed: as clients do, once more
                connection.close()
                connection = self._connect()
                stays = self._exchange(connection, requests, again=True)
            if not stays:
                connection.close()
                connection = self._connect()
        connection.close()

    def _exchange(
        self, connection: socket.socket, requests: list[bytes], *, again: bool = False
    ) -> bool | None:
        """Send them all at once and hear the answers; whether the connection stays, None where nothing was heard."""
        writing = threading.Thread(target=_write, args=(connection, b"".join(requests)), daemon=True)
        writing.start()
        try:
            for place, request in enumerate(requests):
                try:
                    got = read_reply(connection)
                except (OSError, ValueError) as error:
                    if place == 0 and not again:
                        return None
                    self.failed.append(f"{type(error).__name__} {error} at {place} for {request[:2_000]!r}")
                    return False
                self._note(got, request)
                if self.failed or got.headers.get("connection") == "close":
                    return False
        finally:
            writing.join(10)
        return True

    def _note(self, got: Got, request: bytes) -> None:
        self.statuses[got.status] += 1
        if got.status >= 500 or (not got.body and got.status not in (200, 204)):
            self.failed.append(f"{got.status} {got.body!r} for {request[:2_000]!r}")

    def _connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.house.public_port), timeout=30)


def _write(connection: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # the house has answered, and will read no more
        connection.sendall(data)


def size_of(house: Living) -> int:
    """Bytes of memory of its own, once it rests. Pages of files are none: the list of countries is read in pieces."""
    time.sleep(1.0)
    rolled = Path(f"/proc/{house.children()['public']}/smaps_rollup").read_text()
    parts = re.findall(r"^(?:Pss_Anon|SwapPss): +([0-9]+) kB", rolled, re.MULTILINE)
    return sum(map(int, parts)) * 1024


def send(house: Living, makers: list[Maker], count: int) -> Counter[int]:
    """So many requests over all connections; how often which status came."""
    fuzzers = [Fuzzer(house, maker) for maker in makers]
    threads = [
        threading.Thread(target=each.run, args=(count // len(makers),), daemon=True) for each in fuzzers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [failure for each in fuzzers for failure in each.failed] == [], f"seed {SEED}"
    return sum((each.statuses for each in fuzzers), Counter[int]())


@pytest.mark.timeout(7200)
def test_any_body_is_answered_and_memory_stays_as_it_was(house: Living) -> None:
    browser = house.browser()
    browser.answer(by_choice=True)
    makers = [
        Maker(house.write_key, browser.visitor, random.Random(SEED * 1_000 + number), NETWORKS)
        for number in range(CONNECTIONS)
    ]
    before = house.children()
    found, sizes = Counter[int](), list[int]()
    for _ in range(PARTS):
        found += send(house, makers, REQUESTS // PARTS)
        sizes.append(size_of(house))
    in_megabytes = [round(size / MEGABYTE, 1) for size in sizes]
    print(f"{found.total():,} bodies, MB after each part: {in_megabytes}")
    assert found[200] > REQUESTS // 20, found
    assert found[400] > REQUESTS // 20, found
    assert sizes[-1] - sizes[FULL - 1] < MOST_GROWN, in_megabytes
    assert house.children() == before
    assert "Traceback" not in house.out
    assert "failed" not in house.out


def test_what_was_stored_is_declared(house: Living) -> None:
    """After the test above: its events are in the lake, and every name and property in it is the policy's."""
    declared = load_policy(house.policy.read_text(), "policy.yaml").events
    wait_until(lambda: in_lake(house), "events are in the lake")
    time.sleep(1.0)
    import duckdb

    with duckdb.connect() as lake:
        files = [str(path) for path in (house.data / "lake").glob("*.parquet")]
        rows = lake.execute(
            "select distinct name, unnest(json_keys(coalesce(properties, '{}')))  from read_parquet(?)",
            [files],
        ).fetchall()
        pages = lake.execute(
            "select distinct page from read_parquet(?) where page is not null", [files]
        ).fetchall()
    assert rows
    assert {name for name, _ in rows} <= set(declared)
    assert all(key in declared[name].properties for name, key in rows)
    assert [page for (page,) in pages if not PATH.fullmatch(page)] == []


def in_lake(house: Living) -> list[object]:
    return list((house.data / "lake").glob("*.parquet"))
