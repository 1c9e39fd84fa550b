"""`kept policy …` and `kept init`: a policy file on the command line."""

import shutil
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import click
import msgspec

from kept.base.clock import Clock, SystemClock
from kept.base.errors import BadInput
from kept.base.language import is_spoken, spoken
from kept.base.settings import Settings
from kept.cli.options import RESIDENCE, Whole, on_installation
from kept.policy import CompiledPolicy, Draft, load_policy, read_policy
from kept.policy.diff import Change, Kind, Needs, diff, diff_text
from kept.policy.layout import laid_out
from kept.policy.notice import Notice, notice_markdown
from kept.policy.notice_html import notice_html
from kept.policy.notice_json_ld import notice_json_ld
from kept.policy.posted import told_in
from kept.policy.schema import schema
from kept.policy.times import still_to_come

FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default="policy.yaml")


@click.group("policy")
def policy_group() -> None:
    """Check a policy file, and read the notice that it makes."""


@policy_group.command("check")
@FILE
@click.option("--json", "as_json", is_flag=True, help="Print problems and assumptions as JSON.")
@click.option(
    "--strict", is_flag=True, help="End with 1 if something stops this version from coming into force."
)
def check(file: Path, as_json: bool, strict: bool) -> None:
    """Say what is wrong with FILE, line by line, and what it assumes. Ends with 2 if there is an error."""
    draft = read_policy(_text(file), str(file))
    day = waits_for(draft, SystemClock())
    click.echo(_as_json(draft, day) if as_json else _as_text(draft, day))
    if draft.errors:
        sys.exit(2)
    if strict and draft.stopping:
        sys.exit(1)


def waits_for(draft: Draft, clock: Clock) -> date | None:
    """The day on which a version without errors comes into force, while that lies ahead."""
    return None if draft.errors else still_to_come(draft.texts["in force"], clock.now_ms())


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(
            "There is no such file.",
            where=str(file),
            next_step="`kept init` writes a policy to start from.",
            why="Nothing of that name is there.",
        ) from None
    except UnicodeDecodeError:
        raise BadInput(
            "The file is not UTF-8 text.",
            where=str(file),
            next_step="Save it as UTF-8.",
            why="YAML is read as UTF-8 alone.",
        ) from None
    except OSError as error:
        raise BadInput(
            f"The file cannot be read: {error.strerror}.",
            where=str(file),
            why="The system refuses it.",
            next_step="Look at its mode and owner.",
        ) from None


def _as_json(draft: Draft, day: date | None) -> str:
    found = {
        "file": draft.file,
        "waits for": day and day.isoformat(),
        "problems": [asdict(problem) for problem in draft.problems],
        "assumptions": [asdict(one) for one in draft.assumptions],
    }
    return msgspec.json.format(msgspec.json.encode(found)).decode()


def _as_text(draft: Draft, day: date | None) -> str:
    lines = [str(problem) for problem in draft.problems]
    if draft.assumptions:
        lines += ["", f"Assumed, {len(draft.assumptions)} in all:"]
        lines += [
            f"  {draft.file}:{one.line}: {one.path or 'the file'}: {one.reason}" for one in draft.assumptions
        ]
    return "\n".join([*lines, *([""] if lines else []), _verdict(draft), *_waiting(day)])


def _waiting(day: date | None) -> list[str]:
    if day is None:
        return []
    return [f"Not in force before {day}: until that day begins (UTC), `kept up` keeps the version before it."]


def _verdict(draft: Draft) -> str:
    errors, warnings, stopping = len(draft.errors), len(draft.warnings), len(draft.stopping)
    if errors:
        return f"{draft.file}: {errors} error{'' if errors == 1 else 's'}."
    told = f", {warnings} to know" if warnings else ""
    if stopping:
        told += f"; {stopping} of them stop{'s' if stopping == 1 else ''} it from coming into force"
    return f"{draft.file}: no errors{told}."


@policy_group.command("fmt")
@FILE
@click.option("--check", "only_check", is_flag=True, help="Write nothing; end with 1 if the layout differs.")
def fmt(file: Path, only_check: bool) -> None:
    """Lay FILE out as every policy is laid out. What it means, its order and its comments stay."""
    text = _text(file)
    made = laid_out(text, str(file))
    with file.open(encoding="utf-8", newline="") as before:  # as the bytes stand: other line ends differ too
        same = before.read() == made
    if same:
        click.echo(f"{file}: laid out already.")
    elif only_check:
        click.echo(f"{file}: not laid out; `kept policy fmt {file}` does it.")
        sys.exit(1)
    else:
        _replace(file, made)
        click.echo(f"{file}: laid out.")


