"""The documents say what is there, all of it, and nothing that is not."""

import re
import shlex
import subprocess
from dataclasses import fields
from pathlib import Path

import click
import duckdb
import pytest

from kept.base.settings import Settings
from kept.cli import kept
from kept.policy import load_policy
from kept.use import views_of
from scripts.docs_tables import TABLES
from scripts.make_docs import made, tables_in, unsaid
from tests.documents import (
    ALL,
    DECISIONS,
    DOCS,
    FOR_USERS,
    README,
    ROOT,
    fences,
    named,
    spans,
    table,
    text_of,
)

SOURCE = ROOT / "src" / "kept"
MADE = [path for path in ALL if tables_in(text_of(path))]
OTHERS = {"KEPT_URL", "KEPT_WRITE_KEY", "KEPT_SECRET_KEY", "KEPT_LONG", "KEPT_NEEDS_BROWSER"}
"""Variables that are no settings: the example site's, and the tests'."""


# ---- tables that follow from the code: settings, commands, options, facts, codes, reasons, routes, rooms


@pytest.mark.parametrize("path", MADE, ids=named)
def test_its_tables_are_what_the_code_says(path: Path) -> None:
    text = text_of(path)
    assert made(text) == text, "run `python scripts/make_docs.py` and read what changed"
    assert unsaid(text) == []


def test_every_table_that_can_be_made_stands_somewhere_once() -> None:
    assert sorted(name for path in MADE for name in tables_in(text_of(path))) == sorted(TABLES)


def test_a_row_without_words_is_noticed() -> None:
    text = "<!-- made: gate -->\n| reason | next |\n| --- | --- |\n<!-- end -->\n"
    assert len(unsaid(made(text))) == len(table("gate"))


def test_words_by_hand_stay_with_their_row() -> None:
    text = "<!-- made: gate -->\n| r | n |\n| --- | --- |\n| figures only | Ask \\| wait. |\n| gone | x |\n<!-- end -->"
    assert "| figures only | Ask \\| wait. |" in made(text)
    assert "gone" not in made(text)


# ---- settings and commands


@pytest.mark.parametrize("name", [f"KEPT_{one.name.upper()}" for one in fields(Settings)])
def test_every_setting_is_described(name: str) -> None:
    assert name in text_of(ROOT / "docs" / "running.md")


@pytest.mark.parametrize("path", ALL, ids=named)
def test_every_variable_it_names_is_one(path: Path) -> None:
    known = {f"KEPT_{one.name.upper()}" for one in fields(Settings)} | OTHERS
    assert set(re.findall(r"\bKEPT_[A-Z_]*[A-Z]", text_of(path))) <= known


def _shell_lines(path: Path) -> list[str]:
    lines = [line for block in fences(path, "sh") for line in block.splitlines()]
    return [line.strip() for line in [*spans(path), *lines]]


@pytest.mark.parametrize("path", ALL, ids=named)
def test_every_command_it_names_is_one(path: Path) -> None:
    for line in _shell_lines(path):
        if line.startswith("kept "):
            _require_command(shlex.split(line.replace("…", "")))
        if line.startswith("make "):
            assert re.search(rf"^{line.split()[1]}:", text_of(ROOT / "Makefile"), re.MULTILINE), line


def _require_command(words: list[str]) -> None:
    command, context, rest = kept, click.Context(kept), words[1:]
    while rest and isinstance(command, click.Group):
        assert rest[0] in command.list_commands(context), " ".join(words)
        found = command.get_command(context, rest.pop(0))
        assert found is not None
        command, context = found, click.Context(found, parent=context)  # type: ignore[assignment]  # any command
    known = {opt for each in command.params for opt in each.opts}
    assert {word for word in rest if word.startswith("--")} <= known, " ".join(words)


# ---- code in the documents


@pytest.mark.parametrize("path", FOR_USERS, ids=named)
def test_its_shell_can_be_read(path: Path) -> None:
    for block in fences(path, "sh"):
        subprocess.run(["sh", "-n"], input=block, text=True, check=True)


@pytest.mark.parametrize("path", FOR_USERS, ids=named)
def test_its_policies_pass_the_check(path: Path) -> None:
    for block in fences(path, "yaml"):
        assert load_policy(block, named(path)).purposes


def _questions(path: Path) -> list[tuple[str, str]]:
    """Purpose and SQL of each `kept query` that is shown, and the SQL of each block."""
    shown = [shlex.split(line) for line in _shell_lines(path) if line.startswith("kept query --for ")]
    asked = [(words[3], words[4]) for words in shown if len(words) > 4 and not words[4].startswith("--")]
    return [*asked, *(("improve", block) for block in fences(path, "sql"))]


@pytest.mark.parametrize("path", [path for path in FOR_USERS if _questions(path)], ids=named)
def test_its_questions_can_be_asked(path: Path) -> None:
    policy = load_policy(text_of(ROOT / "policies" / "workhirespot.yaml"), "policy")
    for purpose, sql in _questions(path):
        with duckdb.connect() as connection:
            for view in views_of(policy, policy.purposes[purpose], now_ms=0):
                columns = ", ".join(f"null as {column}" for column in view.columns)
                connection.execute(f"create view {view.name} as select {columns}")
            connection.execute(sql).fetchall()


def test_the_readme_asks_a_question_and_shows_commands() -> None:
    assert _questions(README)
    assert fences(README, "sh")


def test_the_readme_is_about_a_page() -> None:
    assert len(text_of(README).split()) < 1_250


# ---- what is pointed at


@pytest.mark.parametrize("path", ALL, ids=named)
def test_every_file_it_points_at_is_there(path: Path) -> None:
    text = text_of(path)
    linked = {path.parent / found for found in re.findall(r"\]\(([^):]+)\)", text)}
    coded = {
        ROOT / span
        for span in spans(path)
        if re.fullmatch(r"(docs|scripts|tests|examples|policies|requirements|src)/[a-z0-9_./-]+", span)
    }
    assert {one for one in linked | coded if not one.exists()} == set()


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert len(numbers) == len(set(numbers))


def test_the_readme_points_at_every_document() -> None:
    assert [path.name for path in DOCS if f"docs/{path.name}" not in text_of(README)] == []


# ---- words


def _words() -> list[str]:
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", text_of(ROOT / "GLOSSARY.md"), re.MULTILINE)
    return [row for row in rows if row not in {"word", "---"}]


def test_the_glossary_is_in_order() -> None:
    assert _words() == sorted(_words(), key=str.casefold)


@pytest.fixture(scope="module")
def everything() -> str:
    """All that we have written, save the glossary and the tests."""
    endings = {".py", ".md", ".html", ".js", ".yaml", ".txt"}
    found = [path for path in SOURCE.rglob("*") if path.suffix in endings]
    found += [*FOR_USERS, *DECISIONS, *(ROOT / "examples").rglob("*.py")]
    return _plain("\n".join(map(text_of, found)))


def _plain(text: str) -> str:
    return re.sub(r"[\s#*`_-]+", " ", text).casefold()


def test_every_word_of_the_glossary_is_used(everything: str) -> None:
    words = [word for row in _words() for word in row.split(", ")]
    unused = [word for word in words if not re.search(rf"\b{re.escape(_plain(word))}", everything)]
    assert unused == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    empty = re.compile(r"utils?|helpers?|managers?|common|misc")
    assert [named(path) for path in SOURCE.rglob("*.py") if empty.fullmatch(path.stem)] == []
    assert [
        named(path)
        for path in SOURCE.rglob("*")
        if re.search(r"(^|_)(utils|helpers|manager|common)(_|\.|$)", path.name)
    ] == []
