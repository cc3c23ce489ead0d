from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from time import perf_counter
from typing import Any

import pypdfium2 as pdfium
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from labels import face, find_font
from labels.form import CHINESE, ENGLISH, Form, FormColumn, Opinion
from labels.form_setting import form_pdf, forms_pdf
from labels.label import (
    GlyphMissingError,
    ModuleTooSmallError,
    PayloadTooLongError,
    SheetError,
    TextClippedError,
)
from labels.text import clean
from tests.unit.labels.paper import (
    HEIGHT,
    MM,
    WIDTH,
    assert_nothing_collides,
    at,
    pieces,
    words,
)

FACE = face(find_font(None))
ADDRESS = "HTTPS://ZC.EXAMPLE.GOV.CN/D/RC-2026-0001"
HEADINGS = ("序号", "资产编号", "资产名称", "规格型号", "原值（元）")
SHARES = (6, 16, 30, 30, 18)
LONG = "甲县人民政府办公室派驻乙经济技术开发区综合协调与国有资产监督管理服务中心筹备工作领导小组"


def row(number: int, name: str = "笔记本电脑") -> list[str]:
    return [str(number), f"K7M2-{number:04d}-4F", name, "联想 ThinkPad X1", f"{5999 + number:,}.00"]


def form(rows: Sequence[Sequence[str]] | int = 1, **changes: Any) -> Form:
    columns = [
        FormColumn(heading=heading, share=share, align="right" if "元" in heading else "left")
        for heading, share in zip(HEADINGS, SHARES, strict=True)
    ]
    filled = Form(
        title="公物仓资产入仓申请表", number="RC-2026-0001", filled_on="2026年3月1日",
        unit="甲县发展和改革局",
        facts=[("接收单位", "甲县机关事务管理中心"), ("来源", "闲置"), ("入仓方式", "划转")],
        columns=columns,
        rows=[row(number) for number in range(1, rows + 1)] if isinstance(rows, int) else rows,
        totals=[("合计（大写）", "人民币陆仟元整"), ("合计（小写）", "¥6,000.00")],
        boxes=[
            Opinion(heading="单位负责人意见", text="同意移交。", signed="张三", on="2026年3月1日"),
            Opinion(heading="财政部门意见", seal=True),
        ],
        remarks=["注：本表一式三份。"], address=ADDRESS,
    )  # fmt: skip
    return replace(filled, **changes)


def made(one: Form) -> bytes:
    return form_pdf(one, typeface=FACE)


# --- what stands on it ---------------------------------------------------------------------


def test_a_form_says_all_that_it_was_given() -> None:
    (page,) = words(made(form()))
    for text in (
        "公物仓资产入仓申请表", "填报单位：甲县发展和改革局", "填表日期：2026年3月1日",
        "编号：RC-2026-0001", "接收单位", "甲县机关事务管理中心", *HEADINGS, *row(1),
        "合计（大写）", "人民币陆仟元整", "合计（小写）", "¥6,000.00", "单位负责人意见",
        "同意移交。", "签字：张三", "财政部门意见", "（盖章）", "注：本表一式三份。",
        "第 1 页 共 1 页",
    ):  # fmt: skip
        assert text in page
    # The date of one box; the other has room to write it in.
    assert page.count("2026年3月1日") == 2
    assert page.replace("2026年3月1日", "").count("年月日") == 1


def test_a_form_in_english_has_no_word_of_chinese() -> None:
    english = form(
        title="Intake request", filled_on="1 March 2026", unit="Office", facts=[("Source", "idle")],
        columns=[FormColumn(heading="Name", share=1)], rows=[["Desk"]], totals=[("Total", "1")],
        boxes=[Opinion(heading="Opinion", seal=True)], remarks=[], words=ENGLISH,
    )  # fmt: skip
    (page,) = words(made(english))
    assert page.isascii()
    for text in ("Unit: Office", "Date: 1 March 2026", "Signed:", "(Seal)", "Page 1 of 1"):
        assert text in page


def test_headings_number_and_page_stand_on_every_page_and_rows_once() -> None:
    pdf = made(form(64))
    pages = words(pdf)
    assert len(pages) == 3
    for number, page in enumerate(pages, 1):
        assert f"第 {number} 页 共 3 页" in page
        assert page.count("资产编号") == 1
        assert "RC-2026-0001" in page
    for number in range(1, 65):
        assert sum(page.count(f"K7M2-{number:04d}-4F") for page in pages) == 1
    # Title and address stand on the first page alone, the totals below the last row.
    assert [page.count("申请表") for page in pages] == [1, 0, 0]
    assert at(pdf, "K7M2-0064-4F")[0] == at(pdf, "¥6,000.00")[0] == 2


