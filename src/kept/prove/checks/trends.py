"""R1: usage trends are analysed in aggregate: figures count people who allow it, once each, and tell of nobody."""

from collections.abc import Generator, Sequence

from kept.policy.compiled import Form, Purpose
from kept.prove.browser import Browser
from kept.prove.expected import PAGE_PROPERTIES, right_values, tracker_events
from kept.prove.stage import Refused, Stage
from kept.prove.verdict import Finding
from kept.prove.words import word

VIEW = "page_view"
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Ana looks at a page twice, Cy once, and a crawler; then Cy says no. The report is asked before and after."""
    purpose = _counting(stage)
    if purpose is None:
        return [Finding(True, "no purpose that people have a say over counts page views; nobody is counted")]
    page, ana, cy = f"/{word()}", stage.yes(), stage.yes()
    crawler = stage.browser(agent=CRAWLER)
    crawler.says(dict.fromkeys(stage.asked(), True))
    stage.cast.append(crawler.visitor)
    for each in (ana, ana, cy, crawler):
        _looks(stage, each, page)
    yield
    first = stage.house.doors.used(purpose.name, page)
    cy.says({purpose.name: False})
    after = stage.house.doors.used(purpose.name, page)
    return [
        _counted(first, (3, 2), "people are counted once each, and crawlers apart"),
        _counted(after, (2, 1), "a no leaves every figure at once"),
    ]


def _counting(stage: Stage) -> Purpose | None:
    """A purpose that reads rows, sees which page it was, may recognise a browser, and that people may refuse."""
    for name in stage.asked():
        purpose = stage.policy.purposes[name]
        sees = any((VIEW, part) in purpose.properties for part in PAGE_PROPERTIES)
        sees = sees and bool(purpose.mask & stage.policy.cookie_purposes("visitor_id"))
        if sees and purpose.form is not Form.AGGREGATE and not purpose.on_demand:
            return purpose
    return None


def _looks(stage: Stage, browser: Browser, page: str) -> None:
    event = next(each for each in tracker_events(stage.policy) if each.name == VIEW)
    browser.sends({"name": VIEW, "id": word(), "page": page, "properties": right_values(event)})


def _counted(found: tuple[int, int] | Refused, due: tuple[int, int], fine: str) -> Finding:
    if isinstance(found, Refused):
        return Finding(False, f"the report was refused: {found.says}")
    times, people = found
    if found == due:
        return Finding(True, fine)
    return Finding(
        False, f"{times} views by {people} people are reported, where {due[0]} by {due[1]} are due"
    )
