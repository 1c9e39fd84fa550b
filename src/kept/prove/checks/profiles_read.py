"""U1 for profiles: whoever reads one names a purpose, and sees what that purpose uses of whom allows it."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kept.gate import Reason
from kept.policy import Answer
from kept.policy.compiled import Form, Purpose
from kept.prove.expected import right_value, told_items, told_mask
from kept.prove.stage import GERMANY, Stage
from kept.prove.verdict import Finding
from kept.prove.words import word


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
    cy = cast[0]
    _says(stage, cy.account, (), asked)
    cy.answer = stage.answer(no=asked)
    again = list(_seen(stage, cy))
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
        due = {
            item.name: told.values[item.name]
            for item in told_items(stage.policy)
            if item.name in told.values and told_mask(stage.policy, item, GERMANY, told.answer) & purpose.mask
        }
        if seen != due:
            more, less = sorted(seen.keys() - due.keys()), sorted(due.keys() - seen.keys())
            yield f"under {purpose.name}, of {told.who}: seen {more or 'nothing'} too much, lacking {less or 'nothing'}"


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