def test_the_code_reads_back_as_the_address_and_is_large_enough() -> None:
    for address in (ADDRESS, "RC1", f"https://zc.example.gov.cn/d/{'甲' * 30}"):
        with closing(pdfium.PdfDocument(made(form(60, address=address)))) as document:
            pages = [page.render(scale=200 / 72).to_pil().convert("L") for page in document]
        found = [zxingcpp.read_barcodes(page) for page in pages]
        assert [[code.text for code in codes] for codes in found] == [[address], [], []]
        place = found[0][0].position
        side = (place.top_right.x - place.top_left.x) / 200 * 25.4
        assert 17.5 < side < 41
        assert place.top_left.x > pages[0].width / 2
        assert place.bottom_left.y < pages[0].height / 5


def test_without_an_address_there_is_no_code_and_the_title_has_its_room() -> None:
    pdf = made(form(address="", title="国" * 25))
    with closing(pdfium.PdfDocument(pdf)) as document:
        assert not zxingcpp.read_barcodes(document[0].render(scale=3).to_pil())
    assert at(pdf, "国" * 25)[0] == 0


def test_an_address_that_needs_too_large_a_code_is_refused() -> None:
    with pytest.raises(ModuleTooSmallError) as caught:
        made(form(address="A" * 1500))
    assert caught.value.facts["label"] == "RC-2026-0001"
    with pytest.raises(PayloadTooLongError, match="RC-2026-0001"):
        made(form(address="A" * 5000))


# --- where it stands -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "one",
    [
        form(),
        form([row(1, "格力变频冷暖立柜式空气调节器（三匹一级能效带独立除湿）" * 2), row(2)]),
        form(45),
        form(0),
        form(3, title="国有资产处置申请审批表（固定资产报废及损失核销专用）", unit=LONG),
        form(1, unit=LONG * 2, number="甲机管公物仓入〔2026〕0001号" * 2, filled_on="2026" * 9),
        form(1, facts=[("来源", "闲置"), ("理由", LONG * 4 + "\n" + LONG), ("备注" * 9, "无")]),
        form(1, boxes=[Opinion(heading=LONG, text=LONG * 4, seal=True, signed=LONG, on=LONG)]),
        form(1, boxes=[Opinion(heading="意见", signed="张" * 18), Opinion(heading="", text="否")]),
        form(8, boxes=[Opinion(heading="意见", wide=nth in (1, 4), seal=True) for nth in range(6)]),
        form((), columns=(), totals=(), boxes=(), remarks=[LONG * 3, LONG]),
        form(40, totals=[("合计", LONG * 2), ("数量", "1 台"), ("金额", "¥1.00"), ("税", "0")]),
    ],
)
def test_no_text_leaves_its_cell(one: Form) -> None:
    assert_nothing_collides(made(one))


def test_long_facts_take_the_whole_width_and_short_ones_share_it() -> None:
    pdf = made(form(facts=[("甲", "短"), ("乙", "中"), ("丙", LONG), ("丁", "末")]))
    places = {name: at(pdf, name)[1] for name in "甲乙丙丁短中末"}
    assert places["甲"].bottom == pytest.approx(places["乙"].bottom, abs=1)
    assert places["乙"].left > WIDTH / 2
    assert places["丁"].left < WIDTH / 4
    assert places["丙"].left == pytest.approx(places["丁"].left, abs=1)
    assert places["丁"].bottom < places["丙"].bottom < places["甲"].bottom
    first = next(piece for piece in pieces(pdf)[0] if piece.text.startswith(LONG[:9]))
    assert first.right > 0.8 * WIDTH


def test_amounts_end_at_one_edge_and_rows_share_a_baseline() -> None:
    pdf = made(form([row(1), row(99_994), row(2, LONG)]))
    amounts = [at(pdf, text)[1] for text in ("6,000.00", "105,993.00", "6,001.00")]
    assert [one.right for one in amounts] == pytest.approx([amounts[0].right] * 3, abs=0.5)
    # A comma hangs below the line, so that their tops are what can be compared.
    assert amounts[0].top == pytest.approx(at(pdf, "K7M2-0001-4F")[1].top, abs=0.6)


def test_a_number_becomes_smaller_rather_than_broken() -> None:
    columns = [
        FormColumn(heading="金额", share=11, align="right"),
        FormColumn(heading="名称", share=89),
    ]
    assert "123,456,789.00" in words(made(form([["123,456,789.00", "桌"]], columns=columns)))[0]


