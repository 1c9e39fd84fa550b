"""What a fact of the ledger says, in a sentence for the company. Facts name nobody, so neither does a sentence."""

from collections.abc import Callable, Mapping
from typing import Any

from kept.base.language import ENGLISH
from kept.ledger import facts
from kept.web.pages.words import count, day, number

HOW = {"dialog": "when asked", "page": "on the choices page", "account": "on their data’s page"}


def told(fact: facts.Fact) -> str:
    """One sentence."""
    says = SENTENCES.get(type(fact))
    return says(fact) if says else first_words(type(fact))


def _used(fact: facts.PurposeUsed) -> str:
    often = "" if fact.uses is None else f", {count(fact.uses, 'time')}"
    many = "" if fact.people is None else f", among {count(fact.people, 'person', 'people')}"
    return f"“{fact.purpose}” read data on {ENGLISH.day(fact.day)}{often}{many}."


def _chosen(fact: facts.ChoiceRecorded) -> str:
    said = [
        f"{word} to {ENGLISH.listing(names)}" for word, names in (("yes", fact.yes), ("no", fact.no)) if names
    ]
    return f"A person said {ENGLISH.listing(said) or 'nothing new'}, {HOW.get(fact.how, fact.how)}."


def _imported(fact: facts.LogImported) -> str:
    lines, kept = count(fact.lines, "line"), count(fact.events, "event")
    return f"A server log was taken in: of {lines} {kept} kept, {number(fact.refused)} refused."


def _profile(fact: facts.ProfileChanged) -> str:
    done = [
        f"{ENGLISH.listing(names)} {word}"
        for word, names in (("told", fact.taken), ("taken away", fact.removed))
        if names
    ]
    by = "A person corrected their profile" if fact.how == "person" else "The site changed a profile"
    return f"{by}: {ENGLISH.listing(done)}."


def _people(fact: facts.PeopleImported) -> str:
    lines, values = count(fact.lines, "line"), count(fact.taken, "value")
    return f"A file of people was taken in: of {lines} {values} new, {number(fact.refused)} refused."


def _held(fact: facts.HoldPlaced) -> str:
    return f"A person’s data must stay; the reason is looked at again by {day(fact.review_ms, ENGLISH)}."


def _whose(workspace: int) -> str:
    return f"workspace {workspace}" if workspace else "the canaries’ workspace"


SENTENCES: Mapping[type[facts.Fact], Callable[[Any], str]] = {
    facts.PolicyPutInForce: lambda fact: f"Version {fact.version} of the policy took effect.",
    facts.PurposeUsed: _used,
    facts.PersonLookedAt: lambda fact: (
        f"Someone in the role “{fact.role}” looked at one person’s data, for “{fact.purpose}”."
    ),
    facts.ChoiceRecorded: _chosen,
    facts.PersonJoined: lambda _fact: "A browser was found to be the same person’s as an account.",
    facts.HoldPlaced: _held,
    facts.ErasurePlanned: lambda _fact: "A deletion was asked for, and may go ahead.",
    facts.ErasureRefused: lambda fact: f"A deletion may not go ahead now: {fact.ground}.",
    facts.ErasureDone: lambda _fact: "The deletion is complete.",
    facts.LogImported: _imported,
    facts.ProfileChanged: _profile,
    facts.PeopleImported: _people,
    facts.ValuesExpired: lambda fact: (
        f"{count(fact.values, 'value')} of “{fact.item}” past their time: deleted."
    ),
    facts.PartnerCut: lambda fact: (
        f"The partner “{fact.partner}” was cut off: nothing is taken from its site."
    ),
    facts.PartnerRestored: lambda fact: f"The partner “{fact.partner}” is taken in again.",
    facts.EventsRefused: lambda fact: (
        f"{count(fact.events, 'event')} turned away on {ENGLISH.day(fact.day)}: {fact.reason.replace('_', ' ')}."
    ),
    facts.KeyCreated: lambda fact: (
        f"A key of {_whose(fact.workspace)} came into being: “{fact.use.replace('_', ' ')}”."
    ),
    facts.KeyReplaced: lambda fact: (
        f"A key of {_whose(fact.workspace)} was replaced, “{fact.use.replace('_', ' ')}”: the old one is refused "
        + (f"after {count(fact.overlap_s, 'second')} more." if fact.overlap_s else "from then on.")
    ),
    facts.MasterKeyChanged: lambda fact: f"{count(fact.keys, 'key')} wrapped anew under another master key.",
}
"""Facts whose own values tell more than what their kind says of itself."""


def first_words(kind: type[facts.Fact]) -> str:
    """What a kind of fact says of itself, without what it says of its fields."""
    first = (kind.__doc__ or "").strip().partition("\n")[0].partition(". ")[0].partition(";")[0]
    return f"{first.rstrip('.')}."
