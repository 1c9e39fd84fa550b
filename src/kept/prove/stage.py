"""The stage on which canaries act: the living installation as the checks see it.

Nothing here acts by itself. The rooms above hand over, as plain functions, what no lower room may import.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from kept.base.clock import Clock
from kept.gate import InForce, Policies
from kept.ledger import EVIDENCE
from kept.policy import Answer, CompiledPolicy
from kept.prove.browser import Browser
from kept.prove.waiting import until
from kept.prove.words import number_of, word
from kept.storage.keys import Keys
from kept.storage.lake import Lake, exceptions
from kept.storage.records import Records
from kept.storage.search import Row, found_in, rows_in, traces_in
from kept.subject import Identities, Person, Voice

GERMANY, AMERICA = "DE", "US"
PLACES = {GERMANY: "84.128", AMERICA: "128.103"}
"""The first half of networks that have been in one country for decades: Deutsche Telekom, Harvard."""
GERMANY_6 = "2003:c0:7f00"
"""The first 48 bits of such a network of IPv6."""
SLACK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Refused:
    """A no: the code of its reason, and the clause or message that came with it."""

    reason: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer to a question in SQL."""

    columns: Sequence[str]
    rows: Sequence[Mapping[str, object]]


class Doors(Protocol):
    """What the rooms above hand over."""

    def ask(self, purpose: str, sql: str, *, canaries: bool = True) -> Seen | Refused:
        """What free SQL under a purpose sees in the canaries' workspace, or in the company's own."""
        ...

    def used(self, purpose: str, page: str) -> tuple[int, int] | Refused:
        """How often a page of the canaries' was looked at lately, and by how many people, in a purpose's report."""
        ...

    def missing(self, purpose: str) -> Mapping[str, int | None] | Refused:
        """How many rows of the canaries' workspace a purpose is said to miss, by reason; None: not told."""
        ...

    def import_log(self, path: Path) -> int | Refused:
        """Import a server log into the canaries' workspace; how many lines were kept."""
        ...

    def sign(self, account: str, secret: str = "") -> str:
        """A token by which the site names an account, or one that someone else made with another secret."""
        ...

    def begin(self, person: Person, then: Callable[[], None] = lambda: None) -> int | Refused:
        """Plan a deletion, let something happen, then begin what was planned; only hide, and go no further."""
        ...

    def partner_key(self, name: str) -> str:
        """The write key of the canaries on a partner's site."""
        ...

    def partner_subject(self, name: str, visitor: str) -> int:
        """The pseudonym of a visitor's id on a partner's site."""
        ...

    def refusals(self, since_s: float) -> Mapping[str, float] | None:
        """How often collectors refused canaries, by `reason/part`; None until all that run have told since then."""
        ...

    def cut(self, name: str, *, off: bool) -> None:
        """Cut a partner's site off from the canaries' workspace, or let it in again."""
        ...

    def stage_of(self, number: int) -> str:
        """How far a deletion has come."""
        ...


@dataclass(frozen=True)
class Installation:
    """One installation, opened: the rooms below, the doors of those above, and where the public one is."""

    base: str
    data: Path
    key: str
    """The write key that leads to the canaries' workspace."""
    secret: str
    """The secret key of a site whose people are canaries: for joins, tokens and its server's events."""
    workspace: int
    """The canaries' number."""
    records: Records
    keys: Keys
    policies: Policies
    identities: Identities
    lake: Lake
    clock: Clock
    flush_seconds: float
    """How often the committer looks at the journal."""
    patience_seconds: float
    """How long to wait for what another process is to do."""
    hearing_seconds: float
    """How long until each collector knows what another was told: 0 where there is but one."""
    doors: Doors


