"""The section of the notice about purposes: what for, on what ground, what say you have, what a no costs."""

from kept.base.language import Language, marked
from kept.policy.compiled import Choice, CompiledPolicy, Purpose, Terms
from kept.policy.laws import LAWS
from kept.policy.notice_model import Section, Table, with_rows
from kept.policy.notice_parts import asked, base_cell, held
from kept.policy.wording import CHOICES, FORMS, GROUNDS, length, sentence, title_of

HEADERS = (
    marked("Purpose"),
    marked("In our words"),
    marked("What it uses"),
    marked("Ground"),
    marked("Your say"),
    marked("In what form"),
    marked("Without it"),
)

SIGNED = {
    "document": marked("the form"),
    "names": marked("whom it names"),
    "ends": marked("when it ends"),
    "by": marked("by which law"),
}
"""What a policy states of a signed authorisation."""


def why(policy: CompiledPolicy, say: Language, cell: int | None) -> Section:
    """Every purpose with its ground and choice; for everyone, with those of each audience beside it."""
    rows = tuple(_row(policy, say, purpose, cell) for purpose in policy.purposes.values())
    return Section(
        "why",
        say("Why we use it"),
        _short(policy, say, base_cell(policy) if cell is None else cell),
        tuple(_paragraph(purpose, say) for purpose in policy.purposes.values()),
        with_rows(
            Table(say("Every purpose"), tuple(say(header) for header in HEADERS), rows),
            _by_law(policy, say, cell),
        ),
    )


def _by_law(policy: CompiledPolicy, say: Language, cell: int | None) -> Table:
    """The article that each ground stands in, of the laws that the policy names (GDPR Art. 13(1)(c))."""
    laws = [LAWS[name] for name in policy.rights.laws] if policy.rights else []
    found = {
        terms.basis
        for purpose in policy.purposes.values()
        for terms in purpose.of(cell)
        if terms.choice is not Choice.NEVER
    }
    stands = {
        ground: "; ".join(
            say("{law}, {article}", law=say(law.name), article=say(law.grounds[ground]))
            for law in laws
            if ground in law.grounds
        )
        for ground in GROUNDS
        if ground in found
    }
    rows = tuple((say(GROUNDS[ground]), where) for ground, where in stands.items() if where)
    return Table(say("Where each ground stands"), (say("Ground"), say("Law")), rows)


def _short(policy: CompiledPolicy, say: Language, cell: int) -> str:
    purposes = policy.purposes.values()
    chosen = sum(asked(purpose, cell) for purpose in purposes)
    objected = sum(purpose.terms[cell].choice is Choice.OBJECTION for purpose in purposes)
    parts = [
        say.plural("{n} of them is your choice", "{n} of them are your choice", chosen) if chosen else "",
        say.plural("you may object to {n} more", "you may object to {n} more", objected) if objected else "",
    ]
    said = say.listing(parts) or say("none is a matter of choice")
    return say.plural(
        "We use data for {n} purpose: {said}.",
        "We use data for {n} purposes: {said}.",
        len(purposes),
        said=said,
    )


def _paragraph(purpose: Purpose, say: Language) -> str:
    parts = [f"{purpose.title}: {sentence(purpose.says)}" if purpose.says else f"{purpose.title}."]
    if purpose.balance:
        parts.append(say("Why this is fair: {balance}", balance=sentence(purpose.balance)))
    if purpose.authorisation:
        facts = (f"{say(SIGNED[name])}: {fact}" for name, fact in purpose.authorisation.items())
        parts.append(say("You sign a form for it ({facts}).", facts="; ".join(facts)))
    if purpose.looks_back:
        parts.append(say("It looks back {length} and no further.", length=length(purpose.looks_back, say)))
    if purpose.on_demand:
        parts.append(say("Nothing is looked at until a demand has been examined and approved."))
    if purpose.without_it:
        parts.append(say("If you say no: {cost}", cost=sentence(purpose.without_it)))
    return " ".join(parts)


def _row(policy: CompiledPolicy, say: Language, purpose: Purpose, cell: int | None) -> tuple[str, ...]:
    at = base_cell(policy) if cell is None else cell
    ground, choice = _ground(purpose.terms[at], say), _choice(purpose, purpose.terms[at], say)
    if cell is None:
        differing = [(policy.audiences[name].title, terms) for name, terms in others(policy, purpose, at)]
        ground = _with_others(ground, [(name, _ground(terms, say)) for name, terms in differing])
        choice = _with_others(choice, [(name, _choice(purpose, terms, say)) for name, terms in differing])
    return (
        purpose.title,
        sentence(purpose.says),
        _uses(policy, say, purpose),
        ground,
        choice,
        say(FORMS[purpose.form]),
        purpose.without_it,
    )


def _with_others(words: str, differing: list[tuple[str, str]]) -> str:
    """What holds for everyone else, and beside it what is another for an audience."""
    return "; ".join([words, *(f"{name}: {other}" for name, other in differing if other != words)])


def _ground(terms: Terms, say: Language) -> str:
    return say("not done") if terms.choice is Choice.NEVER else say(GROUNDS[terms.basis])


def _choice(purpose: Purpose, terms: Terms, say: Language) -> str:
    return say("only on a lawful demand") if purpose.on_demand else say(CHOICES[terms.choice])


def others(policy: CompiledPolicy, purpose: Purpose, base: int) -> list[tuple[str, Terms]]:
    """Audiences, by name, for which the terms are others than for everyone else."""
    found = []
    for name in policy.audiences:
        alone = frozenset({frozenset({name})})
        if alone in policy.possible:
            terms = purpose.terms[policy.possible.index(alone)]
            if terms != purpose.terms[base]:
                found.append((name, terms))
    return found


def _uses(policy: CompiledPolicy, say: Language, purpose: Purpose) -> str:
    words = [one.title for one in held(policy) if one.name in purpose.items]
    free = sorted(
        say(
            "{part} of {whole}",
            part=say.inside(title_of(name)),
            whole=say.inside(policy.events[event].title),
        )
        for event, name in purpose.properties
        if policy.events[event].properties[name] == "free text"
    )
    return say.listing([*words, *free])
