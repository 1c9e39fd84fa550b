"""What is asked of sources, recipients, walls and services: no more than what is used, and nothing behind a wall."""

from collections.abc import Iterable

from kept.policy.compiling_more import gets_of, written
from kept.policy.draft import Entry
from kept.policy.grammar import COUNTRY, FROM, HIDDEN_FROM
from kept.policy.grammar_more import (
    COUNTRIES,
    GETS,
    NEEDS,
    PURPOSES,
    SENDS,
    TRANSFER,
    UNTIL_DAY,
    WORKS_FOR,
)
from kept.policy.law_held import refusable
from kept.policy.maps import EVERYWHERE
from kept.policy.opened import Opened, names
from kept.policy.places import EEA, GDPR_LIKE
from kept.policy.places import opened as opened_places
from kept.policy.problems import Once, listed
from kept.policy.selections import Selected
from kept.policy.values import Atom


def check_given(opened: Opened, once: Once) -> None:
    """Note what is wrong with partners, sources, recipients, walls and services."""
    draft = opened.draft
    for section in ("partners", "sources"):
        for entry in draft.section(section).values():
            _sent(
                opened, entry, frozenset({entry.name, *(["partner"] if section == "partners" else [])}), once
            )
    for entry in draft.section("recipients").values():
        _gets(opened, entry, once)
        _abroad(opened, entry, once)
        _lapsed(opened, entry, once)
    for entry in draft.held.values():
        _walls(opened, entry, once)
    for entry in draft.section("services").values():
        _needs(opened, entry, once)


def _sent(opened: Opened, entry: Entry, named: frozenset[str], once: Once) -> None:
    for name in sorted(opened.selections.open(entry.own(SENDS) or ()).names):
        if not named.intersection(names(opened.draft.held[name].get(FROM))):
            once.error(
                "R02",
                entry.at(SENDS),
                f"`{entry.name}` sends `{name}`, which is not said to come from there.",
                next_step=f"Add {listed(sorted(named))} to the `from` of `{name}`, or take it out here.",
            )


def _gets(opened: Opened, entry: Entry, once: Once) -> None:
    used = Selected()
    for purpose in names(entry.own(PURPOSES)):
        used |= opened.uses[purpose]
    for differing in (entry, *entry.audiences.values()):
        atoms = [atom for atom in differing.own(GETS) or () if atom.text != "everything"]
        more = _beyond(opened, atoms, used) if len(atoms) == len(differing.own(GETS) or ()) else ()
        if more:
            once.error(
                "S01",
                differing.at(GETS),
                f"`{entry.name}` gets `{more[0]}`, which none of its purposes uses.",
                why="What a purpose does not use it cannot pass on (GDPR Art. 5(1)(b)).",
                next_step=f"Take `{more[0]}` out, or name the purpose that it is passed on for.",
            )


def _beyond(opened: Opened, atoms: Iterable[Atom], used: Selected) -> tuple[str, ...]:
    gets = opened.selections.open(atoms)
    return written(Selected(gets.names - used.names, gets.properties - used.properties))


def _abroad(opened: Opened, entry: Entry, once: Once) -> None:
    home = opened.draft.company.want(COUNTRY, "")
    if home not in GDPR_LIKE:
        return
    inside, tools = EEA | {home}, entry.want(TRANSFER, {})
    outside = [one for one in entry.want(COUNTRIES, ()) if not set(opened_places((one,))) <= inside]
    bare = [one for one in outside if one not in tools and EVERYWHERE not in tools]
    if bare:
        once.error(
            "S02",
            entry.at(COUNTRIES),
            f"Nothing says what protects what `{entry.name}` gets in `{bare[0]}`.",
            why="GDPR Art. 44, as in Britain: data leaves only under one of Art. 45 to 49.",
            next_step=f"Add `transfer: {{{bare[0]}: standard contractual clauses}}`, or what holds.",
        )


def _lapsed(opened: Opened, entry: Entry, once: Once) -> None:
    until, begins = entry.own(UNTIL_DAY), opened.draft.texts.get("in force", "")
    if until is not None and until < begins:
        once.error(
            "S03",
            entry.at(UNTIL_DAY),
            f"The agreement with `{entry.name}` ends on {until}, before this version begins.",
            found=until,
            next_step="Renew it, or take the recipient out.",
        )


def _walls(opened: Opened, entry: Entry, once: Once) -> None:
    for name in names(entry.get(HIDDEN_FROM)):
        if _sees(opened, name, entry.name):
            once.error(
                "V04",
                entry.at(HIDDEN_FROM),
                f"`{entry.name}` is hidden from `{name}`, which sees it all the same.",
                found=name,
                next_step=f"Take it out of what `{name}` uses or gets, or take `{name}` out here.",
            )


def _sees(opened: Opened, who: str, item: str) -> bool:
    draft = opened.draft
    if who in opened.uses:
        return item in opened.uses[who].names
    if who in draft.section("staff"):
        return any(
            item in opened.uses[one].names for one in names(draft.section("staff")[who].own(WORKS_FOR))
        )
    recipient = draft.section("recipients")[who]
    return any(
        item in gets_of(opened, recipient).common(opened.uses[one]).names
        for one in names(recipient.own(PURPOSES))
    )


def _needs(opened: Opened, entry: Entry, once: Once) -> None:
    for name in sorted(opened.selections.open(entry.own(NEEDS) or ()).names):
        if refusable(opened, name):
            once.error(
                "U04",
                entry.at(NEEDS),
                f"`{entry.name}` needs `{name}`, yet it only serves what people may refuse.",
                why="Consent is not free where a service hangs on it without need (GDPR Art. 7(4)).",
                next_step=f"Take `{name}` out, or name it in a purpose that the service needs.",
            )
