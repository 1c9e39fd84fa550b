"""The sections of the notice about what is held: what we gather, and how long we keep it."""

from kept.base.language import Language, marked
from kept.policy.compiled import CompiledPolicy, Event, Item
from kept.policy.fixed import fixed
from kept.policy.notice_model import Section, Table, with_rows
from kept.policy.notice_parts import base_cell, held
from kept.policy.wording import (
    IDENTIFIES,
    SOURCES,
    SPECIAL_KINDS,
    length,
    sentence,
    time_words,
    times_words,
    title_of,
)

Held = Item | Event
TOLD_BY_PEOPLE = {"dialog", "form", "mail"}
HEADERS = (
    marked("What"),
    marked("Of whom"),
    marked("Where it comes from"),
    marked("Names you"),
    marked("What for"),
    marked("Kept for"),
)


def what(policy: CompiledPolicy, say: Language, cell: int | None) -> Section:
    """Every item and event: where from, why, for how long."""
    at = base_cell(policy) if cell is None else cell
    groups = _groups(policy)
    headers = tuple(say(header) for header in HEADERS)
    rows = tuple(_row(policy, say, one, at) for one in policy.items.values())
    noted = tuple((*_row(policy, say, one, at), _properties(one, say)) for one in policy.events.values())
    tables = with_rows(
        Table(say("Everything we hold"), headers, rows),
        Table(say("Everything we take note of"), (say("What happens"), *headers[1:], say("With it")), noted),
        _special(policy, say),
        _hidden(policy, say),
    )
    paragraphs = tuple(_paragraph(policy, say, *pair) for pair in groups)
    return Section("what", say("What we gather"), _short(policy, say), paragraphs, tables)


def _short(policy: CompiledPolicy, say: Language) -> str:
    given = sum(bool(TOLD_BY_PEOPLE & set(one.sources)) for one in policy.items.values())
    other, done = len(policy.items) - given, len(policy.events)
    parts = [
        say.plural("{n} thing that you tell us", "{n} things that you tell us", given) if given else "",
        say.plural(
            "{n} thing that comes with your visit or that we work out",
            "{n} things that come with your visit or that we work out",
            other,
        )
        if other
        else "",
        say.plural("{n} thing that you do on our site", "{n} things that you do on our site", done)
        if done
        else "",
    ]
    if not any(parts):
        return say("We gather nothing.")
    return say("We gather {things}; nothing else.", things=say.listing(parts))


def _groups(policy: CompiledPolicy) -> list[tuple[str, list[Held]]]:
    found: dict[str, list[Held]] = {}
    for one in held(policy):
        found.setdefault(one.group, []).append(one)
    return list(found.items())


def _paragraph(policy: CompiledPolicy, say: Language, group: str, members: list[Held]) -> str:
    names = say.listing(say.inside(one.title) for one in members)
    whole = policy.held_groups.get(group)
    says = " ".join(sentence(one.says) for one in (*([whole] if whole else ()), *members) if one.says)
    if len(members) == 1:
        return f"{members[0].title}. {says}".strip()
    return f"{whole.title if whole else title_of(group)}: {names}. {says}".strip()


def _row(policy: CompiledPolicy, say: Language, one: Held, cell: int) -> tuple[str, ...]:
    return (
        one.title,
        say.listing(role_words(policy, say, role) for role in one.about),
        _source(policy, say, one),
        say(IDENTIFIES[one.identifies]),
        say.listing(purpose.title for purpose in policy.purposes.values() if purpose.mask & one.uses),
        kept_for(policy, say, one, cell),
    )


def role_words(policy: CompiledPolicy, say: Language, role: str) -> str:
    """A role as it stands inside a sentence."""
    known = policy.people.get(role)
    return say.inside(known.title) if known else fixed(role, say)


def source_words(policy: CompiledPolicy, say: Language, source: str) -> str:
    """Where something comes from: one of the language's own sources, or an entry of the file."""
    if source in SOURCES:
        return say(SOURCES[source])
    known = policy.sources.get(source) or policy.partners.get(source)
    return known.title if known else source


