"""What comes to the doors of one workspace, made smaller as one version of its policy says (G3)."""

from kept.base.remembered import Remembered
from kept.gather.minimise import Hiding, Known, kept_of_referrers, page_of
from kept.gather.terms import COLUMN_ITEMS
from kept.gather.values import READERS, Reader, reader_of
from kept.policy.compiled import CompiledPolicy

ADDRESSES = 8_192
"""A site's visitors come from the same places, and look at the same pages, over and over."""
ADDRESS = 512
"""Characters. Longer ones are read anew each time."""


class Minimiser:
    """Reads pages, referrers and values without identifiers that are known. Its memory is all doors' of the workspace
    together: a write key more must not be a memory more to fill."""

    __slots__ = ("pages", "readers", "referrers")

    def __init__(self, policy: CompiledPolicy, known: Known | None = None) -> None:
        hiding, referrer_of = Hiding(known), kept_of_referrers(reduced_referrers(policy))
        self.pages = hiding.then(lambda url: hiding.page(page_of(url)), ADDRESS, ADDRESSES)
        self.referrers = Remembered[tuple[str, str | None], str | None](
            lambda pair: referrer_of(*pair), ADDRESSES, ADDRESS
        )
        self.readers = Remembered[str, Reader](lambda kind: reader_of(kind, hiding), len(READERS))


def reduced_referrers(policy: CompiledPolicy) -> str:
    """The policy's word for what is kept of a referrer; empty where it has none."""
    item = policy.items.get(COLUMN_ITEMS["referrer"])
    return item.reduced_to if item else ""
