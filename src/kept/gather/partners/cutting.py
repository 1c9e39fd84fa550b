"""Cutting a partner off, and letting it in again. It stands in the records, so every door hears of it at once."""

from collections.abc import Callable
from dataclasses import dataclass

from kept.base.clock import Clock
from kept.base.errors import BadInput
from kept.gather.partners import store
from kept.ledger import append, facts
from kept.policy import CompiledPolicy
from kept.storage.records import Records


class NoSuchPartner(BadInput):
    """The policy in force names no such partner."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """The partners of a workspace that are cut off. A later version of the policy changes nothing in that."""

    records: Records
    workspace: int
    policy: Callable[[], CompiledPolicy]
    clock: Clock

    def since(self) -> dict[str, int]:
        """Who is cut off, and since when, ms. Cheap: asked several times a second."""
        with self.records.read() as connection:
            return store.cut_since(connection, self.workspace)

    def cut(self, name: str) -> bool:
        """Cut a partner off; False when it was. Raises `NoSuchPartner`."""
        self.require(name)
        with self.records.write() as connection:
            if name in store.cut_since(connection, self.workspace):
                return False
            store.put(connection, self.workspace, name, self.clock.now_ms())
            append(connection, facts.PartnerCut(partner=name))
        return True

    def restore(self, name: str) -> bool:
        """Let a partner in again; False when it was not cut off."""
        with self.records.write() as connection:
            if name not in store.cut_since(connection, self.workspace):
                return False
            store.take(connection, self.workspace, name)
            append(connection, facts.PartnerRestored(partner=name))
        return True

    def require(self, name: str) -> None:
        """Raise `NoSuchPartner` where the policy in force names no such partner."""
        partners = self.policy().partners
        if name not in partners:
            raise NoSuchPartner(
                "the policy has no partner of that name",
                where="partners",
                why=f"It has: {', '.join(sorted(partners)) or 'none'}.",
                next_step="`kept partner show` lists them.",
            )
