"""The notice for machines: JSON-LD in the W3C Data Privacy Vocabulary, from the model that people read."""

from collections.abc import Iterable
from typing import Any

from kept.base.language import Language, language_of
from kept.policy.compiled import Choice, CompiledPolicy, Event, Item, Purpose, Terms
from kept.policy.dpv import BASES, CATEGORIES, RIGHTS, TERMS, WITHDRAWN
from kept.policy.fixed import fixed
from kept.policy.notice import Notice
from kept.policy.notice_held import kept_for, source_words
from kept.policy.notice_parts import base_cell, held
from kept.policy.notice_why import others
from kept.policy.wording import CHOICES, GROUNDS, sentence

Node = dict[str, Any]


def notice_json_ld(policy: CompiledPolicy, notice: Notice, cell: int | None = None, path: str = "") -> Node:
    """The notice as one JSON-LD document. `notice` is what `notice_of(policy, cell)` gave, `path` where it stands;
    left out, where the policy's first notice does."""
    at, say = base_cell(policy) if cell is None else cell, language_of(notice.language)
    made = {
        "@context": _context(policy, notice, path),
        "@id": "",
        "@type": "PrivacyNotice",
        "title": notice.title,
        "version": notice.version,
        "inForceSince": notice.in_force,
        "identifier": notice.fingerprint,
        "hasDataController": _company(policy),
        "hasPersonalData": [_data(policy, say, one, at) for one in held(policy)],
        "hasPersonalDataProcess": [
            one for purpose in policy.purposes.values() for one in _processes(policy, say, purpose, cell, at)
        ],
        "hasRecipient": [_labelled("Recipient", one.title) for one in policy.recipients.values()],
        "hasRecipientThirdParty": [_third(name) for name in _set_by_others(policy)],
        "hasPart": [_part(section.slug, section.title, section.short, *section.paragraphs)
                    for section in notice.sections],
    }  # fmt: skip
    whom = say("For people {audience}.", audience=notice.audience)
    return {**made, "description": whom} if notice.audience else made


def _context(policy: CompiledPolicy, notice: Notice, path: str) -> Node:
    at = path or next((one.at for one in policy.notices.values()), "/privacy")
    return {"@base": policy.company.site.rstrip("/") + at, "@language": notice.language, **TERMS}


def _company(policy: CompiledPolicy) -> Node:
    company = policy.company
    return {"@id": "#company", "@type": "DataController", "label": company.name, "contact": company.contact}


def _data(policy: CompiledPolicy, say: Language, one: Item | Event, cell: int) -> Node:
    made = {
        "@id": f"#{one.name}",
        "@type": _categories(one),
        "label": one.title,
        "subject": one.category,
        "description": one.says,
        "hasDataSubject": [_labelled("DataSubject", _whom(policy, say, role)) for role in one.about],
        "hasDataSource": [
            _labelled("DataSource", source_words(policy, say, source)) for source in one.sources
        ],
        "hasStorageCondition": _labelled("StorageDuration", kept_for(policy, say, one, cell)),
    }
    return {name: value for name, value in made.items() if value}


def _whom(policy: CompiledPolicy, say: Language, role: str) -> str:
    return policy.people[role].title if role in policy.people else sentence(fixed(role, say)).rstrip(".")


def _categories(one: Item | Event) -> list[str]:
    found = {CATEGORIES.get(source, "CollectedPersonalData") for source in one.sources}
    if one.derived_from:
        found.add("DerivedPersonalData")
    if one.identifies == "directly":
        found.add("IdentifyingPersonalData")
    if one.special:
        found.add("SpecialCategoryPersonalData")
    return sorted(found or {"CollectedPersonalData"})


def _processes(
    policy: CompiledPolicy, say: Language, purpose: Purpose, cell: int | None, at: int
) -> Iterable[Node]:
    """The purpose on its terms; in a notice for everyone, also on those of each audience for which they differ."""
    yield from _process(policy, say, purpose, purpose.terms[at], f"#{purpose.name}", "")
    for name, terms in others(policy, purpose, at) if cell is None else ():
        yield from _process(
            policy, say, purpose, terms, f"#{purpose.name}-{name}", policy.audiences[name].title
        )


def _process(
    policy: CompiledPolicy, say: Language, purpose: Purpose, terms: Terms, at: str, whom: str
) -> Iterable[Node]:
    if terms.choice is Choice.NEVER:
        return
    used = [one for one in held(policy) if one.name in _used(purpose)]
    made = {
        "@id": at,
        "@type": "PersonalDataProcess",
        "hasPurpose": {
            "@id": f"#purpose-{purpose.name}",
            "@type": "Purpose",
            "label": purpose.title,
            "description": sentence(purpose.says),
        },
        "hasPersonalData": [{"@id": f"#{one.name}"} for one in used],
        "hasLegalBasis": _labelled(BASES[terms.basis], say(GROUNDS[terms.basis])),
        "hasRight": _right(terms, say),
        "hasDataSubject": _labelled("DataSubject", whom) if whom else None,
        "hasDataController": {"@id": "#company"},
    }
    yield {name: value for name, value in made.items() if value}


def _used(purpose: Purpose) -> set[str]:
    return set(purpose.items) | {event for event, _name in purpose.properties}


def _right(terms: Terms, say: Language) -> Node | None:
    rights = [*RIGHTS[terms.choice], *([WITHDRAWN[terms.basis]] if terms.basis in WITHDRAWN else [])]
    return {"@type": rights, "label": say(CHOICES[terms.choice])} if rights else None


def _set_by_others(policy: CompiledPolicy) -> list[str]:
    """Whoever sets a cookie of their own learns of the visit; other recipients stand by themselves."""
    return sorted({one.set_by for one in policy.cookies.values()} - {"us"})


def _third(name: str) -> Node:
    return _labelled("ThirdParty", name)


def _part(slug: str, title: str, *says: str) -> Node:
    return {"@id": f"#section-{slug}", "title": title, "description": list(says)}


def _labelled(term: str, label: str) -> Node:
    return {"@type": term, "label": label}
