"""The notice that a policy makes (promise M2): generated, so that it says what is done and nothing else."""

from dataclasses import replace

from kept.policy.compiled import CompiledPolicy
from kept.policy.notice_held import how_long, what
from kept.policy.notice_model import NUMBERS, Notice, Section, Table
from kept.policy.notice_more import changes, from_outside, given, jointly, links, of_entries, rights
from kept.policy.notice_parts import assumed, cookies, where, who
from kept.policy.notice_why import why
from kept.policy.wording import audience_words, listing

__all__ = ["NUMBERS", "Notice", "Section", "Table", "notice_markdown", "notice_of"]


def notice_of(policy: CompiledPolicy, cell: int | None = None) -> Notice:
    """The notice for everyone, or for people in one cell (see `CompiledPolicy.cell_of`).

    For everyone, what holds where no audience differs stands in the tables, and the differences in §7.
    """
    more = of_entries(policy)
    every = (
        _with(who(policy), jointly(policy)),
        _with(what(policy, cell), from_outside(policy)),
        why(policy, cell),
        cookies(policy),
        given(policy),
        how_long(policy, cell),
        where(policy),
        rights(policy),
        changes(policy),
        *(more.get(slug) for slug in ("children", "services", "decisions", "figures")),
        links(policy),
        *(more.get(slug) for slug in ("protect", "messages", "never", "clients")),
        assumed(policy),
    )
    return Notice(
        company=policy.company.name,
        title=f"What {policy.company.name} does with your data, and why",
        version=policy.version,
        in_force=policy.in_force,
        fingerprint=policy.fingerprint,
        language=policy.company.languages[0],
        audience=_audience(policy, cell),
        sections=tuple(section for section in every if section is not None),
    )


def _with(section: Section, tables: tuple[Table, ...]) -> Section:
    return replace(section, tables=(*section.tables, *tables))


def _audience(policy: CompiledPolicy, cell: int | None) -> str:
    if cell is None:
        return ""
    sure = frozenset.intersection(*policy.possible[cell])
    perhaps = policy.cells[cell] - sure
    words = [listing(audience_words(policy.audiences[name]) for name in sorted(sure))]
    if perhaps:
        words.append(
            f"perhaps {listing((audience_words(policy.audiences[name]) for name in sorted(perhaps)), 'or')}"
        )
    return listing(words)


def notice_markdown(notice: Notice) -> str:
    """The notice as Markdown (CommonMark with tables), all three layers in the open."""
    head = [
        f"# {notice.title}",
        "",
        f"Version {_escaped(notice.version)}, in force since {notice.in_force}. "
        f"Record `{notice.fingerprint}`.",
    ]
    if notice.audience:
        head += ["", f"For people {notice.audience}."]
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
