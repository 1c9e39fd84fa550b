"""`kept person`: what is held about someone, deletion (the plan first), holds."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click

from kept.app.house import House
from kept.app.lock import is_running
from kept.app.opening import open_people
from kept.app.people import People
from kept.base.errors import BadInput, Refused
from kept.base.settings import Settings
from kept.cli.options import DAY, on_installation
from kept.rights import Deletion, Stage, Stopped
from kept.subject import Held, Person

WAIT_SECONDS = 120


@click.group("person")
def person_group() -> None:
    """What is held about someone, and their rights over it."""


def _who(command: Any) -> Any:
    account = click.option(
        "--account", help="The site's own id of an account; - reads it from standard input."
    )
    visitor = click.option(
        "--visitor", help="The value of a browser's cookie kept_visit; - reads it from standard input."
    )
    partner = click.option(
        "--partner", help="The partner on whose site the browser has that cookie, as the policy names it."
    )
    return account(visitor(partner(command)))


@person_group.command("show")
@on_installation
@_who
@click.option(
    "--json", "as_json", is_flag=True, help="Everything, as JSON: the copy that the person may have."
)
def show_command(
    settings: Settings, *, account: str | None, visitor: str | None, partner: str | None, as_json: bool
) -> None:
    """What is held about a person: from where, for which purposes, until when."""
    with _opened(settings) as (house, people):
        person = _find(house, people, account, visitor, partner)
        if any(people.found(person).values()):  # a look at nothing would make a key for a stranger
            people.voice.looked(person, "access", "owner")
        if as_json:
            click.echo(json.dumps(people.copy(person), indent=2, ensure_ascii=sys.stdout.isatty()))
            return
        for room, held in people.found(person).items():
            click.echo(f"{room}:" if held else f"{room}: nothing")
            for entry in held:
                click.echo(f"  {_line(entry)}")
        for hold in people.holds(person):
            click.echo(f"■ held: {hold.ground} (owner: {hold.owner}, review {_day(hold.review_ms)})")


@person_group.command("erase")
@on_installation
@_who
@click.option("--apply", is_flag=True, help="Do it. Without this, the plan is printed and nothing changes.")
@click.option("--receipt", type=click.File("wb"), help="Where to write the receipt when it is done.")
def erase_command(
    settings: Settings,
    *,
    account: str | None,
    visitor: str | None,
    partner: str | None,
    apply: bool,
    receipt: Any,
) -> None:
    """Delete what is held about a person. Prints the plan; acts with --apply."""
    with _opened(settings) as (house, people):
        plan = people.plan(_find(house, people, account, visitor, partner))
        for line in plan.lines():
            click.echo(line)
        if not apply:
            click.echo("Nothing was changed. Run again with --apply to do it.")
            return
        number = people.erase(plan)
        if isinstance(number, Stopped):
            raise Refused(
                "a hold stops this deletion",
                next_step="See the hold's owner.",
                where="subject holds",
                why="The person's data must stay until it is released.",
            )
        click.echo(f"● {_begun(people, number)}")
        done = _finish(settings, people, number)
        click.echo(f"● done: searched and found clean (ledger #{done.entry}, deletion {number})")
        if receipt is not None:
            receipt.write(people.deletions.receipt(number) or b"")


@person_group.command("hold")
@on_installation
@_who
@click.option("--ground", required=True, help="Why the data must stay, such as a case number.")
@click.option("--owner", required=True, help="Who answers for the hold: a role.")
@click.option("--review", required=True, type=DAY, help="When to ask again.")
def hold_command(
    settings: Settings,
    *,
    account: str | None,
    visitor: str | None,
    partner: str | None,
    ground: str,
    owner: str,
    review: datetime,
) -> None:
    """Keep a person's data from deletion. It revives no consent."""
    with _opened(settings) as (house, people):
        person = _find(house, people, account, visitor, partner)
        number = people.voice.hold(
            person,
            ground=ground,
            owner=owner,
            review_ms=int(review.replace(tzinfo=UTC).timestamp() * 1000),
            now_ms=house.clock.now_ms(),
        )
    click.echo(f"■ held: number {number}, to be reviewed on {review:%Y-%m-%d}")


