"""Where someone came from, and where a link leads: other people's sites, by name."""

from kept.gather.minimise.page import clean_path
from kept.gather.minimise.web_address import domain_of, host_of, take_apart


def referrer_of(url: str | bytes | None, own_host: str | None) -> str | None:
    """The domain that a visitor came from, such as "example.org"; None when it is our own, or no site's."""
    parts = take_apart(url) if url else None
    host = host_of(parts.authority) if parts else None
    if host is None:
        return None
    domain = domain_of(host)  # enforces: referrer-to-domain
    own = host_of(own_host) if own_host else None
    return None if own and host.removeprefix("www.") == own.removeprefix("www.") else domain


def link_of(url: str | bytes) -> str | None:
    """The target of a link, as domain and path: "example.org/about"; None for what is no web address."""
    parts = take_apart(url)
    host = host_of(parts.authority) if parts else None
    domain = domain_of(host) if host else None
    return domain + clean_path(parts.path) if parts and domain else None
