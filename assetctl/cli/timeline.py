"""A history for reading: a page that needs no server, and a PDF to be printed and signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from assetctl.cli.output import Table, Words, clean
from assetctl.i18n import N_

_SHARES = (3, 17, 12, 34, 14, 12, 8)
_STYLE = (
    "body{font:14px/1.5 sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#222}"
    "h1{font-size:1.4em}p{margin:.2em 0}"
    "table{border-collapse:collapse;width:100%;margin-top:1em}"
    "th,td{border:1px solid #bbb;padding:.3em .5em;text-align:left;vertical-align:top}"
    "th{background:#eee}@media print{body{margin:0;max-width:none}}"
)


def html(table: Table, above: Sequence[str], words: Words) -> bytes:
    """Return a page that shows a table; it loads nothing and runs nothing."""
    head = "".join(f"<th>{_text(one)}</th>" for one in table.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    lines = "".join(f"<p>{_text(one)}</p>" for one in above)
    language = "zh-CN" if words.language == "zh" else "en"
    page = (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        f"<title>{_text(table.title or '')}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{_text(table.title or '')}</h1>{lines}<table><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></body></html>"
    )
    return page.encode("utf-8", "replace")


def pdf(
    table: Table, above: Sequence[str], words: Words, *, font: Path, created: datetime
) -> bytes:  # fmt: skip
    """Return the same as A4 pages.

    Raises:
        GlyphMissingError: the font lacks a character.
    """
    from labels.font import face
    from labels.report import Column, report_pdf

    columns = [
        Column(heading=heading, share=share)
        for heading, share in zip(table.columns, _SHARES, strict=True)
    ]
    rows = [[clean(cell, keep="\n") for cell in row] for row in table.rows]
    foot = words.say(N_("Page {page} of {pages}"), page="{page}", pages="{pages}")
    return report_pdf(
        table.title or "", above, columns, rows, typeface=face(font), page_text=foot,
        created=created,
    )  # fmt: skip


def _text(text: str) -> str:
    return escape(clean(text, keep="\n")).replace("\n", "<br>")
