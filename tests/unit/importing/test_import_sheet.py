from __future__ import annotations

import csv
import hashlib
import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assetctl.acts.importing.sheet import CELL_LIMIT, LINE_LIMIT, Sheet, open_sheet, read_sheet
from assetctl.errors import FileFormatError, FileMissingError

Rows = list[tuple[int, list[str]]]


def read(data: bytes) -> tuple[Sheet, Rows]:
    with read_sheet(io.BytesIO(data), "list.csv") as sheet:
        return sheet, list(sheet.rows())


def refusal(data: bytes) -> FileFormatError:
    with pytest.raises(FileFormatError) as caught:
        read(data)
    assert caught.value.facts["file"] == "list.csv"
    return caught.value


@pytest.mark.parametrize(
    ("written", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16-le"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_every_encoding_delimiter_and_line_end(
    written: str, encoding: str, delimiter: str, end: str
) -> None:
    lines = ["编号|名称|备注", "A1|便携式计算机|", 'A2|"桌|1.2米，""白"""|两行']
    text = end.join(line.replace("|", delimiter) for line in lines) + end
    sheet, rows = read(text.encode(written))
    assert (sheet.name, sheet.encoding, sheet.delimiter) == ("list.csv", encoding, delimiter)
    assert sheet.header == ("编号", "名称", "备注")
    assert rows == [
        (2, ["A1", "便携式计算机", ""]),
        (3, ["A2", f'桌{delimiter}1.2米，"白"', "两行"]),
    ]
    assert sheet.sha256() == hashlib.sha256(text.encode(written)).hexdigest()


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "gb18030"])
def test_a_mark_at_the_start_decides_and_is_no_part_of_the_header(codec: str) -> None:
    sheet, rows = read("\ufeff名称,a\n桌,1\n".encode(codec))
    assert (sheet.encoding, sheet.header) == (codec, ("名称", "a"))
    assert rows == [(2, ["桌", "1"])]


def test_the_header_is_stripped_and_composed_and_may_be_blank() -> None:
    sheet, rows = read("\u3000名称 ,,e\u0301,\u200b\na,b,c,\n,,,d\n".encode())
    assert sheet.header == ("名称", "", "\u00e9", "")
    assert rows == [(2, ["a", "b", "c", ""]), (3, ["", "", "", "d"])]
    assert sheet.ignored == ("B", "D")
    assert read(b"a,,c\n1,,3\n1, ,3\n")[0].ignored == ()


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    sheet, rows = read(b'\n , \na,b\r\n1,"x\r\ny"\r\n\r\n2,z\r\n , \r\n,\r\n\r\n')
    assert (sheet.header, sheet.header_row) == (("a", "b"), 3)
    assert rows == [(4, ["1", "x\r\ny"]), (5, []), (6, ["2", "z"])]


def test_rows_keep_the_number_of_cells_they_have() -> None:
    assert read(b"a,b\n1\n1,2,3\n1,2\n")[1] == [(2, ["1"]), (3, ["1", "2", "3"]), (4, ["1", "2"])]


def test_rows_can_be_read_twice_and_left_half_way() -> None:
    with read_sheet(io.BytesIO(b"a\n1\n2\n3\n"), "list.csv") as sheet:
        rows = sheet.rows()
        assert next(rows) == (2, ["1"])
        del rows
        assert [cells for _, cells in sheet.rows()] == [["1"], ["2"], ["3"]]
        assert sheet.sha256() == hashlib.sha256(b"a\n1\n2\n3\n").hexdigest()


def test_the_stream_is_left_open_and_an_iterator_may_outlive_it() -> None:
    stream = io.BytesIO(b"a\n1\n2\n")
    with read_sheet(stream, "list.csv") as sheet:
        rows = sheet.rows()
        next(rows)
    assert not stream.closed
    stream.close()
    del rows


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("a", ","),
        ("a;b,c;d", ";"),
        ('a;"b,c,d,e";f', ";"),
        ('"a,b,c"\t"d"', "\t"),
        ('5"屏;5""屏;b,c', ";"),
        ('"a""b,,,,";c', ";"),
        ('"a\nb,c,d";e', ";"),
        (";;;;\na,b", ","),
        ("名称，原值，备注", ","),
    ],
)
def test_the_delimiter_is_the_one_seen_most_outside_quotes(header: str, delimiter: str) -> None:
    assert read(f"{header}\n1\n".encode())[0].delimiter == delimiter


class _Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False

    def seek(self, _offset: int, _whence: int = 0, /) -> int:
        raise io.UnsupportedOperation


def test_a_pipe_is_read_too() -> None:
    with read_sheet(_Pipe("名称\n桌\n".encode("gb18030")), "-") as sheet:
        assert list(sheet.rows()) == [(2, ["桌"])]


def test_a_file_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "清单.csv"
    path.write_bytes("名称\r\n桌\r\n".encode())
    with open_sheet(path) as sheet:
        assert (sheet.name, list(sheet.rows())) == ("清单.csv", [(2, ["桌"])])
    with pytest.raises(FileMissingError), open_sheet(tmp_path / "none.csv"):
        pass
    with pytest.raises(FileFormatError), open_sheet(tmp_path):
        pass


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0\xa1\xb1", b"\n <HTML><table>", b"<?xml version"]
)
def test_other_kinds_of_files_are_refused_with_advice(data: bytes) -> None:
    assert "save it as CSV" in str(refusal(data))


