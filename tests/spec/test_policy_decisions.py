"""Who may be served what under WorkHireSpot's policy: the standing cast, by residence and age.

Ana said yes to everything, Bo no, Cy yes and then no, Di said yes and is under a hold, Eve is a stranger.
"""

from functools import cache
from pathlib import Path

import pytest

from kept.policy import NO_ANSWER, Answer, Choice, CompiledPolicy, Why, decide, load_policy

FILE = Path(__file__).parents[2] / "policies/workhirespot.yaml"
ALL = (1 << 63) - 1
ANSWERS = {
    "Ana": Answer(yes=ALL),
    "Bo": Answer(no=ALL),
    "Cy": Answer(yes=ALL, no=ALL),  # the later word counts
    "Di": Answer(yes=ALL),  # a hold keeps what is there; it widens nothing
    "Eve": NO_ANSWER,
}
PLACES: dict[str, tuple[str | None, int | None]] = {
    "Europe": ("DE", None),
    "Britain": ("GB", None),
    "US": ("US", None),
    "New York": ("US-NY", None),
    "California": ("US-CA", None),
    "elsewhere": ("BR", None),
    "unknown": (None, None),
    "a child in Europe": ("NO", 12),
    "a child in the US": ("US", 15),
    "a child, unknown": (None, 10),
}


@cache
def policy() -> CompiledPolicy:
    return load_policy(FILE.read_text(encoding="utf-8"), FILE.name)


def cell(place: str) -> int:
    return policy().cell_of(*PLACES[place])


@pytest.mark.parametrize(
    ("purpose", "place", "choice"),
    [
        ("operate", "Europe", Choice.NONE),
        ("operate", "a child in Europe", Choice.NONE),
        ("honour_rights", "unknown", Choice.NONE),
        ("protect", "Europe", Choice.OBJECTION),
        ("performance", "California", Choice.OBJECTION),
        ("trends", "a child in the US", Choice.OBJECTION),
        ("improve", "Europe", Choice.OPT_IN),
        ("improve", "Britain", Choice.OPT_IN),
        ("improve", "US", Choice.OPT_OUT),
        ("improve", "New York", Choice.OPT_OUT),
        ("improve", "California", Choice.OPT_OUT),
        ("improve", "elsewhere", Choice.OPT_OUT),
        ("improve", "unknown", Choice.OPT_IN),
        ("improve", "a child in the US", Choice.OPT_IN),
        ("personalise", "Europe", Choice.OPT_IN),
        ("research", "US", Choice.OPT_OUT),
        ("marketing", "California", Choice.OPT_OUT),
        ("marketing", "Europe", Choice.OPT_IN),
        ("marketing", "unknown", Choice.OPT_IN),
        ("marketing", "a child in Europe", Choice.NEVER),
        ("marketing", "a child in the US", Choice.NEVER),
        ("marketing", "a child, unknown", Choice.NEVER),
    ],
)
def test_what_say_people_have(purpose: str, place: str, choice: Choice) -> None:
    assert policy().purposes[purpose].terms[cell(place)].choice is choice


@pytest.mark.parametrize(
    ("purpose", "place", "basis"),
    [
        ("improve", "Europe", "consent"),
        ("improve", "US", "notice"),
        ("improve", "a child in Europe", "consent"),
        ("improve", "a child in the US", "notice"),
        ("operate", "California", "contract"),
        ("protect", "unknown", "legitimate interest"),
        ("obey_law", "Europe", "legal obligation"),
    ],
)
def test_on_what_ground(purpose: str, place: str, basis: str) -> None:
    assert policy().purposes[purpose].terms[cell(place)].basis == basis


