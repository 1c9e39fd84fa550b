"""`kept import`: take in what was gathered elsewhere: the logs of web servers, and what accounts told."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import file_digest, sha256
from pathlib import Path

import click
import msgspec

from kept.app.following import follow_logs
from kept.app.house import House
from kept.app.intake import intake_of
from kept.app.opening import IMPORT, open_journal
from kept.base.settings import Settings, read_settings
from kept.cli.import_people import people_command
from kept.gather.weblog import FORMS, Intake, Report, import_log
from kept.ledger import append, facts

FILE = click.Path(path_type=Path, exists=True, dir_okay=False, readable=True)
FOLDER = click.Path(path_type=Path, file_okay=False)


@contextmanager
def open_intake(settings: Settings) -> Iterator[Intake]:
    """Where an installation's imports go: its policy in force, its event key, a journal of their own."""
    house = House.open_existing(settings)
    try:
        journal = open_journal(house, IMPORT)
        try:
            yield intake_of(house, journal)
        finally:
            journal.close()
    finally:
        house.close()


@click.group("import")
def import_group() -> None:
    """Take in what was gathered elsewhere."""


import_group.add_command(people_command)


@import_group.command("log")
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option(
    "--form",
    type=click.Choice(list(FORMS)),
    help="How the lines are written. Default: recognised from the first 100.",
)
@click.option("--host", help="The site's own host, whose pages are no referrers. Default: the policy's site.")
@click.option(
    "--shift-to",
    metavar="DATE",
    help="For demonstrations: move all times by whole weeks so that the last line falls in the 7 days up to "
    "this date (YYYY-MM-DD, or today).",
)
@click.option(
    "--follow",
    is_flag=True,
    help="Go on reading what is written to them, over rotations, until Ctrl-C.",
)
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
@click.option("--master-key", type=click.Path(path_type=Path, dir_okay=False), help="The master key's file.")
@click.option("--data", type=FOLDER, help="The data folder (else KEPT_DATA, or ./kept-data).")
def log_command(
    *,
    files: Sequence[Path],
    form: str | None,
    host: str | None,
    shift_to: str | None,
    follow: bool,
    as_json: bool,
    master_key: Path | None,
    data: Path | None,
) -> None:
    """Import the page views of server logs, plain, gzip or zstd. Importing twice adds nothing.

    Read are the logs of Apache, nginx, Caddy, Traefik, HAProxy, IIS and what else writes the W3C's form, and of
    Amazon's CloudFront, load balancers and S3.
    """
    settings = read_settings(data=data, master_key=master_key)
    if follow:
        if shift_to:
            raise click.UsageError("a log that is followed has the times of now: leave --shift-to out")
        told = follow_logs(settings, files, form=FORMS[form] if form else None, own_host=host)
        click.echo(msgspec.json.encode(told.as_dict()) if as_json else str(told))
        return
    size = sum(path.stat().st_size for path in files) * (2 if shift_to else 1)
    with (
        open_intake(settings) as intake,
        click.progressbar(length=size, label="reading", hidden=as_json or not sys.stdout.isatty()) as bar,
    ):
        end_ms = _end_ms(shift_to, intake.clock.now_ms()) if shift_to else None
        report = import_log(
            files,
            intake,
            form=FORMS[form] if form else None,
            own_host=host,
            shift_to_ms=end_ms,
            progress=bar.update,
        )
        with intake.records.write() as connection:
            append(connection, _fact(files, report))
    click.echo(msgspec.json.encode(report.as_dict()) if as_json else str(report))


def _fact(files: Sequence[Path], report: Report) -> facts.LogImported:
    digest = sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(file_digest(file, "sha256").digest())
    return facts.LogImported(
        source="server_log",
        digest=digest.hexdigest(),
        lines=report.lines,
        events=report.kept,
        refused=report.refused.total() + report.malformed_lines,
    )


def _end_ms(date: str, now_ms: int) -> int:
    """The last moment that a moved log may reach: now, or the end of a day in UTC."""
    if date == "today":
        return now_ms
    try:
        day = datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise click.BadParameter("write a date as YYYY-MM-DD, or today", param_hint="--shift-to") from error
    return min(int((day + timedelta(days=1)).timestamp() * 1000) - 1, now_ms)
