"""One layout for every policy file: `kept policy fmt`. Comments and the order of what is said stay as they are.

Two spaces a level; what stands in brackets stays there while it fits on its line and holds no comment; a text too
long for a line is folded; a blank line parts sections of more than one. What the file means is compared before and
after, so that a fault here can spoil no policy; of one that does not pass its check yet, every word in its place.
"""

import re
from collections.abc import Iterator
from textwrap import wrap

from kept.base.errors import BadInput
from kept.policy.layout_source import At, Comment, Laid, Source, read_source
from kept.policy.loading import load_policy, read_policy
from kept.policy.nodes import Map, Node, Text, read_yaml
from kept.policy.problems import Problems

WIDEST = 120
_BREAKS = re.compile("[\x85\u2028\u2029]")


def laid_out(text: str, file: str) -> str:
    """The file's text in the one layout. BadInput if it is no YAML that a policy may be written in."""
    text = text.removeprefix("\ufeff")
    before = _meaning(text, file)
    if _BREAKS.search(text):
        raise _left_alone(file, "It holds breaks of lines that only some programs see.")
    source = read_source(text)
    made = _Writing(source).written()
    after = read_source(made)
    if _meaning(made, file) != before or _words(after) != _words(source):
        raise _left_alone(file, "Laid out anew it would not say the same.")
    return made


def _meaning(text: str, file: str) -> object:
    """What no layout changes: the facts of a policy that passes its check, else the words and where they stand."""
    problems = Problems(file)
    root = read_yaml(text, problems)
    if root is None:
        raise _left_alone(file, "\n".join(str(problem) for problem in problems.found))
    return _tree(root) if read_policy(text, file).errors else load_policy(text, file).canonical


def _tree(node: Node) -> object:
    if isinstance(node, Text):
        return " ".join(node.text.split()), node.empty
    if isinstance(node, Map):
        return [(key, _tree(value)) for key, value in node.nodes.items()]
    return [_tree(value) for value in node.nodes]


def _left_alone(file: str, why: str) -> BadInput:
    return BadInput(
        "This file cannot be laid out.",
        where=file,
        why=why,
        next_step="It is left as it is; lay it out by hand, or report the fault with a file that shows it.",
    )


def _words(source: Source) -> list[str]:
    """Every word of every comment: two that come to stand on one line are one comment after that."""
    return sorted(word for one in source.comments for word in one.text.replace("#", " ").split())


