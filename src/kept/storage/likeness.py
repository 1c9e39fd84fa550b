"""Which texts are alike in their words: BM25 by SQLite's own full-text index (FTS5), in memory.

The index is of things on offer; what is asked about stands nowhere. It needs nothing beside SQLite.
"""

import re
import sqlite3
from collections.abc import Sequence
from functools import lru_cache

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 64


class Likeness:
    """Texts by their place in a list. Not for several threads at once."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        self._index.execute(
            "create virtual table thing using fts5(words, tokenize = 'unicode61 remove_diacritics 2')"
        )
        self._index.executemany("insert into thing (rowid, words) values (?, ?)", enumerate(texts))
        self.like = lru_cache(maxsize=4_096)(self._like)

    def _like(self, text: str, most: int) -> tuple[tuple[int, float], ...]:
        """The places of the texts most like this one, each with its share of the best score (0 to 1)."""
        words = dict.fromkeys(WORD.findall(text.lower()))
        if not words:
            return ()
        asked = " OR ".join(f'"{word}"' for word in list(words)[:MOST_WORDS])
        found = self._index.execute(
            "select rowid, -bm25(thing) from thing where thing match ? order by rank limit ?", (asked, most)
        ).fetchall()
        best = max((score for _, score in found), default=0.0)
        return tuple((place, score / best) for place, score in found if best > 0)

    def close(self) -> None:
        """Forget it all."""
        self._index.close()
