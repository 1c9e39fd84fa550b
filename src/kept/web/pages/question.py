"""The question, worked out from the policy: what is asked of a person, what they said, what it costs to say no.

Pure. A group is one question; answers are kept by purpose. Purposes that need no choice, or that the policy
rules out for this audience, are not asked about; those one may object to are never part of the first question.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kept.base.language import Language, marked
from kept.gate.gathering import Gathering
from kept.policy.compiled import Answer, Choice, CompiledPolicy, Event, Purpose, allowed
from kept.web.house import Visitor

TRACKER = "tracker"
ASKED = frozenset({Choice.OPT_IN, Choice.OPT_OUT})
SIGNAL = marked(
    "Your browser sends the Global Privacy Control signal. We read it as a no to everything that is a matter "
    "of choice, and do not ask."
)


@dataclass(frozen=True, slots=True)
class AskedPurpose:
    """One purpose on the choices page. `said` is the person's word, None without one; `allowed` is what holds."""

    name: str
    title: str
    says: str
    without_it: str
    said: bool | None
    allowed: bool
    fixed: bool  # the signal decides: there is nothing to press
    differs: bool = False  # an account's browsers have different answers, so none is ticked


@dataclass(frozen=True, slots=True)
class Question:
    """One group of purposes. `said` is the common word on all of them, None when there is none."""

    name: str
    title: str
    says: str
    objection: bool
    said: bool | None
    purposes: tuple[AskedPurpose, ...]


def cell_of(policy: CompiledPolicy, visitor: Visitor) -> int:
    """The cell of whoever looks at pages: by residence, in the roles that the tracker's events are about."""
    roles = (role for event in policy.events.values() if TRACKER in event.sources for role in event.about)
    return policy.cell_of(visitor.residence, None, frozenset(roles))


def audiences_of(policy: CompiledPolicy, visitor: Visitor) -> frozenset[str]:
    """The audiences that whoever looks at pages is in for sure."""
    return frozenset.intersection(*policy.possible[cell_of(policy, visitor)])


def questions(policy: CompiledPolicy, visitor: Visitor) -> tuple[Question, ...]:
    """Every question there is for this visitor: first those that are asked, then those one may object to."""
    cell = cell_of(policy, visitor)
    grouped: dict[tuple[bool, str], list[AskedPurpose]] = {}
    for purpose in policy.purposes.values():
        choice = purpose.terms[cell].choice
        if not purpose.on_demand and (choice in ASKED or choice is Choice.OBJECTION):
            key = (choice is Choice.OBJECTION, purpose.group)
            grouped.setdefault(key, []).append(_asked(policy, visitor, cell, purpose))
    return tuple(
        _question(policy, group, objection, tuple(purposes))
        for (objection, group), purposes in sorted(grouped.items(), key=lambda entry: entry[0][0])
    )


def is_due(policy: CompiledPolicy, visitor: Visitor) -> bool:
    """Whether to ask now: something that needs a yes has no answer, and no signal answers for the person."""
    waiting = policy.masks[cell_of(policy, visitor)].opt_in & ~policy.on_demand
    return not visitor.signal and bool(waiting & ~(visitor.answer.yes | visitor.answer.no))


def bits_of(policy: CompiledPolicy, visitor: Visitor, answers: Mapping[str, bool]) -> Answer:
    """Answers by the name of a group or purpose, as bits. A purpose's own answer beats its group's.

    What is not asked of this visitor is passed over. An answer to a group does not reach the purposes in it
    that one may merely object to: people object to them one by one.
    """
    yes = no = 0
    for question in questions(policy, visitor):
        of_group = None if question.objection else answers.get(question.name)
        for purpose in question.purposes:
            said = answers.get(purpose.name, of_group)
            bit = policy.purposes[purpose.name].mask
            if said is not None and not purpose.fixed:
                yes, no = (yes | bit, no) if said else (yes, no | bit)
    return Answer(yes, no)


def asked_bits(policy: CompiledPolicy, visitor: Visitor) -> int:
    """The bits of all purposes that this visitor has a say in."""
    return sum(policy.purposes[each.name].mask for one in questions(policy, visitor) for each in one.purposes)


def every_answer(policy: CompiledPolicy, visitor: Visitor, *, said: bool) -> dict[str, bool]:
    """One word for all that is asked, objections left out: what the dialog's two buttons say."""
    return {question.name: said for question in questions(policy, visitor) if not question.objection}


def unknown_names(policy: CompiledPolicy, answers: Mapping[str, bool]) -> list[str]:
    """Names in `answers` that are neither a purpose nor a group."""
    return sorted(set(answers) - set(policy.purposes) - set(policy.groups))


