"""Where the records of an installation are: a file in its data folder, or the database that `KEPT_RECORDS` names."""

from pathlib import Path

from kept.base.errors import BadInput
from kept.base.settings import Settings
from kept.storage.records import Records, are_there
from kept.storage.records.home import FILE, MARK, refuse_other_home, settle

NAMED = "file:"


def place_of(settings: Settings) -> Path | str:
    """A file's path, or a URL. Raises `BadInput` when the file that holds the URL cannot be read."""
    if not settings.records:
        return settings.data / FILE
    if settings.records.startswith(NAMED):
        return _secret(Path(settings.records.removeprefix(NAMED)))
    return settings.records


def has_records(settings: Settings) -> bool:
    """Whether records were ever made where the settings say. Makes nothing."""
    place = place_of(settings)
    refuse_other_home(settings.data, place)
    return are_there(place)


def is_installation(settings: Settings) -> bool:
    """Whether the folder's installation was started before. A database alone is none: it may be another folder's."""
    return any((settings.data / name).exists() for name in ("keys.db", FILE, MARK)) and has_records(settings)


def open_records(settings: Settings) -> Records:
    """The records; made at the first start. Raises `BadInput` or `Damaged` when they are not this folder's."""
    place = place_of(settings)
    refuse_other_home(settings.data, place)
    records = Records(place)
    try:
        settle(records, settings.data)
    except BaseException:
        records.close()
        raise
    return records


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            "the file with the address of the records cannot be read",
            where=str(path),
            why=error.strerror or "" if isinstance(error, OSError) else "It is not UTF-8 text.",
            next_step="Put the URL there, in one line, or correct KEPT_RECORDS.",
        ) from error
