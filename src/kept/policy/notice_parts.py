"""The smaller sections of the notice: who we are, cookies, where you live, what was assumed."""

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
from kept.policy.notice_model import Section, Table
from kept.policy.places import COUNTRY_NAMES
from kept.policy.wording import (
    CHOICES,
    audience_words,
    count,
    length,
    listing,
    places_words,
    sentence,
    time_words,
    times_words,
    title_of,
)


def base_cell(policy: CompiledPolicy) -> int:
    """The cell of people in no audience, or else the first: what holds where nothing differs."""
    nowhere = frozenset({frozenset[str]()})
    return policy.possible.index(nowhere) if nowhere in policy.possible else 0


def held(policy: CompiledPolicy) -> tuple[Item | Event, ...]:
    """Items, then events."""
    return (*policy.items.values(), *policy.events.values())


def who(policy: CompiledPolicy) -> Section:
    """Who is answerable."""
    company = policy.company
    country = COUNTRY_NAMES.get(company.country, company.country)
    paragraphs = [
        f"{company.name} decides what is done with your data. Its site is {company.site}.",
        f"It is based in {country}.",
    ]
    if company.officer:
        paragraphs.append(f"Its data protection officer: {company.officer}.")
    if company.representative:
        paragraphs.append(f"Its representative in Europe: {company.representative}.")
    rows = tuple((title_of(name), _whom(policy, one)) for name, one in policy.people.items())
    return Section(
        "who",
        "Who we are",
        f"{company.name} answers for your data: write to {company.contact}.",
        tuple(paragraphs),
        (Table("Whom this notice speaks of", ("Name", "Who that is"), rows),),
    )


def _whom(policy: CompiledPolicy, one: Role) -> str:
    told = f"Told within {time_words(one.told, policy.moments)}." if one.told else ""
    return " ".join(filter(None, (sentence(one.says), told)))


def cookies(policy: CompiledPolicy) -> Section | None:
    """Each declared cookie, and where visits are counted without any."""
    counting = _counting(policy)
    if not policy.cookies and not counting:
        return None
    needed = sum(cookie.strictly_necessary for cookie in policy.cookies.values())
    rows = tuple(_cookie(policy, cookie) for cookie in policy.cookies.values())
    headers = (
        "Cookie",
        "What it does",
        "What for",
        "What it holds",
        "How long it lasts",
        "Needed for the site to work",
    )
    short = (
        f"We use {count(len(policy.cookies), 'cookie')}; the site cannot work without {needed} of them."
        if policy.cookies
        else "We use no cookies."
    )
    tables = (Table("Every cookie", headers, rows),) if rows else ()
    return Section("cookies", "Cookies", short, (counting,) if counting else (), tables)


def _cookie(policy: CompiledPolicy, cookie: Cookie) -> tuple[str, ...]:
    served = listing(one.title for one in policy.purposes.values() if one.mask & cookie.purposes)
    needed = "yes" if cookie.strictly_necessary else "no"
    return cookie.name, cookie.says, served, cookie.holds.replace("_", " "), length(cookie.lasts), needed


def _counting(policy: CompiledPolicy) -> str:
    if not policy.counting_in:
        return ""
    if len(policy.counting_in) > 60:
        return f"In most countries we count visits without cookies; elsewhere we do not. {_uncounted()}"
    places = places_words(policy.counting_in)
    return f"In {places} we count visits without cookies. Elsewhere we do not. {_uncounted()}"


def _uncounted() -> str:
    """Who is left out of that, by the rule that leaves them out."""
    cases = (
        ("that said no to anything", counted(Answer(no=1), signal=False)),
        ("that sends the Global Privacy Control signal", counted(NO_ANSWER, signal=True)),
    )
    left_out = listing((words for words, is_counted in cases if not is_counted), "or")
    return f"A browser {left_out} is not counted." if left_out else ""


def where(policy: CompiledPolicy) -> Section | None:
    """What differs for each audience from what holds for everyone else."""
    if not policy.audiences:
        return None
    base = base_cell(policy)
    rows = tuple(row for name in policy.audiences for row in _differences(policy, name, base))
    who_is = tuple((title_of(name), sentence(audience_words(one))) for name, one in policy.audiences.items())
    return Section(
        "where",
        "Where you live, and how old you are",
        "Some rules differ by where you live or how old you are; where several fit, the strictest counts.",
        (_unknown(policy),),
        (
            Table("For whom rules differ", ("Name", "Who that is"), who_is),
            Table("What differs", ("For whom", "What", "For everyone else", "For them"), rows),
        ),
    )


def _unknown(policy: CompiledPolicy) -> str:
    presumed = policy.if_unknown.get("residence")
    if presumed is None:
        return "If we do not know where you live, the strictest of these rules counts for you."
    return f"If we do not know where you live, we take it to be {places_words(presumed)}."


def _differences(policy: CompiledPolicy, audience: str, base: int) -> list[tuple[str, ...]]:
    alone = frozenset({frozenset({audience})})
    if alone not in policy.possible:
        return []
    cell, title = policy.possible.index(alone), title_of(audience)
    choices = [
        (title, one.title, CHOICES[one.terms[base].choice], CHOICES[one.terms[cell].choice])
        for one in policy.purposes.values()
        if one.terms[base].choice != one.terms[cell].choice
    ]
    keeps = [
        (
            title,
            f"How long: {one.title}",
            times_words(one.keep[base], policy.moments),
            times_words(one.keep[cell], policy.moments),
        )
        for one in held(policy)
        if one.keep[base] != one.keep[cell]
    ]
    return [*choices, *keeps]


def assumed(policy: CompiledPolicy) -> Section | None:
    """Facts that the company's own source does not give, each with the reason."""
    if not policy.assumptions:
        return None
    rows = tuple((one.path or "the whole file", one.reason) for one in policy.assumptions)
    return Section(
        "assumed",
        "What was assumed",
        f"{count(len(rows), 'fact')} in this notice had to be assumed, each for the reason given.",
        (),
        (Table("Every assumption", ("What", "Why"), rows),),
    )


def asked(purpose: Purpose, cell: int) -> bool:
    """Whether people in the cell have a yes or no to give."""
    return purpose.terms[cell].choice in {Choice.OPT_OUT, Choice.OPT_IN}
