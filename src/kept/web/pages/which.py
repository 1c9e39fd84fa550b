"""Which notice, and in which form: by the visitor's language and audience, or by their own word (RFC 9110, 12.5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from kept.base.language import language_of
from kept.policy.posted import Posted

HTML, MARKDOWN, JSON_LD = "text/html", "text/markdown", "application/ld+json"
SUFFIXES = {".md": MARKDOWN, ".jsonld": JSON_LD}
MOST_WISHES = 50
LANGUAGES = {
    "bg": "Български", "cs": "Čeština", "da": "Dansk", "de": "Deutsch", "el": "Ελληνικά", "en": "English",
    "es": "Español", "et": "Eesti", "fi": "Suomi", "fr": "Français", "ga": "Gaeilge", "hr": "Hrvatski",
    "hu": "Magyar", "it": "Italiano", "ja": "日本語", "ko": "한국어", "lt": "Lietuvių", "lv": "Latviešu",
    "mt": "Malti", "nl": "Nederlands", "no": "Norsk", "pl": "Polski", "pt": "Português", "ro": "Română",
    "sk": "Slovenčina", "sl": "Slovenščina", "sv": "Svenska", "tr": "Türkçe", "uk": "Українська", "zh": "中文",
}  # fmt: skip
"""Languages by their own names: whoever looks for theirs reads no other."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One entry of an Accept header: what is wished, and how much (0 to 1)."""

    what: str
    weight: float


def wishes(header: str) -> tuple[Wish, ...]:
    """An Accept or Accept-Language header; what cannot be read in it is left out."""
    found = []
    for part in header.split(",")[:MOST_WISHES]:
        what, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights = [piece[2:] for piece in parameters if piece.startswith("q=")]
        if what:
            found.append(Wish(what, _weight(weights[0]) if weights else 1.0))
    return tuple(found)


def _weight(text: str) -> float:
    whole, _, part = text.partition(".")
    plain = whole in {"0", "1"} and (not part or (part.isascii() and part.isdigit()))
    return min(float(text), 1.0) if plain else 0.0


def form_of(path: str, accept: str) -> str:
    """The media type to answer with: by the address's ending, or else by what is wished most; HTML in doubt."""
    for suffix, form in SUFFIXES.items():
        if path.endswith(suffix):
            return form
    return max((HTML, MARKDOWN, JSON_LD), key=lambda form: (_wished(form, accept), form == HTML))


def _wished(form: str, accept: str) -> float:
    """How much a form is wished; what matches anything is no wish for Markdown or JSON-LD."""
    named = [wish.weight for wish in wishes(accept) if wish.what == form]
    if named:
        return named[0]
    return 1.0 if form == HTML and not accept.strip() else 0.001 if form == HTML else 0.0


def chosen(
    posted: Sequence[Posted], languages: str, audiences: frozenset[str], named: str | None = None
) -> Posted:
    """The notice to show: the one that is named; else, of those that are for this visitor, the one in the language
    that they wish most, one of their own audience before the one for all, and the first in doubt."""
    for one in posted:
        if one.name == named:
            return one
    fitting = [one for one in posted if one.for_all or audiences.intersection(one.audiences)] or posted
    return max(fitting, key=lambda one: (_spoken(one.language, languages), not one.for_all))


def most_wished(languages: Sequence[str], header: str) -> str:
    """Of these languages the one that is wished most; empty where none is."""
    best = max(languages, key=lambda one: _spoken(one, header))
    return best if _spoken(best, header) else ""


def speaks(one: Posted, wished: str) -> bool:
    """Whether a notice is in a language that is wished."""
    return _spoken(one.language, wished) > 0


def _spoken(language: str, header: str) -> float:
    """How much a language is wished (RFC 4647, lookup): `de-AT` is met by `de`, and `de` by `de-AT`."""
    own = language.lower()
    weights = [wish.weight for wish in wishes(header) if _same(own, wish.what)]
    return max(weights, default=0.0)


def _same(own: str, wished: str) -> bool:
    return own in {wished, wished.partition("-")[0]} or own.partition("-")[0] == wished


def called(one: Posted) -> str:
    """The words of a link to a notice: its language by its own name, and for whom it is."""
    language = LANGUAGES.get(one.language.split("-")[0], one.language)
    if not one.notice.audience:
        return language
    say = language_of(one.notice.language)
    return say("{language}, for people {audience}", language=language, audience=one.notice.audience)
