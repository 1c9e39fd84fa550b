"""What a checked policy compiles to, and `decide()`: the pure heart that every room asks.

A *cell* is one possible set of audiences that a person may be in. Everything that may differ under `for`
is worked out per cell when the policy is compiled, so that a decision is a few bit operations.
A purpose is a *bit* (0 to 62) in a mask; the registry of bits only ever grows, so editing the file never
changes what a stored mask means.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum

import msgspec

from kept.policy.compiled_rest import (
    Aggregate,
    Changes,
    Client,
    Controller,
    DecisionMade,
    Guardian,
    Links,
    Measure,
    Message,
    Moment,
    Named,
    Never,
    NoticeFor,
    Partner,
    Recipient,
    Retention,
    Rights,
    Role,
    Service,
    Source,
    Staff,
    System,
)
from kept.policy.times import Span


class Choice(IntEnum):
    """What say a person has over a purpose, from the least strict to the strictest."""

    NONE = 0
    OBJECTION = 1
    OPT_OUT = 2
    OPT_IN = 3
    NEVER = 4


class Form(Enum):
    """How the data leaves: with identities, under pseudonyms, or only as figures."""

    IDENTIFIED = "identified"
    PSEUDONYMOUS = "pseudonymous"
    AGGREGATE = "aggregate"


class Why(Enum):
    """Why a purpose may or may not use a person's data. A closed list."""

    NO_CHOICE_NEEDED = "no choice is needed"
    SAID_YES = "the person said yes"
    NOT_REFUSED = "the person did not say no"
    SAID_NO = "the person said no"
    NOT_ASKED = "the person has not said yes"
    SIGNAL = "the browser's privacy signal says no"
    NEVER = "the policy rules it out for this audience"
    NO_SUCH_PURPOSE = "the policy has no such purpose"
    ON_DEMAND = "dark until a demand is approved"
    RULED_OUT = "a rule of never stands above it"


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What a person has said: bits of purposes with a yes, and with a no. A later word replaces the first.

    A structure of msgspec's: the collector looks rulings up by it, and its hash is not a call.
    """

    yes: int = 0
    no: int = 0


NO_ANSWER = Answer()


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a purpose may use data gathered now about a person, why, and the clause that says so."""

    allowed: bool
    why: Why
    clause: str


@dataclass(frozen=True, slots=True)
class CellMasks:
    """One cell's purposes, sorted by the say that people have. Each purpose's bit is in exactly one mask."""

    free: int  # no choice needed
    objection: int  # until the person objects
    opt_out: int  # until the person, or the browser for them, says no
    opt_in: int  # only after a yes
    never: int


@dataclass(frozen=True, slots=True)
class Terms:
    """A purpose's basis and choice in one cell."""

    basis: str
    choice: Choice


@dataclass(frozen=True, slots=True)
class Purpose:
    """One named use of data. `terms` has one entry a cell."""

    name: str
    bit: int
    title: str
    says: str
    group: str  # the group it stands in; people are asked once per group. Its own name when it stands alone
    form: Form
    on_demand: bool
    looks_back: Span | None
    powers: str
    without_it: str
    balance: str
    items: frozenset[str]  # items of `data`, and events, that it uses
    properties: frozenset[tuple[str, str]]  # (event, property) that it uses
    terms: tuple[Terms, ...]
    assessment: str = ""
    authorisation: Mapping[str, str] = field(default_factory=dict)

    @property
    def mask(self) -> int:
        """The mask with this purpose's bit alone."""
        return 1 << self.bit

    def of(self, cell: int | None) -> tuple[Terms, ...]:
        """Its terms in a cell; without one, in all of them."""
        return self.terms if cell is None else (self.terms[cell],)


