"""Compiles a checked draft into plain facts, worked out for every cell."""

from collections.abc import Iterable, Mapping

from kept.base.errors import BadInput
from kept.policy.bits import assign_bits
from kept.policy.canonical import fingerprinted
from kept.policy.cells import OLDEST, Possible, all_cells, union
from kept.policy.compiled import (
    Audience,
    CellMasks,
    Choice,
    Company,
    CompiledPolicy,
    Cookie,
    Duty,
    Event,
    Form,
    Group,
    Item,
    Moment,
    NoticeFor,
    Purpose,
    Retention,
)
from kept.policy.draft import Draft, Entry
from kept.policy.grammar import (
    ABOUT,
    AGE,
    ASSESSMENT,
    AT,
    AT_LEAST,
    AUTHORISATION,
    BACKUPS,
    BACKUPS_OF_KEYS,
    BALANCE,
    BY,
    CALLED,
    CATEGORY,
    CONDITION,
    CONTACT,
    COOKIE_FOR,
    COUNT_IN,
    COUNT_NOT_IN,
    COUNTRY,
    DERIVED_FROM,
    FORM,
    FROM,
    HIDDEN_FROM,
    HOLD_RULE,
    HOLDS,
    IDENTIFIES,
    IS,
    KEEP,
    LANGUAGES,
    LASTS,
    LIVES_IN,
    LOOKS_BACK,
    MADE_FOR,
    NAME_OF_COMPANY,
    NOTICE_FOR,
    NOTICE_LANGUAGE,
    OFFICER,
    ON_DEMAND,
    ONLY_FOR,
    PARTS,
    POWERS,
    READING_AGE,
    REDUCED_TO,
    REPRESENTATIVE,
    REQUIRED,
    SAYS,
    SCREENED_FOR,
    SET_BY,
    SITE,
    SPECIAL,
    STRICTLY_NECESSARY,
    TYPE,
    UNKNOWN_AGE,
    UNKNOWN_RESIDENCE,
    USES,
    WHEN,
    WITH,
    WITHOUT_IT,
)
from kept.policy.nodes import Text
from kept.policy.places import COUNTRIES, opened
from kept.policy.selections import Selected, Selections
from kept.policy.terms import ceilings_in, terms_in
from kept.policy.times import Span
from kept.policy.values import Ref, Timed, ages


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
            next_step="Mend what is listed; `kept policy check` lists it again.",
        )


def audiences_of(draft: Draft) -> dict[str, Audience]:
    """The audiences, with groups of countries opened."""
    return {
        name: Audience(name, opened(entry.want(LIVES_IN, ())), entry.get(AGE), names(entry.get(IS)))
        for name, entry in draft.section("audiences").items()
    }


def presumed(draft: Draft) -> dict[str, tuple[str, ...]]:
    """What `if unknown` presumes: `residence` codes, `age` from and to; without a word of it, any."""
    if draft.if_unknown is None:
        return {}
    found = {}
    places = draft.if_unknown.want(UNKNOWN_RESIDENCE, ("any",))
    if "any" not in places:
        found["residence"] = opened(places)
    age = draft.if_unknown.want(UNKNOWN_AGE, "any")
    if age != "any" and (span := _presumed_ages(draft, age)) is not None:
        found["age"] = (str(span[0]), str(span[1]))
    return found


def _presumed_ages(draft: Draft, age: str) -> tuple[int, int] | None:
    if age in draft.section("audiences"):
        return draft.section("audiences")[age].get(AGE)
    low, high = ages(Text(draft.company.place, age, quoted=True, cut=False))
    return low, min(high, OLDEST)


def names(refs: Iterable[Ref] | None) -> tuple[str, ...]:
    """The names of references, sorted: their order has no meaning."""
    return tuple(sorted({ref.name for ref in refs or ()}))


def title(entry: Entry) -> str:
    """What the entry is called, or its name as words."""
    return entry.own(CALLED) or entry.name.replace("_", " ").capitalize()


