"""The sections beside data, events and purposes: their keys, and what an entry of each compiles to."""

from kept.policy import compiled_rest as made
from kept.policy.keys import Key, Section, Shape
from kept.policy.maps import Change, Forbidden, by_country, change, facts_of, forbidden, listed_by
from kept.policy.plain import (
    age_reached,
    country,
    day,
    destination,
    mail_address,
    origin,
    place_or_not,
    web_address,
)
from kept.policy.values import Atom, Ref, Timed, ref, selection, timed, within
from kept.policy.words import many, one_of, sentence, text, yes_no

LAWS = ("GDPR", "UK GDPR", "Swiss FADP", "CCPA")
RIGHTS_WORDS = ("see", "correct", "delete", "restrict", "object", "take along", "opt out of sale", "complain")
TOOLS = (
    "adequacy",
    "standard contractual clauses",
    "binding corporate rules",
    "code of conduct",
    "certification",
    "consent",
    "contract",
    "public interest",
    "legal claims",
    "vital interests",
)
"""What may carry data out of the EEA or Britain: GDPR Art. 45, 46, 47 and 49."""

FORBIDDEN = ("gather", "use", "disclose", "sell", "transfer", "decide", "combine", "contact")

TOLD = Key[Timed]("told", within, length="People are told within")
ACCOUNT = Key[bool]("account", yes_no)
PERSON = Key[bool]("person", yes_no)
PEOPLE = Shape((ACCOUNT, PERSON, TOLD))

DECIDES = Key[tuple[Ref, ...]]("decides", many(ref), to=("purposes",))
ANSWERS = Key[bool]("answers", yes_no)
ITS_SITE = Key[str]("site", web_address)
ITS_CONTACT = Key[str]("contact", mail_address)
ITS_COUNTRY = Key[str]("country", country)
CONTROLLERS = Shape((DECIDES, ANSWERS, ITS_SITE, ITS_CONTACT, ITS_COUNTRY))

WORKS_FOR = Key[tuple[Ref, ...]]("works for", many(ref), "F08", to=("purposes",))
STAFF = Shape((WORKS_FOR,))

GUARDED = Key[tuple[Ref, ...]]("for", many(ref), "F08", to=("audiences",), fact="audiences")
WHO = Key[str]("who", sentence, "F08")
UNTIL_AGE = Key[int]("until", age_reached, "F08")
GUARDIANS_DECIDE = Key[tuple[str, ...]]("decides", many(one_of("choices", "requests")))
PROOF = Key[str]("proof", text)
GUARDIANS = Shape((GUARDED, WHO, UNTIL_AGE, GUARDIANS_DECIDE, PROOF))

FOR_PEOPLE = Key[tuple[Ref, ...]]("for people", many(ref), "F08", to=("people",), words=("everyone",))
NEEDS = Key[tuple[Atom, ...]]("needs", selection)
NEEDED_BY = Key[str]("needed by", one_of("contract", "law"))
ENDS = Key[Timed]("ends", timed)
FEATURE = Shape((), worded=True)
SERVICES = Shape((FOR_PEOPLE, NEEDS, NEEDED_BY, ENDS), sections={"features": FEATURE})

ORIGINS = Key[tuple[str, ...]]("origins", many(origin), "F08")
SENDS = Key[tuple[Atom, ...]]("sends", selection, "F08")
ARRANGEMENT = Key[str]("arrangement", one_of("joint", "processor", "separate"), "F08")
SHARED_DUTIES = Key[dict[str, str]]("duties", facts_of("they", "we"))
PARTNERS = Shape((ORIGINS, SENDS, ARRANGEMENT, SHARED_DUTIES))

TERMS = Key[str]("terms", sentence, "F08")
MATCHED = Key[str]("matched", text)
MATCHED_FOR = Key[tuple[Ref, ...]]("matched for", many(ref), to=("purposes",))
SOURCES = Shape((SENDS, TERMS, MATCHED, MATCHED_FOR))

