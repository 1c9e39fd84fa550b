"""Random policies that pass their check, as text: for every test that compares two readings of a policy.

`policies()` draws texts; `compile_text` compiles one. Names, places and times are invented.
"""

import json
from typing import Any

from hypothesis import strategies as st

from kept.policy import CompiledPolicy, load_policy
from tests.policies_more import sections

Tree = dict[str, Any]

PEOPLE = ("visitor", "buyer", "pupil")
FREE = {"free text", "file", "credential"}
TYPES = ("text", "number", "email", "free text", "file", "list of text")
SPANS = (
    "30 minutes",
    "30 days",
    "6 weeks",
    "13 months",
    "2 years",
    "until 2030-12-31",
    "1 month from end of month of gathered",
)
OPEN_SPANS = ("until account closes", "6 months from closed", "until consent withdrawn + 30 days")
STRICT = ("opt in", "never")


def compile_text(text: str, bits: dict[str, int] | None = None) -> CompiledPolicy:
    """A drawn policy, compiled."""
    return load_policy(text, "drawn.yaml", bits)


def policies() -> st.SearchStrategy[str]:
    """Texts of valid policies: audiences by place, age and role; groups; every basis, choice and form."""
    return trees().map(written)


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """A valid policy as a tree of maps, lists and words."""
    audiences = draw(_audiences())
    data = _members(draw, "item", draw(st.integers(0, 4)), _item, audiences)
    events = _members(draw, "event", draw(st.integers(1, 3)), _event, audiences)
    purposes = _purposes(draw, audiences, data, events)
    tree: Tree = {
        "company": {
            "name": "Example",
            "site": "https://example.com",
            "contact": "a@example.com",
            "country": "DE",
        },
        "version": draw(st.sampled_from(["1", "2026-11", "three"])),
        "in force": "2026-11-01",
        "people": {name: {"says": draw(words())} for name in PEOPLE},
        **({"audiences": audiences} if audiences else {}),
        **({"data": _grouped(draw, "data_group", data)} if data else {}),
        "events": _grouped(draw, "event_group", events),
        "moments": {"closed": {"when": draw(st.sampled_from(["staff marks", "event_0"]))}},
        "purposes": purposes,
    }
    cookies = _cookies(draw, purposes, audiences)
    tree = {**tree, **({"cookies": cookies} if cookies else {})}
    return {**tree, **sections(draw, tree, _names(audiences))} if _sometimes(draw) else tree


def _sometimes(draw: st.DrawFn) -> bool:
    return bool(draw(st.booleans()))


def words() -> st.SearchStrategy[str]:
    """A harmless sentence."""
    nouns = ("page", "Größe", "list", "it's", "50 %", "#1", "a: b", "{x}", "site")
    return st.lists(st.sampled_from(nouns), min_size=1, max_size=4).map(lambda some: " ".join(some) + ".")


@st.composite
def _audiences(draw: st.DrawFn) -> Tree:
    found: Tree = {
        "europe": {"lives in": ["EEA", "GB", "CH"]},
        "california": {"lives in": "US-CA"},
        "states": {"lives in": ["US", "CA"]},
        "children": {"age": draw(st.sampled_from(["under 13", "under 16"]))},
        "teens": {"age": "13 to 17"},
        "pupils": {"is": "pupil"},
        "young_buyers": {"age": "under 18", "is": "buyer", "lives in": ["US", "DE"]},
    }
    kept = draw(st.sets(st.sampled_from(sorted(found)), max_size=4))
    chosen = {name: found[name] for name in found if name in kept}
    if chosen and _sometimes(draw):
        residence = draw(st.sampled_from(["any", "US", "DE", "EEA"]))
        chosen["if unknown"] = {
            "residence": residence,
            "age": draw(st.sampled_from(["any", "18 or over", "under 13"])),
        }
    return chosen


def _members(draw: st.DrawFn, kind: str, number: int, made: Any, audiences: Tree) -> Tree:
    return {f"{kind}_{index}": draw(made(audiences)) for index in range(number)}


@st.composite
def _held(draw: st.DrawFn, audiences: Tree) -> Tree:
    entry: Tree = {
        "about": draw(st.sampled_from(["visitor", "everyone", ["visitor", "buyer"]])),
        "from": draw(st.sampled_from(["form", "tracker", ["tracker", "server log"]])),
        "identifies": draw(st.sampled_from(["directly", "indirectly", "no"])),
        "keep": draw(_keep()),
    }
    who = draw(st.sets(st.sampled_from(_names(audiences)), max_size=2)) if _names(audiences) else set()
    if who:
        entry["for"] = {name: {"keep": draw(_keep())} for name in sorted(who)}
    return entry


@st.composite
def _keep(draw: st.DrawFn) -> Any:
    spans = draw(st.lists(st.sampled_from(SPANS), min_size=1, max_size=2, unique=True))
    some = [*spans, *draw(st.lists(st.sampled_from(OPEN_SPANS), max_size=1))]
    return draw(st.sampled_from([some, {"at most": some}])) if len(some) > 1 else some[0]


