"""standard check | adopt | end | list | show: what a division allows, and by which document."""

from __future__ import annotations

from pathlib import Path

import pytest

from assetctl.i18n import LANGUAGES, Language, term
from tests.conftest import Register

SOFA = "A05010401"
OWN = """
[[standard]]
jurisdiction = "330921"
doc_no = "岱财资〔2026〕1号"
effective_from = "2026-03-01"
class_code = "A05010401"
basis = "per_office"
quantity = "1"
price_cap = "2400.00"
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    return path


def test_from_the_file_to_what_is_allowed(register: Register, own: Path) -> None:
    assert register.ok("standard", "list") == []
    done = register.ok("standard", "adopt", "--doc", "函〔1〕号")
    assert (done["file"], done["adopted"], done["known"]) == ("assetctl", 52, 0)
    again = register.ok("standard", "adopt", "--doc", "函〔2〕号")
    assert (again["adopted"], again["known"], again["events"]) == (0, 52, [])
    ask = ("standard", "show", SOFA, "--division", "330921", "--on")
    before = register.ok(*ask, "2026-02-28")["in_force"]
    assert before["price_cap"]["value"] == "2500.00"
    assert before["price_cap"]["doc_no"] == "舟山市级2025-01-17"
    assert before["quantity"] is None
    assert (before["min_years"]["value"], before["min_years"]["jurisdiction"]) == (15, "330000")
    assert register.ok("standard", "adopt", own, "--doc", "函〔3〕号")["adopted"] == 1
    assert register.ok(*ask, "2026-02-28")["in_force"] == before
    after = register.ok(*ask, "2026-03-01")["in_force"]
    assert (after["price_cap"]["value"], after["quantity"]["value"]) == ("2400.00", "1")
    assert after["min_years"] == before["min_years"]
    code = "330921/A05010401/-/2026-03-01"
    ended = register.ok("standard", "end", code, "--on", "2026-12-31", "--doc", "函〔4〕号")
    (entry,) = ended["events"]
    assert (entry["subject"], entry["data"]) == (
        f"standard:{code}", {"until": "2026-12-31", "doc": "函〔4〕号"},
    )  # fmt: skip
    assert register.ok(*ask, "2027-01-01")["in_force"] == before
    register.ok("verify", "--replay")


def test_how_many_for_a_number_of_staff(desk: Register) -> None:
    desk.ok("standard", "adopt", "--doc", "函〔1〕号")
    ask = ("--division", "330921", "--on", "2026-01-01", "--staff", "7")
    shown = desk.ok("standard", "show", "A02010108", *ask)
    assert (shown["ceiling"], shown["staff"], shown["name"]) == (3, 7, "便携式计算机")
    assert shown["in_force"]["price_cap"]["jurisdiction"] == "330900"
    assert shown["in_force"]["quantity"]["doc_no"] == "财资〔2016〕27号"
    bookcases = ("standard", "show", "A05010501", *ask)
    assert desk.ok(*bookcases)["ceiling"] == 7
    assert desk.ok(*bookcases, "--rank", "bureau")["ceiling"] == 14
    television = desk.ok("standard", "show", "A02091001", *ask)
    assert television["ceiling"] is None
    assert television["in_force"]["argued"]["value"] is True
    assert desk.ok("standard", "show", "A02010104", *ask)["in_force"] is None


def test_lists_are_cut_by_division_class_and_day(desk: Register) -> None:
    desk.ok("standard", "adopt", "--doc", "函〔1〕号")

    def codes(*more: str) -> list[str]:
        return [one["code"] for one in desk.ok("standard", "list", "--class", SOFA, *more)]

    centre, province = f"000000/{SOFA}/-/2016-07-01", f"330000/{SOFA}/-/2016-10-25"
    city = f"330900/{SOFA}/-/2025-01-17"
    assert codes() == [centre, province, city]
    assert codes("--division", "330100") == [centre, province]
    assert codes("--on", "2025-01-16") == [centre, province]
    assert codes("--division", "330921", "--on", "2025-01-17") == [centre, province, city]


def test_a_file_is_looked_through_without_a_register(tmp_path: Path, desk: Register) -> None:
    path = tmp_path / "s.toml"
    path.write_text(OWN, encoding="utf-8-sig")
    assert desk.ok("standard", "check", path) == {"file": str(path), "standards": 1}
    path.write_text(f"{OWN}rank = 'king'\n{OWN}until = '2026-02-01'\n{OWN}{OWN}")
    for line in (("standard", "check", path), ("standard", "adopt", path, "--doc", "x")):
        error = desk.fails(3, *line)
        assert (error["code"], error["details"]["count"]) == ("standard.faulty", 4)
        for lang, word in (("en", "standard 1: rank cannot be 'king'"),
                           ("zh", "标准 2：until 早于 effective_from")):  # fmt: skip
            said = desk(*line, lang=lang)
            assert word in said.err, said.err
    assert desk.ok("standard", "list") == []


def test_what_is_refused(desk: Register, own: Path, tmp_path: Path) -> None:
    desk.ok("standard", "adopt", own, "--doc", "函〔1〕号")
    other = tmp_path / "other.toml"
    other.write_text(OWN.replace("2400.00", "2300.00"), encoding="utf-8")
    bad = tmp_path / "bad.toml"
    bad.write_bytes(OWN.encode("gb18030"))
    key = "330921/A05010401/-/2026-03-01"
    show = ("standard", "show", SOFA, "--division")
    for code, line, exit_code in (
        ("standard.differs", ("standard", "adopt", other, "--doc", "x"), 6),
        ("file.unreadable", ("standard", "adopt", bad, "--doc", "x"), 3),
        ("file.not_found", ("standard", "check", tmp_path / "none.toml"), 4),
        ("lifecycle.document_required", ("standard", "adopt", "--doc", " "), 5),
        ("standard.not_found", ("standard", "end", "x", "--on", "2027-01-01", "--doc", "x"), 4),
        ("input.invalid", ("standard", "end", key, "--on", "2026-02-28", "--doc", "x"), 3),
        ("input.invalid", ("standard", "end", key, "--on", "soon", "--doc", "x"), 3),
        ("input.invalid", ("standard", "list", "--division", "3309"), 3),
        ("input.invalid", (*show, "33"), 3),
        ("input.invalid", (*show, "330921", "--rank", "king"), 3),
        ("class.not_found", ("standard", "show", "A99", "--division", "330921"), 4),
    ):  # fmt: skip
        assert desk.fails(exit_code, *line)["code"] == code, line
        for lang in LANGUAGES:
            said = desk(*line, lang=lang)
            assert (said.code, bool(said.err)) == (exit_code, True)
    said = desk("standard", "adopt", other, "--doc", "x", lang="zh")
    assert "价格上限" in said.err
    assert len(desk.ok("standard", "list")) == 1


def test_a_dry_run_keeps_nothing(desk: Register) -> None:
    assert desk.ok("standard", "adopt", "--doc", "x", "--dry-run")["adopted"] == 52
    assert desk.ok("standard", "list") == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_people_read_it_in_both_languages(desk: Register, lang: Language) -> None:
    assert "52" in desk("standard", "adopt", "--doc", "x", lang=lang).out
    listed = desk("standard", "list", "--class", "A05010201", lang=lang).out
    for word in ("办公桌", "330000/A05010201/bureau/2016-10-25", "¥4500.00", "浙财资产〔2016〕37号",
                 term("rank", "bureau", lang)):  # fmt: skip
        assert word in listed
    ask = ("--division", "330921", "--on", "2026-01-01", "--staff", "10")
    shown = desk("standard", "show", "A02010108", *ask, lang=lang).out
    for word in ("便携式计算机", "0.5", term("basis", "per_person", lang), "¥7000.00", "5",
                 "舟山市级2025-01-17", "财资〔2016〕27号"):  # fmt: skip
        assert word in shown
    table = desk("standard", "show", "A05010202", *ask, lang=lang).out
    assert f"¥600.00 {term('basis', 'per_seat', lang)}" in table
    argued = desk("standard", "show", "A02091001", *ask, lang=lang).out
    assert {"zh": "逐项论证", "en": "argue each need"}[lang] in argued
    nothing = desk("standard", "show", "A02010104", *ask, lang=lang).out
    assert {"zh": "没有适用", "en": "No standard holds"}[lang] in nothing
    code = "330900/A05010202/-/2025-01-17"
    ended = desk("standard", "end", code, "--on", "2026-12-31", "--doc", "x", lang=lang)
    assert term("event", "standard.ended", lang) in ended.out
