"""The one door to personal data: decides by the policy in force, records, hands out a Permit or a Refusal.

Promise U1: every read names a purpose. The purpose decides which fields, which people and which form come
out; everything else does not exist for that reader.
"""

from kept.gate.door import Gate, Permit, Reason, Refusal
from kept.gate.gathering import Gathering
from kept.gate.policies import InForce, NotYet, Policies
from kept.gate.posting import PastVersion, PostedChange, Told
from kept.gate.uses import NotNow, tell_uses
from kept.gate.values import may_use

__all__ = [
    "Gate",
    "Gathering",
    "InForce",
    "NotNow",
    "NotYet",
    "PastVersion",
    "Permit",
    "Policies",
    "PostedChange",
    "Reason",
    "Refusal",
    "Told",
    "may_use",
    "tell_uses",
]