@pytest.mark.parametrize(
    ("who", "place", "purpose", "signal", "allowed", "why"),
    [
        # a choice: asked first in Europe, told in America
        ("Ana", "Europe", "improve", False, True, Why.SAID_YES),
        ("Bo", "Europe", "improve", False, False, Why.SAID_NO),
        ("Cy", "Europe", "improve", False, False, Why.SAID_NO),
        ("Di", "Europe", "improve", False, True, Why.SAID_YES),
        ("Eve", "Europe", "improve", False, False, Why.NOT_ASKED),
        ("Ana", "US", "improve", False, True, Why.NOT_REFUSED),
        ("Bo", "US", "improve", False, False, Why.SAID_NO),
        ("Cy", "California", "improve", False, False, Why.SAID_NO),
        ("Eve", "US", "improve", False, True, Why.NOT_REFUSED),
        ("Eve", "California", "marketing", False, True, Why.NOT_REFUSED),
        ("Eve", "unknown", "improve", False, False, Why.NOT_ASKED),
        ("Eve", "a child in the US", "improve", False, False, Why.NOT_ASKED),
        ("Ana", "a child in the US", "improve", False, True, Why.SAID_YES),
        ("Ana", "a child in Europe", "marketing", False, False, Why.NEVER),
        ("Eve", "a child, unknown", "marketing", False, False, Why.NEVER),
        # Global Privacy Control is a no to all that is a matter of choice, whatever was answered
        ("Ana", "Europe", "improve", True, False, Why.SIGNAL),
        ("Ana", "California", "marketing", True, False, Why.SIGNAL),
        ("Eve", "US", "research", True, False, Why.SIGNAL),
        ("Ana", "a child in Europe", "marketing", True, False, Why.NEVER),
        # no choice: the signal and a no change nothing
        ("Bo", "Europe", "operate", False, True, Why.NO_CHOICE_NEEDED),
        ("Eve", "unknown", "honour_rights", True, True, Why.NO_CHOICE_NEEDED),
        # an objection
        ("Eve", "Europe", "protect", False, True, Why.NOT_REFUSED),
        ("Bo", "Europe", "protect", False, False, Why.SAID_NO),
        ("Eve", "California", "performance", True, True, Why.NOT_REFUSED),
        ("Cy", "US", "trends", True, False, Why.SAID_NO),
        # dark until a demand is approved; and what the policy does not know
        ("Ana", "US", "obey_law", False, False, Why.ON_DEMAND),
        ("Ana", "US", "sell", False, False, Why.NO_SUCH_PURPOSE),
    ],
)
def test_decisions(who: str, place: str, purpose: str, signal: bool, allowed: bool, why: Why) -> None:
    found = decide(policy(), purpose, cell(place), ANSWERS[who], signal=signal)
    assert (found.allowed, found.why) == (allowed, why)


CHOSEN = ("personalise", "improve", "research", "combine")
"""What people are asked about, and uses their visits."""


@pytest.mark.parametrize(
    ("what", "purposes"),
    [
        ("ip_address", {"protect", "obey_law"}),
        ("page_view", {"protect", "performance", "trends", *CHOSEN, "obey_law"}),
        ("job_search", {*CHOSEN, "obey_law"}),
        ("sign_in", {"operate"}),
        ("cv", {"operate", "obey_law"}),
        ("email", {"operate", "honour_rights", "marketing", "combine", "obey_law"}),
        ("application", {"operate", "obey_law"}),
    ],
)
def test_what_each_thing_serves(what: str, purposes: set[str]) -> None:
    compiled = policy()
    held = compiled.items.get(what) or compiled.events[what]
    assert {one.name for one in compiled.purposes.values() if one.mask & held.uses} == purposes


def test_free_text_serves_only_who_names_it() -> None:
    compiled = policy()
    words = compiled.events["job_search"].property_uses["words"]
    letter = compiled.events["application"].property_uses["letter"]
    assert {p.name for p in compiled.purposes.values() if p.mask & words} == {"personalise", "obey_law"}
    assert {p.name for p in compiled.purposes.values() if p.mask & letter} == {"operate", "obey_law"}


def test_what_log_lines_may_serve() -> None:
    compiled = policy()
    mask = compiled.log_purposes(cell("Europe"))
    assert {p.name for p in compiled.purposes.values() if p.mask & mask} == {
        "operate", "protect", "performance", "trends", "honour_rights", "enrich",
    }  # fmt: skip


def test_what_a_visitors_number_may_serve() -> None:
    compiled = policy()
    mask = compiled.cookie_purposes("visitor_id")
    assert {p.name for p in compiled.purposes.values() if p.mask & mask} == {
        "improve",
        "personalise",
        "research",
    }
    assert compiled.counting_in == {"US"}


@pytest.mark.parametrize(
    ("what", "ceilings"),
    [
        ("ip_address", {"30 days"}),
        ("device", {"13 months"}),
        ("page_view", {"13 months"}),
        ("email", {"until account closes + 30 days", "3 years from last seen"}),
        ("application", {"6 months from decided", "2 years"}),
        ("letters", {"3 years"}),
    ],
)
def test_how_long_things_are_kept(what: str, ceilings: set[str]) -> None:
    held = policy().items.get(what) or policy().events[what]
    assert all({str(span) for span in spans} == ceilings for spans in held.keep)


def test_the_groups_that_are_asked_about_together() -> None:
    groups = policy().groups
    assert groups["by_choice"].purposes == ("personalise", "improve", "research")
    assert groups["outward"].purposes == ("marketing", "combine")
    assert all(groups[name].says.endswith("?") for name in ("by_choice", "outward"))
