"""Facts in plain words: times, places, choices, grounds, sources. Each is said in the language that is handed in."""

from collections.abc import Iterable, Mapping

from kept.base.language import Language, marked, several
from kept.policy.compiled import Audience, Choice, Form
from kept.policy.compiled_rest import Moment
from kept.policy.places import COUNTRY_NAMES, EEA, EU
from kept.policy.times import Span

CHOICES = {
    Choice.NONE: marked("no choice: it is needed"),
    Choice.OBJECTION: marked("until you object"),
    Choice.OPT_OUT: marked("until you say no"),
    Choice.OPT_IN: marked("only after you say yes"),
    Choice.NEVER: marked("never"),
}

GROUNDS = {
    "consent": marked("your consent"),
    "contract": marked("needed for the service that you asked for"),
    "legal obligation": marked("the law demands it"),
    "legitimate interest": marked("our legitimate interest, weighed against yours"),
    "notice": marked("we tell you, and you may say no"),
    "public task": marked("a public task"),
    "signed authorisation": marked("an authorisation that you signed"),
    "vital interests": marked("it protects someone's life"),
}

FORMS = {
    Form.IDENTIFIED: marked("with what identifies you"),
    Form.PSEUDONYMOUS: marked("without your name, under a made-up number"),
    Form.AGGREGATE: marked("as totals over many people"),
}

SOURCES = {
    "dialog": marked("you answer a question on the page"),
    "form": marked("you give it in a form"),
    "mail": marked("you write it to us"),
    "recording": marked("a recording"),
    "server": marked("our own systems"),
    "server log": marked("our server's log"),
    "staff": marked("our staff"),
    "partner": marked("our script on a partner's site"),
    "tracker": marked("our script on the page"),
}

IDENTIFIES = {
    "directly": marked("yes"),
    "indirectly": marked("only together with other data"),
    "no": marked("no"),
}

SPECIAL_KINDS = {
    "origin": marked("racial or ethnic origin"),
    "politics": marked("political opinions"),
    "belief": marked("religious or philosophical beliefs"),
    "union": marked("membership of a trade union"),
    "genetic": marked("genetic data"),
    "biometric": marked("biometric data"),
    "health": marked("health"),
    "sex life": marked("sex life or sexual orientation"),
    "criminal": marked("crimes and convictions"),
}
"""What laws protect specially (GDPR Art. 9(1) and 10), by the words of the language."""

MOMENTS = {
    "gathered": marked("we gathered it"),
    "last use": marked("we last used it"),
    "last seen": marked("your last visit"),
    "account closes": marked("your account closes"),
    "service ends": marked("the service ends"),
    "agreement ends": marked("our agreement ends"),
    "consent withdrawn": marked("you withdraw your consent"),
    "majority": marked("you come of age"),
    "death": marked("death"),
    "request answered": marked("your request is answered"),
    "warning": marked("you were warned"),
}

LENGTHS = {
    "minute": several("{n} minute", "{n} minutes"),
    "hour": several("{n} hour", "{n} hours"),
    "day": several("{n} day", "{n} days"),
    "week": several("{n} week", "{n} weeks"),
    "month": several("{n} month", "{n} months"),
    "year": several("{n} year", "{n} years"),
}

ENDS_OF = {
    "month": marked("the end of the month in which {moment}"),
    "year": marked("the end of the year in which {moment}"),
    "school year": marked("the end of the school year in which {moment}"),
}


def title_of(name: str) -> str:
    """A name as a title: job_view → Job view."""
    return name.replace("_", " ").capitalize()


def sentence(words: str) -> str:
    """Words as a sentence: a capital first, a full stop last."""
    text = words.strip()
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?" else f"{text}."


def length(span: Span, say: Language) -> str:
    """The length of a span alone: 13 months."""
    return say.plural(*LENGTHS[span.unit], span.amount)


def time_words(span: Span, moments: Mapping[str, Moment], say: Language) -> str:
    """A span in words: "13 months", "30 days after your account closes"."""
    if span.date:
        return say("until the end of {day}", day=say.day(span.date))
    moment = moment_words(span.moment, moments, say)
    if span.end_of:
        return _from_end(span, moment, say)
    if span.moment == "gathered":
        return length(span, say)
    if not span.amount:
        return say("until {moment}", moment=moment)
    return say("{length} after {moment}", length=length(span, say), moment=moment)


def _from_end(span: Span, moment: str, say: Language) -> str:
    end = say(ENDS_OF[span.end_of], moment=moment)
    if not span.amount:
        return say.within("the end of a period", "until {end}", end=end)
    return say.within("the end of a period", "{length} after {end}", length=length(span, say), end=end)


def moment_words(name: str, moments: Mapping[str, Moment], say: Language) -> str:
    """A moment as it stands inside a sentence: one of the language's, or one of the company's own by what it says."""
    if name in MOMENTS:
        return say(MOMENTS[name])
    says = moments[name].says.rstrip(".") if name in moments else ""
    own = say.inside(says) if says else say("“{name}”", name=say.inside(title_of(name)))
    return say.within("a moment of the company's own", "{moment}", moment=own)


def times_words(spans: Iterable[Span], moments: Mapping[str, Moment], say: Language) -> str:
    """Several ceilings: the earliest counts."""
    words = [time_words(span, moments, say) for span in spans]
    if len(words) == 1:
        return words[0]
    return say("{times}, whichever comes first", times=say.either_clause(words))


def places_words(codes: Iterable[str], say: Language, inside: str = "") -> str:
    """Places by name, with all of the EEA or EU as one. `inside`: "in", where the sentence has that before them."""
    left, words = set(codes), []
    for group, name in UNIONS:
        if group <= left:
            left -= group
            words.append(_place(name, say, inside))
    return say.listing([*words, *sorted(_place(COUNTRY_NAMES.get(code, code), say, inside) for code in left)])


def _place(name: str, say: Language, inside: str) -> str:
    return say.within(inside, name) if inside else say(name)


UNIONS = ((EEA, "the European Economic Area"), (EU, "the European Union"))


def audience_words(audience: Audience, say: Language) -> str:
    """Who is in an audience: living in California; aged under 16."""
    parts = []
    if audience.lives_in:
        parts.append(say("living in {places}", places=places_words(audience.lives_in, say, "in")))
    if audience.age:
        parts.append(ages_words(*audience.age, say))
    if audience.people:
        roles = say.either(say.inside(title_of(role)) for role in audience.people)
        parts.append(say("as {roles}", roles=roles))
    return ", ".join(parts) or say("everyone")


def ages_words(low: int, high: int, say: Language) -> str:
    """An age from, and up to and including."""
    if low == 0:
        return say("aged under {age}", age=high + 1)
    if high >= 120:
        return say("aged {age} or over", age=low)
    return say("aged {low} to {high}", low=low, high=high)
