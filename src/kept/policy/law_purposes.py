"""What law and sense ask of a purpose: a use, a ground, a say that fits it, no names where none are due."""

from itertools import combinations

from kept.policy.compiled import Choice, Form
from kept.policy.draft import Entry
from kept.policy.grammar import (
    AUTHORISATION,
    BALANCE,
    BASIS,
    BASIS_CHOICE,
    CHOICE,
    FORM,
    IDENTIFIES,
    USES,
)
from kept.policy.opened import Opened
from kept.policy.places import GDPR_LIKE
from kept.policy.problems import Once, listed
from kept.policy.terms import CHOICE_OF, stated, terms_for


def check_purpose(opened: Opened, entry: Entry, once: Once) -> None:
    """Note what is wrong with one purpose; what a group states is noted once for all members."""
    if not opened.uses[entry.name].names:
        once.error("U01", entry.at(USES), f"`{entry.name}` uses nothing.", next_step="Name what it uses.")
    _choices(entry, once)
    _clash(opened, entry, once)
    _papers(opened, entry, once)
    _ground(opened, entry, once)
    _names_people(opened, entry, once)


def _choices(entry: Entry, once: Once) -> None:
    own = entry.get(BASIS) or ""
    _choice(entry, entry.own(CHOICE) or (None if entry.own(BASIS) else entry.get(CHOICE)), own, once)
    for differing in entry.differences().values():
        _choice(differing, differing.own(CHOICE), differing.own(BASIS) or own, once)


def _choice(said_in: Entry, word: str | None, basis: str, once: Once) -> None:
    least = BASIS_CHOICE[basis]
    if word is None or CHOICE_OF[word] >= CHOICE_OF[least]:
        return
    once.error(
        "U02",
        said_in.at(CHOICE),
        f"`{word}` gives people less say than `{basis}` demands.",
        found=word,
        valid=listed(choice for choice in CHOICE_OF if CHOICE_OF[choice] >= CHOICE_OF[least]),
        why=f"Where the basis is `{basis}`, people have at least the choice `{least}`.",
    )


def _clash(opened: Opened, entry: Entry, once: Once) -> None:
    """Two audiences that one person may be in name different grounds, of which neither is stricter."""
    for people in opened.certain:
        bases = [one for one in stated(entry, BASIS, people) if one.audience]
        for one, other in combinations(bases, 2):
            equal = BASIS_CHOICE[one.word] == BASIS_CHOICE[other.word] and one.word != other.word
            if equal and terms_for(entry, people).choice is not Choice.NEVER:
                once.error(
                    "A01",
                    entry.differences()[other.audience].place,
                    f"`{one.audience}` and `{other.audience}` give `{entry.name}` different grounds, "
                    "and neither is stricter.",
                    why="One person can be in both, and can be told one ground only.",
                    next_step="Name an audience for those who are in both, or give both the same basis.",
                )
                return


def _papers(opened: Opened, entry: Entry, once: Once) -> None:
    bases = {terms_for(entry, people).basis for people in opened.certain}
    if "legitimate interest" in bases and entry.get(BALANCE) is None:
        once.error(
            "L01",
            entry.at(BASIS),
            f"`{entry.name}` rests on a legitimate interest and gives no balance.",
            why="GDPR Art. 6(1)(f): people's interests must not weigh more; Art. 5(2): it must be shown.",
            next_step="Add `balance:` with why it is fair to the people concerned.",
        )
    if "signed authorisation" in bases and entry.get(AUTHORISATION) is None:
        once.error(
            "F08",
            entry.at(BASIS),
            f"`{entry.name}` rests on a signed authorisation and names none.",
            valid="`authorisation: {document: …, names: …, ends: …, by: …}`",
            why="45 CFR 164.508(c) lists what must stand in it.",
        )


def _ground(opened: Opened, entry: Entry, once: Once) -> None:
    for people in opened.certain:
        terms = terms_for(entry, people)
        told = terms.basis == "notice" and terms.choice is not Choice.NEVER
        if told and opened.may_live_in(people, GDPR_LIKE):
            once.error(
                "L02",
                entry.at(BASIS),
                f"`{entry.name}` rests on `notice` for people in Europe.",
                why="GDPR Art. 6(1), as in Britain, knows six grounds; telling people is none of them.",
                next_step="Say under `for` what holds there, such as `europe: {basis: consent}`.",
            )
            return


def _names_people(opened: Opened, entry: Entry, once: Once) -> None:
    form = Form(entry.want(FORM, "identified"))
    if form is Form.IDENTIFIED:
        return
    held = opened.draft.held
    naming = [
        name
        for name in sorted(opened.uses[entry.name].names)
        if held[name].want(IDENTIFIES, "directly") == "directly"
    ]
    if naming:
        once.error(
            "U03",
            entry.at(USES),
            f"`{entry.name}` is {form.value}, yet it uses `{naming[0]}`, which names people.",
            valid="`form: identified`, or uses without it",
            next_step=f"Add `not {naming[0]}`, or say `identifies: indirectly` there if that is true.",
        )
