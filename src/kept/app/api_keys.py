"""The keys that customers send: derived from the workspace's own, so no table of secrets exists."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hmac import compare_digest

from kept.storage.keys import Keys


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """A workspace's two keys. `write` stands in pages and may append events; `secret` stays on a server."""

    write: str
    secret: str = field(repr=False)

    def is_secret(self, given: str) -> bool:
        """Whether `given` is the secret key, in a time that tells nothing of it."""
        return compare_digest(given.encode(), self.secret.encode())


def api_keys(keys: Keys, workspace: int, site: str = "") -> ApiKeys:
    """The keys of a workspace; the write key of a partner's site is its own."""
    use = f"write key {site}" if site else "write key"
    return ApiKeys(
        write=_text("wk", keys.workspace_key(workspace, use), 18),
        secret=_text("sk", keys.workspace_key(workspace, "secret key"), 32),
    )


def _text(prefix: str, key: bytes, length: int) -> str:
    return f"{prefix}_{urlsafe_b64encode(key[:length]).decode().rstrip('=')}"
