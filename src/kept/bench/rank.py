"""`kept bench rank`: how often a ranking shows what a person looked at next, beside everyone's order in the same run.

From a list of real views, the last thing that each person looked at is taken away; the rest is their history. It is
found if it stands among the first ten. The list is read where it lies, and nothing of it is written anywhere.
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from kept.base.errors import BadInput
from kept.bench import options
from kept.rank import Offer, Orders
from kept.storage.likeness import Likeness

FIRST = 10
TARGET = 3.0
"""A ranking of one's own is worth its data if it finds three times what everyone's order finds."""
LIST = click.Path(path_type=Path, exists=True, dir_okay=False)


@dataclass(frozen=True, slots=True)
class Person:
    """One person's history, the last thing first, and the thing that was taken away."""

    history: tuple[str, ...]
    next: str


@dataclass(frozen=True, slots=True)
class Views:
    """A list of views: people who looked at two things or more, what is on offer, how many looked at each."""

    people: Sequence[Person]
    words: Mapping[str, str]
    seen_by: Mapping[str, int]


@click.command("rank")
@options.as_json
@click.option("--views", required=True, type=LIST, help="A list of views as CSV, with a header.")
@click.option("--person", default="person", help="The column that tells people apart.")
@click.option("--thing", default="thing", help="The column with the id of what was looked at.")
@click.option("--at", default="at", help="The column with the time; texts that sort as times do.")
@click.option("--words", default="words", help="The columns that describe the thing, with commas between.")
@click.option("--people", default=500, help="So many people are tried, evenly taken; 0 for all.")
def rank_bench_command(
    as_json: bool, views: Path, person: str, thing: str, at: str, words: str, people: int
) -> None:
    """How often the first ten of a person's own ranking hold what they looked at next, beside everyone's order."""
    read = read_views(views, person, thing, at, words.split(","))
    result = measure(read, people)
    options.tell(result, in_words, as_json=as_json)


def read_views(path: Path, person: str, thing: str, at: str, words: Sequence[str]) -> Views:
    """The list as histories. Raises `BadInput` for a column that it does not have."""
    last: dict[str, dict[str, str]] = {}
    texts: dict[str, str] = {}
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        rows = csv.DictReader(file)
        if missing := {person, thing, at, *words} - set(rows.fieldnames or ()):
            raise BadInput(
                f"the list has no column {', '.join(sorted(missing))}",
                where=str(path),
                why=f"It has: {', '.join(rows.fieldnames or ())}.",
                next_step="Name its columns with --person, --thing, --at and --words.",
            )
        for row in rows:
            texts.setdefault(row[thing], " ".join(row[name] for name in words if row[name] != "NA"))
            seen = last.setdefault(row[person], {})
            seen[row[thing]] = max(row[at], seen.get(row[thing], ""))
    return _views(last, texts)


def measure(views: Views, most_people: int = 0) -> dict[str, Any]:
    """The figures as `kept bench` prints them."""
    offers = [Offer(name, words) for name, words in views.words.items()]
    likeness = Likeness([each.words for each in offers])
    orders = Orders(offers, likeness.like)
    tried = _evenly(views.people, most_people)
    own, general = 0, 0
    everyone = [each.id for each in orders.general(views.seen_by, len(offers))]
    for person in tried:
        own += person.next in {each.id for each in orders.own(person.history, {}, FIRST)}
        general += person.next in _unseen(everyone, person.history)
    likeness.close()
    return _result(views, len(tried), own, general)


def in_words(result: Mapping[str, Any]) -> str:
    """The same for people."""
    detail = result["detail"]
    return (
        f"Of {detail['people_tried']:,} people, the next thing stood among the first {FIRST} for"
        f" {result['measured']:.1%} in their own order, and for {result['baseline']:.1%} in everyone's:"
        f" {result['ratio']:.1f} times as often, target {TARGET:.1f}: {'met' if result['met'] else 'not met'}"
    )


def _result(views: Views, tried: int, own: int, general: int) -> dict[str, Any]:
    ratio = own / max(general, 1)
    return {
        "name": "rank",
        "measured": round(own / max(tried, 1), 4),
        "baseline": round(general / max(tried, 1), 4),
        "ratio": round(ratio, 2),
        "target": TARGET,
        "met": tried > 0 and ratio >= TARGET,
        "detail": {
            "unit": f"share of people whose next thing is among the first {FIRST}; baseline: everyone's order",
            "people_tried": tried,
            "people": len(views.people),
            "things": len(views.words),
        },
    }


def _views(last: Mapping[str, Mapping[str, str]], texts: Mapping[str, str]) -> Views:
    people, seen_by = [], Counter[str]()
    for seen in last.values():
        order = sorted(seen, key=lambda name: (seen[name], name), reverse=True)
        history = order[1:] if len(order) > 1 else order
        seen_by.update(history)
        if len(order) > 1:
            people.append(Person(tuple(history), order[0]))
    return Views(people, texts, seen_by)


def _evenly(people: Sequence[Person], most: int) -> Sequence[Person]:
    return people if not 0 < most < len(people) else people[:: -(-len(people) // most)]


def _unseen(order: Sequence[str], history: Sequence[str]) -> list[str]:
    """The first ten of everyone's order that the person has not looked at: both orders are asked the same."""
    seen = set(history)
    return [name for name in order[: FIRST + len(seen)] if name not in seen][:FIRST]
