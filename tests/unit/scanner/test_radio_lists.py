"""Radio lists as handhelds export them: every usual form, and every fault by its line."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.radio_cells import CellError, Times, antenna, count, epc, strength, tid
from scanner.radio_lists import COLUMNS, MOST_FAULTS, RadioList, Read
from scanner.reading import (
    ColumnMissingError,
    ListUnreadableError,
    ReadsFaultyError,
    SourceUnavailableError,
)

A, B = "5A10557AC011123456789AC1", "E28011700000020F1A2B3C4D"
CHIP = "E2801170200012345678ABCD"


def save(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "reads.csv"
    path.write_bytes(text.encode(encoding))
    return path


def reads(path: Path, column: str = "") -> list[Read]:
    return list(RadioList(path, column=column))


def faults(path: Path) -> list[tuple[int, str, str]]:
    with pytest.raises(ReadsFaultyError) as caught:
        reads(path)
    found = caught.value.facts["faults"]
    assert isinstance(found, tuple)
    assert caught.value.facts["count"] == len(found)
    assert f"Line {found[0].line}, " in str(caught.value)
    return [(fault.line, fault.column, fault.reason) for fault in found]


# --- the forms of a list -------------------------------------------------------------------

_TABLE = (
    "序号,标签号,次数,RSSI(dBm),读取时间,天线,TID\r\n"
    f"1,{A},12,-61.5,2026-11-30 09:00:00,1,{CHIP}\r\n"
    f"2,{B.lower()},1,-70,2026-11-30 09:00:02.250,2,\r\n"
)
_READS: list[Read] = [(A, 0.0, -61.5, 1, 12, CHIP), (B, 2.25, -70.0, 2, 1, None)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = save(tmp_path, _TABLE.replace(",", delimiter), encoding)
    assert reads(path) == _READS
    assert reads(path) == _READS
    assert (RadioList(path).has_strength, RadioList(path).has_time) == (True, True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"RSSI,EPC\n-55,{A}\n-56,{B}\n", [(A, 0, -55, None, 1, None), (B, 0, -56, None, 1, None)]),
        (f"{A}\n\n{B}\n", [(A, 0, None, None, 1, None), (B, 0, None, None, 1, None)]),
        (f"EPC\r\n{A}\r\n", [(A, 0, None, None, 1, None)]),
        (f"Tag ID;Read Count;Ant\n{A};3;Ant2\n", [(A, 0, None, 2, 3, None)]),
        (f"盘点单\n门店,一\nEPC号,信号强度\n{A},-60\n", [(A, 0, -60, None, 1, None)]),
        (f'EPC,RSSI\n"=""{A}""",-60\n\'{B},N/A\n',
         [(A, 0, -60, None, 1, None), (B, 0, None, None, 1, None)]),
        (f"EPC,次数\n{A},0\n{B},2\n", [(B, 0, None, None, 2, None)]),
        (f"EPC,次数\n{A},2\nEPC,次数\n{B},1\n,3\n",
         [(A, 0, None, None, 2, None), (B, 0, None, None, 1, None)]),
        (f"EPC,RSSI,TID\n{A}\n{B},-50\n{A},,\n",
         [(A, 0, None, None, 1, None), (B, 0, -50, None, 1, None), (A, 0, None, None, 1, None)]),
        (f"EPC,时间\n{A},\n{A},9:00:00\n{A},\n{B},9:00:07\n",
         [(A, 0, None, None, 1, None), (A, 0, None, None, 1, None), (A, 0, None, None, 1, None),
          (B, 7, None, None, 1, None)]),
        ("EPC,RSSI\n", []),
        ("", []),
    ],
    ids=["two columns", "bare numbers", "one column", "English", "titles above", "guarded",
         "never read", "header again and a sum", "short rows", "time left out", "header", "empty"],
)  # fmt: skip
def test_forms(tmp_path: Path, text: str, found: list[Read]) -> None:
    assert reads(save(tmp_path, text)) == found


