"""The policy file, watched: whether it is time to put it in force anew. Whoever watches opens no house for that.

A version of a later day waits: it comes into force by itself when that day begins (UTC), file unchanged.
"""

from dataclasses import dataclass
from pathlib import Path

from kept.base.errors import BadInput

DAY_MS = 86_400_000
AGAIN_MS = 5_000
WAITS = 8
"""What a process that tries the file ends with when its day has not come."""


@dataclass(slots=True)
class PolicyFile:
    """One file, the state of it that was last tried, and the day (since 1970, UTC) from which it waits, if it does.

    Where a try failed for what may pass, such as a database that is away, it is due again after `AGAIN_MS`.
    """

    path: Path
    tried: str = ""
    waits_since: int | None = None
    again_at: int | None = None

    def is_due(self, now_ms: int) -> bool:
        """Whether the file changed since it was last tried, or it waits and a day has begun since."""
        if self.again_at is not None:
            return now_ms >= self.again_at
        waits_longer = self.waits_since is not None and now_ms // DAY_MS > self.waits_since
        try:
            return waits_longer or read_file(self.path) != self.tried
        except BadInput:
            return bool(self.tried)

    def note(self, text: str, now_ms: int, *, waits: bool, passes: bool = False) -> None:
        """What it read when it was tried, whether it now waits for its day, and whether what failed may pass."""
        self.again_at = now_ms + AGAIN_MS if passes else None
        self.tried, self.waits_since = text, now_ms // DAY_MS if waits else None


def read_file(path: Path) -> str:
    """The policy's text. Raises `BadInput` where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            "the policy file cannot be read",
            where=str(path),
            why=error.strerror or "" if isinstance(error, OSError) else "It is not UTF-8 text.",
            next_step="`kept init` writes one to start from.",
        ) from error
