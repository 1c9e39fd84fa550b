"""Data serves named purposes (promise U1): what a purpose may see, free questions about it, and reports."""

from kept.use.answer import Answer
from kept.use.behaviour import BehaviourAsked, NotPossible, behaviour, within_of
from kept.use.behaviour import Kind as BehaviourKind
from kept.use.catalogue import Kind, Part, Unseen, catalogue_of
from kept.use.missing import Count, Counts, Missing, counts_for
from kept.use.people import Everyone, PersonRow
from kept.use.permission import ALWAYS
from kept.use.query import Reader
from kept.use.reports import ReportTable, UsageReport, span_of, usage_report
from kept.use.views import View, expression_of, sql_of, views_of

__all__ = [
    "ALWAYS",
    "Answer",
    "BehaviourAsked",
    "BehaviourKind",
    "Count",
    "Counts",
    "Everyone",
    "Kind",
    "Missing",
    "NotPossible",
    "Part",
    "PersonRow",
    "Reader",
    "ReportTable",
    "Unseen",
    "UsageReport",
    "View",
    "behaviour",
    "catalogue_of",
    "counts_for",
    "expression_of",
    "span_of",
    "sql_of",
    "usage_report",
    "views_of",
    "within_of",
]
