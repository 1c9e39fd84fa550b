"""What laws want a notice to say, or want shown before data is used (L10), each with its article.

The laws are those that the policy names under `rights` and that of the company's own country. What is missing is
an error in a version that is put in force, and a warning in a draft.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kept.policy.compiled import Choice
from kept.policy.draft import Entry
from kept.policy.grammar import (
    ABOUT,
    AGE,
    CATEGORY,
    COUNTRY,
    FROM,
    NOTICE_FOR,
    OFFICER,
    READING_AGE,
    REPRESENTATIVE,
    REQUIRED,
    SPECIAL,
)
from kept.policy.grammar_more import (
    ACCOUNT,
    AGREEMENT,
    ANSWERS,
    ASKED_BY,
    EFFECT,
    GUARDED,
    ITS_CONTACT,
    ITS_SITE,
    NEEDS,
    OF_LAWS,
    PERSON,
    PURPOSES,
    ROLE,
    SALE,
    SHARING_FOR_ADS,
    SIGNAL,
    TOLD,
)
from kept.policy.keys import SAYS
from kept.policy.laws import applying
from kept.policy.opened import Opened, names
from kept.policy.places import EEA
from kept.policy.problems import Place, Problems
from kept.policy.terms import terms_for

EUROPEAN = ("GDPR", "UK GDPR")
OUTSIDE_YEARS = 16
"""Until that age a child's own consent may not do: GDPR Art. 8(1) leaves 13 to 16 to each country; CCPA takes 16."""


@dataclass(frozen=True, slots=True)
class Owed:
    """Something that an article wants and the policy has not. `doubtful`: only the company can tell, a warning."""

    article: str
    at: Place
    what: str
    why: str
    next_step: str
    doubtful: bool = False


def check_notice(opened: Opened, problems: Problems, *, in_force: bool) -> None:
    """Note what laws want and the policy has not."""
    rights = opened.draft.single.get("rights")
    named = rights.want(OF_LAWS, ()) if rights else ()
    laws = applying(named, opened.draft.company.want(COUNTRY, ""))
    for owed in _Duties(opened, laws).all():
        why = f"{owed.article}: {owed.why}"
        if owed.doubtful:
            problems.warn("L10", owed.at, owed.what, why=why, next_step=owed.next_step)
        elif in_force:
            problems.error("L10", owed.at, owed.what, why=why, next_step=owed.next_step)
        else:
            why += " Without it, this version is not put in force."
            problems.warn("L10", owed.at, owed.what, stops=True, why=why, next_step=owed.next_step)