@person_group.command("release")
@on_installation
@_who
def release_command(
    settings: Settings, *, account: str | None, visitor: str | None, partner: str | None
) -> None:
    """Release every hold on a person."""
    with _opened(settings) as (house, people):
        person = _find(house, people, account, visitor, partner)
        released = people.voice.release(person, house.clock.now_ms())
    click.echo(f"{released} released")


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[House, People]]:
    """An installation and its people; closed at the end."""
    house = House.open_existing(settings)
    try:
        yield house, open_people(house)
    finally:
        house.close()


def _find(
    house: House, people: People, account: str | None, visitor: str | None, partner: str | None
) -> Person:
    if (account is None) == (visitor is None):
        raise BadInput(
            "name one person: by --account or by --visitor",
            where="--account, --visitor",
            why="Both were given, or neither.",
            next_step="Give the one that the site knows the person by.",
        )
    if visitor is not None:
        there = _at_partner(house, partner) if partner is not None else house
        return there.identities.person_of_visitor(_told(visitor, "--visitor"))
    if partner is not None:
        raise BadInput(
            "an account is the same on every site",
            where="--partner",
            why="Only a browser is another visitor on a partner's site.",
            next_step="Leave --partner out, or name the browser by --visitor.",
        )
    person = people.of_account(_told(account or "", "--account"))
    if person is None:
        raise BadInput(
            "nothing is known of this account",
            where="--account",
            why="Nothing was ever told of it here, no visitor was joined to it, or its person was deleted.",
            next_step="Look at the id as the site sends it to v1/people and v1/join; ids are case-sensitive.",
        )
    return person


def _at_partner(house: House, name: str) -> House:
    """The installation on a partner's site. One that is cut off, or gone from the policy, has left people behind."""
    once = {
        use.removeprefix("visitor ") for _, use in house.keys.workspace_keys() if use.startswith("visitor ")
    }
    known = sorted({*house.policies.now().policy.partners, *once})
    if name not in known:
        raise BadInput(
            "the policy names no such partner",
            where="--partner",
            why=f"It names: {', '.join(known) or 'none'}.",
            next_step="Give its name as it stands under `partners`.",
        )
    return house.at_partner(name)


def _told(named: str, option: str) -> str:
    """What an option names, from standard input for `-`: the words of a command can be read by every user of the
    machine while it runs, and whoever knows a visitor's id is that visitor at the collector's door."""
    told = sys.stdin.readline().strip() if named == "-" else named
    if not told:
        raise BadInput(
            "nobody is named",
            where=option,
            why="The option, or standard input where it says `-`, is empty.",
            next_step="Give the id itself.",
        )
    return told


def _finish(settings: Settings, people: People, number: int) -> Deletion:
    """Wait for the committer of a running installation, or be it for as long as it takes."""
    if not is_running(settings.data):
        from kept.app.committing import carry_on_once

        carry_on_once(settings)
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        now = people.deletions.get(number)
        if now is not None and now.stage is Stage.DONE:
            return now
        time.sleep(0.2)
    raise Refused(
        "the deletion is begun but not finished yet",
        why=f"So far: {_begun(people, number)}.",
        next_step="It goes on by itself while `kept up` runs; `kept ledger show` tells when it is done.",
        where=f"deletion {number}",
    )


def _begun(people: People, number: int) -> str:
    now = people.deletions.get(number)
    keys = "are being" if now is None or now.stage is Stage.HIDDEN else "are"
    return f"hidden from every purpose; the keys {keys} destroyed"


def _line(held: Held) -> str:
    until = f"until {_day(held.until_ms)}" if held.until_ms is not None else "no end set"
    purposes = ", ".join(held.purposes) or "none"
    since = f", {_day(held.first_ms)} to {_day(held.last_ms)}" if held.first_ms and held.last_ms else ""
    return f"{held.title} ({held.count}) from {', '.join(held.sources)}{since}; for {purposes}; {until}"


def _day(moment_ms: int) -> str:
    return datetime.fromtimestamp(moment_ms / 1000, UTC).strftime("%Y-%m-%d")
