"""What becomes of an address, a page, a referrer and a browser before anything is stored (G3).

The tables are the reference: left what a stranger sends, right what is kept of it.
"""

import pytest

from kept.gather.minimise import (
    Agent,
    agent_of,
    country_of,
    link_of,
    page_of,
    referrer_class_of,
    referrer_of,
    shorten,
)

CLASSES = [
    ("https://www.google.de/search?q=ana%40example.com", "search"),
    ("https://DuckDuckGo.com./", "search"),
    ("https://search.brave.com/search?q=x", "search"),
    ("https://de.search.yahoo.com/x", "search"),
    ("https://l.facebook.com/l.php?u=https%3A%2F%2Fshop.example.com", "social"),
    ("https://t.co/abc", "social"),
    ("https://mail.google.com/mail/u/0", "mail"),
    ("https://cdn.adroll.com/x", "advertising"),
    ("https://shop.example.com/cart", "internal"),
    ("https://www.shop.example.com:8443/cart", "internal"),
    ("https://news.example.org/a?b#c", "other site"),
    ("https://maps.google.com/", "other site"),  # the list says what it is not
    ("https://notgoogle.com/", "other site"),
    ("https://google.com.example.org/", "other site"),
    ("https://intranet/wiki", "other site"),
    ("https://192.0.2.7/x", None),
    ("android-app://com.google.android.gm/", None),
    ("/cart", None),
    ("", None),
]

ADDRESSES = [
    ("192.0.2.77", "192.0.2.0/24"),
    (b"192.0.2.77", "192.0.2.0/24"),
    ("2001:db8:7:8:9::a", "2001:db8:7::/48"),
    ("2001:DB8::1", "2001:db8::/48"),
    ("::ffff:192.0.2.77", "192.0.2.0/24"),  # IPv4 in IPv6's dress
    ("::ffff:c000:24d", "192.0.2.0/24"),
    ("2002:c000:24d::1", "192.0.2.0/24"),  # 6to4: the whole IPv4 address stands in the first 48 bits
    ("192.0.2.0/24", "192.0.2.0/24"),  # short already
    ("2001:db8:7::/48", "2001:db8:7::/48"),
    ("192.0.2.77/24", None),
    ("192.0.2", None),
    ("192.0.2.256", None),
    ("0300.0.2.77", None),
    # as proxies and logs write them: a port, brackets, a zone
    (" 192.0.2.77", "192.0.2.0/24"),
    ("192.0.2.77:50443", "192.0.2.0/24"),
    ("[2001:db8:7::1]", "2001:db8:7::/48"),
    ("[2001:db8:7::1]:50443", "2001:db8:7::/48"),
    ("[::ffff:192.0.2.77]:443", "192.0.2.0/24"),
    ("2001:db8:7::1%eth0", "2001:db8:7::/48"),
    ("fe80::1%eth0", "fe80::/48"),
    ("[fe80::1%25eth0]:80", "fe80::/48"),
    ("64:ff9b::192.0.2.77", "192.0.2.0/24"),  # behind a translator (NAT64)
    ("64:ff9b::c000:24d", "192.0.2.0/24"),
    (
        "64:ff9b:1::c000:24d",
        "64:ff9b:1::/48",
    ),  # a translator of one's own: where it puts the address, it alone knows
    ("192.0.2.77, 198.51.100.1", None),  # whose it is, only who knows the proxies can say
    ("192.0.2.77:", None),
    ("192.0.2.77:port", None),
    ("[192.0.2.77]", None),
    ("[2001:db8::1", None),
    ("2001:db8::1]:80", None),
    ("1:2", None),
    ("host.example.com", None),
    ("-", None),
    ("", None),
    ("192.0.2.77\0", None),
    (b"\xff\xfe", None),
]

COUNTRIES = [
    ("8.8.8.8", "US"),
    (b"8.8.8.8", "US"),
    ("::ffff:8.8.8.8", "US"),
    ("193.0.6.139", "NL"),
    ("2001:67c:2e8:22::c100:68b", "NL"),
    ("[2001:67c:2e8:22::c100:68b]:443", "NL"),
    ("2001:67c:2e8:22::c100:68b%2", "NL"),
    ("193.0.6.139:443", "NL"),
    ("64:ff9b::193.0.6.139", "NL"),
    ("64:ff9b::10.0.0.1", None),
    ("192.168.1.1", None),  # nobody's, though the list names a country for it
    ("10.0.0.1", None),
    ("100.64.0.1", None),
    ("172.20.0.1", None),
    ("127.0.0.1", None),
    ("203.0.113.9", None),
    ("2001:db8::1", None),
    ("fe80::1", None),
    ("::1", None),
    ("nonsense", None),
]