@pytest.mark.parametrize(("name", "header"), [(n, h) for n, of in COLUMNS.items() for h in of])
def test_every_header_is_known_in_any_place(tmp_path: Path, name: str, header: str) -> None:
    cells = {"epc": A, "time": "09:00:00", "rssi": "-60", "antenna": "3", "count": "9", "tid": CHIP}
    if name == "epc":
        text = f"n,{header.upper()}\n1,{A}\n"
    else:
        text = f"n,{header.upper()} ,EPC\n1,{cells[name]},{A}\n"
    ((_, second, rssi, port, times, chip),) = reads(save(tmp_path, text))
    told = {"epc": A, "time": "09:00:00" if second == 0 else "", "rssi": f"{rssi or 0:.0f}",
            "antenna": str(port), "count": str(times), "tid": chip}  # fmt: skip
    assert told[name] == cells[name]


def test_no_header_means_two_columns() -> None:
    headers = [header for names in COLUMNS.values() for header in names]
    assert len(headers) == len(set(headers))


@pytest.mark.parametrize("column", ["资产标签", "B", "2"])
def test_the_column_of_numbers_may_be_named(tmp_path: Path, column: str) -> None:
    path = save(tmp_path, f"RSSI,资产标签\n-60,{A}\n")
    with pytest.raises(ColumnMissingError, match="资产标签"):
        RadioList(path)
    if column == "资产标签":
        assert reads(path, column) == [(A, 0.0, -60.0, None, 1, None)]
    else:
        headless = save(tmp_path, f"-60,{A}\n-61,{B}\n")
        assert [read[0] for read in reads(headless, column)] == [A, B]


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError, match="not exist"):
        RadioList(tmp_path / "gone.csv")
    (tmp_path / "bad.csv").write_bytes(bytes(range(256)))
    with pytest.raises(ListUnreadableError, match="no text"):
        RadioList(tmp_path / "bad.csv")


# --- faults --------------------------------------------------------------------------------


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    text = (
        f"EPC,RSSI,时间,天线,次数,TID\n{A},-60,09:00:00,1,1,\n\n"
        f"桌子,loud,noon,left,many,{CHIP}Z\n{A},-61,09:00:01,1,1,\n{A}0,-60,25:00:00,70000,-1,123\n"
        ",-60,09:00:02,,,\n"
    )
    found = faults(save(tmp_path, text, "gb18030"))
    assert [(line, column) for line, column, _ in found] == [
        *((4, name) for name in COLUMNS), *((6, name) for name in COLUMNS if name != "rssi"),
        (7, "epc"),
    ]  # fmt: skip
    assert found[0][2] == "it is no hexadecimal number"
    assert "missing" in found[-1][2]


def test_nothing_after_a_fault_is_counted_on(tmp_path: Path) -> None:
    path = save(tmp_path, f"EPC,RSSI\n{A},-60\n" * 1 + f"{B},-50\n" * 1_000 + "x,-50\n")
    assert faults(path) == [(1_003, "epc", "it is no hexadecimal number")]


def test_faults_are_told_to_a_bound(tmp_path: Path) -> None:
    found = faults(save(tmp_path, "EPC,RSSI\n" + "nothing,loud\n" * 100_000))
    assert len(found) == MOST_FAULTS
    assert found[-1][0] == MOST_FAULTS // 2 + 1


def test_lines_inside_a_cell_are_counted(tmp_path: Path) -> None:
    path = save(tmp_path, f'EPC,备注,RSSI\n{A},"one\ntwo\nthree",-60\nx,,-60\n' + f"{A},,-60\n" * 9)
    assert [line for line, _, _ in faults(path)] == [5]


def test_a_hostile_cell_is_told_short(tmp_path: Path) -> None:
    path = save(tmp_path, "EPC,RSSI\n" + "Z" * 100_000 + ",-60\n\x1b[2J,-60\n")
    with pytest.raises(ReadsFaultyError) as caught:
        reads(path)
    assert len(str(caught.value)) < 500
    assert "\x1b" not in str(caught.value)


def test_a_list_that_is_put_right_meanwhile(tmp_path: Path) -> None:
    good = f"EPC,RSSI\n{A},-60\n"
    path = save(tmp_path, good + f"{A},-60\n" * 100_000 + "x,-60\n")
    found = iter(RadioList(path))
    assert next(found)[0] == A
    # The old file stays open for whoever reads it; what is told of its faults is read anew.
    path.unlink()
    save(tmp_path, good)
    with pytest.raises(ListUnreadableError, match="changed"):
        list(found)


