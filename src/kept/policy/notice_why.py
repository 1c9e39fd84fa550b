"""The section of the notice about purposes: what for, on what ground, what say you have, what a no costs."""

from kept.policy.compiled import Choice, CompiledPolicy, Purpose, Terms
from kept.policy.notice_model import Section, Table
from kept.policy.notice_parts import asked, base_cell, held
from kept.policy.wording import CHOICES, FORMS, GROUNDS, count, length, listing, sentence, title_of

HEADERS = ("Purpose", "What for", "What it uses", "Ground", "Your say", "In what form", "Without it")


def why(policy: CompiledPolicy, cell: int | None) -> Section:
    """Every purpose with its ground and choice; for everyone, with those of each audience beside it."""
    rows = tuple(_row(policy, purpose, cell) for purpose in policy.purposes.values())
    return Section(
        "why",
        "Why we use it",
        _short(policy, base_cell(policy) if cell is None else cell),
        tuple(_paragraph(purpose) for purpose in policy.purposes.values()),
        (Table("Every purpose", HEADERS, rows),),
    )


def _short(policy: CompiledPolicy, cell: int) -> str:
    purposes = policy.purposes.values()
    chosen = sum(asked(purpose, cell) for purpose in purposes)
    objected = sum(purpose.terms[cell].choice is Choice.OBJECTION for purpose in purposes)
    parts = [
        f"{chosen} of them {'is' if chosen == 1 else 'are'} your choice" if chosen else "",
        f"you may object to {objected} more" if objected else "",
    ]
    said = listing(parts) or "none is a matter of choice"
    return f"We use data for {count(len(policy.purposes), 'purpose')}: {said}."


def _paragraph(purpose: Purpose) -> str:
    parts = [f"{purpose.title}: {sentence(purpose.says)}" if purpose.says else f"{purpose.title}."]
    if purpose.balance:
        parts.append(f"Why this is fair: {sentence(purpose.balance)}")
    if purpose.looks_back:
        parts.append(f"It looks back {length(purpose.looks_back)} and no further.")
    if purpose.on_demand:
        parts.append("Nothing is looked at until a demand has been examined and approved.")
    if purpose.without_it:
        parts.append(f"If you say no: {sentence(purpose.without_it)}")
    return " ".join(parts)


def _row(policy: CompiledPolicy, purpose: Purpose, cell: int | None) -> tuple[str, ...]:
    at = base_cell(policy) if cell is None else cell
    ground, say = _ground(purpose.terms[at]), _say(purpose, purpose.terms[at])
    if cell is None:
        differing = [(title_of(name), terms) for name, terms in others(policy, purpose, at)]
        ground = "; ".join(
            [ground, *(f"{name}: {_ground(terms)}" for name, terms in differing if _ground(terms) != ground)]
        )
        say = "; ".join(
            [
                say,
                *(
                    f"{name}: {_say(purpose, terms)}"
                    for name, terms in differing
                    if _say(purpose, terms) != say
                ),
            ]
        )
    return (
        purpose.title,
        sentence(purpose.says),
        _uses(policy, purpose),
        ground,
        say,
        FORMS[purpose.form],
        purpose.without_it,
    )


def _ground(terms: Terms) -> str:
    return "not done" if terms.choice is Choice.NEVER else GROUNDS[terms.basis]


def _say(purpose: Purpose, terms: Terms) -> str:
    return "only on a lawful demand" if purpose.on_demand else CHOICES[terms.choice]


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


def _uses(policy: CompiledPolicy, purpose: Purpose) -> str:
    words = [one.title for one in held(policy) if one.name in purpose.items]
    free = sorted(
        f"{title_of(name).lower()} of {policy.events[event].title.lower()}"
        for event, name in purpose.properties
        if policy.events[event].properties[name] == "free text"
    )
    return listing([*words, *free])
