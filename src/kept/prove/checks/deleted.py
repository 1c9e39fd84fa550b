"""S1: a deletion is hidden at once, carried through, searched for, and receipted; a hold stops it and says why."""

import re
from collections.abc import Generator, Sequence
from secrets import token_urlsafe

from kept.ledger import Proven, facts, verify_receipt
from kept.policy.compiled import Event
from kept.prove.checks.held import hold_first, hold_later
from kept.prove.expected import SERVER, events_from, tracker_events
from kept.prove.member import Member, member, traces
from kept.prove.stage import AMERICA, Stage
from kept.prove.verdict import Finding
from kept.prove.waiting import until
from kept.storage.erasures import pending
from kept.storage.search import copy_rows

PLAN = re.compile(rb'name="plan" value="([0-9a-f]+)"')
DELETED, UNTOLD = "deleted", "no purpose"
"""What the site's server is told, and what a page is told, to which anyone may send an id that they guessed."""
SURE_SECONDS = 1.5
"""How long a search that was left out would need to report a deletion as done, beside the committer's own tick."""


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Delete Cy through the public door, Di under a hold, Hal whose hold comes late, Ivy with a forgotten copy."""
    cy, di, ivy, *hals = (member(stage, name) for name in ("cy", "di", "ivy", "hal", "hal-too"))
    yield
    cy.opens(stage, "data")  # what he is shown there is on record, and must go with him
    before = traces(stage, cy)
    held = [*hold_first(stage, di), hold_later(stage, hals)]
    number = _ask_for_deletion(stage, cy)
    if number is None:
        return [Finding(False, "a deletion asked for on the page was not begun"), *held]
    return [
        _hidden(stage, cy),
        _receipted(stage, cy, number),
        _gone(stage, cy, before),
        _not_again(stage, cy),
        *held,
        _strangers_refused(stage, di),
        _forgotten(stage, ivy),
    ]


def _ask_for_deletion(stage: Stage, cy: Member) -> int | None:
    """See the plan, confirm it; the deletion's number from the address of its receipt."""
    plan = PLAN.search(cy.opens(stage, "data/erase").body)
    if plan is None:
        return None
    token = stage.house.doors.sign(cy.account)
    reply = cy.browser.fills("data/erase", token=token, plan=plan[1].decode())
    found = re.search(r"receipt/(\d+)", reply.headers.get("location", ""))
    return int(found[1]) if reply.status == 303 and found else None


def _hidden(stage: Stage, cy: Member) -> Finding:
    """The moment that the page has answered, no purpose is shown anything."""
    if shown := stage.shown(cy.person.subjects):
        return Finding(False, f"after the answer to a deletion, {shown} rows are still seen")
    return Finding(True, "Cy, who asked for deletion on the page, is hidden by the time of the answer")


def _receipted(stage: Stage, cy: Member, number: int) -> Finding:
    """A receipt comes, and it holds under the ledger's public key alone."""
    place = f"data/receipt/{number}.json"
    if not stage.until(lambda: cy.browser.opens(place).status == 200):
        return Finding(
            False,
            f"no receipt in time; the deletion stands at {stage.house.doors.stage_of(number)!r}",
        )
    public = stage.house.keys.signing_key().public_key().public_bytes_raw()
    proven = verify_receipt(cy.browser.opens(place).body, public)
    if not isinstance(proven, Proven):
        return Finding(False, f"the receipt proves nothing: {proven.doubt.value}")
    if not isinstance(proven.fact, facts.ErasureDone) or proven.fact.erasure != number:
        return Finding(False, "the receipt is for something else")
    return Finding(True, f"the receipt holds offline (ledger #{proven.index})")


