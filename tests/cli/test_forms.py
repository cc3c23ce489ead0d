"""doc print: documents on paper, from the register to the page and read back from it."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pypdfium2 as pdfium
import pytest
import zxingcpp

from assetctl.domain.document_kinds import KINDS
from docs.forms import County, build, fixed_world
from tests.cli.printing_office import Office, staffed
from tests.conftest import Register
from tests.unit.labels.paper import assert_nothing_collides, words


@pytest.fixture
def office(desk: Register, capsys: pytest.CaptureFixture[str]) -> Office:
    """An office on SQLite."""
    return staffed(desk, capsys)


Built = tuple[County, dict[str, str]]
"""A county, and the number of a document of each kind in it."""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The county of the pictures."""
    made = County(tmp_path_factory.mktemp("county") / "home")
    with fixed_world() as now:
        return made, build(made, now)


def code_of(pdf: bytes, page: int = 0) -> str:
    with closing(pdfium.PdfDocument(pdf)) as document:
        (found,) = zxingcpp.read_barcodes(document[page].render(scale=3).to_pil())
    return str(found.text)


# --- every kind ------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_prints(county: Built, kind: str, lang: str, tmp_path: Path) -> None:
    register, numbers = county
    number = numbers[kind]
    told = register("P3", "doc", "print", number, "--out", tmp_path / "a.pdf", "--lang", lang)
    pdf = (tmp_path / "a.pdf").read_bytes()
    pages = words(pdf)
    assert told == {
        "file": str(tmp_path / "a.pdf"), "pages": len(pages),
        "documents": [{"number": number, "kind": kind, "pages": len(pages)}],
    }  # fmt: skip
    assert_nothing_collides(pdf)
    assert all(number in page for page in pages)
    assert code_of(pdf) == number
    assert ("第 1 页 共 1 页" if lang == "zh" else "Page 1 of 1") in pages[0]
    assert not re.search(r"[a-z]+_[a-z]+", "".join(pages)), "a code that has no word"
    assert len(pages) == (2 if kind == "goods_out" else 1)


def test_a_request_shows_its_chain_its_total_and_who_signed(county: Built, tmp_path: Path) -> None:
    register, numbers = county
    register("P3", "doc", "print", numbers["intake"], "--out", tmp_path / "a.pdf")
    (page,) = words((tmp_path / "a.pdf").read_bytes())
    for text in (
        "公物仓资产入仓申请表", "填报单位：示例县发展和改革局（U2）", "填表日期：2026年3月2日",
        "113309220000000359", "闲置", "托管", "一号公物仓（W1）", "示发改党组〔2026〕5号",
        "办公用房调整后闲置", "人民币柒万玖仟叁佰伍拾元零伍角整", "¥79,350.50",
        "单位负责人意见（示例县发展和改革局）", "主管部门意见", "公物仓管理员意见", "财政审批意见",
        "同意，请按规定办理交接。", "测试乙（P2）", "（盖章）", "2026年3月2日",
    ):  # fmt: skip
        assert text in page, text
    order = [page.index(f"{role}意见") for role in ("单位负责人", "主管部门", "财政审批")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("handover", ["移交人（示例县发展和改革局）", "接收人（示例县机关事务管理中心）", "监交人",
                      "测试甲（P1）", "（盖章）"]),
        ("receipt", ["移交人", "接收人", "监交人", "测试丙（P3）", "本收据供移交单位记账使用。"]),
        ("acceptance", ["验收人", "移交人", "结论", "已接收", "桌面有轻微划痕。", "验收成色"]),
        ("goods_in", ["仓管员", "上架位置", "一号公物仓 / 甲区 / 03号货架（W1-A-03）"]),
        ("goods_out", ["仓管员", "领用人（示例县文化和旅游局）", "应还日期", "2026年3月31日"]),
        ("return_check", ["借出成色", "归还成色", "一般", "较差", "一台投影机灯罩破损。",
                          "200.00"]),
        ("recall", ["示例县文化和旅游局（U3）", "超期天数", "8", "请收到本通知后立即归还"]),
        ("extension", ["原应还日期", "2026年3月31日", "2026年4月20日"]),
        ("need", ["规格要求", "内存16G以上", "2026年6月30日", "单位财务意见"]),
        ("certificate", ["无可调剂", "缺口数量", "有效期至", "SHA-256", "测试丁（P4）"]),
        ("purchase", ["示采〔2026〕12号", "贰万柒仟贰佰元整", "测试壬（P9）"]),
        ("realloc", ["调出单位", "调入单位", "示财资〔2026〕3号"]),
    ],
)  # fmt: skip
def test_a_paper_shows_what_an_office_looks_for(
    county: Built, kind: str, texts: list[str], tmp_path: Path
) -> None:
    register, numbers = county
    register("P3", "doc", "print", numbers[kind], "--out", tmp_path / "a.pdf")
    page = words((tmp_path / "a.pdf").read_bytes())[0]
    for text in texts:
        assert text in page.replace("\n", ""), text


