"""As much of JSON Schema (draft 2020-12) as the policy's schema uses; a keyword that is not known here is a fault."""

import re
from collections.abc import Iterator
from typing import Any

from kept.policy.nodes import Map, Node, Seq, Text, read_yaml
from kept.policy.problems import Problems

SAYING = {"$schema", "title", "description"}
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def read(text: str) -> Any:
    """A policy's text as an editor sees it: maps, lists, texts, numbers and nothing (YAML 1.2, core schema)."""
    root = read_yaml(text, Problems("any"))
    assert root is not None
    return _plain(root)


def _plain(node: Node) -> Any:
    if isinstance(node, Map):
        return {key: _plain(one) for key, one in node.nodes.items()}
    if isinstance(node, Seq):
        return [_plain(one) for one in node.nodes]
    return _scalar(node)


def _scalar(node: Text) -> Any:
    if node.quoted:
        return node.text
    if node.empty:
        return None
    if re.fullmatch(r"[-+]?[0-9]+", node.text):
        return int(node.text)
    if re.fullmatch(r"[-+]?[0-9]+\.[0-9]*", node.text):
        return float(node.text)
    return {"true": True, "false": False}.get(node.text, node.text)


def faults(schema: Any, value: Any, at: str = "") -> list[str]:
    """Where a value breaks the schema; nothing when it fits."""
    if schema is True:
        return []
    found: list[str] = []
    for keyword, rule in schema.items():
        if keyword not in SAYING | {"then", "else", "patternProperties", "additionalProperties"}:
            found += _KEYWORDS[keyword](rule, value, at)
    if "if" in schema:
        branch = "else" if faults(schema["if"], value) else "then"
        found += faults(schema[branch], value, at)
    if isinstance(value, dict):
        found += _members(schema, value, at)
    return found


def _type(rule: Any, value: Any, at: str) -> list[str]:
    names = [rule] if isinstance(rule, str) else rule
    fits = any(
        isinstance(value, TYPES[name]) and (name == "boolean") == isinstance(value, bool) for name in names
    )
    return [] if fits else [f"{at}: no {names}"]


def _any_of(rule: Any, value: Any, at: str) -> list[str]:
    return [] if any(not faults(one, value, at) for one in rule) else [f"{at}: fits none"]


def _properties(rule: Any, value: Any, at: str) -> list[str]:
    if not isinstance(value, dict):
        return []
    return [one for key in rule if key in value for one in faults(rule[key], value[key], f"{at}.{key}")]


def _members(schema: Any, value: dict[str, Any], at: str) -> Iterator[str]:
    patterns, known = schema.get("patternProperties", {}), schema.get("properties", {})
    for key, inner in value.items():
        matching = [one for pattern, one in patterns.items() if re.search(pattern, key)]
        rest = schema.get("additionalProperties", True)
        if key in known:
            matching = [*matching]
        elif not matching:
            matching = [] if rest is True else [rest] if rest else []
            if rest is False:
                yield f"{at}.{key}: not allowed"
        for one in matching:
            yield from faults(one, inner, f"{at}.{key}")


_KEYWORDS: dict[str, Any] = {
    "type": _type,
    "anyOf": _any_of,
    "properties": _properties,
    "if": lambda rule, value, at: [],
    "enum": lambda rule, value, at: [] if value in rule else [f"{at}: not of {rule}"],
    "pattern": lambda rule, value, at: (
        [f"{at}: no {rule}"] if isinstance(value, str) and not re.search(rule, value) else []
    ),
    "minLength": lambda rule, value, at: (
        [f"{at}: too short"] if isinstance(value, str) and len(value) < rule else []
    ),
    "minItems": lambda rule, value, at: (
        [f"{at}: too few"] if isinstance(value, list) and len(value) < rule else []
    ),
    "minimum": lambda rule, value, at: [f"{at}: too low"] if isinstance(value, int) and value < rule else [],
    "maximum": lambda rule, value, at: [f"{at}: too high"] if isinstance(value, int) and value > rule else [],
    "required": lambda rule, value, at: (
        [f"{at}: no {key}" for key in rule if key not in value] if isinstance(value, dict) else []
    ),
    "items": lambda rule, value, at: (
        [one for inner in value for one in faults(rule, inner, at)] if isinstance(value, list) else []
    ),
}
