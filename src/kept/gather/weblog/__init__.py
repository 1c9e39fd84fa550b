"""G3, data gathered by server log files: reading the logs of web servers, importing their page views."""

from kept.gather.weblog.following import Followed
from kept.gather.weblog.forms import FORMS, Form
from kept.gather.weblog.importing import Importing, Intake, Sink, import_log
from kept.gather.weblog.line import Fault, LogLine, Malformed
from kept.gather.weblog.reading import read_log
from kept.gather.weblog.reasons import NotKept
from kept.gather.weblog.report import Report

__all__ = [
    "FORMS",
    "Fault",
    "Followed",
    "Form",
    "Importing",
    "Intake",
    "LogLine",
    "Malformed",
    "NotKept",
    "Report",
    "Sink",
    "import_log",
    "read_log",
]
