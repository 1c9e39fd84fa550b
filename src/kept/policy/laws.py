"""Laws as data: where each holds, what it lets people ask, by when they are answered, and whom they may turn to.

The text of each law is the source; an article stands beside every right. What Kept works out from it follows the
policy's `rights: laws`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kept.base.language import marked
from kept.policy.places import EEA

RIGHTS = {
    "see": marked("to see what is held of you, and to get a copy"),
    "correct": marked("to have what is wrong corrected"),
    "delete": marked("to have it deleted"),
    "restrict": marked("to have it left unused while something is in dispute"),
    "object": marked("to object to its use"),
    "take along": marked("to get what you gave in a form that other services can read"),
    "opt out of sale": marked("to say no to its being sold, or shared for advertising"),
    "complain": marked("to complain to a public authority"),
}
"""What people may ask, by the words of the language."""

RIGHT_NAMES = {
    "see": marked("See"),
    "correct": marked("Correct"),
    "delete": marked("Delete"),
    "restrict": marked("Restrict"),
    "object": marked("Object"),
    "take along": marked("Take along"),
    "opt out of sale": marked("Opt out of sale"),
    "complain": marked("Complain"),
}
"""How a notice calls each."""


@dataclass(frozen=True, slots=True)
class Law:
    """One law. `rights`: by the words of the language, the article; `answer`: within what time, with its article."""

    name: str
    places: frozenset[str]
    rights: Mapping[str, str]
    answer: str
    authority: str
    notice: str  # the article that lists what a notice says
    grounds: Mapping[str, str] = field(default_factory=dict)  # by the words of the language, the article
    categories: str = ""  # the article that has what is held told by category


_LIKE_GDPR = {
    "see": marked("Art. 15"),
    "correct": marked("Art. 16"),
    "delete": marked("Art. 17"),
    "restrict": marked("Art. 18"),
    "object": marked("Art. 21"),
    "take along": marked("Art. 20"),
    "complain": marked("Art. 77"),
}
_GROUNDS_OF_GDPR = {
    "consent": marked("Art. 6(1)(a)"),
    "contract": marked("Art. 6(1)(b)"),
    "legal obligation": marked("Art. 6(1)(c)"),
    "vital interests": marked("Art. 6(1)(d)"),
    "public task": marked("Art. 6(1)(e)"),
    "legitimate interest": marked("Art. 6(1)(f)"),
}
LAWS = {
    one.name: one
    for one in (
        Law(
            marked("GDPR"),
            EEA,
            _LIKE_GDPR,
            marked("one month, two more where it is much (Art. 12(3))"),
            marked("the data protection authority where you live"),
            "Art. 13, 14",
            _GROUNDS_OF_GDPR,
        ),
        Law(
            marked("UK GDPR"),
            frozenset({"GB"}),
            _LIKE_GDPR,
            marked("one month, two more where it is much (Art. 12(3))"),
            marked("the Information Commissioner"),
            "Art. 13, 14",
            _GROUNDS_OF_GDPR,
        ),
        Law(
            marked("Swiss FADP"),
            frozenset({"CH"}),
            {
                "see": marked("Art. 25"),
                "correct": marked("Art. 32(1)"),
                "delete": marked("Art. 32(2)(c)"),
                "object": marked("Art. 30(2)(b)"),
                "take along": marked("Art. 28"),
                "complain": marked("Art. 49"),
            },
            marked("30 days (Art. 25(7))"),
            marked("the Federal Data Protection and Information Commissioner"),
            "Art. 19",
        ),
        Law(
            marked("CCPA"),
            frozenset({"US-CA"}),
            {
                "see": "Cal. Civ. Code 1798.110",
                "correct": "1798.106",
                "delete": "1798.105",
                "take along": "1798.130(a)(3)(B)",
                "opt out of sale": "1798.120",
                "complain": "1798.199.45",
            },
            marked("45 days, 45 more where it is needed (1798.130(a)(2)(A))"),
            marked("the California Privacy Protection Agency"),
            "1798.100, 1798.130",
            categories="1798.130(a)(5)",
        ),
    )
}
"""The laws that a policy can name."""


def of_place(country: str) -> str:
    """The law of a company's own country, if it is one of these."""
    return next((law.name for law in LAWS.values() if country in law.places), "")


def applying(named: Iterable[str], country: str) -> frozenset[str]:
    """The laws that a policy's company is under: those that it names, and that of its own country."""
    home = of_place(country)
    return frozenset({*named, home} if home else named)
