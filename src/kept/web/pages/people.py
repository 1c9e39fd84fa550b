"""What pages tell people about themselves: as the house hands it over, without a pseudonym in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from kept.amend import Showing
from kept.policy.compiled import NO_ANSWER, Answer
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
    how: str  # dialog, page, account
    words: str


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """One answer of the past, for the person who gave it."""

    at_ms: int
    yes: int
    no: int
    how: str
    version: str
    number: int = 0  # the version's, under which its page stands


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said in one browser of an account, or for the account itself (`since_ms` None)."""

    answer: Answer
    since_ms: int | None = None  # when the browser was joined to the account
    is_here: bool = False  # it is the browser that looks at the page


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One time that data went to someone: to whom, which items, for which purpose."""

    at_ms: int
    recipient: str
    items: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, slots=True)
class ToldValue:
    """One value of a profile, for its person. `before` has what it was, each with the moment until which, ms."""

    number: int
    item: str
    title: str
    text: str  # of a file its name
    is_file: bool
    is_long: bool  # its type takes several lines
    source: str
    at_ms: int
    before: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileRead:
    """What a purpose may see of an account now: each value with its source and time."""

    account: str
    purpose: str
    policy: str
    values: Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class NoReading:
    """Why a purpose reads nothing: the code of the reason, the clause that says so, and a sentence."""

    reason: str
    clause: str
    says: str


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """A file of someone's profile; its content comes part by part."""

    name: str
    media: str
    parts: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class PersonView:
    """All that is held about one account, in words for that person.

    `answer` is the strictest of what was said in its browsers and for it; `spoken` is each of them.
    """

    account: str
    held: tuple[Held, ...]
    answer: Answer
    history: tuple[PastAnswer, ...]
    disclosures: tuple[Disclosure, ...]
    holds: tuple[Hold, ...]
    spoken: tuple[Spoken, ...] = ()
    showings: tuple[Showing, ...] = ()
    told: tuple[ToldValue, ...] = ()


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
    TOO_LONG = "the token would live longer than ten minutes"
    INVALID = "the token was not signed by the site"


@dataclass(frozen=True, slots=True)
class Account:
    """An account that a valid token named. `id` is the site's own id for it."""

    id: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A thing on offer: the id that events carry, and words that describe it. No personal data."""

    id: str
    words: str


@dataclass(frozen=True, slots=True)
class RankedFor:
    """For whom to rank what, such as `job_view.job`. `answer` is the browser's; None: the one that stands."""

    of: str
    account: str = ""
    visitor: str = ""
    answer: Answer | None = None
    residence: str | None = None
    signal: bool = False
    profile: Mapping[str, str] = field(default_factory=dict)
    most: int = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """A ranking: `own` or `general` order, ids with what was viewed or which item of the profile put them there.

    `why`, `clause` and `without` (what the policy says one gets instead) stand where the order is the general one.
    """

    order: str
    things: tuple[tuple[str, str, str], ...]
    why: str = ""
    clause: str = ""
    without: str = ""
