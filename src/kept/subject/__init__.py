"""Who it is about: identities and how they join, what people chose, and holds.

Promise S1, its ground: what a person says counts from that moment on, and is found again under
whatever name the person comes back with.
"""

from kept.subject.answers import DELETED, Answers, answer_of_person, answers_of_people
from kept.subject.bindings import Bindings
from kept.subject.choices import (
    Choices,
    Past,
    Said,
    answer_of,
    forget_answer,
    history_of,
    record_answer,
    strictest,
)
from kept.subject.holding import Duty, Held, Holding, NotCorrectable, Person
from kept.subject.holds import Hold, held_subjects, place_hold, release_hold, standing_holds
from kept.subject.identity import AlreadyJoined, Identities
from kept.subject.known import Known, Learnt, forget_known_values
from kept.subject.voice import Voice

__all__ = [
    "DELETED",
    "AlreadyJoined",
    "Answers",
    "Bindings",
    "Choices",
    "Duty",
    "Held",
    "Hold",
    "Holding",
    "Identities",
    "Known",
    "Learnt",
    "NotCorrectable",
    "Past",
    "Person",
    "Said",
    "Voice",
    "answer_of",
    "answer_of_person",
    "answers_of_people",
    "forget_answer",
    "forget_known_values",
    "held_subjects",
    "history_of",
    "place_hold",
    "record_answer",
    "release_hold",
    "standing_holds",
    "strictest",
]