def test_boxes_stand_by_two_unless_wide_and_are_never_split() -> None:
    boxes = [
        Opinion(heading=f"意见{nth}", text=f"同意{nth}。", signed=f"张三{nth}", wide=nth == 2)
        for nth in range(7)
    ]
    for rows in range(14, 34):
        pdf = made(form(rows, boxes=boxes))
        pages = pieces(pdf)
        for nth in range(7):
            found = [at(pdf, text) for text in (f"意见{nth}", f"同意{nth}。", f"签字：张三{nth}")]
            assert len({page for page, _ in found}) == 1
            heights = [piece.bottom for _, piece in found]
            assert heights == sorted(heights, reverse=True)
            assert heights[0] - heights[-1] > 15 * MM
        assert [at(pdf, f"意见{nth}")[1].left > WIDTH / 2 for nth in range(7)] == [
            False, True, False, False, True, False, True,
        ]  # fmt: skip
        assert len(pages) == 2


def test_no_page_has_remarks_alone() -> None:
    boxes = [Opinion(heading=f"意见{nth}", wide=True) for nth in range(3)]
    for rows in range(10, 30):
        pdf = made(form(rows, boxes=boxes))
        assert at(pdf, "意见2")[0] == at(pdf, "注：本表一式三份。")[0]


def test_rows_are_split_only_where_no_page_holds_them() -> None:
    tall = "第一行\n" + "桌\n" * 30 + "最后一行"
    for before in range(10, 24):
        pdf = made(form([*[row(number) for number in range(before)], row(99, tall)]))
        assert at(pdf, "第一行")[0] == at(pdf, "最后一行")[0]
    pdf = made(form([row(1), row(2, "第一行\n" + "桌\n" * 100 + "最后一行")]))
    assert at(pdf, "最后一行")[0] > at(pdf, "第一行")[0]
    assert sum(page.count("桌") for page in words(pdf)) == 100
    assert_nothing_collides(pdf)


@pytest.mark.parametrize(
    "one",
    [
        form(title="国" * 2000),
        form(columns=[FormColumn(heading="名" * 4000, share=1)], rows=[["桌"]]),
        form(boxes=[Opinion(heading="意见", text="同意。" * 3000, signed="张三", seal=True)]),
        form(boxes=[Opinion(heading="见" * 9000, signed="张" * 9000, on="日" * 9000)]),
        form(remarks=["注" * 9000]),
        form(facts=[("事由", "因" * 9000)], totals=[("合计", "元" * 9000)]),
    ],
)
def test_what_no_page_holds_goes_on_on_the_next(one: Form) -> None:
    pdf = made(one)
    assert len(pieces(pdf)) > 1
    assert_nothing_collides(pdf)


# --- the file ------------------------------------------------------------------------------


def test_equal_forms_give_equal_bytes_and_the_metadata_is_the_one_given() -> None:
    when = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    pdf = form_pdf(form(60), typeface=FACE, created=when)
    assert pdf == form_pdf(form(60), typeface=FACE, created=when)
    with closing(pdfium.PdfDocument(pdf)) as document:
        facts = document.get_metadata_dict()
        for page in document:
            assert page.get_size() == pytest.approx((WIDTH, HEIGHT), abs=0.1)
    assert facts["Title"] == "公物仓资产入仓申请表 RC-2026-0001"
    assert facts["CreationDate"] == "D:20260301083000Z"


def test_several_forms_in_one_file_count_their_own_pages() -> None:
    forms = [form(60), form(1, number="RC-2026-0002"), form(30, number="RC-2026-0003")]
    pdf = forms_pdf(forms, typeface=FACE, title="入仓申请")
    pages = words(pdf)
    wanted = [f"第 {page} 页 共 {count} 页" for count in (3, 1, 2) for page in range(1, count + 1)]
    assert len(pages) == len(wanted)
    assert all(foot in page for foot, page in zip(wanted, pages, strict=True))
    assert ["RC-2026-0002" in page for page in pages] == [False] * 3 + [True] + [False] * 2
    with closing(pdfium.PdfDocument(pdf)) as document:
        assert document.get_metadata_dict()["Title"] == "入仓申请"
    with pytest.raises(SheetError):
        forms_pdf([], typeface=FACE)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "表🦄"}, {"unit": "🦄"}, {"filled_on": "🦄"}, {"facts": [("🦄", "")]},
        {"facts": [("", "🦄")]}, {"columns": [FormColumn(heading="🦄", share=1)], "rows": [["1"]]},
        {"rows": [row(1, "🦄")]}, {"totals": [("", "🦄")]}, {"remarks": ["🦄"]},
        {"boxes": [Opinion(heading="🦄")]}, {"boxes": [Opinion(heading="", text="🦄")]},
        {"boxes": [Opinion(heading="", signed="🦄")]}, {"boxes": [Opinion(heading="", on="🦄")]},
        {"words": replace(CHINESE, page="🦄{page}{pages}")},
    ],
)  # fmt: skip
def test_a_character_without_a_glyph_is_refused_and_named(changes: dict[str, Any]) -> None:
    with pytest.raises(GlyphMissingError, match="RC-2026-0001") as caught:
        forms_pdf([form(number="RC-2026-0000"), form(**changes)], typeface=FACE)
    assert caught.value.facts["characters"] == "🦄 (U+1F984)"