@pytest.mark.parametrize(("kind", "verdict", "lines"), [("acceptance", "已接收", 3),
                                                        ("return_check", "送修", 2)])  # fmt: skip
def test_a_check_says_its_verdict_on_each_line_and_of_all(
    county: Built, kind: str, verdict: str, lines: int, tmp_path: Path
) -> None:
    register, numbers = county
    register("P3", "doc", "print", numbers[kind], "--out", tmp_path / "a.pdf")
    (page,) = words((tmp_path / "a.pdf").read_bytes())
    assert page.count(verdict) == lines + 1
    assert re.search(rf"{verdict} \d 件", page)


def test_a_goods_out_note_has_its_gate_pass_on_a_page_of_its_own(
    county: Built, tmp_path: Path
) -> None:
    register, numbers = county
    register("P3", "doc", "print", numbers["goods_out"], "--out", tmp_path / "a.pdf")
    pdf = (tmp_path / "a.pdf").read_bytes()
    note, gate = words(pdf)
    assert "出门单" not in note
    for text in ("公物仓物资出门单", "共 4 件", "承运人", "出门时间", "车牌号", "门卫放行",
                 "仓管员", "测试丙（P3）", "第 1 页 共 1 页"):  # fmt: skip
        assert text in gate, text
    assert code_of(pdf, 1) == numbers["goods_out"]


def test_papers_go_along_behind_their_request_and_each_once(county: Built, tmp_path: Path) -> None:
    register, numbers = county
    out = tmp_path / "a.pdf"
    told = register("P3", "doc", "print", numbers["loan"], numbers["goods_out"], numbers["intake"],
                    "--papers", "--out", out)  # fmt: skip
    printed = [one["number"] for one in told["documents"]]
    assert printed[0] == numbers["loan"]
    assert printed[1:4] == sorted(numbers[one] for one in ("goods_out", "recall", "return_check"))
    assert printed[4] == numbers["intake"]
    assert len(printed) == len(set(printed)) == 10
    assert told["pages"] == len(words(out.read_bytes())) == 11


def test_the_same_register_gives_the_same_bytes(county: Built, tmp_path: Path) -> None:
    register, numbers = county
    made = []
    for name in ("a", "b"):
        register("P3", "doc", "print", numbers["intake"], "--papers", "--out", tmp_path / name)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]