@dataclass(frozen=True, slots=True)
class _Duties:
    opened: Opened
    laws: frozenset[str]

    def all(self) -> Iterator[Owed]:
        yield from self._representative()
        if european := next((law for law in EUROPEAN if law in self.laws), ""):
            for found in self._european():
                yield Owed(
                    f"{european} {found.article}",
                    found.at,
                    found.what,
                    found.why,
                    found.next_step,
                    found.doubtful,
                )
        if "CCPA" in self.laws:
            yield from self._californian()

    def _european(self) -> Iterator[Owed]:
        yield from self._rights()
        yield from self._officer()
        yield from self._purposes()
        yield from self._controllers()
        yield from self._required()
        yield from self._from_others()
        yield from self._untold()
        yield from self._decisions()
        yield from self._processors()
        yield from self._children()
        yield from self._notices()

    def _section(self, name: str) -> list[Entry]:
        return list(self.opened.draft.section(name).values())

    def _representative(self) -> Iterator[Owed]:
        company = self.opened.draft.company
        meant = {code for audience in self.opened.audiences.values() for code in audience.lives_in} & EEA
        if meant and company.get(COUNTRY) not in EEA and company.get(REPRESENTATIVE) is None:
            yield Owed(
                "GDPR Art. 13(1)(a), 27",
                company.place,
                "The policy speaks to people in the EEA, and no representative there is named.",
                "a company outside the Union offering services there names one.",
                "Add `representative:` with name and address, if the law applies to you.",
                doubtful="GDPR" not in self.laws,
            )

    def _rights(self) -> Iterator[Owed]:
        if "rights" not in self.opened.draft.single:
            yield Owed(
                "Art. 12(2), 13(2)(b)",
                Place(1, 1, "rights"),
                "Nothing says what people can ask, and how.",
                "a notice tells people their rights.",
                "Add `rights:` with `laws` and `channels`.",
            )

    def _officer(self) -> Iterator[Owed]:
        draft = self.opened.draft
        special = [entry for entry in draft.held.values() if entry.get(SPECIAL) is not None]
        if special and draft.company.own(OFFICER) is None:
            yield Owed(
                "Art. 13(1)(b), 37(1)(c)",
                draft.company.place,
                "Special categories are held, and no data protection officer is named.",
                "who handles them on a large scale has one, and says how to reach them.",
                "Add `officer:`, if you are one of those.",
                doubtful=True,
            )

    def _purposes(self) -> Iterator[Owed]:
        for entry in self._section("purposes"):
            if entry.own(SAYS) is None:
                yield Owed(
                    "Art. 13(1)(c)",
                    entry.place,
                    f"Nothing says what `{entry.name}` is for.",
                    "a notice tells the purposes, and a name alone tells little.",
                    "Add `says:` to it.",
                )

    def _controllers(self) -> Iterator[Owed]:
        several = self._section("controllers")
        if several and not any(entry.want(ANSWERS, False) for entry in several):
            yield Owed(
                "Art. 26(1), (3)",
                several[0].place,
                "Nobody of those who decide together answers to people.",
                "people may turn to each, and are told to whom first.",
                "Say `answers: yes` at one of them.",
            )
        for entry in several:
            if entry.name != "we" and entry.own(ITS_SITE) is None and entry.own(ITS_CONTACT) is None:
                yield Owed(
                    "Art. 13(1)(a)",
                    entry.place,
                    f"Nothing says how to reach `{entry.name}`.",
                    "a notice says who decides, and how to reach them.",
                    "Add `site:` or `contact:`.",
                )

    def _required(self) -> Iterator[Owed]:
        selections = self.opened.selections
        needed = {
            name for one in self._section("services") for name in selections.open(one.own(NEEDS) or ()).names
        }
        for name, entry in self.opened.draft.held.items():
            if entry.want(REQUIRED, False) and name not in needed:
                yield Owed(
                    "Art. 13(2)(e)",
                    entry.at(REQUIRED),
                    f"`{name}` is required, and nothing says for which service, nor what happens without it.",
                    "people are told whether they must give something, and what follows if they do not.",
                    f"Name `{name}` in the `needs` of a service.",
                )

    def _from_others(self) -> Iterator[Owed]:
        for name, entry in self.opened.draft.held.items():
            if entry.get(CATEGORY) is None and self._comes_from_others(entry):
                yield Owed(
                    "Art. 14(1)(d)",
                    entry.at(FROM),
                    f"`{name}` comes from others, and nothing says of what category it is.",
                    "of what is not got from people themselves, they are told the categories.",
                    "Add `category:`.",
                )

    def _comes_from_others(self, entry: Entry) -> bool:
        others = self.opened.draft.section("sources")
        sources = names(entry.get(FROM))
        return bool(sources) and all(name in others for name in sources)

    def _untold(self) -> Iterator[Owed]:
        """People whom nobody asked: all that is held of them comes from others."""
        people = self.opened.draft.section("people")
        for name, role in people.items():
            told = role.own(TOLD)
            if role.want(PERSON, True) and not role.want(ACCOUNT, False) and self._only_by_others(name):
                late = told is not None and told.span.about_days > 31
                if told is None or late:
                    when = "they are told too late" if late else "nothing says when they are told"
                    yield Owed(
                        "Art. 14(3)(a)",
                        role.at(TOLD) if late else role.place,
                        f"Data about `{name}` comes from others, and {when}.",
                        "they are told within a month at the latest.",
                        "Say `told: within 1 month`.",
                    )

    def _only_by_others(self, role: str) -> bool:
        held = [one for one in self.opened.draft.held.values() if role in names(one.get(ABOUT))]
        return bool(held) and all(self._comes_from_others(one) for one in held)

    def _decisions(self) -> Iterator[Owed]:
        for entry in self._section("decisions"):
            if entry.want(EFFECT, "none") != "none" and entry.own(SAYS) is None:
                yield Owed(
                    "Art. 13(2)(f)",
                    entry.place,
                    f"Nothing says how `{entry.name}` comes about.",
                    "people are told the logic of a decision that weighs on them.",
                    "Add `says:` with it.",
                )

    def _processors(self) -> Iterator[Owed]:
        for entry in self._section("recipients"):
            if entry.own(ROLE) == "processor" and entry.own(AGREEMENT) is None:
                yield Owed(
                    "Art. 28(3)",
                    entry.at(ROLE),
                    f"`{entry.name}` processes for you, and nothing binds it.",
                    "a processor is bound by a contract.",
                    "Add `agreement:`.",
                )

    def _children(self) -> Iterator[Owed]:
        guarded = {name for one in self._section("guardians") for name in names(one.own(GUARDED))}
        for audience in self._section("audiences"):
            age = audience.own(AGE)
            if age is None or age[0] >= OUTSIDE_YEARS or audience.name in guarded:
                continue
            asked = self._asked_of(audience.name)
            if asked:
                yield Owed(
                    "Art. 8(1)",
                    audience.at(AGE),
                    f"`{audience.name}` are asked for consent to `{asked}`, and nobody is named to give it.",
                    "below 16, or from 13 where a country says so, a parent consents.",
                    f"Add a guardian `for: {audience.name}`, or say `choice: never` for them.",
                )

    def _asked_of(self, audience: str) -> str:
        """A purpose to which people of the audience are asked to consent."""
        for name, entry in self.opened.draft.section("purposes").items():
            for people in self.opened.certain:
                terms = terms_for(entry, people)
                if audience in people and terms.basis == "consent" and terms.choice is not Choice.NEVER:
                    return name
        return ""

    def _notices(self) -> Iterator[Owed]:
        for one in self._section("notices"):
            for name in names(one.own(NOTICE_FOR)):
                audience = self.opened.audiences.get(name)
                if audience and audience.age and one.want(READING_AGE, 5) > audience.age[1]:
                    yield Owed(
                        "Art. 12(1)",
                        one.at(READING_AGE),
                        f"`{one.name}` is written for older readers than `{name}` are.",
                        "what is addressed to a child is clear and plain.",
                        "Write it for their age, and say so.",
                    )

    def _californian(self) -> Iterator[Owed]:
        rights = self.opened.draft.single.get("rights")
        if rights is not None and rights.own(ASKED_BY) is None:
            yield Owed(
                "Cal. Civ. Code 1798.130(a)(1)(A), (5)(A)",
                rights.place,
                "Nothing says by which ways people can ask.",
                "a policy names the methods for submitting requests.",
                "Add `channels:`.",
            )
        for name, entry in self.opened.draft.held.items():
            if entry.get(CATEGORY) is None:
                yield Owed(
                    "Cal. Civ. Code 1798.100(a)(1), 1798.130(a)(5)(B)",
                    entry.place,
                    f"Nothing says of what category `{name}` is.",
                    "people are told the categories of what is collected.",
                    "Add `category:`, at the item or at its group.",
                )
        for entry in self._section("recipients"):
            if entry.want(SALE, False) or entry.want(SHARING_FOR_ADS, False):
                yield from self._sold(entry, rights)

    def _sold(self, entry: Entry, rights: Entry | None) -> Iterator[Owed]:
        at = entry.at(SALE if entry.want(SALE, False) else SHARING_FOR_ADS)
        if rights is None or rights.own(SIGNAL) is None:
            yield Owed(
                "Cal. Civ. Code 1798.135(a), (b)",
                at,
                f"Data is sold to `{entry.name}`, or shared with it, and nothing says how to opt out.",
                "a signal that opts out is honoured, or a link leads to it.",
                "Say `global privacy control: honoured` under `rights`.",
            )
        for purpose in names(entry.own(PURPOSES)):
            if self._unasked_child(purpose):
                yield Owed(
                    "Cal. Civ. Code 1798.120(c)",
                    at,
                    f"Data of children is sold to `{entry.name}`, or shared with it, for `{purpose}` without a yes.",
                    "below 16 nothing is sold or shared unless the child, or below 13 a parent, said yes.",
                    f"Say `choice: opt in` or `never` for them in `{purpose}`.",
                )

    def _unasked_child(self, purpose: str) -> bool:
        entry, audiences = self.opened.draft.section("purposes")[purpose], self.opened.audiences
        return any(
            terms_for(entry, people).choice < Choice.OPT_IN
            and self.opened.may_live_in(people, frozenset({"US-CA"}))
            for people in self.opened.certain
            for name in people
            if (age := audiences[name].age) is not None and age[1] < OUTSIDE_YEARS
        )
