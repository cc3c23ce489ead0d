from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.bitmap import Bitmap
from labels.drawing import Text
from labels.job import (
    BitmapBrokenError,
    BitmapTooLargeError,
    CodeTooLargeError,
    TextUnprintableError,
)
from labels.label import (
    LabelError,
    ModuleTooSmallError,
    NoLabelsError,
    PayloadEmptyError,
    SheetError,
)
from labels.zpl import escaped, graphic, job, native
from tests.unit.labels.printers import bitmaps, crc16, dots, packed, zpl

PAYLOAD = "HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M29QXD4F.01ABCDEFGHJKMNPQRS"
HOSTILE = [
    "^XZ^XA^FO0,0^FDforged^FS^XZ", "~JA", "_5E", "a_b", "\\&", "\r\n^XZ\r\n", '"', "\x1b!R",
    "\x00\x7f\x85\u2028", "甲\u202e乙", "^", "~", "_", "^CC+", "名称：电脑",
]  # fmt: skip


def one(bitmap: Bitmap, **settings: object) -> bytes:
    return job([bitmap], **{"dpi": 203, "width_mm": 50, "height_mm": 30, **settings})  # type: ignore[arg-type]


def drawn(texts: list[str], **settings: object) -> bytes:
    rows = [Text(text=text, x=20, y=5 + 3 * nth, size_pt=8) for nth, text in enumerate(texts)]
    place = {"payload": PAYLOAD, "x": 2, "y": 2, "module": 4}
    size = {"dpi": 203, "width_mm": 50, "height_mm": 30}
    return native(rows, **{**place, **size, **settings})  # type: ignore[arg-type]


def test_one_small_label_byte_for_byte() -> None:
    bitmap = packed([[1, 0, 1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1, 0, 1]])
    assert bitmap.rows == b"\xaa\x55"
    # The packed text and its CRC are those of a published sample.
    assert job([bitmap], dpi=203, width_mm=2, height_mm=1, copies=3, darkness=8, speed=4) == (
        b"~SD08\r\n"
        b"^XA^PW16^LL8^LH0,0^LS0^PR4\r\n"
        b"^FO0,0^GFA,2,2,1,:Z64:eJxbFQoAAasBAA==:B023^FS\r\n"
        b"^PQ3^XZ\r\n"
    )


def test_the_crc_is_the_one_printers_expect() -> None:
    assert crc16(b"123456789") == 0x31C3
    assert crc16(b"eJxbFQoAAasBAA==") == 0xB023


@given(bitmaps())
def test_every_dot_arrives(bitmap: Bitmap) -> None:
    (page,) = zpl(one(bitmap, width_mm=70 / 8, height_mm=5))
    ((place, picture),) = page.pictures
    assert place == (0, 0)
    assert [row[: bitmap.width] for row in picture] == dots(bitmap)
    assert not any(any(row[bitmap.width :]) for row in picture)


def test_one_format_for_each_label_in_order() -> None:
    pictures = [packed([[1, 0, 0]]), packed([[0, 1, 0]]), packed([[0, 0, 1]])]
    pages = zpl(job(pictures, dpi=300, width_mm=60, height_mm=40, copies=2))
    assert [page.pictures[0][1][0][:3] for page in pages] == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert {page.settings["PQ"] for page in pages} == {"2"}
    assert {(page.settings["PW"], page.settings["LL"]) for page in pages} == {("709", "472")}


def test_a_203_dpi_label_is_eight_dots_a_millimetre() -> None:
    (page,) = zpl(one(packed([[1]]), width_mm=100, height_mm=70))
    assert (page.settings["PW"], page.settings["LL"]) == ("800", "560")


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"dpi": 200}, SheetError),
        ({"copies": 0}, SheetError),
        ({"darkness": 31}, SheetError),
        ({"speed": 0}, SheetError),
        ({"width_mm": 0}, SheetError),
        ({"height_mm": float("nan")}, SheetError),
        ({"width_mm": float("inf")}, SheetError),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, object], error: type[LabelError]) -> None:
    with pytest.raises(error):
        one(packed([[1]]), **settings)


