"""Sections that the grammar describes whole, as tables of a notice: a column for each key that is stated."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kept.base.language import Language, marked
from kept.policy.compiled import CompiledPolicy
from kept.policy.fixed import FIXED, PARTS, fixed_words
from kept.policy.grammar import SECTIONS
from kept.policy.keys import Key
from kept.policy.maps import ByCountry
from kept.policy.notice_held import goes_without_saying, held_title
from kept.policy.notice_model import Table
from kept.policy.places import COUNTRY_NAMES
from kept.policy.times import Span
from kept.policy.wording import length, moment_words, places_words, sentence, time_words, title_of

HEADERS = {
    "decides": marked("Decides on"),
    "answers": marked("You may turn to them"),
    "site": marked("Site"),
    "contact": marked("Contact"),
    "country": marked("Country"),
    "who": marked("Who that is"),
    "origins": marked("Pages"),
    "holds": marked("What is there"),
    "works for": marked("Works for"),
    "for people": marked("For whom"),
    "needs": marked("What it cannot do without"),
    "needed by": marked("Needed by"),
    "ends": marked("If that is withheld, it ends"),
    "sends": marked("What they send us"),
    "arrangement": marked("How we share the work"),
    "duties": marked("Who does what"),
    "terms": marked("On what terms"),
    "matched": marked("How it is joined to you"),
    "matched for": marked("Joined for"),
    "purpose": marked("What for"),
    "effect": marked("What it means for you"),
    "weighs": marked("What it weighs"),
    "human": marked("A human whom you can ask"),
    "contest": marked("You may contest it"),
    "audit": marked("Looked into for fairness"),
    "channel": marked("Sent by"),
    "proof": marked("How your yes is proven"),
    "stop": marked("How you stop it"),
    "role": marked("As"),
    "gets": marked("What they get"),
    "purposes": marked("What for"),
    "countries": marked("Where"),
    "transfer": marked("What protects it abroad"),
    "sale": marked("For money"),
    "sharing for ads": marked("For advertising elsewhere"),
    "agreement": marked("Bound by"),
    "until": marked("Until"),
    "when": marked("When"),
    "instructions": marked("On instructions that are"),
    "speaks to people": marked("We speak to people ourselves"),
    "refers requests": marked("We refer requests to them"),
    "delegates requests": marked("They leave requests to us"),
    "sub-processors": marked("Who helps us"),
    "at the end": marked("At the end"),
    "owner": marked("Whose it is"),
    "each right": marked("How your rights are honoured there"),
    "counts": marked("What is counted"),
    "of": marked("Of what"),
    "by": marked("Told apart by"),
    "privacy": marked("How nobody is told apart"),
    "published": marked("Published"),
    "kind": marked("Of what kind"),
    "reviewed": marked("Looked at again"),
    "forbids": marked("What is ruled out"),
    "items": marked("With what"),
    "to": marked("To whom"),
    "except to": marked("Except to"),
    "for": marked("For whom"),
    "account": marked("Has an account"),
    "person": marked("A person"),
    "told": marked("Told within"),
}
"""What each key is called at the head of a column."""

UNITS = {
    "minute": marked("minute"),
    "hour": marked("hour"),
    "day": marked("day"),
    "week": marked("week"),
    "month": marked("month"),
    "year": marked("year"),
}
EFFECTS = {
    "none": marked("nothing of weight"),
    "significant": marked("it matters much to you"),
    "legal": marked("it changes your rights"),
}
OMITTED = frozenset({"account", "person"})


def table_of(policy: CompiledPolicy, say: Language, section: str, caption: str, first: str) -> Table | None:
    """Every entry of a section with what is stated of it; None when there is none."""
    entries = getattr(policy, section.replace(" ", "_"))
    if not entries:
        return None
    keys = [key for key in SECTIONS[section].shape.keys if key.name not in OMITTED]
    cells = Cells(policy, say)
    rows = [
        (entry.title, sentence(entry.says), *(cells.stated(key, entry) for key in keys))
        for entry in entries.values()
    ]
    headers = (first, say("In our words"), *(say(HEADERS[key.name]) for key in keys))
    stated = [at for at in range(len(headers)) if at == 0 or any(row[at] for row in rows)]
    return Table(caption, _only(headers, stated), tuple(_only(row, stated) for row in rows))


def fact_words(policy: CompiledPolicy, say: Language, section: str, name: str, value: object) -> str:
    """One fact of an entry in words, as the section's table has it."""
    key = SECTIONS[section].shape.key(name)
    return Cells(policy, say).of(key, value) if key else str(value)