@dataclass
class Stage:
    """One performance. Every name in it is new, so that what an earlier one left behind proves nothing."""

    house: Installation
    in_force: InForce
    nonce: str = field(default_factory=word)
    began_s: float = field(default_factory=lambda: time.time() - SLACK_SECONDS)
    browsers: list[Browser] = field(default_factory=list)
    cast: list[str] = field(default_factory=list)
    """Visitors' ids that were given in this performance, for the end of it."""
    accounts: list[str] = field(default_factory=list)
    elsewhere: list[int] = field(default_factory=list)
    """Pseudonyms of canaries on partners' sites, for the end of it."""
    _addresses: int = 0

    @property
    def policy(self) -> CompiledPolicy:
        """The policy under which it all happens."""
        return self.in_force.policy

    def browser(self, place: str = GERMANY, *, signal: bool = False, agent: str = "") -> Browser:
        """A new canary's browser, at an address that no other has."""
        self._addresses += 1
        address = f"{PLACES[place]}.{self._addresses % 250 + 1}.{100 + self._addresses % 150}"
        return self.browser_at(address, signal=signal, agent=agent)

    def browser_at(self, address: str, *, signal: bool = False, agent: str = "") -> Browser:
        """A new canary's browser at this address."""
        made = Browser(self.house.base, self.house.key, address, signal=signal)
        made.agent = agent or made.agent
        self.browsers.append(made)
        return made

    def on_site(self, name: str, origin: str) -> Browser:
        """A new canary's browser, on a page of a partner's site."""
        made = self.browser()
        made.key, made.origin = self.house.doors.partner_key(name), origin
        return made

    def yes(self, place: str = GERMANY, only: Iterable[str] = ()) -> Browser:
        """A canary who said yes to everything that is asked there, or to some purposes only."""
        made = self.browser(place)
        named = frozenset(only) or frozenset(self.asked(place))
        made.says({name: name in named for name in self.asked(place)})
        self.cast.append(made.visitor)
        return made

    def asked(self, place: str = GERMANY) -> list[str]:
        """The purposes over which a person there has a say."""
        cell = self.policy.cell_of(place, None, self.roles)
        masks = self.policy.masks[cell]
        open_to_choice = (masks.objection | masks.opt_out | masks.opt_in) & ~self.policy.on_demand
        return [name for name, purpose in self.policy.purposes.items() if purpose.mask & open_to_choice]

    def new_account(self, name: str) -> str:
        """A new canary's account at its site, which ends with the performance. Its id is one that is looked for."""
        made = f"canary-{name}-{word()}-{number_of(4)}"
        self.accounts.append(made)
        return made

    @cached_property
    def roles(self) -> frozenset[str]:
        """Whom the tracker's events are about."""
        events = [event for event in self.policy.events.values() if "tracker" in event.sources]
        return frozenset(role for event in events for role in event.about)

    def answer(self, yes: Iterable[str] = (), no: Iterable[str] = ()) -> Answer:
        """An answer by the names of purposes."""
        return Answer(self.bits(yes), self.bits(no))

    def bits(self, names: Iterable[str]) -> int:
        """The mask of these purposes."""
        mask = 0
        for name in names:
            mask |= self.policy.purposes[name].mask
        return mask

    def named(self, mask: int) -> str:
        """The purposes in a mask, for a line of evidence."""
        return ", ".join(name for name, each in self.policy.purposes.items() if each.mask & mask) or "none"

    def subject(self, visitor: str) -> int:
        """The pseudonym of a visitor's id."""
        return self.house.identities.visitor(visitor)

    def account(self, account: str) -> int | None:
        """The pseudonym of an account; None when nobody was ever joined to it."""
        with self.house.records.read() as connection:
            return self.house.identities.account(connection, account)

    def rows(self) -> list[Row]:
        """What the active files of the lake hold of the canaries, each performance's."""
        return self.house.lake.read(
            lambda now: rows_in(self.house.lake.paths(list(now.files.values())), self.house.workspace)
        )

    def traces(
        self, texts: Iterable[str] = (), byte_strings: Iterable[bytes] = (), numbers: Iterable[int] = ()
    ) -> list[str]:
        """Files in which any of these stands. What was written before this performance cannot hold them."""
        return traces_in(
            self.house.data,
            texts=texts,
            byte_strings=byte_strings,
            numbers=numbers,
            since_s=self.began_s,
        )

    def found(self, texts: Iterable[str]) -> frozenset[str]:
        """Those of the texts that stand anywhere in such files."""
        return found_in(self.house.data, texts, self.began_s)

    def let_all_hear(self) -> None:
        """Wait until every collector knows what one of them was told: a no, of which an event until then is stored and
        hidden whenever it is read; an identifier; that a partner is cut off."""
        time.sleep(self.house.hearing_seconds)

    def until(self, so: Callable[[], bool]) -> bool:
        """Whether it came to be while there was patience."""
        return until(so, self.house.patience_seconds)

    def active_files(self) -> list[str]:
        """The lake's files that queries read."""
        return self.house.lake.paths(list(self.house.lake.snapshot().files.values()))

    def shown(self, subjects: Sequence[int]) -> int:
        """How many rows of these subjects at least one purpose may still see, by mask and list of withdrawals."""
        snapshot = self.house.lake.snapshot()
        bits = [purpose.mask for purpose in self.policy.purposes.values()]
        with self.house.records.read() as connection:
            hidden = {bit: dict(exceptions(connection, snapshot, bit)) for bit in bits}
        return sum(
            any(row["mask"] & bit and row["cv"] >= hidden[bit].get(row["subject"], 0) for bit in bits)
            for row in self.rows()
            if row["subject"] in subjects
        )

    @property
    def forgotten_copy(self) -> Path:
        """Where a copy of a canary's rows is put for a moment: beside the lake's files, and none of them."""
        return self.house.data / "lake" / "forgotten-canary.parquet"

    def key_is_there(self, subject: int) -> bool:
        """Whether the key stands under which the ledger names a subject."""
        return self.house.keys.person_key(subject, EVIDENCE, create=False) is not None

    @property
    def voice(self) -> Voice:
        """Takes down what is said of people: holds."""
        return Voice(self.house.records, self.house.keys, self.house.identities)