def test_a_header_may_begin_like_an_archive() -> None:
    assert read(b"PK,name\n1,2\n")[0].header == ("PK", "name")


@pytest.mark.parametrize("data", [b"", b"\n\n", b",,\n , ", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert "it is empty" in str(refusal(data))


@pytest.mark.parametrize(
    ("data", "row", "offset"),
    [
        ("名称,单位\n桌,处\n椅,".encode() + b"\xff\n", 3, 26),
        ("名称,单位\n桌,处\n".encode("gb18030") + b"\xff,a\n", 3, 16),
        ("\ufeff名\n\n桌\n".encode() + b"\xe4\xb8", 4, 12),
        ("\ufeffa\nb".encode("utf-16-le") + b"\x00", 2, 8),
        ("\ufeffa\nb".encode("utf-16-le") + b"\x00\xdcc\x00", 2, 8),
        ('甲乙丙丁;x\n"a\nb\n";1\nc;'.encode() + b"\x80", 3, 26),
    ],
)
def test_the_first_byte_that_is_no_text_is_named(data: bytes, row: int, offset: int) -> None:
    error = refusal(data)
    assert (error.facts["row"], error.facts["offset"]) == (row, offset)
    assert f"byte {offset} " in str(error)


def test_the_byte_is_found_far_behind_the_first_chunk() -> None:
    start = ("编号,名称\n" + "A1,桌子\n" * 60_000).encode()
    error = refusal(start + b"A2,\xc3\n")
    assert (error.facts["row"], error.facts["offset"]) == (60_002, len(start) + 3)


def test_damaged_utf8_is_not_taken_for_gb18030() -> None:
    data = "名称\n中国国国家\n".encode().replace("家".encode(), b"\xa1\xa1")
    assert data.decode("gb18030")
    assert refusal(data).facts["row"] == 2


@pytest.mark.parametrize(("data", "row"), [(b"a,b\n1,2\n3,\0\n", 3), (b'a\0\n"', 1)])
def test_a_nul_byte_is_refused_with_its_row(data: bytes, row: int) -> None:
    error = refusal(data)
    assert error.facts["row"] == row
    assert "NUL" in str(error)
    assert "NUL" in str(refusal("a,b\n".encode("utf-16-le")))


@pytest.mark.parametrize(
    ("data", "row"),
    [
        (b'a,b\n1,2\n3,"open\n4,5\n6,7\n', 3),
        (b'a,b\n"x\ny",2\n3,"open\n4,5\n6,"7"\n', 3),
        (b'a,b\n"big" chair,2\n', 2),
        (b'a,"b\n1,2\n', 1),
    ],
)
def test_a_quote_that_is_not_closed_is_refused_where_it_opened(data: bytes, row: int) -> None:
    error = refusal(data)
    assert error.facts["row"] == row
    assert "quotation mark" in str(error)


def test_a_huge_cell_is_refused_and_a_large_one_is_not() -> None:
    large = "x" * CELL_LIMIT
    assert read(f"a\n{large}\n".encode())[1] == [(2, [large])]
    assert refusal(f'a\n1\n"{large}\n"\n'.encode()).facts["row"] == 3


def test_a_line_without_end_is_refused() -> None:
    assert "line" in str(refusal(b"a,b\n" + b"," * (LINE_LIMIT + 600_000)))


CELLS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=12
)


@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=6),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\r\n", "\n", "\r"]),
)
def test_what_was_written_comes_back(
    written: list[list[str]], encoding: str, delimiter: str, end: str
) -> None:
    text = io.StringIO(newline="")
    rows = [["编号", "名称", "备注"], *written, ["last"]]
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    data = text.getvalue().encode(encoding)
    sheet, got = read(data)
    assert (sheet.delimiter, sheet.header) == (delimiter, ("编号", "名称", "备注"))
    assert [number for number, _ in got] == list(range(2, len(rows) + 1))
    for (_, cells), before in zip(got, rows[1:], strict=True):
        assert cells == before or (cells == [] and not any(cell.strip() for cell in before))


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    for start in (b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", "名称,a\n".encode()):
        try:
            sheet, rows = read(start + data)
        except FileFormatError:
            continue
        assert any(sheet.header)
        assert all(cell.isascii() or cell.encode() for _, cells in rows for cell in cells)


@given(st.text(st.sampled_from('a,;\t"\r\n 名'), max_size=40))
def test_no_arrangement_of_quotes_and_ends_breaks_it(text: str) -> None:
    assume(text.strip())
    try:
        sheet, rows = read(text.encode())
    except FileFormatError:
        return
    numbers = [number for number, _ in rows]
    first = sheet.header_row + 1
    assert numbers == list(range(first, first + len(numbers)))


def _lines() -> Iterator[bytes]:
    yield "编号,名称,原值\n".encode()
    for number in range(200_000):
        yield f'ZC{number:08d},"便携式计算机\n（移动）",5000.00\n'.encode()
    yield b",,\n" * 100_000


def test_a_long_list_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.writelines(_lines())
    tracemalloc.start()
    try:
        with open_sheet(path) as sheet:
            count = sum(1 for _ in sheet.rows())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 200_000
    assert peak < 8 << 20
