"""What people chose: the answer in force, and its history with the words they saw.

GDPR Art. 7(1): who relies on consent must be able to show it. So each answer is kept with the policy version,
the words shown and how it was given. Art. 7(3): a no counts at once, by one row in the log of withdrawals.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select

from kept.base.language import marked
from kept.policy.compiled import NO_ANSWER, Answer, CompiledPolicy, Item
from kept.storage import erasures, withdrawals
from kept.storage.records import Records, upsert
from kept.subject.holding import Duty, Held, NotCorrectable, Person
from kept.subject.store import answer, said, words

TITLE = marked("Your choices")
"""What the history of answers is called; it is more than the item of that name holds."""


@dataclass(frozen=True, slots=True)
class Said:
    """One answer as it is given: bits agreed to and refused, under which version, shown which words."""

    yes: int
    no: int
    policy: int
    how: str  # dialog, page, account
    words: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Past:
    """One answer of the past, with the sequence number it was given under."""

    seq: int
    said: Said


def record_answer(connection: Connection, subject: int, said_now: Said) -> int:
    """Write an answer, its history and its withdrawal in one transaction; returns its sequence number.

    Only purposes named in `said_now` change. Every answer moves the head of the withdrawals, a yes too
    (clearing nothing), so that collectors notice it.
    """
    seq = withdrawals.append(connection, subject, said_now.no)
    before = answer_of(connection, subject)
    _put_answer(
        connection,
        subject,
        Answer(
            yes=(before.yes | said_now.yes) & ~said_now.no,
            no=(before.no & ~said_now.yes) | said_now.no,
        ),
        seq,
    )
    connection.execute(
        insert(said).values(
            seq=seq,
            subject=subject,
            at=said_now.at_ms,
            yes=said_now.yes,
            no=said_now.no,
            policy=said_now.policy,
            how=said_now.how,
            words=_keep_words(connection, said_now.words),
        )
    )
    return seq


def answer_of(connection: Connection, subject: int) -> Answer:
    """The answer in force; nothing said counts as `NO_ANSWER`."""
    row = connection.execute(
        select(answer.c.yes, answer.c.no).where(answer.c.subject == subject)
    ).one_or_none()
    return NO_ANSWER if row is None else Answer(int(row.yes), int(row.no))


def forget_answer(connection: Connection, subject: int) -> None:
    """Take an answer out of force without another in its place: nobody has said anything any more."""
    connection.execute(delete(answer).where(answer.c.subject == subject))


def history_of(connection: Connection, subject: int) -> list[Past]:
    """Every answer of a subject, oldest first."""
    rows = connection.execute(
        select(said, words.c.text)
        .join(words, words.c.hash == said.c.words)
        .where(said.c.subject == subject)
        .order_by(said.c.seq)
    )
    return [Past(row.seq, Said(row.yes, row.no, row.policy, row.how, row.text, row.at)) for row in rows]


def noes_of(connection: Connection, subject: int) -> list[Said]:
    """A subject's noes in force, each with the version and the words that it was said under, oldest first."""
    in_force, found = answer_of(connection, subject).no, []
    for past in reversed(history_of(connection, subject)):
        part = past.said.no & in_force
        if part:
            found.append(replace(past.said, yes=0, no=part))
            in_force &= ~part
    return found[::-1]


def strictest(answers: Iterable[Answer]) -> Answer:
    """Several answers of one person as one: each no counts, and a yes that meets no no."""
    yes = no = 0
    for each in answers:
        yes, no = yes | each.yes, no | each.no
    return Answer(yes & ~no, no)


def _put_answer(connection: Connection, subject: int, now: Answer, seq: int) -> None:
    values = {"yes": now.yes, "no": now.no, "seq": seq}
    connection.execute(
        upsert(connection, answer)
        .values(subject=subject, **values)
        .on_conflict_do_update(index_elements=["subject"], set_=values)
    )


def _keep_words(connection: Connection, text: str) -> bytes:
    name = sha256(text.encode()).digest()
    connection.execute(upsert(connection, words).values(hash=name, text=text).on_conflict_do_nothing())
    return name


@dataclass(frozen=True, slots=True)
class Choices:
    """The Holding of choices: the answer in force and its history. `policy` gives the version in force."""

    records: Records
    policy: Callable[[], CompiledPolicy | None] = lambda: None
    item: str = "choices"
    name: str = "your choices"

    def find(self, person: Person) -> list[Held]:
        """The history, as one entry."""
        moments = [past.said.at_ms for past in self._history(person)]
        if not moments:
            return []
        policy = self.policy()
        declared = policy.items.get(self.item) if policy else None
        return [
            Held(
                item=self.item,
                title=TITLE,
                count=len(moments),
                sources=declared.sources if declared else ("dialog",),
                purposes=_users(policy, declared),
                first_ms=min(moments),
                last_ms=max(moments),
                until_ms=_until(declared, max(moments)),
            )
        ]

    def export(self, person: Person) -> Iterator[Mapping[str, object]]:
        """Each answer with the words shown. Names are those of the policy in force; the bits never move."""
        policy = self.policy()
        for past in self._history(person):
            yield {
                "at_ms": past.said.at_ms,
                "yes": _named(policy, past.said.yes),
                "no": _named(policy, past.said.no),
                "yes_bits": past.said.yes,
                "no_bits": past.said.no,
                "policy": past.said.policy,
                "how": past.said.how,
                "words": past.said.words,
            }

    def correct(self, person: Person, item: str, value: object) -> NotCorrectable | None:
        """A choice is changed by choosing anew; what was said stays said."""
        return NotCorrectable(
            "What you chose is changed by choosing again; the record says what was said then."
        )

    def erase(self, person: Person) -> None:
        """Delete answers and history. The withdrawals stay, as pseudonyms alone: a restore needs them.

        An answer in force is one that was under way when the deletion began, since that takes answers out of
        force. What was gathered under it goes too; and collectors, which notice an answer's end by the head of
        the withdrawals alone, would go on gathering under it for as long as they live.
        """
        mine = answer.c.subject.in_(person.subjects)
        with self.records.write() as connection:
            erasures.hide(
                connection, list(connection.execute(select(answer.c.subject).where(mine)).scalars())
            )
            connection.execute(delete(said).where(said.c.subject.in_(person.subjects)))
            connection.execute(delete(answer).where(mine))

    def duties(self, person: Person) -> list[Duty]:
        """None."""
        return []

    def remains(self, person: Person) -> int:
        """Rows of history and answers still there."""
        with self.records.read() as connection:
            return sum(
                len(connection.execute(select(table.c.seq).where(table.c.subject.in_(person.subjects))).all())
                for table in (said, answer)
            )

    def _history(self, person: Person) -> list[Past]:
        with self.records.read() as connection:
            return [past for subject in person.subjects for past in history_of(connection, subject)]


def _named(policy: CompiledPolicy | None, bits: int) -> list[str]:
    purposes = policy.purposes.values() if policy else ()
    return [purpose.name for purpose in purposes if purpose.mask & bits]


def _users(policy: CompiledPolicy | None, declared: Item | None) -> tuple[str, ...]:
    if policy is None or declared is None:
        return ()
    return tuple(
        name
        for name, purpose in policy.purposes.items()
        if declared.uses & purpose.mask and not purpose.on_demand
    )


def _until(declared: Item | None, last_ms: int) -> int | None:
    """When the last answer is over its ceiling, by the shortest rule that any audience has."""
    ends = [span.ends(last_ms) for cell in declared.keep for span in cell] if declared else []
    return min((end for end in ends if end is not None), default=None)
