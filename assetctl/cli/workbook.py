"""Reports as workbooks (XLSX), a sheet for each table, for those who work on with the figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from assetctl.acts.importing.plan import defused
from assetctl.cli.output import clean
from assetctl.cli.stocktake_sheets import Cell, Section
from assetctl.errors import PartMissingError
from assetctl.i18n import N_

_A4 = 9
_WIDTH = 0.55
"""Width of a column, in characters, for each millimetre that it has on paper."""
_FORMATS = {"text": "@", "code": "@", "count": "0", "money": "#,##0.00"}


def workbook(
    sections: Sequence[Section], facts: Sequence[tuple[str, str]], *, created: str,
    on_row: Callable[[], None] = lambda: None,
) -> bytes:  # fmt: skip
    """Return a workbook with a sheet for each table, above which the same facts stand.

    Numbers are numbers and amounts have two decimals; texts that a spreadsheet would run as a
    formula are defused. Rows are written as they come. `created` is the instant in its metadata.

    Raises:
        PartMissingError: the library that writes workbooks is not installed.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError as error:
        raise PartMissingError(
            part="xlsx", cost=N_("workbooks cannot be written"),
            mend="pip install 'assetctl[xlsx]'",
        ) from error  # fmt: skip
    out = BytesIO()
    with Workbook(out, {"constant_memory": True}) as book:
        book.set_properties({"created": datetime.fromisoformat(created).replace(tzinfo=None)})
        look = {sort: book.add_format({"num_format": text, "text_wrap": sort == "text"})
                for sort, text in _FORMATS.items()}  # fmt: skip
        look["strong"] = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        for section in sections:
            _sheet(book.add_worksheet(section.title), section, facts, look, on_row)
    return out.getvalue()


def _sheet(
    sheet: Any, section: Section, facts: Sequence[tuple[str, str]], look: dict[str, Any],
    on_row: Callable[[], None],
) -> None:  # fmt: skip
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    for nth, heading in enumerate(section.headings):
        sheet.set_column(nth, nth, heading.share * _WIDTH)
    _text(sheet, 0, 0, section.title, look["strong"])
    for nth, (name, value) in enumerate(facts, 1):
        _text(sheet, nth, 0, name)
        _text(sheet, nth, 2, value)
    top = len(facts) + 2
    for nth, heading in enumerate(section.headings):
        _text(sheet, top, nth, heading.text, look["strong"])
    sheet.freeze_panes(top + 1, 0)
    sheet.repeat_rows(top)
    looks = [look[heading.sort] for heading in section.headings]
    for at, row in enumerate(section.rows, top + 1):
        _row(sheet, at, row, looks)
        on_row()
    if section.total:
        _row(sheet, top + 1 + len(section.rows), section.total, looks)


def _row(sheet: Any, at: int, row: Sequence[Cell], looks: Sequence[Any]) -> None:
    for nth, (cell, look) in enumerate(zip(row, looks, strict=True)):
        if isinstance(cell, str):
            if cell:
                _text(sheet, at, nth, cell, look)
        elif isinstance(cell, int | Decimal):
            sheet.write_number(at, nth, cell, look)


def _text(sheet: Any, row: int, column: int, text: str, look: Any = None) -> None:
    sheet.write_string(row, column, defused(clean(text)), look)
