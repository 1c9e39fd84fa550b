"""What Kept carries out of what a policy can declare: one table, for the check, the notice and the proof.

An entry is turned to True in the change that carries it out, never before.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from kept.base.language import is_spoken
from kept.policy.draft import Draft, Entry
from kept.policy.grammar import (
    AT_MOST,
    AUTHORISATION,
    BACKUPS,
    DERIVED_FROM,
    FROM,
    HIDDEN_FROM,
    HOLD_RULE,
    KEEP,
    LOOKS_BACK,
    NOTICE_LANGUAGE,
    REDUCED_TO,
    REQUIRED,
    SCREENED_FOR,
    SPECIAL,
    STRICTLY_NECESSARY,
)
from kept.policy.grammar_more import FORBIDS, TOLD
from kept.policy.keys import Key
from kept.policy.maps import Forbidden
from kept.policy.problems import Place, Problems
from kept.policy.ruled import GATHERING
from kept.policy.values import Keep, Timed

CARRIED = frozenset({"dialog", "form", "mail", "partner", "server", "server log", "staff", "tracker"})
"""Sources that the collector, the log import, the question about choices and profiles carry; a partner's name too."""

EVENT_SOURCES = frozenset({"partner", "tracker", "server log", "server"})
"""Ways by which events come; what a form says once is told as a value of a profile."""


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that a policy may declare: whether it is carried out today, in words, and where it stands."""

    carried_out: bool
    says: str
    places: Callable[[Draft], Iterable[Place]]


def _stating(*keys: Key[object]) -> Callable[[Draft], Iterator[Place]]:
    def places(draft: Draft) -> Iterator[Place]:
        for entry in draft.declared():
            yield from (entry.places[key.name] for key in keys if entry.own(key))

    return places


def _retention(key: Key[object]) -> Callable[[Draft], Iterator[Place]]:
    def places(draft: Draft) -> Iterator[Place]:
        if draft.retention and draft.retention.own(key) is not None:
            yield draft.retention.at(key)

    return places


def _ceilings(draft: Draft) -> Iterator[Place]:
    for entry in draft.declared():
        if entry.own(KEEP) is not None or entry.own(AT_MOST) is not None:
            yield entry.at(KEEP) if entry.own(KEEP) is not None else entry.at(AT_MOST)


def _ceilings_of_events(draft: Draft) -> Iterator[Place]:
    """Of events and of what comes with them. What a law has a say in is left too: no duty is watched over yet."""
    ways = EVENT_SOURCES | frozenset(draft.section("partners"))
    for entry in draft.held.values():
        by_events = entry.name in draft.section("events") or {ref.name for ref in entry.want(FROM, ())} & ways
        keep = entry.get(KEEP)
        if keep is not None and (by_events or keep.duties):
            yield entry.at(KEEP)


def _other_moments(draft: Draft) -> Iterator[Place]:
    for entry in draft.declared():
        yield from (timed.place for timed in _spans(entry) if not timed.span.counts_from_gathering)


def _spans(entry: Entry) -> Iterator[Timed]:
    keep: Keep | None = entry.own(KEEP)
    yield from (ceiling for ceiling in (keep.at_most if keep else ()) if isinstance(ceiling, Timed))
    yield from entry.own(AT_MOST) or ()


def _authorities(draft: Draft) -> Iterator[Place]:
    for entry in draft.declared():
        keeps = (each.own(KEEP) for each in (entry, *entry.audiences.values()))
        yield from (keep.by for keep in keeps if keep is not None and keep.by is not None)


def _duties(draft: Draft) -> Iterator[Place]:
    yield from (duty.place for duty in draft.below_retention("duties").values())


def _uncarried(draft: Draft) -> Iterator[Place]:
    """What comes only by ways that nothing carries; an event comes from pages and servers alone."""
    events, sites = draft.section("events"), frozenset(draft.section("partners"))
    for entry in draft.held.values():
        sources = {ref.name for ref in entry.want(FROM, ())}
        ways = (CARRIED & EVENT_SOURCES if entry.name in events else CARRIED) | sites
        if sources and not sources & ways and entry.get(DERIVED_FROM) is None:
            yield entry.place


def _derived(draft: Draft) -> Iterator[Place]:
    """What is worked out, save what the collector itself derives from a request."""
    for entry in draft.held.values():
        sources = {ref.name for ref in entry.want(FROM, ())}
        if entry.get(DERIVED_FROM) is not None and not sources & CARRIED:
            yield entry.at(DERIVED_FROM)


def _several_notices(draft: Draft) -> Iterator[Place]:
    yield from (entry.place for entry in list(draft.section("notices").values())[1:])


def _unspoken(draft: Draft) -> Iterator[Place]:
    for entry in draft.section("notices").values():
        if not is_spoken(entry.want(NOTICE_LANGUAGE, "en")):
            yield entry.at(NOTICE_LANGUAGE)


def _moments(draft: Draft) -> Iterator[Place]:
    yield from (entry.place for entry in draft.section("moments").values())


def _section(*names: str) -> Callable[[Draft], Iterator[Place]]:
    def places(draft: Draft) -> Iterator[Place]:
        for name in names:
            yield from (entry.place for entry in draft.section(name).values())
            if name in draft.single:
                yield draft.single[name].place

    return places


def _other_rules(draft: Draft) -> Iterator[Place]:
    for entry in draft.section("never").values():
        if entry.want(FORBIDS, Forbidden("use")).act not in GATHERING:
            yield entry.at(FORBIDS)


def _nowhere(_draft: Draft) -> Iterator[Place]:
    return iter(())


ENFORCED: dict[str, Feature] = {
    "gathering": Feature(True, "Only declared events and properties are gathered.", _nowhere),
    "choices": Feature(True, "Every event carries the purposes that its person allows.", _nowhere),
    "signal": Feature(True, "Global Privacy Control is a no to all that is a matter of choice.", _nowhere),
    "minimising": Feature(
        True, "Addresses and page addresses are reduced before they are kept.", _stating(REDUCED_TO)
    ),
    "ceilings at read": Feature(True, "What is past its ceiling is not read.", _ceilings),
    "erasure": Feature(True, "What is held of a person is deleted on request.", _nowhere),
    "cookies": Feature(True, "Cookies that are not needed wait for a yes.", _stating(STRICTLY_NECESSARY)),
    "look-back": Feature(True, "A purpose sees no further back than it says.", _stating(LOOKS_BACK)),
    "expiry": Feature(
        False,
        "Values of profiles that are past their ceiling are deleted; events, and what comes with them, are no longer "
        "read, but not yet deleted from the disk by themselves.",
        _ceilings_of_events,
    ),
    "moments": Feature(False, "Own moments cannot be marked.", _moments),
    "other clocks": Feature(
        False, "Times counted from anything but the gathering do not run.", _other_moments
    ),
    "duties": Feature(False, "Duties to keep do not lock anything.", _duties),
    "authorities": Feature(
        False, "The authority that a `keep` names with `by` stands in no notice.", _authorities
    ),
    "holds": Feature(False, "The rule for holds has no reminder.", _retention(HOLD_RULE)),
    "backups": Feature(False, "Backups are not made, so their life is not watched.", _retention(BACKUPS)),
    "profiles": Feature(
        True, "Only declared values are taken about people, each under its own key.", _nowhere
    ),
    "other ways": Feature(False, "What comes by no way that Kept carries is not gathered.", _uncarried),
    "inferences": Feature(False, "Nothing is worked out about people.", _derived),
    "screening": Feature(False, "Free documents are not screened.", _stating(SCREENED_FOR)),
    "special categories": Feature(False, "Special categories have no walls of their own.", _stating(SPECIAL)),
    "walls": Feature(
        False, "`hidden from` holds in the file; staff are not told apart yet.", _stating(HIDDEN_FROM)
    ),
    "required": Feature(True, "A profile without what is required is not taken.", _stating(REQUIRED)),
    "telling": Feature(False, "Notices to people who are not users are not sent.", _stating(TOLD)),
    "authorisations": Feature(False, "Signed authorisations are not kept.", _stating(AUTHORISATION)),
    "several notices": Feature(True, "Each notice is published at its own address.", _several_notices),
    "languages": Feature(
        False,
        "Kept has no words of its own in that `language`: what it says itself in the notice is English.",
        _unspoken,
    ),
    "staff": Feature(False, "Roles of staff are not told apart.", _section("staff")),
    "guardians": Feature(False, "Nobody can decide for a child.", _section("guardians")),
    "services": Feature(False, "Services do not end when what they need is withheld.", _section("services")),
    "partners": Feature(
        True, "A partner's site sends what it may, under its own key and answers.", _section("partners")
    ),
    "sources": Feature(False, "What other companies send is not taken in.", _section("sources")),
    "decisions": Feature(False, "Decisions of programs are not recorded.", _section("decisions")),
    "messages": Feature(False, "Messages are not sent, nor stopped.", _section("messages")),
    "recipients": Feature(
        False, "Nothing is handed over, so recipients are not watched.", _section("recipients")
    ),
    "clients": Feature(False, "Data of clients is not kept apart.", _section("clients")),
    "systems": Feature(False, "Requests are not passed on to other systems.", _section("systems")),
    "figures": Feature(False, "Figures are not published with noise.", _section("aggregates")),
    "rights": Feature(False, "The times in which laws want answers are not watched.", _section("rights")),
    "links": Feature(False, "Links are not checked.", _section("links")),
    "changes": Feature(False, "Changes are not announced before they count.", _section("changes")),
    "never": Feature(True, "Rules of `never` on gathering and use hold at the door.", _nowhere),
    "other rules": Feature(
        False, "Rules of `never` on anything but gathering and use hold in the file alone.", _other_rules
    ),
}


def warn_of_what_is_not_enforced(draft: Draft, problems: Problems) -> None:
    """One warning for each feature that the file declares and Kept cannot carry out yet."""
    for feature in ENFORCED.values():
        if not feature.carried_out:
            _warn(feature, sorted(feature.places(draft), key=lambda at: (at.line, at.column)), problems)


def _warn(feature: Feature, places: list[Place], problems: Problems) -> None:
    if not places:
        return
    more = len(places) - 1
    also = f" (here and in {more} more {'place' if more == 1 else 'places'})" if more else ""
    problems.warn("E01", places[0], f"Declared, not yet enforced: {feature.says}{also}")
