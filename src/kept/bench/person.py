"""`kept bench person`: what one person's right takes in a large company, as a multiple of a small one.

A right must not wait on the size of the company. Three things are done for one person after another, in turn at
1 M and at 20 M events: hidden (one commit), keys destroyed and shown to be gone, and all events read. Every
person of a crowd has a key. The lake of each is as its committer would leave it.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click

from kept.bench import options
from kept.bench.people import Crowd
from kept.bench.query import folder_for, house
from kept.storage import erasures
from kept.storage.keys import Keys, slots
from kept.storage.keys.database import Database
from kept.storage.keys.wrapping import KeyName, new_key, wrap
from kept.storage.lake import Lake
from kept.storage.lookup import events_of
from kept.storage.query_words import Limits
from kept.storage.query_worker import connect
from kept.storage.records import Records

SMALL = Crowd(events=1_000_000, people=10_000, levels=0, changed=100)
LARGE = Crowd(events=20_000_000, people=200_000, levels=3, changed=2_000)
QUICK = Crowd(events=4_000_000, people=40_000, levels=1, changed=400)
"""Levels of leaves: none holds more than a million rows a month, and none is split before that."""
ACTS = ("hide", "shred", "access")
TARGET = 1.30
ROUNDS = 15
RETENTION_CLASS = "usage"


@dataclass(frozen=True, slots=True)
class Company:
    """One installation's storage, and people of it to whom nothing was done yet, in an order drawn by lot."""

    lake: Lake
    records: Records
    keys: Keys
    people: Iterator[int]


@click.command("person")
@options.as_json
@options.quick("a smaller large company")
@options.place
@options.keep
def person_command(as_json: bool, quick: bool, folder: Path | None, keep: bool) -> None:
    """Hiding, destroying keys and reading of one person, as a multiple of what it takes in a small company."""
    large = QUICK if quick else LARGE
    with folder_for(folder, keep=keep) as place, company(place, SMALL) as one, company(place, large) as other:
        result = result_of(large, measure(one, other))
    options.tell(result, in_words, as_json=as_json)


@contextmanager
def company(folder: Path, crowd: Crowd) -> Iterator[Company]:
    """A crowd's house with a key for each of its people."""
    place = folder / f"person-{crowd.events}-{crowd.seed}"
    with house(place, crowd) as (lake, records):
        people = _people(lake)
        keys = Keys.open(place / "keys.db", folder / f"{place.name}.key")
        _make_keys(place / "keys.db", people)
        try:
            yield Company(lake, records, keys, iter(people))
        finally:
            keys.close()


def measure(
    small: Company, large: Company, rounds: int = ROUNDS
) -> dict[str, tuple[list[float], list[float]]]:
    """Seconds of each act, round by round: in the small company and in the large one."""
    found: dict[str, tuple[list[float], list[float]]] = {act: ([], []) for act in ACTS}
    for number in range(rounds + 1):
        for act in ACTS:
            for side, where in enumerate((small, large)):
                taken = _timed(DO[act], where)
                if number:
                    found[act][side].append(taken)
    return found


def result_of(large: Crowd, found: dict[str, tuple[list[float], list[float]]]) -> dict[str, Any]:
    """The figures as `kept bench` prints them: the act with the greatest ratio counts."""
    ratios = {act: median(large) / median(small) for act, (small, large) in found.items()}
    worst = max(ratios, key=lambda act: ratios[act])
    small_s, large_s = found[worst]
    return {
        "name": "person",
        "measured": round(median(large_s) * 1000, 2),
        "baseline": round(median(small_s) * 1000, 2),
        "ratio": round(ratios[worst], 3),
        "target": TARGET,
        "met": ratios[worst] <= TARGET,
        "detail": {
            "unit": f"ms to {worst} one person; baseline: in a company of {SMALL.events:,} events",
            **{
                f"{act}_ms": [round(median(side) * 1000, 2) for side in sides] for act, sides in found.items()
            },
            **{f"{act}_ratio": round(ratio, 3) for act, ratio in ratios.items()},
            "events": large.events,
            "people": large.people,
        },
    }


def in_words(result: Mapping[str, Any]) -> str:
    """The same for people."""
    detail = result["detail"]
    rows = (
        f"{act:<8}{detail[f'{act}_ms'][0]:>10.2f} ms{detail[f'{act}_ms'][1]:>10.2f} ms{detail[f'{act}_ratio']:>8.2f}"
        for act in ACTS
    )
    heads = f"{'':<8}{SMALL.events // 1_000_000:>9} M{'':>2}{detail['events'] // 1_000_000:>10} M{'':>2}{'ratio':>7}"
    verdict = f"greatest {result['ratio']:.2f}, target {TARGET:.2f}: {'met' if result['met'] else 'not met'}"
    return "\n".join((heads, *rows, verdict))


def _hide(where: Company, person: int) -> None:
    with where.records.write() as connection:
        erasures.hide(connection, [person])


def _shred(where: Company, person: int) -> None:
    where.keys.destroy_person(person)


def _access(where: Company, person: int) -> None:
    events_of(where.lake, where.records, [person])


DO: dict[str, Callable[[Company, int], None]] = {"hide": _hide, "shred": _shred, "access": _access}


def _timed(act: Callable[[Company, int], None], where: Company) -> float:
    person = next(where.people)
    began = time.perf_counter()
    act(where, person)
    return time.perf_counter() - began


def _people(lake: Lake) -> list[int]:
    """Everyone in the lake, in an order that has nothing to do with their pseudonyms."""
    files = lake.paths(list(lake.snapshot().files.values()))
    with connect(Limits()) as connection:
        rows = connection.execute(
            "select subject from (select distinct subject from read_parquet(?)) order by hash(subject)",
            [files],
        ).fetchall()
    return [int(subject) for (subject,) in rows]


def _make_keys(path: Path, people: list[int]) -> None:
    """A key each, in one transaction; what opens them is of no account, since they are only destroyed."""
    database, master = Database(path, 2_000), secrets.token_bytes(32)
    with database.write() as connection:
        for person in people:
            name = KeyName("person", person, RETENTION_CLASS)
            if slots.find(connection, name)[1] is None:
                slots.put(connection, name, wrap(master, new_key(), b""))
    database.close()
