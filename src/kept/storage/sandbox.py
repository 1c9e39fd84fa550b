"""Judging a statement before it runs: by DuckDB's own parser, so that what is judged is what runs.

The parsed tree is walked whole, whatever its keys are called. A node of a kind that is not listed here, a
relation that is neither a view of the purpose nor a common table expression in scope, a function or a type
that is not on the lists: refused. DuckDB has no grants, and the files of a view can be read around it; this
check stands before the engine, and the engine's own locks (`query_worker`) behind it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from kept.base.nearest import nearest
from kept.storage import sandbox_words as words
from kept.storage.query_words import No, Public, Refused

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LONGEST = 20_000  # characters
DEEPEST = 200  # nested nodes of the parsed tree
MOST_MADE = 1_000_000  # rows out of nothing
WORDS_BEFORE = 5  # of what cannot be read

Node = dict[str, Any]
Scope = frozenset[str]

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")

QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE"})
RELATIONS = frozenset({"EMPTY", "BASE_TABLE", "SUBQUERY", "JOIN", "EXPRESSION_LIST", "TABLE_FUNCTION"})
MODIFIERS = frozenset({"DISTINCT_MODIFIER", "ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER"})
ORDERS = frozenset({"ORDER_DEFAULT", "ASCENDING", "DESCENDING"})
BARE = QUERIES | RELATIONS | MODIFIERS | ORDERS
CLASSES = words.words(
    "CAST COLUMN_REF TYPE CONSTANT WINDOW STAR FUNCTION COMPARISON CONJUNCTION BETWEEN CASE OPERATOR SUBQUERY"
    " LAMBDA LAMBDA_REF POSITIONAL_REFERENCE"
)


class _Found(Exception):
    """Ends the walk with its first finding."""

    def __init__(self, why: No, name: str = "", near: str = "") -> None:
        super().__init__(why)
        self.refused = Refused(why, name[: words.SIZES_OF_A_NAME], near)


def judge(connection: "DuckDBPyConnection", sql: str, public: Public) -> Refused | None:
    """None when the statement may run on views that are named in `public`."""
    if len(sql) > LONGEST:
        return Refused(No.TOO_LONG)
    try:
        tree = _parse(connection, sql)
        _Walk({name.lower(): columns for name, columns in public.items()}).query(tree, frozenset(), 0)
    except _Found as found:
        return found.refused
    except RecursionError:
        return Refused(No.TOO_LONG)
    return None


def unknown_column(connection: "DuckDBPyConnection", sql: str, public: Public) -> Refused:
    """The finding for a judged statement that the engine could not bind: which column does not exist.

    The engine's own text names candidates, and more; so the columns are looked up here, in the tree.
    """
    there = {column.lower() for columns in public.values() for column in columns} | {
        n.lower() for n in public
    }
    tree = _parse(connection, sql)
    for node in _nodes(tree):
        there |= {str(text).lower() for text in _named_here(node)}
    named = {str(node.get("table_name", "")).lower() for node in _nodes(tree)}
    tables = {name: columns for name, columns in public.items() if name.lower() in named}
    for node in _nodes(tree):
        for name in node["column_names"][-1:] if node.get("class") == "COLUMN_REF" else ():
            if name.lower() not in there:
                cut = name[: words.SIZES_OF_A_NAME]
                return Refused(No.NO_SUCH_COLUMN, cut, nearest(name, there), tables)
    return Refused(No.MEANS_NOTHING)


def _named_here(node: Node) -> Iterator[str]:
    """Names that the statement itself gives."""
    yield node.get("alias") or ""
    for key in ("column_name_alias", "aliases", "expected_names"):
        yield from node.get(key) or ()
    yield node.get("key") or "" if isinstance(node.get("key"), str) else ""
    if node.get("class") == "LAMBDA":
        yield from (name for part in _nodes(node["lhs"]) for name in part.get("column_names", ()))


def _parse(connection: "DuckDBPyConnection", sql: str) -> Node:
    found = connection.execute("select json_serialize_sql(?::varchar)", [sql]).fetchone()
    tree = msgspec.json.decode(found[0] if found else b"{}")
    if tree.get("error", True):
        if tree.get("error_type") == "not implemented":
            raise _Found(No.NOT_SELECT)
        raise _Found(No.NOT_READABLE, _up_to(sql, tree.get("position")))
    if len(tree["statements"]) != 1:
        raise _Found(No.NOT_ONE if tree["statements"] else No.NOT_READABLE)
    statement: Node = tree["statements"][0]
    if statement.get("named_param_map"):
        raise _Found(No.NOT_POSSIBLE)
    return statement


def _up_to(sql: str, position: Any) -> str:
    """The words of the statement before the place, counted in bytes, where it could not be read any further."""
    if not (isinstance(position, str) and position.isdecimal()):
        return ""
    read = sql.encode()[: int(position)].decode(errors="ignore")
    return " ".join(read.split()[-WORDS_BEFORE:])


def _nodes(part: Any) -> Iterator[Node]:
    waiting = [part]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield here
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)


class _Walk:
    """One walk over a tree. `scope` holds the common table expressions that a place can see."""

    def __init__(self, public: Mapping[str, list[str]]) -> None:
        self._public = public
        self._checks: Mapping[str, Callable[[Node], None]] = {
            "FUNCTION": self._function,
            "WINDOW": self._window,
            "TYPE": self._type,
            "COLUMN_REF": self._column,
            "STAR": self._star,
            "LAMBDA": self._lambda,
        }

    def query(self, part: Any, scope: Scope, depth: int) -> None:
        """Walk whatever this is: a node, a list of them, or a plain value."""
        if depth > DEEPEST:
            raise _Found(No.TOO_LONG)
        if isinstance(part, list):
            for each in part:
                self.query(each, scope, depth + 1)
        elif isinstance(part, dict):
            scope = self._scope(part, scope, depth)
            self._node(part, scope)
            for key, value in part.items():
                if key != "cte_map":
                    self.query(value, scope, depth + 1)

    def _scope(self, node: Node, scope: Scope, depth: int) -> Scope:
        """The scope inside a query: each common table expression sees those before it, not itself."""
        for entry in (node.get("cte_map") or {}).get("map", ()):
            name = _plain(entry["key"])
            seen = scope
            body = entry["value"]["query_node"]
            if body["type"] == "RECURSIVE_CTE_NODE":
                self._query_in_recursion(body, scope, name)
                seen = scope | {name}
            self.query(entry["value"], seen, depth + 1)
            scope |= {name}
        return scope

    def _query_in_recursion(self, body: Node, scope: Scope, name: str) -> None:
        """The first part of a recursion does not see the expression itself, only the second does."""
        if _plain(body["cte_name"]) != name:
            raise _Found(No.NOT_POSSIBLE)
        self.query(body["left"], scope, 0)

    def _node(self, node: Node, scope: Scope) -> None:
        kind, group = node.get("type"), node.get("class")
        if not isinstance(kind, str):
            if group is not None:
                raise _Found(No.NOT_POSSIBLE)
            return
        if group is None:
            self._bare(node, kind, scope)
        elif group not in CLASSES:
            raise _Found(No.NOT_POSSIBLE)
        elif group in self._checks:
            self._checks[group](node)

    def _bare(self, node: Node, kind: str, scope: Scope) -> None:
        if kind not in BARE or _tells_of_gaps(node.get("sample")):
            raise _Found(No.NOT_POSSIBLE)
        if kind == "BASE_TABLE":
            self._table(node, scope)
        if kind == "TABLE_FUNCTION":
            name = _own_name(node["function"], "function_name")
            if name not in words.TABLE_FUNCTIONS:
                raise _Found(No.NO_SUCH_FUNCTION, name)

    def _table(self, node: Node, scope: Scope) -> None:
        name = node["table_name"].lower()
        if (
            node["schema_name"]
            or node["catalog_name"]
            or node["qualified_name"]["path"] != [node["table_name"]]
        ):
            raise _Found(No.NO_SUCH_TABLE, ".".join(node["qualified_name"]["path"]))
        if name not in scope and name not in self._public:  # enforces: sandbox-tables
            raise _Found(No.NO_SUCH_TABLE, name, nearest(name, self._public))
        if node["at_clause"] is not None:
            raise _Found(No.NOT_POSSIBLE)

    def _function(self, node: Node) -> None:
        name = _own_name(node, "function_name")
        if name in words.LISTS_FROM_NOTHING:
            _bound(node)
        elif name not in words.FUNCTIONS:  # enforces: sandbox-functions
            raise _Found(No.NO_SUCH_FUNCTION, name, nearest(name, words.FUNCTIONS))
        if node["export_state"]:
            raise _Found(No.NOT_POSSIBLE)

    def _window(self, node: Node) -> None:
        name = _own_name(node, "function_name")
        if name not in words.WINDOWS and name not in words.AGGREGATES:
            raise _Found(No.NO_SUCH_FUNCTION, name, nearest(name, words.WINDOWS | words.AGGREGATES))

    def _type(self, node: Node) -> None:
        name = _own_name(node, "type_name")
        if name.upper() not in words.TYPES:
            raise _Found(No.NO_SUCH_TYPE, name)

    def _column(self, node: Node) -> None:
        names = node["column_names"]
        if len(names) == 1 and names[0].lower() in words.WORDS_FOR_THE_ENGINE:
            raise _Found(No.NO_SUCH_COLUMN, names[0])

    def _star(self, node: Node) -> None:
        if node["expr"] is not None:  # a pattern, or a lambda, over the names of columns
            raise _Found(No.NOT_POSSIBLE)

    def _lambda(self, node: Node) -> None:
        if node["syntax_type"] != "LAMBDA_KEYWORD":
            raise _Found(No.NOT_POSSIBLE)


def _own_name(node: Node, key: str) -> str:
    """The name in lower case; a name that points into a schema or catalog is none."""
    name: str = node[key]
    if node["schema"] or node["catalog"] or node["qualified_name"]["path"] != [name]:
        raise _Found(No.NO_SUCH_FUNCTION, ".".join(node["qualified_name"]["path"]))
    return name.lower()


def _plain(name: str) -> str:
    """The name of a common table expression. A name such as 'a.csv' would be a file where it is not in scope."""
    if not _PLAIN_NAME.fullmatch(name):
        raise _Found(No.NOT_POSSIBLE)
    return name.lower()


def _tells_of_gaps(sample: Node | None) -> bool:
    """Whether a sample is drawn by the engine's batches of rows: what it draws tells how many hidden rows lay between.

    A draw row by row (Bernoulli) does not.
    """
    return sample is not None and sample["method"] != "Bernoulli"  # enforces: sandbox-samples


def _bound(node: Node) -> None:
    """`range(1, 10)` and its like: whole literals, or times with a literal step, which the deadline bounds."""
    arguments = [argument["expression"] for argument in node["arguments"]]
    if arguments and all(map(_is_time, arguments)):
        return
    numbers = [_whole(argument) for argument in arguments]
    whole = [number for number in numbers if number is not None]
    bounds = {1: (0, *whole, 1), 2: (*whole, 1), 3: tuple(whole)}.get(len(whole))
    if len(whole) != len(numbers) or bounds is None or bounds[2] == 0:
        raise _Found(No.TOO_MANY_MADE)
    if abs(bounds[1] - bounds[0]) // abs(bounds[2]) > MOST_MADE:
        raise _Found(No.TOO_MANY_MADE)


def _is_time(node: Node) -> bool:
    """A literal date, time or interval: `date '2026-01-01'`, `interval 1 day`."""
    if node.get("class") == "FUNCTION" and node["function_name"] in words.INTERVALS:
        return all(_is_literal(argument["expression"]) for argument in node["arguments"])
    is_cast = node.get("class") == "CAST" and node["type_expr"].get("type_name", "").upper() in words.TIMES
    return is_cast and _is_literal(node["child"])


def _is_literal(node: Node) -> bool:
    """A constant, with functions and casts around it that take nothing else."""
    if node.get("class") == "CAST":
        return _is_literal(node["child"])
    if node.get("class") == "FUNCTION":
        return all(_is_literal(argument["expression"]) for argument in node["arguments"])
    return node.get("class") == "CONSTANT"


def _whole(node: Node) -> int | None:
    """The number of a whole literal, with its sign; None for anything else."""
    if node.get("class") == "FUNCTION" and node["function_name"] == "-" and len(node["arguments"]) == 1:
        inner = _whole(node["arguments"][0]["expression"])
        return None if inner is None else -inner
    literal = node.get("literal", {})
    return int(literal["text"]) if literal.get("kind") == "INTEGER" else None
