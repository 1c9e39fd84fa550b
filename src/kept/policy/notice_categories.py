"""What is held, told by category, where a law wants it so."""

from kept.base.language import Language, marked
from kept.policy.compiled import CompiledPolicy, Event, Item
from kept.policy.compiled_rest import Recipient
from kept.policy.laws import LAWS
from kept.policy.notice_model import Table
from kept.policy.notice_parts import held
from kept.policy.wording import title_of

HEADERS = (
    marked("Category"),
    marked("What"),
    marked("What for"),
    marked("Who gets it"),
    marked("Sold to, or shared for advertising elsewhere with"),
)


def by_category(policy: CompiledPolicy, say: Language) -> tuple[Table, ...]:
    """Each category: what is in it, what for, who gets some of it and to whom it is sold (Cal. Civ. Code
    1798.130(a)(5)). None where no law that the policy names wants that."""
    if policy.rights is None or not any(LAWS[name].categories for name in policy.rights.laws):
        return ()
    found: dict[str, list[Item | Event]] = {}
    for one in held(policy):
        found.setdefault(one.category, []).append(one)
    rows = tuple(_row(policy, say, name, members) for name, members in found.items())
    return (Table(say("By category"), tuple(say(header) for header in HEADERS), rows),)


def _row(
    policy: CompiledPolicy, say: Language, category: str, members: list[Item | Event]
) -> tuple[str, ...]:
    used = 0
    for one in members:
        used |= one.uses
    names = {one.name for one in members}
    given = [
        one for one in policy.recipients.values() if names & {name.partition(".")[0] for name in one.gets}
    ]
    return (
        title_of(category) or say("Other"),
        say.listing(one.title for one in members),
        say.listing(purpose.title for purpose in policy.purposes.values() if purpose.mask & used),
        _titles(say, given) or say("nobody"),
        _titles(say, [one for one in given if one.sale or one.sharing_for_ads]) or say("nobody"),
    )


def _titles(say: Language, recipients: list[Recipient]) -> str:
    return say.listing(one.title for one in recipients)
