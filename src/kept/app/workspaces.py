"""The workspaces of an installation: the company's own, and a sealed one for canaries.

Canaries are invented people whom `kept prove` sends through the public doors. Their events carry a workspace
of their own, so that no report ever counts them.
"""

from dataclasses import dataclass, field

from kept.app.api_keys import api_keys
from kept.app.house import House

CANARIES = 0


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace: the number its events carry, and the keys that lead there."""

    number: int
    write_key: str
    secret_key: str = field(repr=False)


def workspaces(house: House) -> tuple[Workspace, Workspace]:
    """The company's, and the canaries'."""
    canaries = api_keys(house.keys, CANARIES)
    return (
        Workspace(house.settings.workspace, house.api_keys.write, house.api_keys.secret),
        Workspace(CANARIES, canaries.write, canaries.secret),
    )
