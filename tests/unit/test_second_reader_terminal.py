"""What strangers write must not take hold of a terminal: titles of pages, names of files, words of a policy."""

import io
import sys
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.base.errors import BadInput
from kept.base.printing import clean, is_clean
from kept.cli import query as query_cli
from kept.gather.weblog.line import Fault, Malformed
from kept.gather.weblog.report import Report
from kept.policy import read_policy
from kept.use import Answer

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202etxt.exe\r\x00\x7f"


@given(st.text())
def test_what_is_cleaned_is_clean_and_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert is_clean(once)
    assert clean(once) == once
    assert once == text or not is_clean(text)


@pytest.mark.parametrize(
    "text", ["Größe", "50 %\N{NO-BREAK SPACE}", "日本語", "שלום", "👩\N{ZERO WIDTH JOINER}💻", "a\\x1b"]
)
def test_what_people_write_stays(text: str) -> None:
    assert clean(text) == text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("shape", [None, "csv", "json"])
def test_rows_on_a_terminal_are_text_and_nothing_more(
    shape: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Terminal()
    said: list[bytes] = []
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setattr(
        click,
        "echo",
        lambda what, **_: said.append(what if isinstance(what, bytes) else what.encode()),
    )
    query_cli._print(Answer(("words",), ("VARCHAR",), ((HOSTILE,),)), shape)
    text = shown.getvalue() + b"\n".join(said).decode()
    assert "txt.exe" in text
    assert is_clean(text.replace("\r\n", "\n"), but="\n")


def test_a_file_gets_the_rows_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stdout", shown)
    query_cli._print(Answer(("words",), ("VARCHAR",), (("a\x1bb",),)), "csv")
    assert shown.getvalue() == "words\r\na\x1bb\r\n"


def test_the_report_of_an_import_names_files_harmlessly() -> None:
    report = Report()
    report.files.append(f"access{HOSTILE}.log")
    report.add_lines(1, {}, [Malformed(1, Fault.TIME)])
    assert is_clean(str(report), but="\n")


def test_errors_are_clean_whatever_they_name() -> None:
    error = BadInput(f"no {HOSTILE}", where=f"/tmp/{HOSTILE}", why=HOSTILE, next_step=HOSTILE)
    assert is_clean(str(error), but="\n")
    assert len(str(error).splitlines()) == 3


@pytest.mark.parametrize(
    "text",
    [
        'company: {name: "A\\e[2J"}',
        '"comp\\u202eany": {name: A}',
        "company: {name: !%1b%5b31m A}",
        'company: {name: "A\\x9b31m"}',
        "company: {name: A\u2066B}",
        "company: {name: A\x1bB}",
        "company: {name: A\x00B}",
    ],
)
def test_a_policy_holds_no_unseen_characters_and_is_refused_in_clean_words(text: str) -> None:
    draft = read_policy(text, "policy.yaml")
    assert [problem.code for problem in draft.errors] == ["F01"]
    assert all(is_clean(str(problem), but="\n") for problem in draft.problems)


def test_our_own_policy_is_clean() -> None:
    path = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"
    assert not read_policy(path.read_text(), path.name).errors
