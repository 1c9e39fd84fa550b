"""Notices: everyone is told, each stands at an address of its own, and its words are about what is there."""

from kept.base.nearest import nearest
from kept.policy.draft import Draft, Entry
from kept.policy.grammar import AT, NOTICE_FOR
from kept.policy.keys import CALLED, SAYS, Key
from kept.policy.notice_model import PARTS_OF
from kept.policy.opened import names
from kept.policy.problems import Problems
from kept.policy.sayings import ABSOLUTE, borne

EVERYONE = "everyone"
TAKEN = ("/-", "/choices", "/data", "/dialog", "/kept-dialog.css", "/kept.js", "/static", "/v1")
TAKEN_BELOW = ("/privacy/versions", "/privacy/changes.atom")
ENDINGS = (".md", ".jsonld", ".atom", "/")


def check_posting(draft: Draft, problems: Problems) -> None:
    """Note what no notice tells, and what of a notice cannot be published."""
    notices = draft.section("notices")
    seen: dict[str, str] = {}
    for entry in notices.values():
        _address(entry, seen, problems)
        _words(draft, entry, problems)
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


def _words(draft: Draft, entry: Entry, problems: Problems) -> None:
    """Words of a notice are about something that is there. What they promise is held against that entry's facts."""
    known = {one.name: one for one in draft.declared()}
    parts = {part.replace(" ", "_") for part in PARTS_OF}
    for name, said in entry.sections.get("words", {}).items():
        if name not in known and name not in parts:
            problems.error(
                "R04",
                said.place,
                f"Nothing is called `{name}`.",
                found=name,
                valid="names of this file, or of its sections",
                nearest=nearest(name, (*known, *parts)),
            )
        for key in (SAYS, CALLED):
            _absolute(draft, known.get(name), said, key, problems)


def _absolute(draft: Draft, about: Entry | None, said: Entry, key: Key[str], problems: Problems) -> None:
    for word in ABSOLUTE.findall(said.own(key) or ""):
        if about is None or not borne(word.lower(), about, draft):
            problems.error(
                "V05",
                said.at(key),
                f"“{word}” in these words for `{said.name}` is absolute, and no fact bears it out.",
                why="What a notice promises binds like a fact.",
                next_step="Say what is done, without the absolute word.",
            )
