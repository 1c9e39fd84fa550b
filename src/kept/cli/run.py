"""`kept run`: one process of an installation. `kept up` starts them; a service manager may do so instead."""

import click

from kept.base.settings import read_settings


@click.group("run", hidden=True)
def run_group() -> None:
    """Run one process of an installation that was started with `kept up`."""


@run_group.command("public")
def public_command() -> None:
    """Collector and centre."""
    from kept.web.public import run_public

    run_public(read_settings())


@run_group.command("console")
def console_command() -> None:
    """The console."""
    from kept.web.office import run_console

    run_console(read_settings())


@run_group.command("ranking")
def ranking_command() -> None:
    """What ranks: one question a line on standard input. The public process starts it when it is asked."""
    from kept.app.ranking import run_ranking

    run_ranking(read_settings())


@run_group.command("committer")
def committer_command() -> None:
    """What moves the journal to the lake, and carries deletions through."""
    from kept.app.committing import run_committer

    run_committer(read_settings())
