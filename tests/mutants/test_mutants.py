"""A check that cannot fail proves nothing: lines that enforce a promise are taken away, and `kept prove` must see it.

Every patch runs as a whole installation of its own, from patched source, two at a time. By default a sample of
each promise runs, and the unpatched source; `make test-long` (KEPT_LONG=1) runs them all.
"""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.mutants.world import HERE, Patch, Said, apply, copy_of_source, new_installation, prove, read_patch

PATCHES = {path.stem: read_patch(path) for path in sorted(HERE.glob("*.patch"))}
SAMPLE = (
    "unused-items",
    "choice-in-mask",
    "address-shortened",
    "mask-filter",
    "hold-in-each-stage",
    "keys-destroyed",
    "posted-in-force",
    "own-answer",
)
LONG = bool(os.environ.get("KEPT_LONG"))
CHOSEN = [name for name in PATCHES if LONG or name in SAMPLE]
CHECKED = ("G1", "G2", "G3", "G4", "U1", "U2", "R1", "S1", "M2", "M3")


@pytest.fixture(scope="session")
def runs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Said]]]:
    """What is said of each mutant that is tested, and of the unpatched source, named ""; two run at a time."""
    items: list[Any] = list(request.session.items)
    tested = [item.callspec.params["name"] for item in items if _runs_a_mutant(item)]
    whole = (
        [""] if any(item.name == test_the_unpatched_source_breaks_nothing.__name__ for item in items) else []
    )
    with ThreadPoolExecutor(max_workers=2) as two:
        yield {
            name: two.submit(_run, tmp_path_factory.mktemp(name or "whole"), PATCHES.get(name))
            for name in (*whole, *tested)
        }
        two.shutdown(cancel_futures=True)


def _runs_a_mutant(item: Any) -> bool:
    return item.path == Path(__file__) and "runs" in item.fixturenames and hasattr(item, "callspec")


def _run(folder: Path, patch: Patch | None) -> Said:
    python = copy_of_source(folder)
    if patch is not None:
        apply(patch, folder / "src" / "kept")
    settings = new_installation(folder)
    return prove(python, settings, *([patch.breaks] if patch else []))


def test_the_unpatched_source_breaks_nothing(runs: dict[str, Future[Said]]) -> None:
    said = runs[""].result()
    assert said.code == 0, said.words or said.evidence
    assert {promise: said.states[promise] for promise in CHECKED} == dict.fromkeys(CHECKED, "kept")


@pytest.mark.parametrize("name", CHOSEN)
def test_a_promise_without_its_enforcement_is_found_broken(name: str, runs: dict[str, Future[Said]]) -> None:
    patch, said = PATCHES[name], runs[name].result()
    assert said.states.get(patch.breaks) == "broken", f"{patch.why} {said.evidence} {said.words}"
    assert said.code == 1
    assert "could not be checked" not in said.evidence[patch.breaks], (
        "a mutant that merely fails proves nothing"
    )
    print(f"{name}: {said.evidence[patch.breaks]}")


@pytest.mark.parametrize("name", list(PATCHES))
def test_a_patch_fits_the_source(name: str, tmp_path: Path) -> None:
    """All of them, always: applying one costs nothing."""
    files = {file for file, _, _ in PATCHES[name].hunks}
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text((HERE.parents[1] / "src" / "kept" / file).read_text())
    apply(PATCHES[name], tmp_path)
    assert files
    for file in files:
        compile((tmp_path / file).read_text(), file, "exec")
