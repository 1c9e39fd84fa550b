"""G3: what comes in by cookies, tracking tools and logs is made smaller before anything is written."""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from ipaddress import ip_address

from kept.policy.compiled import Event
from kept.prove.browser import Browser
from kept.prove.checks.cookies import check_cookies
from kept.prove.checks.logs import check_log, write_log
from kept.prove.expected import PAGE_PROPERTIES, right_values, tracker_events
from kept.prove.stage import AMERICA, GERMANY, GERMANY_6, PLACES, Stage
from kept.prove.telling import Sent
from kept.prove.verdict import Finding
from kept.storage.search import Row

MOST_EVENTS = 6
_TELLING: Mapping[str, Callable[[Sent], object]] = {
    "web address": Sent.link,
    "text": Sent.words,
    "free text": Sent.words,
    "place": Sent.words,
    "list of text": lambda sent: [sent.words()],
    "id": Sent.mail,
}
"""By the type of a property: a value of it that tells who someone is."""


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Send addresses, pages and agents that tell who someone is, by the tracker and by a log; then look for them."""
    sent, events = Sent(), tracker_events(stage.policy)[:MOST_EVENTS]
    sent.known(_account(stage))
    stage.let_all_hear()
    taken = 0
    for browser in _browsers(stage, sent):
        if events:
            taken += browser.sends(*(_event(event, sent) for event in events)).accepted
    log = write_log(stage, sent)
    cookies = check_cookies(stage)
    yield
    rows = stage.rows()
    return [_networks(rows, taken), _cut(stage, sent), *check_log(stage, log, rows), *cookies]


def _account(stage: Stage) -> str:
    """The id of an account of which the site's server has told: from now on it is known."""
    account = stage.new_account("known")
    stage.browser().joins(account, stage.house.secret, f"customer-{account}")
    return account


def _browsers(stage: Stage, sent: Sent) -> Iterable[Browser]:
    """Two who said yes, at addresses of either kind, and one who is counted without cookies."""
    for start in (PLACES[GERMANY], GERMANY_6):
        made = stage.browser_at(sent.address(start), agent=sent.agent())
        made.says(dict.fromkeys(stage.asked(), True))
        stage.cast.append(made.visitor)
        yield made
    yield stage.browser_at(sent.address(PLACES[AMERICA]), agent=sent.agent())


def _event(event: Event, sent: Sent) -> dict[str, object]:
    kinds = {name: kind for name, kind in event.properties.items() if name not in PAGE_PROPERTIES}
    told = {name: _TELLING[kind](sent) for name, kind in kinds.items() if kind in _TELLING}
    return {
        "name": event.name,
        "page": sent.link(),
        "referrer": f"https://mail.example.org/{sent.word('the path of a referrer')}?q={sent.word('its query')}",
        "properties": {**right_values(event), **told},
    }


def _networks(rows: Iterable[Row], taken: int) -> Finding:
    """Whatever address stands in the lake is a network, its host part gone."""
    found = {str(row["address"]) for row in rows if row["address"] is not None}
    whole = [text for text in found if not text.endswith((".0/24", "::/48"))]
    if whole:
        return Finding(False, "addresses in the lake are not shortened")
    return Finding(
        True, f"{taken} events sent from whole addresses; {len(found)} networks (/24, /48) stand in the lake"
    )


def _cut(stage: Stage, sent: Sent) -> Finding:
    """Nothing of it stands anywhere on the disk, however it is written."""
    packed = [ip_address(text).packed for text in sent.addresses if ":" in text]  # four bytes occur by chance
    texts = [*sent.texts, *sent.addresses, *(ip_address(text).exploded for text in sent.addresses)]
    places = stage.traces(texts=texts, byte_strings=packed)
    if places:
        kinds = sorted({sent.texts[text] for text in stage.found(sent.texts)})
        return Finding(False, f"on the disk: {', '.join(kinds) or 'a whole address'} ({'; '.join(places)})")
    kinds_sent = len(set(sent.texts.values()))
    return Finding(
        True, f"no whole address and none of {kinds_sent} other kinds of traces stand anywhere on the disk"
    )