# --- cells ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (A, A), (A.lower(), A), (" E280 1170 ", "E2801170"), ("0xE2801170", "E2801170"),
        ("E280-1170", "E2801170"), ("300833", None), ("3008330", None), ("AB" * 62, "AB" * 62),
        ("AB" * 64, None), ("5.1055E+23", None), ("资产", None), ("１２３４", None), ("٣٤٥٦", None),
    ],
)  # fmt: skip
def test_numbers_of_tags(cell: str, found: str | None) -> None:
    if found is None:
        with pytest.raises(CellError):
            epc(cell)
    else:
        assert epc(cell) == found


def test_a_number_that_a_spreadsheet_has_spoiled_says_so() -> None:
    with pytest.raises(CellError, match="spreadsheet"):
        tid("1,23E+20")


@pytest.mark.parametrize(
    ("cell", "is_dbm", "dbm"),
    [
        ("-62.5", False, -62.5), ("-62,5 dBm", False, -62.5), ("−62", False, -62),
        ("-625", False, -62.5), ("-6250", False, -62.5), ("-150", False, -150),
        ("-151", False, -15.1), ("62 dBm", False, -62), ("62", True, -62), ("0", False, None),
        ("", False, None), ("N/A", False, None),
    ],
)  # fmt: skip
def test_strengths(cell: str, is_dbm: bool, dbm: float | None) -> None:
    assert strength(cell, is_dbm=is_dbm) == dbm


@pytest.mark.parametrize(
    "cell", ["62", "-15001", "-0.5", "-200.5", "inf", "-1e3", "C5", "-60 -61", "9" * 9_999]
)
def test_what_is_no_strength(cell: str) -> None:
    with pytest.raises(CellError):
        strength(cell, is_dbm=False)


def test_strengths_on_a_scale_of_their_own_tell_nothing(tmp_path: Path) -> None:
    source = RadioList(save(tmp_path, f"EPC,RSSI\n{A},62\n{B},0\n{B},7\n"))
    assert not source.has_strength
    assert [read[2] for read in source] == [None, None, None]
    assert faults(save(tmp_path, f"EPC,RSSI\n{A},-62\n{B},62\n"))[0][:2] == (3, "rssi")
    assert [read[2] for read in reads(save(tmp_path, f"EPC,RSSI (dBm)\n{A},62\n"))] == [-62]


@pytest.mark.parametrize(("cell", "found"), [("1", 1), ("Ant 2", 2), ("天线3", 3), ("4.0", 4)])
def test_antennas(cell: str, found: int) -> None:
    assert antenna(cell) == found


@pytest.mark.parametrize(("cell", "found"), [("12", 12), ("3次", 3), ("4.0", 4), ("", 1)])
def test_counts(cell: str, found: int) -> None:
    assert count(cell) == found


@pytest.mark.parametrize(
    ("cells", "seconds"),
    [
        (("09:00:00", "9:00:01", "09:01:00.5"), (0, 1, 60.5)),
        (("23:59:59.900", "00:00:00.100", "23:59:58.900"), (0, 0.2, -1)),
        (("2026-11-30 09:00:00", "2026/12/1 09:00:00", "2026年11月30日 9:00"), (0, 86_400, 0)),
        (("2026-11-30T09:00:00.250Z", "2026-11-30T09:00:01.250Z"), (0, 1)),
        (("1764500000123", "1764500001123"), (0, 1)),
        (("1764500000", "1764500003"), (0, 3)),
        (("09:00:00.001", "09:00:00.002", "09:00:01.001", ""), (0, 0.001, 1, None)),
        (("09:00:00:250", "09:00:00,750"), (0, 0.5)),
    ],
)
def test_times(cells: Sequence[str], seconds: Sequence[float | None]) -> None:
    assert Times(is_workbook=False).column(cells) == pytest.approx(list(seconds), abs=1e-9)
    one_by_one = Times(is_workbook=False)
    assert [one_by_one[cell] for cell in cells] == pytest.approx(list(seconds), abs=1e-9)


def test_times_of_a_workbook_are_days() -> None:
    times = Times(is_workbook=True)
    nine = 46_356 + 9 / 24
    assert times[f"{nine:.12f}"] == 0
    assert [times[f"{nine + second / 86_400:.12f}"] for second in range(100)] == list(range(100))
    assert times["2026-11-30 09:00:05"] == 5
    with pytest.raises(CellError, match="no time"):
        Times(is_workbook=False)["46356.375"]


