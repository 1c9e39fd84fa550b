"""What the site is told at its start. Read once, then frozen; a bad value stops the start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
REAL_VIEWS = (
    HERE.parents[1].parent / "shared" / "data" / "job_views.csv"
)  # beside the checkout, where it is at hand


class BadSetting(ValueError):
    """A setting that cannot be used; the message names it and says what would be right."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`kept_url` is where Kept listens; the keys may be empty, and then the site asks nothing of Kept."""

    kept_url: str = "http://127.0.0.1:8600"
    write_key: str = ""
    secret_key: str = field(default="", repr=False)
    folder: Path = HERE / "data"
    job_views: Path = REAL_VIEWS
    port: int = 8700


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment: KEPT_URL, KEPT_WRITE_KEY, KEPT_SECRET_KEY (or *_FILE), SITE_DATA,
    SITE_JOB_VIEWS, SITE_PORT."""
    plain = Settings()
    return Settings(
        kept_url=_address(environ.get("KEPT_URL", plain.kept_url)),
        write_key=_key(environ, "KEPT_WRITE_KEY", "wk_"),
        secret_key=_key(environ, "KEPT_SECRET_KEY", "sk_"),
        folder=Path(environ.get("SITE_DATA", plain.folder)),
        job_views=Path(environ.get("SITE_JOB_VIEWS", plain.job_views)),
        port=_port(environ.get("SITE_PORT", str(plain.port))),
    )


def known_settings(program: str) -> Settings:
    """Settings from the environment, or the end of the program with one line that says what is wrong."""
    try:
        return read_settings()
    except (BadSetting, OSError) as error:
        raise SystemExit(f"{program}: {error}") from None


def _key(environ: Mapping[str, str], name: str, prefix: str) -> str:
    """A key, or what the file holds that NAME_FILE names. The prefix keeps the secret key out of pages."""
    from_file = environ.get(f"{name}_FILE", "")
    value = Path(from_file).read_text().strip() if from_file else environ.get(name, "").strip()
    if value and not value.startswith(prefix):
        raise BadSetting(f"{name} must be a key that starts with {prefix}")
    return value


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme != "http" or not parts.hostname or parts.query or parts.fragment:
        raise BadSetting("KEPT_URL must be an address such as http://127.0.0.1:8600")
    return value.rstrip("/")


def _port(value: str) -> int:
    if not value.isdecimal() or int(value) > 65535:
        raise BadSetting("SITE_PORT must be a number from 0 to 65535")
    return int(value)
