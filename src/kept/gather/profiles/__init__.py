"""People give us personal data by choice (promise G1): values that the policy declares, and nothing else.

Each value stands under its person's own key, with its source, its time, the version of the policy and the purposes
that were allowed when it was told; what it was before stays as its history. No purpose reads more of it than it uses.
"""

from kept.gather.profiles.expiring import Expiring
from kept.gather.profiles.holding import Profiles
from kept.gather.profiles.model import FileTold, NotTaken, Refusal, TakenDown, Telling, Value
from kept.gather.profiles.reading import Readings
from kept.gather.profiles.sniffing import MOST_FILE_BYTES
from kept.gather.profiles.telling import Tellings
from kept.gather.profiles.values import FILES, as_text, from_text
from kept.gather.profiles.vault import plainly

__all__ = [
    "FILES",
    "MOST_FILE_BYTES",
    "Expiring",
    "FileTold",
    "NotTaken",
    "Profiles",
    "Readings",
    "Refusal",
    "TakenDown",
    "Telling",
    "Tellings",
    "Value",
    "as_text",
    "from_text",
    "plainly",
]
