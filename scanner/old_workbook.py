"""The cells of an Excel workbook of before 2007 (.xls), as many handhelds still export them.

The library that reads them is optional. It trusts what stands in a file, so whatever it stumbles
over is taken for damage.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scanner.workbook import Row, WorkbookError

MOST_BYTES = 64 << 20
"""The longest file that is read; 65,536 rows, more than which there cannot be, are less."""

_EXACT = 1 << 53


def old_workbook_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Yield the rows of the first sheet that holds a cell, numbered from 1, as their texts.

    Numbers come without a fraction that is zero; dates are numbers there. Empty rows are left out.

    Raises:
        WorkbookError: it is no workbook, damaged, locked, or larger than any list; or the part
            that reads it is not installed.
    """
    try:
        import xlrd
    except ImportError as error:
        reason = (
            "it is an old Excel workbook, and the part that reads it is missing: "
            "pip install 'assetctl[xls]'; or save it as .xlsx or as CSV"
        )
        raise WorkbookError(reason=reason) from error
    if path.stat().st_size > MOST_BYTES:
        raise WorkbookError(reason="it is larger than any list")
    try:
        yield from _rows(xlrd, path.read_bytes())
    except xlrd.XLRDError as error:
        raise WorkbookError(reason="it is locked with a password, or no workbook") from error
    except Exception as error:
        raise WorkbookError(reason="the workbook is damaged") from error


def _rows(xlrd: Any, data: bytes) -> Iterator[tuple[int, Row]]:
    # What it has to remark goes nowhere: it would go to standard output.
    with xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), on_demand=True) as book:
        for index in range(book.nsheets):
            sheet, some = book.sheet_by_index(index), False
            for number in range(sheet.nrows):
                row = {
                    column: text
                    for column, cell in enumerate(sheet.row(number))
                    if (text := _text(xlrd, cell))
                }
                if row:
                    some = True
                    yield number + 1, row
            if some:
                return


def _text(xlrd: Any, cell: Any) -> str:
    value = cell.value
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return str(value)
    if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        is_whole = abs(value) < _EXACT and value == int(value)
        return str(int(value)) if is_whole else repr(value)
    return str(value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else ""
