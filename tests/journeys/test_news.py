"""What people choose reaches the collector at once, whoever writes it down; while it cannot, nothing is gathered.

The choices come from another process, which PostgreSQL lets in by another role: so the installation can be shut out
of its own records while somebody says no.
"""

import json
from collections.abc import Iterator
from time import monotonic, sleep

import pytest

from kept.app.house import House
from kept.app.opening import open_people
from kept.app.people import People
from kept.base.settings import Settings
from tests.living import Browser, Living, living, wait_until
from tests.postgresql import MUST_RUN, Cluster, programs, url_of

pytestmark = pytest.mark.skipif(not MUST_RUN and programs() is None, reason="PostgreSQL is not installed")

SCHEMA = "news"
EVERYTHING = (1 << 63) - 1


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    made = Cluster()  # of its own: its role is shut out
    yield made
    made.remove()


@pytest.fixture(scope="module")
def house(server: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living(tmp_path_factory.mktemp("house"), KEPT_RECORDS=server.url(SCHEMA)) as started:
        yield started


@pytest.fixture
def elsewhere(server: Cluster, house: Living) -> Iterator[People]:
    """Another process of the same installation."""
    records = url_of(server.folder, SCHEMA, role="admin")
    opened = House.open_existing(
        Settings(data=house.data, records=records, master_key=house.folder / "master.key")
    )
    yield open_people(opened)
    opened.close()


def test_a_no_that_another_process_writes_down_counts_at_the_door_at_once(
    house: Living, elsewhere: People
) -> None:
    """By NOTIFY: who only looked once a second would be late nearly every time."""
    late = 0
    for number in range(9):
        who = someone(house, f"84.129.{number}.1")
        began = say_no(elsewhere, who)
        wait_until(lambda: taken(who) is False, "the door has heard of it", 5)  # noqa: B023
        late += monotonic() - began > 0.5
    assert late <= 1


def test_a_connection_that_is_cut_off_is_made_anew_and_then_it_is_looked(
    server: Cluster, house: Living, elsewhere: People
) -> None:
    """PostgreSQL keeps no news for who is not there."""
    ana = someone(house)
    server.shut_out()
    wait_until(lambda: taken(ana) is None, "it knows that it hears nothing", 3)
    say_no(elsewhere, ana)
    server.let_in()
    wait_until(lambda: taken(ana) is not None, "the door is open again", 10)
    assert taken(ana) is False


def test_no_yes_is_gone_by_that_may_be_a_no_by_now(server: Cluster, house: Living, elsewhere: People) -> None:
    ana, bo = someone(house, "84.128.7.1"), someone(house, "84.128.8.1")
    server.shut_out()
    wait_until(lambda: taken(ana) is None, "it knows that it hears nothing", 3)
    say_no(elsewhere, ana)
    for _ in range(20):
        assert taken(ana) is None
        assert taken(bo) is None, "nor anybody else's: whose it was, it cannot know"
        assert ana.ask("GET", f"/v1/choices?key={house.write_key}")[0] == 503
        sleep(0.1)
    server.let_in()
    wait_until(lambda: taken(bo), "a yes that still stands counts again", 10)
    assert taken(ana) is False


def someone(house: Living, address: str = "84.128.6.1") -> Browser:
    """Who said yes, and of whom an event was taken."""
    found = house.browser(address)
    found.answer(by_choice=True)
    wait_until(lambda: taken(found), "the door has heard of the yes", 10)
    return found


def say_no(elsewhere: People, who: Browser) -> float:
    """Say no to everything there; when it was written down."""
    elsewhere.answer(who.visitor, yes=0, no=EVERYTHING, how="page", words="No to all.")
    return monotonic()


def taken(who: Browser) -> bool | None:
    """Whether the door takes an event of someone; None when it says to come again."""
    sent = {"key": who.living.write_key, "events": [{"name": "job_view", "properties": {"job": "1"}}]}
    status, said = who.ask("POST", "/v1/events", sent)
    assert status in (200, 503), said
    return None if status == 503 else json.loads(said)["accepted"] == 1
