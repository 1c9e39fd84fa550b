"""What the sections beside data, events and purposes compile to: one entry each, field by field as the file has it.

Names of things stay names, times are spans, selections are opened to the names of what they take, with
properties as `event.property`. An empty value is one that the file does not state.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kept.policy.times import Span

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What every entry has: its name, its title, the company's own sentence."""

    name: str
    title: str
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Named):
    """People in one role. `told`: how soon after the gathering they are told, when nobody gathered it from them."""

    account: bool = False
    person: bool = True
    told: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller(Named):
    """Who decides jointly with the company; `we` is the company itself. GDPR Art. 26."""

    decides: Names = ()
    answers: bool = False
    site: str = ""
    contact: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff(Named):
    """A role inside the company, and the purposes that it works for."""

    works_for: Names = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardian(Named):
    """Who decides for people of an audience, until they have the age `until` in years."""

    audiences: Names = ()
    who: str = ""
    until: int = 0
    decides: Names = ("choices", "requests")
    proof: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Named):
    """What the company offers, what it cannot do without, and how it ends when that is withheld."""

    for_people: Names = ()
    needs: Names = ()
    needed_by: str = ""
    ends: Span | None = None
    features: Mapping[str, str] = field(default_factory=dict)  # name -> its words


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner(Named):
    """Sites that carry the company's tracker."""

    origins: Names = ()
    sends: Names = ()
    arrangement: str = ""
    duties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Named):
    """Another company, or a register, that data comes from. `matched`: how it is joined to people; empty: not."""

    sends: Names = ()
    terms: str = ""
    matched: str = ""
    matched_for: Names = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade(Named):
    """A decision that a program takes about people. `effect`: none, significant, legal (GDPR Art. 22)."""

    purpose: str = ""
    effect: str = ""
    weighs: Names = ()
    human: str = ""
    contest: bool = False
    audit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Named):
    """Messages that people get, by which channel, and how they stop them."""

    channel: str = ""
    purpose: str = ""
    proof: str = ""
    stop: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient(Named):
    """Who else gets data. `passes`: purpose -> what it passes on, `gets` and `uses` together.

    `differing`: audience -> what differs for it, `gets` and `when` by name.
    """

    role: str = ""
    gets: Names = ()
    purposes: Names = ()
    countries: Names = ()
    transfer: Mapping[str, str] = field(default_factory=dict)
    sale: bool = False
    sharing_for_ads: bool = False
    agreement: str = ""
    until: str = ""  # ISO date
    when: str = ""
    passes: Mapping[str, Names] = field(default_factory=dict)
    differing: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client(Named):
    """A customer for whom the company only processes (GDPR Art. 28)."""

    instructions: str = ""
    speaks_to_people: bool = False
    refers_requests: bool = True
    delegates_requests: bool = False
    sub_processors: Names = ()
    at_the_end: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class System(Named):
    """A system outside Kept that holds some of it, and how each right is honoured there."""

    owner: str = ""
    holds: Names = ()
    each_right: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(Named):
    """Figures over many people."""

    purpose: str = ""
    counts: str = ""
    of: Names = ()
    by: Names = ()
    privacy: Mapping[str, str] = field(default_factory=dict)
    published: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Named):
    """How data is protected."""

    kind: str = ""
    reviewed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Never(Named):
    """What is never done. `items`: all that it covers, what is derived from them left to whoever asks.

    `beyond`: with `keep beyond`, the time. `audiences`: for whom; empty: for all. `countries`: places, each
    perhaps after `not `.
    """

    forbids: str = ""
    beyond: Span | None = None
    items: Names = ()
    purposes: Names = ()
    to: Names = ()
    except_to: Names = ()
    countries: Names = ()
    audiences: Names = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights(Named):
    """What people can ask, by which laws, and how."""

    laws: Names = ()
    everyone_may: Names = ()
    law_follows: str = ""
    channels: Names = ()
    identity: str = ""
    global_privacy_control: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links(Named):
    """What is said and done about links to other sites."""

    shows: str = ""
    only: Names = ()
    checked: str = ""
    when_bad: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes(Named):
    """How changes come: where they are posted, how long before, and what say people have."""

    posted: str = ""
    wording: str = ""
    new_purpose: Mapping[str, Any] = field(default_factory=dict)  # notice: Span, choice: a word
    new_recipient: Mapping[str, Any] = field(default_factory=dict)
    longer_keeping: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of the company's own that may start a clock. `when`: `staff marks`, or an event."""

    name: str
    says: str
    when: str


@dataclass(frozen=True, slots=True)
class Duty:
    """A law that makes the company keep something so long, and what alone it may be used for meanwhile."""

    name: str
    says: str
    at_least: Span
    by: str
    only_for: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Retention:
    """Duties to keep, and how long backups live; None where the file has no such section."""

    duties: Mapping[str, Duty] = field(default_factory=dict)
    holds: Mapping[str, str] = field(default_factory=dict)
    backups: Span | None = None
    backups_of_keys: Span | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What one notice says of an entry or of a section in its own words; empty where it has none."""

    called: str = ""
    says: str = ""
    without_it: str = ""
    balance: str = ""


@dataclass(frozen=True, slots=True)
class NoticeFor:
    """One published notice: for which audiences, in which language, for readers from what age, and where."""

    name: str
    audiences: tuple[str, ...]
    language: str
    reading_age: int
    at: str
    parts: tuple[str, ...]
    words: Mapping[str, Said] = field(default_factory=dict)  # its own, by the name that they are about
