"""A small world for the tests of server logs: a policy, a place to import into, and lines to import."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from kept.base.clock import SetClock
from kept.gather.weblog import Intake
from kept.policy import CompiledPolicy, load_policy
from kept.storage.event import StoredEvent
from kept.storage.records import Records

KEY = b"an event key for the tests alone"
NOW = 1_700_000_000_000  # 14 November 2023, 22:13:20 UTC
HOUR = 3_600_000
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
AMERICA, NETHERLANDS, NOWHERE = "8.8.8.8", "193.0.6.139", "192.0.2.77"

POLICY = """
company:
  {name: Example, site: "https://www.example.com", contact: privacy@example.com, country: US, language: en}
version: "1"
in force: 2020-01-01
people:
  visitor: {says: Someone who looks at our pages.}
audiences:
  europe: {lives in: [EEA, GB, CH]}
data:
  technical:
    about: visitor
    category: technical
    from: [tracker, server log]
    identifies: indirectly
    keep: 13 months
    items:
      ip_address: {reduced to: shortened address, keep: 30 days}
      device:
      browser:
      country: {derived from: ip_address}
      referrer: {reduced to: domain}
      campaign:
events:
  usage:
    about: visitor
    category: behaviour
    identifies: indirectly
    keep: 13 months
    items:
      page_view: {from: [SOURCES], with: {path: text}}
purposes:
  protect:
    says: To keep the service safe and find misuse.
    uses: [ip_address, country, page_view]
    basis: legitimate interest
    balance: Safety serves all; addresses are shortened and live 30 days.
    form: pseudonymous
    for: PROTECT
  improve:
    says: To see which parts of the site work.
    uses: [usage.*, device, browser, referrer, campaign, country]
    basis: consent
    form: pseudonymous
    for: IMPROVE
"""
PROTECT, IMPROVE = 1, 2

_CLF = '8.8.8.8 - - [14/Nov/2023:20:00:00 +0000] "GET /jobs HTTP/1.1" 200 512'
_FIELDS = "#Fields: date time c-ip cs-method cs-uri-stem sc-status cs(User-Agent)"
_VALUES = ("2023-11-14", "20:00:00", "8.8.8.8", "GET", "/jobs", "200", "Firefox")
_BALANCED = (
    '2023-11-14T20:00:00.0Z lb 8.8.8.8:2817 10.0.0.1:80 0.0 0.1 0.0 200 200 0 29 "GET http://a.example:80/jobs '
    'HTTP/1.1" "Firefox" - -'
)
FORMS_OF_ONE: dict[str, tuple[str, ...]] = {
    "combined": (f'{_CLF} "-" "Firefox"',),
    "vhost-combined": (f'www.example.com:443 {_CLF} "-" "Firefox"',),
    "common": (_CLF,),
    "vhost-common": (f"www.example.com:443 {_CLF}",),
    "json": (
        '{"time": 1699992000, "remote_addr": "8.8.8.8", "request": "GET /jobs HTTP/1.1", "status": 200}',
    ),
    "caddy": (
        '{"ts": 1699992000.0, "status": 200, "request": {"client_ip": "8.8.8.8", "method": "GET", "uri": "/jobs"}}',
    ),
    "traefik": (f'{_CLF} "-" "Firefox" 17 "web" "http://10.0.0.5:80" 12ms',),
    "traefik-json": (
        '{"StartUTC": "2023-11-14T20:00:00Z", "ClientHost": "8.8.8.8", "RequestMethod": "GET", '
        '"RequestPath": "/jobs", "DownstreamStatus": 200}',
    ),
    "haproxy": (
        "8.8.8.8:33317 [14/Nov/2023:20:00:00.000] in web/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "
        '"GET /jobs HTTP/1.1"',
    ),
    "w3c": (_FIELDS, " ".join(_VALUES)),
    "cloudfront": (f"{_FIELDS} x-edge-location", "\t".join([*_VALUES, "FRA2"])),
    "elb": (_BALANCED,),
    "alb": (f"http {_BALANCED}",),
    "s3": (
        "79a59df9 site [14/Nov/2023:20:00:00 +0000] 8.8.8.8 - 3E57427F3 WEBSITE.GET.OBJECT jobs "
        '"GET /jobs HTTP/1.1" 200 - 113 113 7 6 "-" "Firefox" - s9lz= - ECDHE - www.example.com TLSV1.2 - -',
    ),
}
"""The same request in every form, with the line before it that names its fields, if the form has one."""


def policy(
    sources: str = "tracker, server log",
    protect: str = "{}",
    improve: str = "{}",
) -> CompiledPolicy:
    """The policy above: protecting needs no yes, improving does."""
    text = POLICY.replace("SOURCES", sources).replace("PROTECT", protect).replace("IMPROVE", improve)
    return load_policy(text.replace("    for: {}\n", ""), "policy.yaml")


@dataclass
class World:
    """A place to import into. `journal` holds what was acknowledged."""

    intake: Intake
    clock: SetClock
    journal: list[bytes] = field(default_factory=list)

    @property
    def events(self) -> list[StoredEvent]:
        """What is in the journal, as events."""
        return [msgspec.json.decode(frame, type=StoredEvent) for frame in self.journal]

    @property
    def ids(self) -> list[int]:
        """Their ids, as the lake will keep them: each once, those that came within 48 hours."""
        return sorted({event.event_id for event in self.events})

    def under(self, other: CompiledPolicy) -> Intake:
        """The same place under another policy."""
        return replace(self.intake, policy=other)


def world(folder: Path, rules: CompiledPolicy | None = None) -> World:
    """A new one, with its records in `folder`."""
    return in_workspace(1, Records(folder / "records.db"), rules or policy())


def in_workspace(number: int, records: Records, rules: CompiledPolicy) -> World:
    """A workspace beside others."""
    clock, journal = SetClock(NOW), list[bytes]()
    intake = Intake(
        policy=rules,
        number=3,
        workspace=number,
        event_key=KEY,
        cv=17,
        records=records,
        sink=journal.extend,
        clock=clock,
    )
    return World(intake, clock, journal)


def line(
    target: str = "/jobs",
    *,
    address: str = AMERICA,
    at: str = "14/Nov/2023:20:00:00 +0000",
    method: str = "GET",
    status: int = 200,
    referrer: str = "-",
    agent: str = FIREFOX,
) -> str:
    """A line of a combined log."""
    return f'{address} - - [{at}] "{method} {target} HTTP/1.1" {status} 512 "{referrer}" "{agent}"'


def write(path: Path, lines: Sequence[str | bytes]) -> Path:
    """A log of these lines; compressed when its name says so."""
    data = b"".join((each.encode() if isinstance(each, str) else each) + b"\n" for each in lines)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path