ONE_PURPOSE = Key[Ref]("purpose", ref, "F08", to=("purposes",))
EFFECT = Key[str]("effect", one_of("none", "significant", "legal"), "F08")
WEIGHS = Key[tuple[Atom, ...]]("weighs", selection)
HUMAN = Key[str]("human", text)
CONTEST = Key[bool]("contest", yes_no)
AUDIT = Key[str]("audit", text)
DECISIONS = Shape((ONE_PURPOSE, EFFECT, WEIGHS, HUMAN, CONTEST, AUDIT))

CHANNELS = ("mail", "text message", "push", "phone", "letter", "on the site")
CHANNEL = Key[str]("channel", one_of(*CHANNELS), "F08")
PROVEN = Key[str]("proof", text)
STOP = Key[str]("stop", text)
MESSAGES = Shape((CHANNEL, ONE_PURPOSE, PROVEN, STOP))

ROLES = ("affiliate", "processor", "third party", "joint", "authority", "successor")
ROLE = Key[str]("role", one_of(*ROLES), "F08")
GETS = Key[tuple[Atom, ...]]("gets", selection, "F08", differs=True)
PURPOSES = Key[tuple[Ref, ...]]("purposes", many(ref), "F08", to=("purposes",))
COUNTRIES = Key[tuple[str, ...]]("countries", many(destination), "F08")
TRANSFER = Key[dict[str, str]]("transfer", by_country(*TOOLS))
SALE = Key[bool]("sale", yes_no)
SHARING_FOR_ADS = Key[bool]("sharing for ads", yes_no)
AGREEMENT = Key[str]("agreement", text)
UNTIL_DAY = Key[str]("until", day)
GIVEN_WHEN = Key[Ref](
    "when", ref, differs=True, to=("moments", "events"), words=("you ask", "you opt in", "you signed")
)
RECIPIENTS = Shape(
    (
        ROLE,
        GETS,
        PURPOSES,
        COUNTRIES,
        TRANSFER,
        SALE,
        SHARING_FOR_ADS,
        AGREEMENT,
        UNTIL_DAY,
        GIVEN_WHEN,
    )
)

INSTRUCTIONS = Key[str]("instructions", text)
SPEAKS = Key[bool]("speaks to people", yes_no)
REFERS = Key[bool]("refers requests", yes_no)
DELEGATES = Key[bool]("delegates requests", yes_no)
SUB_PROCESSORS = Key[tuple[Ref, ...]]("sub-processors", many(ref), to=("recipients",))
AT_THE_END = Key[str]("at the end", text)
CLIENTS = Shape((INSTRUCTIONS, SPEAKS, REFERS, DELEGATES, SUB_PROCESSORS, AT_THE_END))

OWNER = Key[str]("owner", text, "F08")
SYSTEM_HOLDS = Key[tuple[Atom, ...]]("holds", selection, "F08")
EACH_RIGHT = Key[dict[str, str]]("each right", listed_by("every right", *RIGHTS_WORDS), "F08")
SYSTEMS = Shape((OWNER, SYSTEM_HOLDS, EACH_RIGHT))

COUNTS = Key[str]("counts", text, "F08")
OF = Key[tuple[Atom, ...]]("of", selection, "F08")
COUNTED_BY = Key[tuple[Ref, ...]]("by", many(ref), to=("dimensions",))
PRIVACY = Key[dict[str, str]]("privacy", facts_of("epsilon", "per"))
PUBLISHED = Key[bool]("published", yes_no)
AGGREGATES = Shape((ONE_PURPOSE, COUNTS, OF, COUNTED_BY, PRIVACY, PUBLISHED))

