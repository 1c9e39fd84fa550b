"""What differs in who gets data, in rights, promises and the other sections that the grammar describes whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from kept.base.language import marked
from kept.policy.compiled_rest import Changes, Links, Named, Rights
from kept.policy.diff_fields import Both, Teller, as_kind, differences, members
from kept.policy.diff_model import Change, Kind, Pair, added_and_gone
from kept.policy.diff_words import facts_words
from kept.policy.times import Span
from kept.policy.wording import sentence


@dataclass(frozen=True, slots=True)
class Telling:
    """How a section's changes are told: an entry that came, one that went, and fields; others are words."""

    came: Kind
    went: Kind
    new: str
    gone: str
    fields: Mapping[str, Teller] = field(default_factory=dict)


def _flag(yes: Kind, no: Kind) -> Teller:
    """A teller for what is yes or no."""

    def tell(both: Both, name: str) -> Iterator[Change]:
        yield from as_kind(yes if both.values(name)[1] else no)(both, name)

    return tell


GIVEN = members(
    Kind.GIVEN_MORE,
    Kind.GIVEN_LESS,
    marked("{title}: now gets {names}."),
    marked("{title}: gets no more {names}."),
)
PLACES = members(
    Kind.GIVEN_MORE,
    Kind.GIVEN_LESS,
    marked("{title}: now also in {names}."),
    marked("{title}: no more in {names}."),
)
FOR = members(
    Kind.GIVEN_MORE,
    Kind.GIVEN_LESS,
    marked("{title}: now also for {names}."),
    marked("{title}: no more for {names}."),
)
SENT = members(
    Kind.GATHERED_MORE,
    Kind.GATHERED_LESS,
    marked("{title}: now sends {names}."),
    marked("{title}: sends no more {names}."),
)
MORE_OF = members(
    Kind.USED_MORE,
    Kind.USED_LESS,
    marked("{title}: now with {names}."),
    marked("{title}: no more with {names}."),
)
NEEDED = members(
    Kind.LESS_SAY,
    Kind.MORE_SAY,
    marked("{title}: cannot do without {names}."),
    marked("{title}: can do without {names}."),
)
COVERED = members(
    Kind.PROMISED,
    Kind.PROMISED_LESS,
    marked("{title}: now covers {names}."),
    marked("{title}: covers no more {names}."),
)
LET_OUT = members(
    Kind.PROMISED_LESS,
    Kind.PROMISED,
    marked("{title}: now lets out {names}."),
    marked("{title}: lets out no more {names}."),
)
OTHERWISE_GIVEN = as_kind(Kind.GIVEN_MORE)
SAY = as_kind(Kind.LESS_SAY)

