"""Symbols in ordinary pictures: what is read, where it is, and in which order."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter, ImageOps

from scanner import ChoiceUnknownError, EngineMissingError, Reading, read_picture

MakeCode = Callable[..., Image.Image]
Encode = Callable[..., bytes]

TEXT = "HTTPS://EXAMPLE.CN/A/7K3M9PQX2R"


def near(
    corners: tuple[tuple[int, int], ...], wanted: list[tuple[int, int]], within: float
) -> bool:
    return all(math.dist(a, b) <= within for a, b in zip(corners, wanted, strict=True))


def square(left: int, top: int, side: int) -> list[tuple[int, int]]:
    return [(left, top), (left + side, top), (left + side, top + side), (left, top + side)]


def test_a_clean_code_is_read_by_the_plain_pass(make_code: MakeCode, encode: Encode) -> None:
    code = make_code(TEXT)
    (reading,) = read_picture(encode(code))
    assert (reading.text, reading.symbology) == (TEXT, "qr")
    assert (reading.engine, reading.pass_name, reading.is_fallback) == ("zxing", "plain", False)
    assert near(reading.corners, square(24, 24, code.width - 48), within=3)


def test_a_file_reads_as_its_bytes(make_code: MakeCode, encode: Encode, tmp_path: Path) -> None:
    path = tmp_path / "label.png"
    path.write_bytes(encode(make_code(TEXT)))
    assert read_picture(path) == read_picture(path.read_bytes())
    assert read_picture(path) != ()


def test_several_codes_come_row_by_row_each_at_its_place(
    make_code: MakeCode, encode: Encode
) -> None:
    frame = Image.new("L", (900, 700), 255)
    places = {"D": (480, 400), "A": (20, 40), "C": (40, 380), "B": (500, 10)}
    for text, spot in places.items():
        frame.paste(make_code(text * 8), spot)
    readings = read_picture(encode(frame))
    assert [reading.text[0] for reading in readings] == ["A", "B", "C", "D"]
    for reading in readings:
        x, y = places[reading.text[0]]
        side = make_code(reading.text).width - 48
        assert near(reading.corners, square(x + 24, y + 24, side), within=3)


def test_two_labels_with_the_same_text_are_two_readings(
    make_code: MakeCode, encode: Encode
) -> None:
    frame = Image.new("L", (600, 300), 255)
    frame.paste(make_code(TEXT), (10, 10))
    frame.paste(make_code(TEXT), (310, 10))
    assert [reading.text for reading in read_picture(encode(frame))] == [TEXT, TEXT]


def warped(code: Image.Image) -> Image.Image:
    wide = ImageOps.expand(code, 60, 255)
    side = wide.width
    quad = (0, 0, 40, side, side, side - 30, side - 20, 25)
    return wide.transform((side, side), Image.Transform.QUAD, quad, fillcolor=255)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda code: code.rotate(31, expand=True, fillcolor=255), id="rotated"),
        pytest.param(warped, id="perspective"),
        pytest.param(lambda code: code.filter(ImageFilter.GaussianBlur(2)), id="blurred"),
        pytest.param(
            lambda code: ImageChops.add(code, Image.effect_noise(code.size, 60), 1, -128),
            id="noisy",
        ),
        pytest.param(lambda code: code.point(lambda v: 100 + v // 8), id="low contrast"),
        pytest.param(ImageOps.invert, id="inverted"),
        pytest.param(lambda code: code.convert("P"), id="palette"),
        pytest.param(
            lambda code: code.convert("I").point(lambda v: v * 100 + 30_000), id="16 bits"
        ),
    ],
)
def test_a_spoilt_code_is_still_read(
    spoil: Callable[[Image.Image], Image.Image], make_code: MakeCode, encode: Encode
) -> None:
    image = spoil(make_code(TEXT))
    data = encode(image.convert("I;16") if image.mode == "I" else image)
    assert [reading.text for reading in read_picture(data, accept=TEXT.__eq__)] == [TEXT]


def test_a_code_on_a_transparent_ground_is_on_white(make_code: MakeCode, encode: Encode) -> None:
    code = make_code(TEXT)
    clear = Image.new("RGBA", code.size, (0, 0, 0, 0))
    clear.putalpha(ImageOps.invert(code))
    assert [reading.text for reading in read_picture(encode(clear))] == [TEXT]


@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (3, Image.Transpose.ROTATE_180),
        (6, Image.Transpose.ROTATE_90),
        (8, Image.Transpose.ROTATE_270),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (5, Image.Transpose.TRANSPOSE),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_corners_are_those_of_the_upright_picture(
    orientation: int,
    stored: Image.Transpose,
    kind: str,
    make_code: MakeCode,
    encode: Encode,
) -> None:
    upright = Image.new("L", (500, 300), 255)
    code = make_code(TEXT)
    upright.paste(code, (30, 20))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(upright.transpose(stored), kind, exif=exif)
    (reading,) = read_picture(data)
    assert reading.text == TEXT
    assert near(reading.corners, square(54, 44, code.width - 48), within=4)


def test_only_the_symbologies_asked_for_are_read(make_code: MakeCode, encode: Encode) -> None:
    assert read_picture(encode(make_code(TEXT)), symbologies=("code128",)) == ()


def test_each_symbology_is_called_by_its_name(encode: Encode) -> None:
    zxingcpp = pytest.importorskip("zxingcpp")
    names = {"MicroQRCode": "microqr", "Code128": "code128", "DataMatrix": "datamatrix"}
    for format_name, name in names.items():
        code = zxingcpp.create_barcode("ABC12", getattr(zxingcpp.BarcodeFormat, format_name))
        image = ImageOps.expand(Image.fromarray(code.to_image(scale=5)), 40, 255)
        (reading,) = read_picture(encode(image), symbologies=("microqr", "code128", "datamatrix"))
        assert (reading.text, reading.symbology) == ("ABC12", name)


def test_an_unknown_symbology_or_engine_is_refused_by_name(encode: Encode) -> None:
    data = encode(Image.new("L", (50, 50), 255))
    with pytest.raises(ChoiceUnknownError, match="'aztec' is no symbology"):
        read_picture(data, symbologies=("aztec",))
    with pytest.raises(ChoiceUnknownError, match="'quirc' is no engine"):
        read_picture(data, engines=("quirc",))
    with pytest.raises(EngineMissingError):
        read_picture(data, engines=())


def test_a_picture_without_a_code_yields_nothing(encode: Encode) -> None:
    assert read_picture(encode(Image.effect_noise((320, 240), 40)), accept=lambda _: True) == ()


@pytest.mark.parametrize("text", ["A\x1b[2J\x07B", "two\r\nlines\ttab", "公物仓 №7 \u202e"])
def test_hostile_text_comes_out_as_it_is(text: str, make_code: MakeCode, encode: Encode) -> None:
    assert [reading.text for reading in read_picture(encode(make_code(text)))] == [text]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ:/.-", min_size=1, max_size=80))
def test_any_payload_comes_back(text: str, make_code: MakeCode, encode: Encode) -> None:
    (reading,) = read_picture(encode(make_code(text, box=3)))
    assert reading == Reading(
        text=text, symbology="qr", corners=reading.corners, engine="zxing", pass_name="plain"
    )
