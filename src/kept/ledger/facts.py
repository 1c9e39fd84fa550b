"""Every fact that the ledger knows. A name is `room:subject:action`; once written it keeps its meaning.

A fact keeps its own copies and points at no live row, so that deleting a person cannot break it. No field
takes free text: each is a number, a name from the policy, a digest, a day or a pseudonym, and `append`
refuses anything else. So neither an e-mail address nor a query's literals can slip in.

To add a field to a fact, give it a default; to change what one means, make a new fact.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from kept.base.names import VERSION

Count = Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A name of the policy or of a closed list."""
Version = Annotated[str, Meta(pattern=VERSION)]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in hexadecimal."""
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]
Pseudonym = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$")]
"""A person, as `kept.ledger.pseudonym` names them."""


class Fact(msgspec.Struct, frozen=True, kw_only=True, tag_field="fact"):
    """Something that happened. `at` is in milliseconds of UTC; 0 lets `append` put the time."""

    at: Count = 0


class PolicyPutInForce(Fact, frozen=True, kw_only=True, tag="gate:policy:put-in-force"):
    """A version of the policy took effect; `fingerprint` is that of its compiled form."""

    version: Version
    fingerprint: Digest


class PurposeUsed(Fact, frozen=True, kw_only=True, tag="gate:purpose:used"):
    """A purpose read data in bulk on a day; after that day once more, with how often, and among how many people.

    `people` are those whom it saw when the day was told of, in pseudonyms: whoever has no id counts once a day.
    None where it could not be counted.
    """

    purpose: Name
    day: Day
    people: Count | None = None
    uses: Count | None = None


class PersonLookedAt(Fact, frozen=True, kw_only=True, tag="gate:person:looked-at"):
    """Someone in a role looked at the data of one person for a purpose."""

    person: Pseudonym
    purpose: Name
    role: Name


class ChoiceRecorded(Fact, frozen=True, kw_only=True, tag="subject:choice:recorded"):
    """A person said yes to some purposes and no to others; `how` they were asked."""

    person: Pseudonym
    yes: tuple[Name, ...]
    no: tuple[Name, ...]
    how: Name
    policy: Count


class PersonJoined(Fact, frozen=True, kw_only=True, tag="subject:person:joined"):
    """A visitor was found to be a known person; each under the pseudonym held so far."""

    person: Pseudonym
    visitor: Pseudonym


class HoldPlaced(Fact, frozen=True, kw_only=True, tag="subject:hold:placed"):
    """A person's data must stay for a dispute or an order. The ground itself stands in the hold, not here."""

    person: Pseudonym
    hold: Count
    review_ms: Count


class HoldReleased(Fact, frozen=True, kw_only=True, tag="subject:hold:released"):
    """A hold ended."""

    person: Pseudonym
    hold: Count


class ErasurePlanned(Fact, frozen=True, kw_only=True, tag="rights:erasure:planned"):
    """A deletion was asked for and may go ahead; `erasure` is its random number. Nobody is named any more: beside
    the tombstone's place in order, a name would lead from a deleted id to every fact about its person."""

    person: Pseudonym | None = None
    erasure: Count


class ErasureRefused(Fact, frozen=True, kw_only=True, tag="rights:erasure:refused"):
    """A deletion may not go ahead now, on a ground from a closed list: hold, duty."""

    ground: Name
    person: Pseudonym | None = None
    erasure: Count | None = None


class ErasureHidden(Fact, frozen=True, kw_only=True, tag="rights:erasure:hidden"):
    """No purpose sees the person from here on."""

    erasure: Count


class ErasureShredded(Fact, frozen=True, kw_only=True, tag="rights:erasure:shredded"):
    """The person's keys are destroyed, and shown to be gone from the disk."""

    erasure: Count
    keys: Count | None = None


class ErasureRewritten(Fact, frozen=True, kw_only=True, tag="rights:erasure:rewritten"):
    """Every file that held a row of the person was written anew and the old one removed."""

    erasure: Count
    files: Count | None = None


class ErasureVerified(Fact, frozen=True, kw_only=True, tag="rights:erasure:verified"):
    """Everything was decoded and searched, and nothing of the person was found."""

    erasure: Count
    searched: Count


class ErasureDone(Fact, frozen=True, kw_only=True, tag="rights:erasure:done"):
    """The deletion is complete; `searched` says how many holdings were searched and found clean."""

    erasure: Count
    searched: Count | None = None


class LogImported(Fact, frozen=True, kw_only=True, tag="gather:log:imported"):
    """A server log was taken in: the digest of its files' digests, its lines, and what became of them."""

    source: Name
    digest: Digest
    lines: Count
    events: Count
    refused: Count


class EventsRefused(Fact, frozen=True, kw_only=True, tag="gather:events:refused"):
    """How many events were turned away on a day, for one reason of the collector's closed list."""

    day: Day
    reason: Name
    events: Count


class NoticesShown(Fact, frozen=True, kw_only=True, tag="amend:notices:shown"):
    """How often a page was given out on a day under one version of the policy; to whom, nobody counts.

    `page` is the name of a notice, or what was shown beside one: the question, or the choices.
    """

    day: Day
    version: Version
    fingerprint: Digest
    page: Name
    times: Count


class ProfileChanged(Fact, frozen=True, kw_only=True, tag="gather:profile:changed"):
    """Values of a person's profile were told or taken away, by the names of their items; `how` says by whom: the
    site, or the person themselves, who corrects."""

    person: Pseudonym
    taken: tuple[Name, ...]
    removed: tuple[Name, ...]
    how: Name
    policy: Count


class ValuesExpired(Fact, frozen=True, kw_only=True, tag="gather:values:expired"):
    """Values of an item that were past their time were deleted from the disk: how many, of whomever."""

    item: Name
    values: Count
    policy: Count


class PeopleImported(Fact, frozen=True, kw_only=True, tag="gather:people:imported"):
    """A file of people was taken in: its digest, its lines, how many values were new, and how many refused."""

    source: Name
    digest: Digest
    lines: Count
    taken: Count
    refused: Count
    policy: Count


class PartnerCut(Fact, frozen=True, kw_only=True, tag="gather:partner:cut"):
    """A partner's site was cut off: from then on nothing is taken from it."""

    partner: Name


class PartnerRestored(Fact, frozen=True, kw_only=True, tag="gather:partner:restored"):
    """A partner's site that was cut off is taken in again."""

    partner: Name


class KeyCreated(Fact, frozen=True, kw_only=True, tag="storage:key:created"):
    """A key for a whole workspace came into being; told by the committer when it next looks, within a minute."""

    workspace: Count
    use: Name


class KeyReplaced(Fact, frozen=True, kw_only=True, tag="storage:key:replaced"):
    """A key that the company's site sends was replaced; it is taken for `overlap_s` seconds more, and then refused."""

    workspace: Count
    use: Name
    overlap_s: Count


class MasterKeyChanged(Fact, frozen=True, kw_only=True, tag="storage:master-key:changed"):
    """Every key was wrapped anew under another master key."""

    keys: Count


ALL: tuple[type[Fact], ...] = tuple(Fact.__subclasses__())
"""Every kind of fact, in the order of this file."""


def name_of(kind: type[Fact]) -> str:
    """The name under which a kind of fact is written."""
    return str(kind.__struct_config__.tag)
