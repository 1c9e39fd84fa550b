"""G3, data gathered by server log files: reading the logs of Apache and nginx, importing their page views."""

from kept.gather.weblog.formats import FORMATS, Format
from kept.gather.weblog.importing import Intake, Sink, import_log
from kept.gather.weblog.line import Fault, LogLine, Malformed
from kept.gather.weblog.reading import read_log
from kept.gather.weblog.reasons import NotKept
from kept.gather.weblog.report import Report

__all__ = [
    "FORMATS",
    "Fault",
    "Format",
    "Intake",
    "LogLine",
    "Malformed",
    "NotKept",
    "Report",
    "Sink",
    "import_log",
    "read_log",
]
