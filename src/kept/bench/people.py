"""An invented site's events, seeded: as many people as asked, 90 days, written as a compacted lake is.

Nothing in it is about anybody. What is true to life, because speed depends on it: a few people do most of
the visiting, a few pages get most of the views, visits come in sessions, Sundays are quiet, newcomers leave,
choice numbers (`cv`) rise with time, and part of the people refused part of the purposes. Files are sorted by
workspace, subject and time, in leaves by the low bits of the subject, by month and by frequent mask, with one
unsorted file of what arrived since the last compaction.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING

from kept.storage.lake import LakeFile
from kept.storage.lake.layout import HOT, ORDER, ROW_GROUP, file_name
from kept.storage.lake.leaves import ROOT, leaf_sql, leaves
from kept.storage.lake.masks import frequent

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FIRST_MS = 1_767_225_600_000
"""2026-01-01 in UTC: January to March are 90 days."""
DAYS = 90
DAY_MS = 86_400_000
COMPACTED_DAYS = 89.5
"""The last half day has not been compacted yet."""
MONTHS = (0, 31, 59, 90)
"""First day of each month, and the end."""

FREE, ASKED, REFUSED_BY_SOME = 0, 1, 2
"""Bits of purposes: nobody is asked; three of five said yes; nineteen of twenty did not say no. The second uses
neither tools nor links, so that masks differ from event to event."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """How much to invent. One event in `events` is written a row; `changed` people withdrew since compaction."""

    events: int = 20_000_000
    people: int = 200_000
    levels: int = 5  # the tree of leaves: 32 of them
    changed: int = 2_000
    seed: int = 7

    @property
    def floor(self) -> int:
        """Choices worked in by the compaction: everybody chose once."""
        return self.people

    @property
    def splits(self) -> frozenset[str]:
        """The prefixes that were split."""
        bits = (bits for level in range(self.levels) for bits in product("01", repeat=level))
        return frozenset(ROOT + "".join(each) for each in bits)


@dataclass(frozen=True, slots=True)
class Lake:
    """What was written: the files, sorted by name, and the withdrawals (subject, seq) above their floor."""

    files: tuple[LakeFile, ...]
    exceptions: tuple[tuple[int, int], ...]


def write_lake(folder: Path, crowd: Crowd) -> Lake:
    """Invent and write. Equal crowds give equal rows under one version of DuckDB, whose `hash` is the dice."""

    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"threads": 2, "memory_limit": "4GB"}) as connection:
        connection.execute(_people(crowd))
        files = [
            file for leaf in leaves(crowd.splits) for file in _write_leaf(connection, folder, crowd, leaf)
        ]
        files.append(_join_hot(connection, folder))
        exceptions = connection.execute(_changed(crowd)).fetchall()
    return Lake(tuple(files), tuple((int(subject), int(seq)) for subject, seq in exceptions))


def _dice(crowd: Crowd, name: str, *parts: str) -> str:
    """SQL for a number of [0, 1) that depends on the seed, a name and columns alone."""
    return f"({_hash(crowd, name, *parts)} / 18446744073709551616.0)"


def _hash(crowd: Crowd, name: str, *parts: str) -> str:
    """SQL for 64 bits. Hashed twice: DuckDB joins the hashes of several values by exclusive or, so that after
    one round two names would give dice that fall together."""
    salt = int.from_bytes(hashlib.blake2b(f"{crowd.seed} {name}".encode(), digest_size=8).digest(), "big")
    return f"hash(xor(hash({', '.join(parts)}), {salt}::ubigint))"


def _id(crowd: Crowd, name: str, *parts: str) -> str:
    return f"({_hash(crowd, name, *parts)} & 9223372036854775807)::bigint"


def _people(crowd: Crowd) -> str:
    """One row a person: pseudonym, how many events (a long tail), when they came and stayed, what they use."""

    def dice(name: str) -> str:
        return _dice(crowd, name, "i")

    return f"""
    create table person as
    with drawn as (
        select i,
            {_id(crowd, "subject", "i")} as subject,
            exp(1.3 * sqrt(-2 * ln(1 - {dice("a")})) * cos(6.283185307 * {dice("b")})) as weight,
            case when {dice("new")} < 0.3 then 0 else {dice("first")} * {DAYS - 1} end as first_day,
            {dice("stay")} as stay,
            ['desktop', 'mobile', 'tablet'][1 + ({dice("device")} ** 1.6 * 3)::int % 3] as device,
            ['Chrome', 'Safari', 'Firefox', 'Edge', 'Samsung Internet'][1 + floor({dice("browser")} ** 2 * 5)::int]
                as browser,
            ['US', 'GB', 'DE', 'FR', 'IN', 'CA', 'NL', 'BR', 'ES', 'NO'][1 + floor({dice("country")} ** 2.5 * 10)::int]
                as country,
            1 + 2 * ({dice("asked")} < 0.6)::int + 4 * ({dice("refused")} < 0.95)::int as mask
        from range({crowd.people}) t(i)
    )
    select *, greatest(1, round(weight / sum(weight) over () * {crowd.events}))::bigint as events,
        greatest(0.2, ({DAYS} - first_day) * (0.05 + 0.95 * stay)) as days
    from drawn
    """  # noqa: S608  numbers and names of our own, here and below


def _write_leaf(
    connection: "DuckDBPyConnection", folder: Path, crowd: Crowd, leaf: str
) -> Iterator[LakeFile]:
    """A leaf's files, by month and mask; what is not compacted yet is left beside them, in parts."""
    connection.execute(_events(crowd, leaf))
    compacted = FIRST_MS + int(COMPACTED_DAYS * DAY_MS)
    for month, (start, end) in enumerate(pairwise(MONTHS), start=1):
        low, high = FIRST_MS + start * DAY_MS, min(FIRST_MS + end * DAY_MS, compacted)
        for mask, which in _by_mask(connection, f"ts >= {low} and ts < {high}"):
            rows = f"event where {which} order by {ORDER}"
            yield _write(connection, rows, folder, leaf, f"2026-{month:02}", mask)
    connection.execute(
        f"copy (from event where ts >= {compacted}) to '{folder}/{leaf}.part' (format parquet)"
    )


