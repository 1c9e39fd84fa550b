"""The policy file, watched: put in force when it changes and passes its check, else left alone.

A version of a later day waits: it comes into force by itself when that day begins (UTC), file unchanged.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kept.app.house import House
from kept.base.errors import BadInput, KeptError
from kept.gate import InForce, NotYet
from kept.policy.times import still_to_come


@dataclass(slots=True)
class PolicyFile:
    """One file, and the state of it that was last tried."""

    path: Path
    tried: str = ""
    waits_for: date | None = None
    """The day of the version that was last tried, while it has not come."""

    def put_in_force(self, house: House) -> InForce:
        """Put it in force, or raise `BadInput` with every problem, `NotYet` while its day has not come."""
        self.tried, self.waits_for = self._text(), None
        try:
            return house.policies.put_in_force(self.tried, str(self.path))
        except NotYet as early:
            self.waits_for = early.day
            raise

    def start(self, house: House) -> InForce | NotYet:
        """As `put_in_force`; but a version that waits keeps nothing from starting under the one in force."""
        try:
            return self.put_in_force(house)
        except NotYet as early:
            if not house.policies.number():
                raise
            return early

    def follow(self, house: House) -> InForce | KeptError | None:
        """If the file changed since it was last tried, or its day has come: the version now in force, or why it
        was not taken."""
        try:
            if self._text() == self.tried and not self._has_come(house):
                return None
            return self.put_in_force(house)
        except KeptError as error:
            return error

    def _has_come(self, house: House) -> bool:
        waits_for = self.waits_for
        return waits_for is not None and not still_to_come(waits_for.isoformat(), house.clock.now_ms())

    def _text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(
                "the policy file cannot be read",
                where=str(self.path),
                why=error.strerror or "" if isinstance(error, OSError) else "It is not UTF-8 text.",
                next_step="`kept init` writes one to start from.",
            ) from error
