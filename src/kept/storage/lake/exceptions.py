"""What a query must not see although its files still hold it: choices above the files' floors."""

from typing import NamedTuple

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kept.base.errors import Damaged
from kept.storage.lake.snapshot import Snapshot
from kept.storage.withdrawals import choice, head


class Hidden(NamedTuple):
    """A person's events gathered knowing less than `seq` are not there for the purpose asked about."""

    subject: int
    seq: int


def exceptions(connection: Connection, snapshot: Snapshot, mask: int) -> list[Hidden]:
    """Per person the greatest choice above the floors that clears a bit of `mask` or drops the events.

    A query shows an event when `mask & bit != 0` and no row here has its subject and a `seq` above its
    `cv`. Call it in one read transaction, after the snapshot was taken. Raises Damaged when the list cannot
    be read or ends before what the files know: a query without it would show what people withdrew.
    """
    try:
        refuse_stale(connection, snapshot)
        clears = or_(choice.c.dropped, choice.c.bits.op("&")(mask) != 0)
        found = connection.execute(
            select(choice.c.subject, func.max(choice.c.seq))
            .where(choice.c.seq > snapshot.low, clears)
            .group_by(choice.c.subject)
        )
        return [Hidden(*row) for row in found]
    except SQLAlchemyError as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise  # they are away, and whoever opened them says so
        raise Damaged(
            "The list of withdrawals cannot be read, so no query is answered.",
            where="records",
            next_step="Look at the records' file; the lake stays closed until its list of choices is back.",
            why="Without it nobody's no would be known.",
        ) from error


def refuse_stale(connection: Connection, snapshot: Snapshot) -> None:
    """Raise Damaged when the choices end before those that the files were made under."""
    if head(connection) < snapshot.greatest:
        raise Damaged(
            "The list of withdrawals is older than the lake.",
            where="records",
            why="Choices that the lake was made under are missing: an old copy was put back.",
            next_step="Restore the newest records, or replay the log of choices.",
        )
