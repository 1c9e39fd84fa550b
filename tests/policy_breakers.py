"""For each code of the check: what to do to a policy that passes, so that the check must find it."""

import copy
from collections.abc import Callable
from typing import Any

from tests.policies import Tree, written

ITEM: Tree = {"about": "visitor", "category": "other", "from": "form", "keep": "1 year"}
PURPOSE: Tree = {"says": "To do more.", "uses": "zz", "basis": "contract"}
RECIPIENT: Tree = {"role": "affiliate", "gets": "zz", "purposes": "pp", "countries": "DE"}
NOT_ZZ: Tree = {"says": "To run it.", "uses": ["everything", "not zz"], "basis": "contract"}


def broken(code: str, tree: Tree) -> str:
    """The text of the tree, broken so that this code is due."""
    return BREAKERS[code](copy.deepcopy(tree))


def _with(tree: Tree, **sections: Tree) -> Tree:
    """The tree with an item `zz`, a purpose `pp` that uses it, and these entries beside those that are there."""
    more = {"data": {"zz": ITEM}, "purposes": {"pp": PURPOSE}}
    for added in (more, {name.replace("_", " "): one for name, one in sections.items()}):
        for section, entries in added.items():
            tree[section] = {**tree.get(section, {}), **entries}
    return tree


def add(**sections: Any) -> Callable[[Tree], str]:
    """Entries to add."""
    return lambda tree: written(_with(tree, **sections))


def item(*without: str, **facts: Any) -> Callable[[Tree], str]:
    """The item `zz` otherwise."""
    found = {**ITEM, **{name.replace("_", " "): one for name, one in facts.items()}}
    return add(data={"zz": {key: one for key, one in found.items() if key not in without}})


def purpose(**facts: Any) -> Callable[[Tree], str]:
    """The purpose `pp` otherwise."""
    return add(purposes={"pp": {**PURPOSE, **facts}})


def recipient(**facts: Any) -> Callable[[Tree], str]:
    """A recipient of `zz`."""
    return add(recipients={"rr": {**RECIPIENT, **facts}})


def _an_event_that_no_cookie_carries(tree: Tree) -> str:
    """By a browser alone, for a purpose that no cookie names, where nobody is counted without one."""
    tree.pop("counting without cookies", None)
    event = {"about": "visitor", "from": "tracker", "keep": "1 year"}
    return written(_with(tree, events={"ee": event}, purposes={"pp": {**PURPOSE, "uses": ["zz", "ee"]}}))


def company(**facts: Any) -> Callable[[Tree], str]:
    """The company otherwise; None takes a key out."""

    def breaking(tree: Tree) -> str:
        tree["company"].pop("assumed", None)
        tree["company"] = {key: one for key, one in {**tree["company"], **facts}.items() if one is not None}
        return written(tree)

    return breaking


def text(more: str, *without: str) -> Callable[[Tree], str]:
    """Lines after the whole, without these sections."""
    return lambda tree: written({key: one for key, one in tree.items() if key not in without}) + more


def _all_recipients(tree: Tree) -> str:
    _with(tree, recipients={"rr": RECIPIENT, "qq": RECIPIENT})
    rule = {"forbids": "sell", "items": "zz", "to": sorted(tree["recipients"])}
    return written(_with(tree, never={"nn": rule}))


AUTHORISATION = {"document": "form 3", "names": "us", "ends": "in a year", "by": "a law"}
BREAKERS: dict[str, Callable[[Tree], str]] = {
    "F01": text('version: "2"\n'),
    "F03": add(colours={"red": {}}),
    "F04": company(fax="none"),
    "F05": company(name=" "),
    "F06": company(country="Germany"),
    "F08": company(country=None),
    "F09": text("links:\n  says: We rank page # 1 first.\n", "links"),
    "N01": add(moments={"Closed Now": {"when": "staff marks"}}),
    "N02": add(moments={"zz": {"when": "staff marks"}}),
    "N03": add(notices={"nn": {"for": "everyone", "language": "en", "reading age": 12, "at": "/choices"}}),
    "N04": add(notices={"nn": {"for": "everyone", "language": "de", "reading age": 12, "at": "/privacy/de"}}),
    "R01": purpose(uses=["zz", "nothing_of_that_name"]),
    "R02": add(sources={"ss": {"sends": "zz", "terms": "A licence."}}),
    "R03": purpose(uses=["zz", "not event_0"]),
    "R04": add(moments={"mm": {"when": "nothing_of_that_name"}}),
    "D01": item(keep="for long"),
    "D02": item(keep="1 year from nothing_of_that_name"),
    "A01": add(
        audiences={"aa": {"age": "under 10"}, "bb": {"age": "under 12"}},
        purposes={
            "pp": {
                **PURPOSE,
                "authorisation": AUTHORISATION,
                "for": {"aa": {"basis": "consent"}, "bb": {"basis": "signed authorisation"}},
            }
        },
    ),
    "K01": item("keep"),
    "K02": item(keep="until account closes"),
    "K03": item("from"),
    "K04": add(purposes={"operate": NOT_ZZ, "pp": {**PURPOSE, "uses": "event_0"}}),
    "U01": purpose(uses=["zz", "not zz"]),
    "U02": purpose(basis="consent", choice="none"),
    "U03": purpose(form="pseudonymous"),
    "U04": add(
        data={"zz": {**ITEM, "required": True}},
        purposes={"operate": NOT_ZZ, "obey": NOT_ZZ, "pp": {**PURPOSE, "basis": "consent"}},
    ),
    "U05": add(purposes={f"pp{number}": PURPOSE for number in range(64)}),
    "U06": add(decisions={"dd": {"purpose": "pp", "effect": "none", "weighs": "event_0"}}),
    "S01": recipient(gets=["zz", "event_0"]),
    "S02": recipient(countries="US"),
    "S03": recipient(until="2000-01-01"),
    "V01": add(never={"nn": {"forbids": "use", "items": "zz", "purposes": "pp"}}),
    "V02": add(
        data={"zz": ITEM, "yy": {**ITEM, "derived from": "zz"}},
        purposes={"pp": PURPOSE, "qq": {**PURPOSE, "uses": "yy"}},
        never={"nn": {"forbids": "use", "items": "zz", "purposes": "qq"}},
    ),
    "V03": _all_recipients,
    "V04": item(hidden_from="pp"),
    "V05": company(says="We never sleep."),
    "L01": purpose(basis="legitimate interest"),
    "L02": purpose(basis="notice"),
    "L03": add(cookies={"cc": {"for": "pp", "lasts": "1 year"}}),
    "L06": item(special="health"),
    "L08": add(decisions={"dd": {"purpose": "pp", "effect": "legal"}}),
    "L10": recipient(role="processor"),
    "E01": item(**{"from": "recording"}),
    "E02": _an_event_that_no_cookie_carries,
}
