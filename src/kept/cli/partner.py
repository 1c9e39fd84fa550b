"""`kept partner`: the sites that carry our script: their keys, and cutting one off."""

from collections.abc import Mapping

import click

from kept.app.house import House
from kept.base.settings import Settings
from kept.cli.options import moment, on_installation
from kept.policy.compiled_rest import Partner


@click.group("partner")
def partner_group() -> None:
    """The partners' sites that carry our script."""


@partner_group.command("show")
@on_installation
@click.argument("name", required=False)
def show_command(settings: Settings, *, name: str | None) -> None:
    """Each partner, or the one of that name, with its write key, its origins, what it sends, and whether it is cut
    off."""
    house = House.open_existing(settings)
    try:
        cut, partners = house.cutting.since(), house.policies.now().policy.partners
        if name is not None:
            house.cutting.require(name)
            partners = {name: partners[name]}
        elif not partners:
            click.echo("The policy in force names no partners.")
        _tell(house, partners, cut)
    finally:
        house.close()


def _tell(house: House, partners: Mapping[str, Partner], cut: Mapping[str, int]) -> None:
    for name, partner in partners.items():
        state = f"✕ cut off since {moment(cut[name])}" if name in cut else "● taken in"
        click.echo(f"{name}: {state}")
        click.echo(f"  write key  {house.at_partner(name).api_keys.write}   (for its pages)")
        click.echo(f"  origins    {', '.join(partner.origins)}")
        click.echo(f"  sends      {', '.join(partner.sends)}")
        click.echo(f"  answers    {partner.arrangement}   (arrangement)")


@partner_group.command("cut")
@on_installation
@click.argument("name")
def cut_command(settings: Settings, *, name: str) -> None:
    """Cut a partner off: within a second nothing is taken from its site. What was gathered before stays."""
    house = House.open_existing(settings)
    try:
        was_in = house.cutting.cut(name)
    finally:
        house.close()
    click.echo(f"✕ {name} is cut off" if was_in else f"{name} was cut off already")


@partner_group.command("restore")
@on_installation
@click.argument("name")
def restore_command(settings: Settings, *, name: str) -> None:
    """Let a partner in again."""
    house = House.open_existing(settings)
    try:
        was_cut = house.cutting.restore(name)
    finally:
        house.close()
    click.echo(f"● {name} is taken in again" if was_cut else f"{name} was not cut off")
