from __future__ import annotations

import random
import re
import shutil
import subprocess
import zlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
import zxingcpp
from fontTools.cffLib import CFFFontSet
from fontTools.pens.recordingPen import DecomposingRecordingPen, RecordingPen
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labels import Label, builtin, calibration_pdf, compose, face, find_font, roll_pdf, sheet_pdf
from labels.cff import subset
from labels.drawing import Box, Drawing, Text
from labels.embed import Used
from labels.label import FaultyLabelsError, FontUnusableError, SheetError
from labels.pdf import Pdf
from labels.template import ROLLS, Logo

PATH = find_font(None)
FACE = face(PATH)
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
# Left out are five Latin ligatures, which the reader takes apart, and marks without a width, of
# which it drops the second of two in one place.
PRINTABLE = sorted(
    chr(point)
    for point in FACE.widths.keys() - set(range(0xFB00, 0xFB05))
    if chr(point).isprintable() and point > 32 and FACE.widths[point] > 0.1
)


def label(number: int, name: str = "笔记本电脑") -> Label:
    return Label(
        payload=f"HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M{number:05d}4F.01ABCDEFGHJKMNPQRS",
        short=f"K7M{number:05d}4F.01ABCDEFGHJKMNPQRS",
        code=f"K7M{number % 10}-{number:04d}-4F",
        values={
            "name": f"{name}{number}",
            "owner": "甲县机关事务管理中心",
            "card_no": f"2026-{number}",
        },
    )


def pages(pdf: bytes, dpi: float = 203) -> list[Any]:
    document = pdfium.PdfDocument(pdf)
    return [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]


def payloads(picture: Any) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def text(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(pdf))


def pages_of(lines: Sequence[str]) -> bytes:
    """A PDF with nothing but a line of text a page."""
    pdf = Pdf(FACE)
    for line in lines:
        text = Text(text=line, x=5.0, y=10.0, size_pt=6)
        pdf.page(500.0, 20.0, [(Drawing(name="", width=500, height=20, marks=(text,)), 0.0, 0.0)])
    return pdf.finish()


# --- rolls and sheets ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ROLLS)
def test_rolls_have_one_label_a_page_in_true_size_and_are_read_at_203_dpi(name: str) -> None:
    template = builtin(name)
    batch = [label(number) for number in range(5)]
    pdf = roll_pdf(batch, template)
    assert roll_pdf(batch, template) == pdf
    wanted = [one.short if template.payload == "short" else one.payload for one in batch]
    assert [payloads(page) for page in pages(pdf)] == [[one] for one in wanted]
    for page in pdfium.PdfDocument(pdf):
        size = [side * 25.4 / 72 for side in page.get_size()]
        assert size == pytest.approx([template.width, template.height], abs=0.01)


def test_a_fixed_template_stands_in_the_cells_of_a_sheet() -> None:
    batch = [label(number) for number in range(3)]
    (page,) = pages(sheet_pdf(batch, preset="a4-21", template=builtin("50x30")))
    assert sorted(payloads(page)) == [one.payload for one in batch]


def test_offset_and_scale_move_what_is_printed() -> None:
    def ink(**settings: Any) -> list[float]:
        (page,) = pages(sheet_pdf([label(1)], **settings), dpi=600)
        box = page.point(lambda value: 255 - value).getbbox()
        return [at * 25.4 / 600 for at in box]

    left, top, right, bottom = ink()
    moved = ink(offset=(3.0, -1.5))
    assert moved == pytest.approx([left + 3, top - 1.5, right + 3, bottom - 1.5], abs=0.1)
    scaled = ink(scale=1.05)
    assert scaled == pytest.approx([1.05 * at for at in (left, top, right, bottom)], abs=0.1)
    for wrong in ({"offset": (30.0, 0.0)}, {"scale": 2.0}, {"scale": float("nan")}):
        with pytest.raises(SheetError):
            sheet_pdf([label(1)], **wrong)


def test_faults_of_a_roll_name_every_label() -> None:
    batch = [label(0), label(1, "🦄"), label(2), label(3, "名称" * 90)]
    with pytest.raises(FaultyLabelsError) as caught:
        roll_pdf(batch, builtin("40x30"))
    assert [(one.facts["nth"], one.code) for one in caught.value.errors] == [
        (2, "label.glyph_missing"),
        (4, "label.text_clipped"),
    ]
    with pytest.raises(SheetError):
        roll_pdf([], builtin("40x30"))


def test_labels_may_come_one_by_one() -> None:
    assert sheet_pdf(label(n) for n in range(30)) == sheet_pdf([label(n) for n in range(30)])


