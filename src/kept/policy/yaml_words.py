"""What is wrong with a file that is not YAML, in words for whoever writes it. The parser speaks of tokens and nodes."""

import re
from typing import NamedTuple


class Said(NamedTuple):
    """What is wrong, and what to do."""

    what: str
    next_step: str


_BEFORE = "Check indentation, brackets and quotes just before this place."
_QUOTE = "Put the text into quotes."
_OTHER = Said("what stands here cannot follow what stands before it", _BEFORE)
_KNOWN: tuple[tuple[str, Said], ...] = (
    (
        r"mapping values are not allowed",
        Said(
            "a colon stands where no name may begin",
            "Put a sentence that holds a colon into quotes, or check how far the line is indented.",
        ),
    ),
    (r"found character '\\t'", Said("a tab stands here", "Indent with spaces; YAML allows no tabs there.")),
    (r"cannot start any token", Said("a text cannot begin with this sign without quotes", _QUOTE)),
    (
        r"expected <block end>",
        Said(
            "this line belongs to nothing above it: it is indented otherwise, or what is above has ended",
            _BEFORE,
        ),
    ),
    (
        r"expected ',' or",
        Said("a list or map in brackets is neither closed nor goes on with a comma", _BEFORE),
    ),
    (
        r"unexpected end of stream|found unexpected document",
        Said("a quote or bracket was opened and not closed", "Close it where its text ends."),
    ),
    (r"could not find expected ':'", Said("a name has no colon after it", "Write it as `name: value`.")),
    (r"expected the node content", Said("a value is missing here", _BEFORE)),
    (r"sequence entries are not allowed", Said("a dash begins a list where none may stand", _BEFORE)),
    (
        r"unacceptable character|special characters",
        Said("the file holds a character that text may not hold", "Write the line again by hand."),
    ),
)


def in_words(problem: str) -> Said:
    """The parser's problem in words; one that is not known is told as what it comes to."""
    return next((said for pattern, said in _KNOWN if re.search(pattern, problem)), _OTHER)
