"""What the disk answers, in words for whoever must act."""

import errno

from kept.base.errors import Damaged, NoRoom


class DiskErrors:
    """Turns the system's errors into words for whoever must act."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, OSError):
            return
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise NoRoom(
                "The journal's disk is full.",
                where="journal",
                next_step="Make room; events are then accepted again. None acknowledged is lost.",
                why="The system has no room left.",
            ) from error
        raise Damaged(
            "The journal could not be made durable, so nothing was acknowledged.",
            where="journal",
            why=f"The system says: {errno.errorcode.get(error.errno or 0, 'unknown')}.",
            next_step="Look at the disk. A new segment is begun with the next event.",
        ) from error
