"""stocktake report: the same figures on paper, in the workbook and as data, running and closed."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pypdfium2 as pdfium
import pytest
import zxingcpp

from assetctl.cli import clock
from assetctl.cli.stocktake_sheets import FORMS
from docs import stocktake_forms as made_up
from docs.forms import County, fixed_world
from tests.conftest import Register
from tests.unit.labels.paper import assert_nothing_collides, words

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass
class Told:
    """A county's stocktake, and what its report said at one moment."""

    county: County
    number: str
    things: list[str]
    folder: Path

    def report(self, suffix: str, *more: str, name: str = "r", who: str = "P1") -> Any:
        """Write a report; return the answer."""
        out = self.folder / f"{name}.{suffix}"
        return self.county(who, "stocktake", "report", self.number, "--out", out, *more)

    def data(self, *more: str) -> Any:
        self.report("json", *more)
        return json.loads((self.folder / "r.json").read_text(encoding="utf-8"))

    def pages(self, *more: str) -> list[str]:
        self.report("pdf", *more)
        return [page.replace("\r", "") for page in words(self.pdf)]

    @property
    def pdf(self) -> bytes:
        return (self.folder / "r.pdf").read_bytes()

    def tables(self, *more: str) -> dict[str, list[list[str]]]:
        pytest.importorskip("xlsxwriter", reason="workbooks are an extra")
        self.report("xlsx", *more)
        return sheets((self.folder / "r.xlsx").read_bytes())


def sheets(data: bytes) -> dict[str, list[list[str]]]:
    """Return the cells of each sheet of a workbook, as a reader of our own finds them."""
    with zipfile.ZipFile(BytesIO(data)) as book:
        names = [one.attrib["name"] for one in ET.fromstring(book.read("xl/workbook.xml"))  # noqa: S314
                 .iter(f"{_MAIN}sheet")]  # fmt: skip
        found = {}
        for nth, name in enumerate(names, 1):
            root = ET.fromstring(book.read(f"xl/worksheets/sheet{nth}.xml"))  # noqa: S314
            assert not list(root.iter(f"{_MAIN}f")), "no formula"
            found[name] = [[_cell(cell) for cell in row] for row in root.iter(f"{_MAIN}row")]
    return found


def _cell(cell: ET.Element) -> str:
    if cell.attrib.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
    value = cell.find(f"{_MAIN}v")
    return "" if value is None else value.text or ""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A stocktake that is being counted for the first time."""
    county = County(tmp_path_factory.mktemp("running") / "home")
    with fixed_world() as now:
        number, things = made_up.build(county, now)
        made_up.count(county, number, things)
        yield Told(county, number, things, tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The same from its plan to its seal."""
    county = County(tmp_path_factory.mktemp("closed") / "home")
    with fixed_world() as now:
        number, things = made_up.build(county, now)
        made_up.count(county, number, things)
        made_up.settle(county, number, things)
        told = Told(county, number, things, tmp_path_factory.mktemp("out"))
        told.report("json", name="submitted")
        made_up.close(county, number)
        yield told


def fens(amounts: Any, part: str) -> int:
    value = amounts[part]["value"]
    return 0 if value is None else int(Decimal(value) * 100)


