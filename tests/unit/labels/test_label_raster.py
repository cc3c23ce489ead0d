from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labels import (
    Label,
    builtin,
    compose,
    drawing_svg,
    drawings,
    face,
    find_font,
    small_modules,
    unreadable,
)
from labels.bitmap import Bitmap
from labels.drawing import Box, Drawing, Modules, Text
from labels.encode import symbol
from labels.label import (
    FaultyLabelsError,
    ModuleTooSmallError,
    PayloadEmptyError,
    PayloadTooLongError,
    SheetError,
)
from labels.raster import SmallModules, bitmap, png
from labels.template import ROLLS, Logo, Symbol

FACE = face(find_font(None))
SVG = "{http://www.w3.org/2000/svg}"


def label(number: int, **values: str) -> Label:
    return Label(
        payload=f"HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M{number:05d}4F.01ABCDEFGHJKMNPQRS",
        short=f"K7M{number:05d}4F.01ABCDEFGHJKMNPQRS",
        code=f"K7M{number % 10}-{number:04d}-4F",
        values=values or {"name": "笔记本电脑", "owner": "甲县机关事务管理中心"},
    )


def dot(picture: Bitmap, x: int, y: int) -> bool:
    return bool(picture.rows[y * picture.stride + x // 8] >> (7 - x % 8) & 1)


def box_drawing(*boxes: Box, width: float = 20.0, height: float = 10.0) -> Drawing:
    return Drawing(name="box", width=width, height=height, marks=boxes)


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("name", ROLLS)
def test_every_roll_is_read_back_at_the_resolution_of_its_printer(name: str, dpi: int) -> None:
    made = drawings([label(n) for n in range(4)], builtin(name), FACE, dpi=dpi)
    assert unreadable(made, dpi=dpi, typeface=FACE) == []


def test_modules_are_whole_dots_and_the_quiet_zone_is_blank() -> None:
    drawing = compose(label(1), builtin("50x30"), FACE)
    picture = bitmap(drawing, dpi=203, typeface=FACE)
    assert (picture.width, picture.height) == (400, 240)
    assert len(picture.rows) == picture.stride * picture.height
    (mark,) = [one for one in drawing.marks if isinstance(one, Modules)]
    x, y = (round(at * 8) for at in (mark.x, mark.y))
    found = [
        (x + dx, y + dy)
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
        if all(
            dot(picture, x + dx + column * 5 + inner, y + dy + row * 5 + inner) is dark
            for row, line in enumerate(mark.matrix)
            for column, dark in enumerate(line)
            for inner in (0, 4)
        )
    ]
    assert len(found) == 1
    left, top = found[0]
    for at in range(-20, 29 * 5 + 20):
        for out in (-20, -1, 29 * 5, 29 * 5 + 19):
            assert not dot(picture, left + at, top + out)
            assert not dot(picture, left + out, top + at)


@given(
    st.floats(5.0, 20.0), st.floats(5.0, 20.0), st.sampled_from([203, 300]),
    st.tuples(st.floats(0, 4), st.floats(0, 4), st.floats(0.2, 5), st.floats(0.2, 5)),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_a_box_is_the_dots_it_covers_and_spare_bits_are_blank(
    width: float, height: float, dpi: int, box: tuple[float, float, float, float]
) -> None:
    x, y, wide, high = box
    drawing = box_drawing(Box(x=x, y=y, width=wide, height=high), width=width, height=height)
    picture = bitmap(drawing, dpi=dpi, typeface=FACE)
    scale = dpi / 25.4
    for row in range(picture.height):
        line = picture.rows[row * picture.stride : (row + 1) * picture.stride]
        bits = f"{int.from_bytes(line, 'big'):0{picture.stride * 8}b}"
        assert "1" not in bits[picture.width :]
        inside = round(y * scale) <= row < round((y + high) * scale)
        left, right = round(x * scale), max(round(x * scale) + 1, round((x + wide) * scale))
        right = min(right, picture.width)
        wanted = "0" * left + "1" * (right - left) + "0" * (picture.width - right)
        if inside:
            assert bits[: picture.width] == wanted


def test_modules_below_the_floor_are_refused_and_small_ones_are_told() -> None:
    drawing = compose(label(1), builtin("30x20"), FACE, dpi=300)
    assert small_modules([drawing], dpi=300) == [SmallModules(name=label(1).code, module_mm=0.423)]
    assert small_modules([compose(label(1), builtin("30x20"), FACE)], dpi=203) == []
    # Drawn for 203 dpi with 0.375 mm, a module has room for only four dots of 300 dpi: 0.339 mm.
    tight = replace(builtin("30x20"), symbol=Symbol(x=0.5, y=0.5, side=13.0))
    drawn = compose(label(1), tight, FACE)
    assert bitmap(drawn, dpi=203, typeface=FACE).width == 240
    for work in (
        lambda: bitmap(drawn, dpi=300, typeface=FACE),
        lambda: small_modules([drawn], dpi=300),
        lambda: compose(label(1), tight, FACE, dpi=300),
    ):
        with pytest.raises(ModuleTooSmallError) as caught:
            work()
        assert caught.value.facts["module_mm"] == 0.339


@pytest.mark.parametrize("dpi", [0, 99, -203, 5000])
def test_resolutions_of_no_printer_are_refused(dpi: int) -> None:
    with pytest.raises(SheetError):
        bitmap(box_drawing(), dpi=dpi, typeface=FACE)
    with pytest.raises(SheetError):
        compose(label(1), builtin("30x20"), FACE, dpi=dpi)
    with pytest.raises(SheetError):
        bitmap(box_drawing(width=300.0, height=300.0), dpi=2400, typeface=FACE)


def test_ink_over_a_symbol_is_found_before_printing() -> None:
    good, other = drawings([label(1), label(2)], builtin("40x30"), FACE)
    over = replace(other, marks=(*other.marks, Box(x=4, y=4, width=12, height=12)))
    assert [(one.name, one.nth, one.found) for one in unreadable(
        [good, over, good], dpi=203, typeface=FACE
    )] == [(label(2).code, 2, ())]  # fmt: skip
    # A second symbol that nobody asked for is as bad: a scanner may read that one.
    modules = next(one for one in other.marks if isinstance(one, Modules))
    broken = replace(modules, matrix=tuple(tuple(False for _ in row) for row in modules.matrix))
    (bad,) = unreadable([replace(good, marks=(*good.marks, broken))], dpi=203, typeface=FACE)
    assert bad.found == (label(1).payload,)
    assert unreadable([box_drawing()], dpi=203, typeface=FACE) == []


@pytest.mark.parametrize("kind", ["qr", "datamatrix", "code128"])
def test_every_kind_of_symbol_is_read_back(kind: str) -> None:
    spot = Symbol(kind=kind, x=1.0, y=1.0, side=66.0, height=12.0 if kind == "code128" else 0.0)
    payload = "K7M29QXD4F" if kind == "code128" else label(1).payload
    template = replace(builtin("70x50"), height=70.0, fields=(), columns=(), symbol=spot)
    made = drawings([replace(label(1), payload=payload, short="")], template, FACE)
    assert unreadable(made, dpi=203, typeface=FACE) == []
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(png(made[0], dpi=203, typeface=FACE))))
    assert code.text == payload
    wanted = {"qr": "QR Code", "datamatrix": "Data Matrix", "code128": "Code 128"}
    assert str(code.symbology) == wanted[kind]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60))
