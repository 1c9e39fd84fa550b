"""`kept demo`: Kept and a careers site beside it, on real input when it is at hand."""

import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from kept.app.house import House
from kept.app.owner import owner_token_once
from kept.app.ports import refuse_taken
from kept.app.processes import Processes
from kept.base.errors import BadInput
from kept.base.settings import Settings, read_settings
from kept.cli.demo_input import Filling
from kept.cli.options import PORT
from kept.cli.up import run_installation

CHECKOUT = Path(__file__).parents[3]
LOOPBACK = "127.0.0.1"
REACH_DAYS = 180  # the job views span five months
QUESTION = "select name, count(*) as events, count(distinct person) as people from events group by name"


@click.command("demo")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-data"),
    show_default=True,
    help="Where data, keys, policy and the site's database lie.",
)
@click.option("--public-port", type=PORT, help="Kept's public interface. [KEPT_PUBLIC_PORT, 8600]")
@click.option("--console-port", type=PORT, help="Kept's console. [KEPT_CONSOLE_PORT, 8601]")
@click.option("--site-port", type=PORT, default=8700, show_default=True, help="The careers site.")
@click.option("--empty", is_flag=True, help="Bring nothing in: start with what the folder holds.")
def demo_command(
    *, folder: Path, public_port: int | None, console_port: int | None, site_port: int, empty: bool
) -> None:
    """Start Kept and a careers site that uses it. Ctrl-C stops both; the data stays in the folder.

    Brings in a real server log and real job views when they lie beside the checkout, in ../shared/data; else
    invented traffic, and says so. What came in once is not brought in again.
    """
    if not (CHECKOUT / "examples" / "careers_site").is_dir():
        raise BadInput(
            "the careers site is not here",
            next_step="Run this in a checkout of Kept: `make demo`.",
            where=str(CHECKOUT),
            why="It is an example, and no part of an installed package.",
        )
    folder = folder.resolve()
    settings = _settings(folder, public_port, console_port)
    demo = _Demo(settings, folder, site_port, empty)
    with demo.filling_ended():
        run_installation(settings, demo.beside)