def may_set(policy: CompiledPolicy, visitor: Visitor, answer: Answer, cookie: str) -> bool:
    """Whether a yes allows a cookie: it is declared, and some purpose of it was agreed to and holds."""
    declared = policy.cookies.get(cookie)
    live = allowed(policy.masks[cell_of(policy, visitor)], answer, signal=visitor.signal)
    # enforces: visitor-cookie-needs-a-yes
    return declared is not None and bool(declared.purposes & live & answer.yes)


def open_events(policy: CompiledPolicy, visitor: Visitor) -> dict[str, list[str]]:
    """The events that the script may send for this visitor now, with their properties. Empty: it stays silent.

    Without an id: only where visits are counted without cookies, nothing is being asked, and nobody said no.
    With one, what was agreed to stays agreed to while something new is asked.
    """
    if visitor.token is None and not _is_countable(policy, visitor):
        return {}
    gathering = Gathering(policy)
    return {
        event.name: sorted(name for name, uses in event.property_uses.items() if uses & mask)
        for event in policy.events.values()
        if TRACKER in event.sources and (mask := _mask(policy, gathering, visitor, event))
    }


def shown_words(policy: CompiledPolicy, visitor: Visitor, say: Language) -> str:
    """The words of the whole question and their language, as the record of an answer keeps them (GDPR Art. 7(1)).

    `policy` has the words of the notice that was for this visitor, and `say` is its language.
    """
    lines = [f"{policy.company.name} ({say.tag})"]
    for question in questions(policy, visitor):
        lines.append(question.says or question.title)
        lines += [f"- {each.says} {each.without_it}".rstrip() for each in question.purposes]
    return "\n".join(lines)


def losses(asked: tuple[Question, ...]) -> tuple[str, ...]:
    """What a no to everything that is asked costs, each sentence once."""
    found = (each.without_it for question in asked if not question.objection for each in question.purposes)
    return tuple(dict.fromkeys(text for text in found if text))


def said_line(asked: tuple[Question, ...], say: Language) -> str:
    """The person's word on what is asked, in a sentence; empty when nothing was said."""
    known = [each for question in asked if not question.objection for each in question.purposes]
    yes = [each.title for each in known if each.said]
    no = [each.title for each in known if each.said is False]
    if not yes and not no:
        return ""
    if not yes or not no:
        return say("You said yes.") if yes else say("You said no.")
    return say("You said yes to {yes}, and no to {no}.", yes=say.listing(yes), no=say.listing(no))


def signal_line(policy: CompiledPolicy, visitor: Visitor, say: Language) -> str:
    """What the signal brings about here, taken from what the script may then send."""
    still = [say.inside(policy.events[name].title) for name in open_events(policy, visitor)]
    goes_on = say("What needs no yes goes on: we record {events}.", events=say.listing(still))
    return f"{say(SIGNAL)} {goes_on if still else say('The site’s pages tell us nothing of your visit.')}"


def log_line(policy: CompiledPolicy, visitor: Visitor, say: Language) -> str:
    """What no answer and no signal reaches, for those who would take silence to be complete; or nothing."""
    gathering, served = Gathering(policy), 0
    for event in policy.events.values():
        served |= gathering.of_log_line(
            event, policy.cell_of(visitor.residence, None, frozenset(event.about))
        )
    titles = [each.title for each in policy.purposes.values() if served & each.mask and not each.on_demand]
    if not titles:
        return ""
    return say(
        "The log files of the site’s server carry neither answers nor the signal. They serve {purposes}.",
        purposes=say.listing(titles),
    )


def _is_countable(policy: CompiledPolicy, visitor: Visitor) -> bool:
    return visitor.residence in policy.counting_in and not is_due(policy, visitor)


def _mask(policy: CompiledPolicy, gathering: Gathering, visitor: Visitor, event: Event) -> int:
    cell = policy.cell_of(visitor.residence, None, frozenset(event.about))
    if visitor.token is None:
        return gathering.of_nameless(event, cell, visitor.answer, signal=visitor.signal)
    return gathering.of_visitor(event, cell, visitor.answer, signal=visitor.signal)


def _asked(policy: CompiledPolicy, visitor: Visitor, cell: int, purpose: Purpose) -> AskedPurpose:
    bit, answer = purpose.mask, visitor.answer
    said = True if answer.yes & bit else False if answer.no & bit else None
    return AskedPurpose(
        purpose.name,
        purpose.title,
        purpose.says,
        purpose.without_it,
        said,
        bool(allowed(policy.masks[cell], answer, signal=visitor.signal) & bit),
        visitor.signal and purpose.terms[cell].choice in ASKED,
    )


def _question(
    policy: CompiledPolicy, name: str, objection: bool, purposes: tuple[AskedPurpose, ...]
) -> Question:
    group = policy.groups.get(name)
    said = {purpose.said for purpose in purposes}
    common = said.pop() if len(said) == 1 else None
    title = group.title if group else purposes[0].title
    says = group.says if group else purposes[0].says
    return Question(name, title, says, objection, common, purposes)
