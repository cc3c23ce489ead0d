from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels import Label, builtin, compose, face, find_font, load
from labels.drawing import Box, Drawing, Modules, Picture, Text
from labels.encode import QUIETS
from labels.label import (
    FaultyTemplateError,
    GlyphMissingError,
    LogoError,
    ModuleTooSmallError,
    PayloadEmptyError,
    SheetError,
    TextClippedError,
)
from labels.template import ROLLS, SHEET, Field, Symbol, Template, for_cell

FACE = face(find_font(None))
LABEL = Label(
    payload="HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M29QXD4F.01ABCDEFGHJKMNPQRS",
    short="K7M29QXD4F.01ABCDEFGHJKMNPQRS",
    code="K7M2-9QXD-4F",
    values={
        "name": "联想笔记本电脑（国产化）",
        "owner": "甲县机关事务管理中心",
        "card_no": "2026-001",
        "model": "ThinkPad T14",
        "serial": "PF3ABCDE",
        "acquired": "2026-11-23",
        "place": "一号公物仓 A-03-2",
    },
)
GOOD = """
width = 40.0
height = 30.0
border = true
ecc = "Q"
language = "en"

[symbol]
kind = "datamatrix"
x = 1.0
y = 1.0
side = 20.0

[logo]
x = 22.0
y = 20.0
width = 10.0
height = 8.0

[[field]]
value = "name"
x = 22.0
y = 1.0
width = 17.0
height = 8.0
largest_pt = 8.0
smallest_pt = 6.0
bold = true
centred = true
caption = { zh = "名称：", en = "Name: " }
"""


def marks(drawing: Drawing, kind: type) -> list[Any]:
    return [mark for mark in drawing.marks if isinstance(mark, kind)]


def texts(drawing: Drawing) -> str:
    return "".join(mark.text for mark in marks(drawing, Text)).replace(" ", "")


def faults(text: str) -> list[tuple[object, object, str]]:
    with pytest.raises(FaultyTemplateError) as caught:
        load(text, "mine")
    return [
        (error.facts["place"], error.facts["key"], type(error).__name__)
        for error in caught.value.errors
    ]


# --- reading -------------------------------------------------------------------------------


def test_every_line_of_a_template_is_read() -> None:
    template = load(GOOD, "mine")
    assert (template.width, template.height, template.level) == (40.0, 30.0, "Q")
    assert (template.border, template.language, template.payload) == (True, "en", "long")
    assert template.symbol == Symbol(kind="datamatrix", x=1.0, y=1.0, side=20.0)
    (one,) = template.fields
    assert one == Field(
        value="name", x=22.0, y=1.0, width=17.0, height=8.0, largest_pt=8.0, smallest_pt=6.0,
        bold=True, centred=True, caption={"zh": "名称：", "en": "Name: "},
    )  # fmt: skip


def test_every_fault_is_named_with_its_place_at_once() -> None:
    text = GOOD.replace("height = 30.0", "", 1)
    text = text.replace('ecc = "Q"', 'ecc = "Z"').replace("border = true", "border = 1")
    text = text.replace("side = 20.0", 'side = "20"').replace("largest_pt = 8.0", "largest_pt = 5")
    text = text.replace("bold = true", "bald = true") + 'fr = "Nom"\n[[field]]\nx = nan\n'
    text = text.replace('fr = "Nom"\n', "")
    assert set(faults(text)) == {
        ("label", "height", "TemplateKeyMissingError"),
        ("label", "ecc", "TemplateChoiceError"),
        ("label", "border", "TemplateKindError"),
        ("symbol", "side", "TemplateKindError"),
        ("field 1 (name)", "largest_pt", "TemplateRangeError"),
        ("field 1 (name)", "bald", "TemplateKeyUnknownError"),
        ("field 2 (?)", "value", "TemplateKeyMissingError"),
        ("field 2 (?)", "x", "TemplateKindError"),
        ("field 2 (?)", "y", "TemplateKeyMissingError"),
        ("field 2 (?)", "width", "TemplateKeyMissingError"),
        ("field 2 (?)", "height", "TemplateKeyMissingError"),
    }


