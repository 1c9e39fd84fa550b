"""What a browser says it is, reduced to a kind of device, a family, and whether it is a program.

Families come from a closed list: a parser that copies words out of the text would let anyone, or anyone's
name, into the reports. Versions, systems and models are not kept: together they single people out.
"""

from functools import lru_cache

import crawleruseragents  # type: ignore[import-untyped]  # it carries no types
import msgspec
import re2  # type: ignore[import-untyped]  # nor does it
import ua_parser

from kept.base.remembered import Remembered
from kept.gather.minimise.families import BROWSERS, DESKTOPS, GUESSES, OTHER, PHONES, TABLETS, TVS

LONGEST = 512
REMEMBERED = 4_096
_OLD_PHONES = ("MIDP", "WAP", "Browser")
_ALL = ua_parser.Domain.ALL


class Agent(msgspec.Struct, frozen=True, gc=False):
    """`device` is desktop, phone, tablet, tv or other; `browser` a family, or "other". None for crawlers."""

    device: str | None
    browser: str | None
    crawler: bool


NO_AGENT = Agent(None, None, True)
"""A request without a user agent: no browser sends one."""


def agent_of(user_agent: str | bytes | None) -> Agent:
    """What to keep of a User-Agent header; the header itself is not kept."""
    return _AGENTS[user_agent] if user_agent else NO_AGENT


def _read(user_agent: str | bytes) -> Agent:
    text = user_agent.decode("latin-1") if isinstance(user_agent, bytes) else user_agent
    text = text.strip()[:LONGEST].encode("utf-8", "replace").decode()
    if text in ("", "-"):
        return NO_AGENT
    found = ua_parser.parser(text, _ALL)
    device = found.device.family if found.device else ""
    system = found.os.family if found.os else ""
    family = found.user_agent.family if found.user_agent else ""
    # enforces: agent-to-family
    agent = Agent(_device(text, system, device), BROWSERS.get(family, OTHER), False)
    named = bool(system) or agent.browser != OTHER or device not in GUESSES
    return NO_AGENT if device == "Spider" or _is_crawler(text) or _is_program(text, named) else agent


_AGENTS = Remembered[str | bytes, Agent](_read, REMEMBERED, LONGEST)


@lru_cache(maxsize=1)
def _crawlers() -> re2.Set:
    """All patterns as one automaton: linear in the text, whatever the text is."""
    options = re2.Options()
    options.log_errors = False
    patterns = re2.Set.SearchSet(options)
    for known in crawleruseragents.CRAWLER_USER_AGENTS_DATA:
        patterns.Add(known["pattern"])
    patterns.Compile()
    return patterns


def _is_crawler(text: str) -> bool:
    return bool(_crawlers().Match(text))


def _is_program(text: str, named: bool) -> bool:
    """Whether it names whom to write to, as robots do and browsers never, or nothing that a browser names."""
    if "@" in text or "http://" in text or "https://" in text:
        return True
    return (
        not named and not text.startswith(("Mozilla/", "Opera/")) and not any(m in text for m in _OLD_PHONES)
    )


def _device(text: str, system: str, device: str) -> str:
    """The kind of device. A television names a system that phones have too, so it is looked for first."""
    if system in TVS or device in TVS or any(mark in text for mark in ("SmartTV", "SMART-TV", "HbbTV")):
        return "tv"
    if device in TABLETS or system in TABLETS:
        return "tablet"
    if system == "Android":  # Chrome and Firefox leave "Mobile" out on tablets
        return "phone" if "Mobile" in text else "tablet"
    if device in PHONES or system in PHONES:
        return "phone"
    return "desktop" if system in DESKTOPS else OTHER