def _replace(file: Path, text: str) -> None:
    """Write the file anew, whole or not at all, under the mode that it has."""
    real = file.resolve()
    new = real.with_name(f".{real.name}.new")
    try:
        new.write_text(text, encoding="utf-8", newline="\n")
        shutil.copymode(real, new)
        new.replace(real)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise BadInput(
            f"The file cannot be written: {error.strerror}.",
            where=str(file),
            why="The system refuses it, and the file is left as it is.",
            next_step="Look at the mode and owner of the file and its folder.",
        ) from None


@policy_group.command("diff")
@click.argument("old", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON, with the list of kinds.")
def diff_command(old: Path, new: Path, as_json: bool) -> None:
    """Say in plain words what changes from OLD to NEW, and for whom. Ends with 1 if anything does."""
    before, after = (load_policy(_text(file), str(file)) for file in (old, new))
    changes = diff(before, after)
    click.echo(_changes_json(before, after, changes) if as_json else diff_text(changes))
    if changes:
        sys.exit(1)


def _changes_json(before: CompiledPolicy, after: CompiledPolicy, changes: tuple[Change, ...]) -> str:
    found = {
        "old": {"version": before.version, "fingerprint": before.fingerprint},
        "new": {"version": after.version, "fingerprint": after.fingerprint},
        "kinds": [kind.value for kind in Kind],
        "needs": [need.value for need in Needs],
        "changes": [asdict(one) for one in changes],
    }
    return msgspec.json.format(msgspec.json.encode(found)).decode()


@policy_group.command("versions")
@on_installation
def versions_command(settings: Settings) -> None:
    """List every version that was in force here, and how often each of its pages was shown, day by day."""
    from kept.amend import shown_by_day
    from kept.app.house import House

    house = House.open_existing(settings)
    try:
        past, shown = house.policies.past(), shown_by_day(house.records, house.policies.versions())
    finally:
        house.close()
    for one in past:
        end = f"until {_day(one.until_ms)}" if one.until_ms else "in force"
        click.echo(f"{one.number}  {one.version}, from {_day(one.since_ms)}, {end}  {one.fingerprint[:12]}")
        for each in (each for each in shown if each.number == one.number):
            click.echo(f"     {each.day}  {each.page}: shown {each.times} times")


def _day(moment_ms: int) -> str:
    return datetime.fromtimestamp(moment_ms / 1000, UTC).date().isoformat()


@policy_group.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of the policy file, for editors that complete and explain as one writes."""
    click.echo(msgspec.json.format(msgspec.json.encode(schema())).decode())


@policy_group.command("notice")
@FILE
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "html", "markdown", "json-ld"]),
    default="markdown",
    help="How it is written; json-ld is in the W3C Data Privacy Vocabulary. Default: markdown.",
)
@click.option("--language", help="In which language, such as de. Default: the company's first.")
@click.option(
    "--residence", type=RESIDENCE, help="For people who live there: an ISO 3166 code such as DE or US-CA."
)
@click.option("--age", type=Whole(0, 150), help="For people of that age.")
def notice(file: Path, form: str, language: str | None, residence: str | None, age: int | None) -> None:
    """Print the notice that FILE makes: for everyone, or for people of a residence and age."""
    policy = load_policy(_text(file), str(file))
    general = residence is None and age is None
    cell = None if general else policy.cell_of(residence, age)
    said, made = told_in(policy, _spoken(language or policy.company.languages[0]), cell)
    click.echo(_written(said, made, cell, form), nl=False)


def _spoken(language: str) -> str:
    if is_spoken(language):
        return language
    raise BadInput(
        "Kept has no words of its own in that language.",
        where="--language",
        why="A notice would be in two languages at once.",
        next_step=f"Name one of these: {', '.join(spoken())}.",
    )


def _written(policy: CompiledPolicy, made: Notice, cell: int | None, form: str) -> str:
    if form == "markdown":
        return notice_markdown(made)
    if form == "html":
        return notice_html(made)
    if form == "json-ld":
        return msgspec.json.format(msgspec.json.encode(notice_json_ld(policy, made, cell))).decode() + "\n"
    return _notice_json(made) + "\n"


def _notice_json(made: Notice) -> str:
    found = asdict(made)
    for section, plain in zip(made.sections, found["sections"], strict=True):
        plain["number"] = section.number
    return msgspec.json.format(msgspec.json.encode(found)).decode()


@click.command("init")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default="policy.yaml")
def init_command(file: Path) -> None:
    """Write a short policy to start from, with comments, to FILE. Never overwrites."""
    starter = files("kept.policy").joinpath("starter.yaml").read_text(encoding="utf-8")
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(starter)
    except FileExistsError:
        raise BadInput(
            "A file of that name is there already.",
            where=str(file),
            next_step="Name another, or move it away.",
            why="What is there is never overwritten.",
        ) from None
    except OSError as error:
        raise BadInput(
            f"The file cannot be written: {error.strerror}.",
            where=str(file),
            why="The system refuses it.",
            next_step="Name a file in a folder that you may write to.",
        ) from None
    click.echo(f"Wrote {file}. Fill it in, then run `kept policy check {file}`.")
