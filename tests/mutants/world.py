"""A copy of the source with one patch applied, a Python that runs it, and what `kept prove` says of it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from kept.app.house import House
from kept.base.settings import Settings

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src" / "kept"
PATIENCE_SECONDS = 25
LONGEST_SECONDS = 600
FLUSH_SECONDS = 0.2


@dataclass(frozen=True)
class Patch:
    """One mutant: the promise that it must break, why, and the hunks by file: lines before, lines after."""

    name: str
    breaks: str
    why: str
    hunks: tuple[tuple[str, str, str], ...]


def read_patch(path: Path) -> Patch:
    """Read a unified diff whose first lines say `# breaks: PROMISE` and why it would."""
    lines = path.read_text().splitlines(keepends=True)
    hunks: list[tuple[str, str, str]] = []
    file, before, after = "", "", ""
    for line in [*lines[2:], "@@"]:
        if line.startswith(("@@", "---", "+++")):
            if before:
                hunks.append((file, before, after))
            before = after = ""
            file = line.removeprefix("+++ b/src/kept/").strip() if line.startswith("+++") else file
        else:
            before += line[1:] if line[:1] in " -" else ""
            after += line[1:] if line[:1] in " +" else ""
    breaks = lines[0].removeprefix("# breaks: ").strip()
    return Patch(path.stem, breaks, lines[1].removeprefix("# ").strip(), tuple(hunks))


def apply(patch: Patch, source: Path) -> None:
    """Change the copy. Hunks are found by what they say, not by their line, and must be there exactly once."""
    for file, before, after in patch.hunks:
        path = source / file
        text = path.read_text()
        assert text.count(before) == 1, f"{patch.name}: {text.count(before)} places in {file}; mend the patch"
        path.write_text(text.replace(before, after))


def copy_of_source(folder: Path) -> Path:
    """The source, copied, with a Python beside it that imports it; the Python's path.

    A virtual environment of its own, since query workers start isolated (`-I`) and heed no PYTHONPATH.
    """
    shutil.copytree(SOURCE, folder / "src" / "kept", ignore=shutil.ignore_patterns("__pycache__", "static"))
    (folder / "src" / "kept" / "web" / "static").symlink_to(SOURCE / "web" / "static")
    home = Path(sys.base_prefix) / "bin"
    site = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    site.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(home / f"python{sys.version_info.major}.{sys.version_info.minor}")
    (folder / "pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = false\n")
    (site / "here.pth").write_text(f"{folder / 'src'}\n{sysconfig.get_paths()['purelib']}\n")
    return folder / "bin" / "python"


def new_installation(folder: Path) -> Settings:
    """A data folder with the mutants' policy in force, after a first version that kept things for less long."""
    settings = Settings(data=folder / "data", master_key=folder / "master.key")
    house = House.open(settings)
    text = (HERE / "policy.yaml").read_text()
    house.policies.put_in_force(text.replace('"1"', '"0"').replace("13 months", "12 months"), "policy.yaml")
    house.policies.put_in_force(text, "policy.yaml")
    house.close()
    return settings


@dataclass(frozen=True)
class Said:
    """What `kept prove --json` said: states and evidence by promise; its words when it said nothing at all."""

    code: int
    states: dict[str, str]
    evidence: dict[str, str]
    words: str


def prove(python: Path, settings: Settings, *promises: str) -> Said:
    """Run `kept prove` by that Python."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
        "KEPT_DATA": str(settings.data),
        "KEPT_MASTER_KEY": str(settings.master_key),
        "KEPT_FLUSH_SECONDS": str(FLUSH_SECONDS),
    }
    command = [
        str(python),
        "-m",
        "kept.cli",
        "prove",
        "--json",
        "--patience",
        str(PATIENCE_SECONDS),
        *promises,
    ]
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=settings.data.parent,
        start_new_session=True,
    ) as proving:
        try:
            out, words = proving.communicate(timeout=LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(proving.pid, signal.SIGTERM)  # the installation that it started, too
            out, words = proving.communicate()
    if not out.startswith("["):
        return Said(proving.returncode, {}, {}, out + words)
    table = json.loads(out)
    return Said(
        proving.returncode,
        {each["id"]: each["state"] for each in table},
        {each["id"]: each["evidence"] for each in table},
        words,
    )