def test_the_sentence_of_a_template_names_all_its_faults() -> None:
    with pytest.raises(FaultyTemplateError) as caught:
        load('width = 1\nheight = 20\ncolour = "red"\n', "mine")
    assert "width cannot be 1, use 5.0 to 300.0" in str(caught.value)
    assert "there is no colour" in str(caught.value)
    assert [one.code for one in caught.value.errors] == ["label.template_fault"] * 2


def test_what_lies_beyond_the_label_or_over_the_symbol_is_a_fault() -> None:
    beyond = GOOD.replace("width = 17.0", "width = 18.5")
    assert faults(beyond) == [("field 1 (name)", "", "TemplateOutsideError")]
    over = GOOD.replace("x = 22.0\ny = 20.0", "x = 20.5\ny = 20.0")
    assert faults(over) == [("logo", "", "TemplateOverlapError")]
    large = GOOD.replace("side = 20.0", "side = 29.5")
    assert ("symbol", "", "TemplateOutsideError") in faults(large)


@pytest.mark.parametrize(
    "text", ["width = ", "[[[", "a = 1\na = 2", "\x00", "field = 3", "symbol = 1", "[" * 5000]
)
def test_a_text_that_is_no_template_is_refused_by_name(text: str) -> None:
    with pytest.raises(FaultyTemplateError, match="mine"):
        load(text, "mine")


