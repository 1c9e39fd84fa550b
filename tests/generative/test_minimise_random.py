"""Whatever is sent: nothing raises, nothing of it that tells who someone is comes out, and once is enough."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from kept.gather.minimise import Page, agent_of, country_of, link_of, origin_of, page_of, referrer_of, shorten
from kept.gather.minimise.page import clean_path, judge_path
from kept.gather.minimise.segment import PLAIN, clean_segment, judge_segment

at_leisure = settings(deadline=None)  # the first call of some reads a list
ANYTHING = st.one_of(
    st.text(), st.binary(), st.text(alphabet="/?#;&=%@:.[]\\-_~2540aAzZ0９ \0\n", max_size=60)
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
NAMES = st.text(alphabet=LETTERS, min_size=1, max_size=12)
SECRETS = st.text(
    alphabet="ghjkqvwxyz", min_size=8, max_size=14
)  # occurs in no placeholder and no path below
HOSTS = st.builds("{}.example.org".format, NAMES)
TRANSLATED = IPv6Network("64:ff9b::/96")
HIDDEN = st.integers(0, 4)  # how often what stands in a path is percent-encoded


def hide(text: str, times: int) -> str:
    for _ in range(times):
        text = quote(text, safe="")
    return text


@at_leisure
@given(ANYTHING)
def test_nothing_raises(sent: str | bytes) -> None:
    shorten(sent)
    country_of(sent)
    origin_of(sent)
    page_of(sent)
    link_of(sent)
    referrer_of(sent, "example.org")
    agent_of(sent)


@at_leisure
@given(ANYTHING)
def test_no_at_and_no_control_character_comes_out(sent: str | bytes) -> None:
    page, agent = page_of(sent), agent_of(sent)
    kept = [
        page.path,
        page.host,
        page.campaign,
        link_of(sent),
        referrer_of(sent, None),
        agent.device,
        agent.browser,
    ]
    for text in kept:
        assert text is None or ("@" not in text and "＠" not in text and text.isprintable())


WORDLIKE = st.from_regex(PLAIN, fullmatch=True)


@at_leisure
@given(st.lists(WORDLIKE, min_size=1, max_size=4).map("/".join))
def test_what_is_told_at_a_glance_is_what_a_longer_look_finds(words: str) -> None:
    path = f"/{words}"
    assert clean_path(path) == page_of(path).path == judge_path(path)
    for word in words.split("/"):
        assert clean_segment(word) == judge_segment(word)


@at_leisure
@given(ANYTHING)
def test_minimising_twice_is_minimising_once(sent: str | bytes) -> None:
    path = page_of(sent).path
    assert path is None or page_of(path).path == path
    network = shorten(sent)
    assert network is None or shorten(network) == network
    domain = referrer_of(sent, None)
    assert domain is None or referrer_of(f"https://{domain}/", None) == domain


@at_leisure
@given(HOSTS, NAMES, SECRETS, SECRETS, SECRETS, HIDDEN)
def test_userinfo_queries_fragments_and_mail_addresses_stay_outside(
    host: str, page: str, user: str, word: str, value: str, hidden: int
) -> None:
    mail = hide(f"{user}@{host}", hidden)
    url = f"https://{user}:{word}@{host}/{page}/{mail}/x;s={value}?q={value}&utm_term={value}#{value}"
    kept = page_of(url)
    assert kept == Page(f"/{page}/:person/x", host, None)
    assert referrer_of(url, None) == host
    assert link_of(url) == f"{host}/{page}/:person/x"


@at_leisure
@given(st.uuids(), NAMES, HIDDEN)
def test_a_uuid_in_a_path_stays_outside(uuid: object, page: str, hidden: int) -> None:
    assert page_of(f"/{page}/{hide(str(uuid), hidden)}").path == f"/{page}/:token"


@at_leisure
@given(st.binary(min_size=16, max_size=32))
def test_a_key_in_hexadecimal_stays_outside(key: bytes) -> None:
    assert key.hex() not in str(page_of(f"/reset/{key.hex()}").path) or key.hex().isalpha()


@at_leisure
@given(st.ip_addresses(v=4), NAMES)
def test_an_address_in_a_path_stays_outside(address: IPv4Address, page: str) -> None:
    assert page_of(f"/{page}/{address}/{page}-{address}.html").path == f"/{page}/:address/:address"


@at_leisure
@given(st.ip_addresses(v=4))
def test_ipv4_is_shortened_to_24_bits_however_it_is_written(address: IPv4Address) -> None:
    network = str(ip_network(f"{address}/24", strict=False))
    six_to_four = IPv6Address(0x2002 << 112 | int(address) << 80 | 1)
    written = [str(address), f"::ffff:{address}", f"64:ff9b::{address}", str(six_to_four), f"{address}:443"]
    assert {shorten(text) for text in written} == {network}


@at_leisure
@given(st.ip_addresses(v=6))
def test_ipv6_is_shortened_to_48_bits(address: IPv6Address) -> None:
    short = shorten(str(address))
    assert short is not None
    for text in (f"[{address}]", f"[{address}]:50443", f"{address}%eth0", f"[{address}%25eth0]:443"):
        assert shorten(text) == short
        assert country_of(text) == country_of(str(address))
    if address.ipv4_mapped is None and address.sixtofour is None and address not in TRANSLATED:
        assert short == str(ip_network(f"{address}/48", strict=False))


@at_leisure
@given(st.ip_addresses())
def test_a_country_is_that_of_the_same_address_in_another_dress(address: IPv4Address | IPv6Address) -> None:
    country = country_of(str(address))
    assert country is None or (len(country) == 2 and country.isupper())
    if isinstance(address, IPv4Address):
        assert country_of(f"::ffff:{address}") == country
    if not ip_address(str(address)).is_global:
        assert country is None or isinstance(address, IPv6Address)
