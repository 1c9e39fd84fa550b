"""Facts in plain English: times, places, choices, grounds, sources."""

from collections.abc import Iterable, Mapping

from kept.policy.compiled import Audience, Choice, Form
from kept.policy.compiled_rest import Moment
from kept.policy.places import COUNTRY_NAMES, EEA, EU
from kept.policy.times import Span

CHOICES = {
    Choice.NONE: "no choice: it is needed",
    Choice.OBJECTION: "until you object",
    Choice.OPT_OUT: "until you say no",
    Choice.OPT_IN: "only after you say yes",
    Choice.NEVER: "never",
}

GROUNDS = {
    "consent": "your consent",
    "contract": "needed for the service that you asked for",
    "legal obligation": "the law demands it",
    "legitimate interest": "our legitimate interest, weighed against yours",
    "notice": "we tell you, and you may say no",
    "public task": "a public task",
    "signed authorisation": "an authorisation that you signed",
    "vital interests": "it protects someone's life",
}

FORMS = {
    Form.IDENTIFIED: "with what identifies you",
    Form.PSEUDONYMOUS: "without your name, under a made-up number",
    Form.AGGREGATE: "as totals over many people",
}

SOURCES = {
    "dialog": "you answer a question on the page",
    "form": "you give it in a form",
    "mail": "you write it to us",
    "recording": "a recording",
    "server": "our own systems",
    "server log": "our server's log",
    "staff": "our staff",
    "partner": "our script on a partner's site",
    "tracker": "our script on the page",
}

IDENTIFIES = {"directly": "yes", "indirectly": "only together with other data", "no": "no"}

MOMENTS = {
    "gathered": "we gathered it",
    "last use": "we last used it",
    "last seen": "your last visit",
    "account closes": "your account closes",
    "service ends": "the service ends",
    "agreement ends": "our agreement ends",
    "consent withdrawn": "you withdraw your consent",
    "majority": "you come of age",
    "death": "death",
    "request answered": "your request is answered",
    "warning": "you were warned",
}


def title_of(name: str) -> str:
    """A name as a title: job_view → Job view."""
    return name.replace("_", " ").capitalize()


def listing(words: Iterable[str], joined: str = "and") -> str:
    """Words in one phrase: a, b and c."""
    every = [word for word in words if word]
    if len(every) < 2:
        return "".join(every)
    return f"{', '.join(every[:-1])} {joined} {every[-1]}"


def sentence(words: str) -> str:
    """Words as a sentence: a capital first, a full stop last."""
    text = words.strip()
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?" else f"{text}."


def count(number: int, one: str, many: str = "") -> str:
    """A number and its noun: 1 cookie, 4 cookies."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def length(span: Span) -> str:
    """The length of a span alone: 13 months."""
    return count(span.amount, span.unit)


def time_words(span: Span, moments: Mapping[str, Moment]) -> str:
    """A span in words: "13 months", "30 days after your account closes"."""
    if span.date:
        return f"until the end of {span.date}"
    moment = _moment(span.moment, moments)
    if span.end_of:
        moment = f"the end of the {span.end_of} in which {moment}"
    elif span.moment == "gathered":
        return length(span)
    if not span.amount:
        return f"until {moment}"
    return f"{length(span)} after {moment}"


def _moment(name: str, moments: Mapping[str, Moment]) -> str:
    if name in MOMENTS:
        return MOMENTS[name]
    says = moments[name].says.rstrip(".") if name in moments else ""
    return says[0].lower() + says[1:] if says else f"“{title_of(name).lower()}”"


def times_words(spans: Iterable[Span], moments: Mapping[str, Moment]) -> str:
    """Several ceilings: the earliest counts."""
    words = [time_words(span, moments) for span in spans]
    return words[0] if len(words) == 1 else f"{listing(words, 'or')}, whichever comes first"


def places_words(codes: Iterable[str]) -> str:
    """Places by name, with all of the EEA or EU as one."""
    left, words = set(codes), []
    for group, name in ((EEA, "the European Economic Area"), (EU, "the European Union")):
        if group <= left:
            left -= group
            words.append(name)
    return listing([*words, *sorted(COUNTRY_NAMES.get(code, code) for code in left)])


def audience_words(audience: Audience) -> str:
    """Who is in an audience: living in California; aged under 16."""
    parts = []
    if audience.lives_in:
        parts.append(f"living in {places_words(audience.lives_in)}")
    if audience.age:
        parts.append(_ages(*audience.age))
    if audience.people:
        parts.append(f"as {listing((title_of(role).lower() for role in audience.people), 'or')}")
    return ", ".join(parts) or "everyone"


def _ages(low: int, high: int) -> str:
    if low == 0:
        return f"aged under {high + 1}"
    return f"aged {low} or over" if high >= 120 else f"aged {low} to {high}"
