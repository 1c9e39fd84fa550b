"""The notice as one HTML page that stands by itself: to file, to mail, to print. The site's own page is drawn live."""

from functools import cache
from html import escape
from importlib.resources import files

from kept.base.language import language_of
from kept.policy.notice_model import Notice, Section, Table


def notice_html(notice: Notice) -> str:
    """The notice as HTML, all three layers in the open, with a style of its own, without script."""
    say = language_of(notice.language)
    since = say(
        "Version {version}, in force since {day}.", version=notice.version, day=say.day(notice.in_force)
    )
    record = say("Record {fingerprint}.", fingerprint=f"<code>{escape(notice.fingerprint)}</code>")
    head = [
        "<!doctype html>",
        f'<html lang="{escape(notice.language)}">',
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>{escape(notice.title)}</title>",
        f"<style>\n{_style()}</style></head>",
        "<body>",
        f"<h1>{escape(notice.title)}</h1>",
        f"<p>{escape(since)} {record}</p>",
    ]
    if notice.audience:
        whom = say("For people {audience}.", audience=notice.audience)
        head.append(f"<p>{escape(whom)}</p>")
    parts = [line for section in notice.sections for line in _section(section)]
    return "\n".join([*head, *parts, "</body>", "</html>"]) + "\n"


@cache
def _style() -> str:
    return (files("kept.policy") / "notice.css").read_text(encoding="utf-8")


def _section(section: Section) -> list[str]:
    return [
        f'<section id="{escape(section.slug)}">',
        f"<h2>{section.mark} {escape(section.title)}</h2>",
        f"<p><strong>{escape(section.short)}</strong></p>",
        *(f"<p>{escape(paragraph)}</p>" for paragraph in section.paragraphs),
        *(line for table in section.tables for line in _table(table)),
        "</section>",
    ]


def _table(table: Table) -> list[str]:
    headers = "".join(f'<th scope="col">{escape(header)}</th>' for header in table.headers)
    rows = (_row(table.headers, row) for row in table.rows)
    return [
        f"<table><caption>{escape(table.caption)}</caption>",
        f"<thead><tr>{headers}</tr></thead><tbody>",
        *rows,
        "</tbody></table>",
    ]


def _row(headers: tuple[str, ...], cells: tuple[str, ...]) -> str:
    """A row; each cell also says what it is of, for screens too narrow for columns."""
    others = zip(headers[1:], cells[1:], strict=True)
    told = "".join(f'<td data-of="{escape(of)}">{escape(cell)}</td>' for of, cell in others)
    return f'<tr><th scope="row">{escape(cells[0])}</th>{told}</tr>'
