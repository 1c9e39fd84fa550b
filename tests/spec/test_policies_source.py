"""`docs/policies/workhirespot.md` against the file: every path is there, every quote is from the source, and every
part of the file is carried by a sentence or is assumed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kept.policy.nodes import Map, Node, read_yaml
from kept.policy.problems import Problems

ROOT = Path(__file__).parents[2]
FILE = ROOT / "policies" / "workhirespot.yaml"
PAGE = ROOT / "docs" / "policies" / "workhirespot.md"
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)
QUOTE = re.compile(r'#.*?"([^"]+)"(?:; "([^"]+)")?')
SENTENCES = 47
OF_THE_FORM = {"version", "in force", "company", "people", "assumed", "moments", "counting without cookies"}
"""Sections that every policy must have, or that only give names and clocks to what others state."""


def rows() -> list[tuple[int, str, list[str]]]:
    """Number, sentence, paths of the file."""
    found = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return [(int(number), said, re.findall(r"`([^`]+)`", paths)) for number, said, paths, _how in found]


def tree() -> Map:
    root = read_yaml(FILE.read_text(encoding="utf-8"), Problems("workhirespot.yaml"))
    assert isinstance(root, Map)
    return root


def stands(node: Node, path: str) -> bool:
    """Whether a path leads somewhere; a group's `items` go without saying."""
    if not path:
        return True
    if not isinstance(node, Map):
        return False
    for key, below in node.nodes.items():
        if (path == key or path.startswith(f"{key}.")) and stands(below, path[len(key) + 1 :]):
            return True
    return any(
        stands(node.nodes[kind], path)
        for kind in ("items", "periods", "duties", "features")
        if kind in node.nodes
    )


def test_every_sentence_of_the_source_has_its_row() -> None:
    assert [number for number, _said, _paths in rows()] == list(range(1, SENTENCES + 1))
    assert all(paths for _number, _said, paths in rows())


@pytest.mark.parametrize(("number", "path"), [(row[0], path) for row in rows() for path in row[2]])
def test_every_path_is_in_the_file(number: int, path: str) -> None:
    assert stands(tree(), path), f"sentence {number}: {path} is not there"


def test_a_path_that_is_not_there_is_found() -> None:
    assert not stands(tree(), "purposes.by_choice.improof")
    assert not stands(tree(), "company.name.more")


def test_every_quote_in_the_file_is_from_the_source() -> None:
    source = PAGE.read_text(encoding="utf-8").partition("## Sentences")[2].partition("## Everything")[0]
    quotes = [
        part
        for line in FILE.read_text(encoding="utf-8").splitlines()
        for found in QUOTE.findall(line)
        for part in found
        if part and part not in {"without it", "job_view"}
    ]
    assert len(quotes) > 40
    assert [quote for quote in quotes if quote not in source] == []


def assumed(node: Node) -> bool:
    """Whether an entry, or something in it, is assumed."""
    if not isinstance(node, Map):
        return False
    return "assumed" in node.nodes or any(assumed(below) for below in node.nodes.values())


def parts() -> Iterator[str]:
    """Every section, and every entry of those that hold names."""
    for section, node in tree().nodes.items():
        if section in OF_THE_FORM or not isinstance(node, Map):
            continue
        if "assumed" in node.nodes and not isinstance(node.nodes["assumed"], Map):
            continue  # the whole section is
        for name, entry in node.nodes.items():
            if isinstance(entry, Map) and not assumed(entry):
                yield f"{section}.{name}"


def test_every_part_of_the_file_is_carried_by_a_sentence_or_assumed() -> None:
    named = [path for _number, _said, paths in rows() for path in paths]
    lost = [
        part
        for part in parts()
        if not any(
            path == part or path.startswith(f"{part}.") or part.startswith(f"{path}.") for path in named
        )
    ]
    assert lost == []
