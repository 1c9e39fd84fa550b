"""What a process says while it runs: a line for a person or, by setting, an object of JSON. No personal data.

Kept's own words are fixed sentences with numbers in them. What others throw may quote what someone sent: a
library's message, and that of any unforeseen error, is left out. Its kind and the places in the code remain.
"""

import json
import logging
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType

from kept.base.errors import KeptError
from kept.base.printing import clean

FORMS = ("text", "json")
PLACES = 8
"""Places in the code that are told of a fault, the innermost last."""
_OURS = "kept"
_FOREIGN = "a library reported something"


def speak(form: str, process: str) -> None:
    """Let this process say what it has to say on standard error, in one of `FORMS`, faults nobody caught too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json(process) if form == "json" else _Text(process))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger(_OURS).setLevel(logging.INFO)
    sys.excepthook = _ended
    threading.excepthook = lambda args: _ended(args.exc_type, args.exc_value, args.exc_traceback)


def is_log_of_objects() -> bool:
    """Whether this process speaks JSON: then its last words must be too."""
    return any(isinstance(handler.formatter, _Json) for handler in logging.getLogger().handlers)


def _ended(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    found = error if error is not None else kind()
    logging.getLogger(_OURS).critical("ended by a fault", exc_info=(kind, found, trace))


class _Text(logging.Formatter):
    """`2026-11-30 02:10:00 committer: what it says`."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """One line; a fault's places follow, each on its own."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%d %H:%M:%S")
        lines = [f"{at} {self._process}: {_says(record)}", *(f"  {place}" for place in _fault(record))]
        return "\n".join(lines)


class _Json(logging.Formatter):
    """An object with `at`, `level`, `process`, `of`, `says`, and for a fault `fault`, its kind and places."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {"at": at.replace("+00:00", "Z"), "level": record.levelname.lower(), "process": self._process}
        fault = _fault(record)
        more = {"fault": fault} if fault else {}
        return json.dumps({**said, "of": record.name, "says": _says(record), **more}, ensure_ascii=False)


def _says(record: logging.LogRecord) -> str:
    """What we say ourselves; of a library, only that it speaks."""
    if record.name.partition(".")[0] != _OURS:
        return _FOREIGN
    return clean(record.getMessage(), but="\n")


def _fault(record: logging.LogRecord) -> list[str]:
    """The kind of an error and where it came from, without its own words unless they are ours."""
    if not record.exc_info or record.exc_info[1] is None:
        return []
    error = record.exc_info[1]
    said = f"{type(error).__name__}: {error}" if isinstance(error, KeptError) else type(error).__name__
    return [said, *_places(record.exc_info[2])]


def _places(trace: TracebackType | None) -> list[str]:
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return found[-PLACES:]
