"""G4: a partner's site has a key, origins, visitors and answers of its own, is told apart, and is cut off at once."""

from collections.abc import Generator, Iterable, Sequence
from html import escape

from kept.policy.compiled import CompiledPolicy, Event
from kept.policy.compiled_rest import Partner
from kept.prove.browser import Browser
from kept.prove.expected import expected_mask
from kept.prove.stage import GERMANY, Stage
from kept.prove.verdict import Finding
from kept.prove.waiting import until
from kept.prove.words import word

NOT_FROM_HERE = "not from here"
AT_ONCE_SECONDS = 2.0
"""A second, and as much for a machine that is busy."""


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Go to each partner's site, say yes there and not here, and here and not there; then cut it off."""
    partners = stage.policy.partners
    if not partners:
        return [Finding(True, "the policy names no partner, and no other key than its own is taken")]
    faults, sent = list[str](), list[tuple[str, int, str]]()
    for name, partner in partners.items():
        browser = stage.on_site(name, partner.origins[0])
        faults += _asked_there(stage, name, partner, browser)
        faults += _strangers(stage, name, partner)
        sent += [(name, each, browser.visitor) for each in _sends(stage, partner, browser)]
        faults += _cut(stage, name, browser)
    yield
    rows = stage.rows()
    for name, mask, visitor in sent:
        there = [row for row in rows if row["subject"] == stage.house.doors.partner_subject(name, visitor)]
        if not any(int(row["mask"]) == mask for row in there) or {row["source"] for row in there} != {name}:
            faults.append(f"what came from {name} is not stored as its own")
        if any(row["subject"] == stage.subject(visitor) for row in rows):
            faults.append(f"a visitor of {name} is one of the company's own site")
    faults += _published(stage)
    if faults:
        return [Finding(False, "; ".join(dict.fromkeys(faults))[:800])]
    return [
        Finding(
            True,
            f"{len(partners)} partners: each sends what it may, by its own key, origins and answers, and is told apart",
        ),
        Finding(
            True, f"each partner can be cut off within {AT_ONCE_SECONDS:.0f} s, is told so, and let in again"
        ),
        Finding(True, "the notice names each partner, and what was agreed with it"),
    ]


def _asked_there(stage: Stage, name: str, partner: Partner, browser: Browser) -> Iterable[str]:
    """Nothing before a yes there; a yes here is none there, and the other way round."""
    event = _first(stage.policy, partner)
    if event is None:
        return
    sent = {"name": event.name, "page": f"/{word()}"}
    if browser.sends(sent).accepted:
        yield f"on the site of {name}, events are taken before anyone is asked"
    here = stage.yes()
    if here.visitor and browser.sends(sent, visitor=here.visitor).accepted:
        yield f"a yes on the company's site counts on that of {name}"
    browser.says(dict.fromkeys(stage.asked(), True))
    if here.visitor and not browser.visitor:
        yield f"on the site of {name}, nobody can say yes"
    if browser.visitor:
        stage.elsewhere.append(stage.house.doors.partner_subject(name, browser.visitor))
        if stage.browser().sends(sent, visitor=browser.visitor).accepted:
            yield f"a yes on the site of {name} counts on the company's"


def _sends(stage: Stage, partner: Partner, browser: Browser) -> Iterable[int]:
    """The masks under which what a partner sends must be stored."""
    answer = stage.answer(stage.asked())
    for event in _events(stage.policy, partner) if browser.visitor else ():
        if mask := expected_mask(stage.policy, event, GERMANY, answer):
            browser.sends({"name": event.name, "page": f"/{word()}"})
            yield mask


def _strangers(stage: Stage, name: str, partner: Partner) -> Iterable[str]:
    """Other pages may not use its key, nor its pages another's, and it sends nothing but what it may."""
    event = {"name": stage.policy.company.name}
    own = stage.browser()
    own.origin = partner.origins[0]
    for who, browser in (
        ("a page of another site", stage.on_site(name, "https://another.example")),
        ("a page that does not say where it is", stage.on_site(name, "")),
        ("a page of the partner's under the company's own key", own),
    ):
        if browser.tries(event).status != 403:
            yield f"{who} is taken for {name}"
    there = stage.on_site(name, partner.origins[0])
    for declared in stage.policy.events.values():
        told = there.sends({"name": declared.name}, visitor=f"canary-{word()}")
        if (NOT_FROM_HERE in told.reasons()) == (declared in _events(stage.policy, partner)):
            yield f"{declared.name} is taken from {name}, which may not send it, or refused though it may"


def _cut(stage: Stage, name: str, browser: Browser) -> Iterable[str]:
    """Cut off: refused at the door, with the reason; and let in again."""
    event = {"name": "page_view"}
    doors = stage.house.doors
    doors.cut(name, off=True)
    try:
        if not until(lambda: browser.tries(event).status == 403, AT_ONCE_SECONDS):
            yield f"{name} was cut off, and is still taken"
        stage.let_all_hear()
        if b"cut off" not in browser.tries(event).body:
            yield f"{name} is not told that it was cut off"
        if browser.opens("v1/choices", key=browser.key).status == 200:
            yield f"on the site of {name}, which was cut off, people are still asked"
    finally:
        doors.cut(name, off=False)
    if not stage.until(lambda: browser.tries(event).status == 200):
        yield f"{name} was let in again, and is still refused"


def _published(stage: Stage) -> Iterable[str]:
    """The notice has a row for each partner."""
    page = stage.browser().opens("privacy").body.decode()
    for name, partner in stage.policy.partners.items():
        said = (partner.title, *partner.duties.values())
        if not all(escape(text, quote=False) in page or escape(text) in page for text in said):
            yield f"the notice does not say who {name} is, or what was agreed"


def _events(policy: CompiledPolicy, partner: Partner) -> list[Event]:
    ways = {"partner", partner.name}
    return [
        event for event in policy.events.values() if event.name in partner.sends and ways & set(event.sources)
    ]


def _first(policy: CompiledPolicy, partner: Partner) -> Event | None:
    """An event that needs a yes to be gathered, in Germany."""
    return next((event for event in _events(policy, partner)), None)
