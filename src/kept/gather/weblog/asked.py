"""What a request asked for: a page that someone looked at, or something else.

As the analytics products count that read logs (Matomo, AWStats): a page view is a GET for something like a
page that was sent whole (2xx), or that the browser still had (304). Parts of pages, downloads, feeds, what
only machines ask for, errors and redirects are none. A HEAD sends no page; a POST is an action, not a look.
An ending that is in none of the lists is part of a page's name: /people/j.smith, /domains/example.org.
"""

from kept.gather.minimise import Page, page_of
from kept.gather.weblog.reasons import NotKept

SENT = frozenset({200, 201, 202, 203, 226, 304})
PIECES = frozenset({204, 205, 206})


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FILES = _words(
    "7z apk bin bz2 deb dmg exe gem gz gzip iso jar msi pkg rar rpm tar tgz war whl xz zip zst "  # archives
    "doc docx epub mobi odp ods odt pdf ppt pptx ps rtf tex txt xls xlsx "  # documents
    "aac avi flac flv m4a m4v mkv mov mp2 mp3 mp4 mpeg mpg oga ogg ogv opus wav webm wma wmv "  # media
    "asc cfg conf csv diff ics ini json jsonl log parquet patch pcap pem sig spec sql sqlite toml tsv vcf "
    "xml xsd xsl yaml yml "  # data
    "access c cc cpp go h java lua m4 markdown md mk py pyc rb rs sh ts vim xs"  # texts of programs
)
_ASSETS = _words(
    "css js mjs map png jpg jpeg gif bmp ico cur svg svgz webp avif apng tif tiff woff woff2 ttf otf eot "
    "wasm webmanifest swf class"
)
_FEEDS = _words("rss atom rdf")
_FEED_NAMES = _words("feed feeds rss rss2 rss20 atom rdf feed.xml atom.xml rss.xml index.xml")
_FOR_MACHINES = _words(
    "robots.txt ads.txt app-ads.txt humans.txt security.txt sellers.json crossdomain.xml browserconfig.xml "
    "manifest.json"
)


def judge_answer(method: str, status: int) -> NotKept | None:
    """Why the request cannot have been a look at a page, whatever it asked for; None if it can."""
    if method == "GET" and status in SENT:
        return None
    if not method:
        return NotKept.NO_REQUEST
    if method != "GET":
        return NotKept.METHOD
    return NotKept.PIECE if status in PIECES else NotKept.STATUS


def judge_target(target: str) -> NotKept | None:
    """Why what was asked for is no page; None if it is one."""
    path, _, query = target.partition("?")
    *_, name = path.lower().partition(";")[0].rstrip("/").rpartition("/")
    if name in _FOR_MACHINES or name.startswith("sitemap") or "/.well-known/" in path:
        return NotKept.FOR_MACHINES
    if name in _FEED_NAMES or _asks_for_feed(query.lower()):
        return NotKept.FEED
    return None if path.endswith("/") else _judge_ending(name)


def _judge_ending(name: str) -> NotKept | None:
    _, dot, ending = name.rpartition(".")
    if not dot:
        return None
    if ending in _ASSETS:
        return NotKept.ASSET
    if ending in _FEEDS:
        return NotKept.FEED
    return NotKept.FILE if ending in _FILES else None


def _asks_for_feed(query: str) -> bool:
    """?feed=rss2, ?format=atom, ?flav=rss20: the common ways to ask a page for its feed."""
    values = {pair.partition("=")[2] for pair in query.split("&")} if query else set()
    return not _FEED_NAMES.isdisjoint(values)


def asked_for(target: str) -> Page | NotKept:
    """The page that was asked for, minimised, or why it is none."""
    page = page_of(target)
    if page.path is None:
        return NotKept.NO_REQUEST
    return judge_target(target) or page