OF_LAWS = Key[tuple[str, ...]]("laws", many(one_of(*LAWS)), "F08")
EVERYONE_MAY = Key[tuple[str, ...]]("everyone may", many(one_of(*RIGHTS_WORDS)))
LAW_FOLLOWS = Key[str]("law follows", one_of("residence"))
ASKED_BY = Key[tuple[str, ...]](
    "channels", many(one_of("mail", "form", "phone", "letter", "in person", "account"))
)
IDENTITY = Key[str]("identity", text)
SIGNAL = Key[str]("global privacy control", one_of("honoured"))
RIGHTS = Shape((OF_LAWS, EVERYONE_MAY, LAW_FOLLOWS, ASKED_BY, IDENTITY, SIGNAL))

SHOWS = Key[str]("shows", text)
ONLY = Key[tuple[str, ...]]("only", many(text))
CHECKED = Key[str]("checked", text)
WHEN_BAD = Key[str]("when bad", text)
LINKS = Shape((SHOWS, ONLY, CHECKED, WHEN_BAD))

MEASURE = Key[str]("kind", one_of("technical", "organisational", "physical"))
REVIEWED = Key[str]("reviewed", text)
MEASURES = Shape((MEASURE, REVIEWED), worded=True)

POSTED = Key[str]("posted", text)
WORDING = Key[str]("wording", text)
NEW_PURPOSE = Key[Change]("new purpose", change)
NEW_RECIPIENT = Key[Change]("new recipient", change)
LONGER_KEEPING = Key[Change]("longer keeping", change)
CHANGES = Shape((POSTED, WORDING, NEW_PURPOSE, NEW_RECIPIENT, LONGER_KEEPING))

FORBIDS = Key[Forbidden]("forbids", forbidden(*FORBIDDEN), "F08")
NEVER_ITEMS = Key[tuple[Atom, ...]]("items", selection)
NEVER_PURPOSES = Key[tuple[Ref, ...]]("purposes", many(ref), to=("purposes",))
TO = Key[tuple[Ref, ...]]("to", many(ref), to=("recipients",))
EXCEPT_TO = Key[tuple[Ref, ...]]("except to", many(ref), to=("recipients",))
NEVER_COUNTRIES = Key[tuple[str, ...]]("countries", many(place_or_not))
NEVER_FOR = Key[tuple[Ref, ...]]("for", many(ref), to=("audiences",), fact="audiences")
NEVER = Shape((FORBIDS, NEVER_ITEMS, NEVER_PURPOSES, TO, EXCEPT_TO, NEVER_COUNTRIES, NEVER_FOR))


def _names(shape: Shape, of: type[made.Named], also: frozenset[str] = frozenset()) -> Section:
    return Section("names", shape, made=of, also=also)


WHO_ANSWERS = {"controllers": _names(CONTROLLERS, made.Controller, also=frozenset({"we"}))}
WHO_SEES = {"staff": _names(STAFF, made.Staff)}
FOR_CHILDREN = {"guardians": _names(GUARDIANS, made.Guardian), "services": _names(SERVICES, made.Service)}
FROM_OUTSIDE = {"partners": _names(PARTNERS, made.Partner), "sources": _names(SOURCES, made.Source)}
TO_OUTSIDE = {
    "decisions": _names(DECISIONS, made.DecisionMade),
    "messages": _names(MESSAGES, made.Message),
    "recipients": _names(RECIPIENTS, made.Recipient),
    "clients": _names(CLIENTS, made.Client),
    "systems": _names(SYSTEMS, made.System),
    "aggregates": _names(AGGREGATES, made.Aggregate),
}
PROMISES = {
    "rights": Section("entry", RIGHTS, made=made.Rights),
    "links": Section("entry", LINKS, made=made.Links),
    "measures": _names(MEASURES, made.Measure),
    "changes": Section("entry", CHANGES, made=made.Changes),
    "never": _names(NEVER, made.Never),
}
DESCRIBED = {**WHO_ANSWERS, **WHO_SEES, **FOR_CHILDREN, **FROM_OUTSIDE, **TO_OUTSIDE, **PROMISES}
"""All of these, by name."""
