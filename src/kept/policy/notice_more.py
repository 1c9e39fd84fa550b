"""The sections of the notice about others and about promises: who gets data, your rights, what is never done."""

from collections.abc import Iterable

from kept.policy.compiled import CompiledPolicy
from kept.policy.compiled_rest import Rights
from kept.policy.laws import LAWS, RIGHTS
from kept.policy.notice_cells import table_of
from kept.policy.notice_model import Section, Table
from kept.policy.wording import count, length, listing, sentence, title_of


def given(policy: CompiledPolicy) -> Section:
    """Who else gets data, inside and outside."""
    tables = _tables(
        table_of(policy, "recipients", "Everyone who gets something from us", "Who"),
        table_of(policy, "staff", "Who sees it in our house", "Who"),
    )
    others = [*(one.title for one in policy.recipients.values()), *_with_cookies(policy)]
    short = (
        f"{count(len(others), 'kind')} of others {'gets' if len(others) == 1 else 'get'} some of it."
        if others
        else "Nobody else gets your data: this policy names nobody."
    )
    return Section("given", "Who else gets it", short, tuple(_given(policy)), tables)


def _with_cookies(policy: CompiledPolicy) -> list[str]:
    """Whoever sets a cookie of their own learns of the visit."""
    return sorted({one.set_by for one in policy.cookies.values()} - {"us"})


def _given(policy: CompiledPolicy) -> Iterable[str]:
    recipients = policy.recipients.values()
    sold = [one.title for one in recipients if one.sale]
    shared = [one.title for one in recipients if one.sharing_for_ads]
    if cookies := _with_cookies(policy):
        yield f"By cookies of their own, these learn of your visit: {listing(cookies)}."
    if recipients:
        yield f"We sell it to {listing(sold)}." if sold else "None of them pays for it."
    if shared:
        yield f"For advertising elsewhere we share it with {listing(shared)}."
    for one in recipients:
        for audience, differing in one.differing.items():
            words = listing(f"{name}: {_words(value)}" for name, value in differing.items())
            yield f"{one.title}, for {title_of(audience).lower()}: {words}."


def _words(value: object) -> str:
    return listing(map(str, value)) if isinstance(value, tuple) else str(value)


def rights(policy: CompiledPolicy) -> Section | None:
    """What people can ask, by which law, how, and within what time."""
    if policy.rights is None:
        return None
    found = policy.rights
    tables = _tables(
        _by_law(found),
        table_of(policy, "systems", "Where else it is, and how your rights are honoured there", "What"),
    )
    how = listing(found.channels, "or")
    short = f"You can ask us about your data{f': by {how}' if how else ''}."
    return Section("rights", "What you can ask", short, tuple(_rights(policy, found)), tables)


def _by_law(found: Rights) -> Table:
    said: dict[str, list[str]] = {word: ["our own promise"] for word in found.everyone_may}
    for name in found.laws:
        for word, article in LAWS[name].rights.items():
            said.setdefault(word, []).append(f"{name}, {article}")
    rows = tuple((title_of(word), RIGHTS[word], "; ".join(said[word])) for word in RIGHTS if word in said)
    return Table("What you may ask, and who says so", ("Right", "What it is", "By"), rows)


def _rights(policy: CompiledPolicy, found: Rights) -> Iterable[str]:
    if found.says:
        yield sentence(found.says)
    if found.law_follows:
        yield f"Which law holds for you follows your {found.law_follows}."
    for name in found.laws:
        law = LAWS[name]
        yield f"Under the {name} you are answered within {law.answer}; you may complain to {law.authority}."
    if any(terms.basis == "consent" for one in policy.purposes.values() for terms in one.terms):
        yield "What you allowed you can take back at any time; what was done until then stays lawful."
    if found.identity:
        yield f"How we make sure that it is you: {sentence(found.identity)}"
    if found.global_privacy_control:
        yield "Global Privacy Control, a signal that your browser may send, is honoured as a no."