# --- sums ------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["running", "closed"])
def test_sums_agree_to_the_fen_with_the_lists(which: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(which).data()
    rows, summary = data["forms"]["sheet"], data["forms"]["summary"]
    assert {row["item"] for row in rows if row["amounts"]["surplus"]["quantity"]} == {
        row["item"] for row in data["forms"]["surplus"]
    }
    for part in ("booked", "counted", "surplus", "shortage", "left"):
        total = data["total"]["amounts"]
        assert sum(row["amounts"][part]["quantity"] for row in rows) == total[part]["quantity"]
        for group in ("by_class", "by_unit"):
            sums = [one["amounts"] for one in summary[group]]
            assert sum(fens(one, part) for one in sums) == fens(total, part)
            assert sum(one[part]["quantity"] for one in sums) == total[part]["quantity"]
        assert sum(fens(row["amounts"], part) for row in rows) == fens(total, part)
    for amounts in (total, *(row["amounts"] for row in rows)):
        counted = (fens(amounts, "booked") + fens(amounts, "surplus") - fens(amounts, "shortage")
                   - fens(amounts, "left"))  # fmt: skip
        assert fens(amounts, "counted") == counted
    all_ = data["total"]
    assert all_["listed"] == sum(row["is_listed"] for row in rows) == 15
    assert Decimal(total["booked"]["value"]) == Decimal(data["stocktake"]["total"])


def test_the_known_answer(closed: Told) -> None:
    data = closed.data()
    assert {one["item"]: one["amounts"]["shortage"] for one in data["forms"]["shortage"]} == {
        closed.things[3]: {"quantity": 1, "value": "4899.00"},
        closed.things[5]: {"quantity": 3, "value": "1439.97"},  # 3 of 30 for 14,399.70
        closed.things[7]: {"quantity": 1, "value": "9600.50"},
        closed.things[11]: {"quantity": 1, "value": "6800.00"},
    }
    (over,) = data["forms"]["surplus"]
    assert (over["name"], over["owner"], over["amounts"]["surplus"]) == (
        "无标签铁皮柜", "U1", {"quantity": 1, "value": "800.00"},
    )  # fmt: skip
    assert data["total"]["results"] == {
        "missing": 4, "wrong_place": 1, "tag_damaged": 1, "off_book": 1,
    }  # fmt: skip
    assert {kind: count for kind, count in data["stocktake"]["counts"].items()
            if kind != "matched"} == data["total"]["results"]  # fmt: skip
    assert data["total"]["matched"] == data["stocktake"]["counts"]["matched"]


def test_data_workbook_and_paper_say_the_same(closed: Told) -> None:
    rows = closed.data()["forms"]["sheet"]
    table = closed.tables()["资产盘点表"]
    paper = "".join(closed.pages("--form", "sheet")).replace("\n", "")
    head = next(nth for nth, row in enumerate(table) if row[:1] == ["序号"])
    assert len(table) == head + 1 + len(rows) + 1
    lines = dict(zip((row["item"] for row in rows), table[head + 1 :], strict=False))
    for row in rows:
        told = row["amounts"]
        cells = lines[row["item"]]
        amounts = [one["value"] for one in (told["booked"], told["counted"], told["shortage"])]
        for amount in filter(None, amounts):
            assert Decimal(amount) in {Decimal(cell) for cell in cells if _is_number(cell)}
            assert f"{Decimal(amount):,.2f}" in paper
        assert row["name"] in cells
        assert row["name"] in paper
    total = closed.data()["total"]["amounts"]
    for part in ("booked", "counted", "surplus", "shortage"):
        assert Decimal(total[part]["value"]) in {
            Decimal(cell) for cell in table[-1] if _is_number(cell)
        }
        assert f"{Decimal(total[part]['value']):,.2f}" in paper


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?", text) is not None


# --- the state -------------------------------------------------------------------------------


def test_while_it_goes_on_nothing_is_lost_yet(running: Told) -> None:
    answer = running.report("pdf")
    assert (answer["state"], answer["final"]) == ("counting", False)
    data = running.data()
    left = {row["item"] for row in data["forms"]["sheet"] if row["is_left"]}
    assert left == {running.things[number] for number in (3, 7, 11)}
    assert data["total"]["results"].get("missing") == 1  # three of thirty chairs were not there
    assert data["total"]["amounts"]["left"]["quantity"] == 3
    assert data["closing"] is None
    for page in running.pages():
        assert "进行中，非最终结果" in page
    assert "未盘" in running.pages("--form", "sheet")[0]


def test_once_submitted_the_report_stays_what_was_frozen(closed: Told) -> None:
    before = json.loads((closed.folder / "submitted.json").read_text(encoding="utf-8"))
    assert (before["final"], before["stocktake"]["state"]) == (True, "submitted")
    data = closed.data()
    assert data["forms"] == before["forms"], "closing has booked them since"
    assert data["total"] == before["total"]


def test_paper_of_a_closed_one_can_be_compared_with_the_log(closed: Told) -> None:
    data = closed.data()
    one, closing_entry = data["stocktake"], data["closing"]
    history = closed.county("P1", "trace", f"stocktake:{closed.number}")
    last = history["entries"][-1] if isinstance(history, dict) else history[-1]
    assert (last["seq"], last["leaf"]) == (closing_entry["seq"], closing_entry["leaf"])
    assert last["kind"] == "stocktake.closed"
    for form in FORMS:
        page = closed.pages("--form", form)[0].replace("\n", "")
        for text in (closed.number, one["sheet"], one["result_sheet"], closing_entry["leaf"]):
            assert text in page
        assert "非最终" not in page
        assert_nothing_collides(closed.pdf)
        with closing(pdfium.PdfDocument(closed.pdf)) as document:
            (code,) = zxingcpp.read_barcodes(document[0].render(scale=3).to_pil())
        assert code.text == closed.number


def test_the_same_results_give_the_same_bytes(closed: Told) -> None:
    pytest.importorskip("xlsxwriter", reason="workbooks are an extra")
    for suffix in ("pdf", "xlsx", "json"):
        closed.report(suffix, name="one")
        closed.report(suffix, name="two")
        one, two = ((closed.folder / f"{name}.{suffix}").read_bytes() for name in ("one", "two"))
        assert one == two


def test_who_counted_and_who_reviewed_has_signed(closed: Told) -> None:
    for form in FORMS[:-1]:
        text = closed.pages("--form", form)[-1].replace("\n", "")
        assert "盘点人" in text
        assert "监盘人" in text
        assert "复核人（财政审批）" in text
        for person in (
            "测试甲（P1）",
            "测试丙（P3）",
            "测试己（P6）",
            "测试丁（P4）",
            "测试戊（P5）",
        ):
            assert person in text
    assert "盘点人" not in closed.pages("--form", "map")[-1]


def test_no_page_is_signed_that_has_no_line(closed: Told) -> None:
    for form in FORMS[:-1]:
        for page in closed.pages("--form", form):
            if "监盘人" in page:
                lines = page.split("监盘人")[0]
                assert ("合计" in lines) == (form not in ("difference", "base"))
                assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}|\+\d|A0\d{7}|U1示例", lines)


