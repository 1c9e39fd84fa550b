"""U2: what people are shown is ranked by their own data, if they allow it; else everyone gets the same order."""

from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any

from kept.policy.compiled import Choice, Event, Form, Purpose
from kept.prove.browser import Browser
from kept.prove.expected import right_values, tracker_events
from kept.prove.stage import AMERICA, GERMANY, Stage
from kept.prove.verdict import Finding
from kept.prove.words import word

OWN, GENERAL = "own", "general"
NOT_NOW = "the ranking cannot be worked out at present"
KIN = 3


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Canaries look at one of two families of things on offer, and are then ranked; some of them said no."""
    found = ranked_kind(stage)
    if found is None:
        return _nothing_ranks(stage)
    event, part, purpose = found
    of, offers = f"{event.name}.{part}", _Offers()
    ana, cy = stage.yes(), stage.yes()
    bo = stage.yes(only=[name for name in stage.asked() if name != purpose.name])
    eve = stage.yes(AMERICA)
    ana.offers(stage.house.secret, of, offers.words)
    for each in (ana, cy, bo, eve):
        each.sends({"name": event.name, "properties": {**right_values(event), part: offers.seen}})
    yield
    try:
        return [
            _either(
                _own(stage, ana, of, offers), "with a yes, one's own past ranks, and each place says why"
            ),
            _either(_after_no(stage, cy, of, purpose), "a no counts in the very next ranking"),
            _either(
                _general(stage, bo, of, "after a yes to the rest"), "a yes to other purposes ranks nothing"
            ),
            _either(_signalled(stage, eve, of, purpose), "the browser's privacy signal is a no to ranking"),
            _either(
                _general(stage, stage.browser(), of, "for a stranger"), "a stranger gets everyone's order"
            ),
        ]
    finally:
        ana.offers(stage.house.secret, of, {}, list(offers.words))


def ranked_kind(stage: Stage) -> tuple[Event, str, Purpose] | None:
    """An event of pages with an id that a purpose about people as such uses, which says what one gets without it."""
    for event in tracker_events(stage.policy):
        for part, kind in event.properties.items():
            for purpose in stage.policy.purposes.values():
                uses = kind == "id" and (event.name, part) in purpose.properties
                if uses and purpose.form is Form.IDENTIFIED and purpose.without_it and not purpose.on_demand:
                    return event, part, purpose
    return None


class _Offers:
    """Two families of invented things: kin share words that nothing else has."""

    def __init__(self) -> None:
        near, far = " ".join(word() for _ in range(4)), " ".join(word() for _ in range(4))
        self.near = [word() for _ in range(KIN)]
        self.seen = self.near[0]
        self.words = {word(): far for _ in range(KIN)} | dict.fromkeys(self.near, near)


def _nothing_ranks(stage: Stage) -> Sequence[Finding]:
    said = stage.browser().ranking("page_view.path")
    fine = said.get("order") == GENERAL
    return [Finding(fine, "the policy has no purpose that ranks for one person, and nobody is ranked")]


def _own(stage: Stage, ana: Browser, of: str, offers: _Offers) -> Iterable[str]:
    by_site = _settled(stage, lambda: ana.ranked_by_site(stage.house.secret, of, ana.visitor, GERMANY))
    for who, said in (
        ("the browser", _settled(stage, lambda: ana.ranking(of))),
        ("the site's server", by_site),
    ):
        shown = _ids(said)
        if said.get("order") != OWN:
            yield f"{who} is given the {said.get('order')} order: {said.get('why')}"
        elif set(shown) != set(offers.near[1:]):
            yield f"{who} is not shown what is like the thing that was looked at"
        elif any(each.get("because") != {"viewed": offers.seen} for each in said["things"]):
            yield f"{who} is not told why each thing stands there"


def _after_no(stage: Stage, cy: Browser, of: str, purpose: Purpose) -> Iterable[str]:
    if _settled(stage, lambda: cy.ranking(of)).get("order") != OWN:
        yield "before the no, the own past did not rank"
    cy.says({purpose.name: False})
    yield from _general(stage, cy, of, "after a no")


def _signalled(stage: Stage, eve: Browser, of: str, purpose: Purpose) -> Iterable[str]:
    """Only where the purpose is a matter of choice is the signal a no to it."""
    eve.signal = True
    cell = stage.policy.cell_of(AMERICA, None, stage.roles)
    if purpose.terms[cell].choice in {Choice.OPT_OUT, Choice.OPT_IN}:
        yield from _general(stage, eve, of, "with the signal")


def _general(stage: Stage, browser: Browser, of: str, when: str) -> Iterable[str]:
    said = _settled(stage, lambda: browser.ranking(of))
    if said.get("order") != GENERAL:
        yield f"{when}, the order is {said.get('order')!r}"
    elif any("because" in each for each in said["things"]):
        yield f"{when}, the general order speaks of the person"
    elif said.get("why") in {None, "", NOT_NOW}:
        yield f"{when}, the general order does not say why it is that"


def _settled(stage: Stage, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What is said once the process that ranks has started: until then everyone's order is all there is."""
    said = ask()

    def is_settled() -> bool:
        nonlocal said
        said = ask() if said.get("why") == NOT_NOW else said
        return said.get("why") != NOT_NOW

    stage.until(is_settled)
    return said


def _ids(said: dict[str, Any]) -> list[str]:
    return [str(each["id"]) for each in said.get("things", ())]


def _either(faults: Iterable[str], fine: str) -> Finding:
    """What is wrong, if anything is; else that it is fine."""
    listed = list(faults)
    return Finding(False, "; ".join(listed)) if listed else Finding(True, fine)
