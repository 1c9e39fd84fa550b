"""The sections of the notice about others and about promises: who gets data, your rights, what is never done."""

from collections.abc import Iterable, Mapping
from typing import Any

from kept.base.language import Language, marked
from kept.policy.compiled import Choice, CompiledPolicy
from kept.policy.compiled_rest import Rights
from kept.policy.fixed import fixed
from kept.policy.laws import LAWS, RIGHT_NAMES, RIGHTS
from kept.policy.notice_cells import HEADERS, fact_words, table_of
from kept.policy.notice_model import Section, Table, with_rows
from kept.policy.wording import length, sentence, title_of


def given(policy: CompiledPolicy, say: Language) -> Section:
    """Who else gets data, inside and outside."""
    tables = with_rows(
        table_of(policy, say, "recipients", say("Everyone who gets something from us"), say("Who")),
        table_of(policy, say, "staff", say("Who sees it in our house"), say("Who")),
    )
    others = [*(one.title for one in policy.recipients.values()), *_with_cookies(policy)]
    short = (
        say.plural("{n} kind of others gets some of it.", "{n} kinds of others get some of it.", len(others))
        if others
        else say("Nobody else gets your data: this policy names nobody.")
    )
    return Section("given", say("Who else gets it"), short, tuple(_given(policy, say)), tables)


def _with_cookies(policy: CompiledPolicy) -> list[str]:
    """Whoever sets a cookie of their own learns of the visit."""
    return sorted({one.set_by for one in policy.cookies.values()} - {"us"})


def _given(policy: CompiledPolicy, say: Language) -> Iterable[str]:
    recipients = policy.recipients.values()
    sold = [one.title for one in recipients if one.sale]
    shared = [one.title for one in recipients if one.sharing_for_ads]
    if cookies := _with_cookies(policy):
        yield say("By cookies of their own, these learn of your visit: {names}.", names=say.listing(cookies))
    if recipients and sold:
        yield say("We sell it to {names}.", names=say.listing(sold))
    elif recipients:
        yield say("None of them pays for it.")
    if shared:
        yield say("For advertising elsewhere we share it with {names}.", names=say.listing(shared))
    for one in recipients:
        for audience, differing in one.differing.items():
            yield say(
                "{name}, for {audience}: {facts}.",
                name=one.title,
                audience=say.inside(policy.audiences[audience].title),
                facts="; ".join(_differing(policy, say, differing)),
            )


def _differing(policy: CompiledPolicy, say: Language, facts: Mapping[str, object]) -> Iterable[str]:
    for name, value in facts.items():
        words = fact_words(policy, say, "recipients", name, value)
        yield f"{say.inside(say(HEADERS[name]))}: {words}"


def rights(policy: CompiledPolicy, say: Language, cell: int | None) -> Section | None:
    """What people can ask, by which law, how, and within what time."""
    if policy.rights is None:
        return None
    found = policy.rights
    tables = with_rows(
        _by_law(found, say),
        table_of(
            policy,
            say,
            "systems",
            say("Where else it is, and how your rights are honoured there"),
            say("What"),
        ),
    )
    how = say.either(fixed(channel, say) for channel in found.channels)
    short = (
        say("You can ask us about your data: by {how}.", how=how)
        if how
        else say("You can ask us about your data.")
    )
    return Section("rights", say("What you can ask"), short, tuple(_rights(policy, say, found, cell)), tables)


def _by_law(found: Rights, say: Language) -> Table:
    said: dict[str, list[str]] = {word: [say("our own promise")] for word in found.everyone_may}
    for name in found.laws:
        for word, article in LAWS[name].rights.items():
            said.setdefault(word, []).append(say("{law}, {article}", law=say(name), article=say(article)))
    rows = tuple(
        (say(RIGHT_NAMES[word]), say(RIGHTS[word]), "; ".join(said[word])) for word in RIGHTS if word in said
    )
    headers = (say("Right"), say("What it is"), say("Who says so"))
    return Table(say("What you may ask, and who says so"), headers, rows)


def _rights(policy: CompiledPolicy, say: Language, found: Rights, cell: int | None) -> Iterable[str]:
    if found.says:
        yield sentence(found.says)
    if found.law_follows:
        yield say("Which law holds for you follows your {fact}.", fact=fixed(found.law_follows, say))
    for name in found.laws:
        law = LAWS[name]
        yield say(
            "Under the {law} you are answered within {time}; you may complain to {authority}.",
            law=say(name),
            time=say(law.answer),
            authority=say(law.authority),
        )
    if any(terms.basis == "consent" for one in policy.purposes.values() for terms in one.terms):
        yield say("What you allowed you can take back at any time; what was done until then stays lawful.")
    objected = [
        purpose.title
        for purpose in policy.purposes.values()
        if any(terms.choice is Choice.OBJECTION for terms in purpose.of(cell))
    ]
    if objected:  # GDPR Art. 21(4): apart from everything else
        yield say("You may object at any time to {purposes}.", purposes=say.listing(objected))
    if found.identity:
        yield say("How we make sure that it is you: {how}", how=sentence(found.identity))
    if found.global_privacy_control:
        yield say("Global Privacy Control, a signal that your browser may send, is honoured as a no.")


