"""Walks the tree along the grammar and makes a draft. Whatever is wrong is noted once and then read as meant:
a misspelt key counts as the one it resembles, so that one typo is one error."""

from collections.abc import Iterator

from kept.base.nearest import nearest
from kept.policy.compiled import Assumption
from kept.policy.draft import Draft, Entry
from kept.policy.grammar import SECTIONS, UNKNOWN
from kept.policy.keys import SAYS, Key, Section, Shape
from kept.policy.nodes import Map, Node, Seq, Text
from kept.policy.problems import Place, Problems, listed
from kept.policy.values import NAME, RESERVED, bad_name
from kept.policy.words import Bad, text


def read_draft(root: Map, problems: Problems) -> Draft:
    """The words of the file, with what is wrong noted in `problems`."""
    return _Reading(root, problems).draft()


class _Reading:
    def __init__(self, root: Map, problems: Problems) -> None:
        self.root = root
        self.problems = problems
        self.made = Draft(problems.file, Entry("company", root.place))

    def draft(self) -> Draft:
        for name, node, at in self._sections():
            self.made.places[name] = at
            self._section(name, SECTIONS[name], node, at)
        if "assumed" in self.root.nodes:
            self._assumed(self.root.nodes["assumed"], self.root, "")
        for name, section in SECTIONS.items():
            if section.required and name not in self.made.places:
                self._missing_section(name)
        self.made.company = self.made.single.get("company", self.made.company)
        return self.made

    def _sections(self) -> Iterator[tuple[str, Node, Place]]:
        for name, at in self.root.keys.items():
            if name == "assumed":
                continue
            if name in SECTIONS:
                yield name, self.root.nodes[name], at
            else:
                meant = self._unknown_section(name, at)
                if meant in SECTIONS and meant not in self.root.keys:
                    yield meant, self.root.nodes[name], at

    def _unknown_section(self, name: str, at: Place) -> str:
        like = nearest(name, SECTIONS)
        self.problems.error(
            "F03",
            at,
            f"There is no section `{name}`.",
            found=name,
            valid=listed(SECTIONS, most=40),
            nearest=like,
        )
        return like

    def _missing_section(self, name: str) -> None:
        self.problems.error(
            "F08",
            Place(1, 1, name),
            f"The section `{name}` is missing.",
            next_step=f"Add `{name}:` to the file.",
        )

    def _section(self, name: str, section: Section, node: Node, at: Place) -> None:
        if section.kind == "text":
            entry = Entry(name, at)
            self._value(entry, Key[str](name, section.read), node, at)
            self.made.texts[name] = str(entry.values.get(name, ""))
        elif section.kind == "entry":
            self.made.single[name] = self._entry(name, node, at, section.shape)
        else:
            self.made.entries[name] = self._names(name, node, at, section.shape, section.also)

    def _names(
        self, section: str, node: Node, at: Place, shape: Shape, also: frozenset[str] = frozenset()
    ) -> dict[str, Entry]:
        if not isinstance(node, Map):
            self.made.doubtful.add(section)
            self._not_a_map(node, at, "A name with what is said of it")
            return {}
        found: dict[str, Entry] = {}
        for name, place in node.keys.items():
            if name == "assumed":
                self._assumed(node.nodes[name], node, at.path)
            elif section == "audiences" and name == "if unknown":
                self.made.if_unknown = self._entry(name, node.nodes[name], place, UNKNOWN)
            else:
                if name not in also:
                    self._check_name(section, name, place)
                for entry in self._named(section, name, node.nodes[name], place, shape):
                    found[entry.name] = entry
        return found

    def _named(self, section: str, name: str, node: Node, at: Place, shape: Shape) -> Iterator[Entry]:
        if not (shape.groups and isinstance(node, Map) and "items" in node.nodes):
            yield self._entry(name, node, at, shape)
            return
        group = self._entry(name, node, at, shape, required=False)
        group.members = []
        self.made.groups.setdefault(section, {})[name] = group
        for member in self._members(section, node, group, shape):
            group.members.append(member)
            yield member

    def _members(self, section: str, node: Map, group: Entry, shape: Shape) -> Iterator[Entry]:
        items, at = node.nodes["items"], node.keys["items"]
        if not isinstance(items, Map):
            self.made.doubtful.add(section)
            self._not_a_map(items, at, "A name with what is said of it")
            return
        for name, place in items.keys.items():
            self._check_name(section, name, place)
            yield self._entry(name, items.nodes[name], place, shape, parent=group)

    def _check_name(self, section: str, name: str, at: Place) -> None:
        if not NAME.fullmatch(name) or name in RESERVED:
            self.made.doubtful.add(section)
            self._note(bad_name(name, at), at)

    def _entry(
        self,
        name: str,
        node: Node,
        at: Place,
        shape: Shape,
        *,
        parent: Entry | None = None,
        required: bool = True,
    ) -> Entry:
        entry = Entry(name, at, parent, shape)
        if shape.worded and isinstance(node, Text) and not node.empty:
            self._value(entry, SAYS, node, at)
        elif isinstance(node, Map):
            for key, place in node.keys.items():
                self._key(entry, node, key, place, shape)
        elif not (isinstance(node, Text) and node.empty):
            self._not_a_map(node, at, "Keys, each with a value,")
            return entry
        if required:
            self._check_required(entry, shape)
        return entry

    def _check_required(self, entry: Entry, shape: Shape) -> None:
        for key in shape.keys:
            if key.missing and not entry.states(key):
                self.problems.error(
                    key.missing,
                    entry.place,
                    f"`{entry.name}` has no `{key.name}`.",
                    next_step=f"Add `{key.name}:` to it" + (" or to its group." if entry.parent else "."),
                )

    def _key(self, entry: Entry, node: Map, name: str, at: Place, shape: Shape) -> None:
        value = node.nodes[name]
        if name not in shape.names:
            meant = self._unknown_key(entry, node, name, at, shape)
            if not meant or meant in node.keys:
                return
            name = meant
            if (key := shape.key(name)) is not None:
                entry.broken.add(name)  # noted already: what it holds is read without a second word
                self._quietly(entry, key, value, at)
                return
        entry.places[name] = at
        self._known_key(entry, node, name, value, shape)

    def _known_key(self, entry: Entry, node: Map, name: str, value: Node, shape: Shape) -> None:
        key, at = shape.key(name), entry.places[name]
        if key is not None:
            self._value(entry, key, value, at)
        elif name == "assumed":
            self._assumed(value, node, entry.place.path)
        elif name == "for":
            self._audiences(entry, value, at, shape)
        elif name in shape.sections:
            entry.sections[name] = self._names(name, value, at, shape.sections[name])
        elif entry.parent is not None:
            self.problems.error(
                "F04",
                at,
                "A group stands in no other group.",
                next_step="Move it out; groups have one level.",
            )

    def _unknown_key(self, entry: Entry, node: Map, name: str, at: Place, shape: Shape) -> str:
        value = node.nodes[name]
        if isinstance(value, Text) and value.empty and value.place.line == node.place.line:
            self.problems.error(
                "F05",
                at,
                f"`{name}` stands alone.",
                why="Inside `{}` a comma ends a value, so a sentence with a comma falls apart.",
                next_step="Put the sentence into quotes, or on a line of its own without `{}`.",
            )
            return ""
        like = nearest(name, shape.names)
        self.problems.error(
            "F04",
            at,
            f"`{name}` is no key here.",
            found=name,
            valid=listed(shape.names, most=30),
            nearest=like,
        )
        return like

    def _value(self, entry: Entry, key: Key[object], node: Node, at: Place) -> None:
        entry.places[key.name] = at
        try:
            entry.values[key.name] = key.read(node)
        except Bad as bad:
            entry.broken.add(key.name)
            self._note(bad, at if isinstance(node, Map | Seq) or bad.code == "F05" else node.place)

    def _quietly(self, entry: Entry, key: Key[object], node: Node, at: Place) -> None:
        entry.places[key.name] = at
        try:
            entry.values[key.name] = key.read(node)
        except Bad:
            return

    def _note(self, bad: Bad, at: Place) -> None:
        for one in (bad, *bad.others):
            self.problems.error(one.code, one.place or at, one.what, **one.more)

    def _not_a_map(self, node: Node, at: Place, what: str) -> None:
        if isinstance(node, Text) and node.empty:
            self.problems.error(
                "F05", at, "Nothing stands here.", next_step="Write it out, or take the key out."
            )
        else:
            self.problems.error("F06", at, f"{what} is expected here.")

    def _audiences(self, entry: Entry, node: Node, at: Place, shape: Shape) -> None:
        if not isinstance(node, Map):
            self._not_a_map(node, at, "A map from an audience to what differs for it")
            return
        differing = Shape(tuple(key for key in shape.keys if key.differs), common=False)
        for audience, place in node.keys.items():
            entry.audiences[audience] = self._entry(
                audience, node.nodes[audience], place, differing, required=False
            )

    def _assumed(self, node: Node, about: Map, path: str) -> None:
        """`assumed` is a reason for the entry, or a map from keys that stand there to reasons."""
        if isinstance(node, Map):
            for key, place in node.keys.items():
                if key not in about.nodes:
                    self._assumed_nothing(key, place, about)
                self._assume(node.nodes[key], f"{path}.{key}" if path else key, place)
        else:
            self._assume(node, path, node.place)

    def _assumed_nothing(self, key: str, at: Place, about: Map) -> None:
        stated = [name for name in about.nodes if name != "assumed"]
        self.problems.error(
            "F04",
            at,
            f"`{key}` is assumed, but not stated here.",
            found=key,
            valid=listed(stated),
            nearest=nearest(key, stated),
        )

    def _assume(self, node: Node, path: str, at: Place) -> None:
        try:
            self.made.assumptions.append(Assumption(path, text(node), at.line))
        except Bad as bad:
            self._note(bad, at)
