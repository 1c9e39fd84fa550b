"""The policy file, watched: put in force when it changes and passes its check, else left alone."""

from dataclasses import dataclass
from pathlib import Path

from kept.app.house import House
from kept.base.errors import BadInput, KeptError
from kept.gate import InForce


@dataclass(slots=True)
class PolicyFile:
    """One file, and the state of it that was last tried."""

    path: Path
    tried: str = ""

    def put_in_force(self, house: House) -> InForce:
        """Put it in force, or raise `BadInput` with every problem."""
        self.tried = self._text()
        return house.policies.put_in_force(self.tried, str(self.path))

    def follow(self, house: House) -> InForce | KeptError | None:
        """If the file changed since it was last tried: the version now in force, or why it was not taken."""
        try:
            if self._text() == self.tried:
                return None
            return self.put_in_force(house)
        except KeptError as error:
            return error

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
