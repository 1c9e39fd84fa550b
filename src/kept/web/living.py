"""The living house behind the pages: what `web.house` asks for, answered by the installation."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kept.amend import ShownCounts
from kept.app.house import House
from kept.app.people import People
from kept.app.ranking_words import NOT_NOW, RankAsked, RankTold
from kept.app.site_token import BadToken, account_named
from kept.gate import PastVersion, Refusal
from kept.gather.minimise import country_of
from kept.gather.profiles import (
    FileTold,
    NotTaken,
    Profiles,
    TakenDown,
    Telling,
    from_text,
    plainly,
)
from kept.policy import NO_ANSWER, Answer, CompiledPolicy
from kept.policy.notice import Notice
from kept.policy.posted import Posted
from kept.rank import Offer, offer, ranked_by, take_back
from kept.rights import TOMBSTONE, Deletion, Stopped
from kept.subject import AlreadyJoined, Past, Person, strictest
from kept.web.house import (
    Account,
    ErasurePlan,
    NewAnswer,
    NoAccount,
    NoReading,
    NotErased,
    NotJoined,
    Offered,
    PastAnswer,
    PersonView,
    ProfileFile,
    ProfileRead,
    RankedFor,
    Receipt,
    Shown,
    Spoken,
)
from kept.web.living_words import STAGES, all_held, each_once, plan_shown, told_values
from kept.web.whence import Proxies

_REASONS = {reason: NoAccount[reason.name] for reason in BadToken}


@dataclass(frozen=True)
class LivingCentre:
    """Answers the pages for the people concerned. Every method may run in several threads at once."""

    house: House
    people: People
    proxies: Proxies
    heard: Callable[[], object] = lambda: None
    """Called after each answer, so that the next event of that visitor meets it."""
    ranks: Callable[[RankAsked], RankTold] = lambda _asked: NOT_NOW
    """Asks the process that ranks."""
    beside: tuple["LivingCentre", ...] = ()
    """The other workspaces of the installation; their keys and tokens lead there."""
    counts: ShownCounts | None = None
    """Where it is counted what was shown; None where nobody writes the counts down."""

    def spaces(self) -> tuple["LivingCentre", ...]:
        """This workspace's, those beside it, and of each the partners' sites."""
        own = (self, *self.beside)
        return (*own, *(site for each in own for site in each.partner_sites()))

    def partner_sites(self) -> list["LivingCentre"]:
        """The same on each partner's site that is not cut off: its visitors answer there, and for there alone."""
        cut = self.house.cutting.since()
        return [
            self._at_partner(name) for name in self.house.policies.now().policy.partners if name not in cut
        ]

    def _at_partner(self, name: str) -> "LivingCentre":
        house = self.house.at_partner(name)
        return replace(self, house=house, people=replace(self.people, house=house), beside=())

    def now_ms(self) -> int:
        """The time, in milliseconds of UTC."""
        return self.house.clock.now_ms()

    def policy(self) -> CompiledPolicy:
        """The policy in force, as it holds on this site."""
        return self.house.policy

    def notice(self) -> Notice:
        """Its first notice."""
        return self.posted()[0].notice

    def posted(self, number: int | None = None) -> tuple[Posted, ...]:
        """The notices of a version, of the one in force if none is named."""
        policies = self.house.policies
        wanted = policies.now().number if number is None else number
        return policies.posted(wanted)  # enforces: posted-in-force

    def past(self) -> tuple[PastVersion, ...]:
        """Every version that was in force, the oldest first."""
        return self.house.policies.past()

    def note_shown(self, page: str) -> None:
        """Count it."""
        if self.counts is not None:
            self.counts.note(self.house.policies.number(), page)

    def show_account(self, account: Account, how: str, version: str = "", *, meet: bool = False) -> bool:
        """Put it on record."""
        return self.people.shown(account.id, how, version, meet=meet)

    def origins(self) -> frozenset[str]:
        """None beside our own: the customer's site forwards a path of its own to us."""
        return frozenset()

    def knows_key(self, key: str) -> bool:
        """Whether it is a write key."""
        return key in self.house.api_keys.writes

    def residence_of(self, peer: str | None, forwarded: bytes | None) -> str | None:
        """The country of the sender."""
        return country_of(self.proxies.sender(peer, forwarded))

    def answer_of(self, token: str) -> Answer:
        """The visitor's answer in force."""
        return self.people.answer_in_force(token)

    def history_of(self, token: str) -> tuple[PastAnswer, ...]:
        """The visitor's answers, newest first."""
        return self._past(self.people.history([self.house.identities.visitor(token)]))

    def record_answer(self, token: str, answer: NewAnswer) -> None:
        """Take an answer down."""
        self.people.answer(token, yes=answer.yes, no=answer.no, how=answer.how, words=answer.words)
        self.heard()

    def record_account_answer(self, account: Account, answer: NewAnswer) -> None:
        """Take an answer down for an account and its browsers."""
        self.people.answer_for_account(
            account.id, yes=answer.yes, no=answer.no, how=answer.how, words=answer.words
        )
        self.heard()

    def site_credential(self, bearer: str) -> Account | bool:
        """The secret key, a token the site signed, or neither."""
        keys = self.house.api_keys
        if keys.is_secret(bearer):
            return True
        named = account_named(bearer, keys.secrets, self.now_ms())
        return Account(named) if isinstance(named, str) else False

    def join(self, visitor: str, account: str, partner: str = "") -> NotJoined | None:
        """Make a visitor part of an account."""
        there = self._at_partner(partner) if partner else self
        joined = there.people.join(visitor, account, "site")
        self.heard()  # the account's noes came along
        return NotJoined.ANOTHER_ACCOUNT if isinstance(joined, AlreadyJoined) else None

    def account_of(self, token: str) -> Account | NoAccount:
        """The account that a token names."""
        if not token:
            return NoAccount.MISSING
        named = account_named(token, self.house.api_keys.secrets, self.now_ms())
        return Account(named) if isinstance(named, str) else _REASONS[named]

    def tell(self, account: str, telling: Telling) -> TakenDown:
        """Take down what the site tells about an account."""
        told = self.house.tellings.tell(account, telling)
        self.heard()  # who has just become known is looked for from the next event on
        return told

    def read_profile(self, account: str, purpose: str) -> ProfileRead | NoReading:
        """What a purpose may see of an account's profile."""
        permit = self.house.gate.use_by_name(purpose)
        if isinstance(permit, Refusal):
            return NoReading(permit.reason.value, permit.clause, permit.message)
        values = {
            value.item: {"value": plainly(value), "source": value.source, "at_ms": value.at_ms}
            for value in self.house.readings.read(permit, account)
        }
        return ProfileRead(account, purpose, permit.in_force.policy.version, values)

    def read_file(self, account: str, purpose: str, item: str) -> ProfileFile | None:
        """A file that the purpose may see."""
        permit = self.house.gate.use_by_name(purpose)
        if isinstance(permit, Refusal):
            return None
        found = {value.item: value.plain for value in self.house.readings.read(permit, account)}.get(item)
        parts = self.house.readings.content(permit, account, item)
        if parts is None or not isinstance(found, FileTold):
            return None
        return ProfileFile(found.name, found.media, parts)

    def correct(self, account: Account, item: str, text: str) -> NotTaken | None:
        """Put what the person wrote in a value's place."""
        declared = self.policy().items.get(item)
        value = text if declared is None else from_text(declared.type, text)
        told = self.house.tellings.correct(self._person(account), item, value)
        return told.refused[0].why if told.refused else None

    def file_of(self, account: Account, number: int) -> ProfileFile | None:
        """A file of the person's own."""
        found = self._profiles.content(self._person(account), number)
        if found is None or not isinstance(found[0].plain, FileTold):
            return None
        return ProfileFile(found[0].plain.name, found[0].plain.media, found[1])

    @property
    def _profiles(self) -> Profiles:
        return Profiles(self.house.tellings)

    def person_view(self, account: Account, here: str | None = None) -> PersonView:
        """All that is held about an account."""
        person = self._person(account)
        spoken = self._spoken(person, self.house.identities.visitor(here) if here else None)
        return PersonView(
            account=account.id,
            held=all_held(self.people.found(person).values()),
            answer=strictest(each.answer for each in spoken),
            history=each_once(self._past(self.people.history(person.subjects))),
            disclosures=(),
            holds=tuple(self.people.holds(person)),
            spoken=spoken,
            showings=tuple(self.people.showings(person)),
            told=told_values(self.policy(), self._profiles.values(person)),
        )

    def _spoken(self, person: Person, here: int | None) -> tuple[Spoken, ...]:
        """The account's own answer, if there is one, then each browser's."""
        said = self.people.answers_of(person)
        own = said.get(person.account, NO_ANSWER) if person.account is not None else NO_ANSWER
        browsers = [
            Spoken(said.get(visitor, NO_ANSWER), since_ms, visitor == here)
            for visitor, since_ms in self.people.browsers(person).items()
        ]
        return (*([] if own == NO_ANSWER else [Spoken(own)]), *browsers)

    def copy_of(self, account: Account) -> bytes:
        """All of it as JSON."""
        person = self._person(account)
        copy: dict[str, Any] = {
            "made_ms": self.now_ms(),
            "account": account.id,
            "policy": self.policy().version,
        }
        return json.dumps({**copy, **self.people.copy(person)}, indent=2, ensure_ascii=False).encode()

    def plan_erasure(self, account: Account) -> ErasurePlan:
        """What a deletion would do."""
        return plan_shown(self.people.plan(self._person(account)))

    def erase(self, account: Account, digest: str) -> Receipt | NotErased:
        """Begin the deletion that was shown."""
        plan = self.people.plan(self._person(account))
        if (
            plan_shown(plan).digest != digest or not plan.person.subjects
        ):  # of a stranger there is nothing to delete
            return NotErased.PLAN_CHANGED
        number = self.people.erase(plan)
        if isinstance(number, Stopped):
            return NotErased.HELD
        receipt = self.receipt(number)
        if receipt is None:
            raise RuntimeError("a deletion that was begun is not there")
        return receipt

    def receipt(self, number: int) -> Receipt | None:
        """A deletion as it stands."""
        deletion = self.people.deletions.get(number)
        return None if deletion is None else self._receipt(deletion)

    def rank(self, wanted: RankedFor) -> Shown:
        """A ranking, by the process that ranks."""
        subjects, answer = self._whose(wanted)
        told = self.ranks(
            RankAsked(
                self.house.settings.workspace,
                wanted.of,
                list(subjects),
                answer.yes,
                answer.no,
                wanted.residence,
                wanted.signal,
                dict(wanted.profile),
                wanted.account,
                wanted.most,
            )
        )
        by = ranked_by(self.policy(), wanted.of) if told.why else None
        without = by.purpose.without_it if by is not None else ""
        return Shown(told.order, tuple(told.things), told.why, told.clause, without)

    def take_offers(self, of: str, things: Sequence[Offered], gone: Sequence[str]) -> None:
        """Write down what is on offer."""
        space = self.house.settings.workspace
        with self.house.records.write() as connection:
            offer(connection, space, of, [Offer(each.id, each.words) for each in things])
            take_back(connection, space, of, gone)

    def _whose(self, wanted: RankedFor) -> tuple[Sequence[int], Answer]:
        """The subjects whose past counts, and the answer that stands: of several the strictest."""
        if not wanted.account:
            if not wanted.visitor:
                return (), wanted.answer or NO_ANSWER
            stands = self.people.answer_in_force(wanted.visitor)
            answer = stands if wanted.answer is None else wanted.answer
            return (self.house.identities.visitor(wanted.visitor),), strictest((stands, answer))
        person = self._person(Account(wanted.account))
        return person.subjects, strictest(self.people.answers_of(person).values())

    def _receipt(self, deletion: Deletion) -> Receipt:
        document = self.people.deletions.receipt(deletion.number) or b""
        return Receipt(
            number=deletion.number,
            asked_ms=deletion.asked_ms,
            done_ms=deletion.done_ms,
            stage=STAGES[deletion.stage],
            gone=tuple(deletion.report.items()),
            stays=(TOMBSTONE,),
            backups_until_ms=None,
            entry=deletion.entry,
            root=self.people.root() if document else "",
            document=document,
        )

    def _person(self, account: Account) -> Person:
        found = self.people.of_account(account.id)
        return found or Person(self.house.settings.workspace, None, ())

    def _past(self, past: Sequence[Past]) -> tuple[PastAnswer, ...]:
        versions = self.house.policies.versions()
        return tuple(
            PastAnswer(
                entry.said.at_ms,
                entry.said.yes,
                entry.said.no,
                entry.said.how,
                versions.get(entry.said.policy, ""),
                entry.said.policy,
            )
            for entry in past
        )