def _gone(stage: Stage, cy: Member, before: Sequence[str]) -> Finding:
    """Nothing of Cy stands anywhere; the same search had found him before."""
    if not before:
        return Finding(False, "the search finds nobody, so that it finds nothing shows nothing")
    if left := traces(stage, cy):
        return Finding(False, f"traces after a deletion that was reported done: {'; '.join(left)}")
    if any(map(stage.key_is_there, cy.person.subjects)) or stage.house.keys.stray_keys():
        return Finding(False, "keys of someone who was deleted still stand in keys.db")
    return Finding(True, f"of {len(before)} places with traces of Cy, none is left, and the keys are gone")


def _not_again(stage: Stage, cy: Member) -> Finding:
    """Another browser of Cy's, and the site's server, have not heard of his deletion; and somebody made an id up
    that looks like one of ours. Each event is refused, also where no yes is needed."""
    other, made_up = stage.browser(AMERICA), f"kv_{token_urlsafe(32)}"
    pages, orders = tracker_events(stage.policy)[:2], events_from(stage.policy, SERVER)[:2]
    for visitor in filter(None, (cy.visitor, cy.customer, made_up)):  # a policy may give no ids
        by_page = other.sends(*map(_sent, pages), visitor=visitor)
        by_site = other.sent_by_site(stage.house.secret, visitor, AMERICA, *map(_sent, orders))
        if by_page.accepted or any(by_site.reasons(place) != {DELETED} for place in range(len(orders))):
            return Finding(False, "under the id of someone who was deleted, events are still taken")
        if any(by_page.reasons(place) != {UNTOLD} for place in range(len(pages))):
            return Finding(False, "a page is told that someone was deleted")
    said = {"type": "identify", "anonymousId": cy.customer, "userId": cy.account}
    joined = other.sends_by_segment(said, secret=stage.house.secret)
    if joined.reasons() != {DELETED} or stage.account(cy.account) is not None:
        return Finding(False, "someone who was deleted is joined to an account again")
    return Finding(True, "under his old ids nothing is gathered any more")


def _sent(event: Event) -> dict[str, object]:
    return {"name": event.name}


def _strangers_refused(stage: Stage, di: Member) -> Finding:
    """A link that the site did not sign opens nothing, and a server without the secret key joins nobody."""
    forged = stage.house.doors.sign(di.account, secret="another, as long as a real one may be")  # noqa: S106  nobody's
    opened = stage.browser().opens("data", token=forged).status
    joined = di.browser.joins(di.account, "sk_another").status
    if opened != 403 or joined != 401:
        return Finding(False, f"without the site's secret, *Your data* answers {opened} and a join {joined}")
    return Finding(True, "without the site's secret, nobody's data opens and nobody is joined")


def _forgotten(stage: Stage, ivy: Member) -> Finding:
    """A copy of Ivy's rows lies beside the lake. While it does, her deletion must not be called done."""
    copy = stage.forgotten_copy
    copy_rows(stage.active_files(), stage.subject(ivy.visitor), copy)
    try:
        number = stage.house.doors.begin(ivy.person)
        if not isinstance(number, int):
            return Finding(False, f"a deletion that nothing stops was refused: {number.reason}")
        stage.until(lambda: not _rows_are_there(stage, ivy))
        early = until(lambda: _is_done(stage, ivy, number), SURE_SECONDS + 2 * stage.house.flush_seconds)
    finally:
        copy.unlink()
    if early:
        return Finding(
            False, "a deletion was reported done while a copy of the person's rows lay on the disk"
        )
    if not stage.until(lambda: _is_done(stage, ivy, number)):
        return Finding(False, "a deletion was not carried on after what stood in its way was gone")
    return Finding(
        True, "with a forgotten copy on the disk a deletion was not called done, and without it it was"
    )


def _rows_are_there(stage: Stage, who: Member) -> bool:
    return any(row["subject"] in who.person.subjects for row in stage.rows())


def _is_done(stage: Stage, who: Member, number: int) -> bool:
    """Whether the committer, or the deletion itself, is reported done."""
    with stage.house.records.read() as connection:
        waiting = pending(connection)
    return stage.house.doors.stage_of(number) == "done" or waiting.keys().isdisjoint(who.person.subjects)
