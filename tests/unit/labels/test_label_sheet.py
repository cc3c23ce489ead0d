from __future__ import annotations

import csv
import re
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
import zxingcpp

from labels import PRESETS, Label, module_mm, sheet_pdf
from labels.label import FaultyLabelsError, ModuleTooSmallError, SheetError
from labels.template import Symbol, Template, builtin

DOTS_PER_MM = 203 / 25.4
NAME = "笔记本电脑"


def label(number: int, *lines: str, payload: str = "") -> Label:
    return Label(
        payload=payload or f"HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M{number:05d}4F.01ABCDEFGHJKMNPQRS",
        code=f"K7M{number % 10}-{number:04d}-4F",
        lines=lines or (f"{NAME}{number}", "国有资产管理处"),
        short="" if payload else f"K7M{number:05d}4F.01ABCDEFGHJKMNPQRS",
    )


# Twelve millimetres high: only a Data Matrix with the short payload has modules that can be read.
LOW = "avery-5167"


def fit(preset: str) -> Template:
    """The template that prints on a preset."""
    template = builtin("sheet")
    if preset == LOW:
        return replace(template, symbol=Symbol(kind="datamatrix"), payload="short")
    return template


def said(preset: str, one: Label) -> str:
    """What the symbol of a label says on a preset."""
    return one.short if preset == LOW else one.payload


def pages(pdf: bytes, dpi: float = 203) -> list[Any]:
    document = pdfium.PdfDocument(pdf)
    return [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]


def cut(page: Any, preset: str, cell: int) -> Any:
    """The picture of one cell, cut out where the preset says that the label lies."""
    sheet = PRESETS[preset]
    x, y = sheet.corner(cell)
    # One maker's labels are 0.15 mm wider together than the page.
    edges = (x, y, min(sheet.page_width, x + sheet.label_width), y + sheet.label_height)
    return page.crop([round(edge * page.width / sheet.page_width) for edge in edges])


def payloads(picture: Any) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def text(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(pdf))


def code_frames(pdf: bytes) -> list[tuple[float, float, float]]:
    """Of every code in the PDF: the module, and its left and upper edge on the page, in mm."""
    content = b"".join(
        zlib.decompress(stream)
        for stream in re.findall(rb"/FlateDecode.*?stream\n(.*?)\nendstream", pdf, re.DOTALL)
    )
    height = float(re.findall(rb"/MediaBox \[0 0 [\d.]+ ([\d.]+)\]", pdf)[0])
    mm = 25.4 / 72
    return [
        (float(a) * mm, float(x) * mm, (height - float(y)) * mm)
        for a, x, y in re.findall(rb"q ([\d.]+) 0 0 -[\d.]+ ([\d.]+) ([\d.]+) cm 0 g", content)
    ]


def test_a_full_page_and_a_second_one_are_read_at_203_dpi_label_by_label() -> None:
    batch = [label(number) for number in range(30)]
    first, second = pages(sheet_pdf(batch))
    read = [payloads(cut(first, "a4-24", cell)) for cell in range(24)]
    read += [payloads(cut(second, "a4-24", cell)) for cell in range(6)]
    assert read == [[one.payload] for one in batch]
    assert len(payloads(second)) == 6


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_every_preset_is_read_at_203_dpi_and_its_ink_stays_on_its_labels(preset: str) -> None:
    sheet = PRESETS[preset]
    batch = [replace(label(number, "电脑"), short="") for number in range(sheet.cells)]
    if preset == LOW:
        batch = [label(number, "电脑") for number in range(sheet.cells)]
    (page,) = pages(sheet_pdf(batch, preset=preset, template=fit(preset)))
    for cell, one in enumerate(batch):
        picture = cut(page, preset, cell)
        assert payloads(picture) == [said(preset, one)]
        rim = round(0.8 * DOTS_PER_MM)
        left, top, right, bottom = picture.point(lambda value: 255 - value).getbbox()
        assert min(left, top, picture.width - right, picture.height - bottom) >= rim
    edge = (sheet.edge - 0.2) * DOTS_PER_MM
    left, top, right, bottom = page.point(lambda value: 255 - value).getbbox()
    assert min(left, top, page.width - right, page.height - bottom) >= edge


