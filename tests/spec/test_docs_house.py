"""The page on the house: rooms, routes, the script and the hot path as they stand in the code."""

import re
from collections.abc import Iterator
from inspect import getsource

import msgspec
import pytest
from starlette.routing import Match

from kept.gather.arrival import MOST_EVENTS, SentBatch, SentEvent, ServerBatch
from kept.gather.protocols import PROTOCOLS
from kept.gather.protocols.wire import ClientProtocol
from kept.gather.steps import take_steps
from kept.policy import load_policy
from kept.policy.posted import posted_of
from kept.web import centre, collect, console
from kept.web.house import Visitor
from kept.web.pages.choosing import SentAnswers, state
from kept.web.pages.speaking import of_notice
from kept.web.watch import Guards
from tests.documents import ALL, ROOT, spans, table, text_of

HOUSE = ROOT / "docs" / "house.md"
RUNNING = ROOT / "docs" / "running.md"
SOURCE = ROOT / "src" / "kept"
SCRIPT = text_of(SOURCE / "web" / "static" / "kept.js")
GUARDS = Guards()
ROUTE = re.compile(r"(GET|POST) (/?[\w./-]*[\w/])")


# ---- rooms


def test_the_picture_shows_exactly_the_rooms_that_there_are() -> None:
    picture = text_of(HOUSE).split("```")[1]
    drawn = {word for line in picture.splitlines() for word in re.split(r"\s{2,}", line.strip())[:-1]}
    assert drawn == {path.parent.name for path in SOURCE.glob("*/__init__.py")}


def test_the_picture_stands_in_the_order_that_imports_keep() -> None:
    picture = [re.split(r"\s{2,}", line.strip())[:-1] for line in text_of(HOUSE).split("```")[1].splitlines()]
    layers = re.findall(
        r"^    ([a-z|, ]+)$", text_of(ROOT / ".importlinter").split("layers =")[1].split("[")[0], re.M
    )
    assert [sorted(rooms) for rooms in picture if rooms] == [sorted(layer.split(" | ")) for layer in layers]


@pytest.mark.parametrize("row", table("rooms"), ids=lambda row: row[0].strip("`"))
def test_what_a_room_gives_to_others_is_there(row: list[str]) -> None:
    room = SOURCE / row[0].strip("`")
    text = "\n".join(map(text_of, room.rglob("*.py")))
    for name in re.findall(r"`([\w.]+)`", row[2]):
        *folders, last = name.split(".")
        assert re.search(
            rf"^ *(def|class) {last}\b|^{last}\b.*=|^from [\w.]* import .*\b{last}\b", text, re.M
        ) or ((room / last).is_dir() or (room / f"{last}.py").exists()), name
        assert all((room / folder).is_dir() for folder in folders), name


def test_the_data_folder_is_drawn_whole() -> None:
    for name in ("records.db", "keys.db", "journal", "lake", "stage", "lock"):
        assert f"DATA/{name}" in text_of(HOUSE)
        assert f"`{name}" in text_of(RUNNING)


# ---- routes


def _routes() -> Iterator[tuple[str, str]]:
    for path in ALL:
        for span in spans(path):
            found = ROUTE.match(span)
            if found is not None and not set("…{") & set(span):
                yield found[1], found[2]


@pytest.mark.parametrize(("method", "path"), sorted(set(_routes())))
def test_every_route_that_is_named_is_answered(method: str, path: str) -> None:
    path = "/" + path.removeprefix("/kept").lstrip("/").replace("/N", "/1")
    scope = {"type": "http", "path": path, "method": method}
    routes = (*centre.ROUTES, *console.ROUTES)
    assert path.encode() == collect.Collector.path or any(
        one.matches(scope)[0] is Match.FULL for one in routes
    )


@pytest.mark.parametrize("kind", [SentEvent, SentBatch, ServerBatch, SentAnswers, centre.SentJoin])
def test_every_field_of_a_request_is_described(kind: type[msgspec.Struct]) -> None:
    for field in msgspec.structs.fields(kind):
        assert re.search(rf'[{{ ,\["]{field.name}"', text_of(HOUSE)), field.name


def test_every_part_of_what_the_script_is_told_is_described() -> None:
    policy = load_policy(text_of(ROOT / "policies" / "workhirespot.yaml"), "policy")
    told = state(of_notice(policy, posted_of(policy)[0]), Visitor(None, "DE", False), now_ms=0)
    groups = told["groups"]
    assert isinstance(groups, list)
    for name in (*told, *groups[0]):
        assert f"`{name}`" in text_of(HOUSE), name


# ---- the script and the hot path


def test_every_attribute_that_the_script_reads_is_described() -> None:
    read = set(re.findall(r"dataset\.([a-z]\w*)", SCRIPT)) - {"place"} | {"place", "keptEvent", "key"}
    for name in read:
        attribute = "data-" + re.sub(r"[A-Z]", lambda found: "-" + found[0].lower(), name)
        for page in (HOUSE, RUNNING):
            assert attribute in text_of(page), attribute
    assert "kept.track(" in text_of(HOUSE)


def test_the_hot_path_is_the_list_of_steps() -> None:
    order = text_of(HOUSE).split("## Order of the hot path")[1]
    steps = ["find_event", *re.findall(r"(?:\(|or)\s+(\w+)\(", getsource(take_steps).partition("return")[2])]
    assert len(steps) == 9
    assert [name for name in re.findall(r"`(\w+)`", order) if name in steps] == steps


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (MOST_EVENTS, "1,000 events"),
        (GUARDS.body_bytes, "512 KiB"),
        (GUARDS.head_seconds, "10 s for a head"),
        (GUARDS.body_seconds, "15 s for a body"),
        (GUARDS.head_bytes, "16 KiB"),
        (GUARDS.header_lines, "64 lines"),
        (GUARDS.connections, "4,096 are the most"),
        (GUARDS.held_bytes / 1024, "64 MiB together"),
    ],
)
def test_limits_that_the_pages_name(number: float, words: str) -> None:
    assert words in text_of(RUNNING)
    shown = int(re.search(r"[\d,]+", words)[0].replace(",", ""))  # type: ignore[index]  # a digit stands there
    assert number == shown * (1024 if "KiB" in words or "MiB" in words else 1)


# ---- clients of other makes


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_every_path_of_another_client_is_described(protocol: ClientProtocol) -> None:
    page = text_of(ROOT / "docs" / "clients.md")
    about = page.split(f"## {protocol.name}\n")[1].split("\n## ")[0]
    single = {ending for ending in protocol.endings if len(ending.rpartition(b"/")[2]) > 1 or ending == b"e"}
    for ending in single:  # Segment's others are these by their first letters
        assert re.search(rf"`(v1/)?{re.escape(ending.decode().removeprefix('v1/'))}/?`", about), ending


def test_the_page_on_clients_and_the_one_on_protocols_name_what_is_there() -> None:
    for name in ("hear", "answer", "endings", "methods", "most_bytes"):
        assert hasattr(PROTOCOLS[0], name)
        assert f"`{name}" in text_of(ROOT / "CONTRIBUTING.md")
    assert {each.most_bytes for each in PROTOCOLS} == {500 * 1_024, GUARDS.body_bytes}
