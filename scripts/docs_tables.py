"""What the tables of the documents say, read from the code. `scripts/make_docs.py` draws them."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import msgspec

from kept.base import errors
from kept.base.settings import Settings
from kept.cli import kept
from kept.gate.door import Reason
from kept.gather.refusals import AtDoor
from kept.gather.values import READERS
from kept.gather.weblog.line import Fault
from kept.gather.weblog.reasons import NotKept
from kept.ledger import facts
from kept.ledger.audit import Flaw
from kept.ledger.receipts import Doubt
from kept.policy import grammar
from kept.policy.enforced import CARRIED, ENFORCED
from kept.policy.nodes import Seq, Text
from kept.policy.problems import CODES, Place
from kept.policy.times import KNOWN_MOMENTS, SURE_MOMENTS
from kept.policy.values import NEVER_BY_GROUP, TYPES, Ref, keep
from kept.policy.words import Bad, sentence
from kept.storage.query_words import No
from kept.web import centre, collect, console, reply
from kept.web.authority import Because, DeclaredRoute

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "kept"
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Headers, the rows as far as the code gives them, and how many last columns are written by hand."""

    headers: Row
    rows: tuple[Row, ...]
    by_hand: int = 0


def _code(words: str) -> str:
    return f"`{words}`"


# ---- the language ----------------------------------------------------------------------------------------

SHOWN = Place(1, 1, "")
NONSENSE = tuple(Text(SHOWN, words, quoted=True, cut=False) for words in ("US-CA", "?"))
"""Read in turn: the first is one place too small for some keys, the second is nothing at all."""


def _takes(key: grammar.Key[object]) -> str:
    """What a key takes, found by asking its reader to read nonsense: it then says what would be valid."""
    if key.read is keep:
        return "times or periods, one or many; or `{at most: …, duty: …, by: …}`"
    found = next((said for node in NONSENSE if (said := _refusal(key, node))), "") or _kind(key)
    return f"one or many: {found}" if _takes_many(key) else found


def _refusal(key: grammar.Key[object], node: Text) -> str:
    try:
        key.read(node)
    except Bad as bad:
        return bad.more.get("valid") or ("a time" if bad.code == "D01" else bad.what)
    return ""


def _kind(key: grammar.Key[object]) -> str:
    value = key.read(NONSENSE[-1])
    if isinstance(value, tuple) and isinstance(value[0], Ref):
        return "names"
    return "a sentence" if key.read is sentence else "text"


def _takes_many(key: grammar.Key[object]) -> bool:
    try:
        key.read(Seq(SHOWN, NONSENSE[-1:]))
    except Bad as bad:
        return "not a list" not in bad.what and "map" not in bad.what
    return True


def _keys(*keys: grammar.Key[object]) -> Callable[[], Table]:
    def table() -> Table:
        rows = ((f"`{key.name}`{' *' if key.differs else ''}", _takes(key), key.missing) for key in keys)
        return Table(("key", "takes", "missing", "means"), tuple(rows), by_hand=1)

    return table


def _of_section(name: str) -> Callable[[], Table]:
    return _keys(*grammar.SECTIONS[name].shape.keys)


def _held() -> Table:
    keys = dict.fromkeys((*grammar.SECTIONS["data"].shape.keys, *grammar.SECTIONS["events"].shape.keys))
    return _keys(*keys)()


def _sections() -> Table:
    kinds = {"text": "one text", "entry": "one entry", "names": "names of yours, an entry each"}
    rows = [
        (
            _code(name),
            kinds[section.kind] + (", groups" if section.shape.groups else ""),
            "yes" if section.required else "",
        )
        for name, section in grammar.SECTIONS.items()
    ]
    return Table(("section", "holds", "needed", "says"), tuple(rows), by_hand=1)


def _not_read_yet() -> Table:
    return Table(("not read yet",), ((", ".join(map(_code, grammar.NOT_READ_YET)),),))


def _bases() -> Table:
    rows = ((_code(basis), _code(choice)) for basis, choice in grammar.BASIS_CHOICE.items())
    return Table(("basis", "choice", "asks of the policy"), tuple(rows), by_hand=1)


def _choices() -> Table:
    rows = tuple((_code(choice),) for choice in grammar.CHOICES)
    return Table(("choice", "means"), rows, by_hand=1)


def _moments() -> Table:
    rows = ((_code(name), "yes" if name in SURE_MOMENTS else "") for name in KNOWN_MOMENTS)
    return Table(("moment", "sure to come", "is"), tuple(rows), by_hand=1)


def _sources() -> Table:
    rows = ((_code(name), "yes" if name in CARRIED else "not yet") for name in grammar.BUILT_IN_SOURCES)
    return Table(("source", "gathered", "is"), tuple(rows), by_hand=1)


