"""`kept keys`: change the master key, and look for what should be gone."""

from pathlib import Path

import click

from kept import ledger
from kept.app.api_keys import Line
from kept.app.house import House
from kept.app.owner import make_owner_token
from kept.base.errors import BadInput, Damaged
from kept.base.settings import Settings, read_settings
from kept.cli.ledger import open_house
from kept.cli.options import DURATION, moment, on_installation

FILE = click.Path(path_type=Path, dir_okay=False)
SECRET, WRITE = "secret", "write"
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group("keys")
def keys_group() -> None:
    """The keys under which people's data stands."""


@keys_group.command("rotate")
@click.argument("new_master_key", type=FILE)
@click.option("--master-key", type=FILE, help="The present master key's file (else KEPT_MASTER_KEY).")
@click.option("--data", type=FOLDER, help="The data folder (else KEPT_DATA, or ./kept-data).")
def rotate_command(new_master_key: Path, master_key: Path | None, data: Path | None) -> None:
    """Wrap every key anew under NEW_MASTER_KEY, a file that is made if it is not there."""
    settings = read_settings(data=data, master_key=master_key)
    with open_house(settings) as (records, keys):
        changed = keys.rotate_master(new_master_key)
        with records.write() as connection:
            entry = ledger.append(connection, ledger.facts.MasterKeyChanged(keys=changed))
    click.echo(f"● kept: {changed:,} keys are wrapped under {new_master_key} (ledger #{entry})")
    click.echo(
        f"Start Kept again with it, keep a copy apart from the data, and destroy {settings.master_key}."
    )


@keys_group.command("search")
@click.option("--master-key", type=FILE, help="The master key's file (else KEPT_MASTER_KEY).")
@click.option("--data", type=FOLDER, help="The data folder (else KEPT_DATA, or ./kept-data).")
def search_command(master_key: Path | None, data: Path | None) -> None:
    """Search the raw key database for keys that were destroyed."""
    settings = read_settings(data=data, master_key=master_key)
    with open_house(settings) as (_, keys):
        left = keys.stray_keys()
    if left:
        raise Damaged(
            f"{left:,} destroyed keys still stand in the file",
            where=str(settings.data / "keys.db"),
            next_step="run 'kept keys rotate' and destroy the old master key: they open under no other",
            why="They were taken out, but their bytes were not overwritten.",
        )
    click.echo("● kept: no destroyed key is left in the key database or its log")


@keys_group.command("show")
@click.option(
    "--secret", is_flag=True, help="The secret key too: for the company's own server, never a page."
)
@on_installation
def show_command(settings: Settings, *, secret: bool) -> None:
    """The keys that the company's site sends."""
    house = House.open_existing(settings)
    try:
        found = house.api_keys
    finally:
        house.close()
    click.echo(f"write key   {found.write}")
    if secret:
        click.echo(f"secret key  {found.secret}")


@keys_group.command("replace")
@on_installation
@click.argument("which", type=click.Choice([SECRET, WRITE]))
@click.option("--partner", default="", help="The write key of this partner's site.")
@click.option(
    "--overlap",
    type=DURATION,
    default="0h",
    help="For how long the old key is still taken, such as 24h or 2d; at most 30d.",
)
def replace_command(settings: Settings, *, which: str, partner: str, overlap: int) -> None:
    """Make a new secret or write key, and refuse the one before: at once, or after an overlap."""
    line = Line.SECRET if which == SECRET else Line.WRITE
    if partner and line is Line.SECRET:
        raise BadInput(
            "a partner's site has no secret key",
            where="--partner",
            why="There is one secret key, the company's own; partners' pages show write keys.",
            next_step="Leave --partner out, or replace the partner's write key.",
        )
    house = House.open_existing(settings)
    try:
        if partner:
            house.cutting.require(partner)
        site = house.at_partner(partner) if partner else house
        entry = site.key_lines.replace(line, overlap)
        keys, now_ms = site.api_keys, house.clock.now_ms()
    finally:
        house.close()
    until = (
        f"taken until {moment(now_ms + overlap * 1_000)}, then refused"
        if overlap
        else "refused within a second"
    )
    click.echo(f"● kept: there is a new {line.value} (ledger #{entry})")
    click.echo(f"{line.value}  {keys.secret if line is Line.SECRET else keys.write}")
    click.echo(f"The one before is {until}{'; so is what it signed.' if line is Line.SECRET else '.'}")


@keys_group.command("owner")
@on_installation
def owner_command(settings: Settings) -> None:
    """A new owner token for the console; the one before stops working."""
    with open_house(settings):
        click.echo(make_owner_token(settings.data))