def _by_mask(connection: "DuckDBPyConnection", month: str) -> Iterator[tuple[int | None, str]]:
    """The conditions of a month's files, as a compaction divides it (`storage.lake.masks`)."""
    counted = connection.execute(f"select mask, count(*) from event where {month} group by mask").fetchall()  # noqa: S608  as above
    own = frequent(dict(counted))
    yield from ((mask, f"{month} and mask = {mask}") for mask in own)
    if rest := sorted({mask for mask, _ in counted} - set(own)):
        yield None, f"{month} and mask in ({', '.join(map(str, rest))})"


def _write(
    connection: "DuckDBPyConnection", rows: str, folder: Path, leaf: str, period: str, mask: int | None = None
) -> LakeFile:
    name = file_name(1, hashlib.blake2b(f"{leaf} {period} {mask}".encode(), digest_size=16).hexdigest())
    options = f"format parquet, compression zstd, row_group_size {ROW_GROUP}"
    written = connection.execute(f"copy (from {rows}) to '{folder / name}' ({options})").fetchall()
    return LakeFile(name, leaf, period, int(written[0][0]), (folder / name).stat().st_size, mask)


def _events(crowd: Crowd, leaf: str) -> str:
    """One leaf's events. Every eight or so of a person's events share a session of some minutes."""

    def of_event(name: str) -> str:
        return _dice(crowd, name, "subject", "n")

    def of_session(name: str) -> str:
        return _dice(crowd, name, "subject", "n // 8")

    return f"""
    create or replace table event as
    with counted as (
        select *, unnest(range(events)) as n from person where {leaf_sql(crowd.splits)} = '{leaf}'
    ),
    dated as (
        select *, floor(first_day + {of_session("day")} * days) as whole_day from counted
    ),
    timed as (
        select *, {FIRST_MS} + {DAY_MS} * (
            least(whole_day - (whole_day % 7 = 3 and {of_session("sunday")} < 0.5)::int, {DAYS - 1})
            + 0.25 + 0.7 * {of_session("hour")}
        )::double + (n % 8) * 40000 + floor({of_event("pause")} * 39000) as moment
        from dated
    ),
    named as (
        select *, greatest(moment, {FIRST_MS})::bigint as ts, {of_event("name")} as kind,
            floor(3000 ** {of_event("page")})::int as page_number, floor(9000 ** {of_event("job")})::int as job
        from timed
    )
    select 1 as workspace, subject, least(ts, {FIRST_MS + DAYS * DAY_MS - 1}) as ts,
        {_id(crowd, "event", "subject", "n")} as event_id,
        case when kind < 0.62 then 'page_view' when kind < 0.85 then 'job_view' when kind < 0.95 then 'job_search'
            when kind < 0.985 then 'tool_used' else 'link_followed' end as name,
        case when kind < 0.62 then '/page/' || page_number when kind < 0.85 then '/job/' || job
            else '/search' end as page,
        case when kind < 0.62 then null when kind < 0.85 then '{{"job":"' || job || '"}}'
            when kind < 0.95 then '{{"place":"place ' || (job % 400) || '"}}'
            when kind < 0.985 then '{{"tool":"tool ' || (job % 12) || '"}}' else null end as properties,
        {_id(crowd, "session", "subject", "n // 8")} as session,
        'tracker' as source, device, browser, country,
        case when n % 8 = 0 and {of_session("referrer")} < 0.5 then
            ['search.example', 'social.example', 'news.example', 'jobs.partner.example']
            [1 + floor({of_session("referrer")} * 8)::int] end as referrer,
        case when n % 8 = 0 and {of_session("campaign")} < 0.1 then 'spring' end as campaign,
        null::varchar as address, {_dice(crowd, "crawler", "subject")} < 0.01 as crawler, 1 as policy,
        (case when kind < 0.95 then mask else mask & ~{1 << ASKED} end)::bigint as mask,
        least({crowd.floor}, 1 + floor((ts - {FIRST_MS}) / {COMPACTED_DAYS * DAY_MS} * {crowd.floor}))::bigint as cv
    from named
    """  # noqa: S608  as above


def _join_hot(connection: "DuckDBPyConnection", folder: Path) -> LakeFile:
    """What arrived since the compaction stands in one file, in the order of arrival."""
    parts = f"read_parquet('{folder}/*.part') order by ts, event_id"
    file = _write(connection, parts, folder, HOT, HOT)
    for part in folder.glob("*.part"):
        part.unlink()
    return file


def _changed(crowd: Crowd) -> str:
    """People who withdrew since the compaction, in the order of their withdrawals."""
    order = _hash(crowd, "order", "i")
    return f"""
    select subject, {crowd.floor} + row_number() over (order by {order}) as seq
    from person order by {order} limit {crowd.changed}
    """  # noqa: S608  as above
