"""The sections of the notice about what is held: what we gather, and how long we keep it."""

from kept.policy.compiled import CompiledPolicy, Event, Item
from kept.policy.notice_model import Section, Table
from kept.policy.notice_parts import base_cell, held
from kept.policy.wording import (
    IDENTIFIES,
    SOURCES,
    count,
    length,
    listing,
    sentence,
    time_words,
    times_words,
    title_of,
)

Held = Item | Event
TOLD_BY_PEOPLE = {"dialog", "form", "mail"}
HEADERS = ("What", "Of whom", "Where it comes from", "Names you", "What for", "Kept for")


def what(policy: CompiledPolicy, cell: int | None) -> Section:
    """Every item and event: where from, why, for how long."""
    at = base_cell(policy) if cell is None else cell
    groups = _groups(policy)
    tables = []
    if policy.items:
        rows = tuple(_row(policy, one, at) for one in policy.items.values())
        tables.append(Table("Everything we hold", HEADERS, rows))
    if policy.events:
        more = ("What happens", *HEADERS[1:], "With it")
        noted = tuple((*_row(policy, one, at), _properties(one)) for one in policy.events.values())
        tables.append(Table("Everything we take note of", more, noted))
    return Section(
        "what", "What we gather", _short(policy), tuple(_paragraph(*pair) for pair in groups), tuple(tables)
    )


def _short(policy: CompiledPolicy) -> str:
    given = sum(bool(TOLD_BY_PEOPLE & set(one.sources)) for one in policy.items.values())
    parts = [
        count(given, "thing") + " that you tell us" if given else "",
        count(len(policy.items) - given, "thing") + " that come with your visit or that we work out"
        if len(policy.items) > given
        else "",
        count(len(policy.events), "thing") + " that you do on our site" if policy.events else "",
    ]
    return f"We gather {listing(parts)}; nothing else." if any(parts) else "We gather nothing."


def _groups(policy: CompiledPolicy) -> list[tuple[str, list[Held]]]:
    found: dict[str, list[Held]] = {}
    for one in held(policy):
        found.setdefault(one.group, []).append(one)
    return list(found.items())


def _paragraph(group: str, members: list[Held]) -> str:
    names = listing(one.title.lower() if not one.title.isupper() else one.title for one in members)
    says = " ".join(sentence(one.says) for one in members if one.says)
    if len(members) == 1:
        return f"{members[0].title}. {says}".strip()
    return f"{title_of(group)}: {names}. {says}".strip()


def _row(policy: CompiledPolicy, one: Held, cell: int) -> tuple[str, ...]:
    return (
        one.title,
        listing(title_of(role).lower() for role in one.about),
        _source(policy, one),
        IDENTIFIES[one.identifies],
        listing(purpose.title for purpose in policy.purposes.values() if purpose.mask & one.uses),
        kept_for(policy, one, cell),
    )


def _source(policy: CompiledPolicy, one: Held) -> str:
    words = [SOURCES.get(source, source) for source in one.sources]
    if one.derived_from:
        inputs = (
            held_title(policy, name) for name in one.derived_from if not goes_without_saying(policy, name)
        )
        words.append(f"we work it out from {listing(inputs)}")
    source = listing(words, "or")
    return f"{source}; kept as {one.reduced_to} only" if one.reduced_to else source


def goes_without_saying(policy: CompiledPolicy, name: str) -> bool:
    """Whether an input is a property that goes without saying, since its event is named already."""
    event, dot, part = name.partition(".")
    return bool(dot) and event in policy.events and policy.events[event].properties[part] != "free text"


def held_title(policy: CompiledPolicy, name: str) -> str:
    """What an item, an event or a property is called."""
    whole, _dot, part = name.partition(".")
    held = policy.items.get(whole) or policy.events.get(whole)
    title = held.title.lower() if held else title_of(whole).lower()
    return f"{title} ({title_of(part).lower()})" if part else title


def _properties(event: Event) -> str:
    return listing(f"{title_of(name).lower()} ({kind})" for name, kind in event.properties.items())


def kept_for(policy: CompiledPolicy, one: Held, cell: int) -> str:
    """How long it is kept, in words: its ceilings, and the duties that may keep it longer."""
    words = times_words(one.keep[cell], policy.moments)
    if not one.duties:
        return words
    duties = listing(title_of(duty).lower() for duty in one.duties)
    return f"{words}; longer, and locked, where the law says so ({duties})"


def how_long(policy: CompiledPolicy, cell: int | None) -> Section:
    """Ceilings, duties and backups."""
    at = base_cell(policy) if cell is None else cell
    by_time: dict[str, list[str]] = {}
    for one in held(policy):
        by_time.setdefault(kept_for(policy, one, at), []).append(one.title)
    rows = tuple((time, listing(titles)) for time, titles in by_time.items())
    tables = [Table("How long each thing is kept, at most", ("How long", "What"), rows)] if rows else []
    if policy.retention.duties:
        tables.append(_duties(policy))
    return Section(
        "long",
        "How long we keep it",
        "Everything that we hold has a time after which we no longer use it.",
        tuple(_backups(policy)),
        tuple(tables),
    )


def _duties(policy: CompiledPolicy) -> Table:
    rows = tuple(
        (
            title_of(duty.name),
            time_words(duty.at_least, policy.moments),
            duty.by,
            listing(policy.purposes[name].title for name in duty.only_for if name in policy.purposes),
        )
        for duty in policy.retention.duties.values()
    )
    return Table(
        "What the law makes us keep longer", ("What", "At least", "By which law", "Used only for"), rows
    )


def _backups(policy: CompiledPolicy) -> list[str]:
    retention, said = policy.retention, []
    if retention.backups:
        said.append(f"Backups live for {length(retention.backups)}.")
    if retention.backups_of_keys:
        said.append(
            f"What identifies you is unreadable there {length(retention.backups_of_keys)} after deletion."
        )
    return [" ".join(said)] if said else []
