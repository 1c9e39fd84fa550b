"""The committer's process: journal to lake, deletions to their end, the ledger signed."""

import logging
import os
import signal
import threading
import time

from sqlalchemy.exc import OperationalError

from kept.app.house import House
from kept.app.opening import open_people
from kept.app.people import People
from kept.base.errors import KeptError
from kept.base.settings import Settings
from kept.ledger import checkpoint, latest_checkpoint, size
from kept.storage.committer.run import Cadence, run

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.3
SIGN_SECONDS = 60.0
"""How often new facts are brought under a signed checkpoint, if there are any."""


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
    """Beside the committer: carry on deletions, sign the ledger, and stop when the parent has died."""
    people, parent, signed = open_people(house), os.getppid(), 0.0
    while not stop.wait(LOOK_SECONDS):
        if os.getppid() != parent:  # whoever started us has died without a word
            stop.set()
        _carry_on_each(people)
        if time.monotonic() - signed > SIGN_SECONDS:
            sign_ledger(house)
            signed = time.monotonic()


def _carry_on_each(people: People) -> None:
    for number in people.deletions.open():
        try:
            people.deletions.carry_on(number)
        except (KeptError, OperationalError) as error:
            if not getattr(error, "retry", True):
                log.error("deletion: %s", error)


def sign_ledger(house: House) -> None:
    """Bring every fact under a signed checkpoint."""
    public = house.keys.signing_key().public_key().public_bytes_raw()
    with house.records.write() as connection:
        newest = latest_checkpoint(connection, public)
        if size(connection) > (newest.size if newest else 0):
            checkpoint(connection, house.keys)