def test_a_picture_that_would_be_cut_off_is_refused_by_number() -> None:
    fitting = packed([[1] * 400] * 240)
    assert len(zpl(job([fitting], dpi=203, width_mm=50, height_mm=30))) == 1
    with pytest.raises(BitmapTooLargeError, match="Picture 2 is 402 x 1 dots"):
        job([fitting, packed([[1] * 402])], dpi=203, width_mm=50, height_mm=30)


def test_no_labels_and_broken_pictures() -> None:
    with pytest.raises(NoLabelsError):
        job([], dpi=203, width_mm=50, height_mm=30)
    with pytest.raises(BitmapBrokenError):
        one(Bitmap(width=9, height=2, rows=b"abc"))
    with pytest.raises(BitmapBrokenError):
        one(Bitmap(width=0, height=0, rows=b""))


def test_packing_pays() -> None:
    bitmap = packed([[x // 6 % 2 for x in range(400)]] * 240)
    assert len(graphic(bitmap)) < len(bitmap.rows) / 10


# --- drawn by the printer ------------------------------------------------------------------


def test_texts_and_code_stand_where_they_were_put() -> None:
    data = drawn(["电脑 A-1"], font="E:SIMSUN.TTF")
    assert b"^CI28" in data
    assert "^FT160,40^A@N,23,23,E:SIMSUN.TTF^FH_^FD电脑 A-1^FS".encode() in data
    assert b"^FO16,16^BQN,2,4^FH_^FDMA," + PAYLOAD.encode() + b"^FS" in data


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_in_its_field(text: str) -> None:
    (page,) = zpl(drawn([text, "next"]))
    assert [value for _, value in page.fields] == [
        text.encode(), b"next", b"MA," + PAYLOAD.encode(),
    ]  # fmt: skip
    assert not page.pictures


@pytest.mark.parametrize("payload", [text for text in HOSTILE if text])
def test_a_hostile_payload_arrives_unchanged(payload: str) -> None:
    (page,) = zpl(drawn([], payload=payload, module=3))
    assert page.fields == [("N,2,3", b"MA," + payload.encode())]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_at_all_leaves_its_field(text: str) -> None:
    data = escaped(text)
    assert not set(data) & {*range(32), 0x7F, *b"^~\\"}
    assert not any(0x80 <= ord(one) < 0xA0 for one in data.decode())
    (page,) = zpl(b"^XA^FH_^FD" + data + b"^FS^XZ")
    assert page.fields == [("", text.encode())]


def test_half_a_character_is_named() -> None:
    with pytest.raises(TextUnprintableError) as caught:
        drawn(["ab\ud800"])
    assert caught.value.facts["characters"] == "\ud800"
    with pytest.raises(TextUnprintableError):
        drawn([], payload="a\udfff")


def test_codes_too_small_too_large_or_empty() -> None:
    with pytest.raises(ModuleTooSmallError, match=r"0\.25 mm"):
        drawn([], module=2)
    with pytest.raises(CodeTooLargeError):
        drawn([], module=8)
    with pytest.raises(CodeTooLargeError):
        drawn([], x=-1)
    with pytest.raises(PayloadEmptyError):
        drawn([], payload="")
    with pytest.raises(SheetError):
        drawn([], module=11)


@pytest.mark.parametrize("font", ["E:A.TTF^XZ", "arial", "", "E:宋体.TTF"])
def test_a_font_name_is_a_name(font: str) -> None:
    with pytest.raises(SheetError):
        drawn(["x"], font=font)


def test_the_bitmap_given_is_not_changed() -> None:
    bitmap = packed([[1, 0, 1]])
    before = dataclasses.replace(bitmap)
    one(bitmap)
    assert bitmap == before