def test_both_databases_print_the_same(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    office = staffed(register, capsys)
    asset = office.register(value="1200.50", condition="good")
    number = office.loan(asset)
    office.by("P5", "doc", "approve", number, "--opinion", "同意。")
    office.by("P4", "doc", "approve", number)
    office.by("P3", "loan", "handover", number, asset, "--note", "附遥控器。")
    office.by("P3", "loan", "return", asset, "--condition", "fair")
    request, out, gate, back = words(office.print(number, papers=True))
    for text, page in (
        ("权属单位甲县机关事务管理中心（U1）", request), ("测试戊（P5）", request),
        ("附遥控器。", out), ("良好", out), ("共 1 件", gate), ("一般", back),
        ("归还单位乙镇人民政府（U2）", back),
    ):  # fmt: skip
        assert text in page, text


# --- states ----------------------------------------------------------------------------------


def test_what_is_not_in_force_says_so_above_and_below(office: Office) -> None:
    asset = office.register(value="1200.50")
    draft = office.loan(asset, submit=False)
    (page,) = words(office.print(draft))
    for text in ("公物仓资产借用申请单（草稿）", "草稿：尚未提交", "台式计算机", "¥1,200.50",
                 "人民币壹仟贰佰元零伍角整"):  # fmt: skip
        assert text in page, text
    assert "单位负责人意见" not in page, "there is no chain to be signed yet"
    office.by("P2", "doc", "submit", draft)
    (page,) = words(office.print(draft))
    assert "草稿" not in page
    assert page.count("年月日") == 2
    office.by("P5", "doc", "return", draft, "--reason", "请写明保管人。")
    (page,) = words(office.print(draft))
    for text in ("（已退回）", "已退回修改", "退回：请写明保管人。", "未签署"):
        assert text in page, text
    office.by("P2", "doc", "withdraw", draft)
    (page,) = words(office.print(draft))
    assert "（已撤回）" in page
    assert "申请人已撤回" in page
    other = office.loan(asset)
    office.by("P4", "doc", "void", other, "--reason", "重复。")
    (page,) = words(office.print(other))
    assert "（已作废）" in page
    assert "本单作废" in page


def test_of_opinions_of_which_one_suffices_only_the_one_is_left(office: Office) -> None:
    office.ok("party", "add", "P6", "--name", "测试己", "--kind", "person", "--unit", "U2")
    office.ok("role", "grant", "P6", "unit_finance")
    asset = office.register(value="60000.00")
    number = office.by(
        "P2", "realloc", "request", asset, "--to-unit", "U2", "--reason", "缺设备。"
    )["number"]
    office.by("P5", "doc", "approve", number)
    (page,) = words(office.print(number))
    assert page.count("（同一环节任签其一即可）") == 2
    assert page.count("单位负责人意见") == 2
    office.by("P6", "doc", "approve", number, "--opinion", "同意。")
    (page,) = words(office.print(number))
    assert "任签其一" not in page
    assert page.count("单位负责人意见") == page.count("单位财务意见") == 1


def test_the_list_of_a_reallocation_is_signed_by_who_took_over(office: Office) -> None:
    asset = office.register(value="600.00")
    number = office.by(
        "P2", "realloc", "request", asset, "--to-unit", "U2", "--reason", "缺设备。"
    )["number"]
    office.by("P5", "doc", "approve", number)
    office.by("P4", "doc", "approve", number)
    office.by("P3", "realloc", "send", number, asset)
    office.by("P2", "realloc", "receive", number, asset)
    request, out, _gate, handed = words(office.print(number, papers=True))
    assert "调出单位甲县机关事务管理中心（U1）" in request, "as it was when it was asked for"
    assert "领用人（乙镇人民政府）" in out
    assert "移交人（甲县机关事务管理中心）" in handed
    assert handed.index("接收人") < handed.index("测试乙（P2）") < handed.index("监交人")


def test_a_refused_thing_is_refused_on_its_acceptance(county: Built, tmp_path: Path) -> None:
    register, numbers = county
    refused = numbers["acceptance"].replace("0001", "0002")
    register("P3", "doc", "print", refused, "--out", tmp_path / "a.pdf")
    (page,) = words((tmp_path / "a.pdf").read_bytes())
    for text in ("已拒收 1 件", "机组缺铭牌，无法核对序列号。", "中央空调室外机组"):
        assert text in page, text


def test_values_that_are_missing_or_nought(office: Office) -> None:
    blank, nought = office.register(), office.register(value="0.00")
    (page,) = words(office.print(office.loan(blank, submit=False)))
    assert "卡片均未登记价值" in page
    (page,) = words(office.print(office.loan(nought, submit=False)))
    assert "人民币零元整" in page
    assert "¥0.00" in page
    (page,) = words(office.print(office.loan(blank, nought, submit=False)))
    assert "未计入合计" in page
    assert "1 件卡片未登记价值" in page
