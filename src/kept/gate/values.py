"""May a purpose use a value that someone told? By what was allowed when it was told, and by what they said since.

A new version of the policy, or silence, never opens what was told before it; a later yes of the person's own does,
since it was asked about the very data that stands there. A no closes at once.
"""

from kept.policy.compiled import Answer, Item, Purpose


def may_use(purpose: Purpose, item: Item, mask: int, answer: Answer) -> bool:
    """Whether a purpose may use a value that was told under `mask`, of someone whose answer is this now."""
    if not item.uses & purpose.mask:  # enforces: value-items-of-a-purpose
        return False
    return bool((mask | answer.yes) & ~answer.no & purpose.mask)  # enforces: value-choice
