"""Lists in Excel workbooks of before 2007, whole and damaged."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import old_workbook
from scanner.lists import ListFile
from scanner.radio_lists import RadioList
from scanner.reading import ColumnMissingError, ListUnreadableError, ReadsFaultyError

A, B = "5A10557AC011123456789AC1", "E28011700000020F1A2B3C4D"
CHIP = "E2801170200012345678ABCD"

Cell = str | float | bool | datetime | None


def book(sheets: Sequence[Sequence[Sequence[Cell]]]) -> bytes:
    """Return a workbook of some sheets, as a program of the time wrote it."""
    made, day = xlwt.Workbook(encoding="utf-8"), xlwt.easyxf(num_format_str="YYYY-MM-DD hh:mm:ss")
    for number, rows in enumerate(sheets):
        sheet = made.add_sheet(f"表{number}")
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    sheet.write(row, column, cell, day)
                elif cell is not None:
                    sheet.write(row, column, cell)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


LIST: list[list[Cell]] = [
    ["盘点清单"],
    ["序号", "标签号", "次数", "RSSI(dBm)", "读取时间", "天线", "TID"],
    [1, A, 12, -61.5, datetime(2026, 11, 30, 9, 0, 0), 1, CHIP],  # noqa: DTZ001  a cell has no zone
    [],
    [2, B.lower(), 1, -70, datetime(2026, 11, 30, 9, 0, 2), 2, None],  # noqa: DTZ001
]
WHOLE = book([[], LIST, [["另一表"]]])


def save(folder: Path, data: bytes) -> Path:
    path = folder / "reads.xls"
    path.write_bytes(data)
    return path


def test_what_a_handheld_exported_is_read(tmp_path: Path) -> None:
    found = list(RadioList(save(tmp_path, WHOLE)))
    assert [(epc, round(second, 3), *rest) for epc, second, *rest in found] == [
        (A, 0.0, -61.5, 1, 12, CHIP), (B, 2.0, -70.0, 2, 1, None),
    ]  # fmt: skip
    with ListFile(save(tmp_path, WHOLE)) as plain:
        assert [one.text for one in plain] == [A, B.lower()]


def test_cells_become_texts_as_in_newer_workbooks(tmp_path: Path) -> None:
    row: list[Cell] = [3.0, 2.5, True, False, " 台 ", "", None, 123456789012345.0]
    assert list(old_workbook.old_workbook_rows(save(tmp_path, book([[], [row]])))) == [
        (1, {0: "3", 1: "2.5", 2: "1", 3: "0", 4: " 台 ", 7: "123456789012345"})
    ]


def test_the_line_of_a_fault_is_named(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [*LIST[:4], [2, "no number", 1, -70, None, 2, None]]
    with pytest.raises(ReadsFaultyError, match="Line 5"):
        list(RadioList(save(tmp_path, book([rows]))))


def test_without_the_part_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlrd", None)
    with pytest.raises(ListUnreadableError, match=r"assetctl\[xls\]"):
        ListFile(save(tmp_path, WHOLE))


def test_what_holds_no_workbook_is_refused(tmp_path: Path) -> None:
    # A locked workbook, and documents of other programs, are such files with other streams.
    names = "Workbook".encode("utf-16-le"), "EncryptX".encode("utf-16-le")
    with pytest.raises(ListUnreadableError, match="locked with a password, or no workbook"):
        ListFile(save(tmp_path, WHOLE.replace(*names)))


def test_what_is_larger_than_any_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_workbook, "MOST_BYTES", len(WHOLE) - 1)
    with pytest.raises(ListUnreadableError, match="larger than any list"):
        ListFile(save(tmp_path, WHOLE))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(8, len(WHOLE)),
    st.lists(st.tuples(st.integers(8, len(WHOLE) - 1), st.integers(0, 255)), max_size=8),
)
def test_a_damaged_one_is_read_or_refused_and_nothing_else(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], end: int, bent: list[tuple[int, int]]
) -> None:
    data = bytearray(WHOLE)
    for at, byte in bent:
        data[at] = byte
    for damaged in (data, data[:end]):
        with (
            suppress(ListUnreadableError, ColumnMissingError),
            ListFile(save(tmp_path, bytes(damaged))) as found,
        ):
            list(found)
    assert capfd.readouterr() == ("", "")
