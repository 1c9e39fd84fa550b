"""M3: the notice is in layers, with whoever looks in it; *Your data* names the promise behind each use."""

from collections.abc import Generator, Iterable, Sequence

from kept.base.language import language_of, marked
from kept.policy.compiled import CompiledPolicy, Purpose
from kept.policy.notice_model import Section
from kept.policy.posted import Posted, posted_of, said_in
from kept.prove.browser import Browser
from kept.prove.checks.posted import text_of
from kept.prove.expected import tracker_events
from kept.prove.member import Member, member
from kept.prove.stage import Stage
from kept.prove.verdict import Finding

PROMISES = marked("Under which promise it is used")
OPEN, CLOSE = "<details", "</details>"


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Bo said no, and finds it in the notice; Eve said nothing. Mia, who has an account, finds her yes in *Your data*,
    and the promises. (Of a canary's yes the notice cannot know: it is given in their own workspace.)"""
    eve, bo, mia = stage.browser(), stage.browser(), member(stage, "mia")
    bo.says(dict.fromkeys(stage.asked(), False))
    yield
    first = posted_of(stage.policy)[0]
    return [_layers(stage, first), _own_answer(stage, first, eve, bo, mia), _own_promises(stage, mia)]


def _layers(stage: Stage, one: Posted) -> Finding:
    """Each section: its sentence in the open, and what is more below a fold."""
    page = text_of(stage.browser().opens(one.at.removeprefix("/"), notice=one.name))
    flat = [section.mark for section in one.notice.sections if not _is_layered(page, section)]
    if flat:
        return Finding(False, f"the notice has no layers in {', '.join(flat)}")
    return Finding(True, f"{len(one.notice.sections)} sections, each a sentence, with the details below it")


def _is_layered(page: str, section: Section) -> bool:
    _, found, rest = page.partition(f'id="{section.slug}"')
    whole = rest.partition("</section>")[0]
    above, folded, below = whole.partition(OPEN)
    more = [*section.paragraphs, *(row[0] for table in section.tables for row in table.rows)]
    return bool(
        found
        and section.short in above
        and (not more or (folded and all(words in below.partition(CLOSE)[0] for words in more)))
    )


def _own_answer(stage: Stage, one: Posted, eve: Browser, bo: Browser, mia: Member) -> Finding:
    """Everyone reads what they said, and a stranger that they said nothing."""
    if not any(purpose.mask & _choices(stage) for purpose in stage.policy.purposes.values()):
        return Finding(True, "the policy asks nobody anything, so there is no answer to show")
    at = one.at.removeprefix("/")
    of_eve, of_bo = (text_of(who.opens(at, notice=one.name)) for who in (eve, bo))
    of_mia = text_of(mia.opens(stage, "data"))
    yes, no = _answers(one.language)
    if no not in of_bo or yes in of_bo or no in of_eve or yes in of_eve:
        return Finding(False, "the notice does not tell people what they said")
    if _answers(_spoken_first(stage))[0] not in of_mia:
        return Finding(False, "*Your data* does not tell people what they said")
    return Finding(True, "Bo reads in the notice that he said no, Mia in *Your data* that she said yes")


def _answers(language: str) -> tuple[str, str]:
    """A yes and a no as pages in that language show them."""
    say = language_of(language)
    return f'class="state kept">{say("Yes")}<', f'class="state refused">{say("No")}<'


def _spoken_first(stage: Stage) -> str:
    """The language of pages for a browser that wishes none, as a canary's."""
    return stage.policy.company.languages[0]


def _choices(stage: Stage) -> int:
    """What is asked there, objections left out."""
    masks = stage.policy.masks[stage.policy.cell_of("DE", None, stage.roles)]
    return (masks.opt_in | masks.opt_out) & ~stage.policy.on_demand


def _own_promises(stage: Stage, mia: Member) -> Finding:
    """Each purpose that may use what was gathered of Mia stands beside it, in its own sentence."""
    page = text_of(mia.opens(stage, "data"))
    language = _spoken_first(stage)
    table = page.partition(language_of(language)(PROMISES))[2].partition("</table>")[0]
    due = list(_used(stage, said_in(stage.policy, language)))
    unsaid = [one.name for one in due if one.title not in table or one.says.rstrip(".") not in table]
    if unsaid:
        return Finding(False, f"*Your data* does not name the promise of {', '.join(unsaid)}")
    return Finding(True, f"*Your data* names the promise of each of {len(due)} purposes that use something")


def _used(stage: Stage, said: CompiledPolicy) -> Iterable[Purpose]:
    """The purposes to which a visitor's own yes leads, of the events that a member has sent; as `said` calls them."""
    sent = tracker_events(stage.policy)[:2]
    uses = 0
    for event in sent:
        uses |= event.uses & stage.policy.cookie_purposes("visitor_id") & ~stage.policy.on_demand
    return (one for one in said.purposes.values() if one.mask & uses & _choices(stage))
