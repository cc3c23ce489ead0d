"""doc print of what was erased, of hostile and very long texts, of many things, and of nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from assetctl.domain.request import Stamp
from docs.forms import issue_recall
from tests.cli.printing_office import Office, staffed
from tests.conftest import Register
from tests.unit.labels.paper import words

RARE = "🪑"
"""What people paste into names, and no font for Chinese has."""


@pytest.fixture
def office(desk: Register, capsys: pytest.CaptureFixture[str]) -> Office:
    """An office on SQLite."""
    return staffed(desk, capsys)


def test_what_was_erased_is_printed_as_erased(office: Office) -> None:
    number = office.loan(office.register(), purpose="张三的私事")
    office.by("P5", "doc", "approve", number, "--opinion", "张三可以借")
    office.ok("audit", "redact", f"doc:{number}", "--all", "--doc", "删〔2026〕1号")
    office.ok("audit", "redact", "party:P5", "--all", "--doc", "删〔2026〕2号")
    (page,) = words(office.print(number))
    assert "张三" not in page
    assert "测试戊" not in page
    assert page.count("（已删除）") == 2
    assert "同意 （已删除）" in page
    assert "签字：P5" in page


@pytest.mark.parametrize(
    "text",
    [
        "\u202e反向\u0007\x1b[31m\t制表\r\n换行",
        "很长的理由" * 4000,
        "W" * 6000,
        "=1+1",
        "{0}{name}",
    ],
    ids=["control", "long", "unbroken", "formula", "braces"],
)
def test_hostile_texts_print(office: Office, text: str) -> None:
    name = text[:200] if text.isprintable() else "显示器"
    asset = office.register(name=name, value="12345678901.23")
    number = office.loan(asset, purpose=text)
    office.by("P5", "doc", "approve", number, "--opinion", text)
    pdf = office.print(number)
    assert len(pdf) < 2_000_000
    joined = "".join(words(pdf))
    assert number in joined
    assert not re.search("[\u202e\x07\x1b]", joined)


def test_a_character_that_no_font_has_stops_the_job_and_is_named(office: Office) -> None:
    fine = office.loan(office.register())
    bad = office.loan(office.register(name=f"折叠椅{RARE}"))
    out = office.home / "out.pdf"
    out.write_bytes(b"what stood there")
    error = office.fails(3, "doc", "print", fine, bad, "--out", out)
    assert error["code"] == "form.glyph_missing"
    assert error["details"]["number"] == bad
    assert RARE in error["details"]["characters"]
    assert "U+1FA91" in error["details"]["characters"]
    said = office("doc", "print", bad, "--out", out, lang="zh")
    assert bad in said.err
    assert RARE in said.err
    assert out.read_bytes() == b"what stood there"
    assert [one.name for one in office.home.glob("*.pdf*")] == ["out.pdf"]


def test_what_cannot_be_printed_writes_nothing(office: Office) -> None:
    number = office.loan(office.register())
    out = office.home / "out.pdf"
    assert office.fails(4, "doc", "print", number, "JY-1999-0001", "--out", out)["code"] == (
        "document.not_found"
    )
    nowhere = office.home / "nowhere" / "out.pdf"
    assert office("doc", "print", number, "--out", nowhere).code == 8
    assert office("doc", "print", number, "--out", ".").code == 8
    tried = office.ok("doc", "print", number, "--out", out, "--dry-run")
    assert tried["pages"] == 1
    assert not out.exists()


def test_without_a_font_it_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = office.loan(office.register())
    monkeypatch.setenv("ASSETCTL_FONT", str(office.home / "none.otf"))
    error = office.fails(3, "doc", "print", number, "--out", office.home / "out.pdf")
    assert error["code"] == "form.refused"
    assert not (office.home / "out.pdf").exists()


def test_five_hundred_things_print_with_an_annex(office: Office, tmp_path: Path) -> None:
    rows = ["name,class,owner,place,value", *["折叠椅,A05010301,U1,W1,85.00"] * 500]
    source = tmp_path / "chairs.csv"
    source.write_text("\n".join(rows), encoding="utf-8")
    office.ok("import", "assets", source)
    ids = [one["asset_id"] for one in office.ok("find", "折叠椅", "--limit", "1000")["items"]]
    number = office.loan(*ids)
    pdf = office.print(number)
    assert len(pdf) < 300_000
    main, *annex = words(pdf)
    assert "见附表" in main
    assert "¥42,500.00" in main
    assert "人民币肆万贰仟伍佰元整" in main
    assert f"第 1 页 共 {len(annex)} 页" in annex[0]
    assert len(annex) < 6
    joined = "".join(annex)
    assert all(f"{one[:4]}-{one[4:8]}-{one[8:]}" in joined for one in ids)


def test_a_paper_whose_lines_are_in_several_entries_has_all_their_conditions(
    office: Office, tmp_path: Path
) -> None:
    name = "会议室专用多媒体教学一体机及其配套支架与线缆（含安装）" * 2
    rows = [f"{name}{number:03},A05010301,U1,W1,85.00,good" for number in range(250)]
    source = tmp_path / "screens.csv"
    source.write_text("\n".join(["name,class,owner,place,value,condition", *rows]), "utf-8")
    office.ok("import", "assets", source)
    ids = [one["asset_id"] for one in office.ok("find", "教学一体机", "--limit", "300")["items"]]
    number = office.loan(*ids)
    office.by("P5", "doc", "approve", number)
    office.by("P4", "doc", "approve", number)
    made = office.by("P3", "loan", "handover", number, *ids)
    assert any(one["kind"] == "doc.lines_added" for one in made["events"])
    (paper,) = made["papers"]
    assert "".join(words(office.print(paper))).count("良好") == 250


def test_a_recall_before_the_day_asks_for_it_by_the_day(
    office: Office, stamp: Callable[..., Stamp]
) -> None:
    number = office.loan(office.register())
    with closing(office.store) as store, store.writing() as tx:
        recall = issue_recall(tx, number, stamp("P3"))
    (page,) = words(office.print(recall))
    assert "请按期归还" in page
    assert "超期天数" not in page
