"""Lists as handhelds export them, and files that are made to do harm."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from scanner import workbook
from scanner.epc96 import crc8
from scanner.lists import ListFile
from scanner.reading import (
    RFID,
    TYPED,
    ColumnMissingError,
    ListUnreadableError,
    SourceUnavailableError,
)

EPC = "5A10557AC011123456789AC1"
ADDRESS = "HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M29QXD4F.110123456789ABCDEF"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def epc(serial: int) -> str:
    data = bytes.fromhex("5A10557AC011") + serial.to_bytes(5, "big")
    return (data + bytes([crc8(data)])).hex().upper()


def read(path: Path, column: str = "") -> list[str]:
    with ListFile(path, column=column) as found:
        return [one.text for one in found]


def save(folder: Path, text: str, encoding: str = "utf-8", name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


# --- text ----------------------------------------------------------------------------------

_TABLE = f"序号,标签号,次数,RSSI,时间\r\n1,{EPC},12,-61,2026-11-23 09:00\r\n2,{epc(2)},3,-70,\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = save(tmp_path, _TABLE.replace(",", delimiter), encoding)
    assert read(path) == [EPC, epc(2)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_one_column_without_a_header(tmp_path: Path, end: str) -> None:
    path = save(tmp_path, end.join([EPC, "", ADDRESS.lower(), "card 12", EPC]))
    found = list(ListFile(path))
    assert [one.text for one in found] == [EPC, ADDRESS, "card 12", EPC]
    assert [one.symbology for one in found] == [RFID, TYPED, TYPED, RFID]
    assert {(one.engine, one.pass_name, one.corners) for one in found} == {("list", "plain", ())}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"盘点结果\n导出时间 2026\n时间,EPC\n9:00,{EPC}\n9:01,E2003412\n", [EPC, "E2003412"]),
        (f"EPC,TID\n{EPC},E28011700000020F\n{epc(2)},E28011700000021F\n", [EPC, epc(2)]),
        (f'n,"code"\n1,"=""{EPC}"""\n2,\'{epc(2)}\n', [EPC, epc(2)]),
        ("芯片号,次数\nE280689400001234ABCD0001,1\nE280689400001234ABCD0002,4\n",
         ["E280689400001234ABCD0001", "E280689400001234ABCD0002"]),
        ("资产编号;名称\n2026-001;桌\n2026-002;椅\n", ["2026-001", "2026-002"]),
        ("2026-001;桌\n2026-002;椅\n", ["2026-001", "2026-002"]),
        (f"RSSI+PC+EPC\nC53000{EPC}\n", ["C53000", EPC]),
        (f"次数,标签\n9,{EPC}{epc(2)}\n", [EPC, epc(2)]),
        ("EPC\n", []),
        ("", []),
    ],
)  # fmt: skip
def test_the_column_is_found_by_what_stands_in_it(
    tmp_path: Path, text: str, found: list[str]
) -> None:
    assert read(save(tmp_path, text)) == found


@pytest.mark.parametrize("column", ["card no", "CARD_NO", " 卡号 ", "C", "3"])
def test_a_column_may_be_named(tmp_path: Path, column: str) -> None:
    header = "卡号" if "卡" in column else "Card No"
    path = save(tmp_path, f"n,EPC,{header}\n1,{EPC},A-1\n2,{epc(2)},A-2\n")
    found = read(path, column)
    assert found[-2:] == ["A-1", "A-2"]
    assert found[:-2] in ([], ["Card No"])


@pytest.mark.parametrize("column", ["Z", "9", "无此列", "0"])
def test_a_column_that_is_not_there(tmp_path: Path, column: str) -> None:
    with pytest.raises(ColumnMissingError, match="EPC") as caught:
        ListFile(save(tmp_path, f"n,EPC\n1,{EPC}\n"), column=column)
    assert caught.value.facts["column"] == column


def test_five_thousand_reads_glued_in_one_line(tmp_path: Path) -> None:
    wanted = [epc(number * 7_919) for number in range(5_000)]
    assert read(save(tmp_path, "".join(wanted), name="scan.txt")) == wanted
    assert read(save(tmp_path, "n,EPC\n1," + "".join(wanted) + "\n")) == wanted


def test_a_list_of_100_000_reads(tmp_path: Path) -> None:
    wanted = [epc(number) for number in range(100_000)]
    text = "序号,EPC,次数\n" + "".join(f"{at},{one},1\n" for at, one in enumerate(wanted))
    assert read(save(tmp_path, text, "gb18030")) == wanted


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (bytes(range(256)) * 9, "no text"),
        (b"EPC\n" + b"\0" * 9, "no text"),
        (b"\xff" * 99, "no text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "damaged"),
        (b"A" * 10_000_000, "longer than any list"),
        (b"PK\x03\x04" + b"x" * 99, "damaged"),
    ],
)
def test_what_is_no_list(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(ListUnreadableError, match=reason) as caught:
        ListFile(path)
    assert caught.value.facts["file"] == str(path)


def test_a_quotation_mark_that_nothing_closes(tmp_path: Path) -> None:
    path = save(tmp_path, f'n,EPC\n1,{EPC}\n2,"' + f"x,{epc(2)}\n" * 9_000)
    with pytest.raises(ListUnreadableError, match="quotation mark"):
        read(path)


@pytest.mark.parametrize(
    ("name", "reason"), [("gone", "not exist"), (".", "folder"), ("a\0", "system")]
)
def test_what_cannot_be_opened_says_why(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(SourceUnavailableError, match=reason):
        ListFile(tmp_path / name)


def test_a_list_that_is_closed_ends(tmp_path: Path) -> None:
    with ListFile(save(tmp_path, _TABLE)) as source:
        found = iter(source)
        assert next(found).text == EPC
    assert list(found) == []


# --- workbooks -----------------------------------------------------------------------------

_BOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
    '<sheet name="空" sheetId="1" r:id="rId1"/><sheet name="a" sheetId="2" r:id="rId2"/>'
    "</sheets></workbook>"
)
_LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{RELATIONS}/worksheet" Target="/xl/worksheets/sheet2.xml"/>'
    "</Relationships>"
)