@given(st.text(max_size=60) | st.text("[]=\"'.{}widthfeldsymbo1\n ", max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    with pytest.raises(FaultyTemplateError):
        load(text, "mine")


def test_unknown_builtin_templates_are_refused() -> None:
    for name in ("../30x20", "31x20", ""):
        with pytest.raises(SheetError, match="30x20 40x30"):
            builtin(name)


# --- composing -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROLLS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_builtin_rolls_carry_every_value_in_both_languages(name: str, language: str) -> None:
    template = replace(builtin(name), language=language)
    drawing = compose(LABEL, template, FACE)
    printed = texts(drawing)
    assert LABEL.code in printed
    for field in template.fields:
        if field.value != "code":
            caption = field.caption.get(language, "")
            assert (caption + LABEL.values[field.value]).replace(" ", "") in printed


@pytest.mark.parametrize("name", ROLLS)
def test_text_stays_on_the_label_and_out_of_the_quiet_zone(name: str) -> None:
    template = builtin(name)
    drawing = compose(LABEL, template, FACE)
    (symbol,) = marks(drawing, Modules)
    rim = QUIETS["qr"] * symbol.module
    side = len(symbol.matrix) * symbol.module
    for text in marks(drawing, Text):
        em = text.size_pt * 25.4 / 72
        left, right = text.x, text.x + FACE.measure(text.text) * em
        top, bottom = text.y - 0.88 * em, text.y + 0.12 * em
        assert left >= 0
        assert top >= 0
        assert right <= template.width + 1e-6
        assert bottom <= template.height + 1e-6
        apart = (
            left >= symbol.x + side + rim - 1e-6
            or top >= symbol.y + side + rim - 1e-6
            or right <= symbol.x - rim
            or bottom <= symbol.y - rim
        )
        assert apart, text.text


@pytest.mark.parametrize(
    ("name", "dpi", "module", "modules"),
    [
        # 16.5 mm over 25 + 8 modules of the short payload; 22 mm over 29 + 8 of the long one.
        ("30x20", 203, 0.5, 25),
        ("40x30", 203, 0.5, 29),
        ("50x30", 203, 0.625, 29),
        # Level Q: version 4.
        ("60x40", 203, 0.75, 33),
        ("70x50", 203, 0.875, 33),
        ("70x50", 300, 10 * 25.4 / 300, 33),
    ],
)
def test_modules_are_the_largest_whole_dots(
    name: str, dpi: int, module: float, modules: int
) -> None:
    (symbol,) = marks(compose(LABEL, builtin(name), FACE, dpi=dpi), Modules)
    assert symbol.module == pytest.approx(module)
    assert len(symbol.matrix) == modules


def test_the_short_payload_stands_in_where_the_long_one_would_be_too_small() -> None:
    long = replace(LABEL, payload="A" * 300)
    (symbol,) = marks(compose(long, builtin("50x30"), FACE), Modules)
    assert len(symbol.matrix) == 25
    with pytest.raises(ModuleTooSmallError) as caught:
        compose(replace(long, short=""), builtin("50x30"), FACE)
    assert caught.value.facts["preset"] == "50x30"
    for template in (builtin("50x30"), builtin("30x20"), builtin(SHEET)):
        with pytest.raises(PayloadEmptyError):
            compose(replace(LABEL, payload="", short=""), template, FACE)


def test_missing_glyphs_and_text_without_room_are_refused_with_the_label() -> None:
    template = builtin("40x30")
    with pytest.raises(GlyphMissingError, match="U\\+1F984") as missing:
        compose(replace(LABEL, values={"name": "🦄甲"}), template, FACE)
    assert missing.value.facts["label"] == LABEL.code
    long = "固定资产" * 40
    with pytest.raises(TextClippedError) as clipped:
        compose(replace(LABEL, values={"owner": long}), template, FACE)
    assert clipped.value.facts["line"] == long
    # A value that the template does not print may be of any kind.
    compose(replace(LABEL, values={"remark": "🦄"}), template, FACE)


@pytest.mark.parametrize("text", ["A" * 200_000, "固" * 200_000, "a b " * 50_000])
def test_text_of_any_length_is_refused_at_once(text: str) -> None:
    from labels import PRESETS

    for template in (builtin("70x50"), for_cell(builtin(SHEET), PRESETS["a4-24"])):
        with pytest.raises(TextClippedError):
            compose(replace(LABEL, values={"name": text}), template, FACE)


def test_absent_values_leave_their_places_empty() -> None:
    drawing = compose(replace(LABEL, values={"name": "桌"}), builtin("60x40"), FACE)
    assert texts(drawing) == LABEL.code + "桌"


def test_lines_and_values_fill_a_sheet_alike() -> None:
    from labels import PRESETS

    template = for_cell(builtin(SHEET), PRESETS["a4-24"])
    by_value = texts(compose(LABEL, template, FACE))
    assert by_value.startswith(LABEL.code)
    assert "甲县机关事务管理中心" in by_value
    assert texts(compose(replace(LABEL, lines=("甲", "乙")), template, FACE)) == (
        LABEL.code + "甲乙"
    )


def test_a_border_a_code128_and_all_lines_of_a_label() -> None:
    template = load(
        'width=70\nheight=30\nborder=true\n[symbol]\nkind="code128"\nx=2\ny=2\nside=66\nheight=9\n'
        'value="card_no"\n'
        '[[field]]\nvalue="lines"\nx=2\ny=12\nwidth=50\nheight=15\ncaption={zh="资产："}\n',
        "bars",
    )
    label = replace(LABEL, lines=("一", "二"))
    drawing = compose(label, template, FACE)
    (symbol,) = marks(drawing, Modules)
    # Start, 2026 in two, a dash and 001, check and stop: what the card number needs, no more.
    assert len(symbol.matrix) == 1
    assert len(symbol.matrix[0]) < 140
    assert symbol.module * symbol.tall == pytest.approx(9.0)
    assert [text.text for text in marks(drawing, Text)] == ["资产：一", "二"]
    assert len(marks(drawing, Box)) == 4
    with pytest.raises(PayloadEmptyError):
        compose(replace(label, values={}), template, FACE)


def test_a_logo_keeps_its_shape_and_must_be_a_png(logo: bytes) -> None:
    template = replace(load(GOOD, "mine"), logo_png=logo)
    (picture,) = marks(compose(LABEL, template, FACE), Picture)
    assert picture.width / picture.height == pytest.approx(2.0)
    assert (picture.x, picture.width) == (22.0, 10.0)
    assert marks(compose(LABEL, replace(template, logo_png=b""), FACE), Picture) == []
    for bad in (b"GIF89a", logo[:20], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\xff" * 8):
        with pytest.raises(LogoError):
            compose(LABEL, replace(template, logo_png=bad), FACE)


def test_a_template_larger_than_the_cells_is_refused() -> None:
    from labels import PRESETS

    with pytest.raises(SheetError, match=r"70\.0 x 50\.0 mm does not fit"):
        for_cell(builtin("70x50"), PRESETS["a4-24"])
    fits: Template = for_cell(builtin("30x20"), PRESETS["a4-65"])
    assert fits == builtin("30x20")