def _types() -> Table:
    rows = (
        (
            _code(name),
            _first_paragraph(READERS[name].__doc__) if name in READERS else "Not taken in an event.",
            "no" if name in NEVER_BY_GROUP else "yes",
        )
        for name in TYPES
    )
    return Table(("type", "in an event", "a group stands for it"), tuple(rows))


def _codes() -> Table:
    return Table(
        ("code", "about", "such as", "next"), tuple((_code(c), about) for c, about in CODES.items()), 2
    )


def _enforced() -> Table:
    rows = ((feature.says, "yes" if feature.carried_out else "not yet") for feature in ENFORCED.values())
    return Table(("what", "carried out"), tuple(rows))


# ---- facts -----------------------------------------------------------------------------------------------


def _facts() -> Table:
    written = _written_facts()
    rows = (
        (
            _code(facts.name_of(kind)),
            ", ".join(
                _code(name) for name in (field.name for field in msgspec.structs.fields(kind)) if name != "at"
            ),
            _flat(kind.__doc__),
            ", ".join(sorted(written.get(kind.__name__, ()))) or "nobody yet",
        )
        for kind in facts.ALL
    )
    return Table(("fact", "fields", "says", "written by"), tuple(rows))


def _written_facts() -> Mapping[str, set[str]]:
    """Which room makes which fact, by the name of its class."""
    found: dict[str, set[str]] = {}
    for path, node in _calls():
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value).endswith("facts"):
            found.setdefault(node.func.attr, set()).add(_room(path))
    return found


# ---- running it ------------------------------------------------------------------------------------------


