"""The committer's process: journal to lake, deletions to their end, the ledger signed."""

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy.exc import OperationalError

from kept.app.evidence import tell
from kept.app.house import House
from kept.app.opening import open_lake, open_people
from kept.app.people import People
from kept.app.processes import watched
from kept.base.errors import KeptError
from kept.base.settings import Settings
from kept.gather.weblog.forgetting import Forgetting
from kept.ledger import checkpoint, latest_checkpoint, size
from kept.storage.committer.run import Cadence, run
from kept.storage.lookup import known_ids

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.3
SIGN_SECONDS = 60.0
"""How often what is due is put on record, and new facts are brought under a signed checkpoint."""


def run_committer(settings: Settings) -> None:
    """Be the committer until told to stop."""
    house = House.open_existing(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    beside = threading.Thread(target=_carry_on, args=(house, stop), name="deletions")
    beside.start()
    try:
        run(settings.data, house.records, stop, Cadence(tick=settings.flush_seconds))
    finally:
        stop.set()
        beside.join()
        house.close()


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


def _carry_on(house: House, stop: threading.Event) -> None:
    """Beside the committer: carry on deletions, sign the ledger, and stop when the watcher has died.

    When this fails for good the committer stops too, to be started anew: else deletions would wait unseen.
    """
    try:
        people, is_watched, signed = open_people(house), watched(), 0.0
        forgetting = Forgetting(house.records, partial(known_ids, open_lake(house)))
        while not stop.wait(LOOK_SECONDS):
            if not is_watched():
                stop.set()
            with _tried_again("deletions"):
                _carry_on_each(people)
            if time.monotonic() - signed > SIGN_SECONDS:
                signed = time.monotonic()
                with _tried_again("putting on record"):
                    tell(house)
                with _tried_again("forgetting imports"):
                    forgetting.step(house.policies.now().policy, house.clock.now_ms())
                with _tried_again("signing the ledger"):
                    sign_ledger(house)
    finally:
        stop.set()


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
