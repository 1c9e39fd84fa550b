"""What processes say of themselves: no word of what anybody sent, in either form."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

TYPED = "ana.secret@example.org"
PROGRAM = """
import logging, sys, threading
from kept.base.errors import BadInput
from kept.base.logs import speak
speak(sys.argv[1], "public")
log = logging.getLogger("kept.web")
log.info("taken: %d", 3)
logging.getLogger("asyncio").error("Task failed: ValueError('ana.secret@example.org')")
logging.getLogger("uvicorn.error").info("GET /?token=ana.secret@example.org")
try:
    raise ValueError("ana.secret@example.org is wrong")
except ValueError:
    log.exception("the taker failed")
try:
    raise BadInput("the file cannot be read", where="policy.yaml")
except BadInput:
    log.warning("not taken", exc_info=True)
def fail():
    raise KeyError("ana.secret@example.org")
beside = threading.Thread(target=fail)
beside.start()
beside.join()
raise RuntimeError("ana.secret@example.org")
"""


def said(form: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, form], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 1
    return ended.stdout + ended.stderr


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_was_sent_is_in_no_line(form: str) -> None:
    told = said(form)
    assert TYPED not in told
    for found in ("taken: 3", "ValueError", "KeyError", "RuntimeError", "the file cannot be read", " fail"):
        assert found in told


def test_json_is_an_object_a_line() -> None:
    lines = [json.loads(line) for line in said("json").splitlines()]
    assert [line["level"] for line in lines] == ["info", "error", "error", "warning", "critical", "critical"]
    first, library, fault = lines[:3]
    assert (first["process"], first["of"], first["says"]) == ("public", "kept.web", "taken: 3")
    assert first["at"].endswith("Z")
    assert library["says"] == "a library reported something"
    assert fault["fault"][0] == "ValueError"


def test_a_line_of_text_names_the_process_and_no_control_passes() -> None:
    from kept.base.logs import _Text

    record = logging.LogRecord("kept.x", logging.INFO, "x", 1, "file \x1b[2J", (), None)
    line = _Text("up").format(record)
    assert line.endswith("up: file \\x1b[2J")


def test_where_the_master_key_was_made_is_said_once_in_a_log_of_objects(tmp_path: Path) -> None:
    key, policy = tmp_path / "master.key", Path(__file__).parents[2] / "src/kept/policy/starter.yaml"
    here = {"KEPT_DATA": tmp_path / "data", "KEPT_MASTER_KEY": key, "KEPT_POLICY": policy, "KEPT_LOG": "json"}
    command = [sys.executable, "-m", "kept.cli", "run", "opening", "--greet"]
    settings = {**os.environ, **{name: str(value) for name, value in here.items()}}

    def keys_told() -> list[str]:
        ended = subprocess.run(command, env=settings, capture_output=True, text=True, check=True, timeout=60)
        assert key.read_text().split()[-1] not in ended.stdout + ended.stderr
        lines = map(json.loads, ended.stderr.splitlines())
        return [line["says"] for line in lines if line["of"] == "kept.keys"]

    assert keys_told() == [f"A master key was made at {key}. Keep a copy apart: without it the data is lost."]
    assert keys_told() == []