@pytest.mark.parametrize("preset", sorted(PRESETS.keys() - {LOW}))
def test_the_quiet_zone_of_four_modules_is_blank(preset: str) -> None:
    # Fitting text in the space beside or under the code must not creep into its blank frame.
    pdf = sheet_pdf([replace(label(0, NAME * 2), short="")], preset=preset)
    ((module, x, y),) = code_frames(pdf)
    (page,) = pages(pdf, dpi=600)
    scale = page.width / PRESETS[preset].page_width
    ink = page.point(lambda value: 255 * (value < 128))
    frame = [(at - 4 * module) * scale + 2 for at in (x, y)]
    frame += [(at + (29 + 4) * module) * scale - 2 for at in (x, y)]
    assert min(frame) >= 0
    found = ink.crop([round(at) for at in frame]).getbbox()
    assert found[0] == pytest.approx(4 * module * scale - 2, abs=2)
    assert found[2] - found[0] == pytest.approx(29 * module * scale, abs=2)
    assert found[3] - found[1] == pytest.approx(29 * module * scale, abs=2)


@pytest.mark.parametrize("preset", sorted(PRESETS.keys() - {LOW}))
def test_modules_are_whole_dots_on_the_grid_of_dots(preset: str) -> None:
    batch = [replace(label(number, "电脑"), short="") for number in (1, 2)]
    frames = code_frames(sheet_pdf(batch, preset=preset))
    assert len(frames) == 2
    for frame in frames:
        # The page itself is only known to a hundredth of a point, which is 0.03 dot.
        for length in frame:
            assert length / 0.125 == pytest.approx(round(length / 0.125), abs=0.03)
        assert frame[0] == pytest.approx(module_mm(label(1).payload, preset=preset), abs=1e-5)
        assert frame[0] >= 0.375 - 1e-5


def test_the_code_is_as_large_as_the_label_permits() -> None:
    # 37 mm less a rim of 1 mm on both sides, over 29 + 8 modules: 0.946 mm, so 7 dots.
    assert module_mm(label(1).payload) == 0.875
    assert module_mm(label(1).payload, ecc="Q") == 0.75
    assert module_mm("K7M29QXD4F", preset="roll-30x20") == 0.5


def test_too_small_modules_stop_the_job() -> None:
    long = label(1, "名", payload="A" * 400)
    with pytest.raises(ModuleTooSmallError):
        module_mm(long.payload, preset="a4-65")
    with pytest.raises(FaultyLabelsError) as caught:
        sheet_pdf([long], preset="a4-65")
    assert caught.value.errors[0].facts["module_mm"] == 0.25
    assert caught.value.errors[0].facts["floor_mm"] == 0.375


def faults(batch: Sequence[Label], **settings: Any) -> FaultyLabelsError:
    with pytest.raises(FaultyLabelsError) as caught:
        sheet_pdf(batch, **settings)
    return caught.value


def test_every_faulty_label_is_named_and_there_is_no_file() -> None:
    batch = [
        label(0),
        label(1, "张🦄"),
        label(2, "很长的名称" * 80),
        label(3, payload="A" * 4000),
        label(4, payload="A" * 1500),
        label(5),
        label(6, "李\U000f0000🦄"),
    ]
    error = faults(batch)
    assert [(fault.facts["nth"], fault.facts["label"], fault.code) for fault in error.errors] == [
        (2, batch[1].code, "label.glyph_missing"),
        (3, batch[2].code, "label.text_clipped"),
        (4, batch[3].code, "label.payload_too_long"),
        (5, batch[4].code, "label.module_too_small"),
        (7, batch[6].code, "label.glyph_missing"),
    ]
    assert "U+F0000" in str(error)
    assert "U+1F984" in str(error)
    assert (error.facts["count"], error.facts["total"]) == (5, 7)
    for index in (1, 2, 3, 4, 6):
        assert batch[index].code in str(error)
    assert batch[5].code not in str(error)


def test_rare_characters_of_names_are_printed() -> None:
    assert "㛃䶮𫖮" in text(sheet_pdf([label(1, "保管人 㛃䶮𫖮")]))


def test_a_rare_character_that_the_font_lacks_is_refused_by_name() -> None:
    (fault,) = faults([label(1, "㛃"), label(2, "𠮷野")]).errors
    assert fault.facts["label"] == label(2).code
    assert fault.facts["characters"] == "𠮷 (U+20BB7)"


def test_the_line_without_room_is_named() -> None:
    long = "固定资产" * 60
    error = faults([label(1, NAME, long, "后")])
    assert error.errors[0].facts["line"] == long
    wide = Label(payload=label(1).payload, code="K7M2" * 12)
    assert faults([wide]).errors[0].facts["line"] == wide.code


