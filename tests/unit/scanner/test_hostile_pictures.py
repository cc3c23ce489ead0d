"""Files that are broken, huge or no pictures: one error with a plain reason, never a crash."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from scanner import PictureUnreadableError, read_picture
from scanner.image import Mode

MakeCode = Callable[..., Image.Image]
Encode = Callable[..., bytes]


def png(width: int, height: int, body: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        sums = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + sums

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "it is empty", id="empty"),
        pytest.param(b"asset,place\n1,2\n" * 40, "it is not a picture", id="text"),
        pytest.param(png(60_000, 60_000), "more than 200 megapixels", id="huge"),
        pytest.param(png(20_001, 10_000), "more than 200 megapixels", id="just too large"),
        pytest.param(png(50, 50), "cut short or damaged", id="no pixels in the body"),
        pytest.param(png(0, 0), "", id="no size"),
        pytest.param(b"GIF89a" + bytes(10), "", id="gif without a frame"),
        pytest.param(b"II*\x00" + b"\xff" * 60, "", id="tiff astray"),
        pytest.param(b"BM" + b"\xff" * 60, "", id="bmp astray"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(PictureUnreadableError) as caught:
        read_picture(data)
    assert caught.value.code == "scan.picture_unreadable"
    assert reason in str(caught.value)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP", "WEBP"])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.7])
def test_a_picture_cut_short_is_refused(
    kind: str, part: float, make_code: MakeCode, encode: Encode
) -> None:
    data = encode(make_code("CUT SHORT"), kind)
    with pytest.raises(PictureUnreadableError):
        read_picture(data[: int(len(data) * part)])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "TIFF", "BMP", "WEBP", "GIF"]),
    spots=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=12),
    end=st.floats(0.1, 1),
)
def test_spoilt_bytes_are_refused_or_read_and_nothing_else(
    kind: str, spots: list[tuple[float, int]], end: float, make_code: MakeCode, encode: Encode
) -> None:
    data = bytearray(encode(make_code("SPOILT", box=3), kind))
    for place, value in spots:
        data[int(place * len(data))] = value
    try:
        readings = read_picture(bytes(data[: int(len(data) * end)]), mode="photo")
    except PictureUnreadableError:
        return
    assert all(reading.text == "SPOILT" for reading in readings)


@pytest.mark.parametrize("mode", ["photo", "thorough"])
def test_a_picture_made_to_look_like_codes_ends(mode: Mode, encode: Encode) -> None:
    finder = Image.new("L", (90, 90), 255)
    for inset, shade in ((10, 0), (20, 255), (30, 0)):
        finder.paste(shade, (inset, inset, 90 - inset, 90 - inset))
    wall = Image.new("L", (1080, 720), 255)
    for number in range(96):
        wall.paste(finder, (number % 12 * 90, number // 12 * 90))
    ticks = count()
    # Each look at the clock is a second, so the budget ends it after 40 steps on any machine.
    readings = read_picture(
        encode(wall), mode=mode, budget_seconds=40, now=lambda: float(next(ticks))
    )
    assert readings == ()
    assert next(ticks) <= 43


def test_broken_exif_does_not_lose_the_picture(make_code: MakeCode, encode: Encode) -> None:
    data = encode(
        make_code("SOUND"), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff" + b"\xff" * 9
    )
    assert [reading.text for reading in read_picture(data)] == ["SOUND"]


def test_the_reason_names_the_file(tmp_path: Path) -> None:
    text = tmp_path / "list.png"
    text.write_text("not a picture")
    with pytest.raises(PictureUnreadableError, match=r"list\.png .*it is not a picture"):
        read_picture(text)
    with pytest.raises(PictureUnreadableError, match="it does not exist"):
        read_picture(tmp_path / "gone.png")
    with pytest.raises(PictureUnreadableError, match="it is a folder"):
        read_picture(tmp_path)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 3)])
def test_a_tiny_picture_holds_nothing(size: tuple[int, int], encode: Encode) -> None:
    assert read_picture(encode(Image.new("L", size, 90))) == ()


def test_the_limit_of_the_imaging_library_is_left_as_it_was() -> None:
    before = Image.MAX_IMAGE_PIXELS
    with pytest.raises(PictureUnreadableError):
        read_picture(png(60_000, 60_000))
    assert before == Image.MAX_IMAGE_PIXELS
