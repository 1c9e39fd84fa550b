"""G2: pages and declared actions are gathered once, under the purposes that the person allows, and else not at all."""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

from kept.policy import Answer
from kept.policy.compiled import CompiledPolicy
from kept.policy.compiled import Event as Declared
from kept.prove.browser import Browser, Event
from kept.prove.expected import (
    PAGE_PROPERTIES,
    expected_mask,
    expected_nameless,
    right_values,
    tracker_events,
)
from kept.prove.stage import AMERICA, GERMANY, Stage
from kept.prove.verdict import Finding
from kept.prove.words import word
from kept.storage.search import Row


@dataclass(frozen=True)
class Case:
    """Someone who sends events, and the mask that each of them must be stored under; 0: it must be refused."""

    who: str
    masks: tuple[int, ...]
    sent: tuple[Event, ...]
    browser: Browser
    accepted: int
    visitor: str
    """Under which id they came; empty for those who have none."""
    page: str
    on_page: bool
    """Whether its rows can be told by their page."""


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Let the cast look at a page and act, each with another answer, and see what is stored of whom."""
    events = tracker_events(stage.policy)[:2]
    if not events:
        return [Finding(True, "the policy declares no event that pages may send; nothing was sent")]
    parts = (_yes, _no, _account, _signal, _strangers)
    cases = [case for part in parts for case in part(stage, events)]
    yield
    ana = cases[0]  # her events are in the lake now: the same ones again must be known
    ana.browser.sends(*ana.sent)
    yield
    rows = stage.rows()
    judged = [(case, _fault(stage, case, rows)) for case in cases]
    wrong = [f"{case.who}: {fault}" for case, fault in judged if fault]
    if wrong:
        return [Finding(False, line) for line in wrong]
    taken = [case.who for case in cases if any(case.masks)]
    refused = [case.who for case in cases if not any(case.masks)]
    return [
        Finding(
            True, f"stored once and under the purposes that decide() allows: {', '.join(taken) or 'nobody'}"
        ),
        Finding(True, f"refused and nowhere in the lake: {', '.join(refused) or 'nobody'}"),
    ]


def _yes(stage: Stage, events: Sequence[Declared]) -> Iterable[Case]:
    asked = stage.asked()
    ana = stage.yes()
    yield _acts(stage, "Ana, who said yes", ana, events, stage.answer(asked), times=2)
    for name in asked:
        one = stage.yes(only=[name])
        others = [other for other in asked if other != name]
        if one.visitor:
            yield _acts(stage, f"a yes to {name} alone", one, events, stage.answer([name], others))


def _no(stage: Stage, events: Sequence[Declared]) -> Iterable[Case]:
    """Bo said no at once and has no id. Cy said yes first, so that an id is left; his browser tells nothing of the no
    that came later. Lea's no stands in her browser alone, which the house has not heard of."""
    bo = stage.browser()
    bo.says(dict.fromkeys(stage.asked(), False))
    yield _acts(stage, "Bo, who said no", bo, events, stage.answer(no=stage.asked()))
    for place in (GERMANY, AMERICA):
        noes = stage.answer(no=stage.asked(place))
        cy, lea = stage.yes(place), stage.yes(place)
        if cy.visitor and lea.visitor:
            visitor = cy.visitor
            cy.says(dict.fromkeys(stage.asked(place), False))
            cy.cookies.clear()
            stage.let_all_hear()
            yield _acts(stage, f"Cy, who withdrew ({place})", cy, events, noes, visitor=visitor, place=place)
            lea.cookies["kept_choice"] = f"1.{stage.house.clock.now_ms() // 1000}.0.{noes.no:x}"
            yield _acts(stage, f"Lea, whose browser carries a no ({place})", lea, events, noes, place=place)