def _only(cells: tuple[str, ...], stated: list[int]) -> tuple[str, ...]:
    return tuple(cells[at] for at in stated)


TITLES: Mapping[str, Callable[[CompiledPolicy], Mapping[str, Any]]] = {
    "audiences": lambda policy: policy.audiences,
    "dimensions": lambda policy: {**policy.items, **policy.events},
    "events": lambda policy: policy.events,
    "people": lambda policy: policy.people,
    "purposes": lambda policy: policy.purposes,
    "recipients": lambda policy: policy.recipients,
    "staff": lambda policy: policy.staff,
}


INSIDE = frozenset({"audiences", "people"})
"""Sections of people, who are told as a sentence tells of them."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Facts as the cells of a table, in one language."""

    policy: CompiledPolicy
    say: Language

    def stated(self, key: Key[object], entry: Any) -> str:
        """What an entry states under a key."""
        if key.name == "forbids" and entry.beyond is not None:
            return self.say("keep beyond {length}", length=length(entry.beyond, self.say))
        return self.of(key, getattr(entry, key.field))

    def of(self, key: Key[object], value: Any) -> str:
        """A fact in words; empty for one that is not there."""
        match value:
            case tuple():
                return where_words(value, self.say) if key.name == "countries" else self._several(key, value)
            case Span():
                return time_words(value, self.policy.moments, self.say)
            case bool():
                return self.say("yes") if value else self.say("no")
            case Mapping():
                return "; ".join(
                    f"{self._part(key, name)}: {self.of(key, one)}" for name, one in value.items()
                )
        if not value:
            return ""
        return self._text(key, str(value))

    def _text(self, key: Key[object], text: str) -> str:
        match key.name:
            case "effect":
                return self.say(EFFECTS.get(text, text))
            case "country":
                return places_words((text,), self.say)
            case "until":
                return self.say.day(text)
        return self._named(key, text)

    def _part(self, key: Key[object], name: str) -> str:
        """What a key of a small map is called: a country, a word of the language."""
        if isinstance(key.read, ByCountry) and name in COUNTRY_NAMES:
            return self.say(COUNTRY_NAMES[name])
        return self.say(PARTS[name]) if name in PARTS else self._word(key, name)

    def _several(self, key: Key[object], names: tuple[Any, ...]) -> str:
        if key.to:
            return self.say.listing(self._named(key, name) for name in names)
        everything = {*self.policy.items, *self.policy.events}
        if everything and everything <= set(names):
            return self.say("everything that we hold")
        told = (str(name) for name in names if not goes_without_saying(self.policy, str(name)))
        return self.say.listing(
            held_title(self.policy, self.say, name)
            if name.partition(".")[0] in everything
            else self._word(key, name)
            for name in told
        )

    def _word(self, key: Key[object], name: str) -> str:
        """A word of the language said; what the company wrote stays."""
        return self.say(FIXED[name]) if name in fixed_words(key) else name

    def _named(self, key: Key[object], name: str) -> str:
        """What a name of the file is called; words of the language are said, and sentences stay."""
        if name in key.words or not key.to:
            return self._word(key, name)
        if "moments" in key.to and name in self.policy.moments:
            return moment_words(name, self.policy.moments, self.say)
        for section in key.to:
            known = TITLES[section](self.policy) if section in TITLES else {}
            if name in known:
                title = str(known[name].title)
                return self.say.inside(title) if section in INSIDE else title
        return self.say(UNITS[name]) if name in UNITS else self.say.inside(title_of(name))


def where_words(places: Iterable[str], say: Language) -> str:
    """Places in words: `everywhere`, all but some."""
    found = tuple(places)
    besides = [place.removeprefix("not ") for place in found if place.startswith("not ")]
    plain = [place for place in found if not place.startswith("not ") and place != "everywhere"]
    words = [
        say("everywhere") if "everywhere" in found else "",
        places_words(plain, say) if plain else "",
        say("everywhere but {places}", places=places_words(besides, say)) if besides else "",
    ]
    return say.listing(words)