def test_borders_and_logos_are_drawn_and_a_logo_lies_in_the_file_once(logo: bytes) -> None:
    template = replace(
        builtin("60x40"), border=True, logo_png=logo, logo=Logo(x=48.0, y=32.5, width=8, height=4)
    )
    pdf = roll_pdf([label(1), label(2)], template)
    assert pdf.count(b"/Subtype /Image") == 1
    for page in pages(pdf, dpi=600):
        dots = 600 / 25.4
        assert page.getpixel((round(50.0 * dots), round(34.5 * dots))) == 0
        assert page.getpixel((round(53.5 * dots), round(34.5 * dots))) == 255
        assert page.getpixel((2, page.height // 2)) == 0
        assert len(payloads(page)) == 1


# --- the file ------------------------------------------------------------------------------


def test_the_table_of_objects_points_at_each_of_them() -> None:
    pdf = sheet_pdf([label(number) for number in range(50)])
    start = int(pdf.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    lines = pdf[start:].split(b"\n")
    count = int(lines[1].split()[1])
    used = 0
    for number, line in enumerate(lines[2 : 2 + count]):
        assert len(line) == 19
        if line.endswith(b"n "):
            assert pdf[int(line[:10]) :].startswith(b"%d 0 obj\n" % number)
            used += 1
    assert used == pdf.count(b" 0 obj\n")
    for length, body in re.findall(
        rb"/Length (\d+).*?>>\nstream\n(.*?)\nendstream", pdf, re.DOTALL
    ):
        assert len(body) == int(length)
        zlib.decompress(body)


@given(
    st.lists(st.text(st.sampled_from(PRINTABLE), min_size=1, max_size=20), min_size=1, max_size=8)
)
@settings(max_examples=100, deadline=None)
def test_any_text_of_the_font_can_be_copied_from_the_file(lines: list[str]) -> None:
    # A page each, because the reader joins rows and takes a dash at their end for a hyphen.
    found = []
    with closing(pdfium.PdfDocument(pages_of(lines))) as document:
        for page in document:
            (one,) = page.get_objects(textpage=page.get_textpage())
            found.append(one.extract())
    assert found == lines


def test_the_map_to_unicode_has_every_character_once() -> None:
    used = Used(FACE)
    wanted = "".join(PRINTABLE[::7])
    assert used.hexadecimal(wanted[:3] + wanted[:3]) == b"000100020003" * 2
    used.hexadecimal(wanted)
    pairs = re.findall(rb"<(\w{4})> <(\w+)>\n", used.to_unicode())[1:]
    mapped = {
        int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs
    }
    assert "".join(mapped[n] for n in sorted(mapped)) == wanted[len(wanted) - len(mapped) :]
    assert len(used) == len(wanted)


def test_another_reader_draws_the_same(tmp_path: Path) -> None:
    if shutil.which("gs") is None:
        pytest.skip("Ghostscript is not installed")
    pdf, drawn = tmp_path / "sheet.pdf", tmp_path / "page.png"
    batch = [label(number) for number in range(24)]
    pdf.write_bytes(sheet_pdf(batch))
    command = ["gs", "-q", "-dSAFER", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pnggray", "-r203"]
    subprocess.run([*command, f"-sOutputFile={drawn}", str(pdf)], check=True, timeout=60)
    with Image.open(drawn) as opened:
        theirs = opened.convert("L")
    assert sorted(payloads(theirs)) == [one.payload for one in batch]
    (ours,) = pages(pdf.read_bytes())
    # The text of the first label, where each reader leaves its own grey edges.
    share = []
    for page in (ours, theirs):
        text = page.crop(((33 * 8), 0, (69 * 8), (37 * 8)))
        share.append(sum(value < 128 for value in text.tobytes()))
    assert share[0] == pytest.approx(share[1], rel=0.25)


def test_an_empty_page_needs_no_font() -> None:
    pdf = Pdf(FACE)
    box = Box(x=1.0, y=1.0, width=2.0, height=3.0)
    pdf.page(10.0, 10.0, [(Drawing(name="", width=10, height=10, marks=(box,)), 0.0, 0.0)])
    data = pdf.finish()
    assert b"/FontFile" not in data
    (page,) = pages(data, dpi=254)
    assert page.point(lambda value: 255 - value).getbbox() == pytest.approx((10, 10, 30, 40), abs=1)


# --- fonts ---------------------------------------------------------------------------------


def test_cut_glyphs_have_the_outlines_of_the_font() -> None:
    choice = random.Random(20261123)
    with TTFont(PATH, lazy=True) as font:
        names = font.getBestCmap()
        whole = font.getGlyphSet()
        data = font.reader["CFF "]
        # One of each sort at least: letters, kana, hangul, rare Han, marks.
        for count in (1, 2, 30, 400):
            characters = choice.sample(PRINTABLE, count) + list("Aé·，㛃")
            glyphs = [FACE.glyphs[ord(character)] for character in characters]
            cut = CFFFontSet()
            cut.decompile(BytesIO(subset(data, glyphs)), None)
            top = cut.topDictIndex[0]
            # Readers differ in what they make of unused subroutines, so there are none at all.
            subrs = [cut.GlobalSubrs, *(getattr(one.Private, "Subrs", []) for one in top.FDArray)]
            assert not any(map(len, subrs))
            assert len(top.charset) == len(characters) + 1
            for place, character in enumerate(characters, 1):
                ours, theirs = RecordingPen(), RecordingPen()
                top.CharStrings[top.charset[place]].draw(ours)
                whole[names[ord(character)]].draw(theirs)
                assert ours.value == theirs.value, character


def test_a_font_that_is_broken_inside_is_refused_not_printed() -> None:
    with TTFont(PATH, lazy=True) as font:
        data = font.reader["CFF "]
    glyph = FACE.glyphs[ord("资")]
    for at in (3, 60, 200, 5000, len(data) // 2):
        with pytest.raises((ValueError, LookupError)):
            subset(data[:at], [glyph])


def test_a_truetype_font_is_embedded_and_read_back() -> None:
    if not DEJAVU.is_file():
        pytest.skip("DejaVu Sans is not installed")
    one = Label(payload="K7M29QXD4F", code="K7M2-9QXD-4F", lines=("Größe Ångström", "Ω ½ fi"))
    pdf = sheet_pdf([one], font=str(DEJAVU))
    assert pdf == sheet_pdf([one], font=str(DEJAVU))
    assert len(pdf) < 30_000
    assert "Größe Ångström" in text(pdf)
    (page,) = pages(pdf)
    assert payloads(page) == ["K7M29QXD4F"]
    program = Used(face(DEJAVU))
    program.hexadecimal("ÅÄ½g")
    cut = program.program()
    font, whole = TTFont(BytesIO(cut.data)), TTFont(DEJAVU)
    for place, character in enumerate("ÅÄ½g", 1):
        ours, theirs = (DecomposingRecordingPen(one.getGlyphSet()) for one in (font, whole))
        font.getGlyphSet()[font.getGlyphName(cut.glyphs[place])].draw(ours)
        whole.getGlyphSet()[whole.getBestCmap()[ord(character)]].draw(theirs)
        assert ours.value == theirs.value


def test_a_font_that_lost_its_outlines_is_refused(tmp_path: Path) -> None:
    if not DEJAVU.is_file():
        pytest.skip("DejaVu Sans is not installed")
    font = TTFont(DEJAVU)
    del font["glyf"], font["loca"]
    path = tmp_path / "hollow.ttf"
    font.save(path)
    with pytest.raises(FontUnusableError, match=r"hollow\.ttf"):
        sheet_pdf([Label(payload="A", code="A")], font=str(path))


# --- the calibration page ------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["a4-24", "avery-l7651", "avery-5160"])
def test_the_calibration_page_has_its_rulers_and_crosses_where_it_says(preset: str) -> None:
    pdf = calibration_pdf(preset)
    said = text(pdf)
    assert "100 毫米" in said
    assert "must be 100 mm" in said
    assert preset in said
    (page,) = pages(pdf, dpi=254)
    cross = page.crop((70, 70, 131, 131)).point(lambda value: 255 * (value < 128))
    columns = [sum(cross.getpixel((x, y)) > 0 for y in range(61)) for x in range(61)]
    assert columns.index(max(columns)) == pytest.approx(30, abs=1)
    left = (page.width - 1000) // 2
    middle = (page.height - 1000) // 2
    row = [page.getpixel((x, middle)) < 128 for x in range(page.width)]
    assert all(row[left + 5 : left + 995])


def test_no_angle_of_the_calibration_page_runs_through_its_words() -> None:
    (page,) = pages(calibration_pdf("a4-24"), dpi=254)

    def dark(x: int, y: int) -> int:
        """How much of 8 mm of a vertical line is ink."""
        return sum(
            min(page.getpixel((x + off, y + at)) for off in (-1, 0, 1)) < 128
            for at in range(-40, 40)
        )

    assert dark(700, 370) > 75, "an angle where there are no words"
    assert dark(700, 1480) > 75
    assert dark(700, 740) < 50, "words, and no angle through them"
    assert dark(1400, 740) < 50
    said = text(calibration_pdf("a4-24"))
    assert said.count("100 mm") >= 3, "the rulers have figures"


def test_the_calibration_page_of_a_roll_has_its_size() -> None:
    (page,) = pages(calibration_pdf(builtin("50x30")), dpi=254)
    assert page.size == pytest.approx((500, 300), abs=1)
    with pytest.raises(SheetError):
        calibration_pdf("a4-99")


def test_composing_and_writing_agree_on_the_size() -> None:
    drawing = compose(label(1), builtin("30x20"), FACE)
    assert (drawing.name, drawing.width, drawing.height) == (label(1).code, 30.0, 20.0)
