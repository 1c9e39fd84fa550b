"""`kept ledger`: verify the log or a receipt, prove an entry, show the newest, print the public key."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kept import ledger
from kept.app.records import is_installation
from kept.app.records import open_records as open_those
from kept.base.errors import BadInput, Damaged
from kept.base.settings import Settings, read_settings
from kept.cli.options import Whole
from kept.storage.keys import Keys, public_key_of
from kept.storage.records import Records

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


@contextmanager
def open_house(settings: Settings) -> Iterator[tuple[Records, Keys]]:
    """The records and keys of an installation; closed at the end. Makes nothing that is not there."""
    with open_records(settings) as records:
        public_key_of(settings.data / "keys.db")
        keys = Keys.open(settings.data / "keys.db", settings.master_key)
        try:
            yield records, keys
        finally:
            keys.close()


@contextmanager
def open_records(settings: Settings) -> Iterator[Records]:
    """The records of an installation; closed at the end."""
    if not is_installation(settings):
        raise BadInput(
            "there is no installation of Kept here",
            where=str(settings.data),
            next_step="name its folder with --data or KEPT_DATA",
            why="No records were made yet.",
        )
    records = open_those(settings)
    try:
        yield records
    finally:
        records.close()


def _data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--data", type=FOLDER, help="The data folder (else KEPT_DATA, or ./kept-data).")(
        command
    )


@click.group("ledger")
def ledger_group() -> None:
    """What happened, provably."""


@ledger_group.command("verify")
@click.argument("receipt", type=FILE, required=False)
@click.option("--public-key", type=FILE, help="A file with the line that 'kept ledger public-key' printed.")
@click.option("--since", type=FILE, multiple=True, help="A checkpoint, or receipt, kept from before.")
@_data_option
def verify_command(
    receipt: Path | None, public_key: Path | None, since: tuple[Path, ...], data: Path | None
) -> None:
    """Check the whole ledger, or one RECEIPT, which needs the public key and nothing else."""
    settings = read_settings(data=data)
    kept = settings.data / "keys.db"
    key = ledger.read_public_key(public_key.read_text()) if public_key else public_key_of(kept)
    if receipt is not None:
        _verify_receipt(receipt, key)
    else:
        _verify_all(settings, key, since)


@ledger_group.command("prove")
@click.argument("entry", type=Whole(0))
@click.option(
    "--master-key", type=click.Path(path_type=Path), help="The master key's file (else KEPT_MASTER_KEY)."
)
@_data_option
def prove_command(entry: int, master_key: Path | None, data: Path | None) -> None:
    """Print the receipt of ENTRY, counted from 0."""
    settings = read_settings(data=data, master_key=master_key)
    with open_house(settings) as (records, keys), records.write() as connection:
        text = ledger.receipt(connection, keys, entry)
    click.echo(text, nl=False)


@ledger_group.command("show")
@click.option("--last", default=20, show_default=True, type=Whole(1), help="How many entries.")
@_data_option
def show_command(last: int, data: Path | None) -> None:
    """Print the newest entries, oldest of them first."""
    with open_records(read_settings(data=data)) as records, records.read() as connection:
        size = ledger.size(connection)
        if not size:
            click.echo("The ledger has no entries yet.")
        for entry in ledger.entries(connection, max(0, size - last)):
            click.echo(f"#{entry.index}  {_describe(entry.fact)}")


@ledger_group.command("public-key")
@click.option(
    "--pem", is_flag=True, help="As PEM, for tools such as openssl, instead of the line for signed notes."
)
@_data_option
def public_key_command(pem: bool, data: Path | None) -> None:
    """Print the key that checks this ledger's checkpoints and receipts. It may be given to anyone."""
    key = public_key_of(read_settings(data=data).data / "keys.db")
    click.echo(_as_pem(key).rstrip() if pem else ledger.public_key_line(key))


def _verify_receipt(path: Path, key: bytes) -> None:
    result = ledger.verify_receipt(path.read_bytes(), key)
    if isinstance(result, ledger.NotProven):
        raise Damaged(
            "the receipt proves nothing",
            where=str(path),
            why=result.doubt.value,
            next_step="Take the receipt as it was given out, and the public key of the installation that gave it.",
        )
    click.echo(
        f"● kept: entry #{result.index} of the {result.size:,} that {ledger.public_key_line(key)} signed"
    )
    click.echo(_describe(result.fact))


def _verify_all(settings: Settings, key: bytes, since: tuple[Path, ...]) -> None:
    with open_records(settings) as records:
        audit = ledger.verify(records, key, [_checkpoint_in(path) for path in since])
    counts = f"{audit.entries:,} entries, {audit.checkpoints:,} checkpoints"
    if not audit.clean:
        listed = "\n".join(f"✕ #{finding.at}: {finding.flaw.value}" for finding in audit.findings)
        raise Damaged(
            f"the ledger is not what was written ({counts})",
            where=str(settings.data),
            why=listed,
            next_step="Stop Kept, keep the folder as it is, and hold it against a backup; nothing is signed meanwhile.",
        )
    click.echo(f"● kept: {counts}, nothing altered")
    if audit.signed < audit.entries:
        click.echo(f"○ the last {audit.entries - audit.signed:,} entries stand under no checkpoint yet")


def _checkpoint_in(path: Path) -> str:
    text = path.read_text()
    return ledger.checkpoint_of_receipt(text) if text.startswith("{") else text


def _describe(fact: ledger.Fact) -> str:
    when = datetime.fromtimestamp(fact.at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    parts = msgspec.to_builtins(fact)
    rest = [f"{name}={_plain(value)}" for name, value in parts.items() if name not in ("at", "fact")]
    return "  ".join([when, parts["fact"], *rest])


def _plain(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value)) or "-"
    return "-" if value is None else str(value)


def _as_pem(key: bytes) -> str:
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return Ed25519PublicKey.from_public_bytes(key).public_bytes(*form).decode()
