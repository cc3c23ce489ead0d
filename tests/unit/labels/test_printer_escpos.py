from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.bitmap import Bitmap
from labels.escpos import BAND, PAPER, job, native
from labels.job import BitmapTooLargeError, CodeTooLargeError, TextUnprintableError
from labels.label import NoLabelsError, PayloadEmptyError, SheetError
from labels.text import clean
from tests.unit.labels.printers import bitmaps, dots, escpos, packed

PAYLOAD = "HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M29QXD4F.01ABCDEFGHJKMNPQRS"


def test_one_small_label_byte_for_byte() -> None:
    bitmap = packed([[1, 0, 1, 0, 1, 0, 1, 0, 1], [0, 1, 0, 1, 0, 1, 0, 1, 0]])
    assert job([bitmap], feed_dots=16) == (
        b"\x1b@\x1dv0\x00\x02\x00\x02\x00\xaa\x80\x55\x00\x1bJ\x10\x1dVB\x00"
    )


@given(bitmaps(highest=300))
def test_every_dot_arrives_in_bands(bitmap: Bitmap) -> None:
    (slip,) = escpos(job([bitmap]))
    assert [row[: bitmap.width] for row in slip.picture] == dots(bitmap)
    assert not any(any(row[bitmap.width :]) for row in slip.picture)
    assert sum(slip.bands) == bitmap.height
    assert max(slip.bands) <= BAND
    assert slip.cut


def test_copies_come_label_by_label() -> None:
    pictures = [packed([[1, 0]]), packed([[0, 1]])]
    slips = escpos(job(pictures, copies=2, cut=False, feed_dots=0))
    assert [slip.picture[0][:2] for slip in slips] == [[1, 0], [0, 1], [1, 0], [0, 1]]
    assert not any(slip.cut for slip in slips)


def test_what_the_paper_does_not_hold_is_refused() -> None:
    wide = packed([[1] * 385])
    assert len(escpos(job([wide]))) == 1
    with pytest.raises(BitmapTooLargeError, match="Picture 2 is 385 x 1 dots"):
        job([packed([[1]]), wide], width_dots=PAPER[58])
    with pytest.raises(NoLabelsError):
        job([])


@pytest.mark.parametrize(
    "settings", [{"copies": 0}, {"feed_dots": 256}, {"width_dots": 0}, {"width_dots": 1 << 20}]
)
def test_settings_that_cannot_be(settings: dict[str, int]) -> None:
    with pytest.raises(SheetError):
        job([packed([[1]])], **settings)  # type: ignore[arg-type]


# --- drawn by the printer ------------------------------------------------------------------


def test_a_label_drawn_by_the_printer() -> None:
    (slip,) = escpos(native(["电脑 A-1", "B"], payload=PAYLOAD, module=5, ecc="Q"))
    assert slip.code == {
        65: b"2\x00", 67: b"\x05", 69: b"\x32", 80: b"0" + PAYLOAD.encode(), 81: b"0",
    }  # fmt: skip
    assert slip.text.decode("gb18030") == "\n电脑 A-1\nB\n"
    assert slip.cut


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_holds_an_order(text: str) -> None:
    (slip,) = escpos(native([text], payload="A"))
    assert slip.text.decode("gb18030") == f"\n{clean(text)}\n"


def test_payloads_that_cannot_be_printed() -> None:
    for payload in ("a\x10\x14\x01", "a\x1d", "\ud800"):
        with pytest.raises(TextUnprintableError):
            native([], payload=payload)
    with pytest.raises(PayloadEmptyError):
        native([], payload="")
    with pytest.raises(CodeTooLargeError):
        native([], payload=PAYLOAD, module=16, width_dots=PAPER[58])
    with pytest.raises(SheetError):
        native([], payload="A", module=2)
