"""The words of the language: sections, their keys, and what each key takes. The parser walks these tables."""

from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from kept.policy.plain import (
    ages,
    code,
    country,
    day,
    language,
    mail_address,
    number,
    path,
    web_address,
    whole_country,
)
from kept.policy.values import (
    TYPES,
    Atom,
    Keep,
    Ref,
    Timed,
    facts_of,
    keep,
    properties,
    ref,
    selection,
    timed,
)
from kept.policy.words import Reader, many, one_of, sentence, text, version, yes_no

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, eq=False)  # no slots: Python 3.11 cannot make a generic one
class Key(Generic[T_co]):
    """A key and how its value is read. `missing`: the code when it is required; `differs`: under `for`."""

    name: str
    read: Reader[T_co]
    missing: str = ""
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """An entry's keys. `groups`: it may be a group with `items`, and differ under `for`; `sections`: named
    entries below a key; `common`: whether it may have words of its own (`says`, `called`, `assumed`)."""

    keys: tuple[Key[object], ...]
    groups: bool = False
    sections: dict[str, "Shape"] = field(default_factory=dict)
    common: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Every key that may stand in an entry of this shape."""
        own = (*(key.name for key in self.keys), *self.sections)
        own = (*own, "says", "called", "assumed") if self.common else own
        return (*own, "items", "for") if self.groups else own

    def key(self, name: str) -> Key[object] | None:
        """The key of that name."""
        return next((key for key in (*self.keys, *COMMON) if key.name == name), None)


SAYS = Key[str]("says", sentence)
CALLED = Key[str]("called", text)
COMMON: tuple[Key[object], ...] = (SAYS, CALLED)

NAME_OF_COMPANY = Key[str]("name", text, "F08")
SITE = Key[str]("site", web_address, "F08")
CONTACT = Key[str]("contact", mail_address, "F08")
COUNTRY = Key[str]("country", country, "F08")
LANGUAGES = Key[tuple[str, ...]]("language", many(language))
REPRESENTATIVE = Key[str]("representative", text)
OFFICER = Key[str]("officer", text)

ACCOUNT = Key[bool]("account", yes_no)
PERSON = Key[bool]("person", yes_no)
TOLD = Key[str]("told", text)

LIVES_IN = Key[tuple[str, ...]]("lives in", many(code))
AGE = Key[tuple[int, int]]("age", ages)
IS = Key[tuple[Ref, ...]]("is", many(ref))
UNKNOWN_RESIDENCE = Key[tuple[str, ...]]("residence", many(text))
UNKNOWN_AGE = Key[str]("age", text)

ABOUT = Key[tuple[Ref, ...]]("about", many(ref), "F08")
FROM = Key[tuple[Ref, ...]]("from", many(ref))
KEEP = Key[Keep]("keep", keep, "K01", differs=True)
CATEGORY = Key[str]("category", text)
TYPE = Key[str]("type", one_of(*TYPES))
IDENTIFIES = Key[str]("identifies", one_of("directly", "indirectly", "no"))
SPECIAL = Key[str](
    "special",
    one_of("origin", "politics", "belief", "union", "genetic", "biometric", "health", "sex life", "criminal"),
)
CONDITION = Key[str]("condition", sentence)
HIDDEN_FROM = Key[tuple[Ref, ...]]("hidden from", many(ref))
DERIVED_FROM = Key[tuple[Atom, ...]]("derived from", selection)
MADE_FOR = Key[tuple[Ref, ...]]("made for", many(ref))
REDUCED_TO = Key[str]("reduced to", one_of("shortened address", "domain", "path"))
SCREENED_FOR = Key[str]("screened for", one_of("special"))
REQUIRED = Key[bool]("required", yes_no)
WITH = Key[dict[str, str]]("with", properties)

WHEN = Key[str]("when", text, "F08")

COOKIE_FOR = Key[tuple[Ref, ...]]("for", many(ref), "F08")
LASTS = Key[Timed]("lasts", timed, "D01")
HOLDS = Key[str]("holds", text)
SET_BY = Key[str]("set by", text)
STRICTLY_NECESSARY = Key[bool]("strictly necessary", yes_no)

COUNT_IN = Key[tuple[str, ...]]("in", many(whole_country))
COUNT_NOT_IN = Key[tuple[str, ...]]("not in", many(whole_country))

BASES = (
    "consent",
    "contract",
    "legal obligation",
    "legitimate interest",
    "notice",
    "public task",
    "signed authorisation",
    "vital interests",
)
CHOICES = ("none", "objection", "opt out", "opt in", "never")
USES = Key[tuple[Atom, ...]]("uses", selection, "F08")
BASIS = Key[str]("basis", one_of(*BASES), "F08", differs=True)
CHOICE = Key[str]("choice", one_of(*CHOICES), differs=True)
FORM = Key[str]("form", one_of("identified", "pseudonymous", "aggregate"))
LOOKS_BACK = Key[Timed]("looks back", timed)
ON_DEMAND = Key[bool]("on demand", yes_no)
POWERS = Key[tuple[Ref, ...]]("powers", many(ref))
WITHOUT_IT = Key[str]("without it", sentence)
BALANCE = Key[str]("balance", sentence)
ASSESSMENT = Key[str]("assessment", sentence)
AUTHORISATION = Key[dict[str, str]]("authorisation", facts_of("document", "names", "ends", "by"))

AT_MOST = Key[tuple[Timed, ...]]("at most", many(timed), "F08")
AT_LEAST = Key[Timed]("at least", timed, "F08")
BY = Key[str]("by", text, "F08")
ONLY_FOR = Key[tuple[Ref, ...]]("only for", many(ref), "F08")
HOLD_RULE = Key[dict[str, str]]("holds", facts_of("review", "owner"))
BACKUPS = Key[Timed]("backups", timed)
BACKUPS_OF_KEYS = Key[Timed]("backups of keys", timed)

NOTICE_FOR = Key[tuple[Ref, ...]]("for", many(ref), "F08")
NOTICE_LANGUAGE = Key[str]("language", language, "F08")
READING_AGE = Key[int]("reading age", number(5, 21), "F08")
AT = Key[str]("at", path, "F08")
PARTS = Key[tuple[str, ...]]("parts", many(text))

WHERE = Shape((COUNT_IN, COUNT_NOT_IN))
COMPANY = Shape((NAME_OF_COMPANY, SITE, CONTACT, COUNTRY, LANGUAGES, REPRESENTATIVE, OFFICER))
UNKNOWN = Shape((UNKNOWN_RESIDENCE, UNKNOWN_AGE))
PERIOD = Shape((AT_MOST,))
DUTY = Shape((AT_LEAST, BY, ONLY_FOR))
RETENTION = Shape((HOLD_RULE, BACKUPS, BACKUPS_OF_KEYS), sections={"periods": PERIOD, "duties": DUTY})
_HELD = (
    ABOUT,
    FROM,
    KEEP,
    CATEGORY,
    IDENTIFIES,
    SPECIAL,
    CONDITION,
    HIDDEN_FROM,
    DERIVED_FROM,
    MADE_FOR,
    REDUCED_TO,
    SCREENED_FOR,
    REQUIRED,
)
_PURPOSE = (
    USES,
    BASIS,
    CHOICE,
    FORM,
    LOOKS_BACK,
    ON_DEMAND,
    POWERS,
    WITHOUT_IT,
    BALANCE,
    ASSESSMENT,
    AUTHORISATION,
)


@dataclass(frozen=True, slots=True)
class Section:
    """A section: a text, one entry, or names with an entry each."""

    kind: Literal["text", "entry", "names"]
    shape: Shape = Shape(())
    read: Reader[str] = text
    required: bool = False


SECTIONS: dict[str, Section] = {
    "company": Section("entry", COMPANY, required=True),
    "version": Section("text", read=version, required=True),
    "in force": Section("text", read=day, required=True),
    "people": Section("names", Shape((ACCOUNT, PERSON, TOLD)), required=True),
    "audiences": Section("names", Shape((LIVES_IN, AGE, IS))),
    "data": Section("names", Shape((*_HELD, TYPE), groups=True)),
    "events": Section("names", Shape((*_HELD, WITH), groups=True)),
    "moments": Section("names", Shape((WHEN,))),
    "cookies": Section("names", Shape((COOKIE_FOR, LASTS, HOLDS, SET_BY, STRICTLY_NECESSARY))),
    "counting without cookies": Section("entry", WHERE),
    "purposes": Section("names", Shape(_PURPOSE, groups=True), required=True),
    "retention": Section("entry", RETENTION),
    "notices": Section("names", Shape((NOTICE_FOR, NOTICE_LANGUAGE, READING_AGE, AT, PARTS))),
}
"""Every section that is read, in the order of a notice."""

NOT_READ_YET = (
    "aggregates",
    "changes",
    "clients",
    "controllers",
    "decisions",
    "guardians",
    "links",
    "measures",
    "messages",
    "never",
    "partners",
    "recipients",
    "rights",
    "services",
    "sources",
    "staff",
    "systems",
)
"""Sections of the language that this version of Kept refuses by name, so that nobody relies on them."""

BUILT_IN_SOURCES = ("dialog", "form", "tracker", "server log", "server", "mail", "staff", "recording")
"""Where things may come from without a declaration."""

SOURCES_NOT_READ_YET = {"partner": "partners"}

BASIS_CHOICE = {
    "consent": "opt in",
    "signed authorisation": "opt in",
    "legitimate interest": "objection",
    "public task": "objection",
    "notice": "opt out",
    "contract": "none",
    "legal obligation": "none",
    "vital interests": "none",
}
"""The say that people have where a basis alone is given."""
