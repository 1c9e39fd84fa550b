"""What law and sense ask of an item or event: an end that comes, a purpose, a condition, a free yes."""

from kept.policy.compiled import Choice
from kept.policy.draft import Entry
from kept.policy.grammar import (
    CLASS_OF_SITE,
    CONDITION,
    KEEP,
    REDUCED_TO,
    REQUIRED,
    SPECIAL,
    WITH,
)
from kept.policy.opened import Opened
from kept.policy.problems import Once, Place
from kept.policy.terms import ceilings_in, terms_in


def check_held(opened: Opened, entry: Entry, once: Once) -> None:
    """Note what is wrong with one item or event."""
    _ends(opened, entry, once)
    _used(opened, entry, once)
    if entry.get(SPECIAL) is not None and entry.get(CONDITION) is None:
        once.error(
            "L06",
            entry.at(SPECIAL),
            f"`{entry.name}` is of a special category and names no condition.",
            why="GDPR Art. 9(1) forbids it unless a condition of Art. 9(2) holds; crimes: Art. 10.",
            next_step="Add `condition:` with the one that holds.",
        )
    if entry.want(REQUIRED, False):
        _required(opened, entry, once)
    if entry.want(REDUCED_TO, "") == CLASS_OF_SITE and entry.name != "referrer":
        once.error(
            "F06",
            entry.at(REDUCED_TO),
            f"`{entry.name}` has no class of site.",
            why="Kept knows the class of the site that a visitor comes from, the item `referrer`, and of nothing else.",
            next_step="Call the item `referrer`, or take the line out.",
        )


def _ends(opened: Opened, entry: Entry, once: Once) -> None:
    for cell in opened.cells:
        spans = ceilings_in(opened.draft, entry, cell)
        if spans and not any(span.sure_to_end for span in spans):
            once.error(
                "K02",
                entry.at(KEEP),
                f"`{entry.name}` may be kept for good: `{spans[0]}` may never come.",
                why="A ceiling must be reached without anyone's doing.",
                next_step=f"Add one that is: `keep: [{', '.join(map(str, spans))}, 2 years]`.",
            )
            return


def _used(opened: Opened, entry: Entry, once: Once) -> None:
    if not any(entry.name in used.names for used in opened.everyday):
        _unused(entry.name, entry.place, once)
        return
    types = entry.want(WITH, {}) if opened.draft.is_event(entry.name) else {}
    left = [name for name in types if not _property_used(opened, entry.name, name)]
    if left:
        _unused(f"{entry.name}.{left[0]}", entry.at(WITH), once)


def _property_used(opened: Opened, event: str, name: str) -> bool:
    return any((event, name) in used.properties for used in opened.everyday)


def _unused(name: str, at: Place, once: Once) -> None:
    once.error(
        "K04",
        at,
        f"No purpose uses `{name}`.",
        why="What serves no purpose may not be gathered (GDPR Art. 5(1)(c)). Groups stand for no free text, "
        "file, credential or special category; a purpose that waits for a demand does not count.",
        next_step=f"Name `{name}` in a purpose's `uses`, or take it out.",
    )


def _required(opened: Opened, entry: Entry, once: Once) -> None:
    if refusable(opened, entry.name):
        once.error(
            "U04",
            entry.at(REQUIRED),
            f"`{entry.name}` is required, yet it only serves what people may refuse.",
            why="Consent is not free where a service hangs on it without need (GDPR Art. 7(4)).",
            next_step="Make it optional, or name it in a purpose that the service needs.",
        )


def refusable(opened: Opened, name: str) -> bool:
    """Whether somebody may refuse all that an item or event is used for."""
    purposes = opened.draft.section("purposes")
    users = [purposes[purpose] for purpose, used in opened.uses.items() if name in used.names]
    return any(
        bool(users) and all(terms_in(user, cell).choice >= Choice.OPT_IN for user in users)
        for cell in opened.cells
    )