# --- the map ---------------------------------------------------------------------------------


def test_places_add_up_to_what_they_lie_in(closed: Told) -> None:
    places = {one["place"]: one for one in closed.data("--form", "map")["forms"]["map"]}
    heads = {code: tuple(one["here"][part] for part in ("listed", "counted", "weak", "missing"))
             for code, one in places.items()}  # fmt: skip
    assert heads == {
        "B1": (0, 0, 0, 0), "B1-1F": (0, 0, 0, 0), "B1-2F": (0, 0, 0, 0), "W1": (0, 0, 0, 0),
        "B1-101": (4, 3, 0, 1), "B1-102": (2, 1, 0, 1), "B1-201": (2, 2, 0, 0),
        "B1-202": (2, 2, 0, 0), "W1-A": (3, 2, 1, 0), "W1-B": (2, 2, 0, 0),
    }  # fmt: skip
    assert places["B1-202"]["here"]["elsewhere"] == 1
    assert places["B1"]["total"]["listed"] == 10
    assert places["B1-101"]["depth"] == 2
    assert list(places) == ["B1", "B1-1F", "B1-101", "B1-102", "B1-2F", "B1-201", "B1-202", "W1",
                            "W1-A", "W1-B"]  # fmt: skip


def test_the_map_is_drawn_with_the_numbers(closed: Told, running: Told) -> None:
    text = closed.pages("--form", "map")[0].replace("\n", "")
    for said in (
        "101办事大厅（B1-101）",
        "应盘 4，已盘 3，信号弱 0，缺 1",
        "仅有射频线索",
        "1层（B1-1F）",
    ):
        assert said in text
    running_text = "".join(running.pages("--form", "map")).replace("\n", "")
    assert "应盘 3，已盘 2，信号弱 1，未盘到 0" in running_text


# --- languages, hostile texts, refusals ------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_speaks_both_languages(closed: Told, form: str, lang: str) -> None:
    pages = closed.pages("--form", form, "--lang", lang)
    text = "".join(pages)
    assert not re.search(r"[a-z]+_[a-z]+\b", re.sub(r"[\w-]{43}", "", text.replace("\n", "")))
    assert_nothing_collides(closed.pdf)
    assert re.search(r"第 1 页 共 \d 页" if lang == "zh" else r"Page 1 of \d", pages[0])


def opened(desk: Register, *more: str) -> str:
    """Plan and open a stocktake of all that U1 has; everybody may act here."""
    number = desk.ok("--as", "P1", "stocktake", "plan", "--owner", "U1", "--team", "A=P1", *more)
    desk.ok("--as", "P1", "stocktake", "open", number["number"])
    return str(number["number"])


