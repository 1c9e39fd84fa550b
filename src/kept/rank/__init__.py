"""What people are shown is ranked by their own profile and behaviour, if they allow it (promise U2).

Without leave, or while nothing is known, everyone gets the general order; each ranking says which it is and why.
Nobody's behaviour ranks for anyone else: only the general order counts people, and tells of no fewer than five.
"""

from kept.rank.leave import Asking, Ranked, RankedBy, leave_to_rank, ranked_by
from kept.rank.model import Because, Offer, Order, Ranking, Thing, WhyGeneral
from kept.rank.ordering import Orders
from kept.rank.store import offer, offers_of, stamp_of, take_back

__all__ = [
    "Asking",
    "Because",
    "Offer",
    "Order",
    "Orders",
    "Ranked",
    "RankedBy",
    "Ranking",
    "Thing",
    "WhyGeneral",
    "leave_to_rank",
    "offer",
    "offers_of",
    "ranked_by",
    "stamp_of",
    "take_back",
]