def test_what_finds_no_room_is_refused_never_cut() -> None:
    with pytest.raises(TextClippedError, match="RC-2026-0001"):
        made(form(columns=[FormColumn(heading="名", share=1), FormColumn(heading="", share=99)],
                  rows=[["桌", ""]]))  # fmt: skip
    with pytest.raises(TextClippedError):
        made(form(number="1" * 200))


def test_five_hundred_rows_take_little_time() -> None:
    made(form())
    start = perf_counter()
    pdf = made(form(500))
    assert perf_counter() - start < 2.0
    assert len(pdf) < 200_000


# --- any text ------------------------------------------------------------------------------

# Without hyphens, which the reader takes for those of a broken word.
COMMON = st.text("国有资产一二三，。（）《》“”abcXYZ 019.,:/\n", max_size=60)


@st.composite
def forms(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> Form:
    """A form whose texts are taken from a few, so that there is room for many rows and boxes."""
    text = st.sampled_from(draw(st.lists(texts, min_size=2, max_size=8)))
    pairs = st.lists(st.tuples(text, text), max_size=5)
    box = st.builds(
        Opinion, heading=text, text=text, signed=text, on=text, seal=st.booleans(),
        wide=st.booleans(),
    )  # fmt: skip
    align = st.sampled_from(["left", "right", "centre"])
    column = st.builds(FormColumn, heading=text, share=st.integers(10, 30), align=align)
    count = draw(st.integers(0, 45))
    return Form(
        title=draw(text), number=draw(text)[:30], filled_on=draw(text), unit=draw(text),
        facts=draw(pairs), totals=draw(pairs), boxes=draw(st.lists(box, max_size=5)),
        remarks=draw(st.lists(text, max_size=3)), columns=draw(st.tuples(*[column] * 4)),
        rows=draw(st.lists(st.tuples(*[text] * 4), min_size=count, max_size=count)),
        address=draw(st.text("ABC019/.", max_size=40)),
        words=draw(st.sampled_from([CHINESE, ENGLISH])),
    )  # fmt: skip


def texts_of(one: Form) -> list[str]:
    """What the grid and the remarks of a form say, headings aside."""
    boxes = ((box.heading, box.text, box.signed, box.on) for box in one.boxes)
    return list(chain(*one.rows, *one.facts, *one.totals, one.remarks, *boxes))


@settings(max_examples=40, deadline=None)
@given(forms(COMMON))
def test_any_text_stands_there_once_and_nothing_collides(one: Form) -> None:
    # A mark of its own in each row, and a single character for each heading.
    rows = [(f"№{nth}§", *cells[1:]) for nth, cells in enumerate(one.rows)]
    columns = [replace(column, heading="®") for column in one.columns]
    one = replace(one, rows=rows, columns=columns)
    pdf = made(one)
    assert_nothing_collides(pdf)
    pages = words(pdf)
    whole = "".join(pages)
    for nth in range(len(rows)):
        assert whole.count(f"№{nth}§") == 1
    if rows:
        assert [page.count("®") for page in pages] == [4 * ("№" in page) for page in pages]
    given = Counter("".join(map(clean, texts_of(one))))
    del given[" "]
    assert Counter(whole) >= given


@settings(max_examples=40, deadline=None)
@given(forms(st.text(max_size=12)))
def test_every_text_is_printed_or_refused(one: Form) -> None:
    columns = [column.heading for column in one.columns]
    texts = (one.title, one.number, one.unit, one.filled_on, *columns, *texts_of(one))
    lacking = FACE.missing("".join(map(clean, texts)))
    if lacking:
        with pytest.raises(GlyphMissingError) as caught:
            made(one)
        assert all(f"U+{ord(one):04X}" in str(caught.value) for one in lacking)
    else:
        assert made(one).startswith(b"%PDF")
