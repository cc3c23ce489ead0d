"""Plans of places: bars that tell the truth, tiles that nest, pages that hold everything."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels import face, find_font
from labels.band import Setter
from labels.drawing import Box
from labels.form import Form, FormColumn, Opinion
from labels.form_setting import form_pdf
from labels.plan import Area, Plan, plan_blocks
from tests.unit.labels.paper import assert_nothing_collides, pieces, sizes, words

FACE = face(find_font(None))
LEGEND = ("已盘", "信号弱", "缺")
MAP = Form(title="资产盘点分布图", number="PD-2026-0001", filled_on="2026年3月2日", unit="甲县",
           address="PD-2026-0001", landscape=True, standing="进行中，非最终结果")  # fmt: skip


def area(name: str, parts: tuple[int, int, int], depth: int = 0, *, group: bool = False) -> Area:
    counted, weak, missing = parts
    text = f"已盘 {counted}，弱 {weak}，缺 {missing}"
    return Area(name=name, text=text, depth=depth, parts=parts, group=group)


def paper(areas: list[Area]) -> bytes:
    return form_pdf(replace(MAP, plan=Plan(areas=areas, legend=LEGEND)), typeface=FACE)


def bar_of(parts: tuple[int, int, int]) -> tuple[float, list[float], float]:
    """Return the width of the solid part, the places of hatching, and the width of the bar."""
    plan = Plan(areas=[area("101室", parts)], legend=LEGEND)
    *_, block = plan_blocks(plan, Setter(FACE, "x"), 261.0)
    ((cell,),) = (band.cells for band in block.bands)
    high = 3.2
    boxes: list[Box] = [box for box in cell.boxes if box.height == high]
    left = min(box.x for box in boxes)
    wide = max(box.x + box.width for box in boxes) - left
    solid = max((box.width for box in boxes if box.width > 0.2), default=0.0)
    edges = (left, left + wide - 0.18)
    hatch = [box.x - left for box in boxes
             if box.width < 0.2 and min(abs(box.x - edge) for edge in edges) > 0.01]  # fmt: skip
    return solid, hatch, wide


def test_a_bar_is_solid_hatched_and_empty_in_proportion() -> None:
    solid, hatch, wide = bar_of((6, 3, 3))
    assert solid == pytest.approx(wide / 2)
    assert min(hatch) == pytest.approx(wide / 2)
    assert max(hatch) == pytest.approx(wide * 3 / 4, abs=0.2)
    solid, hatch, wide = bar_of((4, 0, 0))
    assert solid == pytest.approx(wide)
    assert not hatch
    assert bar_of((0, 0, 5))[:2] == (0.0, [])


def test_one_thing_among_thousands_can_still_be_seen() -> None:
    solid, hatch, wide = bar_of((9999, 0, 1))
    assert 0.5 < wide - solid < 1.0
    assert hatch == []
    solid, hatch, _ = bar_of((1, 9999, 0))
    assert solid > 0.5
    assert hatch


@settings(max_examples=50)
@given(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6)))
def test_a_bar_never_leaves_its_tile(parts: tuple[int, int, int]) -> None:
    solid, hatch, wide = bar_of(parts)
    assert 0.0 <= solid <= wide + 1e-6
    assert all(0.0 <= at <= wide for at in hatch)


def test_a_plan_goes_over_pages_and_loses_no_place() -> None:
    areas = [area("行政中心", (900, 30, 70), group=True)]
    for floor in range(12):
        areas.append(area(f"{floor}层", (80, 2, 4), 1, group=True))
        areas += [area(f"{floor}{room:02d}室", (8, room % 2, 1), 2) for room in range(13)]
    pdf = paper(areas)
    assert_nothing_collides(pdf)
    pages = words(pdf)
    assert len(pages) > 2
    for one in areas:
        assert one.name in "".join(pages)
    assert all("进行中，非最终结果" in page for page in pages)
    assert all(size == pytest.approx((841.89, 595.28), abs=0.1) for size in sizes(pdf))
    for page in pieces(pdf):  # a heading is never the last thing on a page
        assert not page[-3].text.endswith("层")


def test_long_names_and_deep_places_stay_on_the_page() -> None:
    deep = [area(f"{'甲' * 200}{depth}", (1, 1, 1), depth, group=True) for depth in range(40)]
    pdf = paper([*deep, area("乙" * 500, (1, 0, 0), 40), area("x" * 300, (0, 0, 1), 40)])
    assert_nothing_collides(pdf)
    assert "…" in "".join(words(pdf))


def test_ink_is_only_where_a_bar_says_so() -> None:
    full, empty = (paper([area("101室", parts)]) for parts in ((5, 0, 0), (0, 0, 5)))
    dark = [pdfium.PdfDocument(pdf)[0].render(scale=2).to_pil().convert("L").histogram()[0]
            for pdf in (full, empty)]  # fmt: skip
    assert dark[0] > dark[1] + 1000


def test_signatures_stand_with_the_last_line_on_a_landscape_form() -> None:
    columns = [FormColumn(heading="序号", share=10), FormColumn(heading="名称", share=90)]
    boxes = [
        Opinion(heading=heading, seal=True) for heading in ("盘点人", "监盘人", "复核人", "负责人")
    ]
    for count in range(1, 30):
        form = replace(MAP, columns=columns, rows=[[str(n), f"第{n}行"] for n in range(count)],
                       boxes=boxes)  # fmt: skip
        last = words(form_pdf(form, typeface=FACE))[-1]
        assert "监盘人" in last
        assert f"第{count - 1}行" in last
