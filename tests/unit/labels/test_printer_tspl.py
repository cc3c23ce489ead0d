from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.bitmap import Bitmap
from labels.drawing import Text
from labels.job import BitmapTooLargeError, CodeTooLargeError, TextUnprintableError
from labels.label import ModuleTooSmallError, NoLabelsError, SheetError
from labels.text import clean
from labels.tspl import graphic, job, native, quoted
from tests.unit.labels.printers import bitmaps, dots, packed, tspl

PAYLOAD = "HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M29QXD4F.01ABCDEFGHJKMNPQRS"


def one(bitmap: Bitmap, **settings: object) -> bytes:
    return job([bitmap], **{"dpi": 203, "width_mm": 50, "height_mm": 30, **settings})  # type: ignore[arg-type]


def drawn(texts: list[str], **settings: object) -> bytes:
    rows = [Text(text=text, x=20, y=5 + 3 * nth, size_pt=8) for nth, text in enumerate(texts)]
    place = {"payload": PAYLOAD, "x": 2, "y": 2, "module": 4}
    size = {"dpi": 203, "width_mm": 50, "height_mm": 30}
    return native(rows, **{**place, **size, **settings})  # type: ignore[arg-type]


def test_one_small_label_byte_for_byte() -> None:
    bitmap = packed([[1, 0, 1, 0, 1, 0, 1, 0, 1], [0, 1, 0, 1, 0, 1, 0, 1, 0]])
    settings = {"copies": 3, "darkness": 8, "speed": 4.5}
    assert one(bitmap, width_mm=30.5, height_mm=20, **settings) == (
        b"SIZE 30.5 mm,20 mm\r\nGAP 2 mm,0 mm\r\nDIRECTION 0\r\nREFERENCE 0,0\r\n"
        b"DENSITY 8\r\nSPEED 4.5\r\n"
        b"CLS\r\n"
        b"BITMAP 0,0,2,2,0,\x55\x7f\xaa\xff\r\n"
        b"PRINT 1,3\r\n"
    )


@given(bitmaps())
def test_every_dot_arrives_and_nothing_else_is_burnt(bitmap: Bitmap) -> None:
    (sheet,) = tspl(one(bitmap, width_mm=70 / 8, height_mm=5))
    assert [row[: bitmap.width] for row in sheet.picture] == dots(bitmap)
    assert not any(any(row[bitmap.width :]) for row in sheet.picture)


def test_line_ends_and_quotes_inside_a_picture_are_dots() -> None:
    rows = bytes(byte ^ 0xFF for byte in b'\r\nPRINT 1,9999\r\nCLS"')
    (sheet,) = tspl(one(Bitmap(width=8, height=len(rows), rows=rows)))
    assert sheet.copies == 1
    assert len(sheet.picture) == len(rows)


def test_labels_come_in_order_each_on_a_clean_sheet() -> None:
    pictures = [packed([[1, 0, 0]]), packed([[0, 1, 0]]), packed([[0, 0, 1]])]
    sheets = tspl(job(pictures, dpi=300, width_mm=60, height_mm=40, gap_mm=0, upside_down=True))
    assert [sheet.picture[0][:3] for sheet in sheets] == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert sheets[0].settings["GAP"] == "0 mm,0 mm"
    assert sheets[0].settings["DIRECTION"] == "1"


def test_ink_is_nought() -> None:
    assert graphic(packed([[1] * 8])).endswith(b",0,\x00")
    assert graphic(packed([[0]])).endswith(b",0,\xff")


@pytest.mark.parametrize(
    "settings",
    [{"dpi": 100}, {"copies": 0}, {"darkness": 16}, {"speed": 0.5}, {"gap_mm": -1}, {"gap_mm": 99}],
)
def test_settings_that_cannot_be(settings: dict[str, object]) -> None:
    with pytest.raises(SheetError):
        one(packed([[1]]), **settings)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BitmapTooLargeError):
        one(packed([[1]] * 242))
    with pytest.raises(NoLabelsError):
        job([], dpi=203, width_mm=50, height_mm=30)
    with pytest.raises(CodeTooLargeError):
        drawn([], y=20)
    with pytest.raises(ModuleTooSmallError):
        drawn([], module=2)


# --- drawn by the printer ------------------------------------------------------------------


def test_a_label_drawn_by_the_printer_byte_for_byte() -> None:
    assert drawn(["电脑 A-1"]) == (
        b"SIZE 50 mm,30 mm\r\nGAP 2 mm,0 mm\r\nDIRECTION 0\r\nREFERENCE 0,0\r\nCLS\r\n"
        b'TEXT 160,19,"TSS24.BF2",0,1,1,"\xb5\xe7\xc4\xd4 A-1"\r\n'
        b'QRCODE 16,16,M,4,A,0,M2,"' + PAYLOAD.encode() + b'"\r\n'
        b"PRINT 1,1\r\n"
    )


def test_large_type_is_magnified_by_whole_numbers() -> None:
    rows = [Text(text="大", x=1, y=1, size_pt=20)]
    data = native(rows, payload="A", x=20, y=2, module=4, dpi=203, width_mm=50, height_mm=30)
    assert tspl(data)[0].texts[0][0] == '8,0,"TSS24.BF2",0,2,2'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('a"\r\nPRINT 1,99\r\nTEXT 0,0,"', "a＂ PRINT 1,99 TEXT 0,0,＂"),
        ('\\["]', "＼［＂]"),
        ("\\[R]\\[L]", "＼［R]＼［L]"),
        ("\x1b!R~!T", "！R~！T"),
        ("\x00\x85甲\u202e", "甲"),
    ],
)
def test_hostile_text_stays_between_its_quotes(text: str, shown: str) -> None:
    (sheet,) = tspl(drawn([text, "next"]))
    assert [value.decode("gb18030") for _, value in sheet.texts] == [shown, "next"]
    assert sheet.copies == 1


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_at_all_ends_before_its_end(text: str) -> None:
    data = quoted(text)
    inner = data[1:-1]
    assert data[:1] == data[-1:] == b'"'
    assert not set(inner) & {*range(32), 0x7F, *b'"!'}
    assert b"\\[" not in inner
    assert len(inner.decode("gb18030")) == len(clean(text))


@pytest.mark.parametrize("payload", ['a"b', "a\r\nb", "甲", "a!b", "a\\b", "a~b"])
def test_a_payload_that_would_read_differently_is_refused(payload: str) -> None:
    with pytest.raises(TextUnprintableError):
        drawn([], payload=payload)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(TextUnprintableError):
        drawn([], payload="\ud800")
    with pytest.raises(SheetError):
        drawn(["x"], font='A"\r\nCLS')
