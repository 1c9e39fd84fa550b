"""The keys that customers send: derived from the workspace's own, so no table of secrets exists.

A key that has leaked is replaced by the next of its line, `secret key 2`, whose own key is another random number. The
newest stands in the key database, which no backup brings back; what the records say may only let the one before it in
for a while longer. So records that are older than the replacement never open a door again.
"""

from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum
from hmac import compare_digest

from kept.app import store
from kept.base.clock import Clock
from kept.ledger import append, facts
from kept.storage.keys import Keys
from kept.storage.records import Records


class Line(Enum):
    """The kinds of keys; each begins a line of keys that replace one another."""

    WRITE = "write key"
    SECRET = "secret key"  # noqa: S105  its name

    def use(self, site: str, place: int) -> str:
        """The use of the key at a place in the line, from 1; a partner's site has a line of write keys of its own."""
        named = f"{self.value} {site}" if site and self is Line.WRITE else self.value
        return named if place == 1 else f"{named} {place}"  # no partner's name is a number


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """A workspace's two keys. `write` stands in pages and may append events; `secret` stays on a server.

    The old ones were replaced, and are taken at this moment still.
    """

    write: str
    secret: str = field(repr=False)
    old_write: str = ""
    old_secret: str = field(default="", repr=False)

    @property
    def writes(self) -> tuple[str, ...]:
        """Every write key that is taken."""
        return (self.write, self.old_write) if self.old_write else (self.write,)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret key that is taken."""
        return (self.secret, self.old_secret) if self.old_secret else (self.secret,)

    def is_secret(self, given: str) -> bool:
        """Whether `given` is a secret key, in a time that tells nothing of it."""
        return any(compare_digest(given.encode(), secret.encode()) for secret in self.secrets)


@dataclass(frozen=True, slots=True)
class KeyLines:
    """The lines of keys of one workspace, on one site."""

    keys: Keys
    records: Records
    workspace: int
    clock: Clock
    site: str = ""

    def now(self) -> ApiKeys:
        """The keys that are taken at this moment. Cheap: asked several times a second, and by each page."""
        made = [use for workspace, use in self.keys.workspace_keys() if workspace == self.workspace]
        write, old_write = self._taken(Line.WRITE, made)
        secret, old_secret = self._taken(Line.SECRET, made)
        return ApiKeys(write, secret, old_write, old_secret)

    def replace(self, line: Line, overlap_s: int) -> int:
        """Put the next key of a line in the place of the newest, which is taken for `overlap_s` seconds more; the index
        of the ledger's entry. What was before the newest is refused at once."""
        made = [use for workspace, use in self.keys.workspace_keys() if workspace == self.workspace]
        place = _place(line, self.site, made)
        old, new = line.use(self.site, place), line.use(self.site, place + 1)
        self.keys.workspace_key(self.workspace, old)  # the first of a line may not have been asked for yet
        self.keys.workspace_key(self.workspace, new)
        with self.records.write() as connection:
            store.put(connection, self.workspace, old, self.clock.now_ms() + overlap_s * 1_000)
            return append(
                connection,
                facts.KeyReplaced(workspace=self.workspace, use=old.replace(" ", "_"), overlap_s=overlap_s),
            )

    def _taken(self, line: Line, made: Collection[str]) -> tuple[str, str]:
        """The newest key of a line, and the one before it while that is taken."""
        place = _place(line, self.site, made)
        newest = self._text(line, place)
        if place == 1:
            return newest, ""
        with self.records.read() as connection:
            until = store.taken_until(connection, self.workspace).get(line.use(self.site, place - 1), 0)
        return newest, self._text(line, place - 1) if self.clock.now_ms() < until else ""

    def _text(self, line: Line, place: int) -> str:
        key = self.keys.workspace_key(self.workspace, line.use(self.site, place))
        prefix, length = ("wk", 18) if line is Line.WRITE else ("sk", 32)
        return f"{prefix}_{urlsafe_b64encode(key[:length]).decode().rstrip('=')}"


def _place(line: Line, site: str, made: Collection[str]) -> int:
    """The place of the newest key of a line, from 1."""
    place = 1
    while line.use(site, place + 1) in made:
        place += 1
    return place
