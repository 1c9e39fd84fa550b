"""The words of the language: sections, their keys, and what each key takes. The parser walks these tables."""

from kept.policy.compiled_rest import Role
from kept.policy.grammar_more import (
    FOR_CHILDREN,
    FROM_OUTSIDE,
    PEOPLE,
    PROMISES,
    TO_OUTSIDE,
    WHO_ANSWERS,
    WHO_SEES,
)
from kept.policy.keys import Key, Section, Shape
from kept.policy.maps import facts_of
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
    keep,
    properties,
    ref,
    selection,
    timed,
)
from kept.policy.words import many, one_of, sentence, text, version, yes_no

NAME_OF_COMPANY = Key[str]("name", text, "F08")
SITE = Key[str]("site", web_address, "F08")
CONTACT = Key[str]("contact", mail_address, "F08")
COUNTRY = Key[str]("country", country, "F08")
LANGUAGES = Key[tuple[str, ...]]("language", many(language))
REPRESENTATIVE = Key[str]("representative", text)
OFFICER = Key[str]("officer", text)

LIVES_IN = Key[tuple[str, ...]]("lives in", many(code))
AGE = Key[tuple[int, int]]("age", ages)
IS = Key[tuple[Ref, ...]]("is", many(ref), to=("people",))
UNKNOWN_RESIDENCE = Key[tuple[str, ...]]("residence", many(text))
UNKNOWN_AGE = Key[str]("age", text)

BUILT_IN_SOURCES = (
    "dialog",
    "form",
    "tracker",
    "server log",
    "server",
    "mail",
    "staff",
    "recording",
    "partner",
)
"""Where things may come from without a declaration; `partner` stands for all sites under `partners`."""

ABOUT = Key[tuple[Ref, ...]]("about", many(ref), "F08", to=("people",), words=("everyone",))
FROM = Key[tuple[Ref, ...]]("from", many(ref), to=("partners", "sources"), words=BUILT_IN_SOURCES)
KEEP = Key[Keep]("keep", keep, "K01", differs=True)
CATEGORY = Key[str]("category", text)
TYPE = Key[str]("type", one_of(*TYPES))
IDENTIFIES = Key[str]("identifies", one_of("directly", "indirectly", "no"))
SPECIAL = Key[str](
    "special",
    one_of("origin", "politics", "belief", "union", "genetic", "biometric", "health", "sex life", "criminal"),
)
CONDITION = Key[str]("condition", sentence)
HIDDEN_FROM = Key[tuple[Ref, ...]]("hidden from", many(ref), to=("staff", "purposes", "recipients"))
DERIVED_FROM = Key[tuple[Atom, ...]]("derived from", selection)
MADE_FOR = Key[tuple[Ref, ...]]("made for", many(ref), to=("purposes",))
CLASS_OF_SITE = "class of site"
REDUCED_TO = Key[str]("reduced to", one_of("shortened address", "domain", CLASS_OF_SITE, "path"))
SCREENED_FOR = Key[str]("screened for", one_of("special"))
REQUIRED = Key[bool]("required", yes_no)
WITH = Key[dict[str, str]]("with", properties)

WHEN = Key[Ref]("when", ref, "F08", to=("events",), words=("staff marks",))

COOKIE_FOR = Key[tuple[Ref, ...]]("for", many(ref), "F08", to=("purposes",))
LASTS = Key[Timed]("lasts", timed, "D01", length="A cookie lasts")
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
LOOKS_BACK = Key[Timed]("looks back", timed, length="A purpose looks back")
ON_DEMAND = Key[bool]("on demand", yes_no)
POWERS = Key[tuple[Ref, ...]]("powers", many(ref), to=("features",))
WITHOUT_IT = Key[str]("without it", sentence)
BALANCE = Key[str]("balance", sentence)
ASSESSMENT = Key[str]("assessment", sentence)
AUTHORISATION = Key[dict[str, str]]("authorisation", facts_of("document", "names", "ends", "by"))

AT_MOST = Key[tuple[Timed, ...]]("at most", many(timed), "F08")
AT_LEAST = Key[Timed]("at least", timed, "F08")
BY = Key[str]("by", text, "F08")
ONLY_FOR = Key[tuple[Ref, ...]]("only for", many(ref), "F08", to=("purposes",))
HOLD_RULE = Key[dict[str, str]]("holds", facts_of("review", "owner"))
BACKUPS = Key[Timed]("backups", timed, length="A backup lives")
BACKUPS_OF_KEYS = Key[Timed]("backups of keys", timed, length="A backup lives")

NOTICE_FOR = Key[tuple[Ref, ...]](
    "for", many(ref), "F08", to=("audiences",), words=("everyone",), fact="audiences"
)
NOTICE_LANGUAGE = Key[str]("language", language, "F08")
READING_AGE = Key[int]("reading age", number(5, 21), "F08")
AT = Key[str]("at", path, "F08")
PARTS = Key[tuple[Ref, ...]]("parts", many(ref), to=("parts",))

WORDS = Shape((WITHOUT_IT, BALANCE))

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


SECTIONS: dict[str, Section] = {
    "company": Section("entry", COMPANY, required=True),
    "version": Section("text", read=version, required=True),
    "in force": Section("text", read=day, required=True),
    **WHO_ANSWERS,
    "people": Section("names", PEOPLE, required=True, made=Role),
    "audiences": Section("names", Shape((LIVES_IN, AGE, IS))),
    **WHO_SEES,
    **FOR_CHILDREN,
    "data": Section("names", Shape((*_HELD, TYPE), groups=True)),
    "events": Section("names", Shape((*_HELD, WITH), groups=True)),
    "moments": Section("names", Shape((WHEN,))),
    "cookies": Section("names", Shape((COOKIE_FOR, LASTS, HOLDS, SET_BY, STRICTLY_NECESSARY))),
    "counting without cookies": Section("entry", WHERE),
    **FROM_OUTSIDE,
    "purposes": Section("names", Shape(_PURPOSE, groups=True), required=True),
    **TO_OUTSIDE,
    "retention": Section("entry", RETENTION),
    **PROMISES,
    "notices": Section(
        "names", Shape((NOTICE_FOR, NOTICE_LANGUAGE, READING_AGE, AT, PARTS), sections={"words": WORDS})
    ),
}
"""Every section, in the order of a notice."""

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
