"""What the pages ask of the house behind them. `app` answers; tests answer with invented people.

Every method may block and is called in a thread, several at a time. A refusal is a value; an exception is a
bug or a broken disk.
"""

from collections.abc import Sequence
from typing import Protocol

from kept.app.vitals import Vital
from kept.gate import PastVersion
from kept.gather.profiles import NotTaken, TakenDown, Telling
from kept.policy.compiled import Answer, CompiledPolicy
from kept.policy.notice import Notice
from kept.policy.posted import Posted
from kept.web.pages.company import (
    Behaviour,
    BehaviourWanted,
    Column,
    Figure,
    LedgerEntry,
    LedgerView,
    NoReport,
    RefusalCount,
    Refusals,
    Report,
    ReportAsked,
    ReportPurpose,
    Seen,
    SeenPart,
    Table,
)
from kept.web.pages.people import (
    Account,
    Disclosure,
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
    ToldValue,
    Visitor,
)

__all__ = [
    "Account",
    "Behaviour",
    "BehaviourWanted",
    "CentreHouse",
    "Column",
    "ConsoleHouse",
    "Disclosure",
    "ErasurePlan",
    "Figure",
    "LedgerEntry",
    "LedgerView",
    "NewAnswer",
    "NoAccount",
    "NoReading",
    "NoReport",
    "NotErased",
    "NotJoined",
    "Offered",
    "PastAnswer",
    "PersonView",
    "ProfileFile",
    "ProfileRead",
    "RankedFor",
    "Receipt",
    "RefusalCount",
    "Refusals",
    "Report",
    "ReportAsked",
    "ReportPurpose",
    "Seen",
    "SeenPart",
    "Shown",
    "Spoken",
    "Table",
    "ToldValue",
    "Visitor",
]


