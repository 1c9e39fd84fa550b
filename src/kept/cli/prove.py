"""`kept prove`: every promise with its state and evidence, tried out on the living installation."""

import fcntl
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import jwt

from kept.app.house import House
from kept.app.lock import is_running
from kept.app.opening import open_lake, open_people
from kept.app.people import People
from kept.app.records import is_installation
from kept.app.using import everyone_of
from kept.app.vitals import CANARIES_REFUSED, vitals_of
from kept.app.workspaces import CANARIES
from kept.base.errors import BadInput, InUse, KeptError
from kept.base.settings import Settings, as_environment
from kept.cli.import_ import open_intake
from kept.cli.options import on_installation
from kept.gate import Refusal
from kept.gather.weblog import import_log
from kept.prove import PROMISES, Installation, Refused, Seen, State, Verdict, plain, prove, verdicts
from kept.rights import Stopped
from kept.storage.query import Refused as NoRows
from kept.subject import Person
from kept.use import BehaviourAsked, BehaviourKind, Reader, behaviour, counts_for
from kept.web.whence import Proxies

START_SECONDS = 60.0
TOKEN_SECONDS = 300
WIDTH = 100
HEARING_SECONDS = 1.0
"""Collectors look five times a second (`docs/adr/0034-several-collectors.md`)."""


@click.command("prove")
@click.argument("promises", nargs=-1, metavar="[PROMISE]...")
@on_installation
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, with every finding.")
@click.option(
    "--patience", default=60.0, show_default=True, help="Seconds to wait for the installation to do its part."
)
def prove_command(settings: Settings, promises: tuple[str, ...], *, as_json: bool, patience: float) -> None:
    """Show which promises are kept, which are broken, which are not built; PROMISE names some, such as G1.

    Invented people go through the public doors of the running installation, in a workspace of their own, and
    are deleted at the end. If it does not run, it is started for as long as this takes. Ends with 1 if a
    promise is broken.
    """
    wanted = _wanted(promises)
    with _alone(settings), _living(settings) as (living, started):
        if started and not as_json:
            click.echo("Kept does not run on this folder; it was started for this.")
        house = House.open_existing(living)
        canaries = house.in_workspace(CANARIES)
        doors = _Doors(canaries, open_people(canaries), living.workspace)
        try:
            table = verdicts(prove(_installation(canaries, doors, patience), wanted))
        finally:
            doors.close()
            house.close()
    shown = [verdict for verdict in table if not wanted or verdict.promise.id in wanted]
    click.echo(json.dumps([plain(each) for each in shown], ensure_ascii=False) if as_json else _drawn(shown))
    if any(verdict.state is State.BROKEN for verdict in shown):
        sys.exit(1)


def _wanted(promises: Sequence[str]) -> frozenset[str]:
    wanted = frozenset(each.upper() for each in promises)
    if strange := wanted - {promise.id for promise in PROMISES}:
        raise BadInput(
            f"there is no promise {', '.join(sorted(strange))}",
            next_step="`kept prove` lists them.",
            where="PROMISE",
            why="No promise has that id.",
        )
    return wanted


