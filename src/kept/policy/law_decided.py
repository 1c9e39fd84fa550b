"""What is asked of decisions by programs, and of figures over many people."""

from kept.policy.compiling_more import written
from kept.policy.draft import Entry
from kept.policy.grammar import IDENTIFIES
from kept.policy.grammar_more import CONTEST, COUNTED_BY, EFFECT, HUMAN, OF, ONE_PURPOSE, WEIGHS
from kept.policy.keys import Key
from kept.policy.opened import Opened, names
from kept.policy.problems import Once
from kept.policy.selections import Selected
from kept.policy.terms import terms_for
from kept.policy.values import Atom

GROUNDS = frozenset({"contract", "consent", "signed authorisation", "legal obligation"})
"""On which a program may decide what weighs on people: GDPR Art. 22(2)."""


def check_decided(opened: Opened, once: Once) -> None:
    """Note what is wrong with decisions and figures."""
    for entry in opened.draft.section("decisions").values():
        _within(opened, entry, WEIGHS, once)
        if entry.want(EFFECT, "none") != "none":
            _weighty(opened, entry, once)
    for entry in opened.draft.section("aggregates").values():
        _within(opened, entry, OF, once)
        _tells_apart(opened, entry, once)


def _within(opened: Opened, entry: Entry, key: Key[tuple[Atom, ...]], once: Once) -> None:
    purpose, used = entry.want(ONE_PURPOSE, None), opened.selections.open(entry.own(key) or ())
    if purpose is None:
        return
    uses = opened.uses[purpose.name]
    more = written(Selected(used.names - uses.names, used.properties - uses.properties))
    if more:
        once.error(
            "U06",
            entry.at(key),
            f"`{entry.name}` works with `{more[0]}`, which `{purpose.name}` does not use.",
            next_step=f"Take it out, or name it in the `uses` of `{purpose.name}`.",
        )


def _weighty(opened: Opened, entry: Entry, once: Once) -> None:
    for key in (HUMAN, CONTEST):
        if not entry.own(key):
            missing = "human" if key is HUMAN else "way to contest it"
            once.error(
                "L08",
                entry.at(EFFECT),
                f"`{entry.name}` weighs on people and gives them no {missing}.",
                why="GDPR Art. 22(3): a human looks at it again where the person asks, and it can be contested.",
                next_step=f"Add `{key.name}:`.",
            )
            return
    purpose = entry.want(ONE_PURPOSE, None)
    purposes = opened.draft.section("purposes")
    bases = (
        {terms_for(purposes[purpose.name], people).basis for people in opened.certain} if purpose else set()
    )
    if bases - GROUNDS:
        once.error(
            "L08",
            entry.at(ONE_PURPOSE),
            f"`{entry.name}` weighs on people and rests on {sorted(bases - GROUNDS)[0]}.",
            why="GDPR Art. 22(2): a program may decide so under a contract, a law, or with consent.",
            next_step="Let a human decide (`effect: none`), or ask first.",
        )


def _tells_apart(opened: Opened, entry: Entry, once: Once) -> None:
    held = opened.draft.held
    for name in names(entry.own(COUNTED_BY)):
        if name in held and held[name].want(IDENTIFIES, "directly") == "directly":
            once.error(
                "U03",
                entry.at(COUNTED_BY),
                f"`{entry.name}` tells people apart by `{name}`, which names them.",
                next_step=f"Take `{name}` out, or say `identifies: indirectly` there if that is true.",
            )