def changes(policy: CompiledPolicy) -> Section | None:
    """How this notice changes."""
    found = policy.changes
    if found is None:
        return None
    said = [sentence(found.says)] if found.says else []
    for title, rule in (
        ("A new purpose", found.new_purpose),
        ("A new recipient", found.new_recipient),
        ("Keeping longer", found.longer_keeping),
    ):
        if rule:
            choice = f"; your say: {rule['choice']}" if "choice" in rule else ""
            said.append(f"{title}: you are told {length(rule['notice'])} before{choice}.")
    if found.wording:
        said.append(f"Changes of wording: {found.wording}.")
    short = f"Changes are posted {found.posted or 'here'}."
    return Section("changes", "How this changes", short, tuple(said))


def links(policy: CompiledPolicy) -> Section | None:
    """What is said and done about links to other sites."""
    found = policy.links
    if found is None:
        return None
    said = [
        sentence(found.says),
        f"Beside a link we show {found.shows}." if found.shows else "",
        f"We link to sites that are {listing(found.only)}, and to no others." if found.only else "",
        f"Links are checked {found.checked}." if found.checked else "",
        f"A bad one: {sentence(found.when_bad)}" if found.when_bad else "",
    ]
    return Section(
        "links", "Links to other sites", "Other sites follow their own statements.", tuple(filter(None, said))
    )


def of_entries(policy: CompiledPolicy) -> dict[str, Section]:
    """Sections that are one table of entries, by their slug."""
    made = {}
    for slug, (section, title, short, caption, first) in ENTRIES.items():
        if (table := table_of(policy, section, caption, first)) is not None:
            tables = _tables(table, _features(policy) if slug == "services" else None)
            made[slug] = Section(slug, title, short, (), tables)
    return made


ENTRIES = {
    "children": (
        "guardians",
        "Children, and who decides for them",
        "For some, a parent or guardian decides.",
        "Who decides for whom",
        "Who",
    ),
    "services": (
        "services",
        "What our services need",
        "What a service cannot do without is asked for; nothing else is.",
        "Every service",
        "Service",
    ),
    "decisions": (
        "decisions",
        "What programs decide",
        "Programs take part in these decisions.",
        "Every decision by a program",
        "Decision",
    ),
    "figures": ("aggregates", "Figures", "We count over many people.", "Every figure", "Figure"),
    "messages": (
        "messages",
        "Messages that you get",
        "We write to you in these cases.",
        "Every message",
        "Message",
    ),
    "protect": ("measures", "How we protect it", "These measures are taken.", "Every measure", "Measure"),
    "never": (
        "never",
        "What we never do",
        "These rules stand above everything else here.",
        "Every such rule",
        "Rule",
    ),
    "clients": (
        "clients",
        "What we do for our clients",
        "What we handle for clients we handle on their word.",
        "For clients",
        "Client",
    ),
}


def _features(policy: CompiledPolicy) -> Table | None:
    rows = tuple(
        (title_of(name), one.title, sentence(says), listing(_powering(policy, name)))
        for one in policy.services.values()
        for name, says in one.features.items()
    )
    return (
        Table("What each service can do", ("Feature", "Service", "In our words", "Powered by"), rows)
        if rows
        else None
    )


def _powering(policy: CompiledPolicy, feature: str) -> Iterable[str]:
    return (one.title for one in policy.purposes.values() if feature in one.powers.split(", "))


def from_outside(policy: CompiledPolicy) -> tuple[Table, ...]:
    """Tables of who sends us something."""
    return _tables(
        table_of(policy, "sources", "Others who send us something", "Who"),
        table_of(policy, "partners", "Sites that carry our script", "Who"),
    )


def jointly(policy: CompiledPolicy) -> tuple[Table, ...]:
    """The table of who decides together."""
    return _tables(table_of(policy, "controllers", "Who decides together", "Who"))


def _tables(*tables: Table | None) -> tuple[Table, ...]:
    return tuple(table for table in tables if table is not None)
