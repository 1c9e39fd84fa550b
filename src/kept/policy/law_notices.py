"""Notices: everyone is told, each stands at an address of its own, in a language that all of it can be said in."""

from kept.policy.draft import Draft, Entry
from kept.policy.grammar import AT, NOTICE_FOR, NOTICE_LANGUAGE, PARTS
from kept.policy.notice_model import NUMBERS
from kept.policy.opened import names
from kept.policy.problems import Problems, listed, nearest

EVERYONE = "everyone"
SPOKEN = ("en",)
"""Languages in which Kept says what it says itself: of grounds, times, choices. The rest are the company's words."""
TAKEN = ("/-", "/choices", "/data", "/dialog", "/kept-dialog.css", "/kept.js", "/static", "/v1")
TAKEN_BELOW = ("/privacy/versions", "/privacy/changes.atom")
ENDINGS = (".md", ".jsonld", ".atom", "/")


def check_notices(draft: Draft, problems: Problems) -> None:
    """Note what no notice tells, and what of a notice cannot be published."""
    notices = draft.section("notices")
    seen: dict[str, str] = {}
    for entry in notices.values():
        _address(entry, seen, problems)
        _parts(entry, problems)
        _language(entry, problems)
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


def _parts(entry: Entry, problems: Problems) -> None:
    for part in entry.get(PARTS) or ():
        if part not in NUMBERS:
            problems.error(
                "R04",
                entry.at(PARTS),
                f"No part of a notice is called `{part}`.",
                found=part,
                valid=listed(NUMBERS, most=20),
                nearest=nearest(part, NUMBERS),
            )


def _language(entry: Entry, problems: Problems) -> None:
    language = entry.want(NOTICE_LANGUAGE, "en")
    if language.split("-")[0] not in SPOKEN:
        problems.error(
            "F06",
            entry.at(NOTICE_LANGUAGE),
            f"Kept cannot say its own part of a notice in `{language}`.",
            found=language,
            valid=listed(SPOKEN),
            why="What is said of grounds, times and choices is Kept's wording; half of a notice in another "
            "language would tell nobody anything (GDPR Art. 12(1)).",
        )
