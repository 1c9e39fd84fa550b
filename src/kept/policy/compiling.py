"""Compiles a checked draft into plain facts, worked out for every cell."""

from collections.abc import Iterable, Iterator, Mapping

from kept.base.errors import BadInput
from kept.policy.bits import assign_bits
from kept.policy.canonical import fingerprinted
from kept.policy.cells import union
from kept.policy.compiled import CellMasks, Choice, CompiledPolicy, Form, Group, Purpose, Terms
from kept.policy.compiled_rest import Named
from kept.policy.compiling_held import HeldCompiling
from kept.policy.compiling_more import rest_of
from kept.policy.compiling_rest import (
    company_of,
    cookie_of,
    counting_in,
    moment_of,
    published,
    retention_of,
    span,
    title,
)
from kept.policy.draft import Draft, Entry
from kept.policy.grammar import (
    ASSESSMENT,
    AUTHORISATION,
    BALANCE,
    FORM,
    LOOKS_BACK,
    ON_DEMAND,
    POWERS,
    WITHOUT_IT,
)
from kept.policy.keys import SAYS
from kept.policy.opened import names, open_draft
from kept.policy.ruled import all_ruled_out, ruled_out
from kept.policy.selections import Selected
from kept.policy.terms import terms_in


def compile_policy(draft: Draft, bits: Mapping[str, int]) -> CompiledPolicy:
    """The policy as facts. `bits`: see `assign_bits`. BadInput, naming each error, if the draft has any."""
    require_clean(draft)
    return _Compiling(draft, bits).policy()


def require_clean(draft: Draft) -> None:
    """Raise BadInput, naming each error, if the draft has any."""
    if draft.errors:
        raise BadInput(
            f"This policy has {len(draft.errors)} error{'s' if len(draft.errors) > 1 else ''}.",
            where=draft.file,
            why="\n".join(str(problem) for problem in draft.errors),
            next_step="Mend what is listed; `kept policy check --strict` lists it again.",
        )


class _Compiling:
    def __init__(self, draft: Draft, bits: Mapping[str, int]) -> None:
        self.draft = draft
        self.opened = open_draft(draft)
        self.cells = self.opened.cells
        self.uses = self.opened.uses
        self.bits = assign_bits(bits, draft.section("purposes"))
        self.ruled_out = ruled_out(self.opened, self.bits)

    def policy(self) -> CompiledPolicy:
        purposes = {name: self._purpose(entry) for name, entry in self.draft.section("purposes").items()}
        held = HeldCompiling(self.opened, self.bits)
        return fingerprinted(
            CompiledPolicy(
                version=self.draft.texts["version"],
                in_force=self.draft.texts["in force"],
                fingerprint="",
                canonical=b"",
                company=company_of(self.draft),
                purposes=purposes,
                groups=self._groups(purposes),
                items={name: held.item(entry) for name, entry in self.draft.section("data").items()},
                events={name: held.event(entry) for name, entry in self.draft.section("events").items()},
                cookies={
                    name: cookie_of(entry, self.bits) for name, entry in self.draft.section("cookies").items()
                },
                audiences=self.opened.audiences,
                cells=tuple(union(cell) for cell in self.cells),
                masks=tuple(_masks(purposes.values(), index) for index in range(len(self.cells))),
                on_demand=sum(purpose.mask for purpose in purposes.values() if purpose.on_demand),
                counting_in=counting_in(self.draft),
                assumptions=tuple(sorted(self.draft.assumptions, key=lambda one: one.line)),
                possible=self.cells,
                if_unknown=self.opened.if_unknown,
                moments={name: moment_of(entry) for name, entry in self.draft.section("moments").items()},
                retention=retention_of(self.draft),
                notices={name: published(entry) for name, entry in self.draft.section("notices").items()},
                ruled_out=self.ruled_out,
                held_groups=self._held_groups(),
                **rest_of(self.opened),
            )
        )

    def _purpose(self, entry: Entry) -> Purpose:
        used = self.uses[entry.name]
        return Purpose(
            name=entry.name,
            bit=self.bits[entry.name],
            title=title(entry),
            says=entry.own(SAYS) or "",
            group=entry.group,
            form=Form(entry.want(FORM, "identified")),
            on_demand=entry.want(ON_DEMAND, False),
            looks_back=span(entry.get(LOOKS_BACK)),
            powers=", ".join(names(entry.get(POWERS))),
            without_it=entry.want(WITHOUT_IT, ""),
            balance=entry.want(BALANCE, ""),
            items=used.names,
            properties=used.properties,
            terms=tuple(self._terms(entry, used)),
            assessment=entry.want(ASSESSMENT, ""),
            authorisation=entry.want(AUTHORISATION, {}),
        )

    def _terms(self, entry: Entry, used: Selected) -> Iterator[Terms]:
        """The purpose's terms in each cell: never, where rules leave it nothing to use."""
        for cell, ruled in zip(self.cells, self.ruled_out, strict=True):
            terms = terms_in(entry, cell)
            closed = all_ruled_out(used, self.bits[entry.name], ruled)
            yield Terms(terms.basis, Choice.NEVER) if closed else terms

    def _held_groups(self) -> dict[str, Named]:
        return {
            name: Named(name=name, title=title(entry), says=entry.own(SAYS) or "")
            for section in ("data", "events")
            for name, entry in self.draft.groups.get(section, {}).items()
        }

    def _groups(self, purposes: Mapping[str, Purpose]) -> dict[str, Group]:
        found: dict[str, Group] = {}
        groups = self.draft.groups.get("purposes", {})
        for purpose in purposes.values():
            if purpose.group in found:
                continue
            members = tuple(one.name for one in purposes.values() if one.group == purpose.group)
            if (entry := groups.get(purpose.group)) is not None:
                found[entry.name] = Group(entry.name, title(entry), entry.own(SAYS) or "", members)
            else:
                found[purpose.name] = Group(purpose.name, purpose.title, purpose.says, members)
        return found


def _masks(purposes: Iterable[Purpose], cell: int) -> CellMasks:
    by_choice = dict.fromkeys(Choice, 0)
    for purpose in purposes:
        by_choice[purpose.terms[cell].choice] |= purpose.mask
    return CellMasks(
        free=by_choice[Choice.NONE],
        objection=by_choice[Choice.OBJECTION],
        opt_out=by_choice[Choice.OPT_OUT],
        opt_in=by_choice[Choice.OPT_IN],
        never=by_choice[Choice.NEVER],
    )
