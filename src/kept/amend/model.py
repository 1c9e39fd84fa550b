"""What is known of a showing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Showing:
    """That a version was shown to someone: its number and name, where, and when first."""

    number: int
    version: str
    how: str  # page: on *Your data*; sign_up, mail, app, other: as the site says
    at_ms: int


@dataclass(frozen=True, slots=True)
class ShownOn:
    """How often a page was given out on a day, under one version. Nobody is in it."""

    day: str  # ISO date
    number: int
    version: str
    page: str
    times: int
