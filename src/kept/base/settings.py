"""Settings: read once at start from the environment, then frozen. A bad value stops the start.

The policy file is not a setting: it is versioned and published.
"""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from kept.base.errors import BadInput
from kept.base.logs import FORMS

MOST_COLLECTORS = 64
"""More than a machine has use for: each is a process of its own."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where an installation lives and what it listens on. Each field is `KEPT_<NAME>` in the environment."""

    data: Path = Path("kept-data")
    """The data folder."""
    records: str = ""
    """Where the records are: the URL of a PostgreSQL database, or file: and the file that holds it. Left out, they
    are in the data folder."""
    policy: Path = Path("policy.yaml")
    """The policy file that `kept up` puts in force when it has changed and passes its check."""
    master_key: Path = Path("kept-master.key")
    """The file that wraps all keys. Keep it apart from the data: without it the data is lost."""
    public_host: str = "127.0.0.1"
    """Address of the public interface, to which the company's own site forwards a path."""
    public_port: int = 8600
    console_port: int = 8601
    """The console listens on loopback only."""
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Proxies whose X-Forwarded-For is believed."""
    rate_per_key: int = 5_000
    """Requests a second that one write key, or the site's server, may send, with a burst of ten seconds' worth."""
    rate_per_address: int = 50
    """Requests a second from one shortened address, with a burst of ten seconds' worth."""
    collectors: int = 1
    """How many processes take in events at the public port; each counts rates for itself."""
    flush_seconds: float = 1.0
    """How often the committer looks for events to move from the journal to the lake."""
    workspace: int = 1
    """The workspace that keys and the policy belong to."""
    follow: tuple[str, ...] = ()
    """Server logs that `kept up` follows, by commas."""
    log: str = "text"
    """How processes say what they have to say on standard error: text, or json, an object a line."""
    metrics_port: int = 0
    """A port of loopback for `/-/health`, `/-/ready` and `/-/metrics` alone; 0: they stand on the console's."""
    rest_seconds: float = 30.0
    """After so long without work, a process that has loaded an engine gives its memory back."""


def read_settings(environment: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """Settings from `given` (command-line options that are not None), then the environment, then defaults.

    Raises `BadInput` with the variable's name when a value cannot be read.
    """
    values: dict[str, Any] = {}
    for field in fields(Settings):
        name = f"KEPT_{field.name.upper()}"
        if given.get(field.name) is not None:
            values[field.name] = given[field.name]
        elif name in environment:
            values[field.name] = _read(name, environment[name], _READERS[field.name])
    return Settings(**values)


def _read(name: str, text: str, reader: Callable[[str], Any]) -> Any:
    try:
        return reader(text)
    except ValueError as error:
        raise BadInput(
            f"the setting cannot be read: {error}",
            where=name,
            next_step="Correct it and start again.",
            why=f"It reads {text!r}.",
        ) from error


def _whole(text: str, least: int, most: int, says: str) -> int:
    """A whole number as people write it; else ValueError with these words."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 19 and least <= int(digits) <= most):
        raise ValueError(says)
    return int(digits)


def _port(text: str) -> int:
    return _whole(text, 1, 65_535, "a port is a whole number from 1 to 65535")


def _port_or_none(text: str) -> int:
    return 0 if text == "0" else _port(text)


def _log(text: str) -> str:
    if text not in FORMS:
        raise ValueError(f"it must be one of {', '.join(FORMS)}")
    return text


def _positive_number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:  # neither is what is not a number
        raise ValueError("it must be a number of more than 0, and an end must be in sight")
    return number


def _positive(text: str) -> int:
    # half a workspace would be number 0, where canaries live
    return _whole(text, 1, 2**31 - 1, "it must be a whole number, 1 or more")


def _collectors(text: str) -> int:
    return _whole(text, 1, MOST_COLLECTORS, f"it must be a whole number from 1 to {MOST_COLLECTORS}")


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


_READERS: Mapping[str, Callable[[str], Any]] = {
    "data": Path,
    "records": str,  # read when it is opened: an error here would show it, and it may hold a password
    "policy": Path,
    "master_key": Path,
    "public_host": str,
    "public_port": _port,
    "console_port": _port,
    "trusted_proxies": _addresses,
    "rate_per_key": _positive,
    "rate_per_address": _positive,
    "collectors": _collectors,
    "flush_seconds": _positive_number,
    "workspace": _positive,
    "follow": _addresses,
    "log": _log,
    "metrics_port": _port_or_none,
    "rest_seconds": _positive_number,
}


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as processes that are started read them."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {
        f"KEPT_{name.upper()}": ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in values.items()
    }