PATHS = [
    # as they are
    ("https://example.org/jobs/baker", "/jobs/baker"),
    ("/jobs/baker/", "/jobs/baker/"),
    ("https://example.org", "/"),
    ("HTTPS://Example.org:8443/Jobs", "/Jobs"),
    ("/jobs/4711", "/jobs/4711"),
    ("/2013/05/17/a-long-title-of-several-words", "/2013/05/17/a-long-title-of-several-words"),
    ("/über-uns", "/über-uns"),
    ("/%C3%BCber-uns", "/über-uns"),
    ("/release-1.2.3", "/release-1.2.3"),
    ("/a//b///c", "/a/b/c"),
    # without what follows
    ("/search?words=nurse+in+Bonn", "/search"),
    ("/page#section", "/page"),
    ("/page;jsessionid=1A2B3C?x=1", "/page"),
    ("/page;v=1/next;w=2", "/page/next"),
    ("/page%3Fmail=x", "/page"),
    ("/page%3Bjsessionid=1", "/page"),
    # without who asks
    ("https://ana:secret@example.org/jobs", "/jobs"),
    (r"https://ana:secret\@example.org/jobs", "/:person/jobs"),
    ("/unsubscribe/ana@example.org", "/unsubscribe/:person"),
    ("/unsubscribe/ana%40example.org", "/unsubscribe/:person"),
    ("/unsubscribe/ana%2540example.org", "/unsubscribe/:person"),
    ("/unsubscribe/ana%25252540example.org", "/unsubscribe/:person"),
    ("/unsubscribe/ana%4%000example.org", "/unsubscribe/:person"),
    ("/unsubscribe/ana＠example.org", "/unsubscribe/:person"),
    ("/@ana/posts", "/:person/posts"),
    ("/redirect/http://ana:secret@example.org/x", "/redirect/http:/:person/x"),
    ("/unsubscribe/ana%u0040example.org", "/unsubscribe/:person"),
    ("/unsubscribe/ana%25u0040example.org", "/unsubscribe/:person"),
    ("/call/+4915112345678", "/call/:number"),
    ("/call/+49-151-12345678", "/call/:number"),
    ("/call/0151-1234567", "/call/:number"),
    ("/call/４９１５１１２３４５６７", "/call/:number"),
    ("/pay/card-4111-1111-1111-1111", "/pay/:number"),
    ("/pay/4111_1111_1111_1111", "/pay/:number"),
    ("/pay/DE89%203704%200044%200532%200130%2000", "/pay/:number"),
    ("/who/078-05-1120", "/who/:number"),
    ("/who/12345678Z", "/who/:number"),
    ("/orders/123456782", "/orders/123456782"),  # an id, though the Dutch test is passed by one in eleven
    ("/news/post-2013-05-17-of-spring", "/news/post-2013-05-17-of-spring"),
    ("/news/2013-05-17", "/news/2013-05-17"),
    ("/pay/4111111111111111", "/pay/:number"),
    ("/whois/192.0.2.77", "/whois/:address"),
    ("/whois/index-192.0.2.77.html", "/whois/:address"),
    ("/whois/2001:db8::1", "/whois/:address"),
    # without what only a machine can have made up
    ("/reset/3f2a9c8b7d6e5f4a1b0c", "/reset/:token"),
    ("/reset/Zk9xQ2vT7bLm4RsW8y", "/reset/:token"),
    ("/reset/qzjxkvwpbnmtrlsdfg", "/reset/:token"),
    ("/reset/cJZKeOuBrn4kERxqtaUH3aCWcynf_cDxXwCLxiixG1c", "/reset/:token"),
    ("/order/123e4567-e89b-12d3-a456-426614174000/lines", "/order/:token/lines"),
    ("/file-123e4567-e89b-12d3-a456-426614174000.pdf", "/:token"),
    ("/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.dBjftJeZ4CVP", "/t/:token"),
    # but words are words
    ("/Rechtsschutzversicherungsgesellschaft", "/Rechtsschutzversicherungsgesellschaft"),
    ("/HowToInstallLogstashOnUbuntu", "/HowToInstallLogstashOnUbuntu"),
    ("/presentations/logstashmonitorama2013", "/presentations/logstashmonitorama2013"),
    # control characters, encoded or not
    ("/a\x00b/c%0Ad", "/ab/cd"),
    ("/a%20b", "/a%20b"),
    # no page at all
    ("*", None),
    ("", None),
    ("ana@example.org", None),
    ("mailto:ana@example.org", None),
    ("javascript:alert(1)", None),
    ("data:text/html,x", None),
    ("example.org:443", None),
]

CAMPAIGNS = [
    ("/?utm_source=letter&utm_medium=mail&utm_campaign=spring", "letter/mail/spring"),
    ("/?utm_source=letter", "letter/-/-"),
    ("/?utm_campaign=spring+sale&x=1", "-/-/spring sale"),
    ("/?utm_campaign=spring%20sale", "-/-/spring sale"),
    ("/?utm_campaign=a/b", "-/-/a%2Fb"),
    ("/?a=1&amp;utm_source=letter", "letter/-/-"),
    ("/?utm_source=ana%40example.org", ":person/-/-"),
    ("/?utm_source=123e4567-e89b-12d3-a456-426614174000", ":token/-/-"),
    ("/?utm_term=private+words&utm_content=to-ana&gclid=abc", None),
    ("/?source=letter", None),
    ("/", None),
]

