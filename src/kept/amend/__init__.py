"""Changes are posted on the site; past versions stay readable; who was shown which version is known (promise M2)."""

from kept.amend.feed import entry_id, feed, parted, summary_of
from kept.amend.holding import Showings
from kept.amend.model import Showing
from kept.amend.shown import ITEM, ShownCounts, record_shown, showings_of, shown_by_day, tell_showings

__all__ = [
    "ITEM",
    "Showing",
    "Showings",
    "ShownCounts",
    "entry_id",
    "feed",
    "parted",
    "record_shown",
    "showings_of",
    "shown_by_day",
    "summary_of",
    "tell_showings",
]
