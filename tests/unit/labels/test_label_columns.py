"""Columns of a label: what is absent leaves no hole, what is long takes room from the others."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels import Label, builtin, compose, face, find_font, load
from labels.drawing import Drawing, Modules, Text
from labels.label import FaultyTemplateError, GlyphMissingError, TextClippedError
from labels.template import ROLLS

FACE = face(find_font(None))
EM = 25.4 / 72
VALUES = {
    "name": "台式计算机", "owner": "甲县机关事务管理中心", "card_no": "2026-001", "model": "X-100",
    "serial": "SN12345", "acquired": "2020-01-02", "place": "一号公物仓",
}  # fmt: skip
FORTY = "高清智能会议一体机含无线投屏器及移动支架双频无线网络适配器成套设备四十汉字样例名"
UNIT = "甲县高新技术产业开发区管理委员会后勤保障和公物仓管理办公室"
TEMPLATE = """
width = 40.0
height = 30.0
[[column]]
x = 1.0
y = 1.0
width = 30.0
height = {height}
[[column.field]]
value = "name"
largest_pt = 10.0
[[column.field]]
value = "owner"
largest_pt = 10.0
optional = true
[[column.field]]
value = "place"
largest_pt = 10.0
optional = true
"""


def label(**values: str) -> Label:
    text = "HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M29QXD4F.01ABCDEFGHJKMNPQRS"
    return Label(payload=text, short=text[28:], code="K7M2-9QXD-4F", values=values)


def rows(drawing: Drawing) -> list[Text]:
    return [mark for mark in drawing.marks if isinstance(mark, Text)]


def composed(height: float, **values: str) -> list[Text]:
    return rows(compose(label(**values), load(TEMPLATE.format(height=height), "mine"), FACE))


def said(texts: list[Text]) -> str:
    return "".join(text.text for text in texts)


@pytest.mark.parametrize("name", ROLLS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_value_of_every_column_is_printed(name: str, language: str) -> None:
    template = replace(builtin(name), language=language)
    printed = said(rows(compose(label(**VALUES), template, FACE))).replace(" ", "")
    fields = [field for column in template.columns for field in column.fields]
    assert {"name", "owner"} <= {field.value for field in fields}
    for field in fields:
        value = VALUES.get(field.value, "K7M2-9QXD-4F")
        assert (field.caption.get(language, "") + value).replace(" ", "") in printed


@pytest.mark.parametrize("name", ROLLS)
@pytest.mark.parametrize("unit", [VALUES["owner"], UNIT])
def test_a_name_of_forty_characters_is_whole_on_every_roll(name: str, unit: str) -> None:
    assert len(FORTY) == 40
    crowded = {**VALUES, "name": FORTY, "owner": unit, "card_no": "GDZC-2026-00000123456"}
    template = builtin(name)
    drawing = compose(label(**crowded), template, FACE)
    assert FORTY in said(rows(drawing))
    if name not in ("30x20", "40x30"):
        assert unit in said(rows(drawing))
    (symbol,) = (mark for mark in drawing.marks if isinstance(mark, Modules))
    for text in rows(drawing):
        em = text.size_pt * EM
        assert text.x + FACE.measure(text.text) * em <= template.width - 0.4
        assert text.y + 0.13 * em <= template.height
        beside = text.x >= symbol.x + len(symbol.matrix) * symbol.module
        assert beside or text.y - 0.88 * em >= symbol.y + len(symbol.matrix) * symbol.module


@pytest.mark.parametrize("name", ROLLS)
def test_what_is_absent_leaves_no_hole(name: str) -> None:
    texts = rows(compose(label(name="桌", place="一号公物仓"), builtin(name), FACE))
    beside = [text for text in texts if text.text not in ("K7M2-9QXD-4F",)]
    for upper, lower in pairwise(sorted(beside, key=lambda text: text.y)):
        assert lower.y - upper.y < 2.2 * max(upper.size_pt, lower.size_pt) * EM


def test_the_text_is_level_with_the_symbol_beside_it() -> None:
    drawing = compose(label(name="桌"), builtin("50x30"), FACE)
    (symbol,) = (mark for mark in drawing.marks if isinstance(mark, Modules))
    (name,) = (text for text in rows(drawing) if text.text == "桌")
    assert name.y - 0.88 * name.size_pt * EM == pytest.approx(symbol.y)


def test_all_shrink_together_before_anything_is_left_out() -> None:
    roomy = composed(28.0, name="甲" * 12, owner="乙" * 12, place="丙" * 12)
    tight = composed(8.0, name="甲" * 12, owner="乙" * 12, place="丙" * 12)
    assert said(roomy) == said(tight)
    assert max(text.size_pt for text in tight) < min(text.size_pt for text in roomy)


def test_optional_values_go_the_last_one_first_and_never_all() -> None:
    full = {"name": "甲" * 30, "owner": "乙" * 30, "place": "丙" * 30}
    assert said(composed(28.0, **full)) == "甲" * 30 + "乙" * 30 + "丙" * 30
    assert said(composed(10.0, **full)) == "甲" * 30 + "乙" * 30
    assert said(composed(5.0, **full)) == "甲" * 30
    with pytest.raises(TextClippedError) as caught:
        composed(2.5, **full)
    assert caught.value.facts["line"] == "甲" * 30
    with pytest.raises(TextClippedError) as caught:
        composed(2.5, place="丙" * 60)
    assert caught.value.facts["line"] == "丙" * 60, "a column is never emptied"


def test_a_little_smaller_rather_than_one_word_alone() -> None:
    (row,) = composed(28.0, name="一二三四五六七八九十")
    assert 8.0 <= row.size_pt < 10.0


def test_thin_strokes_where_thick_ones_would_run_together() -> None:
    template = builtin("50x30")
    large = rows(compose(label(name="桌"), template, FACE))
    small = rows(compose(label(**{**VALUES, "name": FORTY, "owner": UNIT}), template, FACE))
    assert [text.strong for text in large if text.text == "桌"] == [True]
    assert not any(text.strong for text in small if text.text in FORTY)


def test_glyphs_of_columns_are_checked_too() -> None:
    with pytest.raises(GlyphMissingError):
        composed(28.0, name="🦄甲")


@given(
    st.text("桌椅柜A1-（）， ", max_size=60), st.text("甲县办公室 ", max_size=60),
    st.text("AB-12 ", max_size=40), st.sampled_from(ROLLS),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_whatever_is_printed_is_printed_whole_and_inside(
    name: str, owner: str, card: str, roll: str
) -> None:
    template = builtin(roll)
    values: dict[str, Any] = {"name": name, "owner": owner, "card_no": card}
    try:
        texts = rows(compose(label(**values), template, FACE))
    except TextClippedError:
        return
    plain = said(texts).replace(" ", "")
    assert "".join(name.split()) in plain
    for text in texts:
        em = text.size_pt * EM
        assert 0 <= text.x <= text.x + FACE.measure(text.text) * em <= template.width + 1e-6
        assert 0 <= text.y - 0.88 * em <= text.y + 0.12 * em <= template.height + 1e-6


def test_faults_of_a_column_are_named_with_their_place() -> None:
    text = TEMPLATE.format(height=40.0).replace('value = "owner"', "value = 3")
    text = text.replace("optional = true", "optional = 1", 1) + "x = 3.0\n"
    with pytest.raises(FaultyTemplateError) as caught:
        load(text, "mine")
    assert {(one.facts["place"], one.facts["key"]) for one in caught.value.errors} == {
        ("column 1, field 2 (3)", "value"), ("column 1, field 2 (3)", "optional"),
        ("column 1, field 3 (place)", "x"),
    }  # fmt: skip
    with pytest.raises(FaultyTemplateError, match="column 1"):
        load(TEMPLATE.format(height=40.0), "mine")