def test_long_text_shrinks_and_wraps_and_stays_complete() -> None:
    long = "".join(chr(0x4E00 + number) for number in range(100))
    printed = text(sheet_pdf([label(1, long, "末行")]))
    assert long in re.sub(r"\s", "", printed)
    assert "末行" in printed


def test_the_name_the_unit_and_the_code_can_be_copied_from_the_pdf() -> None:
    printed = text(sheet_pdf([label(number) for number in range(26)]))
    for number in range(26):
        assert f"{NAME}{number}" in printed
        assert label(number).code in printed
    assert printed.count("国有资产管理处") == 26


def test_markup_and_control_characters_are_plain_text() -> None:
    evil = label(1, "**粗** <b>x</b>) Tj ET\x00\x1b\n(换\u202e行")
    assert "**粗** <b>x</b>) Tj ET (换行" in re.sub(r"[\r\n]+", " ", text(sheet_pdf([evil])))


def test_cells_before_the_start_stay_empty_and_the_next_page_begins_at_the_top() -> None:
    batch = [label(number) for number in range(5)]
    first, second = pages(sheet_pdf(batch, preset="a4-21", start_cell=19))
    for cell in range(18):
        assert cut(first, "a4-21", cell).getextrema() == (255, 255)
    assert [payloads(cut(first, "a4-21", 18 + n)) for n in range(3)] == [
        [one.payload] for one in batch[:3]
    ]
    assert payloads(cut(second, "a4-21", 0)) == [batch[3].payload]
    assert cut(second, "a4-21", 2).getextrema() == (255, 255)


def test_every_drawn_label_is_reported() -> None:
    steps: list[int] = []
    sheet_pdf([label(1), label(2), label(3)], on_step=steps.append)
    assert steps == [1, 2, 3]


@pytest.mark.parametrize("start", [0, -1, 25])
def test_a_cell_that_the_sheet_lacks_is_refused(start: int) -> None:
    with pytest.raises(SheetError, match="use 1 to 24"):
        sheet_pdf([label(1)], start_cell=start)


def test_unusable_settings_are_refused() -> None:
    with pytest.raises(SheetError, match="a4-24"):
        sheet_pdf([label(1)], preset="a4-99")
    with pytest.raises(SheetError, match="a4-24"):
        module_mm("A", preset="a4-99")
    with pytest.raises(SheetError, match="ecc"):
        sheet_pdf([label(1)], ecc="X")
    with pytest.raises(SheetError, match="labels"):
        sheet_pdf([])


def test_equal_jobs_give_equal_bytes_and_the_date_is_the_one_given() -> None:
    batch = [label(1), label(2)]
    when = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    assert sheet_pdf(batch) == sheet_pdf(batch)
    dated = sheet_pdf(batch, created=when)
    assert dated == sheet_pdf(batch, created=when)
    metadata = pdfium.PdfDocument(dated).get_metadata_dict()
    assert metadata["CreationDate"] == "D:20260301083000Z"
    assert metadata["Title"] == "资产标签"
    assert b"/Lang (zh-CN)" in dated
    assert b"/PrintScaling /None" in dated


def test_only_the_characters_used_are_embedded() -> None:
    assert len(sheet_pdf([label(1)])) < 40_000


def test_the_presets_lie_on_their_pages() -> None:
    for preset in PRESETS.values():
        x, y = preset.corner(preset.cells - 1)
        assert x + preset.label_width <= preset.page_width + 0.16, preset.name
        assert y + preset.label_height <= preset.page_height + 0.01, preset.name
        # One maker gives a label 0.04 mm more than its step.
        assert preset.dx >= preset.label_width - 0.05, preset.name
        assert preset.dy >= preset.label_height - 0.05, preset.name


@pytest.mark.outside
def test_the_presets_of_makers_have_the_measures_of_their_list() -> None:
    path = Path("../shared/vectors/rfid/sheet_presets.csv")
    if not path.is_file():
        pytest.skip("the list of sheets lies outside the project")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 21
    keys = ("label_width", "label_height", "columns", "rows", "x0", "y0", "dx", "dy")
    columns = ("label_w_mm", "label_h_mm", "nx", "ny", "x0_mm", "y0_mm", "dx_mm", "dy_mm")
    pages_mm = {"A4": (210.0, 297.0), "US-Letter": (215.9, 279.4)}
    for row in rows:
        preset = PRESETS[f"{row['brand']}-{row['part']}".lower()]
        assert [getattr(preset, key) for key in keys] == [float(row[key]) for key in columns]
        assert (preset.page_width, preset.page_height) == pages_mm[row["page"]]