@settings(max_examples=80, deadline=None)
def test_any_ascii_text_makes_a_square_data_matrix_that_is_read_back(payload: str) -> None:
    matrix = symbol("datamatrix", payload, ecc="M", name="A")
    assert len(matrix) == len(matrix[0])
    mark = Modules(matrix=matrix, x=4.0, y=4.0, module=0.5)
    drawing = Drawing(name="A", width=80.0, height=80.0, marks=(mark,))
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(png(drawing, dpi=203, typeface=FACE))))
    assert code.text == payload


def test_unknown_symbols_and_unfit_payloads_are_refused() -> None:
    with pytest.raises(SheetError):
        symbol("aztec", "A", ecc="M", name="A")
    with pytest.raises(PayloadEmptyError):
        symbol("datamatrix", "", ecc="M", name="A")
    for kind in ("datamatrix", "code128"):
        with pytest.raises(PayloadTooLongError):
            symbol(kind, "A" * 4000, ecc="M", name="A")


def test_text_is_drawn_where_the_drawing_says_and_bold_is_blacker() -> None:
    def ink(*, strong: bool) -> tuple[Any, int]:
        text = Text(text="国有资产", x=5.0, y=8.0, size_pt=10.0, strong=strong)
        data = png(box_drawing(text), dpi=203, typeface=FACE)  # type: ignore[arg-type]
        picture = Image.open(BytesIO(data)).convert("L").point(lambda value: 255 - value)
        return picture.getbbox(), sum(value > 0 for value in picture.tobytes())

    box, plain = ink(strong=False)
    em = 10 * 25.4 / 72
    wanted = (5.0 * 8, (8.0 - 0.88 * em) * 8, (5.0 + 4 * em) * 8, (8.0 + 0.12 * em) * 8)
    assert box == pytest.approx(wanted, abs=4)
    assert ink(strong=True)[1] > 1.15 * plain


def test_faults_of_a_batch_name_every_label() -> None:
    with pytest.raises(FaultyLabelsError) as caught:
        drawings([label(1), label(2, name="🦄"), label(3, name="🐴")], builtin("30x20"), FACE)
    assert [one.facts["nth"] for one in caught.value.errors] == [2, 3]
    assert "U+1F434" in str(caught.value)


def test_a_logo_is_black_where_its_picture_is(logo: bytes) -> None:
    spot = Logo(x=48.0, y=32.5, width=8.0, height=4.0)
    template = replace(builtin("60x40"), logo=spot, logo_png=logo)
    picture = bitmap(compose(label(1), template, FACE), dpi=203, typeface=FACE)
    middle = round(34.5 * 8)
    assert all(dot(picture, x, middle) for x in range(48 * 8 + 1, 52 * 8 - 2))
    assert not any(dot(picture, x, middle) for x in range(52 * 8 + 2, 56 * 8))


def test_a_drawing_as_svg_says_the_same(logo: bytes) -> None:
    spot = Logo(x=48.0, y=32.5, width=8.0, height=4.0)
    template = replace(builtin("60x40"), border=True, logo=spot, logo_png=logo)
    one = label(1, name='<b>&"笔记本')
    drawing = compose(one, template, FACE)
    root = ET.fromstring(drawing_svg(drawing))  # noqa: S314  made here
    assert (root.get("width"), root.get("viewBox")) == ("60mm", "0 0 60 40")
    shown = "".join(text.text or "" for text in root.iter(f"{SVG}text"))
    assert shown == "".join(mark.text for mark in drawing.marks if isinstance(mark, Text))
    assert '<b>&"笔记本' in shown
    assert len(list(root.iter(f"{SVG}image"))) == 1
    assert len(list(root.iter(f"{SVG}rect"))) == 5
