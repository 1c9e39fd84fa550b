"""What is opened on an installation, and with what: the lake, the journal, the people with every Holding."""

from pathlib import Path

from kept.amend import Showings
from kept.app.house import House
from kept.app.people import People
from kept.base.errors import Damaged, InUse
from kept.gather.holding import Events
from kept.gather.profiles import Profiles
from kept.policy import CompiledPolicy
from kept.storage.files import Files
from kept.storage.journal import Journal
from kept.storage.lake import Lake, Snapshot
from kept.storage.lake.entry import decode
from kept.storage.lake.exceptions import refuse_stale
from kept.storage.lake.layout import entry_version
from kept.storage.segments import list_segments
from kept.storage.withdrawals import head
from kept.subject import Bindings, Choices

PUBLIC, IMPORT, FOLLOW = 1, 900, 901
"""Collectors: each process that appends to the journal has a number of its own."""


def open_lake(house: House) -> Lake:
    """The lake, to read."""
    return Lake(house.settings.data)


def open_journal(house: House, collector: int) -> Journal:
    """A collector's journal. Raises `InUse` while another process is that collector, `Damaged` when the records
    end before the choices that the journal names.
    """
    files, folder = Files(), house.settings.data / "journal"
    folder.mkdir(exist_ok=True, mode=0o700)
    files.sync_folder(house.settings.data)
    written = max((segment.head for segment in list_segments(files, folder)), default=0)
    with house.records.read() as connection:
        known = head(connection)
    if known < written:
        raise Damaged(
            "The list of withdrawals is older than the journal.",
            where="records",
            why="Choices that events were gathered under are missing: an old copy was put back.",
            next_step="Restore the newest records; nothing is gathered until then.",
        )
    return Journal(files, folder, collector, known, after=_read_before(house, files, folder, collector))


def _read_before(house: House, files: Files, folder: Path, collector: int) -> int:
    """The segment that the lake has read to, where the folder cannot tell: a number used again would be
    skipped as read. The newest segment is never removed, so an empty folder is a new or a restored one;
    only then is the lake opened, which may load an engine.
    """
    if list_segments(files, folder, collector):
        return 0
    try:
        return open_lake(house).snapshot().cursor(collector)[0]
    except InUse:  # no committer has made the lake yet, so nothing was read
        return 0


def refuse_old_records(house: House) -> None:
    """Raise `Damaged` when the records end before the choices that the lake was made under.

    An old copy was put back then: people's withdrawals are missing in it, so nothing may be gathered or shown.
    It is asked at the start, and needs no engine: whoever reads events asks again, of the version that they read.
    """
    with house.records.read() as connection:
        refuse_stale(connection, _marks(open_lake(house)))


def _marks(lake: Lake) -> Snapshot:
    """What the entries of the log that are left say together. Each names the choices that it was made under.

    Folding the log into a checkpoint leaves the newest entry. One that a power cut has torn is the committer's
    to mend, and says nothing here.
    """
    files, marks = Files(), Snapshot(-1)
    for name in files.names(lake.places.log) if lake.places.log.is_dir() else ():
        change = decode(files.read(lake.places.log / name)) if entry_version(name) is not None else None
        marks = marks if change is None else marks.after(change)
    return marks


def open_people(house: House) -> People:
    """The people, with the Holding of every room that keeps personal data."""

    def policy() -> CompiledPolicy:
        return house.policies.now().policy

    # Identities come last: while an earlier Holding still works, what is left of the person can be found.
    holdings = (
        Events(open_lake(house), house.records, policy),
        Profiles(house.tellings),
        Choices(house.records, policy),
        Showings(house.records, policy, house.policies.versions),
        Bindings(house.records, house.identities),
    )
    return People(house, holdings)
