"""One installation, opened: every room with what it needs, in one place."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from kept.app.api_keys import ApiKeys, KeyLines
from kept.app.records import has_records, is_installation, open_records
from kept.base.clock import Clock, SystemClock
from kept.base.errors import BadInput, Damaged
from kept.base.settings import Settings
from kept.gate import Gate, Policies
from kept.gather.partners import Cutting
from kept.gather.profiles import Readings, Tellings
from kept.policy import CompiledPolicy
from kept.policy.at_partner import at_partner
from kept.rank import store as _offers  # noqa: F401  its table is made with the others
from kept.storage.keys import Keys
from kept.storage.records import Records
from kept.subject import Identities, Known, Voice


@dataclass(frozen=True)
class House:
    """What is open at all times: records, keys, and the policies in force. The rest opens when it is used."""

    settings: Settings
    clock: Clock
    records: Records
    keys: Keys
    policies: Policies
    site: str = ""
    """The partner on whose site it all happens; empty on the company's own."""

    @classmethod
    def open(cls, settings: Settings, clock: Clock | None = None) -> Self:
        """Open the installation on `settings.data`; makes it at the first start."""
        clock = clock or SystemClock()
        _refuse_lost_keys(settings)
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys = Keys.open(settings.data / "keys.db", settings.master_key)
        records = open_records(settings)
        return cls(settings, clock, records, keys, Policies(records, clock))

    @classmethod
    def open_existing(cls, settings: Settings) -> Self:
        """Open an installation that was started before. Raises `BadInput` when there is none."""
        if not is_installation(settings):
            raise BadInput(
                "there is no installation here",
                where=str(settings.data),
                next_step="Start one with `kept up`, or name its folder with --data.",
                why="No records were made yet.",
            )
        return cls.open(settings)

    def in_workspace(self, workspace: int) -> "House":
        """The same installation for another workspace: its keys, and so its people, are others.

        Whoever sends one visitor's id to two workspaces is two subjects; nothing leads from one to the other.
        """
        if workspace == self.settings.workspace:
            return self
        return replace(self, settings=replace(self.settings, workspace=workspace))

    def at_partner(self, name: str) -> "House":
        """The same installation on a partner's site: its write key and its visitors are others.

        One id on two sites is two subjects: nothing leads from one to the other (promise G4).
        """
        return replace(self, site=name)

    def close(self) -> None:
        """Close the databases."""
        self.records.close()
        self.keys.close()

    @cached_property
    def gate(self) -> Gate:
        """The one door to personal data."""
        return Gate(self.records, self.policies, self.clock)

    @cached_property
    def identities(self) -> Identities:
        """Who it is about."""
        return Identities(
            self.settings.workspace,
            visitor_key=self._key(self._visitors),
            blind_key=self._key("account"),
            known_key=self._key("known"),
            clock=self.clock,
        )

    @cached_property
    def known(self) -> Known:
        """Identifiers that texts must not carry, as this process knows them."""
        return Known(self.records, self.settings.workspace, self.identities.known_key)

    @cached_property
    def voice(self) -> Voice:
        """Takes down what people say, and what is said of them."""
        return Voice(self.records, self.keys, self.identities)

    @cached_property
    def tellings(self) -> Tellings:
        """Takes down what is told about accounts."""
        return Tellings(self.voice, self.policies.now, self.clock)

    @property
    def policy(self) -> CompiledPolicy:
        """The policy in force, as it holds on this site."""
        policy = self.policies.now().policy
        return at_partner(policy, self.site) if self.site else policy

    @cached_property
    def cutting(self) -> Cutting:
        """Partners that are cut off."""
        return Cutting(self.records, self.settings.workspace, lambda: self.policies.now().policy, self.clock)

    @cached_property
    def readings(self) -> Readings:
        """Reads profiles under a purpose."""
        return Readings(self.records, self.keys, self.identities)

    @property
    def _visitors(self) -> str:
        """The use of the key under which visitors have their pseudonyms here."""
        return f"visitor {self.site}" if self.site else "visitor"  # enforces: partner-visitors

    @cached_property
    def event_key(self) -> bytes:
        """The key under which clients' own ids of events and sessions are hashed."""
        return self._key("event")

    @property
    def key_lines(self) -> KeyLines:
        """The keys that customers send, and what replaced them."""
        return KeyLines(self.keys, self.records, self.settings.workspace, self.clock, self.site)

    @property
    def api_keys(self) -> ApiKeys:
        """The keys that customers send, as they are taken at this moment."""
        return self.key_lines.now()

    def _key(self, use: str) -> bytes:
        return self.keys.workspace_key(self.settings.workspace, use)


def _refuse_lost_keys(settings: Settings) -> None:
    """New keys on old records would hide that the old ones are lost."""
    if not (settings.data / "keys.db").exists() and has_records(settings):
        raise Damaged(
            "the records are here, but their keys are not",
            where=str(settings.data / "keys.db"),
            next_step="Put the mirror of the key database in its place; nothing is made anew.",
            why="New keys would hide that the old ones are lost.",
        )