def _drawn(table: Sequence[Verdict]) -> str:
    """The table: a line for the promise, a line for its evidence, and the sum."""
    lines = []
    for each in table:
        lines.append(f"{each.state.mark} {each.promise.id}  {each.state.word:9}  {each.promise.says}")
        lines.append(f"      {each.evidence}")
    counts = [f"{state.mark} {sum(each.state is state for each in table)} {state.word}" for state in State]
    return "\n".join([*lines, "", "   ".join(counts)])


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One performance at a time: each ends by deleting every canary there is. Raises `InUse`."""
    data = settings.data
    if not is_installation(settings):
        raise BadInput(
            "there is no installation here",
            where=str(data),
            next_step="Start one with `kept up`, or name its folder with --data.",
            why="No records were made yet.",
        )
    with (data / "prove.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUse(
                "`kept prove` already runs on this folder",
                where=str(data),
                why="Each run ends by deleting every canary there is.",
                next_step="Wait until it has ended, and run it again.",
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def _living(settings: Settings) -> Iterator[tuple[Settings, bool]]:
    """The installation, running: the one that does, or one started for the time being on free ports."""
    if is_running(settings.data):
        yield settings, False
        return
    started = replace(settings, public_host="127.0.0.1", public_port=_free_port(), console_port=_free_port())
    with tempfile.TemporaryDirectory() as folder:
        started = replace(started, policy=_policy_in_force(settings, Path(folder)))
        child = _start(started, Path(folder) / "said")
        try:
            _wait_for_port(started.public_port, child, Path(folder) / "said")
            yield started, True
        finally:
            child.terminate()
            child.wait()


def _policy_in_force(settings: Settings, folder: Path) -> Path:
    """The text that is in force, in a file: starting must not put another in its place."""
    house = House.open_existing(settings)
    try:
        path = folder / "policy.yaml"
        path.write_text(house.policies.now().text, encoding="utf-8")
        return path
    finally:
        house.close()


def _start(settings: Settings, said: Path) -> "subprocess.Popen[bytes]":
    with said.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "kept.cli", "up"],
            env={**os.environ, **as_environment(settings)},
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us: the canaries are deleted before it stops
        )


def _wait_for_port(port: int, child: "subprocess.Popen[bytes]", said: Path) -> None:
    late = time.monotonic() + START_SECONDS
    while time.monotonic() < late and child.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise KeptError(
        "Kept could not be started for this",
        why=said.read_text(errors="replace")[-500:],
        next_step="Start it with `kept up`, then run this again.",
        where="kept up",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _installation(house: House, doors: "_Doors", patience: float) -> Installation:
    settings = house.settings
    if not Proxies(settings.trusted_proxies).trust("127.0.0.1"):
        raise BadInput(
            "canaries say where they are by X-Forwarded-For, and loopback is not a trusted proxy here",
            where="KEPT_TRUSTED_PROXIES",
            next_step="Add 127.0.0.1: only this machine can use it.",
            why="What an untrusted proxy says of an address is not believed.",
        )
    host = "127.0.0.1" if settings.public_host in ("0.0.0.0", "::") else settings.public_host  # noqa: S104  compared, not bound
    return Installation(
        base=f"http://{host}:{settings.public_port}",
        data=settings.data,
        key=house.api_keys.write,
        secret=house.api_keys.secret,
        workspace=CANARIES,
        records=house.records,
        keys=house.keys,
        policies=house.policies,
        identities=house.identities,
        lake=open_lake(house),
        clock=house.clock,
        flush_seconds=settings.flush_seconds,
        patience_seconds=patience,
        hearing_seconds=HEARING_SECONDS if settings.collectors > 1 else 0.0,
        doors=doors,
    )


@dataclass
class _Doors:
    """What `prove` asks of the rooms that it may not import. `house` is the canaries'."""

    house: House
    people: People
    company: int
    """The number of the company's workspace."""
    reading: tuple[tuple[str, int], Reader] | None = None

    def ask(self, purpose: str, sql: str, *, canaries: bool = True) -> Seen | Refused:
        """As `kept query` does. The worker stays open until another purpose is asked for."""
        reader = self._reader(purpose, CANARIES if canaries else self.company)
        if isinstance(reader, Refused):
            return reader
        found = reader.ask(sql)
        if isinstance(found, NoRows):
            return Refused(found.why.name, str(found))
        return Seen(found.columns, [dict(zip(found.columns, row, strict=True)) for row in found.rows])

    def _reader(self, purpose: str, workspace: int) -> Reader | Refused:
        if self.reading and self.reading[0] == (purpose, workspace):
            return self.reading[1]
        self.close()
        permit = self.house.gate.use(purpose)
        if isinstance(permit, Refusal):
            return Refused(permit.reason.value, permit.message)
        everyone = everyone_of(self.house.in_workspace(workspace))
        reader = Reader(permit, open_lake(self.house), self.house.records, workspace, everyone=everyone)
        self.reading = ((purpose, workspace), reader)
        return reader

    def close(self) -> None:
        """End the worker."""
        if self.reading:
            self.reading[1].close()
        self.reading = None

    def used(self, purpose: str, page: str) -> tuple[int, int] | Refused:
        """As the console's page on what people do counts it: yesterday, today and tomorrow."""
        reader = self._reader(purpose, CANARIES)
        if isinstance(reader, Refused):
            return reader
        now = self.house.clock.now_ms()
        today = datetime.fromtimestamp(now / 1000, UTC).date()
        asked = BehaviourAsked(
            BehaviourKind.FEATURES, today - timedelta(1), today + timedelta(1), where={"page": page}
        )
        found = behaviour(reader.ask, reader.catalogue, asked, now)
        if not isinstance(found, tuple):
            return Refused("no report", str(found))
        rows = [row for row in found[0].rows if row[0] == "page_view"]
        return (int(str(rows[0][2])), int(str(rows[0][3]))) if rows else (0, 0)

    def missing(self, purpose: str) -> Mapping[str, int | None] | Refused:
        """As `kept query --tables` does."""
        permit = self.house.gate.use(purpose)
        if isinstance(permit, Refusal):
            return Refused(permit.reason.value, permit.message)
        found = counts_for(permit, open_lake(self.house), self.house.records, CANARIES)
        if isinstance(found, NoRows):
            return Refused(found.why.name, str(found))
        return {each.why.name: each.rows for each in found.missing}

    def import_log(self, path: Path) -> int | Refused:
        """Import a log as `kept import log` does, into the canaries' workspace."""
        try:
            with open_intake(self.house.settings) as intake:
                return import_log([path], intake).kept
        except InUse as error:
            return Refused("in use", error.what)

    def sign(self, account: str, secret: str = "") -> str:
        """As the canaries' site would, or someone who knows another secret."""
        ends = self.house.clock.now_ms() // 1000 + TOKEN_SECONDS
        return jwt.encode(
            {"sub": account, "exp": ends}, secret or self.house.api_keys.secret, algorithm="HS256"
        )

    def begin(self, person: Person, then: Callable[[], None] = lambda: None) -> int | Refused:
        """Plan, let something happen, begin."""
        plan = self.people.plan(person)
        then()
        return _refused_or(self.people.deletions.begin(plan))

    def partner_key(self, name: str) -> str:
        """The canaries' key there."""
        return self.house.at_partner(name).api_keys.write

    def partner_subject(self, name: str, visitor: str) -> int:
        """Who a visitor's id is there."""
        return self.house.at_partner(name).identities.visitor(visitor)

    def refusals(self, since_s: float) -> Mapping[str, float] | None:
        """As the collectors write it down for whoever watches over them."""
        now = time.time()
        told = [each for each in vitals_of(self.house.settings.data) if CANARIES_REFUSED in each.figures]
        living = [each for each in told if each.is_fresh(now)]
        if not living or any(each.at < since_s for each in living):
            return None
        sums: dict[str, float] = {}
        for each in living:
            for label, count in each.figures[CANARIES_REFUSED].items():
                sums[label] = sums.get(label, 0.0) + count
        return sums

    def cut(self, name: str, *, off: bool) -> None:
        """For the canaries alone: the company's own door of that partner is another."""
        if off:
            self.house.cutting.cut(name)
        else:
            self.house.cutting.restore(name)

    def stage_of(self, number: int) -> str:
        """The stage that is written down."""
        found = self.people.deletions.get(number)
        return "" if found is None else found.stage.value


def _refused_or(answer: int | Stopped) -> int | Refused:
    return Refused("hold", answer.holds[0].ground) if isinstance(answer, Stopped) else answer
