"""The committer's process: journal to lake, deletions to their end, the ledger signed.

With nothing to do it lies down: it begins anew without the engine, and loads it when something comes. Deletions, the
ledger and its vital signs go on meanwhile; they need none.
"""

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from sqlalchemy.exc import OperationalError

from kept.app.evidence import tell
from kept.app.house import House
from kept.app.opening import open_lake, open_people
from kept.app.people import People
from kept.app.processes import watched
from kept.app.quiet import KEEP_HOUSE_SECONDS, Quiet, Rest
from kept.app.resting import begin_anew, carried_over, is_laden
from kept.app.vitals import Figures, Vitals
from kept.base.errors import KeptError
from kept.base.settings import Settings
from kept.gather.profiles import Expiring
from kept.gather.weblog.forgetting import Forgetting
from kept.ledger import checkpoint, latest_checkpoint, size
from kept.storage.committer.run import Cadence, run
from kept.storage.lookup import known_ids

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.3
EXPIRE_SECONDS = 5.0
"""How often values are looked for that are past their time."""
SIGN_SECONDS = 60.0
"""How often what is due is put on record, and new facts are brought under a signed checkpoint."""


def run_committer(settings: Settings) -> None:
    """Be the committer until told to stop, or until it is time to rest: then begin anew."""
    house = House.open_existing(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    ended = threading.Event()
    beside = threading.Thread(target=_carry_on, args=(house, stop, ended), name="deletions")
    beside.start()
    try:
        rest = _until_rest(house, carried_over(Rest), stop)
    finally:
        ended.set()
        beside.join()
        house.close()
    if rest is not None and not stop.is_set():
        begin_anew(rest)


def _until_rest(house: House, lying: Rest | None, stop: threading.Event) -> Rest | None:
    """Wait for work if it lies at rest, do all there is, and return as it lies down; None when told to stop."""
    quiet = Quiet(house, open_lake(house))
    cadence = Cadence(tick=house.settings.flush_seconds)
    house_kept, due = time.monotonic(), None
    if lying is not None:
        while not stop.wait(LOOK_SECONDS) and not quiet.wakes(lying):
            pass
        house_kept, due = lying.house_kept, lying.keep_house_at
        if due is not None and time.monotonic() > due:  # everything that waits is old enough
            cadence, house_kept, due = (
                replace(cadence, hot_age=0.0, exceptions_age=0.0),
                time.monotonic(),
                None,
            )
    before = quiet.head()
    _work(house, quiet, cadence, stop)
    if stop.is_set():
        return None
    mark, head = quiet.mark(), quiet.head()
    changed = lying is None or lying.journal != mark or head != before or head != lying.head
    if due is None and changed:
        due = max(time.monotonic() + LOOK_SECONDS, house_kept + KEEP_HOUSE_SECONDS)
    return Rest(mark, head, due, house_kept)


def _work(house: House, quiet: Quiet, cadence: Cadence, stop: threading.Event) -> None:
    """Commit until told to stop, or until there has been nothing to do for long enough to lie down."""
    pause, limit = threading.Event(), house.settings.rest_seconds

    def look() -> None:
        try:
            while not stop.wait(LOOK_SECONDS) and not pause.is_set():
                with _tried_again("looking for work"):
                    if quiet.seconds() > limit and is_laden():
                        return
        finally:
            pause.set()

    looking = threading.Thread(target=look, name="quiet")
    looking.start()
    try:
        run(house.settings.data, house.records, pause, cadence)
    finally:
        pause.set()
        looking.join()


def carry_on_once(settings: Settings) -> None:
    """Without a running installation: be the committer until no deletion can be carried further."""
    from kept.storage.committer import Committer

    house = House.open_existing(settings)
    try:
        people = open_people(house)
        with Committer(settings.data, house.records) as committer:
            _carry_on_each(people)  # puts in hand what no hold keeps
            committer.flush_all()
            committer.erase_pending()
        people.carry_on_all()
    finally:
        house.close()


def _carry_on(house: House, stop: threading.Event, ended: threading.Event) -> None:
    """Beside the committer: carry on deletions, sign the ledger, and stop when the watcher has died.

    When this fails for good the committer stops too, to be started anew: else deletions would wait unseen.
    """
    try:
        people, is_watched, signed, expired = open_people(house), watched(), 0.0, 0.0
        expiring = Expiring(house.records)
        forgetting = Forgetting(house.records, partial(known_ids, open_lake(house)))
        vitals = Vitals(
            house.settings.data, "committer", partial(_figures, people, Quiet(house, open_lake(house)))
        )
        while not ended.wait(LOOK_SECONDS):
            if not is_watched():
                stop.set()
            with _tried_again("vital signs"):
                vitals.tell()
            with _tried_again("deletions"):
                _carry_on_each(people)
            if time.monotonic() - expired > EXPIRE_SECONDS:
                expired = time.monotonic()
                with _tried_again("expiry"):
                    _expire(house, expiring)
            if time.monotonic() - signed > SIGN_SECONDS:
                signed = time.monotonic()
                with _tried_again("putting on record"):
                    tell(house)
                with _tried_again("forgetting imports"):
                    forgetting.step(house.policies.now().policy, house.clock.now_ms())
                with _tried_again("signing the ledger"):
                    sign_ledger(house)
    except BaseException:
        stop.set()
        raise


def _expire(house: House, expiring: Expiring) -> None:
    in_force = house.policies.now()
    expiring.step(in_force.policy, in_force.number, house.clock.now_ms())


def _figures(people: People, quiet: Quiet) -> Figures:
    """What the committer says of itself. At rest nothing waits, and no engine is loaded to find that out."""
    backlog = quiet.backlog() if is_laden() else 0
    return {
        "kept_journal_backlog_bytes": {"": float(backlog)},
        "kept_committer_lag_seconds": {"": quiet.lag(backlog)},
        "kept_lake_age_seconds": {"": quiet.lake_age()},
        "kept_erasures_open": {"": float(len(people.deletions.open()))},
    }


def _carry_on_each(people: People) -> None:
    for number in people.deletions.open():
        with _tried_again("deletion"):
            people.deletions.carry_on(number)


@contextmanager
def _tried_again(what: str) -> Iterator[None]:
    """What fails inside is tried again in the next round. It is told unless it is known to pass."""
    try:
        yield
    except KeptError as error:
        if not error.retry:
            log.error("%s: %s", what, error)
    except OperationalError as error:
        log.warning("%s: %s", what, error.orig)  # SQLite's own words; the statement stays unsaid


def sign_ledger(house: House) -> None:
    """Bring every fact under a signed checkpoint."""
    public = house.keys.signing_key().public_key().public_bytes_raw()
    with house.records.write() as connection:
        newest = latest_checkpoint(connection, public)
        if size(connection) > (newest.size if newest else 0):
            checkpoint(connection, house.keys)
