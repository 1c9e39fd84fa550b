"""The campaign that a link names in its utm_ fields: source, medium and name, and nothing else.

`utm_term` may hold words that someone typed, `utm_content` and click ids (gclid, fbclid) single out one
message or one click: they are not kept.
"""

from kept.gather.minimise.segment import clean_segment

FIELDS = ("utm_source", "utm_medium", "utm_campaign")
FIELD = 64
_PAIRS = 100


def campaign_of(query: str) -> str | None:
    """ "source/medium/name" of a query, "-" for a field that is missing; None when all three are.

    A slash inside a field is written %2F, so the three can be told apart again.
    """
    if "utm_" not in query:
        return None
    given = dict(pair.partition("=")[::2] for pair in query.replace(";", "&").split("&", _PAIRS)[:_PAIRS])
    fields = [_clean(given.get(name, "")) for name in FIELDS]
    return "/".join(field or "-" for field in fields) if any(fields) else None


def _clean(value: str) -> str:
    if not value:
        return ""
    return clean_segment(value.replace("+", " "), more_marks=" ").strip()[:FIELD]