class CentreHouse(Protocol):
    """What the pages for the people concerned need."""

    def now_ms(self) -> int:
        """The time, in milliseconds of UTC."""
        ...

    def spaces(self) -> "Sequence[CentreHouse]":
        """This house, and those of other workspaces behind the same door. A key or a token leads to one of them,
        and a visitor's id is another visitor in each."""
        ...

    def policy(self) -> CompiledPolicy:
        """The policy in force."""
        ...

    def notice(self) -> Notice:
        """The notice that people meet first, of the policy in force."""
        ...

    def posted(self, number: int | None = None) -> tuple[Posted, ...]:
        """The notices of a version as they were posted, of the one in force if none is named; none where no
        version has that number."""
        ...

    def past(self) -> tuple[PastVersion, ...]:
        """Every version that was ever in force, the oldest first."""
        ...

    def note_shown(self, page: str) -> None:
        """Count that a page was given out under the version in force. Nobody is in the count."""
        ...

    def show_account(self, account: Account, how: str, version: str = "", *, meet: bool = False) -> bool:
        """Put on record that an account was shown a version, the one in force if none is named; False where the
        policy keeps no such record, or the version or the account is not known. `meet`: the site says it is."""
        ...

    def origins(self) -> frozenset[str]:
        """Origins, beside the pages' own, whose scripts may ask and answer here: `https://www.example.com`."""
        ...

    def knows_key(self, key: str) -> bool:
        """Whether `key` is a write key of this installation."""
        ...

    def residence_of(self, peer: str | None, forwarded: bytes | None) -> str | None:
        """The country (ISO 3166) of whoever holds the connection, or of whom a trusted proxy names in the header
        X-Forwarded-For; None when it cannot be told. No address is kept.
        """
        ...

    def answer_of(self, token: str) -> Answer:
        """The answer in force of the visitor with this kept_visit token; `NO_ANSWER` for a stranger."""
        ...

    def history_of(self, token: str) -> tuple[PastAnswer, ...]:
        """That visitor's own answers, newest first."""
        ...

    def record_answer(self, token: str, answer: NewAnswer) -> None:
        """Write an answer of the visitor with this token; durable when it returns, and in force at once."""
        ...

    def site_credential(self, bearer: str) -> Account | bool:
        """Whether `bearer` is the secret key (True), a token the site signed (its account), or neither (False)."""
        ...

    def join(self, visitor: str, account: str, partner: str = "") -> NotJoined | None:
        """Make a visitor, of a partner's site where one is named, part of an account; None when done."""
        ...

    def account_of(self, token: str) -> Account | NoAccount:
        """The account that a token names: a JWT, HS256 under the secret key, `exp` within ten minutes."""
        ...

    def record_account_answer(self, account: Account, answer: NewAnswer) -> None:
        """Write an answer for an account and every browser joined to it; durable when it returns, and in force."""
        ...

    def tell(self, account: str, telling: Telling) -> TakenDown:
        """Take down what the site tells about an account, by the site's own id; durable when it returns."""
        ...

    def read_profile(self, account: str, purpose: str) -> ProfileRead | NoReading:
        """What a purpose may see of an account's profile; nothing of a stranger's."""
        ...

    def read_file(self, account: str, purpose: str, item: str) -> ProfileFile | None:
        """A file that the purpose may see."""
        ...

    def correct(self, account: Account, item: str, text: str) -> NotTaken | None:
        """Put what the person wrote in the place of a value that stands; None when it is done."""
        ...

    def file_of(self, account: Account, number: int) -> ProfileFile | None:
        """A file of the person's own."""
        ...

    def person_view(self, account: Account, here: str | None = None) -> PersonView:
        """All that is held about an account. `here` is the kept_visit token of the browser that asks."""
        ...

    def copy_of(self, account: Account) -> bytes:
        """The same, complete, as JSON to take along (GDPR Art. 15(3) and 20)."""
        ...

    def plan_erasure(self, account: Account) -> ErasurePlan:
        """What a deletion would do. Changes nothing."""
        ...

    def erase(self, account: Account, digest: str) -> Receipt | NotErased:
        """Begin the deletion that the plan with this digest describes."""
        ...

    def receipt(self, number: int) -> Receipt | None:
        """The receipt with this number."""
        ...

    def rank(self, wanted: RankedFor) -> Shown:
        """What is on offer, ranked for one person where they allow it, else in everyone's order."""
        ...

    def take_offers(self, of: str, things: Sequence[Offered], gone: Sequence[str]) -> None:
        """Put these on offer, oldest first, and take back those that are gone."""
        ...


class ConsoleHouse(Protocol):
    """What the pages for the company need."""

    def now_ms(self) -> int:
        """The time, in milliseconds of UTC."""
        ...

    def policy(self) -> CompiledPolicy:
        """The policy in force."""
        ...

    def sign_in(self, token: str) -> str | None:
        """A credential for the cookie when `token` is the owner token; None otherwise."""
        ...

    def is_owner(self, credential: str) -> bool:
        """Whether this is the owner token or a credential that `sign_in` gave and that still stands."""
        ...

    def sign_out(self, credential: str) -> None:
        """Let the credential stand no longer."""
        ...

    def vitals(self) -> list[Vital]:
        """What every process last said of itself."""
        ...

    def report_purposes(self) -> tuple[ReportPurpose, ...]:
        """The purposes to choose from, the usual one first."""
        ...

    def report(self, asked: ReportAsked) -> Report | NoReport:
        """A purpose's report."""
        ...

    def behaviour(self, wanted: BehaviourWanted) -> Behaviour | NoReport:
        """A report on what people do."""
        ...

    def segments(self, purpose: str) -> tuple[str, ...]:
        """By what a purpose's reports can be split and filtered: `page`, `country`, as far as it sees them."""
        ...

    def parquet(self, table: Table) -> bytes:
        """A table as a Parquet file."""
        ...

    def seen_by(self, purpose: str) -> Seen | NoReport:
        """What a purpose sees of all that is declared, and how much is missing."""
        ...

    def refusals(self) -> Refusals | None:
        """What was turned away at the door; None when it is not counted here."""
        ...

    def ledger(self) -> LedgerView | None:
        """The ledger's newest entries; None when it cannot be read here."""
        ...
