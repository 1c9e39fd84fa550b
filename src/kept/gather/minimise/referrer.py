"""Where someone came from, and where a link leads: other people's sites, by name."""

from collections.abc import Callable

from kept.gather.minimise.page import clean_path
from kept.gather.minimise.sites import class_of_site
from kept.gather.minimise.web_address import domain_of, host_of, take_apart
from kept.policy.grammar import CLASS_OF_SITE


def referrer_of(url: str | bytes | None, own_host: str | None) -> str | None:
    """The domain that a visitor came from, such as "example.org"; None when it is our own, or no site's."""
    parts = take_apart(url) if url else None
    host = host_of(parts.authority) if parts else None
    if host is None:
        return None
    domain = domain_of(host)  # enforces: referrer-to-domain
    return None if _is_own(host, own_host) else domain


def referrer_class_of(url: str | bytes | None, own_host: str | None) -> str | None:
    """What kind of site a visitor came from: search, social, mail, advertising, internal (our own) or other site.

    None for no site at all.
    """
    parts = take_apart(url) if url else None
    host = host_of(parts.authority) if parts else None
    if host is None:
        return None
    return "internal" if _is_own(host, own_host) else class_of_site(host)


def kept_of_referrers(reduced_to: str) -> Callable[[str | bytes | None, str | None], str | None]:
    """What is kept of a referrer, by the policy's word for it: the class of its site, or its domain."""
    return referrer_class_of if reduced_to == CLASS_OF_SITE else referrer_of


def _is_own(host: str, own_host: str | None) -> bool:
    own = host_of(own_host) if own_host else None
    return own is not None and host.removeprefix("www.") == own.removeprefix("www.")


def link_of(url: str | bytes) -> str | None:
    """The target of a link, as domain and path: "example.org/about"; None for what is no web address."""
    parts = take_apart(url)
    host = host_of(parts.authority) if parts else None
    domain = domain_of(host) if host else None
    return domain + clean_path(parts.path) if parts and domain else None
