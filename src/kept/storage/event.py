"""The one shape of an event, from the journal's frame to the lake's row."""

import msgspec


class StoredEvent(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One event as it is kept. In the journal it is a JSON array in this order; in the lake, these columns.

    `subject` and `event_id` are pseudonyms of 63 bits. `ts` is milliseconds of UTC; (ts, event_id) is a
    total order. `mask` holds the purposes allowed when it was gathered, `cv` the choice sequence number
    which that mask knew: a withdrawal with a greater number clears its bits when the event is read.
    """

    workspace: int
    subject: int
    ts: int
    event_id: int
    name: str
    page: str | None  # path alone, minimised
    properties: str | None  # JSON object of declared properties, text values
    session: int | None
    source: str  # tracker, server log, server
    device: str | None
    browser: str | None
    country: str | None  # ISO 3166
    referrer: str | None  # domain
    campaign: str | None
    address: str | None  # shortened: /24 of IPv4, /48 of IPv6
    crawler: bool
    policy: int  # number of the policy version in the records
    mask: int
    cv: int


COLUMNS: tuple[tuple[str, str], ...] = (
    ("workspace", "integer"),
    ("subject", "long"),
    ("ts", "long"),
    ("event_id", "long"),
    ("name", "string"),
    ("page", "string"),
    ("properties", "string"),
    ("session", "long"),
    ("source", "string"),
    ("device", "string"),
    ("browser", "string"),
    ("country", "string"),
    ("referrer", "string"),
    ("campaign", "string"),
    ("address", "string"),
    ("crawler", "boolean"),
    ("policy", "integer"),
    ("mask", "long"),
    ("cv", "long"),
)
"""Column names and Delta types, in the order of `StoredEvent`."""