def _source(policy: CompiledPolicy, say: Language, one: Held) -> str:
    words = [source_words(policy, say, source) for source in one.sources]
    if one.derived_from:
        inputs = (
            held_title(policy, say, name)
            for name in one.derived_from
            if not goes_without_saying(policy, name)
        )
        words.append(say("we work it out from {inputs}", inputs=say.listing(inputs)))
    source = say.either(words)
    if one.required:
        source = say("{source}; you have to give it", source=source)
    if one.reduced_to:
        source = say("{source}; kept as {form} only", source=source, form=fixed(one.reduced_to, say))
    return source


def goes_without_saying(policy: CompiledPolicy, name: str) -> bool:
    """Whether an input is a property that goes without saying, since its event is named already."""
    event, dot, part = name.partition(".")
    return bool(dot) and event in policy.events and policy.events[event].properties[part] != "free text"


def held_title(policy: CompiledPolicy, say: Language, name: str) -> str:
    """What an item, an event or a property is called."""
    whole, _dot, part = name.partition(".")
    held = policy.items.get(whole) or policy.events.get(whole)
    title = say.inside(held.title if held else title_of(whole))
    return f"{title} ({say.inside(title_of(part))})" if part else title


def _properties(event: Event, say: Language) -> str:
    return say.listing(
        f"{say.inside(title_of(name))} ({fixed(kind, say)})" for name, kind in event.properties.items()
    )


def _special(policy: CompiledPolicy, say: Language) -> Table:
    """What is of a special category, and what allows it all the same (GDPR Art. 9(2), 10)."""
    rows = tuple(
        (one.title, say(SPECIAL_KINDS[one.special]), sentence(one.condition))
        for one in held(policy)
        if one.special
    )
    headers = (say("What"), say("What it tells of you"), say("Why the law allows it all the same"))
    return Table(say("What the law protects specially"), headers, rows)


def _hidden(policy: CompiledPolicy, say: Language) -> Table:
    """Who of those that could see something never does."""
    others = (policy.staff, policy.purposes, policy.recipients)
    titles = {name: one.title for entries in others for name, one in entries.items()}
    rows = tuple(
        (one.title, say.listing(titles[name] for name in one.hidden_from))
        for one in held(policy)
        if one.hidden_from
    )
    return Table(say("What is kept from some"), (say("What"), say("Whom and what it is kept from")), rows)


def kept_for(policy: CompiledPolicy, say: Language, one: Held, cell: int) -> str:
    """How long it is kept, in words: its ceilings, and the duties that may keep it longer."""
    words = times_words(one.keep[cell], policy.moments, say)
    if not one.duties:
        return words
    duties = say.listing(say.inside(policy.retention.duties[duty].title) for duty in one.duties)
    return say("{time}; longer, and locked, where the law says so ({duties})", time=words, duties=duties)


def how_long(policy: CompiledPolicy, say: Language, cell: int | None) -> Section:
    """Ceilings, duties and backups."""
    at = base_cell(policy) if cell is None else cell
    by_time: dict[str, list[str]] = {}
    for one in held(policy):
        by_time.setdefault(kept_for(policy, say, one, at), []).append(one.title)
    rows = tuple((time, say.listing(titles)) for time, titles in by_time.items())
    headers = (say("How long"), say("What"))
    at_most = Table(say("How long each thing is kept, at most"), headers, rows)
    return Section(
        "long",
        say("How long we keep it"),
        say("Everything that we hold has a time after which we no longer use it."),
        tuple(_backups(policy, say)),
        with_rows(at_most, _duties(policy, say)),
    )


def _duties(policy: CompiledPolicy, say: Language) -> Table:
    rows = tuple(
        (
            duty.title,
            time_words(duty.at_least, policy.moments, say),
            duty.by,
            say.listing(policy.purposes[name].title for name in duty.only_for if name in policy.purposes),
        )
        for duty in policy.retention.duties.values()
    )
    headers = (say("What"), say("At least"), say("By which law"), say("Used only for"))
    return Table(say("What the law makes us keep longer"), headers, rows)


def _backups(policy: CompiledPolicy, say: Language) -> list[str]:
    retention, said = policy.retention, []
    if retention.backups:
        said.append(say("Backups live for {length}.", length=length(retention.backups, say)))
    if retention.backups_of_keys:
        said.append(
            say(
                "What identifies you is unreadable there {length} after deletion.",
                length=length(retention.backups_of_keys, say),
            )
        )
    return [" ".join(said)] if said else []
