"""Facts that are told once: of a day that is over, of a key that came into being.

What they tell of may stand elsewhere than the ledger, and whoever tells may be killed at any moment, or be two
at a time. So each is written under a name, in one transaction with that name, and never twice.
"""

from collections.abc import Mapping, Sequence

from kept.ledger import store
from kept.ledger.facts import Fact
from kept.ledger.log import append_all
from kept.storage.records import Records


def tell_once(records: Records, about: str, due: Mapping[str, Sequence[Fact]]) -> int:
    """Write the facts of each name that nothing was told of yet; how many names that were.

    `about` is what the names are names of, such as "refusals of a day".
    """
    with records.read() as connection:
        new = due.keys() - store.names_told(connection, about)
    if not new:
        return 0
    with records.write() as connection:
        mine = [name for name in due if name in new and store.put_told(connection, about, name)]
        append_all(connection, [fact for name in mine for fact in due[name]])
    return len(mine)


def told_of(records: Records, about: str) -> set[str]:
    """The names that something was told of."""
    with records.read() as connection:
        return store.names_told(connection, about)
