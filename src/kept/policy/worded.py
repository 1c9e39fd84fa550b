"""A policy in the words of one notice: what a notice says in its own way replaces titles and sentences, never facts."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from kept.policy.compiled import CompiledPolicy
from kept.policy.compiled_rest import Said
from kept.policy.notice_model import PARTS_OF, Section

Words = Mapping[str, Said]


def worded(policy: CompiledPolicy, words: Words) -> CompiledPolicy:
    """The policy with these words in the place of its own, wherever an entry of that name has any."""
    if not words:
        return policy
    named = {field.name: getattr(policy, field.name) for field in fields(policy)}
    changed: dict[str, Any] = {
        name: _all(entries, words) for name, entries in named.items() if isinstance(entries, Mapping)
    }
    return replace(policy, **changed)


def _all(entries: Mapping[str, Any], words: Words) -> dict[str, Any]:
    return {name: _one(entry, words[name]) if name in words else entry for name, entry in entries.items()}


def _one(entry: Any, said: Said) -> Any:
    if isinstance(entry, str):
        return said.says or entry
    if not is_dataclass(entry) or isinstance(entry, type):
        return entry
    own = {field.name for field in fields(entry)}
    new = {"title": said.called, "says": said.says, "without_it": said.without_it, "balance": said.balance}
    return replace(entry, **{name: text for name, text in new.items() if text and name in own})


def section_worded(section: Section, words: Words) -> Section:
    """A section of a notice under its own title and with its own first sentence. What is below it stays."""
    for part, slug in PARTS_OF.items():
        said = words.get(part.replace(" ", "_"))
        if slug == section.slug and said is not None:
            return replace(section, title=said.called or section.title, short=said.says or section.short)
    return section
