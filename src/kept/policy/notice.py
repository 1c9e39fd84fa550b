"""The notice that a policy makes (promise M2): generated, so that it says what is done and nothing else."""

from dataclasses import replace

from kept.base.language import Language, language_of
from kept.policy.compiled import CompiledPolicy
from kept.policy.notice_categories import by_category
from kept.policy.notice_held import how_long, what
from kept.policy.notice_model import NUMBERS, Notice, Section, Table
from kept.policy.notice_more import changes, from_outside, given, jointly, links, of_entries, rights
from kept.policy.notice_parts import assumed, cookies, where, who
from kept.policy.notice_why import why
from kept.policy.wording import audience_words

__all__ = ["NUMBERS", "Notice", "Section", "Table", "notice_markdown", "notice_of"]


def notice_of(policy: CompiledPolicy, cell: int | None = None, language: str = "") -> Notice:
    """The notice for everyone, or for people in one cell (see `CompiledPolicy.cell_of`).

    `language`: in which Kept says its own part; the company's first, if left out. English where Kept has no words
    in it, which `Notice.language` then says.

    For everyone, what holds where no audience differs stands in the tables, and the differences in §7.
    """
    say = language_of(language or policy.company.languages[0])
    more = of_entries(policy, say)
    every = (
        _with(who(policy, say), jointly(policy, say)),
        _with(what(policy, say, cell), (*by_category(policy, say), *from_outside(policy, say))),
        why(policy, say, cell),
        cookies(policy, say),
        given(policy, say),
        how_long(policy, say, cell),
        where(policy, say),
        rights(policy, say, cell),
        changes(policy, say),
        *(more.get(slug) for slug in ("children", "services", "decisions", "figures")),
        links(policy, say),
        *(more.get(slug) for slug in ("protect", "messages", "never", "clients")),
        assumed(policy, say),
    )
    return Notice(
        company=policy.company.name,
        title=say("What {company} does with your data, and why", company=policy.company.name),
        version=policy.version,
        in_force=policy.in_force,
        fingerprint=policy.fingerprint,
        language=say.tag,
        audience=_audience(policy, say, cell),
        sections=tuple(section for section in every if section is not None),
    )


def _with(section: Section, tables: tuple[Table, ...]) -> Section:
    return replace(section, tables=(*section.tables, *tables))


def _audience(policy: CompiledPolicy, say: Language, cell: int | None) -> str:
    if cell is None:
        return ""
    sure = frozenset.intersection(*policy.possible[cell])
    perhaps = policy.cells[cell] - sure
    words = [say.listing(audience_words(policy.audiences[name], say) for name in sorted(sure))]
    if perhaps:
        maybe = say.either(audience_words(policy.audiences[name], say) for name in sorted(perhaps))
        words.append(say("perhaps {audience}", audience=maybe))
    return say.listing(words)


def notice_markdown(notice: Notice) -> str:
    """The notice as Markdown (CommonMark with tables), all three layers in the open."""
    say = language_of(notice.language)
    since = say(
        "Version {version}, in force since {day}.", version=notice.version, day=say.day(notice.in_force)
    )
    record = say("Record {fingerprint}.", fingerprint=f"`{notice.fingerprint}`")
    head = [f"# {_escaped(notice.title)}", "", f"{_escaped(since)} {record}"]
    if notice.audience:
        head += ["", _escaped(say("For people {audience}.", audience=notice.audience))]
    return "\n".join([*head, *(line for section in notice.sections for line in _section(section))]) + "\n"


def _section(section: Section) -> list[str]:
    lines = ["", f"## {section.mark} {_escaped(section.title)}", "", f"**{_escaped(section.short)}**"]
    for paragraph in section.paragraphs:
        lines += ["", _escaped(paragraph)]
    for table in section.tables:
        lines += ["", *_table(table)]
    return lines


def _table(table: Table) -> list[str]:
    rule = tuple("---" for _header in table.headers)
    return [f"*{_escaped(table.caption)}*", "", *(_row(row) for row in (table.headers, rule, *table.rows))]


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(_escaped(cell) if cell != '---' else cell for cell in cells)} |"


def _escaped(text: str) -> str:
    """Text that Markdown takes as text: a policy's words never become markup."""
    marked = "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in text)
    return " ".join(marked.split())
