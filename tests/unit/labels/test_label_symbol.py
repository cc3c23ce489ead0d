from __future__ import annotations

from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labels import Label, LabelError, png, qr_matrix, svg
from labels.encode import runs
from labels.label import (
    GlyphMissingError,
    ModuleTooSmallError,
    PayloadEmptyError,
    PayloadTooLongError,
    SheetError,
)

PAYLOAD = "HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M29QXD4F.01ABCDEFGHJKMNPQRS"
LABEL = Label(payload=PAYLOAD, code="K7M2-9QXD-4F", lines=("笔记本电脑", "国有资产管理处"))
FINDER = ("1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111")
SVG = "{http://www.w3.org/2000/svg}"


def read(picture: bytes) -> list[str]:
    found = zxingcpp.read_barcodes(Image.open(BytesIO(picture)))
    return [code.text for code in found]


@pytest.mark.parametrize(
    ("length", "ecc", "modules"),
    [
        # ISO/IEC 18004, table 7: the alphanumeric capacity of versions 1 to 4.
        (20, "M", 21),
        (21, "M", 25),
        (38, "M", 25),
        (39, "M", 29),
        (56, "M", 29),
        (61, "M", 29),
        (62, "M", 33),
        (47, "Q", 29),
        (48, "Q", 33),
        (77, "L", 29),
        (35, "H", 29),
        (36, "H", 33),
    ],
)
def test_the_code_has_the_size_the_standard_gives(length: int, ecc: str, modules: int) -> None:
    matrix = qr_matrix(("A1B2C/.-" * 10)[:length], ecc=ecc)
    assert len(matrix) == modules
    assert {len(row) for row in matrix} == {modules}


def test_digits_in_the_payload_do_not_split_it_into_segments() -> None:
    # Split at a long run of digits, these 61 characters would need two more headers.
    assert len(qr_matrix("A" * 20 + "1" * 20 + "A" * 21)) == 29


def test_lower_case_needs_the_byte_mode_and_a_larger_code() -> None:
    assert len(qr_matrix(PAYLOAD.lower())) > len(qr_matrix(PAYLOAD))


def test_the_finder_pattern_lies_in_the_corner_without_quiet_zone() -> None:
    matrix = qr_matrix(PAYLOAD)
    corner = ["".join("01"[dark] for dark in row[:7]) for row in matrix[:7]]
    assert tuple(corner) == FINDER
    assert "".join("01"[row[-1]] for row in matrix[:7]) == "1111111"


def test_runs_cover_exactly_the_dark_modules_and_are_as_long_as_they_can_be() -> None:
    matrix = qr_matrix(PAYLOAD)
    cover = [(x + i, y) for x, y, length in runs(matrix) for i in range(length)]
    dark = {(x, y) for y, row in enumerate(matrix) for x, is_dark in enumerate(row) if is_dark}
    assert len(cover) == len(set(cover))
    assert set(cover) == dark
    ends = {(x + length, y) for x, y, length in runs(matrix)}
    assert not ends & dark


@pytest.mark.parametrize("ecc", ["L", "M", "Q", "H"])
def test_a_png_is_read_back_exactly(ecc: str) -> None:
    assert read(png(LABEL, ecc=ecc)) == [PAYLOAD]


@settings(max_examples=30, deadline=None)
@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", min_size=1, max_size=200))
def test_any_alphanumeric_payload_is_read_back_exactly(payload: str) -> None:
    picture = png(Label(payload=payload, code="X"), module_px=4, caption=False)
    assert read(picture) == [payload]


def test_a_png_without_caption_is_the_code_and_its_quiet_zone() -> None:
    picture = Image.open(BytesIO(png(LABEL, module_px=3, quiet=2, caption=False)))
    assert picture.size == ((29 + 4) * 3, (29 + 4) * 3)
    dark = picture.point(lambda value: 255 - value)
    assert dark.getbbox() == (6, 6, 6 + 29 * 3, 6 + 29 * 3)


def test_a_caption_grows_downwards_and_every_line_adds_ink() -> None:
    bare = Image.open(BytesIO(png(LABEL, caption=False)))
    one = Image.open(BytesIO(png(Label(payload=PAYLOAD, code=LABEL.code))))
    full = Image.open(BytesIO(png(LABEL)))
    assert bare.width == one.width == full.width
    assert bare.height < one.height < full.height
    assert one.crop((0, bare.height, one.width, one.height)).getextrema() == (0, 255)


def test_a_very_small_picture_still_has_room_for_its_caption() -> None:
    assert Image.open(BytesIO(png(LABEL, module_px=1))).width >= 100


def test_a_png_refuses_a_character_the_font_lacks() -> None:
    with pytest.raises(GlyphMissingError) as caught:
        png(Label(payload=PAYLOAD, code="K7M2", lines=("🦄",)))
    assert caught.value.facts["label"] == "K7M2"
    assert "U+1F984" in str(caught.value)


def test_an_svg_has_millimetres_one_path_and_the_text() -> None:
    tree = ET.fromstring(svg(LABEL, module_mm=0.5))  # noqa: S314 - our own drawing
    assert tree.get("width") == "18.5mm"
    paths = tree.findall(f"{SVG}path")
    assert len(paths) == 1
    assert (paths[0].get("d") or "").count("z") == len(list(runs(qr_matrix(PAYLOAD))))
    assert paths[0].get("transform") == "translate(2 2) scale(0.5)"
    assert [text.text for text in tree.findall(f"{SVG}text")] == [LABEL.code, *LABEL.lines]


def test_markup_and_control_characters_in_an_svg_stay_text() -> None:
    evil = '</text><script>alert("1")</script>&\x00\x1b[31m\u202e\ufffe\ud800'
    drawing = svg(Label(payload=PAYLOAD, code="<K7&M2>", lines=(evil,)))
    tree = ET.fromstring(drawing)  # noqa: S314 - our own drawing
    assert {element.tag.removeprefix(SVG) for element in tree.iter()} == {
        "svg",
        "title",
        "rect",
        "path",
        "text",
    }
    shown = "".join(text.text or "" for text in tree.findall(f"{SVG}text"))
    assert shown == '<K7&M2></text><script>alert("1")</script>&[31m'


def test_an_svg_below_the_floor_is_refused() -> None:
    assert svg(LABEL, module_mm=0.375)
    for module in (0.374, 0.0, -1.0, float("nan")):
        with pytest.raises(ModuleTooSmallError):
            svg(LABEL, module_mm=module)


def test_a_payload_that_no_code_holds_is_refused() -> None:
    # Version 40-M holds 3,391 alphanumeric characters.
    assert len(qr_matrix("A" * 3391)) == 177
    with pytest.raises(PayloadTooLongError) as caught:
        png(Label(payload="A" * 3392, code="K7M2"))
    assert caught.value.facts == {"label": "K7M2", "ecc": "M", "length": 3392}


def test_unusable_settings_are_refused() -> None:
    with pytest.raises(PayloadEmptyError):
        qr_matrix("")
    with pytest.raises(SheetError, match="ecc"):
        qr_matrix(PAYLOAD, ecc="X")
    with pytest.raises(SheetError, match="module_px"):
        png(LABEL, module_px=0)
    with pytest.raises(SheetError, match="quiet"):
        svg(LABEL, quiet=-1)
    assert issubclass(SheetError, LabelError)