@pytest.mark.parametrize(
    ("first", "cell", "reason"),
    [
        ("09:00:00", "2026-11-30 09:00:00", "another kind"),
        ("2026-11-30 09:00:00Z", "2026-11-30 09:00:00+08:00", "another kind"),
        ("2026-11-30 09:00:00", "2000-01-01 00:00:00", "more than a year"),
        ("09:00:00", "24:00:00", "no such time"),
        ("09:00:00", "09:60:00", "no such time"),
        ("2026-11-30 09:00:00", "2026-02-30 09:00:00", "no such day"),
        ("09:00:00", "9:00:0", "no time"),
        ("09:00:00", "12.5", "no time"),
        ("09:00:00", "٠٩:٠٠:٠٠", "no time"),
        ("09:00:00.000", "25:00:00.000", "no such time"),
    ],
)
def test_what_is_no_time(first: str, cell: str, reason: str) -> None:
    for take in (Times.column, lambda times, cells: [times[one] for one in cells]):
        times = Times(is_workbook=False)
        times.column([first])
        with pytest.raises(CellError, match=reason):
            take(times, [first, cell])


@given(st.lists(st.integers(0, 86_399_999), min_size=1, max_size=40))
def test_times_with_milliseconds_are_exact(moments: list[int]) -> None:
    seconds = [(ms // 1_000, ms % 1_000) for ms in moments]
    cells = [
        f"2026-11-30 {second // 3_600:02}:{second // 60 % 60:02}:{second % 60:02}.{part:03}"
        for second, part in seconds
    ]
    found = Times(is_workbook=False).column(cells)
    assert found == [(ms - moments[0]) / 1_000 for ms in moments]


@given(st.text(max_size=40))
def test_a_cell_is_read_or_refused_but_never_breaks(cell: str) -> None:
    for read in (
        epc, tid, antenna, count,
        lambda text: strength(text, is_dbm=True), Times(is_workbook=True).__getitem__,
    ):  # fmt: skip
        with suppress(CellError):
            read(cell)


# --- workbooks -----------------------------------------------------------------------------

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def book(folder: Path, rows: Sequence[Sequence[str | float]]) -> Path:
    """Write a workbook whose rows begin at the third; texts stand in the cells."""
    lines = "".join(
        f'<row r="{number}">{"".join(map(_cell, row))}</row>'
        for number, row in enumerate(rows, start=3)
    )
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/'
        f'package/2006/relationships"><Relationship Id="r1" Type="{OFFICE}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData>'
        "</worksheet>",
    }
    path = folder / "reads.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>' if value else "<c/>"
    return f"<c><v>{value!r}</v></c>"


def test_a_workbook(tmp_path: Path) -> None:
    nine = 46_356 + 9 / 24
    rows: list[list[str | float]] = [["盘点"], ["EPC", "RSSI", "时间", "次数"]]
    rows += [[A, -61.5, nine, 3.0], [B, "", nine + 2 / 86_400, 1.0]]
    assert reads(book(tmp_path, rows)) == [
        (A, 0, -61.5, None, 3, None),
        (B, 2, None, None, 1, None),
    ]


def test_a_workbook_tells_the_numbers_of_its_rows(tmp_path: Path) -> None:
    rows: list[list[str | float]] = [["EPC", "RSSI"], [A, -60.0], [5.1055e23, -60.0]]
    ((line, column, reason),) = faults(book(tmp_path, rows))
    assert (line, column) == (5, "epc")
    assert "spreadsheet" in reason


def test_a_workbook_of_20_000_reads(tmp_path: Path) -> None:
    rows: list[list[str | float]] = [["EPC", "时间"]]
    rows += [
        [f"{number:024X}", f"09:{number // 60 % 60:02}:{number % 60:02}"]
        for number in range(20_000)
    ]
    assert [read[0] for read in reads(book(tmp_path, rows))] == [row[0] for row in rows[1:]]


def test_a_list_of_100_000_reads(tmp_path: Path) -> None:
    wanted = [(f"{number % 999:024X}", number / 1_000) for number in range(100_000)]
    lines = (f"{one},{at // 60:02.0f}:{at % 60:06.3f}" for one, at in wanted)
    path = save(tmp_path, "EPC,时间\n" + "".join(f"{line[:25]}09:{line[25:]}\n" for line in lines))
    assert [(read[0], read[1]) for read in reads(path)] == wanted
