"""Errors that say what, where, why and what next. None of them ever holds personal data."""

from kept.base.printing import clean


class KeptError(Exception):
    """What went wrong, in words for the person who must act.

    `what` is one sentence; `where` a file, line or route; `why` the cause; `next_step` what helps.
    `retry` says whether trying the same again can succeed. `exit_code` is what a command ends with.
    """

    exit_code = 1
    retry = False

    def __init__(self, what: str, *, where: str = "", why: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.next_step = next_step

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        whole = "\n".join(line for line in (head, self.why, self.next_step) if line)
        return clean(whole, but="\n")  # it goes to terminals and logs, and may name a file or a word of one


class BadInput(KeptError):
    """What was given cannot be used; the same input will fail again."""

    exit_code = 2


class InUse(KeptError):
    """Another process holds what is needed; it may be free later."""

    exit_code = 3
    retry = True


class Refused(KeptError):
    """The policy, or a hold, says no. Where a caller expects it, a `gate.Refusal` is returned instead."""

    exit_code = 4


class Damaged(KeptError):
    """What is stored is not what was written; a person must look before anything goes on."""

    exit_code = 5


class Away(KeptError):
    """What is needed runs elsewhere and cannot be reached; nothing acknowledged is lost."""

    exit_code = 7
    retry = True


class NoRoom(KeptError):
    """The disk is full, or another limit of the machine is reached; nothing acknowledged is lost."""

    exit_code = 6
    retry = True