TELLINGS: dict[str, Telling] = {
    "controllers": Telling(
        Kind.COMPANY,
        Kind.COMPANY,
        marked("{title} decides with us now."),
        marked("{title} decides with us no more."),
        {name: as_kind(Kind.COMPANY) for name in ("decides", "answers", "site", "contact", "country")},
    ),
    "people": Telling(
        Kind.AUDIENCES,
        Kind.WORDS,
        marked("{title} is spoken of now."),
        marked("{title} is spoken of no more."),
        {"told": as_kind(Kind.GATHERED_OTHERWISE), "person": as_kind(Kind.AUDIENCES)},
    ),
    "staff": Telling(
        Kind.GIVEN_MORE,
        Kind.GIVEN_LESS,
        marked("{title} works here now."),
        marked("{title} works here no more."),
        {"works_for": FOR},
    ),
    "guardians": Telling(
        Kind.ASKED_OTHERWISE,
        Kind.ASKED_OTHERWISE,
        marked("{title} decides for others now."),
        marked("{title} decides for others no more."),
        {name: as_kind(Kind.ASKED_OTHERWISE) for name in ("audiences", "until", "decides", "proof", "who")},
    ),
    "services": Telling(
        Kind.WORDS,
        Kind.LESS_SAY,
        marked("{title} is offered now."),
        marked("{title} is offered no more."),
        {"needs": NEEDED, "needed_by": SAY, "ends": as_kind(Kind.LESS_SAY)},
    ),
    "partners": Telling(
        Kind.GATHERED_MORE,
        Kind.GATHERED_LESS,
        marked("{title} carries our script now."),
        marked("{title} carries our script no more."),
        {
            "sends": SENT,
            "origins": SENT,
            "arrangement": as_kind(Kind.COMPANY),
            "duties": as_kind(Kind.COMPANY),
        },
    ),
    "sources": Telling(
        Kind.GATHERED_MORE,
        Kind.GATHERED_LESS,
        marked("{title} sends us data now."),
        marked("{title} sends us data no more."),
        {
            "sends": SENT,
            "terms": as_kind(Kind.GATHERED_OTHERWISE),
            "matched": as_kind(Kind.USED_MORE),
            "matched_for": MORE_OF,
        },
    ),
    "decisions": Telling(
        Kind.USED_MORE,
        Kind.USED_LESS,
        marked("{title} is decided by a program now."),
        marked("{title} is decided by no program any more."),
        {
            "weighs": MORE_OF,
            "effect": as_kind(Kind.USED_MORE),
            "purpose": as_kind(Kind.USED_MORE),
            "human": SAY,
            "contest": _flag(Kind.MORE_SAY, Kind.LESS_SAY),
        },
    ),
    "messages": Telling(
        Kind.USED_MORE,
        Kind.USED_LESS,
        marked("{title} is sent now."),
        marked("{title} is sent no more."),
        {"channel": as_kind(Kind.USED_MORE), "purpose": as_kind(Kind.USED_MORE), "stop": SAY, "proof": SAY},
    ),
    "recipients": Telling(
        Kind.GIVEN_MORE,
        Kind.GIVEN_LESS,
        marked("{title} gets data now."),
        marked("{title} gets data no more."),
        {
            "gets": GIVEN,
            "purposes": FOR,
            "countries": PLACES,
            "sale": _flag(Kind.GIVEN_MORE, Kind.GIVEN_LESS),
            "sharing_for_ads": _flag(Kind.GIVEN_MORE, Kind.GIVEN_LESS),
            "role": OTHERWISE_GIVEN,
            "transfer": OTHERWISE_GIVEN,
            "agreement": OTHERWISE_GIVEN,
            "until": OTHERWISE_GIVEN,
            "when": OTHERWISE_GIVEN,
            "differing": OTHERWISE_GIVEN,
        },
    ),
    "clients": Telling(
        Kind.WORDS, Kind.WORDS, marked("{title} is a client now."), marked("{title} is a client no more.")
    ),
    "systems": Telling(
        Kind.GIVEN_MORE,
        Kind.GIVEN_LESS,
        marked("{title} holds data now."),
        marked("{title} holds data no more."),
        {
            "holds": members(
                Kind.GIVEN_MORE,
                Kind.GIVEN_LESS,
                marked("{title}: now holds {names}."),
                marked("{title}: holds no more {names}."),
            ),
            "each_right": SAY,
        },
    ),
    "aggregates": Telling(
        Kind.USED_MORE,
        Kind.USED_LESS,
        marked("{title} is counted now."),
        marked("{title} is counted no more."),
        {
            "of": MORE_OF,
            "by": MORE_OF,
            "published": _flag(Kind.GIVEN_MORE, Kind.GIVEN_LESS),
            "privacy": as_kind(Kind.USED_MORE),
        },
    ),
    "measures": Telling(
        Kind.PROMISED, Kind.PROMISED_LESS, marked("{title} is done now."), marked("{title} is done no more.")
    ),
    "never": Telling(
        Kind.PROMISED,
        Kind.PROMISED_LESS,
        marked("{title} is ruled out now."),
        marked("{title} is ruled out no more."),
        {
            "forbids": as_kind(Kind.PROMISED_LESS),
            "beyond": as_kind(Kind.PROMISED_LESS),
            "items": COVERED,
            "purposes": as_kind(Kind.PROMISED_LESS),
            "to": as_kind(Kind.PROMISED_LESS),
            "except_to": LET_OUT,
            "countries": as_kind(Kind.PROMISED_LESS),
            "audiences": as_kind(Kind.PROMISED_LESS),
        },
    ),
    "moments": Telling(
        Kind.KEPT_OTHERWISE,
        Kind.KEPT_OTHERWISE,
        marked("{title} may start a clock now."),
        marked("{title} starts no clock any more."),
    ),
    "notices": Telling(
        Kind.NOTICES,
        Kind.NOTICES,
        marked("{title} is published now."),
        marked("{title} is published no more."),
    ),
}