@dataclass(frozen=True, slots=True)
class Group:
    """Purposes that are asked about in one question."""

    name: str
    title: str
    says: str
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One declared item of data. `uses` is the mask of its purposes; `keep` has the ceilings of each cell."""

    name: str
    title: str
    says: str
    group: str
    category: str
    type: str
    identifies: str  # directly, indirectly, no
    about: tuple[str, ...]
    sources: tuple[str, ...]
    derived_from: tuple[str, ...]
    reduced_to: str
    required: bool
    uses: int
    keep: tuple[tuple[Span, ...], ...]  # per cell: every ceiling; the earliest counts
    special: str = ""
    condition: str = ""
    duties: tuple[str, ...] = ()  # names in `Retention.duties` that may keep it longer, locked
    made_for: tuple[str, ...] = ()
    hidden_from: tuple[str, ...] = ()
    screened_for: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One declared event. `properties` maps names to types, `property_uses` names to masks of purposes."""

    name: str
    title: str
    says: str
    group: str
    category: str
    identifies: str
    about: tuple[str, ...]
    sources: tuple[str, ...]
    uses: int
    properties: Mapping[str, str]
    property_uses: Mapping[str, int]
    keep: tuple[tuple[Span, ...], ...]
    derived_from: tuple[str, ...] = ()
    reduced_to: str = ""
    required: bool = False
    special: str = ""
    condition: str = ""
    duties: tuple[str, ...] = ()  # names in `Retention.duties` that may keep it longer, locked
    made_for: tuple[str, ...] = ()
    hidden_from: tuple[str, ...] = ()
    screened_for: str = ""


@dataclass(frozen=True, slots=True)
class Cookie:
    """One declared cookie. `purposes` is the mask it serves; `strictly_necessary` needs no yes."""

    name: str
    says: str
    purposes: int
    lasts: Span
    holds: str
    set_by: str
    strictly_necessary: bool


