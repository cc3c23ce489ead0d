"""Every command in both languages: words on the screen come from the catalogue and the data."""

from __future__ import annotations

from pathlib import Path

import pytest

from assetctl.domain.identity import display_id
from assetctl.i18n import LANGUAGES, Language, catalog, term, translate
from assetctl.store.tables import SCHEMA
from tests.conftest import Register

NAME = "台式计算机"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_whole_day_at_the_desk(desk: Register, tmp_path: Path, lang: Language) -> None:
    asset = desk.register(**{"card-no": "0001"})
    shown = display_id(asset)

    def says(kind: str, *line: str | Path) -> None:
        answer = desk(*line, lang=lang)
        assert answer.code == 0, (line, answer.err)
        assert term("event", kind, lang) in answer.out
        assert shown in answer.out

    def shows(*words: str) -> None:
        for line in (("show", asset), ("find", "0001")):
            answer = desk(*line, lang=lang)
            assert answer.code == 0
            for word in words:
                assert word in answer.out, (line, word)

    shows(shown, NAME, term("state", "in_store", lang), "一号公物仓", translate("Place", lang))
    says("asset.checked_out", "checkout", asset, "--to", "P2", "--due", "2099-01-01")
    shows(term("state", "on_loan", lang), "测试乙", "2099-01-01")
    says("asset.loan_extended", "extend", asset, "--due", "2099-02-01")
    says("asset.checked_in", "checkin", asset, "--condition", term("condition", "fair", lang))
    says("asset.moved", "move", asset, "--to", "W1-Z1")
    says("asset.sent", "send", asset, "--to", "U2")
    shows(term("state", "in_transit", lang))
    says("asset.handover_refused", "receive", asset, "--refuse", "不符")
    says("asset.sent", "send", asset, "--to", "U2")
    says("asset.received", "receive", asset, "--differs", "缺鼠标", "--place", "B1-101")
    says("asset.title_transferred", "transfer", asset, "--to-unit", "U2", "--doc", "调1")
    says("asset.reported_missing", "missing", asset)
    shows(term("state", "missing", lang))
    says("asset.found", "found", asset, "--place", "W1")
    says("asset.corrected", "correct", asset, "--set", "brand=甲牌")
    says("asset.tag_replaced", "tag", "replace", asset)
    says("asset.tag_bound", "tag", "bind", asset, "--epc", "E2801160")
    says("asset.tag_voided", "tag", "void", asset, "--carrier", "uhf")
    (tmp_path / "a.txt").write_text("x")
    says("asset.attached", "attach", asset, tmp_path / "a.txt")
    says("asset.disposal_proposed", "dispose", "propose", asset)
    says("asset.disposal_withdrawn", "dispose", "withdraw", asset)
    says("asset.disposal_proposed", "dispose", "propose", asset, "--method", "sale")
    says("asset.disposed", "dispose", "complete", asset, "--doc", "处1", "--income", "10.00")
    shows(term("state", "disposed", lang))
    traced = desk("trace", asset, lang=lang)
    for kind in ("asset.registered", "asset.received", "asset.disposed"):
        assert term("event", kind, lang) in traced.out
    assert "缺鼠标" in traced.out
    assert "调1" in traced.out
    found = desk("find", "--state", term("state", "disposed", lang), "--json", lang=lang)
    assert [one["asset_id"] for one in found.data["items"]] == [asset]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lists_and_the_rest(desk: Register, tmp_path: Path, lang: Language) -> None:
    made = desk("register", "--name", NAME, "--class", "A02010105", "--owner", "U1", lang=lang)
    assert made.code == 0
    assert term("event", "asset.registered", lang) in made.out
    assert "assetctl label png" in made.err
    for line, words in (
        (("party", "list"), ("甲县机关事务管理中心", term("kind", "vendor", lang),
                             term("role", "administrator", lang))),
        (("place", "list"), ("一号公物仓", term("place_kind", "zone", lang))),
        (("party", "add", "X1", "--name", "新", "--kind", "unit"),
         ("X1", term("event", "party.added", lang))),
        (("place", "add", "X1", "--name", "新"), ("X1", term("event", "place.added", lang))),
        (("verify", "--replay"), (translate("The history holds: {entries} entries of {subjects} "
                                            "subjects.", lang).partition("{")[0],)),
        (("db", "path"), (desk.url,)),
        (("db", "check"), (SCHEMA,)),
        (("db", "upgrade"), (SCHEMA,)),
        (("export", "assets", tmp_path / "a.csv"), (str(tmp_path / "a.csv"),)),
        (("import", "assets", tmp_path / "a.csv"), ("1",)),
        (("label", "sheet", "--all", "--out", tmp_path / "a.pdf"), (str(tmp_path / "a.pdf"),)),
        (("init",), (translate("The register is ready.", lang),)),
        (("find",), (NAME, term("state", "in_use", lang), translate("Holder", lang))),
    ):  # fmt: skip
        answer = desk(*line, lang=lang)
        assert answer.code == 0, (line, answer.err)
        for word in words:
            assert word in answer.out, (line, word, answer.out)
    nothing = desk("find", "没有这样的东西", lang=lang)
    assert (nothing.code, nothing.out) == (0, "")
    assert translate("Nothing was found.", lang) in nothing.err
    desk.register()
    page = desk("find", "--limit", "1", lang=lang)
    assert "--after" in page.err
    assert desk("doctor", lang=lang).code in (0, 9)


def test_chinese_is_chinese_and_english_is_english() -> None:
    for key in ("state.on_loan", "event.asset.checked_out", "verdict.forged", "condition.fair"):
        zh, en = catalog("zh")[key], catalog("en")[key]
        assert any("\u4e00" <= character <= "\u9fff" for character in zh)
        assert en.isascii()


def test_json_is_the_same_in_both_languages(desk: Register) -> None:
    asset = desk.register()
    for line in (("show", asset), ("trace", asset), ("find",), ("party", "list"), ("show", "none"),
                 ("checkin", asset), ("show",)):  # fmt: skip
        assert desk(*line, "--json", lang="zh") == desk(*line, "--json", lang="en"), line


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (("find", "--owner", "U2"), {"b"}), (("find", "--place", "W1"), {"a"}),
        (("find", "--holder", "P1"), {"c"}), (("find", "--class", "A05000000"), {"b", "c"}),
        (("find", "--class", "A05010301"), {"c"}), (("find", "--state", "in_store"), {"a"}),
        (("find", "办公"), {"b", "c"}), (("find", "办公 椅"), {"c"}), (("find", "%"), set()),
        (("find", "_"), set()), (("find", "sn-1"), {"a"}), (("find", "K-1"), {"b"}),
    ],
    ids=lambda value: " ".join(value[1:]) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_find(register: Register, line: tuple[str, ...], found: set[str]) -> None:
    names = {
        register.register(serial="SN-1", place="W1-Z1"): "a",
        register.register("办公桌", owner="U2", place="B1",
                          **{"class": "A05010201", "card-no": "K-1"}): "b",
        register.register("办公椅", place="B1", **{"class": "A05010301"}): "c",
    }  # fmt: skip
    (chair,) = (one for one, name in names.items() if name == "c")
    register.ok("checkout", chair, "--to", "P1")
    assert {names[one["asset_id"]] for one in register.ok(*line)["items"]} == found
