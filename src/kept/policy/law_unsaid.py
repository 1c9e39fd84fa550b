"""Texts of the file that a notice in another language has no words for: its readers meet them in the file's own."""

from collections.abc import Iterator

from kept.policy.draft import Draft, Entry
from kept.policy.fixed import HELD_IN
from kept.policy.grammar import BALANCE, LANGUAGES, NOTICE_LANGUAGE, WITHOUT_IT
from kept.policy.keys import CALLED, SAYS, Key
from kept.policy.problems import Problems, listed
from kept.policy.words import sentence, text

HAVE_WORDS: tuple[Key[str], ...] = (CALLED, SAYS, WITHOUT_IT, BALANCE)
"""What a notice may say of an entry in words of its own."""
MOST = 400
"""So many are listed: whoever writes the words goes through them one by one."""
UNTITLED = frozenset({"cookies", "moments"})
"""Sections whose entries are shown under no title."""


def check_unsaid(draft: Draft, problems: Problems) -> None:
    """Note, for each notice in another language than the file's, what of the file it cannot say in it."""
    own = draft.company.want(LANGUAGES, ("en",))[0]
    for notice in draft.section("notices").values():
        language = notice.want(NOTICE_LANGUAGE, own)
        if language.partition("-")[0] == own.partition("-")[0]:
            continue
        lacking = listed(dict.fromkeys(_without_words(draft, notice)), MOST)
        if lacking:
            problems.warn(
                "N04",
                notice.at(NOTICE_LANGUAGE),
                f"The notice `{notice.name}` is in `{language}`, and has no words in it for {lacking}.",
                why=f"Its readers meet these texts in `{own}`, the language of the file (GDPR Art. 12(1)).",
                next_step="Give them under `words` of this notice.",
            )
        placeless = listed(dict.fromkeys(_placeless(draft)), MOST)
        if placeless:
            problems.warn(
                "N04",
                notice.at(NOTICE_LANGUAGE),
                f"In the notice `{notice.name}` these texts stay in `{own}`: {placeless}.",
                why="`words` has no place for them.",
                next_step="Write them so that readers of both languages understand them, or say it in `says`.",
            )


def _without_words(draft: Draft, notice: Entry) -> Iterator[str]:
    """Texts that `words` may say otherwise, and does not: `improve.says`."""
    words = notice.sections.get("words", {})
    for section, entry in _worded(draft):
        said = words.get(entry.name)
        for key in HAVE_WORDS:
            is_shown = entry.own(key) is not None or (key is CALLED and section not in UNTITLED)
            if is_shown and (said is None or said.own(key) is None):
                yield f"{entry.name}.{key.name}"


def _worded(draft: Draft) -> Iterator[tuple[str, Entry]]:
    """Entries, and groups of them, that words may be about."""
    for section, entries in draft.entries.items():
        if section != "notices":
            every = (*draft.groups.get(section, {}).values(), *entries.values())
            yield from ((section, entry) for entry in every)


def _placeless(draft: Draft) -> Iterator[str]:
    """Texts that `words` cannot say otherwise, by their path: `guardians.parents.who`."""
    worded = {id(entry) for _section, entry in _worded(draft)}
    posted = {id(entry) for entry in draft.section("notices").values()}
    for entry in draft.every():
        if id(entry) not in posted and entry is not draft.company:
            for key in (*entry.shape.keys, SAYS, CALLED):
                found = entry.own(key) if key.read in (text, sentence) else None
                if found and found not in HELD_IN and not (id(entry) in worded and key in HAVE_WORDS):
                    yield entry.at(key).path