@dataclass
class _Demo:
    settings: Settings
    folder: Path
    site_port: int
    empty: bool
    fillings: list[Filling] = field(default_factory=list)

    def beside(self, processes: Processes) -> None:
        """Add the careers site; once all answer, say where everything is and bring the input in."""
        refuse_taken(LOOPBACK, self.site_port, "--site-port")
        processes.environment = {**processes.environment, **self._environment()}
        site = [sys.executable, "-m", "examples.careers_site", "--port", str(self.site_port)]
        processes.add_other("careers site", site, folder=CHECKOUT)
        token = self._owner_token()
        ports = self.settings.public_port, self.settings.console_port, self.site_port
        marks = self.folder / "brought-in"
        filling = Filling(processes, CHECKOUT, marks, ports, lambda: self._say(token), self._say_done)
        self.fillings.append(filling)
        filling.start(nothing=self.empty)

    @contextmanager
    def filling_ended(self) -> Iterator[None]:
        """Nothing that was begun outlives the demo."""
        try:
            yield
        finally:
            for filling in self.fillings:
                filling.join()

    def _environment(self) -> dict[str, str]:
        house = House.open_existing(self.settings)
        try:
            keys = house.api_keys
        finally:
            house.close()
        secret = self.folder / "secret.key"  # in a file: a command line is read by everyone on the machine
        secret.touch(mode=0o600)
        secret.write_text(keys.secret)
        return {
            "KEPT_URL": f"http://{self.settings.public_host}:{self.settings.public_port}",
            "KEPT_WRITE_KEY": keys.write,
            "KEPT_SECRET_KEY_FILE": str(secret),
            "SITE_DATA": str(self.folder / "site"),
        }

    def _owner_token(self) -> str:
        """A demo may show it at each start; elsewhere it is printed once and kept as a hash alone."""
        file, made = self.folder / "owner-token", owner_token_once(self.settings.data)
        if made:
            file.touch(mode=0o600)
            file.write_text(made)
        return file.read_text() if file.exists() else "was made elsewhere; `kept keys owner` makes another"

    def _say(self, token: str) -> None:
        click.echo(_where(self.settings.console_port, self.site_port, token) + self._try_this())

    def _say_done(self) -> None:
        since = datetime.now(UTC).date() - timedelta(REACH_DAYS)
        reports = f"http://{LOOPBACK}:{self.settings.console_port}/reports"
        click.echo(f"Everything is in.\n  Pages   {reports}\n  Jobs    {reports}?for=improve&since={since}")

    def _try_this(self) -> str:
        kept, data, key = _as_started(), _near(self.settings.data), _near(self.settings.master_key)
        return f"""
  Try this
  1. Open the careers site and say no: nothing is stored but the no. "Your choices", at the foot of
     each page, changes it: say yes, look at some jobs, and find your visit in the console's reports
     for "A better site".
  2. Say no again: at once the visit is in no report of that purpose any more.
  3. Say yes once more and sign in as Ana. "Your data", at the foot of each page, shows what is held:
     delete it, download the receipt, and check it (its path in the place of the last word):
       {kept} ledger verify --data {data} receipt.json
  4. Open {_near(self.settings.policy)}, change a line, such as "To study work and hiring.", and give it
     another version: the notice follows when you save. Misspell a word before a colon instead: the line is named here,
     and the version in force stays.
  5. Ask for one purpose: what it may not see is not there.
       {kept} query --data {data} --master-key {key} --for improve \\
         "{QUESTION}"
  6. See which promises are kept: invented people go through every door, and are deleted again.
       {self._elsewhere()}{kept} prove --data {data} --master-key {key}
{self._same_records()}
  Ctrl-C stops all of it. The data stays in {_near(self.folder)}; the next start goes on from there.
"""

    def _same_records(self) -> str:
        """What another shell must be told. The URL itself may hold a password, and is not printed."""
        told = "\n  In another shell, set KEPT_RECORDS as it is here before these commands.\n"
        return told if self.settings.records else ""

    def _elsewhere(self) -> str:
        """What a command that speaks to the public interface must be told, where it is not the usual one."""
        port = self.settings.public_port
        return "" if port == Settings().public_port else f"KEPT_PUBLIC_PORT={port} "


def _where(console_port: int, site_port: int, token: str) -> str:
    site, console = f"http://{LOOPBACK}:{site_port}/", f"http://{LOOPBACK}:{console_port}/"
    lines = (
        ("Careers site", site, "sign in as Ana or Bo, who are invented"),
        ("Its notice", f"{site}kept/privacy", ""),
        ("Your choices", f"{site}kept/choices", ""),
        ("Console", f"{console}sign-in", "for the company: reports, refusals, ledger"),
        ("Owner token", token, "opens the console"),
    )
    wide = max(len(where) for _, where, _ in lines)
    return "\n" + "".join(
        f"  {what:<14}{where:<{wide}}  {more}".rstrip() + "\n" for what, where, more in lines
    )


def _settings(folder: Path, public_port: int | None, console_port: int | None) -> Settings:
    folder.mkdir(parents=True, exist_ok=True)
    policy = folder / "policy.yaml"
    if not policy.exists():
        shutil.copy(CHECKOUT / "policies" / "workhirespot.yaml", policy)
    return read_settings(
        data=folder / "data",
        master_key=folder / "master.key",
        policy=policy,
        public_port=public_port,
        console_port=console_port,
    )


def _as_started() -> str:
    """The command as this shell can run it again: what is printed must work when it is pasted."""
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        return f"{_near(Path(sys.executable))} -m kept.cli"
    on_path = shutil.which(program.name)
    if on_path and program.exists() and program.samefile(on_path):
        return program.name
    return _near(program)


def _near(path: Path) -> str:
    """A path as one would type it from here."""
    here = Path.cwd()
    inside = path.is_absolute() and path.is_relative_to(here)
    return shlex.quote(str(path.relative_to(here) if inside else path))
