"""A file that is rewritten away under a question is said to be gone, so that the question is put again."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from kept.storage.query import No, Open, QueryWorker, Ready, Refused, Rows

COUNT = "select count(*) from numbers"


def on(files: Sequence[str]) -> Open:
    """A view of these files."""
    view = f"select * from read_parquet({list(files)})"
    return Open(files=list(files), lists={}, views=[("numbers", view)], public={"numbers": ["i"]})


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    made = [str(tmp_path / name) for name in ("one.parquet", "two.parquet")]
    for path in made:
        duckdb.execute(f"copy (select range as i from range(1000)) to '{path}' (format parquet)")
    return made


def test_a_file_that_went_between_two_questions_is_said_to_be_gone(files: list[str]) -> None:
    with QueryWorker() as worker:
        assert worker.open(on(files)) == Ready()
        assert isinstance(worker.ask(COUNT), Rows)
        Path(files[1]).unlink()
        assert worker.ask(COUNT) == Refused(No.FILE_GONE)
        elsewhere = worker.ask("select * from elsewhere")
        assert isinstance(elsewhere, Refused)
        assert elsewhere.why is No.NO_SUCH_TABLE, "nothing else changes"


def test_a_file_that_went_before_it_was_opened_is_said_to_be_gone(files: list[str]) -> None:
    Path(files[0]).unlink()
    with QueryWorker() as worker:
        assert worker.look(files) == Refused(No.FILE_GONE)
        assert worker.open(on(files)) == Refused(No.FILE_GONE)
        assert worker.open(on(files[1:])) == Ready()
        assert isinstance(worker.ask(COUNT), Rows)
