"""What differs in who gets data, in rights, promises and the other sections that the grammar describes whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kept.policy.compiled_rest import Changes, Links, Rights
from kept.policy.diff_fields import Both, Teller, as_kind, differences, members, plain
from kept.policy.diff_model import Change, Kind, Pair, added_and_gone, change
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


GIVEN = members(Kind.GIVEN_MORE, Kind.GIVEN_LESS, "now gets", "gets no more")
PLACES = members(Kind.GIVEN_MORE, Kind.GIVEN_LESS, "now also in", "no more in")
FOR = members(Kind.GIVEN_MORE, Kind.GIVEN_LESS, "now also for", "no more for")
SENT = members(Kind.GATHERED_MORE, Kind.GATHERED_LESS, "now sends", "sends no more")
MORE_OF = members(Kind.USED_MORE, Kind.USED_LESS, "now with", "no more with")
NEEDED = members(Kind.LESS_SAY, Kind.MORE_SAY, "cannot do without", "can do without")
COVERED = members(Kind.PROMISED, Kind.PROMISED_LESS, "now covers", "covers no more")
LET_OUT = members(Kind.PROMISED_LESS, Kind.PROMISED, "now lets out", "lets out no more")
OTHERWISE_GIVEN = as_kind(Kind.GIVEN_MORE)
SAY = as_kind(Kind.LESS_SAY)

TELLINGS: dict[str, Telling] = {
    "controllers": Telling(
        Kind.COMPANY,
        Kind.COMPANY,
        "decides with us now",
        "decides with us no more",
        {name: as_kind(Kind.COMPANY) for name in ("decides", "answers", "site", "contact", "country")},
    ),
    "people": Telling(
        Kind.AUDIENCES,
        Kind.WORDS,
        "is spoken of now",
        "is spoken of no more",
        {"told": as_kind(Kind.GATHERED_OTHERWISE), "person": as_kind(Kind.AUDIENCES)},
    ),
    "staff": Telling(Kind.GIVEN_MORE, Kind.GIVEN_LESS, "works here now", "works here no more", {"works_for": FOR}),
    "guardians": Telling(
        Kind.ASKED_OTHERWISE,
        Kind.ASKED_OTHERWISE,
        "decides for others now",
        "decides for others no more",
        {name: as_kind(Kind.ASKED_OTHERWISE) for name in ("audiences", "until", "decides", "proof", "who")},
    ),
    "services": Telling(
        Kind.WORDS,
        Kind.LESS_SAY,
        "is offered now",
        "is offered no more",
        {"needs": NEEDED, "needed_by": SAY, "ends": as_kind(Kind.LESS_SAY)},
    ),
    "partners": Telling(
        Kind.GATHERED_MORE, Kind.GATHERED_LESS, "carries our script now", "carries our script no more",
        {"sends": SENT, "origins": SENT, "arrangement": as_kind(Kind.COMPANY), "duties": as_kind(Kind.COMPANY)},
    ),
    "sources": Telling(
        Kind.GATHERED_MORE, Kind.GATHERED_LESS, "sends us data now", "sends us data no more",
        {"sends": SENT, "terms": as_kind(Kind.GATHERED_OTHERWISE), "matched": as_kind(Kind.USED_MORE),
         "matched_for": MORE_OF},
    ),
    "decisions": Telling(
        Kind.USED_MORE, Kind.USED_LESS, "is decided by a program now", "is decided by no program any more",
        {"weighs": MORE_OF, "effect": as_kind(Kind.USED_MORE), "purpose": as_kind(Kind.USED_MORE),
         "human": SAY, "contest": _flag(Kind.MORE_SAY, Kind.LESS_SAY)},
    ),
    "messages": Telling(
        Kind.USED_MORE, Kind.USED_LESS, "is sent now", "is sent no more",
        {"channel": as_kind(Kind.USED_MORE), "purpose": as_kind(Kind.USED_MORE), "stop": SAY, "proof": SAY},
    ),
    "recipients": Telling(
        Kind.GIVEN_MORE, Kind.GIVEN_LESS, "gets data now", "gets data no more",
        {"gets": GIVEN, "purposes": FOR, "countries": PLACES, "sale": _flag(Kind.GIVEN_MORE, Kind.GIVEN_LESS),
         "sharing_for_ads": _flag(Kind.GIVEN_MORE, Kind.GIVEN_LESS), "role": OTHERWISE_GIVEN,
         "transfer": OTHERWISE_GIVEN, "agreement": OTHERWISE_GIVEN, "until": OTHERWISE_GIVEN,
         "when": OTHERWISE_GIVEN, "differing": OTHERWISE_GIVEN},
    ),
    "clients": Telling(Kind.WORDS, Kind.WORDS, "is a client now", "is a client no more"),
    "systems": Telling(
        Kind.GIVEN_MORE, Kind.GIVEN_LESS, "holds data now", "holds data no more",
        {"holds": members(Kind.GIVEN_MORE, Kind.GIVEN_LESS, "now holds", "holds no more"), "each_right": SAY},
    ),
    "aggregates": Telling(
        Kind.USED_MORE, Kind.USED_LESS, "is counted now", "is counted no more",
        {"of": MORE_OF, "by": MORE_OF, "published": _flag(Kind.GIVEN_MORE, Kind.GIVEN_LESS),
         "privacy": as_kind(Kind.USED_MORE)},
    ),
    "measures": Telling(Kind.PROMISED, Kind.PROMISED_LESS, "is done now", "is done no more"),
    "never": Telling(
        Kind.PROMISED, Kind.PROMISED_LESS, "is ruled out now", "is ruled out no more",
        {"forbids": as_kind(Kind.PROMISED_LESS), "beyond": as_kind(Kind.PROMISED_LESS), "items": COVERED,
         "purposes": as_kind(Kind.PROMISED_LESS), "to": as_kind(Kind.PROMISED_LESS), "except_to": LET_OUT,
         "countries": as_kind(Kind.PROMISED_LESS), "audiences": as_kind(Kind.PROMISED_LESS)},
    ),
    "moments": Telling(Kind.KEPT_OTHERWISE, Kind.KEPT_OTHERWISE, "may start a clock now", "starts no clock any more"),
    "notices": Telling(Kind.NOTICES, Kind.NOTICES, "is published now", "is published no more"),
}  # fmt: skip


def section_changes(pair: Pair) -> Iterator[Change]:
    """Every such section: entries that came or went, and what differs of each."""
    for section, telling in TELLINGS.items():
        yield from _section(pair, section, telling)
    yield from _whole(pair, "rights", Rights(name="rights", title="Rights"), RIGHTS_TOLD)
    yield from _whole(pair, "links", Links(name="links", title="Links"), {})
    yield from _whole(pair, "changes", Changes(name="changes", title="Changes"), CHANGES_TOLD)


def _section(pair: Pair, section: str, telling: Telling) -> Iterator[Change]:
    old, new = getattr(pair.old, section), getattr(pair.new, section)
    added, gone = added_and_gone(tuple(old), tuple(new))
    for name in added:
        says = f"{_title(new[name])} {telling.new}: {_facts(new[name])}".rstrip(": ")
        yield change(telling.came, f"{section}.{name}", sentence(says))
    for name in gone:
        yield change(telling.went, f"{section}.{name}", f"{_title(old[name])} {telling.gone}.")
    for name in (one for one in new if one in old):
        both = Both(pair, f"{section}.{name}", _title(new[name]), old[name], new[name])
        yield from differences(both, telling.fields)


def _title(entry: object) -> str:
    title = getattr(entry, "title", "") or str(getattr(entry, "name", ""))
    return title[0].upper() + title[1:].replace("_", " ")


def _facts(entry: object) -> str:
    return str(getattr(entry, "says", "")) or plain(entry)


def _whole(pair: Pair, section: str, nothing: object, tellers: Mapping[str, Teller]) -> Iterator[Change]:
    """A section that is one entry; none at all is compared as one that states nothing."""
    old, new = getattr(pair.old, section), getattr(pair.new, section)
    if (old is None) != (new is None):
        kind = Kind.PROMISED if old is None else Kind.PROMISED_LESS
        yield change(
            kind, section, f"{_title(new or old)}: {'stated now' if old is None else 'stated no more'}."
        )
    both = Both(pair, section, _title(nothing), old or nothing, new or nothing)
    yield from differences(both, tellers)


def _sooner(both: Both, name: str) -> Iterator[Change]:
    """How long before a change people are told; a shorter time gives them less say."""
    before, after = both.values(name)
    then, now = before.get("notice", Span(0)), after.get("notice", Span(0))
    kind = Kind.LESS_SAY if now.about_days < then.about_days else Kind.MORE_SAY
    yield from as_kind(Kind.LESS_SAY if before.get("choice") != after.get("choice") else kind)(both, name)


MAY = members(Kind.MORE_SAY, Kind.LESS_SAY, "people may now", "people may no more")
RIGHTS_TOLD: dict[str, Teller] = {
    "laws": members(Kind.MORE_SAY, Kind.LESS_SAY, "now also by", "no more by"),
    "everyone_may": MAY,
    "channels": members(Kind.MORE_SAY, Kind.LESS_SAY, "may now be asked by", "may be asked no more by"),
    "law_follows": as_kind(Kind.AUDIENCES),
    "identity": as_kind(Kind.WORDS),
    "global_privacy_control": SAY,
}
CHANGES_TOLD: dict[str, Teller] = dict.fromkeys(("new_purpose", "new_recipient", "longer_keeping"), _sooner)
