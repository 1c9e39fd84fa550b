"""M2: what is posted is the policy in force; past versions stay readable; the feed tells of the newest; an account's
own record says which version it was shown."""

from collections.abc import Generator, Iterable, Sequence
from html import unescape
from xml.etree import ElementTree

from kept.gate import Told
from kept.policy.posted import Posted, posted_of
from kept.prove.browser import Browser, Reply
from kept.prove.member import Member, member
from kept.prove.stage import Stage
from kept.prove.verdict import Finding

ITEM = "notices_shown"
HOLDING = "what we showed you"
ATOM = "{http://www.w3.org/2005/Atom}"
MOST_ENTRIES = 50
MOST_OPENED = 20
"""Of past versions, so many are opened in one performance: the first, and the newest."""


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Eve reads what is posted, as anyone may; Ana, who has an account, finds in her copy what she was shown."""
    eve, ana = stage.browser(), member(stage, "ana-told")
    yield
    return [_in_force(stage, eve), _past(stage, eve), _feed(stage, eve), _told(stage, ana)]


def text_of(reply: Reply) -> str:
    """A page as people read it: what was escaped is plain again."""
    return unescape(reply.body.decode("utf-8", "replace"))


def _in_force(stage: Stage, eve: Browser) -> Finding:
    """Each notice that the policy makes now, at its own address, as a page, as Markdown, for machines."""
    posted = posted_of(stage.policy)
    wrong = [f"{one.at}: {what}" for one in posted for what in _differing(stage, eve, one)]
    if wrong:
        return Finding(False, f"what is posted is not the policy in force: {'; '.join(wrong)}")
    fingerprint = stage.policy.fingerprint[:12]
    return Finding(
        True, f"{len(posted)} notice(s) posted in three forms, of the version in force ({fingerprint}…)"
    )


def _differing(stage: Stage, eve: Browser, one: Posted) -> Iterable[str]:
    at, said = one.at.removeprefix("/"), [section.short for section in one.notice.sections]
    page = text_of(eve.opens(at, notice=one.name))
    if stage.policy.fingerprint not in page or any(short not in page for short in said):
        yield "the page says something else"
    if stage.policy.fingerprint not in text_of(eve.opens(f"{at}.md", notice=one.name)):
        yield "its Markdown is of another version"
    if eve.opens(f"{at}.jsonld", notice=one.name).json().get("identifier") != stage.policy.fingerprint:
        yield "its JSON-LD is of another version"


def _past(stage: Stage, eve: Browser) -> Finding:
    """Every version in the records stands in the list with what it changed, and opens."""
    first = posted_of(stage.policy)[0]
    versions = stage.house.policies.versions()
    listed = text_of(eve.opens("privacy/versions", notice=first.name))
    missing = [name for number, name in versions.items() if f'privacy/versions/{number}"' not in listed]
    told = {past.number: past for past in stage.house.policies.past()}
    untold = [
        past.version
        for past in told.values()
        if not _is_told(past.told_by(first.name, first.notice.language), listed)
    ]
    opened = sorted(told)[:1] + sorted(told)[1:][-MOST_OPENED:]
    closed = [
        told[number].version
        for number in opened
        if told[number].fingerprint not in text_of(eve.opens(f"privacy/versions/{number}"))
    ]
    wrong = [
        *(f"{name} is not listed" for name in missing),
        *(f"what {name} changed is not told" for name in untold),
        *(f"{name} does not open" for name in closed),
    ]
    if wrong:
        return Finding(False, f"past versions: {'; '.join(wrong)}")
    return Finding(True, f"{len(versions)} version(s) listed with what each changed, {len(opened)} opened")


def _is_told(told: Told, listed: str) -> bool:
    return all(one.says in listed for one in told.changes)


def _feed(stage: Stage, eve: Browser) -> Finding:
    """The feed is Atom, its first entry is the newest version, and no two have one id."""
    try:
        root = ElementTree.fromstring(eve.opens("privacy/changes.atom").body)  # noqa: S314  our own page
    except ElementTree.ParseError:
        return Finding(False, "the feed of changes is no XML")
    entries = root.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    newest = max(stage.house.policies.versions())
    links = [each.get("href") for entry in entries[:1] for each in entry.findall(f"{ATOM}link")]
    due = min(len(stage.house.policies.versions()), MOST_ENTRIES)
    if links != [f"versions/{newest}"] or len(set(ids)) != len(ids) or len(ids) != due:
        return Finding(False, "the feed of changes does not tell of the newest version, once each")
    return Finding(True, f"the feed tells of {len(ids)} version(s), the newest first")


def _told(stage: Stage, ana: Member) -> Finding:
    """*Your data* shows a version. That stands in her copy where the policy declares the item, and else nowhere."""
    ana.opens(stage, "data")
    copied = ana.opens(stage, "data/copy.json").json().get(HOLDING)
    numbers = [each.get("number") for each in copied] if isinstance(copied, list) else []
    if ITEM not in stage.policy.items:
        if numbers:
            return Finding(False, "what an account was shown is kept, and the policy declares no such item")
        return Finding(True, f"the policy declares no {ITEM}, so what accounts were shown is not kept")
    if stage.in_force.number not in numbers:
        return Finding(False, "an account was shown the version in force, and its record does not say so")
    return Finding(True, "Ana's record says which version she was shown")
