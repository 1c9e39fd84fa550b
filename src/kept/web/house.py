"""What the pages ask of the house behind them. `app` answers; tests answer with invented people.

Every method may block and is called in a thread, several at a time. A refusal is a value; an exception is a
bug or a broken disk.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Protocol

from kept.policy.compiled import NO_ANSWER, Answer, CompiledPolicy
from kept.policy.notice import Notice
from kept.subject import Duty, Held, Hold


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever is at the other end: as much as a browser tells, and no more.

    `token` is the value of the cookie kept_visit, `residence` an ISO 3166 code worked out from the address,
    `signal` Global Privacy Control, `answer` what the cookie kept_choice carries, given at `answered_ms`.
    """

    token: str | None = None
    residence: str | None = None
    signal: bool = False
    answer: Answer = NO_ANSWER
    answered_ms: int | None = None


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer to write down: bits agreed to and refused, how it was given, and the words that were shown."""

    yes: int
    no: int
    how: str  # dialog, page
    words: str


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """One answer of the past, for the person who gave it."""

    at_ms: int
    yes: int
    no: int
    how: str
    version: str


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One time that data went to someone: to whom, which items, for which purpose."""

    at_ms: int
    recipient: str
    items: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, slots=True)
class PersonView:
    """All that is held about one account, in words for that person. `answer` is the account's own."""

    account: str
    held: tuple[Held, ...]
    answer: Answer
    history: tuple[PastAnswer, ...]
    disclosures: tuple[Disclosure, ...]
    holds: tuple[Hold, ...]


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What a deletion would do. `digest` names exactly this plan: a confirmation of another one is refused."""

    digest: str
    goes: tuple[Held, ...]
    stays: tuple[Duty, ...]
    holds: tuple[Hold, ...]
    steps: tuple[str, ...]
    backups_until_ms: int | None  # when the last backup that could hold a trace will have expired

    @property
    def stopped(self) -> bool:
        """Whether a hold stops the deletion."""
        return bool(self.holds)


class NotErased(Enum):
    """Why a confirmed deletion was not begun. A closed list."""

    PLAN_CHANGED = "what is held has changed since the plan was shown"
    HELD = "a hold stops it"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a deletion did. `number` is random, 63 bits: knowing it is the right to see the receipt.

    `document` is the receipt for machines (JSON), complete with its proof; empty until `done_ms`. It names no
    one.
    """

    number: int
    asked_ms: int
    done_ms: int | None
    stage: str  # the step under way, in words
    gone: tuple[tuple[str, int], ...]  # what, how many
    stays: tuple[Duty, ...]
    backups_until_ms: int | None
    entry: int | None  # index in the ledger
    root: str  # root hash of the checkpoint that covers it, hexadecimal
    document: bytes


class NotJoined(Enum):
    """Why a visitor was not joined to an account. A closed list."""

    ANOTHER_ACCOUNT = "the visitor belongs to another account"
    BAD_VISITOR = "that is no visitor's id"


class NoAccount(Enum):
    """Why a token names no account. A closed list."""

    MISSING = "no token is given"
    EXPIRED = "the token has expired"
    INVALID = "the token was not signed by the site"


@dataclass(frozen=True, slots=True)
class Account:
    """An account that a valid token named. `id` is the site's own id for it."""

    id: str


class CentreHouse(Protocol):
    """What the pages for the people concerned need."""

    def now_ms(self) -> int:
        """The time, in milliseconds of UTC."""
        ...

    def policy(self) -> CompiledPolicy:
        """The policy in force."""
        ...

    def notice(self) -> Notice:
        """The notice of the policy in force."""
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

    def join(self, visitor: str, account: str) -> NotJoined | None:
        """Make a visitor part of an account; None when done."""
        ...

    def account_of(self, token: str) -> Account | NoAccount:
        """The account that a token names: a JWT, HS256 under the secret key, `exp` within ten minutes."""
        ...

    def person_view(self, account: Account) -> PersonView:
        """All that is held about an account."""
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


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """Which report is wanted: for a purpose, from a day up to and including another (UTC)."""

    purpose: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its name. `note` says what to know about it."""

    name: str  # visitors, sessions, …: its name in CSV and JSON
    title: str
    value: int | float
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    title: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to read: `name` is its name in addresses. Empty `rows` is a fact, not an error."""

    name: str  # days, pages, sources, countries, devices, actions
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | int | float, ...], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A purpose's figures. The table named `days` has a row a day, its first column an ISO date: it is drawn."""

    asked: ReportAsked
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    note: str = ""  # what the reader must know, such as who is left out and why


@dataclass(frozen=True, slots=True)
class NoReport:
    """Why there is none. `clause` is the place in the policy; `retry` whether asking again later can help."""

    says: str
    clause: str = ""
    next_step: str = ""
    retry: bool = False


@dataclass(frozen=True, slots=True)
class ReportPurpose:
    """A purpose that reports may be asked for. Those it may not stand in the list too, with the reason."""

    name: str
    title: str
    refused: str = ""


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """How often something was turned away at the door since `since_ms`, and why."""

    reason: str
    says: str
    count: int


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One fact of the ledger, in words without names."""

    index: int
    at_ms: int
    fact: str
    says: str


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The ledger's newest entries, and the checkpoint that covers them."""

    size: int
    root: str
    signed_ms: int | None
    entries: tuple[LedgerEntry, ...]


@dataclass(frozen=True, slots=True)
class Refusals:
    """What was turned away, and what came in, since a moment."""

    since_ms: int
    accepted: int
    counts: tuple[RefusalCount, ...]


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

    def report_purposes(self) -> tuple[ReportPurpose, ...]:
        """The purposes to choose from, the usual one first."""
        ...

    def report(self, asked: ReportAsked) -> Report | NoReport:
        """A purpose's report."""
        ...

    def refusals(self) -> Refusals | None:
        """What was turned away at the door; None when it is not counted here."""
        ...

    def ledger(self) -> LedgerView | None:
        """The ledger's newest entries; None when it cannot be read here."""
        ...


class House(CentreHouse, ConsoleHouse, Protocol):
    """Both."""
