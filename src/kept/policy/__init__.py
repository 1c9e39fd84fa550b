"""The file: parse, check, compile once, decide. Nothing here reads anything but the file."""

from kept.policy.bits import assign_bits
from kept.policy.compiled import (
    NO_ANSWER,
    Answer,
    Choice,
    CompiledPolicy,
    Decision,
    Form,
    Why,
    allowed,
    decide,
)
from kept.policy.compiling import compile_policy
from kept.policy.draft import Draft
from kept.policy.loading import load_policy, purposes_in, read_policy
from kept.policy.problems import Problem
from kept.policy.times import Span, parse_span

__all__ = [
    "NO_ANSWER",
    "Answer",
    "Choice",
    "CompiledPolicy",
    "Decision",
    "Draft",
    "Form",
    "Problem",
    "Span",
    "Why",
    "allowed",
    "assign_bits",
    "compile_policy",
    "decide",
    "load_policy",
    "parse_span",
    "purposes_in",
    "read_policy",
]
