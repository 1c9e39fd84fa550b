"""What each section and key means, in a sentence: for editors that show it where the file is written."""

MEANINGS: dict[str, str] = {
    "company": "Who answers for the data.",
    "version": (
        "The version's name, which people and records cite: letters, digits, `.`, `_`, `-`, at most 40."
    ),
    "in force": "The first day of it, `2026-11-01`; before, it is not put in force.",
    "people": "The roles in which people come: visitor, user, reader.",
    "audiences": "For whom other rules hold; and what is presumed `if unknown`.",
    "data": "Items: single pieces of data about a person.",
    "events": "What people do, each with its properties.",
    "moments": "Moments of your own that may start a clock.",
    "cookies": "By the names that browsers see. What is not here is not set.",
    "counting without cookies": "Where visits are counted without an id.",
    "purposes": "What data is used for, on what ground, and what say people have.",
    "retention": "Periods and duties by name; holds; how long backups live.",
    "notices": "The notices that are published.",
    "company.name": "As people know it.",
    "company.site": "Its address; pages of that host are no referrers.",
    "company.contact": "Where people write about their data.",
    "company.country": "Where it sits: one country.",
    "company.language": "Of the notice, the first of them; `en` if left out.",
    "company.representative": (
        "In the Union, for a company outside that speaks to people there (GDPR Art. 27)."
    ),
    "company.officer": "The data protection officer.",
    "people.account": "Whether they have one.",
    "people.person": "`no` for businesses.",
    "people.told": "When people who are not users are told that data about them is held; not enforced yet.",
    "audiences.lives in": "Residence. A group of countries, or a part of one.",
    "audiences.age": "In years.",
    "audiences.is": "Roles of `people`, of which one is enough.",
    "audiences.if unknown.residence": "Codes of places, or `any`.",
    "audiences.if unknown.age": "An age, an audience that has one, or `any`.",
    "data.about": "Whom it is about: roles of `people`, or `everyone`.",
    "data.from": "Where it comes from. Needed, or `derived from` is (K03).",
    "data.keep": "How long: see *Times*.",
    "data.category": "A word to group by in the notice, and to select by.",
    "data.identifies": "Whether it names a person; `directly` if left out.",
    "data.special": (
        "A special category (GDPR Art. 9, 10): groups do not stand for it, and it needs `condition`. "
        "Walls are not built yet."
    ),
    "data.condition": "Which condition of Art. 9(2) or 10 holds.",
    "data.hidden from": "Purposes that never see it; not enforced yet.",
    "data.derived from": (
        "What it is worked out from. Kept derives what the door can see, such as a country; nothing else yet."
    ),
    "data.made for": "The purposes for which it is worked out.",
    "data.reduced to": (
        "How the door makes it smaller: addresses to /24 or /48, referrers to the domain, pages to "
        "the path. It does so in any case; here it is promised."
    ),
    "data.screened for": "Free documents are searched for special categories; not enforced yet.",
    "data.required": "`yes`: the service cannot do without. Not where people may refuse (U04).",
    "data.type": "See below; `text` if left out.",
    "data.with": "An event's properties and their types; what is not here is refused at the door.",
    "moments.when": "`staff marks`, or the name of an event. Marking is not built yet.",
    "cookies.for": (
        "The purposes it serves. Kept sets its own only with a yes to one of them, and an id serves no other."
    ),
    "cookies.lasts": "A plain length: `13 months`.",
    "cookies.holds": "`visitor_id`, `session_id`, `choice`, or a word of yours.",
    "cookies.set by": "Another company's name; `us` if left out.",
    "cookies.strictly necessary": "`yes`: it waits for no yes, and no event is gathered by it.",
    "counting without cookies.in": "Countries where visits are counted.",
    "counting without cookies.not in": "Countries where they are not.",
    "purposes.uses": "What it sees; everything else does not exist for it.",
    "purposes.basis": "The ground in law.",
    "purposes.choice": "The say that people have; that of the basis if left out, never less.",
    "purposes.form": (
        "`identified` if left out. `pseudonymous` and `aggregate` may not use what names people "
        "(U03); `aggregate` gives out figures only."
    ),
    "purposes.looks back": "A plain length: older events are not there for it.",
    "purposes.on demand": (
        "`yes`: dark until a demand is approved. Approving is not built yet, so it stays dark."
    ),
    "purposes.powers": "Features of `services`, a section not read yet (R04).",
    "purposes.without it": "What a no costs, shown beside the question.",
    "purposes.balance": "Why a legitimate interest is fair to people; needed for that basis (L01).",
    "purposes.assessment": "Where the impact assessment stands.",
    "purposes.authorisation": (
        "What a signed authorisation must name (45 CFR 164.508); needed for that basis."
    ),
    "retention.holds": "How often a hold is reviewed, and that it has an owner; no reminder yet.",
    "retention.backups": "How long a backup lives; Kept makes none yet.",
    "retention.backups of keys": "How long a copy of the keys lives.",
    "retention.periods.at most": "Ceilings, of which the earliest counts.",
    "retention.duties.at least": "How long the law wants it kept.",
    "retention.duties.by": "The law.",
    "retention.duties.only for": "The purposes that may see it meanwhile. Duties lock nothing yet.",
    "notices.for": "Audiences, or `everyone`. One notice is published, for everyone.",
    "notices.language": "Of its own sentences.",
    "notices.reading age": "For whom it is written.",
    "notices.at": "Its path on the site.",
    "notices.parts": "Which sections it has; all if left out.",
    "retention.periods": "Lengths of time by name, for `keep`.",
    "retention.duties": "Laws that make you keep something longer, by name.",
}
"""By section and key. What `events` shares with `data` stands there."""