def changes(policy: CompiledPolicy, say: Language) -> Section | None:
    """How this notice changes."""
    found = policy.changes
    if found is None:
        return None
    said = [sentence(found.says)] if found.says else []
    for title, rule in (
        (say("A new purpose"), found.new_purpose),
        (say("A new recipient"), found.new_recipient),
        (say("Keeping longer"), found.longer_keeping),
    ):
        if rule:
            said.append(_change(title, rule, say))
    if found.wording:
        said.append(say("Changes of wording: {when}.", when=found.wording))
    short = say("Changes are posted {where}.", where=found.posted or say("here"))
    return Section("changes", say("How this changes"), short, tuple(said))


def _change(title: str, rule: Mapping[str, Any], say: Language) -> str:
    before = length(rule["notice"], say)
    if "choice" not in rule:
        return say("{change}: you are told {length} before.", change=title, length=before)
    return say(
        "{change}: you are told {length} before; your say: {choice}.",
        change=title,
        length=before,
        choice=fixed(rule["choice"], say),
    )


def links(policy: CompiledPolicy, say: Language) -> Section | None:
    """What is said and done about links to other sites."""
    found = policy.links
    if found is None:
        return None
    said = [
        sentence(found.says),
        say("Beside a link we show {what}.", what=found.shows) if found.shows else "",
        say("We link to sites that are {kinds}, and to no others.", kinds=say.listing(found.only))
        if found.only
        else "",
        say("Links are checked {when}.", when=found.checked) if found.checked else "",
        say("A bad one: {what}", what=sentence(found.when_bad)) if found.when_bad else "",
    ]
    return Section(
        "links",
        say("Links to other sites"),
        say("Other sites follow their own statements."),
        tuple(filter(None, said)),
    )


def of_entries(policy: CompiledPolicy, say: Language) -> dict[str, Section]:
    """Sections that are one table of entries, by their slug."""
    made = {}
    for slug, (section, title, short, caption, first) in ENTRIES.items():
        if (table := table_of(policy, say, section, say(caption), say(first))) is not None:
            tables = with_rows(table, _features(policy, say) if slug == "services" else None)
            made[slug] = Section(slug, say(title), say(short), (), tables)
    return made


ENTRIES = {
    "children": (
        "guardians",
        marked("Children, and who decides for them"),
        marked("For some, a parent or guardian decides."),
        marked("Who decides for whom"),
        marked("Who"),
    ),
    "services": (
        "services",
        marked("What our services need"),
        marked("What a service cannot do without is asked for; nothing else is."),
        marked("Every service"),
        marked("Service"),
    ),
    "decisions": (
        "decisions",
        marked("What programs decide"),
        marked("Programs take part in these decisions."),
        marked("Every decision by a program"),
        marked("Decision"),
    ),
    "figures": (
        "aggregates",
        marked("Figures"),
        marked("We count over many people."),
        marked("Every figure"),
        marked("Figure"),
    ),
    "messages": (
        "messages",
        marked("Messages that you get"),
        marked("We write to you in these cases."),
        marked("Every message"),
        marked("Message"),
    ),
    "protect": (
        "measures",
        marked("How we protect it"),
        marked("These measures are taken."),
        marked("Every measure"),
        marked("Measure"),
    ),
    "never": (
        "never",
        marked("What we never do"),
        marked("These rules stand above everything else here."),
        marked("Every such rule"),
        marked("Rule"),
    ),
    "clients": (
        "clients",
        marked("What we do for our clients"),
        marked("What we handle for clients we handle on their word."),
        marked("For clients"),
        marked("Client"),
    ),
}


def _features(policy: CompiledPolicy, say: Language) -> Table:
    rows = tuple(
        (title_of(name), one.title, sentence(says), say.listing(_powering(policy, name)))
        for one in policy.services.values()
        for name, says in one.features.items()
    )
    headers = (say("Feature"), say("Service"), say("In our words"), say("Powered by"))
    return Table(say("What each service can do"), headers, rows)


def _powering(policy: CompiledPolicy, feature: str) -> Iterable[str]:
    return (one.title for one in policy.purposes.values() if feature in one.powers.split(", "))


def from_outside(policy: CompiledPolicy, say: Language) -> tuple[Table, ...]:
    """Tables of who sends us something."""
    return with_rows(
        table_of(policy, say, "sources", say("Others who send us something"), say("Who")),
        table_of(policy, say, "partners", say("Sites that carry our script"), say("Who")),
    )


def jointly(policy: CompiledPolicy, say: Language) -> tuple[Table, ...]:
    """The table of who decides together."""
    return with_rows(table_of(policy, say, "controllers", say("Who decides together"), say("Who")))