def _account(stage: Stage, events: Sequence[Declared]) -> Iterable[Case]:
    """Jan says no on *Your data*, at another browser than the one that is joined; Kim's is joined only after her no."""
    noes = stage.answer(no=stage.asked())
    for who, joins_first in (
        ("Jan, who said no on Your data", True),
        ("Kim, who signed in after her no", False),
    ):
        browser, account = stage.yes(), f"canary-{word()}"
        if not browser.visitor:
            return
        stage.accounts.append(account)
        if joins_first:
            browser.joins(account, stage.house.secret)
        refused = dict.fromkeys(stage.asked(), "no")
        stage.browser().fills("data/choices", token=stage.house.doors.sign(account), **refused)
        if not joins_first:
            browser.joins(account, stage.house.secret)
        stage.let_all_hear()
        yield _acts(stage, who, browser, events, noes)


def _signal(stage: Stage, events: Sequence[Declared]) -> Iterable[Case]:
    for place in (GERMANY, AMERICA):
        gil = stage.yes(place)
        gil.signal = True
        if gil.visitor:
            answer = stage.answer(stage.asked(place))
            yield _acts(stage, f"Gil, whose browser signals no ({place})", gil, events, answer, place=place)


def _strangers(stage: Stage, events: Sequence[Declared]) -> Iterable[Case]:
    eve = stage.browser()
    yield _acts(stage, "Eve, a stranger", eve, events, stage.answer())
    made_up = f"kv_{word(10)}"
    stage.cast.append(made_up)
    yield _acts(
        stage, "Eve with an id that she made up", stage.browser(), events, stage.answer(), visitor=made_up
    )
    fay = stage.browser(AMERICA)
    yield _acts(stage, "Fay, counted without cookies", fay, events, stage.answer(), place=AMERICA)
    hal, ivy = stage.browser(AMERICA), stage.browser(AMERICA)
    hal.signal = True
    yield _acts(stage, "Hal, whose browser signals no", hal, events, stage.answer(), place=AMERICA)
    noes = stage.answer(no=stage.asked(AMERICA))
    if noes.no:
        ivy.says(dict.fromkeys(stage.asked(AMERICA), False))
        yield _acts(stage, "Ivy, who said no where visits are counted", ivy, events, noes, place=AMERICA)


def _acts(
    stage: Stage,
    who: str,
    browser: Browser,
    events: Sequence[Declared],
    answer: Answer,
    *,
    visitor: str = "",
    place: str = GERMANY,
    times: int = 1,
) -> Case:
    """Send the events, and note what must become of them."""
    page, known = f"/{word()}", visitor or browser.visitor
    events = events if known else events[:1]  # without an id, rows are told by their page
    sent = [_sent(event, page) for event in events]
    told = browser.sends(*sent * times, visitor=visitor or None)
    if known:
        masks = [expected_mask(stage.policy, event, place, answer, signal=browser.signal) for event in events]
    elif place in stage.policy.counting_in and not browser.signal and not answer.no:
        masks = [expected_nameless(stage.policy, event, place) for event in events]
    else:
        masks = [0 for _ in events]
    on_page = all(_keeps_page(stage.policy, event, mask) for event, mask in zip(events, masks, strict=True))
    return Case(who, tuple(masks), tuple(sent), browser, told.accepted // times, known, page, on_page)


def _sent(event: Declared, page: str) -> Event:
    return {"name": event.name, "id": word(), "page": page, "properties": right_values(event)}


def _fault(stage: Stage, case: Case, rows: Iterable[Row]) -> str:
    """What is wrong with what became of a case; empty when nothing is."""
    due = [mask for mask in case.masks if mask]
    if case.accepted != len(due):
        return f"{case.accepted} of {len(case.masks)} events were taken, and {len(due)} may be"
    subject = stage.subject(case.visitor) if case.visitor else None
    mine = [row for row in rows if row["page"] == case.page or row["subject"] == subject]
    if len(mine) != len(due) and (subject is not None or case.on_page):
        return f"{len(mine)} rows in the lake, where {len(due)} belong"
    stored = sorted(int(row["mask"]) for row in mine)
    if mine and stored != sorted(due):
        return f"stored for {stage.named(stored[-1])}, allowed: {stage.named(max(due))}"
    return ""


def _keeps_page(policy: CompiledPolicy, event: Declared, mask: int) -> bool:
    live = [each for each in policy.purposes.values() if each.mask & mask and not each.on_demand]
    return any((event.name, key) in each.properties for each in live for key in PAGE_PROPERTIES)
