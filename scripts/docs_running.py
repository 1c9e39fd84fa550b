"""Tables about running Kept: settings, commands, and what it says when it says no."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import fields
from enum import Enum

import click
import msgspec

from kept.base import errors
from kept.base.settings import Settings
from kept.cli import kept
from kept.gate.door import Reason
from kept.web import clients, collect, reply
from kept.web.authority import Because
from kept.web.metrics import FAMILIES
from scripts.docs_source import Table, calls, coded, first_paragraph, flat, room_of, words_of


def settings_table() -> Table:
    """The settings with their defaults."""
    rows = ((coded(f"KEPT_{one.name.upper()}"), coded(_plain(one.default))) for one in fields(Settings))
    return Table(("variable", "default", "says"), tuple(rows), by_hand=1)


def metrics_table() -> Table:
    """The figures for watchers."""
    rows = ((coded(each.name), each.kind, ", ".join(each.labels), each.says) for each in FAMILIES)
    return Table(("figure", "kind", "by", "says"), tuple(rows))


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
        found = command.get_command(context, word)
        if found is not None:
            yield from _below(f"{name} {word}", found, click.Context(found, parent=context))


def command_table() -> Table:
    """Every command and what it does."""
    return Table(
        ("command", "does"),
        tuple((_usage(name, command), flat(command.help)) for name, command in commands()),
    )


def _usage(name: str, command: click.Command) -> str:
    arguments = [each.make_metavar(click.Context(command)) for each in command.params if _is_argument(each)]
    return coded(" ".join([name, *arguments]))


def _is_argument(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Argument)


def options() -> Table:
    """Every option, and the commands that take it."""
    rows: dict[tuple[str, str], list[str]] = {}
    for name, command in commands():
        for each in command.params:
            if isinstance(each, click.Option):
                said = (", ".join(map(coded, each.opts)), flat(each.help) or UNSAID_OPTION)
                rows.setdefault(said, []).append(coded(name.removeprefix("kept ")))
    return Table(("option", "says", "of"), tuple((*said, ", ".join(of)) for said, of in rows.items()))


UNSAID_OPTION = "…"


def exit_codes() -> Table:
    """What a command ends with, by the kind of error."""
    kinds = sorted(_kinds(errors.KeptError), key=lambda kind: kind.exit_code)
    rows = (
        (
            f"{kind.exit_code}",
            coded(kind.__name__),
            first_paragraph(kind.__doc__),
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


WITHOUT_A_WORD = {
    "Damaged": "Keep everything as it is, and look at what is named.",
    "InUse": "Wait, and try again: it may be free shortly.",
    "NoRoom": "Make room; nothing acknowledged is lost.",
}
"""What helps where the message itself does not say."""


def alarms() -> Table:
    """What a running installation may say of itself, by the message that the code gives."""
    found: dict[tuple[str, str], str] = {}
    for path, node in calls():
        kind = ast.unparse(node.func)
        if kind in WITHOUT_A_WORD and node.args and room_of(path) not in {"bench", "ledger"}:
            says = next((words_of(more.value) for more in node.keywords if more.arg == "next_step"), "")
            found.setdefault((kind, words_of(node.args[0]).rstrip(".")), _sentence(says))
    return Table(
        ("it says", "kind", "what to do"),
        tuple(
            (said, coded(kind), then or WITHOUT_A_WORD[kind]) for (kind, said), then in sorted(found.items())
        ),
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "." if len(words) > 1 else ""


def reasons(kind: type[Enum], *, by_hand: int = 1, first: str = "reason") -> Callable[[], Table]:
    """A closed list of reasons as a table."""

    def table() -> Table:
        rows = ((_name_of(one), str(one.value)) for one in kind)
        return Table((first, "says", "next")[: 2 + by_hand], tuple(rows), by_hand)

    return table


def _name_of(one: Enum) -> str:
    return coded(str(getattr(one, "code", one.name.lower().replace("_", " "))))


def gate_reasons() -> Table:
    """Why the gate refuses."""
    return Table(("reason", "next"), tuple((one.value,) for one in Reason), by_hand=1)


def http_table() -> Table:
    """What the collector and the server answer when they do not take a request."""
    rows = {
        said["error"]: str(one.status)
        for module in (clients, collect, reply)
        for one in vars(module).values()
        if isinstance(one, reply.Reply) and one.status >= 400 and (said := msgspec.json.decode(one.body))
    }
    rows |= {"Too many requests.": "429"}  # made for each, since it says how long to wait
    ordered = sorted(rows.items(), key=lambda row: (row[1], row[0]))
    return Table(("it says", "status", "next"), tuple(ordered), by_hand=1)


def page_reasons() -> Table:
    """Why a page refuses."""
    return Table(("status", "it says"), tuple((str(one.status), one.says) for one in Because))