def sheet(rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def shared(texts: Sequence[str]) -> str:
    items = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    return f'<sst xmlns="{MAIN}">{items}</sst>'


def book(folder: Path, rows: str, texts: Sequence[str] = (), parts: Mapping[str, str] = {}) -> Path:
    every = {
        "xl/workbook.xml": _BOOK,
        "xl/_rels/workbook.xml.rels": _LINKS,
        "xl/worksheets/sheet1.xml": sheet(""),
        "xl/worksheets/sheet2.xml": sheet(rows),
        "xl/sharedStrings.xml": shared(texts),
        **parts,
    }
    path = folder / "list.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in every.items():
            archive.writestr(name, text)
    return path


_ROWS = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"/>'
    '<row r="3"><c r="A3"><v>1</v></c><c r="B3" t="s"><v>2</v></c></row>'
    f'<row r="4"><c r="B4" t="inlineStr"><is><r><t>{EPC[:9]}</t></r><r><t>{EPC[9:]}</t></r>'
    "<rPh><t>x</t></rPh></is></c></row>"
    f'<row><c><v>3</v></c><c t="str"><f>A1</f><v>{epc(3)}</v></c><c t="e"><v>#N/A</v></c></row>'
)
_SHARED = ("序号", "标签编码", ADDRESS)


def test_a_workbook(tmp_path: Path) -> None:
    path = book(tmp_path, _ROWS, _SHARED)
    assert read(path) == [ADDRESS, EPC, epc(3)]
    assert read(path, "B") == [ADDRESS, EPC, epc(3)]
    assert read(path, "序号") == ["1", "3"]


def test_a_workbook_of_20_000_rows(tmp_path: Path) -> None:
    wanted = [epc(number) for number in range(20_000)]
    rows = "".join(f'<row><c t="s"><v>{at}</v></c></row>' for at in range(20_000))
    assert read(book(tmp_path, rows, wanted)) == wanted


_BILLION = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
_OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet2.xml"]
)
@pytest.mark.parametrize("bomb", [_BILLION, _OUTSIDE, "<!DOCTYPE x>"])
def test_no_document_type_is_let_in(tmp_path: Path, part: str, bomb: str) -> None:
    inside = "<row><c t='str'><v>&c;&a;</v></c></row>"
    path = book(tmp_path, _ROWS, _SHARED, {part: bomb + sheet(inside)})
    with pytest.raises(ListUnreadableError, match="document type"):
        ListFile(path)


def test_a_bomb_of_zeros_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", _BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", _LINKS)
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            for _ in range(136):
                part.write(b" " * (1 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(ListUnreadableError, match="larger than any list"):
        ListFile(path)


def test_the_bound_holds_for_all_parts_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_BYTES", 2_000)
    with pytest.raises(ListUnreadableError, match="larger than any list"):
        ListFile(book(tmp_path, _ROWS * 4, _SHARED))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ('<row><c t="s"><v>99</v></c></row>', "damaged"),
        ('<row><c t="s"><v>-1</v></c></row>', "damaged"),
        ('<row><c t="s"><v>' + "9" * 5_000 + "</v></c></row>", "damaged"),
        ('<row><c r="ZZZZ1"><v>1</v></c></row>', "damaged"),
        ("<row><c><v>1</v></row>", "damaged"),
        ('<row><c t="str"><v>' + "x" * 40_000 + "</v></c></row>", "longer than Excel"),
        ("<row><c><v>&undefined;</v></c></row>", "damaged"),
    ],
)
def test_a_damaged_workbook_says_so(tmp_path: Path, rows: str, reason: str) -> None:
    with pytest.raises(ListUnreadableError, match=reason):
        read(book(tmp_path, rows))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_parts_that_lead_nowhere(tmp_path: Path, part: str) -> None:
    assert read(book(tmp_path, _ROWS, _SHARED, {part: "<x/>"})) == []
    links = _LINKS.replace("worksheets/sheet1.xml", "../../etc/passwd").replace("sheet2", "sheet9")
    with pytest.raises(ListUnreadableError, match="damaged"):
        ListFile(book(tmp_path, _ROWS, parts={"xl/_rels/workbook.xml.rels": links}))


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "1")
    with pytest.raises(ListUnreadableError, match="no Excel workbook"):
        ListFile(path)


def test_a_workbook_cut_short_anywhere(tmp_path: Path) -> None:
    whole = book(tmp_path, _ROWS, _SHARED).read_bytes()
    path = tmp_path / "cut.xlsx"
    for size in range(4, len(whole), 97):
        path.write_bytes(whole[:size])
        with pytest.raises(ListUnreadableError):
            read(path)


def test_a_workbook_with_flipped_bytes(tmp_path: Path) -> None:
    whole = bytearray(book(tmp_path, _ROWS, _SHARED).read_bytes())
    path = tmp_path / "bad.xlsx"
    for at in range(4, len(whole), 13):
        bad = bytearray(whole)
        bad[at] ^= 0xFF
        path.write_bytes(bad)
        try:
            found = read(path)
        except ListUnreadableError:
            continue
        assert len(found) <= 5
