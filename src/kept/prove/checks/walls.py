"""U1, seen from the rows that nobody may see: they change no answer, and no statement fails by them.

A query worker like that of any purpose is opened on an invented table, of which one row may be seen and one may
not. It holds what no row of a canary could: a time beyond the years that some functions know.
"""

from collections.abc import Iterable

from kept.storage.query import Open, QueryWorker, Refused, Rows

SEEN, HIDDEN = 1, 2
BEYOND_MS = 9_223_372_036_854_775
"""As a time, this is in the year 294247; nanoseconds of 64 bits end in 2262."""

_TABLE = Open(
    files=[],
    lists={"stored": {"subject": [SEEN, HIDDEN], "ts": [0, BEYOND_MS]}, "hidden": {"subject": [HIDDEN]}},
    views=[
        ("permitted", "select * from stored where not (subject in (select subject from hidden))"),
        ("events", "select subject as person, make_timestamp_ms(ts) as time from permitted"),
    ],
    public={"events": ["person", "time"]},
)
_FAILS_ON_HIDDEN = f"'a' like (case when person = {HIDDEN} then 'a!' else 'a' end) escape '!'"
STATEMENTS = {
    "a condition fails on a hidden row": f"select person from events where {_FAILS_ON_HIDDEN}",  # noqa: S608  our own
    "a hidden row's time lets a statement fail before it runs": "select person from events where epoch_ns(time) = 0",
}


def through_the_wall() -> Iterable[str]:
    """What tells of the row that may not be seen."""
    with QueryWorker() as worker:
        ready = worker.open(_TABLE)
        if isinstance(ready, Refused):
            yield f"a query worker does not open: {ready}"
            return
        for what, sql in STATEMENTS.items():
            answer = worker.ask(sql)
            if not isinstance(answer, Rows) or answer.rows != [(SEEN,)]:
                yield what
