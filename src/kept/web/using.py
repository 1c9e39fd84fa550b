"""What the console tells of a purpose: what it sees, and its reports, each asked by the door of any question."""

from kept.app.house import House
from kept.app.using import Installation
from kept.base.errors import Refused
from kept.use import Counts, Part
from kept.web.house import NoReport, Seen, SeenPart


def seen_by(house: House, purpose: str) -> Seen | NoReport:
    """The catalogue of a purpose. One that reads no rows has it too: it says why."""
    installation = Installation(house)
    try:
        parts = tuple(map(_part, installation.catalogue(purpose)))
    except Refused as no:
        return refused(no)
    try:
        with installation.use(purpose) as use:
            return _seen(purpose, parts, use.counts())
    except Refused:  # it reads no rows; the catalogue has the clause
        return Seen(purpose, parts, None, ())


def refused(no: Refused) -> NoReport:
    """A refusal for a page: what, the clause, what is possible instead."""
    return NoReport(no.what, clause=no.where, next_step=no.next_step)


def _seen(purpose: str, parts: tuple[SeenPart, ...], counts: Counts) -> Seen:
    missing = tuple((each.why.value, each.rows) for each in counts.missing)
    return Seen(purpose, parts, counts.there, missing)


def _part(part: Part) -> SeenPart:
    why = part.why.value if part.why else ""
    return SeenPart(part.name, part.kind.value, part.seen_as, why, part.clause, part.kept_for)