def test_hostile_names_stay_text(desk: Register, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter", reason="workbooks are an extra")
    desk.ok("register", "--name", '=HYPERLINK("http://x","一")', "--class", "A02010105", "--owner",
            "U1", "--place", "W1", "--model", "@SUM(1)<b>&\"'")  # fmt: skip
    number = opened(desk)
    desk.ok("stocktake", "report", number, "--out", tmp_path / "a.xlsx")
    cells = [cell for rows in sheets((tmp_path / "a.xlsx").read_bytes()).values()
             for row in rows for cell in row]  # fmt: skip
    assert '\'=HYPERLINK("http://x","一")' in cells
    assert "'@SUM(1)<b>&\"'" in cells
    desk.ok("stocktake", "report", number, "--out", tmp_path / "a.json")
    data = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert data["forms"]["sheet"][0]["name"] == '=HYPERLINK("http://x","一")'
    desk.ok("stocktake", "report", number, "--out", tmp_path / "a.pdf")
    assert "HYPERLINK" in words((tmp_path / "a.pdf").read_bytes())[0]


def test_what_turns_up_is_over_only_where_it_is_not_ours(desk: Register, tmp_path: Path) -> None:
    desk.register()
    ours = desk.register("会议桌", place="B1-101", value="900.00")
    foreign = desk.register("投影机", owner="U2", place="B1-101", value="800.00")
    number = opened(desk, "--place", "W1")
    desk.ok("--as", "P1", "stocktake", "count", number, ours, foreign, "--place", "W1")
    desk.ok("stocktake", "report", number, "--out", tmp_path / "a.json")
    forms = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["forms"]
    assert [one["item"] for one in forms["surplus"]] == [foreign]
    assert {one["item"]: one["results"] for one in forms["difference"]} == {
        foreign: ["surplus"], ours: ["wrong_place"],
    }  # fmt: skip
    units = {one["code"]: one for one in forms["summary"]["by_unit"]}
    assert units["U1"]["amounts"]["booked"]["quantity"] == 1
    assert units["U1"]["results"] == {"wrong_place": 1}
    assert units["U2"]["amounts"]["surplus"] == {"quantity": 1, "value": "0.00"}
    assert units["U2"]["without_value"] == 1, "what another unit's books say is not ours to add"


@pytest.mark.parametrize("name", ["report", "report.csv", "report.pdf.gz", "."])
def test_an_unknown_kind_of_file_is_refused(desk: Register, tmp_path: Path, name: str) -> None:
    error = desk.fails(3, "stocktake", "report", "PD-2026-0001", "--out", tmp_path / name)
    assert error["code"] == "input.invalid"
    assert ".xlsx" in error["message"]
    assert not (tmp_path / name).is_file()


def test_an_unknown_form_or_number_is_refused(desk: Register, tmp_path: Path) -> None:
    out = tmp_path / "a.json"
    error = desk.fails(3, "stocktake", "report", "PD-2026-0001", "--form", "all!", "--out", out)
    assert "sheet, surplus" in error["message"]
    assert desk.fails(4, "stocktake", "report", "PD-2026-0001", "--out", out)["code"]
    assert not out.exists()


def test_what_was_not_opened_has_no_report(desk: Register, tmp_path: Path) -> None:
    planned = desk.ok("--as", "P1", "stocktake", "plan", "--owner", "U1", "--team", "A=P1")
    error = desk.fails(5, "stocktake", "report", planned["number"], "--out", tmp_path / "a.json")
    assert error["code"] == "stocktake.state"


def test_a_blind_count_is_not_shown_to_those_who_count(desk: Register, tmp_path: Path) -> None:
    desk.register()
    number = opened(desk, "--blind")
    out = tmp_path / "a.json"
    error = desk.fails(5, "--as", "P2", "stocktake", "report", number, "--out", out)
    assert error["code"] == "stocktake.blind"
    assert not out.exists()
    desk.ok("--as", "P1", "stocktake", "report", number, "--out", out)
    assert out.exists()


def test_without_the_extra_a_workbook_is_refused(
    desk: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.register()
    number = opened(desk)
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    error = desk.fails(8, "stocktake", "report", number, "--out", tmp_path / "a.xlsx")
    assert error["code"] == "part.missing"
    assert "assetctl[xlsx]" in error["message"]


def test_a_dry_run_writes_nothing(desk: Register, tmp_path: Path) -> None:
    desk.register()
    number = opened(desk)
    told = desk.ok("stocktake", "report", number, "--out", tmp_path / "a.json", "--dry-run")
    assert told["forms"]["sheet"] == 1
    assert not (tmp_path / "a.json").exists()


def test_a_redacted_person_stands_by_code(desk: Register, tmp_path: Path) -> None:
    asset = desk.register()
    number = opened(desk)
    desk.ok("--as", "P1", "stocktake", "count", number, asset, "--place", "W1")
    out = tmp_path / "a.pdf"
    desk.ok("stocktake", "report", number, "--form", "sheet", "--out", out)
    assert "测试甲" in "".join(words(out.read_bytes()))
    desk.ok("audit", "redact", "party:P1", "--all", "--doc", "删〔1〕号", "--yes")
    desk.ok("stocktake", "report", number, "--form", "sheet", "--out", out)
    text = "".join(words(out.read_bytes()))
    assert "测试甲" not in text
    assert "P1" in text


def test_the_screen_says_the_sums_and_where_the_file_is(desk: Register, tmp_path: Path) -> None:
    desk.register(value="5000.00")
    number = opened(desk)
    answer = desk("stocktake", "report", number, "--out", tmp_path / "a.json", lang="zh")
    assert answer.code == 0
    assert "5,000.00" in answer.out
    assert "非最终结果" in answer.out
    assert str(clock.now().year) in number
