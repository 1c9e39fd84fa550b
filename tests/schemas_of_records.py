"""The records' tables: all that the rooms declare, and what a database has."""

import importlib
import pkgutil

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import kept
from kept.storage.records import Records, metadata

ALONE = "kept.cli.__main__"  # runs when it is imported


def import_every_table() -> None:
    """Import every module, so that `metadata` knows every table."""
    for found in pkgutil.walk_packages(kept.__path__, "kept."):
        if found.name != ALONE and ".migrations" not in found.name:
            importlib.import_module(found.name)


def differences(records: Records) -> list[object]:
    """What the tables that rooms declare and those in the database differ by."""
    import_every_table()
    with records.read() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))
