"""G3, data gathered by cookies, server log files and tracking tools: made smaller before it is stored.

An address becomes its network, a page its path, a referrer its domain, a browser its family. Every function
here takes whatever a stranger sends, never raises on it, and holds nothing of it beyond a bounded memory.
"""

from kept.gather.minimise.address import shorten
from kept.gather.minimise.agent import NO_AGENT, Agent, agent_of
from kept.gather.minimise.campaign import campaign_of
from kept.gather.minimise.country import country_of
from kept.gather.minimise.known import Hiding, Known
from kept.gather.minimise.origin import NOWHERE, Origin, origin_of
from kept.gather.minimise.page import NO_PAGE, Page, page_of
from kept.gather.minimise.referrer import kept_of_referrers, link_of, referrer_class_of, referrer_of
from kept.gather.minimise.words import clean_words, without_mail

__all__ = [
    "NOWHERE",
    "NO_AGENT",
    "NO_PAGE",
    "Agent",
    "Hiding",
    "Known",
    "Origin",
    "Page",
    "agent_of",
    "campaign_of",
    "clean_words",
    "country_of",
    "kept_of_referrers",
    "link_of",
    "origin_of",
    "page_of",
    "referrer_class_of",
    "referrer_of",
    "shorten",
    "without_mail",
]
