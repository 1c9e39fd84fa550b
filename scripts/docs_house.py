"""Tables about the house: its rooms, its routes, the decisions."""

import re
from collections.abc import Iterable
from importlib import import_module

from kept.gather.protocols import PROTOCOLS
from kept.gather.protocols.wire import ClientProtocol
from kept.web import centre, collect, console
from kept.web.authority import DeclaredRoute
from kept.web.pages.draw import SITE_KEY
from scripts.docs_source import ROOT, SOURCE, Row, Table, coded, first_paragraph


def rooms_table() -> Table:
    """Each room, and the promise its `__init__.py` opens with."""
    rooms = sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))
    rows = ((coded(room), _promise(room)) for room in rooms)
    return Table(("room", "promises", "gives to others"), tuple(rows), by_hand=1)


def _promise(room: str) -> str:
    return first_paragraph(import_module(f"kept.{room}").__doc__)


def _routes(routes: Iterable[DeclaredRoute], *more: Row) -> Table:
    rows = [(coded(f"{_method(one)} {_shown(one.path)}"), one.authority.name) for one in routes]
    return Table(("route", "for", "what"), tuple((name, who.lower()) for name, who in [*rows, *more]), 1)


def _shown(path: str) -> str:
    return re.sub(r":\w+}", "}", path).removeprefix("/") or "/"


def _method(one: DeclaredRoute) -> str:
    return ", ".join(sorted((one.methods or set()) - {"HEAD"}, reverse=True))


def public_routes() -> Table:
    """What the public interface answers, and for whom."""
    path = collect.Collector.path.decode().removeprefix("/")
    others = ((_endings(each), "visitor, site") for each in PROTOCOLS)
    own = [
        one for one in centre.ROUTES if SITE_KEY not in one.path
    ]  # of partners' sites the same, in one line
    return _routes(own, (coded(f"POST {path}"), "visitor, site"), *others)


def _endings(protocol: ClientProtocol) -> str:
    """The paths of another make's clients."""
    return ", ".join(coded(ending.decode()) for ending in sorted(protocol.endings))


def console_routes() -> Table:
    """What the console answers."""
    return _routes(console.ROUTES)


def decisions() -> Table:
    """The decisions by number."""
    rows = []
    for path in sorted((ROOT / "docs" / "adr").glob("0*.md")):
        found = re.match(r"# 0*(\d+)\.? (.+)", path.read_text(encoding="utf-8"))
        if found is None:
            raise SystemExit(f"{path.name}: a decision begins with `# N. Title`")
        rows.append((f"[{found[1]}]({path.name})", found[2]))
    return Table(("no.", "about", "decided"), tuple(rows), by_hand=1)
