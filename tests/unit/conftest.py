"""An installation of its own for each test that asks for `house`: a data folder, with the real policy in force."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kept.app.house import House
from kept.app.opening import open_people
from kept.app.people import People
from kept.base.settings import Settings
from tests import postgresql

POLICY = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    data = tmp_path / "data"
    records = postgresql.instead_of(data / "records.db")  # processes that are started need to be told
    made = House.open(Settings(data, records, master_key=tmp_path / "master.key"))
    made.policies.put_in_force(POLICY.read_text(), "workhirespot.yaml")
    yield made
    made.close()


@pytest.fixture
def people(house: House) -> People:
    return open_people(house)
