"""U1 for profiles: whoever reads one names a purpose, and sees what that purpose uses of whom allows it."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kept.gate import Reason
from kept.policy import Answer
from kept.policy.compiled import Form, Purpose
from kept.prove.expected import right_value, told_items, told_mask
from kept.prove.stage import GERMANY, Refused, Seen, Stage
from kept.prove.verdict import Finding
from kept.prove.words import word

WHO = frozenset({"person", "known_as"})
"""Columns that say whose row it is."""


@dataclass
class Canary:
    """A canary's account, what was told of it, and the answer that stands."""

    who: str
    account: str
    answer: Answer
    values: Mapping[str, object] = field(default_factory=dict)


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Tell profiles of people with different answers, and read each of them under each purpose."""
    yield from ()
    if not told_items(stage.policy):
        return [Finding(True, "nothing is told in forms, so no purpose reads a profile")]
    asked = stage.asked()
    cast = [
        _told(stage, "Ana, who said yes", asked, ()),
        _told(stage, "Bo, who said no", (), asked),
        _told(stage, "Eve, who said nothing", (), ()),
        *(
            _told(stage, f"a yes to {name}", [name], [each for each in asked if each != name])
            for name in asked
        ),
    ]
    faults = [fault for each in cast for fault in _seen(stage, each)]
    faults += _in_table(stage, cast)
    cy = cast[0]
    _says(stage, cy.account, (), asked)
    cy.answer = stage.answer(no=asked)
    again = [*_seen(stage, cy), *_in_table(stage, [cy])]
    shut = list(_shut(stage, cy))
    return [
        _either(faults, f"of {len(cast)} profiles each purpose reads what it uses and the person allows"),
        _either(again, "a no counts in the very next reading of a profile"),
        _either(shut, "purposes that know nobody by name, or open no rows, read no profile"),
    ]


def _told(stage: Stage, who: str, yes: Sequence[str], no: Sequence[str]) -> Canary:
    """Someone who answers, and then fills in the site's form."""
    account, answer = stage.new_account("read"), stage.answer(yes, no)
    _says(stage, account, yes, no)
    values = {
        item.name: right_value(item.type, word(12))
        for item in told_items(stage.policy)
        if told_mask(stage.policy, item, GERMANY, answer)
    }
    stage.browser().tells(stage.house.secret, account, values, GERMANY)
    return Canary(who, account, answer, values)


def _says(stage: Stage, account: str, yes: Sequence[str], no: Sequence[str]) -> None:
    answers = {**dict.fromkeys(yes, "yes"), **dict.fromkeys(no, "no")}
    if answers:
        stage.browser().fills("data/choices", token=stage.house.doors.sign(account), **answers)


def _seen(stage: Stage, told: Canary) -> Iterable[str]:
    for purpose in stage.policy.purposes.values():
        if not _reads(purpose):
            continue
        reply = stage.browser().reads(stage.house.secret, told.account, purpose.name)
        seen = {item: each["value"] for item, each in reply.json().get("values", {}).items()}
        due = _due(stage, told, purpose)
        if seen != due:
            yield _other(purpose, told, seen, due)


def _due(stage: Stage, told: Canary, purpose: Purpose) -> dict[str, object]:
    """What the purpose may see of what was told."""
    return {
        item.name: told.values[item.name]
        for item in told_items(stage.policy)
        if item.name in told.values and told_mask(stage.policy, item, GERMANY, told.answer) & purpose.mask
    }


def _other(purpose: Purpose, told: Canary, seen: Iterable[str], due: Iterable[str]) -> str:
    more, less = sorted({*seen} - {*due}), sorted({*due} - {*seen})
    return (
        f"under {purpose.name}, of {told.who}: seen {more or 'nothing'} too much, lacking {less or 'nothing'}"
    )


def _in_table(stage: Stage, cast: Sequence[Canary]) -> Iterator[str]:
    """Free SQL sees the same in the table of people, and has no column for anything that the purpose does not use."""
    for purpose in stage.policy.purposes.values():
        if purpose.on_demand or purpose.form is Form.AGGREGATE:
            continue
        found = stage.house.doors.ask(purpose.name, "select * from people")
        seen = Seen((), ()) if isinstance(found, Refused) else found
        if more := set(seen.columns) - {*WHO, *purpose.items}:
            yield f"under {purpose.name} the table of people has columns for {', '.join(sorted(more))}"
        rows = {row["person"]: row for row in seen.rows}
        for told in cast:
            row = rows.get(stage.account(told.account), {})
            values = {name: value for name, value in row.items() if value is not None and name not in WHO}
            due = _due(stage, told, purpose)
            if values.keys() != due.keys() or any(
                values[name] != due[name] for name in due if isinstance(due[name], str)
            ):
                yield f"{_other(purpose, told, values, due)}, in the table of people"


def _shut(stage: Stage, told: Canary) -> Iterable[str]:
    reasons = {f"canary_{word()}": Reason.NO_SUCH_PURPOSE}
    for purpose in stage.policy.purposes.values():
        if purpose.form is Form.PSEUDONYMOUS:
            reasons[purpose.name] = Reason.NOBODY_BY_NAME
        elif not _reads(purpose):
            reasons[purpose.name] = Reason.ON_DEMAND if purpose.on_demand else Reason.AGGREGATE_ONLY
    for name, reason in reasons.items():
        reply = stage.browser().reads(stage.house.secret, told.account, name)
        if reply.status != 403 or reply.json().get("reason") != reason.value:
            yield f"{name} reads a profile"


def _reads(purpose: Purpose) -> bool:
    return purpose.form is Form.IDENTIFIED and not purpose.on_demand


def _either(faults: Iterable[str], fine: str) -> Finding:
    listed = list(faults)
    return Finding(False, "; ".join(listed)[:600]) if listed else Finding(True, fine)
