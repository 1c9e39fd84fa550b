"""The workspaces of an installation: the company's own, and a sealed one for canaries.

Canaries are invented people whom `kept prove` sends through the public doors. Their events carry a workspace
of their own, so that no report ever counts them.
"""

from dataclasses import dataclass

from kept.app.house import House

CANARIES = 0


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace: the number its events carry."""

    number: int


def workspaces(house: House) -> tuple[Workspace, Workspace]:
    """The company's, and the canaries'."""
    return Workspace(house.settings.workspace), Workspace(CANARIES)
