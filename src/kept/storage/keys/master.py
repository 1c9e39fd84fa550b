"""The master key's file: one line of text, outside the data folder, readable by its owner alone."""

import base64
import binascii
import os
import secrets
from pathlib import Path

from kept.base.errors import BadInput, Damaged

HEAD = "kept-master-key-1 "


def refuse_inside(master_path: Path, data: Path) -> None:
    """A master key beside what it protects would be copied, backed up and stolen together with it."""
    if master_path.resolve().is_relative_to(data.resolve()):
        raise BadInput(
            "the master key may not lie in the data folder",
            where=str(master_path),
            why="whoever copies the folder would have both lock and key",
            next_step="name a file elsewhere with --master-key or KEPT_MASTER_KEY",
        )


def read_master(path: Path) -> bytes:
    """The 32 bytes in the file. Raises `Damaged` if it is missing, `BadInput` if it is no master key."""
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise _lost(path) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            "the master key cannot be read",
            where=str(path),
            why=type(error).__name__,
            next_step="Look at the file's mode and owner; only its owner may read it.",
        ) from error
    return _decode(text, path)


def create_master(path: Path) -> bytes:
    """A new master key in a file with mode 0600, or the one another process has just put there.

    The file gets its name only once it is whole and synced: nobody ever reads half a key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    _write_synced(draft, HEAD + base64.b64encode(secrets.token_bytes(32)).decode() + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync_folder(path.parent)
    return read_master(path)


def _write_synced(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _decode(text: str, path: Path) -> bytes:
    try:
        key = base64.b64decode(text.removeprefix(HEAD).strip(), validate=True)
    except binascii.Error:
        key = b""
    if not text.startswith(HEAD) or len(key) != 32:
        raise BadInput(
            "this file holds no master key",
            where=str(path),
            why=f"a line starting '{HEAD}' is wanted",
            next_step="Name the file that the first start made, or a copy of it.",
        )
    return key


def _lost(path: Path) -> Damaged:
    return Damaged(
        "the master key is missing",
        where=str(path),
        why="this data folder was made under a master key, and nothing in it opens without that key",
        next_step="put the file back from its copy; without it the identifying data is lost for good",
    )