@st.composite
def _item(draw: st.DrawFn, audiences: Tree) -> Tree:
    return {**draw(_held(audiences)), "type": draw(st.sampled_from(TYPES))}


@st.composite
def _event(draw: st.DrawFn, audiences: Tree) -> Tree:
    types = st.sampled_from(("text", "number", "free text", "id"))
    properties = draw(st.dictionaries(st.sampled_from(("path", "words", "amount")), types, max_size=3))
    return {**draw(_held(audiences)), **({"with": properties} if properties else {})}


def _grouped(draw: st.DrawFn, name: str, members: Tree) -> Tree:
    """Some of the members in a group that states what one of them has; the others on their own."""
    inside = sorted(draw(st.sets(st.sampled_from(sorted(members)))))
    if not inside:
        return members
    shared = {key: members[inside[0]][key] for key in ("about", "from")}
    items = {one: {k: v for k, v in members[one].items() if shared.get(k) != v} for one in inside}
    outside = {one: members[one] for one in members if one not in inside}
    return {name: {**shared, "items": items}, **outside}


def _purposes(draw: st.DrawFn, audiences: Tree, data: Tree, events: Tree) -> Tree:
    held = {**data, **events}
    found: Tree = {
        f"purpose_{index}": draw(_purpose(audiences, held, data)) for index in range(draw(st.integers(1, 4)))
    }
    inside = sorted(draw(st.sets(st.sampled_from(sorted(found)), max_size=3)))
    if inside and _sometimes(draw):
        group = {"says": draw(words()), "items": {name: found.pop(name) for name in inside}}
        found = {"asked_together": group, **found}
    found["operate"] = {"uses": "everything", "basis": "contract", "says": draw(words())}
    if _sometimes(draw):
        found["obey"] = {"uses": "everything", "basis": "legal obligation", "on demand": True}
    return found


@st.composite
def _purpose(draw: st.DrawFn, audiences: Tree, held: Tree, data: Tree) -> Tree:
    form = draw(st.sampled_from(["identified", "pseudonymous", "aggregate"]))
    usable = [n for n in held if form == "identified" or held[n]["identifies"] != "directly"]
    if not usable:
        form, usable = "identified", list(held)
    used = sorted(draw(st.sets(st.sampled_from(sorted(usable)), min_size=1)))
    for name in used.copy():
        free = [part for part, kind in held[name].get("with", {}).items() if kind == "free text"]
        if name not in data and free and _sometimes(draw):
            used.append(f"{name}.{free[0]}")
    entry = {"says": draw(words()), "uses": used, "form": form, **draw(_ground(audiences))}
    if _sometimes(draw):
        entry["looks back"] = draw(st.sampled_from(["90 days", "6 months"]))
    return entry


@st.composite
def _ground(draw: st.DrawFn, audiences: Tree) -> Tree:
    bases = ["consent", "contract", "legitimate interest", "public task", "vital interests"]
    basis = draw(st.sampled_from([*bases, "notice"] if "europe" in audiences else bases))
    entry: Tree = {"basis": basis}
    if basis == "legitimate interest":
        entry["balance"] = draw(words())
    if _sometimes(draw):
        entry["choice"] = draw(st.sampled_from(STRICT))
    who = draw(st.sets(st.sampled_from(_names(audiences)), max_size=3)) if _names(audiences) else set()
    differing = {name: draw(_difference()) for name in sorted(who)}
    if basis == "notice":
        differing["europe"] = {"basis": "consent"}
    return {**entry, **({"for": differing} if differing else {})}


def _difference() -> st.SearchStrategy[Tree]:
    return st.sampled_from([{"basis": "consent"}, {"choice": "opt in"}, {"choice": "never"}])


def _names(audiences: Tree) -> list[str]:
    return sorted(name for name in audiences if name != "if unknown")


def _cookies(draw: st.DrawFn, purposes: Tree, audiences: Tree) -> Tree:
    inside = purposes.get("asked_together", {}).get("items", {})
    asked = [
        name for name, one in {**purposes, **inside}.items() if one.get("basis") in {"consent", "notice"}
    ]
    found: Tree = {
        "kept_choice": {"for": "operate", "lasts": "6 months", "strictly necessary": True, "holds": "choice"}
    }
    if asked:
        found["kept_visit"] = {"for": asked, "lasts": "13 months", "holds": "visitor_id", "set by": "us"}
    return {name: found[name] for name in sorted(draw(st.sets(st.sampled_from(sorted(found)))))}


def written(tree: Tree, indent: int = 0) -> str:
    """The tree as YAML, every text in quotes."""
    pad = "  " * indent
    lines = []
    for key, value in tree.items():
        if isinstance(value, dict):
            lines.append(f"{pad}{key}:" if value else f"{pad}{key}: {{}}")
            lines.append(written(value, indent + 1).rstrip("\n")) if value else None
        else:
            lines.append(f"{pad}{key}: {_leaf(value)}")
    return "\n".join(lines) + "\n"


def _leaf(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_leaf(one) for one in value)}]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False)
