"""The examples for service managers hold: systemd reads the unit, the image runs commands and settings that exist."""

import ast
import json
import re
import shlex
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from kept.base.errors import KeptError
from kept.base.settings import Settings, read_settings
from kept.web.metrics import ROUTES
from scripts.docs_running import commands

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "examples" / "operation" / "kept.service"
IMAGE = ROOT / "examples" / "operation" / "Containerfile"
VARIABLES = {f"KEPT_{field.name.upper()}" for field in fields(Settings)}
COMMANDS = {name for name, _ in commands()}
# dockerfile reference, "Overview": those of them that are used here
WORDS = (
    "FROM",
    "RUN",
    "CMD",
    "ENV",
    "COPY",
    "VOLUME",
    "USER",
    "STOPSIGNAL",
    "EXPOSE",
    "HEALTHCHECK",
    "WORKDIR",
)
INSTRUCTIONS = frozenset(WORDS)


def settings_of(text: str) -> dict[str, str]:
    return dict(re.findall(r"(KEPT_[A-Z_]+)=(\S+)", text))


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", IMAGE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("file", [UNIT, IMAGE])
def test_every_setting_there_is_one_and_can_be_read(file: Path) -> None:
    given = settings_of(file.read_text())
    assert given
    assert set(given) <= VARIABLES
    read = read_settings(given)
    assert not read.master_key.is_relative_to(read.data)
    assert read.log == "json"


def test_the_unit_starts_kept_and_waits_longer_than_a_stop_takes() -> None:
    text = UNIT.read_text()
    command = shlex.split(re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)[0])
    assert Path(command[0]).name == "kept"
    assert " ".join(["kept", *command[1:]]) in COMMANDS
    assert int(re.findall(r"^TimeoutStopSec=([0-9]+)$", text, re.MULTILINE)[0]) >= 30


def test_the_unit_starts_again_only_what_may_pass() -> None:
    """A fault of the program itself ends with 1, as some that stay do; it is started again."""
    stays = {kind.exit_code for kind in KeptError.__subclasses__() if not kind.retry} - {1}
    told = re.findall(r"^RestartPreventExitStatus=(.*)$", UNIT.read_text(), re.MULTILINE)[0]
    assert {int(code) for code in told.split()} == stays


def test_the_image_s_policy_is_mounted_with_its_folder() -> None:
    """An editor writes a new file in the place of the old: a mounted file would stay the old one for ever."""
    text = IMAGE.read_text()
    mounted = re.findall(r"-v \./(\S+):(/policy\S*):ro", text)
    assert mounted == [("policy", str(Path(settings_of(text)["KEPT_POLICY"]).parent))]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "kept"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy = tmp_path / "kept.service"
    copy.write_text(UNIT.read_text().replace("/opt/kept/bin/kept", str(program)))
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    assert "kept.service" not in told.stdout + told.stderr, told.stderr
    assert told.returncode == 0, told.stderr


def test_the_image_is_made_of_what_is_there() -> None:
    found = instructions()
    assert {name for name, _ in found} <= INSTRUCTIONS
    assert next(name for name, _ in found) == "FROM"
    stages = {words.split()[-1] for name, words in found if name == "FROM" and " AS " in words}
    for name, words in found:
        if name == "COPY" and words.startswith("--from="):
            assert words.split()[0].removeprefix("--from=") in stages
        elif name == "COPY":
            for source in words.split()[:-1]:
                assert (ROOT / source).exists(), source
        elif name == "RUN":
            assert shlex.split(words)


def test_the_image_runs_kept_as_nobody_and_asks_whether_it_is_ready() -> None:
    last = dict(instructions())
    assert " ".join(json.loads(last["CMD"])) in COMMANDS
    assert last["USER"] == "kept"
    assert last["EXPOSE"] == str(Settings().public_port)
    check = json.loads(last["HEALTHCHECK"].partition("CMD ")[2])
    ast.parse(check[2])
    asked = re.findall(r"http://127\.0\.0\.1:([0-9]+)(/[^']*)", check[2])
    assert asked == [(str(Settings().console_port), "/-/ready")]
    assert "/-/ready" in {each.path for each in ROUTES}
