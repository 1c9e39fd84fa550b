"""Bringing records up to date: every change of a table is a migration, carried out when they are opened.

They stand in `migrations/versions`, one file each, and are run by Alembic, all in one write transaction: whoever
opens the records at the same time waits, and then finds it done. `scripts/migration` writes a new migration.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, inspect

from kept.base.errors import BadInput

MIGRATIONS = Path(__file__).parent / "migrations"
Transaction = Callable[[], AbstractContextManager[Connection]]
_ALEMBIC = Lock()
"""What Alembic works on is one for the whole process: of two threads, one would use the other's connection."""


def newest() -> str:
    """The revision that this version of Kept works with: migrations are numbered, so it is the last file's."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def bring_up_to_date(read: Transaction, write: Transaction, name: str) -> None:
    """Run the migrations that are missing. Raises `BadInput` when a later version of Kept was here before."""
    with read() as connection:
        found = _revision(connection)
    if found == newest():
        return
    if found is not None and found > newest():
        raise BadInput(
            "the records were made by a later version of Kept",
            where=name,
            why=f"They are at migration {found}, and this version knows {newest()}.",
            next_step="Install that version again, or a later one.",
        )
    with write() as connection:
        upgrade(connection)


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the migrations up to one, within the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with _ALEMBIC:
        command.upgrade(config, to)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
