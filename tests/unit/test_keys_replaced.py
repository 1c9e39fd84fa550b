"""A key that leaked is replaced: the new one is taken at once, the old one refused at once or after a while."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import jwt
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete

from kept.app.api_keys import Line
from kept.app.house import House
from kept.app.opening import open_people
from kept.app.store import key_replaced
from kept.app.workspaces import workspaces
from kept.base.clock import SetClock
from kept.base.settings import Settings
from kept.cli.keys import keys_group
from kept.ledger import entries, facts
from kept.subject import Answers
from kept.web.house import Account
from kept.web.living import LivingCentre
from kept.web.public import Public
from kept.web.whence import Proxies
from tests.mutants.world import HERE

NOW = 1_800_000_000_000
DAY_S = 86_400


@pytest.fixture(name="clock")
def a_clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture(name="house")
def a_house(tmp_path: Path, clock: SetClock) -> Iterator[House]:
    opened = House.open(Settings(data=tmp_path / "data", master_key=tmp_path / "master.key"), clock)
    opened.policies.put_in_force((HERE / "policy.yaml").read_text(), "policy.yaml")
    yield opened
    opened.close()


@pytest.mark.parametrize("line", Line)
def test_the_new_key_is_taken_at_once_and_the_old_one_refused_at_once(house: House, line: Line) -> None:
    before = house.api_keys
    house.key_lines.replace(line, 0)
    after = house.api_keys
    if line is Line.SECRET:
        assert after.write == before.write
        assert not after.is_secret(before.secret)
        assert after.is_secret(after.secret)
    else:
        assert after.secret == before.secret
        assert after.writes == (after.write,)
        assert after.write != before.write


def test_an_overlap_ends_and_a_second_replacement_ends_it_too(house: House, clock: SetClock) -> None:
    first = house.api_keys.secret
    house.key_lines.replace(Line.SECRET, DAY_S)
    second = house.api_keys.secret
    assert list(house.api_keys.secrets) == [second, first]
    clock.advance(DAY_S * 1_000 - 1)
    assert house.api_keys.is_secret(first)
    house.key_lines.replace(Line.SECRET, DAY_S)
    assert list(house.api_keys.secrets) == [house.api_keys.secret, second]
    clock.advance(DAY_S * 1_000)
    assert list(house.api_keys.secrets) == [house.api_keys.secret]


def test_records_from_a_backup_open_no_door_again(house: House) -> None:
    old = house.api_keys.secret
    house.key_lines.replace(Line.SECRET, DAY_S)
    with house.records.write() as connection:
        connection.execute(delete(key_replaced))
    assert not house.api_keys.is_secret(old)


def test_a_partners_site_has_a_line_of_its_own(house: House) -> None:
    friends = house.at_partner("friends")
    own, theirs = house.api_keys.write, friends.api_keys.write
    friends.key_lines.replace(Line.WRITE, 0)
    assert friends.api_keys.write != theirs
    assert house.api_keys.write == own


def test_the_ledger_is_told_without_the_key(house: House) -> None:
    house.key_lines.replace(Line.SECRET, 0)
    house.at_partner("friends").key_lines.replace(Line.WRITE, DAY_S)
    with house.records.read() as connection:
        found = [entry.fact for entry in entries(connection) if isinstance(entry.fact, facts.KeyReplaced)]
    assert [(fact.workspace, fact.use, fact.overlap_s) for fact in found] == [
        (1, "secret_key", 0),
        (1, "write_key_friends", DAY_S),
    ]


def test_doors_are_hung_anew_when_a_key_is_replaced_and_when_its_overlap_ends(
    house: House, clock: SetClock
) -> None:
    hung: list[tuple[Any, Any]] = []
    doors = cast(Any, type("Doors", (), {"use": lambda _self, keys, secrets: hung.append((keys, secrets))})())
    none = cast(Any, None)
    known = {each.number: house.in_workspace(each.number).known for each in workspaces(house)}
    public = Public(house, Answers(house.records), none, doors, none, none, none, none, known, none)
    old = house.api_keys
    public.hang_doors()
    house.key_lines.replace(Line.WRITE, DAY_S)
    house.key_lines.replace(Line.SECRET, 0)
    public.hang_doors()
    public.hang_doors()
    assert len(hung) == 2
    keys, secrets = hung[-1]
    assert {old.write, house.api_keys.write} <= set(keys)
    assert old.secret not in secrets
    assert house.api_keys.secret in secrets
    clock.advance(DAY_S * 1_000)
    public.hang_doors()
    assert old.write not in hung[-1][0]


def test_pages_and_signed_links_follow(house: House, clock: SetClock) -> None:
    centre = LivingCentre(house, open_people(house), Proxies(()))
    old = house.api_keys
    signed = jwt.encode({"sub": "ana", "exp": NOW // 1_000 + 300}, old.secret, "HS256")
    house.key_lines.replace(Line.SECRET, 60)
    house.key_lines.replace(Line.WRITE, 60)
    assert centre.site_credential(old.secret) is True
    assert centre.account_of(signed) == Account("ana")
    assert centre.knows_key(old.write)
    clock.advance(60_000)
    assert centre.site_credential(old.secret) is False
    assert not isinstance(centre.account_of(signed), Account)
    assert not centre.knows_key(old.write)
    assert centre.knows_key(house.api_keys.write)


def run(house: House, *words: str) -> Result:
    settings = house.settings
    more = ("--data", str(settings.data), "--master-key", str(settings.master_key))
    return CliRunner().invoke(keys_group, ["replace", *words, *more], standalone_mode=False)


def test_the_command_prints_the_new_key_and_says_what_becomes_of_the_old_one(house: House) -> None:
    said = run(house, "secret").output
    assert f"secret key  {house.api_keys.secret}" in said
    assert "refused within a second" in said
    said = run(house, "write", "--overlap", "24h").output
    assert f"write key  {house.api_keys.write}" in said
    until = time.strftime("%Y-%m-%d", time.gmtime(time.time() + DAY_S))
    assert f"taken until {until}" in said
    friends = house.at_partner("friends")
    said = run(house, "write", "--partner", "friends").output
    assert f"write key  {friends.api_keys.write}" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("secret", "--overlap", "soon"), "“soon” is no time"),
        (("secret", "--overlap", "31d"), "at most 30 days"),
        (("secret", "--partner", "friends"), "one secret key, the company"),
        (("write", "--partner", "strangers"), "no partner of that name"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    house: House, words: tuple[str, ...], says: str
) -> None:
    before = house.api_keys
    refused = run(house, *words)
    assert says in str(refused.exception) + str(getattr(refused.exception, "why", ""))
    assert house.api_keys == before