@dataclass(frozen=True, slots=True)
class Company:
    """Who is answerable."""

    name: str
    site: str
    contact: str
    country: str
    languages: tuple[str, ...]
    representative: str = ""
    officer: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom an audience holds; every condition given must be met. Residence by codes such as US or US-CA."""

    name: str
    lives_in: tuple[str, ...]  # countries and regions, groups such as EEA already opened; empty: anywhere
    age: tuple[int, int] | None  # from, up to and including; None: any
    people: tuple[str, ...]  # empty: anyone
    title: str = ""


@dataclass(frozen=True, slots=True)
class Assumption:
    """A fact that the company's source does not give: where it stands and the reason."""

    path: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy in force, made of plain immutable facts. Equal files compile to equal `canonical` bytes."""

    version: str
    in_force: str  # ISO date
    fingerprint: str  # SHA-256 of `canonical`, in hexadecimal
    canonical: bytes
    company: Company
    purposes: Mapping[str, Purpose]
    groups: Mapping[str, Group]
    items: Mapping[str, Item]
    events: Mapping[str, Event]
    cookies: Mapping[str, Cookie]
    people: Mapping[str, Role]
    audiences: Mapping[str, Audience]
    cells: tuple[frozenset[str], ...]  # the audiences that a person is, or may be, in; a cell is an index
    masks: tuple[CellMasks, ...]  # one a cell
    on_demand: int  # mask of purposes that are dark until a demand
    counting_in: frozenset[str]  # countries where visits may be counted without cookies
    assumptions: tuple[Assumption, ...]
    possible: tuple[frozenset[frozenset[str]], ...] = ()  # per cell: the audience sets; the strictest counts
    if_unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # `residence`; `age` from, to
    moments: Mapping[str, Moment] = field(default_factory=dict)
    retention: Retention = field(default_factory=Retention)
    notices: Mapping[str, NoticeFor] = field(default_factory=dict)
    controllers: Mapping[str, Controller] = field(default_factory=dict)
    staff: Mapping[str, Staff] = field(default_factory=dict)
    guardians: Mapping[str, Guardian] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    partners: Mapping[str, Partner] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    decisions: Mapping[str, DecisionMade] = field(default_factory=dict)
    messages: Mapping[str, Message] = field(default_factory=dict)
    recipients: Mapping[str, Recipient] = field(default_factory=dict)
    clients: Mapping[str, Client] = field(default_factory=dict)
    systems: Mapping[str, System] = field(default_factory=dict)
    aggregates: Mapping[str, Aggregate] = field(default_factory=dict)
    rights: Rights | None = None
    links: Links | None = None
    measures: Mapping[str, Measure] = field(default_factory=dict)
    changes: Changes | None = None
    never: Mapping[str, Never] = field(default_factory=dict)
    held_groups: Mapping[str, Named] = field(default_factory=dict)  # of items and events
    ruled_out: tuple[Mapping[str, int], ...] = ()  # per cell: what rules of `never` keep from which purposes

    def cell_of(
        self, residence: str | None, age: int | None = None, people: frozenset[str] = frozenset()
    ) -> int:
        """The cell to decide under, for what is known of a person.

        `residence` is an ISO 3166 code (US, or US-CA); None or a code too coarse to tell counts as each
        possibility, and the strictest wins. `age` in years; unknown is read as `if unknown` presumes.
        `people` are all the person's roles; empty, or with `everyone` in it, any role is possible.
        """
        from kept.policy.cells import cell_of

        return cell_of(self, residence, age, people)

    def never_for(self, cell: int, name: str) -> int:
        """The mask of purposes that rules of `never` keep from an item, event or `event.property` in a cell.

        What is worked out of something forbidden is forbidden too.
        """
        return self.ruled_out[cell].get(name, 0) if self.ruled_out else 0

    def log_purposes(self, cell: int) -> int:
        """The mask of purposes that server-log rows may serve in a cell.

        A log row carries neither a choice nor an identity, so a yes cannot be known and a no cannot be
        honoured: only purposes that need no choice, or that people object to singly, are open to it.
        """
        masks = self.masks[cell]
        return (masks.free | masks.objection) & ~self.on_demand  # enforces: log-purposes

    def cookie_purposes(self, holds: str) -> int:
        """The mask of all purposes for which a cookie may hold `holds` (such as visitor_id)."""
        mask = 0
        for cookie in self.cookies.values():
            if cookie.holds == holds and not cookie.strictly_necessary:
                mask |= cookie.purposes
        return mask


def allowed(masks: CellMasks, answer: Answer, *, signal: bool) -> int:
    """The mask of purposes allowed for one person in one cell: the fast form of `decide`.

    `signal` is Global Privacy Control: no to all that is a matter of choice, whatever was answered.
    """
    if signal:
        return masks.free | (masks.objection & ~answer.no)  # enforces: privacy-signal
    return (
        masks.free
        | ((masks.objection | masks.opt_out) & ~answer.no)  # enforces: objection-in-mask
        | (masks.opt_in & answer.yes & ~answer.no)  # enforces: choice-in-mask
    )


def counted(answer: Answer, *, signal: bool) -> bool:
    """Whether a visit without an id may be counted, where the policy counts any: not when the browser carries a no
    to anything or sends Global Privacy Control. Without an id nobody can object to a single purpose, so any no
    is read as one to being counted. The pages and the notice take their words from here too.
    """
    return not (answer.no or signal)  # enforces: uncounted


def decide(
    policy: CompiledPolicy,
    purpose: str,
    cell: int,
    answer: Answer = NO_ANSWER,
    *,
    signal: bool = False,
    what: str = "",
) -> Decision:
    """Whether `purpose` may use what is gathered now about a person in `cell` who gave `answer`.

    `what` asks for one item, event or `event.property`: rules of `never` may keep it from the purpose.
    """
    found = policy.purposes.get(purpose)
    if found is None:
        return Decision(False, Why.NO_SUCH_PURPOSE, "purposes")
    clause = f"purposes.{purpose}"
    if what and policy.never_for(cell, what) & found.mask:
        return Decision(False, Why.RULED_OUT, "never")
    if found.on_demand:
        return Decision(False, Why.ON_DEMAND, clause)
    return Decision(*_judge(found.terms[cell].choice, found.mask, answer, signal), clause)


def _judge(choice: Choice, bit: int, answer: Answer, signal: bool) -> tuple[bool, Why]:  # noqa: PLR0911 — a table
    said_no, said_yes = bool(answer.no & bit), bool(answer.yes & bit)
    match choice:
        case Choice.NEVER:
            return False, Why.NEVER
        case Choice.NONE:
            return True, Why.NO_CHOICE_NEEDED
        case Choice.OBJECTION:
            return (False, Why.SAID_NO) if said_no else (True, Why.NOT_REFUSED)
        case Choice.OPT_OUT if signal:
            return False, Why.SIGNAL
        case Choice.OPT_OUT:
            return (False, Why.SAID_NO) if said_no else (True, Why.NOT_REFUSED)
        case _ if signal:
            return False, Why.SIGNAL
        case _ if said_no:
            return False, Why.SAID_NO
        case _:
            return (True, Why.SAID_YES) if said_yes else (False, Why.NOT_ASKED)
