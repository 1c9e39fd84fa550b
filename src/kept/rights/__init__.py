"""People see and delete what is held about them (promise S1), on what each room's Holding answers."""

from kept.rights.fulfil import Deletion, Deletions, Stage, Stopped, TracesFound
from kept.rights.plan import STEPS, TOMBSTONE, Plan, plan_erasure

__all__ = [
    "STEPS",
    "TOMBSTONE",
    "Deletion",
    "Deletions",
    "Plan",
    "Stage",
    "Stopped",
    "TracesFound",
    "plan_erasure",
]