def section_changes(pair: Pair) -> Iterator[Change]:
    """Every such section: entries that came or went, and what differs of each."""
    say = pair.say
    for section, telling in TELLINGS.items():
        yield from _section(pair, section, telling)
    yield from _whole(pair, "rights", Rights(name="rights", title=say("Rights")), RIGHTS_TOLD)
    yield from _whole(pair, "links", Links(name="links", title=say("Links")), {})
    yield from _whole(pair, "changes", Changes(name="changes", title=say("Changes")), CHANGES_TOLD)


def _section(pair: Pair, section: str, telling: Telling) -> Iterator[Change]:
    old, new, say = getattr(pair.old, section), getattr(pair.new, section), pair.say
    added, gone = added_and_gone(tuple(old), tuple(new))
    for name in added:
        facts = str(getattr(new[name], "says", "")) or facts_words(pair.new, section, new[name], say)
        says = f"{say(telling.new, title=_title(new[name]))} {sentence(facts)}".rstrip()
        yield pair.change(telling.came, f"{section}.{name}", says)
    for name in gone:
        says = say(telling.gone, title=_title(old[name]))
        yield pair.change(telling.went, f"{section}.{name}", says)
    for name in (one for one in new if one in old):
        both = Both(pair, f"{section}.{name}", _title(new[name]), old[name], new[name])
        yield from differences(both, telling.fields)


def _title(entry: object) -> str:
    title = getattr(entry, "title", "") or str(getattr(entry, "name", ""))
    return title[0].upper() + title[1:].replace("_", " ")


def _whole(pair: Pair, section: str, nothing: Named, tellers: Mapping[str, Teller]) -> Iterator[Change]:
    """A section that is one entry; none at all is compared as one that states nothing."""
    old, new, title = getattr(pair.old, section), getattr(pair.new, section), nothing.title
    if old is None and new is not None:
        yield pair.change(Kind.PROMISED, section, pair.say("{title}: stated now.", title=title))
    elif new is None and old is not None:
        yield pair.change(Kind.PROMISED_LESS, section, pair.say("{title}: stated no more.", title=title))
    same = replace(nothing, title=(new or old or nothing).title)
    yield from differences(Both(pair, section, title, old or same, new or same), tellers)


def _sooner(both: Both, name: str) -> Iterator[Change]:
    """How long before a change people are told; a shorter time gives them less say."""
    before, after = both.values(name)
    then, now = before.get("notice", Span(0)), after.get("notice", Span(0))
    kind = Kind.LESS_SAY if now.about_days < then.about_days else Kind.MORE_SAY
    yield from as_kind(Kind.LESS_SAY if before.get("choice") != after.get("choice") else kind)(both, name)


MAY = members(
    Kind.MORE_SAY,
    Kind.LESS_SAY,
    marked("{title}: people may now {names}."),
    marked("{title}: people may no more {names}."),
)
RIGHTS_TOLD: dict[str, Teller] = {
    "laws": members(
        Kind.MORE_SAY,
        Kind.LESS_SAY,
        marked("{title}: now also by {names}."),
        marked("{title}: no more by {names}."),
    ),
    "everyone_may": MAY,
    "channels": members(
        Kind.MORE_SAY,
        Kind.LESS_SAY,
        marked("{title}: may now be asked by {names}."),
        marked("{title}: may be asked no more by {names}."),
    ),
    "law_follows": as_kind(Kind.AUDIENCES),
    "identity": as_kind(Kind.WORDS),
    "global_privacy_control": SAY,
}
CHANGES_TOLD: dict[str, Teller] = dict.fromkeys(("new_purpose", "new_recipient", "longer_keeping"), _sooner)