def _settings() -> Table:
    rows = ((_code(f"KEPT_{one.name.upper()}"), _code(_plain(one.default))) for one in fields(Settings))
    return Table(("variable", "default", "says"), tuple(rows), by_hand=1)


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its words, those that start others alone too: ("kept policy check", …)."""
    yield from _below("kept", kept, click.Context(kept))


def _below(name: str, command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    for word in command.list_commands(context):
        found = _found(command, context, word)
        if found is not None:
            yield from _below(f"{name} {word}", found, click.Context(found, parent=context))


def _found(group: click.Group, context: click.Context, word: str) -> click.Command | None:
    """A command; None for one whose file is not there, which `kept bench` may list before it is built."""
    try:
        return group.get_command(context, word)
    except ModuleNotFoundError as missing:
        if not str(missing.name).startswith("kept."):
            raise
        return None


def _commands() -> Table:
    return Table(
        ("command", "does"),
        tuple((_usage(name, command), _flat(command.help)) for name, command in commands()),
    )


def _usage(name: str, command: click.Command) -> str:
    arguments = [each.make_metavar(click.Context(command)) for each in command.params if _is_argument(each)]
    return _code(" ".join([name, *arguments]))


def _is_argument(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Argument)


def _options() -> Table:
    rows: dict[tuple[str, str], list[str]] = {}
    for name, command in commands():
        for each in command.params:
            if isinstance(each, click.Option):
                said = (", ".join(map(_code, each.opts)), _flat(each.help) or UNSAID_OPTION)
                rows.setdefault(said, []).append(_code(name.removeprefix("kept ")))
    return Table(("option", "says", "of"), tuple((*said, ", ".join(of)) for said, of in rows.items()))


UNSAID_OPTION = "…"


def _exit_codes() -> Table:
    kinds = sorted(_kinds(errors.KeptError), key=lambda kind: kind.exit_code)
    rows = (
        (
            f"{kind.exit_code}",
            _code(kind.__name__),
            _first_paragraph(kind.__doc__),
            "yes" if kind.retry else "no",
        )
        for kind in kinds
        if kind.__module__ == errors.__name__
    )
    return Table(("ends with", "kind", "says", "again may help"), tuple(rows))


def _kinds(kind: type[errors.KeptError]) -> Iterator[type[errors.KeptError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


def _alarms() -> Table:
    """What a running installation may say of itself, by the message that the code gives."""
    found: dict[str, str] = {}
    for path, node in _calls():
        name, where = ast.unparse(node.func), _room(path)
        if name in {"Damaged", "InUse", "NoRoom"} and node.args and where not in {"bench", "ledger"}:
            found.setdefault(f"{_words(node.args[0])}".rstrip("."), name)
    return Table(
        ("it says", "kind", "what to do"),
        tuple((said, _code(kind)) for said, kind in sorted(found.items(), key=lambda one: one[::-1])),
        by_hand=1,
    )


def _words(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_words(part) for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "N"


def _reasons(kind: type[Enum], *, by_hand: int = 1, first: str = "reason") -> Callable[[], Table]:
    def table() -> Table:
        rows = ((_name_of(one), str(one.value)) for one in kind)
        return Table((first, "says", "next")[: 2 + by_hand], tuple(rows), by_hand)

    return table


def _name_of(one: Enum) -> str:
    return _code(str(getattr(one, "code", one.name.lower().replace("_", " "))))


def _gate_reasons() -> Table:
    return Table(("reason", "next"), tuple((one.value,) for one in Reason), by_hand=1)


def _http() -> Table:
    rows = {
        said["error"]: str(one.status)
        for module in (collect, reply)
        for one in vars(module).values()
        if isinstance(one, reply.Reply) and one.status >= 400 and (said := msgspec.json.decode(one.body))
    }
    rows |= {"Too many requests.": "429"}  # made for each, since it says how long to wait
    ordered = sorted(rows.items(), key=lambda row: (row[1], row[0]))
    return Table(("it says", "status", "next"), tuple(ordered), by_hand=1)


def _page_reasons() -> Table:
    return Table(("status", "it says"), tuple((str(one.status), one.says) for one in Because))


# ---- the house -------------------------------------------------------------------------------------------


def _rooms() -> Table:
    rooms = sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))
    rows = ((_code(room), _promise(room)) for room in rooms)
    return Table(("room", "promises", "gives to others"), tuple(rows), by_hand=1)


def _promise(room: str) -> str:
    return _first_paragraph(import_module(f"kept.{room}").__doc__)


def _routes(routes: Iterable[DeclaredRoute], *more: Row) -> Table:
    rows = [
        (_code(f"{_method(one)} {one.path.removeprefix('/') or '/'}"), one.authority.name) for one in routes
    ]
    return Table(("route", "for", "what"), tuple((name, who.lower()) for name, who in [*rows, *more]), 1)


def _method(one: DeclaredRoute) -> str:
    return "POST" if "POST" in (one.methods or ()) else "GET"


def _public_routes() -> Table:
    path = collect.Collector.path.decode().removeprefix("/")
    return _routes(centre.ROUTES, (_code(f"POST {path}"), "visitor, site"))


def _console_routes() -> Table:
    return _routes(console.ROUTES)


def _decisions() -> Table:
    rows = []
    for path in sorted((ROOT / "docs" / "adr").glob("0*.md")):
        found = re.match(r"# 0*(\d+)\.? (.+)", path.read_text(encoding="utf-8"))
        if found is None:
            raise SystemExit(f"{path.name}: a decision begins with `# N. Title`")
        rows.append((f"[{found[1]}]({path.name})", found[2]))
    return Table(("no.", "about", "decided"), tuple(rows), by_hand=1)


# ---- reading the source ----------------------------------------------------------------------------------


def _calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path, node


def _room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0]


def _flat(text: Any) -> str:
    return " ".join(str(text or "").split())


def _first_paragraph(text: Any) -> str:
    return _flat(str(text or "").strip().split("\n\n")[0])


TABLES: Mapping[str, Callable[[], Table]] = {
    "sections": _sections,
    "not read yet": _not_read_yet,
    "keys of company": _of_section("company"),
    "keys of people": _of_section("people"),
    "keys of audiences": _of_section("audiences"),
    "keys of if unknown": _keys(*grammar.UNKNOWN.keys),
    "keys of data and events": _held,
    "keys of moments": _of_section("moments"),
    "keys of cookies": _of_section("cookies"),
    "keys of counting": _of_section("counting without cookies"),
    "keys of purposes": _of_section("purposes"),
    "keys of retention": _of_section("retention"),
    "keys of periods": _keys(*grammar.PERIOD.keys),
    "keys of duties": _keys(*grammar.DUTY.keys),
    "keys of notices": _of_section("notices"),
    "bases": _bases,
    "choices": _choices,
    "moments": _moments,
    "sources": _sources,
    "types": _types,
    "codes": _codes,
    "enforced": _enforced,
    "facts": _facts,
    "settings": _settings,
    "commands": _commands,
    "options": _options,
    "exit codes": _exit_codes,
    "alarms": _alarms,
    "at the door": _reasons(AtDoor),
    "http": _http,
    "pages": _page_reasons,
    "log lines": _reasons(NotKept, by_hand=0),
    "log faults": _reasons(Fault, by_hand=0, first="fault"),
    "gate": _gate_reasons,
    "query": _reasons(No, by_hand=0),
    "flaws": _reasons(Flaw, by_hand=0, first="flaw"),
    "doubts": _reasons(Doubt, by_hand=0, first="doubt"),
    "rooms": _rooms,
    "public routes": _public_routes,
    "console routes": _console_routes,
    "decisions": _decisions,
}
