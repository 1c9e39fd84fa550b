"""What is wrong with something sent or written is said in words for people: no library's own text goes through."""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kept.base.errors import BadInput
from kept.base.nearest import nearest
from kept.base.settings import read_settings
from kept.cli import kept
from kept.gather.arrival import SentBatch, ServerBatch, Unreadable, decode, decoder_of
from kept.gather.protocols.segment.messages import MESSAGE
from kept.policy.nodes import read_yaml
from kept.policy.problems import Problems
from kept.web.centre import SentJoin, SentShown
from kept.web.pages.ranking import SentOffers, SentRanking
from kept.web.profiles import SentProfile

STARTER = Path(__file__).parents[2] / "src/kept/policy/starter.yaml"
RAW = re.compile(
    r"Expected `|Object (missing|contains)|malformed|truncated|matching regex|Invalid enum|out of range|"
    r"invalid literal|is not a valid|does not match the format|not in the range|"
    r"could not convert|must be in range|<block|<scalar>|node content|token|Errno"
)
"""Texts of msgspec, int(), float(), date.fromisoformat() and ruamel.yaml."""


@pytest.mark.parametrize(
    ("body", "what", "where"),
    [
        (b"", "This is not JSON: it is empty, or ends before it is complete.", "body"),
        (b"[]", "This must be an object, and is a list.", "body"),
        (b'{"visitor": "", "events": []}', "This must not be empty.", "visitor"),
        (b'{"visitor": "a"}', "The field `events` is missing.", "body"),
        (b'{"visitor": "a", "events": [{}]}', "The field `name` is missing.", "events[0]"),
        (
            b'{"visitor": "a", "events": [{"name": "a", "at": 1.5}]}',
            "This must be a text or a whole number, and is a number.",
            "events[0].at",
        ),
        (
            b'{"visitor": "a", "events": [{"name": "a", "nam": 1}]}',
            "There is no field `nam` here: see how it is written, or leave it out.",
            "events[0]",
        ),
        (
            b'{"visitor": "a", "events": [{"name": "%s"}]}' % (b"x" * 129),
            "This must have at most 128 characters.",
            "events[0].name",
        ),
        (b"{'a': 1}", "This is not JSON: object keys must be strings, at byte 1.", "body"),
    ],
)
def test_a_body_that_cannot_be_read(body: bytes, what: str, where: str) -> None:
    assert decode(body, decoder_of(ServerBatch)) == Unreadable(what, where)


PARTS = [
    *(
        b'"visitor"',
        b'"events"',
        b'"name"',
        b'"of"',
        b'"limit"',
        b'"values"',
        b'"type"',
        b'"how"',
        b'"answers"',
    ),
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b"null",
        b"true",
        b"-3",
        b"1.5",
        b"1e999",
        b'""',
        b'"x"',
        b'"\\ud800"',
    ),
    *(
        b'{"of": 3, "limit": 0}',
        b'{"of": "no kind", "limit": 101}',
        b'{"events": [{"name": 1}]}',
        b'{"how": "x"}',
    ),
]
KINDS = (SentBatch, ServerBatch, SentJoin, SentShown, SentRanking, SentOffers, SentProfile)


def bodies() -> Iterator[bytes]:
    drawn = random.Random(39)
    yield from PARTS
    for _ in range(1_000):
        yield b"".join(drawn.choices(PARTS, k=drawn.randint(1, 9)))


def test_no_body_is_answered_in_the_librarys_words() -> None:
    kinds: list[Any] = list(KINDS)
    decoders = [MESSAGE, *(decoder_of(kind) for kind in kinds)]
    for decoder in decoders:
        for body in bodies():
            found = decode(body, decoder)
            if isinstance(found, Unreadable):
                assert not RAW.search(found.what), (body, found)
                assert found.what.endswith((".", "?")), found


JUNK = [
    "\t",
    ":",
    "- ",
    "'",
    '"',
    "{",
    "}",
    "[",
    "]",
    "&a",
    "*a",
    "!x",
    "|",
    ">",
    "%",
    "@",
    "`",
    "\n",
    "? ",
    "---",
    "\x07",
]


def test_no_file_is_refused_in_the_parsers_words() -> None:
    drawn, text = random.Random(39), STARTER.read_text()
    for _ in range(200):
        at = drawn.randrange(len(text))
        problems = Problems("policy.yaml")
        read_yaml(
            text[:at] + drawn.choice(JUNK) * drawn.randint(1, 2) + text[at + drawn.randrange(3) :], problems
        )
        for problem in problems.found:
            assert not RAW.search(problem.what), problem
            assert problem.next_step or problem.code != "F01", problem


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("KEPT_PUBLIC_PORT", text) for text in ("http", "", "-1", "80.5", "99999", "٣")),
        *(("KEPT_RATE_PER_KEY", text) for text in ("many", "0", "1e3")),
        *(("KEPT_FLUSH_SECONDS", text) for text in ("soon", "nan", "0", "inf")),
        *(("KEPT_COLLECTORS", text) for text in ("two", "0", "1000")),
        ("KEPT_WORKSPACE", "0"),
        ("KEPT_LOG", "xml"),
    ],
)
def test_a_setting_that_cannot_be_read(name: str, text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_settings({name: text})
    assert refused.value.where == name
    assert not RAW.search(str(refused.value)), str(refused.value)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("policy notice --age old", "“old” is no whole number from 0 to 150."),
        ("policy notice --age 151", "no whole number from 0 to 150."),
        ("ledger show --last 0", "“0” is no whole number 1 or more."),
        ("ledger prove x", "“x” is no whole number 0 or more."),
        ("query --since yesterday x", "“yesterday” is no day of the calendar; write one as 2026-11-23."),
        ("person hold --account a --review 2026-02-30", "“2026-02-30” is no day of the calendar"),
        ("demo --public-port 99999", "“99999” is no whole number from 1 to 65535."),
    ],
)
def test_an_option_that_cannot_be_read(command: str, says: str) -> None:
    said = CliRunner().invoke(kept, command.split())
    assert (said.exit_code, RAW.search(said.output)) == (2, None), said.output
    assert says in said.output
    assert "Invalid value for" in said.output, "which option it is"


@pytest.mark.parametrize(
    ("said", "valid", "meant"),
    [
        ("money", ["phone", "name"], ""),
        ("quark", ["page_view"], ""),
        ("page_veiw", ["page_view", "job_view"], "page_view"),
        ("Page-View", ["page_view", "job_view"], "page_view"),
        ("emial", ["email", "name"], "email"),
        ("mail", ["email", "phone"], "email"),
        ("phone", ["phone_number", "name"], "phone_number"),
        ("phones", ["phone"], "phone"),
        ("ad", ["id"], ""),
        ("x" * 5_000, ["id"], ""),
        ("", ["id"], ""),
    ],
)
def test_the_word_that_is_proposed_is_near(said: str, valid: list[str], meant: str) -> None:
    assert nearest(said, valid) == meant