class _Writing:
    """Writes the tree anew, taking comments along as it passes the places where they stood."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.comments = sorted(source.comments, key=lambda one: one.at)
        self.lines: list[str] = []
        self.opened = True  # nothing stands above: no blank line belongs there

    def written(self) -> str:
        self._map(self.source.root, 0)
        self._own_line(At(len(self.source.lines), 0), 0)
        return "\n".join(self.lines) + "\n"

    def _map(self, node: Laid, indent: int, first: str = "") -> None:
        """A map in lines of its own. `first`: the dash that its first line follows."""
        before: Laid | None = None
        for key, value in zip(node.keys, node.nodes, strict=True):
            large = before is not None and (self._is_large(before) or self._is_large(value))
            self._above(key.at, indent, parted=large and indent == 0)
            start = first or " " * indent
            self._entry(f"{start}{_scalar(key, flow=False)}:", key.at, value, indent)
            before, first = value, ""
        self._closing(node, indent)

    def _entry(self, start: str, at: At, value: Laid, indent: int) -> None:
        """What follows a key or a dash, on its line or below it."""
        inline = self._inline(value, len(start) + 1)
        if inline is not None:
            self._line(f"{start} {inline}".rstrip(), at, value)
        elif value.kind == "text":
            self._line(f"{start} >-", at, value)
            self.lines += [f"{' ' * (indent + 2)}{line}" for line in _folded(value, indent + 2)]
        else:
            self._line(start, at, None)
            self.opened = True
            self._block(value, indent + 2)

    def _block(self, value: Laid, indent: int) -> None:
        if value.kind == "map":
            self._map(value, indent)
        else:
            self._list(value, indent)

    def _list(self, node: Laid, indent: int) -> None:
        for value in node.nodes:
            self._above(value.at, indent)
            dash = f"{' ' * indent}-"
            if value.kind == "map" and self._inline(value, indent + 2) is None:
                self._map(value, indent + 2, first=f"{dash} ")
            else:
                self._entry(dash, value.at, value, indent)
        self._closing(node, indent)

    def _is_large(self, value: Laid) -> bool:
        """Whether a section has more than a line, as it stood or as it will stand."""
        if value.kind == "text":
            return False
        return value.at.line != value.end.line or self._inline(value, value.at.column) is None

    def _inline(self, value: Laid, column: int) -> str | None:
        """The value on one line; None if it must stand below."""
        if value.kind == "text":
            written = _scalar(value, flow=False)
            return None if column + len(written) > WIDEST and " " in written else written
        if not value.flow or any(value.at < one.at < value.end for one in self.source.comments):
            return None
        written = _flow(value)
        return written if column + len(written) <= WIDEST or not value.nodes else None

    def _line(self, text: str, at: At, value: Laid | None) -> None:
        self.opened = False
        self.lines.append(text)
        ends = {at.line} if value is None else {at.line, value.end.line}
        self._trailing([one for one in self.comments if one.trailing and one.at.line in ends])

    def _trailing(self, found: list[Comment]) -> None:
        for one in found:
            self.comments.remove(one)
            column = max(one.at.column, len(self.lines[-1]) + 2)
            self.lines[-1] = f"{self.lines[-1].ljust(column)}{_comment(one)}"

    def _above(self, at: At, indent: int, *, parted: bool = False) -> None:
        """What stands above a key: comments on lines of their own, and one blank line where there were any."""
        self._own_line(at, indent, parted=parted)
        if self._blank_above(at) and not self.opened:
            self._blank()

    def _own_line(self, before: At, indent: int, *, parted: bool = False) -> None:
        if parted:
            self._blank()
        for one in [one for one in self.comments if one.at < before]:
            self.comments.remove(one)
            if self._blank_above(one.at) and not self.opened:
                self._blank()
            self.lines.append(f"{' ' * indent}{_comment(one)}")
            self.opened = False

    def _closing(self, node: Laid, indent: int) -> None:
        """Comments below the last entry that stand as far in as it does."""
        if node.flow or not node.nodes:
            return
        following = self._next_after(node.end)
        column = min((one.at.column for one in node.keys), default=node.at.column)
        own = [one for one in self.comments if node.end < one.at < following and not one.trailing]
        inside = At(0, 0)
        for one in own:
            if one.at.column < max(column, 1):
                break
            inside = At(one.at.line + 1, 0)
        self._own_line(inside, indent)

    def _next_after(self, at: At) -> At:
        return next((one for one in self._starts() if one > at), At(len(self.source.lines), 0))

    def _starts(self) -> Iterator[At]:
        yield from _key_places(self.source.root)

    def _blank_above(self, at: At) -> bool:
        lines = self.source.lines
        return at.line > 0 and not lines[at.line - 1].strip() and not lines[at.line][: at.column].strip("- ")

    def _blank(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")


def _key_places(node: Laid) -> Iterator[At]:
    """Where keys and members begin, in the order of the file."""
    if node.kind == "map":
        for key, value in zip(node.keys, node.nodes, strict=True):
            yield key.at
            yield from _key_places(value)
    for value in node.nodes if node.kind == "list" else ():
        yield value.at
        yield from _key_places(value)


def _comment(one: Comment) -> str:
    return re.sub(r"^(#+)(?=\w)", r"\1 ", one.text)


def _flow(node: Laid) -> str:
    if node.kind == "text":
        return _scalar(node, flow=True)
    if node.kind == "list":
        return f"[{', '.join(map(_flow, node.nodes))}]"
    pairs = (
        f"{_scalar(key, flow=True)}: {_flow(value)}" for key, value in zip(node.keys, node.nodes, strict=True)
    )
    return f"{{{', '.join(pairs)}}}"


def _scalar(node: Laid, *, flow: bool) -> str:
    """A text on one line: bare where it was bare, else in double quotes, or in single ones if it holds those."""
    words = " ".join(node.text.split())
    if not node.style and not (flow and re.search(r"[\[\]{},]", words)):
        return words
    if '"' not in words and "\\" not in words:
        return f'"{words}"'
    return "'" + words.replace("'", "''") + "'"


def _folded(node: Laid, indent: int) -> list[str]:
    return wrap(" ".join(node.text.split()), WIDEST - indent, break_long_words=False, break_on_hyphens=False)
