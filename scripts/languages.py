"""The catalogues of Kept's own words: `src/kept/base/languages/de.po` holds the German, and `de.mo` is made from it.

    python scripts/languages.py            looks for sentences in the code and pages, puts new ones into every
                                           catalogue without words, takes out those that are gone, compiles
    python scripts/languages.py --check    says what lacks words, is doubtful, or is not compiled; then ends with 1
    python scripts/languages.py --new fr   begins a catalogue

`de-x-informal.po` is for notices to children: it holds the sentences in which the German speaks to the reader, and
nothing else.

A translator edits the `.po` alone, with any editor for gettext, and runs the first of these.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src")]

from kept.base.language import CATALOGUES, INFORMAL  # noqa: E402  the path is set first, so that it runs anywhere
from kept.policy.places import COUNTRY_NAMES  # noqa: E402  as above
from kept.policy.wording import UNIONS  # noqa: E402  as above

PACKAGE = ROOT / "src" / "kept"
ROOMS = ("amend", "base", "policy", "rights", "subject", "web")
KEYWORDS = {"say": None, "marked": None, "several": (1, 2), "plural": (1, 2), "within": ((1, "c"), 2)}
Found = tuple[int, str, str | tuple[str, ...], list[str]]
FORMAL = {"de": re.compile(r"\b(Sie|Ihnen|Ihr|Ihre[mnrs]?)\b")}
"""By which words a language speaks to grown people: what has one is said otherwise to children."""
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def from_python(file: BinaryIO, *_more: object, **_options: object) -> Iterator[Found]:
    """The sentences that a file of Python says: text that stands first in a call of `say` and its like."""
    calls = (node for node in ast.walk(ast.parse(file.read())) if isinstance(node, ast.Call))
    for call in calls:
        name = _called(call)
        texts = [
            one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
        if name in KEYWORDS and texts:
            yield call.lineno, name, tuple(texts[:2]) if KEYWORDS[name] else texts[0], []


def from_page(file: BinaryIO, *_more: object, **_options: object) -> Iterator[Found]:
    """The sentences that a template says."""
    parsed = Environment(autoescape=True).parse(file.read().decode())
    for call in parsed.find_all(nodes.Call):
        match call.node:
            case nodes.Name(name=name) | nodes.Getattr(attr=name):
                texts = [one.value for one in call.args if isinstance(one, nodes.Const)]
                if name in KEYWORDS and texts:
                    yield call.lineno, name, tuple(texts[:2]) if KEYWORDS[name] else texts[0], []


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def sentences() -> Catalog:
    """Every sentence that Kept says in more than one language, as it stands in code and pages."""
    found = Catalog(project="Kept", fuzzy=False)
    methods: list[tuple[str, Any]] = [
        ("**.py", from_python),
        ("templates/**.html", from_page),
    ]
    for room in ROOMS:
        said = extract_from_dir(PACKAGE / room, methods, None, KEYWORDS)
        for _file, _line, words, _comments, context in said:
            found.add(words, context=context)
    for name in (*COUNTRY_NAMES.values(), *(name for _codes, name in UNIONS)):
        found.add(name)
        found.add(name, context="in")
    return found


def catalogues() -> Iterator[tuple[Path, Catalog]]:
    """Each catalogue with its file."""
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as file:
            yield path, read_po(file, locale=path.stem.removesuffix(INFORMAL))


def due_in(path: Path, template: Catalog) -> Catalog:
    """The sentences that a catalogue must have: all of them, or those that are said to children otherwise."""
    if not path.stem.endswith(INFORMAL):
        return template
    language = path.stem.removesuffix(INFORMAL)
    with path.with_stem(language).open("rb") as file:
        grown = read_po(file, locale=language)
    due = Catalog(project="Kept", fuzzy=False)
    for message in template:
        known = grown.get(_first(message), message.context) if message.id else None
        if known is not None and any(map(FORMAL[language].search, _all(known.string))):
            due.add(message.id, context=message.context)
    return due


class Words(Catalog):
    """A catalogue whose head says nothing of when and with what it was written: the same words, the same bytes."""

    def _head(self) -> list[tuple[str, str]]:
        return [
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]

    mime_headers = property(_head)


def updated(catalogue: Catalog, template: Catalog) -> Words:
    """A catalogue with the sentences of now, and the words that it has for them."""
    made = Words(catalogue.locale, fuzzy=False, header_comment="# Kept's own words.")
    for message in sorted(template, key=_order):
        if message.id:
            known = catalogue.get(_first(message), message.context)
            flags = known.flags & {"fuzzy"} if known else ()
            made.add(message.id, known.string if known else None, context=message.context, flags=flags)
    return made


def compiled(catalogue: Words) -> bytes:
    """The catalogue as programs read it."""
    made = io.BytesIO()
    write_mo(made, catalogue)
    return made.getvalue()


def wrong_in(path: Path, catalogue: Catalog, template: Catalog) -> Iterator[str]:
    """What a catalogue lacks: words, placeholders, the compiled file. One line each: what, where."""
    formal = FORMAL.get(path.stem.removesuffix(INFORMAL)) if path.stem.endswith(INFORMAL) else None
    for message in template:
        if message.id:
            known = catalogue.get(_first(message), message.context)
            if known is not None and formal is not None and any(map(formal.search, _all(known.string))):
                yield f"{path.name}: speaks to children as to grown people: “{_first(message)}”"
            yield from (f"{path.name}: {what}: “{_first(message)}”" for what in _wrong(message, known))
    for message in catalogue:
        if message.id and template.get(_first(message), message.context) is None:
            yield f"{path.name}: nobody says it any more: “{_first(message)}”"
    binary = path.with_suffix(".mo")
    if not binary.is_file() or binary.read_bytes() != compiled(updated(catalogue, template)):
        yield f"{binary.name}: not made from {path.name}"


def _wrong(message: Message, known: Message | None) -> Iterator[str]:
    said = [] if known is None else _all(known.string)
    if not said or not all(one.strip() for one in said):
        yield "no words"
        return
    if known is not None and known.fuzzy:
        yield "its words are marked as doubtful"
    wanted = {*PLACEHOLDER.findall(_all(message.id)[-1])}
    left_out = {"n"} if len(said) > 1 else set()  # where it is one, it may be said in a word
    if any(not wanted - left_out <= {*PLACEHOLDER.findall(one)} <= wanted for one in said):
        yield f"other placeholders than {sorted(wanted)}"
    if any(PLACEHOLDER.sub("", one).count(brace) for one in said for brace in "{}"):
        yield "a brace that begins no placeholder"


def _all(string: object) -> list[str]:
    return [str(one) for one in string] if isinstance(string, tuple | list) else [str(string or "")]


def _first(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple | list) else message.id)


def _order(message: Message) -> tuple[str, str]:
    return (message.context or "", _first(message).casefold() + _first(message))


def write(path: Path, catalogue: Words) -> None:
    """The catalogue for translators and the one for programs."""
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, no_location=True)
    path.with_suffix(".mo").write_bytes(compiled(catalogue))


def main(arguments: list[str]) -> int:
    """Carry out the command line."""
    template = sentences()
    if arguments == ["--check"]:
        wrong = [line for path, one in catalogues() for line in wrong_in(path, one, due_in(path, template))]
        print(
            "\n".join([*wrong, *(["Mend the .po, then run scripts/languages.py."] if wrong else [])]), end=""
        )
        return 1 if wrong else 0
    if arguments[:1] == ["--new"]:
        path = CATALOGUES / f"{arguments[1]}.po"
        write(path, updated(Catalog(locale=path.stem), template))
        return 0
    for path, one in catalogues():
        write(path, updated(one, due_in(path, template)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
