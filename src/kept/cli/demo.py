"""`kept demo`: Kept and a careers site beside it, on real input when it is at hand."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from kept.app.house import House
from kept.app.processes import Processes
from kept.base.errors import BadInput
from kept.base.settings import Settings, read_settings
from kept.cli.up import owner_token_once, run_installation

CHECKOUT = Path(__file__).parents[3]
SHARED = CHECKOUT.parent / "shared" / "data"
LOG, VIEWS = SHARED / "apache_access.log", SHARED / "job_views.csv"
PATIENCE_SECONDS = 30.0


@click.command("demo")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("demo-data"), show_default=True)
@click.option("--public-port", type=int, help="Kept's public interface. [KEPT_PUBLIC_PORT, 8600]")
@click.option("--console-port", type=int, help="Kept's console. [KEPT_CONSOLE_PORT, 8601]")
@click.option("--site-port", type=int, default=8700, show_default=True, help="The careers site.")
def demo_command(folder: Path, public_port: int | None, console_port: int | None, site_port: int) -> None:
    """Start Kept and a careers site that uses it. Ctrl-C stops both; the data stays in the folder.

    Brings in a real server log and real job views when they lie beside the checkout, in ../shared/data; else
    invented traffic, and says so.
    """
    if not (CHECKOUT / "examples" / "careers_site").is_dir():
        raise BadInput(
            "the careers site is not here", next_step="Run this in a checkout of Kept: `make demo`."
        )
    settings = _settings(folder.resolve(), public_port, console_port)
    run_installation(settings, _Demo(settings, folder.resolve(), site_port).beside)


@dataclass(frozen=True)
class _Demo:
    settings: Settings
    folder: Path
    site_port: int

    def beside(self, house: House, processes: Processes) -> None:
        """Add the careers site, bring the input in, and say where everything is."""
        secret = self.folder / "secret.key"
        secret.touch(mode=0o600)
        secret.write_text(house.api_keys.secret)
        environment = {
            "KEPT_URL": self._kept,
            "KEPT_WRITE_KEY": house.api_keys.write,
            "KEPT_SECRET_KEY_FILE": str(secret),
            "SITE_DATA": str(self.folder / "site"),
        }
        processes.environment = {**processes.environment, **environment}
        site = [sys.executable, "-m", "examples.careers_site", "--port", str(self.site_port)]
        processes.add_other("careers site", site, folder=CHECKOUT)
        self._say(house)
        filling = threading.Thread(
            target=self._fill, args=(house.api_keys.secret, house.api_keys.write), daemon=True
        )
        filling.start()

    @property
    def _kept(self) -> str:
        return f"http://{self.settings.public_host}:{self.settings.public_port}"

    def _say(self, house: House) -> None:
        token = owner_token_once(house)
        token_file = self.folder / "owner-token"
        if token:
            token_file.touch(mode=0o600)
            token_file.write_text(token)
        site, console = f"http://127.0.0.1:{self.site_port}", f"http://127.0.0.1:{self.settings.console_port}"
        click.echo(
            f"""
  Careers site   {site}/            a customer of Kept; sign in there as the page says
  Its notice     {site}/kept/privacy
  Your choices   {site}/kept/choices
  Reports        {console}/         owner token: {token_file.read_text()}

  Try this
  1. Open the careers site. Say no: nothing is stored but the no. Say yes: look at some jobs,
     then find the visit in the reports, under the purpose "improve".
  2. Take it back on "Your choices": the visit is gone from that purpose at once.
  3. Open {self.settings.policy} and change one line, such as
     `says: To see which parts of the site work` — the notice follows as soon as you save.
     Misspell a purpose instead: the line is named here, and the version in force stays.
  4. kept query --data {self.settings.data} --for improve "select page, count(*) from page_view group by all"
  5. kept prove --data {self.settings.data}

  Ctrl-C stops; the data stays in {self.folder}.
"""  # noqa: S608  a query for a person to try
        )

    def _fill(self, secret: str, write: str) -> None:
        if not _answers(self.settings.public_host, self.settings.public_port):
            click.echo("The public interface did not start in time; nothing was brought in.", err=True)
            return
        if (self.folder / "filled").exists():
            return
        done = [self._bring(name, command) for name, command in self._inputs(secret, write)]
        if all(done):
            (self.folder / "filled").touch()
            click.echo("Everything is in. The reports show it.")

    def _inputs(self, secret: str, write: str) -> list[tuple[str, Sequence[str]]]:
        kept = [sys.executable, "-m", "kept.cli", "import", "log", "--shift-to", "today", str(LOG)]
        views = [sys.executable, "-m", "examples.job_views", "--url", self._kept, "--file", str(VIEWS)]
        traffic = [sys.executable, "-m", "examples.traffic", "--url", self._kept, "--key", write]
        found: list[tuple[str, Sequence[str]]] = []
        if LOG.exists():
            found.append((f"the server log {LOG.name}, its times moved to this week", kept))
        if VIEWS.exists():
            found.append(
                (f"{VIEWS.name}, times moved to this week", [*views, "--key", secret, "--residence", "US"])
            )
        return found or [("invented traffic, since no real input lies in ../shared/data", traffic)]

    def _bring(self, name: str, command: Sequence[str]) -> bool:
        click.echo(f"Bringing in {name} …")
        environment = {
            "KEPT_DATA": str(self.settings.data),
            "KEPT_MASTER_KEY": str(self.settings.master_key),
        }
        ended = subprocess.run(  # noqa: S603  our own commands
            command, cwd=CHECKOUT, env={**os.environ, **environment}, check=False
        )
        return ended.returncode == 0


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


def _answers(host: str, port: int) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            with socket.create_connection((host, port), timeout=1):
                return True
        except OSError:
            time.sleep(0.1)
    return False
