"""Invented companies of other kinds, each a whole policy: between them they use every section of the language."""

from pathlib import Path

NAMES = ("school", "clinic", "shop")


def text_of(name: str) -> str:
    """A company's policy, as written."""
    return Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8")
