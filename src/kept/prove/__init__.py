"""Every promise is either shown to be kept, shown to be broken, or said not to be built. Nothing is taken on trust.

Invented people, *canaries*, go through the public doors of the living installation in a sealed workspace: they
say yes and no, are gathered and refused, asked about, withdraw, and are deleted. Then their traces are looked
for, and what is observed is held against what the policy declares. A check that cannot fail is no check:
`tests/mutants` takes each line that enforces something away, and a promise must be found broken.
"""

from kept.prove.promises import PROMISES, Promise
from kept.prove.running import prove
from kept.prove.stage import Doors, Installation, Refused, Seen
from kept.prove.verdict import Finding, State, Verdict, plain, verdicts

__all__ = [
    "PROMISES",
    "Doors",
    "Finding",
    "Installation",
    "Promise",
    "Refused",
    "Seen",
    "State",
    "Verdict",
    "plain",
    "prove",
    "verdicts",
]
