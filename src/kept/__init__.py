"""Kept executes a company's own privacy policy.

`kept.open("kept-data").use("research")` is the way in for programs: every read names a purpose.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kept.app.using import open_installation as open
    from kept.base.errors import Refused

__all__ = ["Refused", "open"]


def __getattr__(name: str) -> Any:
    """Rooms are loaded when they are asked for: a collector must not carry an engine."""
    if name == "open":
        from kept.app.using import open_installation

        return open_installation
    if name == "Refused":
        from kept.base.errors import Refused

        return Refused
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
