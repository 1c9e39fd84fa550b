"""The smaller sections of the notice: who we are, cookies, where you live, what was assumed."""

from kept.base.language import Language
from kept.policy.compiled import (
    NO_ANSWER,
    Answer,
    Choice,
    CompiledPolicy,
    Cookie,
    Event,
    Item,
    Purpose,
    counted,
)
from kept.policy.compiled_rest import Role
from kept.policy.fixed import HELD_IN
from kept.policy.notice_model import Section, Table, with_rows
from kept.policy.wording import (
    CHOICES,
    audience_words,
    length,
    places_words,
    sentence,
    time_words,
    times_words,
)


def base_cell(policy: CompiledPolicy) -> int:
    """The cell of people in no audience, or else the first: what holds where nothing differs."""
    nowhere = frozenset({frozenset[str]()})
    return policy.possible.index(nowhere) if nowhere in policy.possible else 0


def held(policy: CompiledPolicy) -> tuple[Item | Event, ...]:
    """Items, then events."""
    return (*policy.items.values(), *policy.events.values())


def who(policy: CompiledPolicy, say: Language) -> Section:
    """Who is answerable."""
    company = policy.company
    paragraphs = [
        say(
            "{company} decides what is done with your data. Its site is {site}.",
            company=company.name,
            site=company.site,
        ),
        say("It is based in {country}.", country=places_words((company.country,), say, "in")),
    ]
    if company.officer:
        paragraphs.append(say("Its data protection officer: {officer}.", officer=company.officer))
    if company.representative:
        paragraphs.append(
            say("Its representative in Europe: {representative}.", representative=company.representative)
        )
    rows = tuple((one.title, _whom(policy, say, one)) for one in policy.people.values())
    return Section(
        "who",
        say("Who we are"),
        say(
            "{company} answers for your data: write to {contact}.",
            company=company.name,
            contact=company.contact,
        ),
        tuple(paragraphs),
        (Table(say("Whom this notice speaks of"), (say("Name"), say("Who that is")), rows),),
    )


def _whom(policy: CompiledPolicy, say: Language, one: Role) -> str:
    told = say("Told within {time}.", time=time_words(one.told, policy.moments, say)) if one.told else ""
    return " ".join(filter(None, (sentence(one.says), told)))


def cookies(policy: CompiledPolicy, say: Language) -> Section | None:
    """Each declared cookie, and where visits are counted without any."""
    counting = _counting(policy, say)
    if not policy.cookies and not counting:
        return None
    needed = sum(cookie.strictly_necessary for cookie in policy.cookies.values())
    rows = tuple(_cookie(policy, say, cookie) for cookie in policy.cookies.values())
    headers = (
        say("Cookie"),
        say("What it does"),
        say("What for"),
        say("What it holds"),
        say("How long it lasts"),
        say("Needed for the site to work"),
    )
    return Section(
        "cookies",
        say("Cookies"),
        _few(len(policy.cookies), needed, say),
        (counting,) if counting else (),
        with_rows(Table(say("Every cookie"), headers, rows)),
    )


def _few(every: int, needed: int, say: Language) -> str:
    if not every:
        return say("We use no cookies.")
    return say.plural(
        "We use {n} cookie; the site cannot work without {needed} of them.",
        "We use {n} cookies; the site cannot work without {needed} of them.",
        every,
        needed=needed,
    )


def _cookie(policy: CompiledPolicy, say: Language, cookie: Cookie) -> tuple[str, ...]:
    served = say.listing(one.title for one in policy.purposes.values() if one.mask & cookie.purposes)
    needed = say("yes") if cookie.strictly_necessary else say("no")
    holds = say(HELD_IN[cookie.holds]) if cookie.holds in HELD_IN else cookie.holds.replace("_", " ")
    return cookie.name, cookie.says, served, holds, length(cookie.lasts, say), needed


def _counting(policy: CompiledPolicy, say: Language) -> str:
    if not policy.counting_in:
        return ""
    if len(policy.counting_in) > 60:
        said = say("In most countries we count visits without cookies; elsewhere we do not.")
    else:
        places = places_words(policy.counting_in, say, "in")
        said = say("In {places} we count visits without cookies. Elsewhere we do not.", places=places)
    return f"{said} {_uncounted(say)}".rstrip()


def _uncounted(say: Language) -> str:
    """Who is left out of that, by the rule that leaves them out."""
    cases = (
        (say("that said no to anything"), counted(Answer(no=1), signal=False)),
        (say("that sends the Global Privacy Control signal"), counted(NO_ANSWER, signal=True)),
    )
    left_out = say.either(words for words, is_counted in cases if not is_counted)
    return say("A browser {left_out} is not counted.", left_out=left_out) if left_out else ""


def where(policy: CompiledPolicy, say: Language) -> Section | None:
    """What differs for each audience from what holds for everyone else."""
    if not policy.audiences:
        return None
    base = base_cell(policy)
    rows = tuple(row for name in policy.audiences for row in _differences(policy, say, name, base))
    who_is = tuple((one.title, sentence(audience_words(one, say))) for one in policy.audiences.values())
    headers = (say("For whom"), say("What"), say("For everyone else"), say("For them"))
    return Section(
        "where",
        say("Where you live, and how old you are"),
        say(
            "Some rules differ by where you live or how old you are; where several fit, the strictest counts."
        ),
        (_unknown(policy, say),),
        (
            Table(say("For whom rules differ"), (say("Name"), say("Who that is")), who_is),
            Table(say("What differs"), headers, rows),
        ),
    )


def _unknown(policy: CompiledPolicy, say: Language) -> str:
    presumed = policy.if_unknown.get("residence")
    if presumed is None:
        return say("If we do not know where you live, the strictest of these rules counts for you.")
    return say(
        "If we do not know where you live, we take it to be {places}.", places=places_words(presumed, say)
    )


def _differences(policy: CompiledPolicy, say: Language, audience: str, base: int) -> list[tuple[str, ...]]:
    alone = frozenset({frozenset({audience})})
    if alone not in policy.possible:
        return []
    cell, title = policy.possible.index(alone), policy.audiences[audience].title
    choices = [
        (title, one.title, say(CHOICES[one.terms[base].choice]), say(CHOICES[one.terms[cell].choice]))
        for one in policy.purposes.values()
        if one.terms[base].choice != one.terms[cell].choice
    ]
    keeps = [
        (
            title,
            say("How long: {title}", title=one.title),
            times_words(one.keep[base], policy.moments, say),
            times_words(one.keep[cell], policy.moments, say),
        )
        for one in held(policy)
        if one.keep[base] != one.keep[cell]
    ]
    return [*choices, *keeps]


def assumed(policy: CompiledPolicy, say: Language) -> Section | None:
    """Facts that the company's own source does not give, each with the reason."""
    if not policy.assumptions:
        return None
    rows = tuple((one.path or say("the whole file"), one.reason) for one in policy.assumptions)
    return Section(
        "assumed",
        say("What was assumed"),
        say.plural(
            "{n} fact in this notice had to be assumed, for the reason given.",
            "{n} facts in this notice had to be assumed, each for the reason given.",
            len(rows),
        ),
        (),
        (Table(say("Every assumption"), (say("What"), say("Why")), rows),),
    )


def asked(purpose: Purpose, cell: int) -> bool:
    """Whether people in the cell have a yes or no to give."""
    return purpose.terms[cell].choice in {Choice.OPT_OUT, Choice.OPT_IN}
