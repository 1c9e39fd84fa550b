"""What the rooms answer, in the words of the pages for the people concerned."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from kept.base.language import marked
from kept.gather.profiles import FileTold, Value, as_text
from kept.policy import CompiledPolicy
from kept.rights import Plan, Stage
from kept.subject import Duty, Held
from kept.web.house import ErasurePlan, PastAnswer, ToldValue

STAGES = {
    Stage.HIDDEN: marked("Hidden from every purpose; the keys are being destroyed."),
    Stage.SHREDDED: marked("Hidden, keys destroyed; files are being rewritten."),
    Stage.REWRITTEN: marked("Rewritten; everything is being searched."),
    Stage.VERIFIED: marked(
        "Searched, and nothing was found; the last copies of pages are being overwritten."
    ),
    Stage.DONE: marked("Done."),
}


def told_values(policy: CompiledPolicy, values: Sequence[Value]) -> tuple[ToldValue, ...]:
    """Each value that stands, with what it was before. One whose key is gone is not there any more."""
    before: dict[str, list[tuple[str, int]]] = {}
    for value in values:
        if value.ended_ms is not None and value.plain is not None:
            before.setdefault(value.item, []).append((_text(value), value.ended_ms))
    return tuple(
        _told_value(policy, value, tuple(before.get(value.item, ())))
        for value in values
        if value.ended_ms is None and value.plain is not None
    )


def _told_value(policy: CompiledPolicy, value: Value, before: tuple[tuple[str, int], ...]) -> ToldValue:
    declared = policy.items.get(value.item)
    return ToldValue(
        number=value.number,
        item=value.item,
        title=declared.title if declared else value.item,
        text=_text(value),
        is_file=isinstance(value.plain, FileTold),
        is_long=declared is not None and declared.type == "free text",
        source=value.source,
        at_ms=value.at_ms,
        before=before,
    )


def _text(value: Value) -> str:
    return value.plain.name if isinstance(value.plain, FileTold) else as_text(value.plain)


def all_held(parts: Iterable[Iterable[Held]]) -> tuple[Held, ...]:
    """What every room holds, one after the other."""
    return tuple(held for holding in parts for held in holding)


def each_once(past: tuple[PastAnswer, ...]) -> tuple[PastAnswer, ...]:
    """What was said once and taken down for several browsers is told once. Each record stands in the copy."""
    return tuple(dict.fromkeys(past))


def plan_shown(plan: Plan) -> ErasurePlan:
    """A plan as it is shown, with the digest by which it is agreed to."""
    goes = all_held(plan.goes.values())
    return ErasurePlan(
        digest=_digest(goes, plan.stays, plan.holds),
        goes=goes,
        stays=plan.stays,
        holds=plan.holds,
        steps=plan.steps,
        backups_until_ms=None,
    )


def _digest(goes: tuple[Held, ...], stays: tuple[Duty, ...], holds: object) -> str:
    """Names what would go and stay by its kind. Counts are left out: a click more is the same plan."""
    kinds = (sorted(held.item for held in goes), sorted(duty.item for duty in stays), repr(holds))
    return sha256(repr(kinds).encode()).hexdigest()
