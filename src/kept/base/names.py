"""Names whose form more than one room must know, each in one place."""

VERSION = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}\Z"
"""A version of the policy. People cite it and the ledger keeps it, so it is short and no free text."""
