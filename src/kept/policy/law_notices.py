"""Notices: everyone is told, each stands at an address of its own, and its parts are there."""

from kept.policy.draft import Draft, Entry
from kept.policy.grammar import AT, NOTICE_FOR, PARTS
from kept.policy.notice_model import PARTS_OF
from kept.policy.opened import names
from kept.policy.problems import Problems, listed, nearest

EVERYONE = "everyone"
TAKEN = ("/-", "/choices", "/data", "/dialog", "/kept-dialog.css", "/kept.js", "/static", "/v1")
TAKEN_BELOW = ("/privacy/versions", "/privacy/changes.atom")
ENDINGS = (".md", ".jsonld", ".atom", "/")


def check_notices(draft: Draft, problems: Problems) -> None:
    """Note what no notice tells, and what of a notice cannot be published."""
    notices = draft.section("notices")
    seen: dict[str, str] = {}
    for entry in notices.values():
        _address(entry, seen, problems)
        _parts(draft, entry, problems)
    if notices and not any(EVERYONE in names(entry.get(NOTICE_FOR)) for entry in notices.values()):
        problems.error(
            "L10",
            draft.places["notices"],
            "No notice is for everyone.",
            why="Whoever's data is held must be told, whatever audience they are in (GDPR Art. 13, 14).",
            next_step="Add one with `for: everyone`.",
        )


def _address(entry: Entry, seen: dict[str, str], problems: Problems) -> None:
    at = entry.want(AT, "")
    taken = any(at == one or at.startswith(f"{one}/") for one in (*TAKEN, *TAKEN_BELOW))
    if at in seen:
        problems.error(
            "N03",
            entry.at(AT),
            f"`{at}` is the address of `{seen[at]}` already.",
            next_step="Give each notice an address of its own.",
        )
    elif taken or at.endswith(ENDINGS) or "//" in at or "/." in at:
        problems.error(
            "N03",
            entry.at(AT),
            f"No notice can stand at `{at}`.",
            found=at,
            valid="a path such as `/privacy/young`",
            why="Kept has pages of its own there, or gives out other forms of notices at such addresses.",
        )
    seen.setdefault(at, entry.name)


def _parts(draft: Draft, entry: Entry, problems: Problems) -> None:
    for part in entry.get(PARTS) or ():
        known = (*PARTS_OF, *draft.held)
        if part not in known:
            problems.error(
                "R04",
                entry.at(PARTS),
                f"No part of a notice is called `{part}`.",
                found=part,
                valid=f"sections such as {listed(PARTS_OF, most=30)}, or items and events",
                nearest=nearest(part, known),
            )
