from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib import TTCollection
from fontTools.ttLib.tables._g_l_y_f import Glyph

import labels
from labels import find_font, missing_glyphs
from labels.font import face
from labels.label import FontMissingError, FontUnusableError


def build(family: str, letters: str, advance: int) -> FontBuilder:
    builder = FontBuilder(1000)
    names = [".notdef", *(f"u{ord(letter)}" for letter in letters)]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(letter): f"u{ord(letter)}" for letter in letters})
    builder.setupGlyf({name: Glyph() for name in names})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (advance, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    return builder


def test_the_font_found_has_the_rare_characters_of_names() -> None:
    path = find_font(None)
    assert missing_glyphs(path, "㛃䶮䲠𫖮𬱖㙍 固定资产编号0-9A-Z（）：") == ""


def test_a_character_without_glyph_is_named_once_and_in_order() -> None:
    assert missing_glyphs(find_font(None), "甲🦄乙\U000f0000🦄") == "🦄\U000f0000"


def test_widths_are_those_of_the_font() -> None:
    typeface = face(find_font(None))
    assert typeface.measure("笔记本") == pytest.approx(3.0)
    assert 1.0 < typeface.measure("K7") < 1.3


def test_an_explicit_font_is_taken_and_must_exist(tmp_path: Path) -> None:
    path = tmp_path / "one.ttf"
    build("One", "ab", 500).save(path)
    assert find_font(str(path)) == path
    assert missing_glyphs(path, "abc") == "c"
    assert face(path).measure("ab") == pytest.approx(1.0)
    with pytest.raises(FontMissingError) as caught:
        find_font(str(tmp_path / "two.ttf"))
    for hint in ("two.ttf", "pylopdf-fonts-zh-cn", "fonts-noto-cjk", "fonts-wqy-zenhei"):
        assert hint in str(caught.value)


def test_of_a_collection_the_simplified_chinese_face_is_used(tmp_path: Path) -> None:
    collection = TTCollection()
    collection.fonts = [
        build("Sample CJK JP", "ab", 500).font,
        build("Sample CJK SC", "abc", 700).font,
        build("Sample CJK TC", "a", 500).font,
    ]
    path = tmp_path / "sample.ttc"
    collection.save(path)
    typeface = face(path)
    assert typeface.index == 1
    assert typeface.missing("abc") == ""
    assert typeface.measure("a") == pytest.approx(0.7)


def test_without_any_font_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labels.font._PACKAGE", "no_such_font_package")
    monkeypatch.setattr("labels.font._INSTALLED", (Path("/no/such/font.otf"),))
    with pytest.raises(FontMissingError, match="pylopdf-fonts-zh-cn"):
        find_font(None)


def test_an_installed_font_is_found_when_the_package_is_absent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "system.otf"
    path.write_bytes(b"font")
    monkeypatch.setattr("labels.font._PACKAGE", "no_such_font_package")
    monkeypatch.setattr("labels.font._INSTALLED", (Path("/no/such/font.otf"), path))
    assert find_font(None) == path


def test_a_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    for name in ("fake.ttf", "fake.ttc", "fake.txt"):
        path = tmp_path / name
        path.write_bytes(b"not a font at all")
        with pytest.raises(FontUnusableError, match=name):
            missing_glyphs(path, "a")


def test_importing_the_face_loads_nothing_heavy() -> None:
    heavy = "{'fpdf', 'PIL', 'qrcode', 'fontTools', 'assetctl', 'scanner'}"
    script = f"import sys, labels; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_every_public_name_can_be_had_and_no_other() -> None:
    for name in labels.__all__:
        assert getattr(labels, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        _ = labels.absent