class _Compiling:
    def __init__(self, draft: Draft, bits: Mapping[str, int]) -> None:
        self.draft = draft
        self.selections = Selections(draft)
        self.audiences = audiences_of(draft)
        self.if_unknown = presumed(draft)
        self.cells: tuple[Possible, ...] = all_cells(self.audiences, self.if_unknown)
        self.bits = assign_bits(bits, draft.section("purposes"))
        self.uses = {
            name: self.selections.open(entry.want(USES, ()))
            for name, entry in draft.section("purposes").items()
        }

    def policy(self) -> CompiledPolicy:
        purposes = {name: self._purpose(entry) for name, entry in self.draft.section("purposes").items()}
        return fingerprinted(
            CompiledPolicy(
                version=self.draft.texts["version"],
                in_force=self.draft.texts["in force"],
                fingerprint="",
                canonical=b"",
                company=self._company(),
                purposes=purposes,
                groups=self._groups(purposes),
                items={name: self._item(entry) for name, entry in self.draft.section("data").items()},
                events={name: self._event(entry) for name, entry in self.draft.section("events").items()},
                cookies={name: self._cookie(entry) for name, entry in self.draft.section("cookies").items()},
                people={name: entry.own(SAYS) or "" for name, entry in self.draft.section("people").items()},
                audiences=self.audiences,
                cells=tuple(union(cell) for cell in self.cells),
                masks=tuple(_masks(purposes.values(), index) for index in range(len(self.cells))),
                on_demand=_mask(purpose.bit for purpose in purposes.values() if purpose.on_demand),
                counting_in=self._counting_in(),
                assumptions=tuple(sorted(self.draft.assumptions, key=lambda one: one.line)),
                possible=self.cells,
                if_unknown=self.if_unknown,
                moments={name: _moment(entry) for name, entry in self.draft.section("moments").items()},
                retention=self._retention(),
                notices={name: _notice(entry) for name, entry in self.draft.section("notices").items()},
            )
        )

    def _company(self) -> Company:
        entry = self.draft.company
        return Company(
            name=entry.want(NAME_OF_COMPANY, ""),
            site=entry.want(SITE, ""),
            contact=entry.want(CONTACT, ""),
            country=entry.want(COUNTRY, ""),
            languages=entry.want(LANGUAGES, ("en",)),
            representative=entry.want(REPRESENTATIVE, ""),
            officer=entry.want(OFFICER, ""),
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
            looks_back=_span(entry.get(LOOKS_BACK)),
            powers=", ".join(names(entry.get(POWERS))),
            without_it=entry.want(WITHOUT_IT, ""),
            balance=entry.want(BALANCE, ""),
            items=used.names,
            properties=used.properties,
            terms=tuple(terms_in(entry, cell) for cell in self.cells),
            assessment=entry.want(ASSESSMENT, ""),
            authorisation=entry.want(AUTHORISATION, {}),
        )

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

    def _item(self, entry: Entry) -> Item:
        return Item(
            name=entry.name,
            title=title(entry),
            says=entry.own(SAYS) or "",
            group=entry.group,
            category=entry.want(CATEGORY, ""),
            type=entry.want(TYPE, "text"),
            identifies=entry.want(IDENTIFIES, "directly"),
            about=names(entry.get(ABOUT)),
            sources=self._sources(entry),
            derived_from=self._derived_from(entry),
            reduced_to=entry.want(REDUCED_TO, ""),
            required=entry.want(REQUIRED, False),
            uses=self._users(entry.name),
            keep=self._keep(entry),
            special=entry.want(SPECIAL, ""),
            condition=entry.want(CONDITION, ""),
            duties=self._duties(entry),
            made_for=names(entry.get(MADE_FOR)),
            hidden_from=names(entry.get(HIDDEN_FROM)),
            screened_for=entry.want(SCREENED_FOR, ""),
        )

    def _event(self, entry: Entry) -> Event:
        types = entry.want(WITH, {})
        return Event(
            name=entry.name,
            title=title(entry),
            says=entry.own(SAYS) or "",
            group=entry.group,
            category=entry.want(CATEGORY, ""),
            identifies=entry.want(IDENTIFIES, "directly"),
            about=names(entry.get(ABOUT)),
            sources=self._sources(entry),
            uses=self._users(entry.name),
            properties=types,
            property_uses={name: self._property_users(entry.name, name) for name in types},
            keep=self._keep(entry),
            derived_from=self._derived_from(entry),
            reduced_to=entry.want(REDUCED_TO, ""),
            required=entry.want(REQUIRED, False),
            special=entry.want(SPECIAL, ""),
            condition=entry.want(CONDITION, ""),
            duties=self._duties(entry),
            made_for=names(entry.get(MADE_FOR)),
            hidden_from=names(entry.get(HIDDEN_FROM)),
            screened_for=entry.want(SCREENED_FOR, ""),
        )

    def _sources(self, entry: Entry) -> tuple[str, ...]:
        """Where it comes from; what is derived comes from nowhere else unless it says so itself."""
        if entry.own(DERIVED_FROM) is not None and entry.own(FROM) is None:
            return ()
        return names(entry.get(FROM))

    def _derived_from(self, entry: Entry) -> tuple[str, ...]:
        atoms = entry.get(DERIVED_FROM)
        return _written(self.selections.open(atoms)) if atoms else ()

    def _keep(self, entry: Entry) -> tuple[tuple[Span, ...], ...]:
        return tuple(ceilings_in(self.draft, entry, cell) for cell in self.cells)

    def _duties(self, entry: Entry) -> tuple[str, ...]:
        keep = entry.get(KEEP)
        return names(keep.duties) if keep else ()

    def _users(self, name: str) -> int:
        return _mask(self.bits[purpose] for purpose, used in self.uses.items() if name in used.names)

    def _property_users(self, event: str, name: str) -> int:
        pair = (event, name)
        return _mask(self.bits[purpose] for purpose, used in self.uses.items() if pair in used.properties)

    def _cookie(self, entry: Entry) -> Cookie:
        return Cookie(
            name=entry.name,
            says=entry.own(SAYS) or "",
            purposes=_mask(self.bits[name] for name in names(entry.get(COOKIE_FOR))),
            lasts=_span(entry.get(LASTS)) or Span(0),
            holds=entry.want(HOLDS, ""),
            set_by=entry.want(SET_BY, "us"),
            strictly_necessary=entry.want(STRICTLY_NECESSARY, False),
        )

    def _counting_in(self) -> frozenset[str]:
        entry = self.draft.single.get("counting without cookies")
        if entry is None:
            return frozenset()
        where = entry.get(COUNT_IN)
        counted = frozenset(opened(where)) if where else COUNTRIES
        return counted - frozenset(opened(entry.want(COUNT_NOT_IN, ())))

    def _retention(self) -> Retention:
        entry = self.draft.retention
        if entry is None:
            return Retention()
        return Retention(
            duties={name: _duty(duty) for name, duty in self.draft.below_retention("duties").items()},
            holds=entry.want(HOLD_RULE, {}),
            backups=_span(entry.get(BACKUPS)),
            backups_of_keys=_span(entry.get(BACKUPS_OF_KEYS)),
        )


def _span(timed: Timed | None) -> Span | None:
    return timed.span if timed else None


def _written(selected: Selected) -> tuple[str, ...]:
    return tuple(sorted((*selected.names, *(f"{event}.{name}" for event, name in selected.properties))))


def _mask(bits: Iterable[int]) -> int:
    mask = 0
    for bit in bits:
        mask |= 1 << bit
    return mask


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


def _moment(entry: Entry) -> Moment:
    return Moment(entry.name, entry.own(SAYS) or "", entry.want(WHEN, ""))


def _duty(entry: Entry) -> Duty:
    least = _span(entry.get(AT_LEAST)) or Span(0)
    return Duty(entry.name, entry.own(SAYS) or "", least, entry.want(BY, ""), names(entry.get(ONLY_FOR)))


def _notice(entry: Entry) -> NoticeFor:
    return NoticeFor(
        name=entry.name,
        audiences=names(entry.get(NOTICE_FOR)),
        language=entry.want(NOTICE_LANGUAGE, "en"),
        reading_age=entry.want(READING_AGE, 12),
        at=entry.want(AT, "/privacy"),
        parts=entry.want(PARTS, ()),
    )
