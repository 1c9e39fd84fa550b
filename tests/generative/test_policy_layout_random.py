"""However a valid policy is written down, it is laid out in one way, and says the same with the same comments."""

import os
import random
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kept.policy.layout import laid_out
from tests.policies import Tree, compile_text, trees, written

few = settings(max_examples=2 * int(os.environ.get("KEPT_EXAMPLES", "25")), deadline=None)
REMARK = re.compile(r"remark \d+")


@few
@given(trees(), st.randoms(use_true_random=False))
def test_laying_out_keeps_meaning_and_comments_and_is_done_once(tree: Tree, chance: random.Random) -> None:
    text = _Messy(chance).file(tree)
    made = laid_out(text, "messy.yaml")
    assert compile_text(made).canonical == compile_text(written(tree)).canonical
    assert sorted(REMARK.findall(made)) == sorted(REMARK.findall(text))
    assert laid_out(made, "again.yaml") == made
    assert not re.search(r"[ \t]$|\n\n\n|\t", made, re.MULTILINE)


class _Messy:
    """Writes a tree with whatever indents, brackets, quotes, gaps and comments YAML allows."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.remarks = 0

    def file(self, tree: Tree) -> str:
        return self._gap("") + self._map(tree, "") + self._gap("") + self._gap("  ")

    def _map(self, tree: Tree, pad: str) -> str:
        deeper = pad + " " * self.chance.randint(1, 4)
        return "".join(
            f"{self._gap(pad)}{pad}{key}:{self._value(value, pad, deeper)}" for key, value in tree.items()
        )

    def _value(self, value: Any, pad: str, deeper: str) -> str:
        if isinstance(value, dict) and value and self.chance.random() < 0.8:
            return f"{self._remark()}\n{self._map(value, deeper)}"
        if isinstance(value, list) and self.chance.random() < 0.4:
            dashes = "".join(f"{self._gap(pad)}{pad} - {self._leaf(one)}{self._remark()}\n" for one in value)
            return f"{self._remark()}\n{dashes}"
        if isinstance(value, str) and value.endswith(".") and self.chance.random() < 0.3:
            lines = f"\n{deeper}".join(value.split(" "))
            return f" {self.chance.choice(['>', '|', '>-'])}{self._remark()}\n{deeper}{lines}\n"
        return f"  {self._flow(value, deeper)}{self._remark()}\n"

    def _flow(self, value: Any, deeper: str) -> str:
        if isinstance(value, dict):
            return self._bracketed(
                [f"{key}: {self._flow(one, deeper)}" for key, one in value.items()], "{}", deeper
            )
        if isinstance(value, list):
            return self._bracketed([self._leaf(one) for one in value], "[]", deeper)
        return self._leaf(value)

    def _bracketed(self, parts: list[str], marks: str, deeper: str) -> str:
        joint = self.chance.choice([",", ", ", f",\n{deeper}"])
        if "\n" in joint and self.chance.random() < 0.5:
            joint = f",{self._always()}\n{deeper}"
        return f"{marks[0]} {joint.join(parts)} {marks[1]}" if parts else marks

    def _leaf(self, value: Any) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        text = str(value)
        plain = re.fullmatch(r"[A-Za-z][\w ./@+-]*", text)
        quotes = ['"{}"', "'{}'"] if "'" not in text else ['"{}"']
        return self.chance.choice([*quotes, "{}", "{}"] if plain and text != "three" else quotes).format(text)

    def _gap(self, pad: str) -> str:
        return self.chance.choice(
            ["", "", "", "\n", "\n\n\n", f"{pad}{self._always().strip()}\n", f"\n{pad}#\n"]
        )

    def _remark(self) -> str:
        return self._always() if self.chance.random() < 0.2 else ""

    def _always(self) -> str:
        self.remarks += 1
        return (
            f"{' ' * self.chance.randint(1, 9)}{self.chance.choice(['# ', '#', '## '])}remark {self.remarks}"
        )