REFERRERS = [
    ("https://www.example.org/secret/path?q=words", "example.org"),
    ("http://search.example.org:8080/", "search.example.org"),
    ("https://ana:secret@example.org/", "example.org"),
    ("https://Example.ORG./", "example.org"),
    ("https://d41d8cd98f00b204e9800998ecf8427e.cdn.example.net/x", "cdn.example.net"),
    ("http://xn--bcher-kva.example/", "xn--bcher-kva.example"),
    ("https://shop.example.com/cart", None),  # our own
    ("https://www.shop.example.com/", None),
    ("http://192.0.2.77/", None),
    ("http://[2001:db8::1]/", None),
    ("http://localhost/", None),
    ("http://ana%40example.org/", None),
    ("android-app://org.example.app/", None),
    ("about:blank", None),
    ("-", None),
    ("", None),
]

LINKS = [
    ("https://www.example.org/about?from=ana", "example.org/about"),
    ("https://example.org", "example.org/"),
    ("https://example.org/unsubscribe/ana@example.org", "example.org/unsubscribe/:person"),
    ("mailto:ana@example.org", None),
    ("/about", None),
]

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) {}"
ANDROID = "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) {}"
APPLE = "Mozilla/5.0 ({}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 {}"
PROGRAM = (None, None, True)

AGENTS = [
    (WINDOWS.format("Chrome/131.0.0.0 Safari/537.36"), ("desktop", "Chrome", False)),
    (WINDOWS.format("Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"), ("desktop", "Edge", False)),
    (
        "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
        ("desktop", "Firefox", False),
    ),
    (APPLE.format("Macintosh; Intel Mac OS X 10_15_7", "Safari/605.1.15"), ("desktop", "Safari", False)),
    (
        APPLE.format("iPhone; CPU iPhone OS 17_4 like Mac OS X", "Mobile/15E148 Safari/604.1"),
        ("phone", "Safari", False),
    ),
    (
        APPLE.format("iPad; CPU OS 17_4 like Mac OS X", "Mobile/15E148 Safari/604.1"),
        ("tablet", "Safari", False),
    ),
    (ANDROID.format("Chrome/131.0.0.0 Mobile Safari/537.36"), ("phone", "Chrome", False)),
    (ANDROID.format("Chrome/131.0.0.0 Safari/537.36"), ("tablet", "Chrome", False)),
    (ANDROID.format("SamsungBrowser/26.0 Chrome/122 Mobile"), ("phone", "Samsung Internet", False)),
    (
        "Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0) AppleWebKit/537.36 TV Safari/537.36",
        ("tv", "Safari", False),
    ),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", PROGRAM),
    ("Mozilla/5.0 (compatible; someone; someone@example.org)", PROGRAM),
    (WINDOWS.format("HeadlessChrome/131.0.0.0 Safari/537.36"), PROGRAM),
    ("curl/8.5.0", PROGRAM),
    ("python-requests/2.32", PROGRAM),
    ("AnaSmithsOwnReader", PROGRAM),
    ("AnaSmithsOwnReader/0.8.1", PROGRAM),
    ("Mozilla/5.0 (AnaSmith) AnaSmithBrowser/1.0", ("other", "other", False)),
    ("-", PROGRAM),
    ("", PROGRAM),
    (None, PROGRAM),
]


@pytest.mark.parametrize(("address", "kept"), ADDRESSES)
def test_an_address_becomes_its_network(address: str | bytes, kept: str | None) -> None:
    assert shorten(address) == kept


@pytest.mark.parametrize(("address", "country"), COUNTRIES)
def test_a_country_is_looked_up_where_an_address_can_be_somebodys(
    address: str | bytes, country: str | None
) -> None:
    assert country_of(address) == country


@pytest.mark.parametrize(("url", "path"), PATHS)
def test_a_page_becomes_its_path(url: str, path: str | None) -> None:
    assert page_of(url).path == path


@pytest.mark.parametrize(("url", "campaign"), CAMPAIGNS)
def test_of_a_query_the_campaign_alone_stays(url: str, campaign: str | None) -> None:
    page = page_of(url)
    assert (page.path, page.campaign) == ("/", campaign)


@pytest.mark.parametrize(("url", "domain"), REFERRERS)
def test_a_referrer_becomes_its_domain(url: str, domain: str | None) -> None:
    assert referrer_of(url, "shop.example.com") == domain


@pytest.mark.parametrize(("url", "kind"), CLASSES)
def test_a_referrer_becomes_the_class_of_its_site(url: str, kind: str | None) -> None:
    assert referrer_class_of(url, "www.shop.example.com") == kind


@pytest.mark.parametrize(("url", "target"), LINKS)
def test_a_link_becomes_domain_and_path(url: str, target: str | None) -> None:
    assert link_of(url) == target


@pytest.mark.parametrize(("user_agent", "kept"), AGENTS)
def test_a_browser_becomes_its_family(
    user_agent: str | None, kept: tuple[str | None, str | None, bool]
) -> None:
    assert agent_of(user_agent) == Agent(*kept)
