"""Data serves named purposes (promise U1): what a purpose may see, free questions about it, and reports."""

from kept.use.query import Reader
from kept.use.reports import ReportTable, UsageReport, span_of, usage_report
from kept.use.views import View, views_of

__all__ = ["Reader", "ReportTable", "UsageReport", "View", "span_of", "usage_report", "views_of"]
