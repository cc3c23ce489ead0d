"""source: what is refused between a need and a purchase, with its code and exit code."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from assetctl.cli import clock
from tests.cli.test_source import (
    LAPTOP,
    NEED,
    PC,
    approved,
    asked,
    certified,
    day,
    ids,
    lent,
    refused,
    searched,
    staffed,
)
from tests.conftest import Register

RULES = """
title = "甲县规则"
effective_from = "2026-01-01"
[sourcing]
valid_days = {days}
division = "330921"
"""
CHAIN = '[[chain]]\nkind = "{kind}"\nsteps = ["unit_head@applicant"]\n'
STANDARD = """
[[standard]]
jurisdiction = "330921"
doc_no = "岱财资〔2026〕1号"
effective_from = "2026-01-01"
class_code = "A02010105"
basis = "per_person"
quantity = "1"
price_cap = "5000.00"
"""


@pytest.fixture
def stall(desk: Register) -> Register:
    """A register with three computers in the warehouse and people in their roles."""
    for _ in range(3):
        desk.register()
    return staffed(desk)


def test_the_quota_says_how_many_and_by_which_standard(stall: Register, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(STANDARD, encoding="utf-8")
    stall.ok("--as", "M1", "standard", "adopt", path, "--doc", "函〔1〕号")
    _adopt(stall, tmp_path)
    stall.ok("--as", "K1", "register", "--name", "台式计算机", "--class", PC, "--owner", "U2",
             "--place", "B1")  # fmt: skip
    for more, word in (((), "staff"), (("--staff", "5"), "allows 5, 1 are there")):
        error = stall.fails(5, "--as", "C2", *NEED, *more)
        assert error["code"] == "document.refused"
        assert any(word in line for line in error["details"]["lines"]), error
    number = asked(stall, "--staff", "6")
    quota = stall.ok("source", "show", number)["quota"]
    assert (quota["ceiling"], quota["held"], quota["asked"], quota["price_cap"]) == (
        6, 1, 0, "5000.00",
    )  # fmt: skip
    assert quota["quantity_from"] == "岱财资〔2026〕1号 (330921 A02010105)"
    error = stall.fails(5, "--as", "C2", *NEED, "--staff", "10")
    assert "5 asked for" in error["details"]["lines"][0]
    asked(stall, "--staff", "10", "--reply", "批〔1〕号")


def test_a_class_off_the_list_is_argued(stall: Register, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    row = STANDARD.replace(PC, LAPTOP).partition("basis")[0]
    path.write_text(row + 'basis = "per_unit"\nargued = true\n', encoding="utf-8")
    stall.ok("--as", "M1", "standard", "adopt", path, "--doc", "函〔1〕号")
    _adopt(stall, tmp_path)
    need = tuple(LAPTOP if part == PC else part for part in NEED)
    error = stall.fails(5, "--as", "C2", *need)
    assert "off the list" in error["details"]["lines"][0]
    made = stall.ok("--as", "C2", *need, "--reply", "批〔1〕号")
    assert stall.ok("source", "show", made["number"])["quota"]["argued_from"]


def test_a_price_above_the_cap_needs_a_reply(stall: Register, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(STANDARD, encoding="utf-8")
    stall.ok("--as", "M1", "standard", "adopt", path, "--doc", "函〔1〕号")
    _adopt(stall, tmp_path)
    _number, certificate = certified(stall, "--staff", "9")
    buy = ("--as", "F2", "source", "purchase", certificate, "--quantity", "1", "--price", "5000.01")
    assert stall.fails(5, *buy)["code"] == "sourcing.over_price"
    stall.ok(*buy, "--reply", "批〔2〕号")
    stall.ok(*buy[:-1], "5000")


@pytest.mark.parametrize(
    ("line", "exit_code", "code"),
    [
        (("need", "--class", "A99", "--quantity", "1", "--name", "x", "--spec", "x",
          "--by", day(9), "--place", "B1"), 4, "class.not_found"),
        (("need", "--class", PC, "--quantity", "1", "--name", "x", "--spec", "x", "--by", day(9),
          "--place", "NO"), 3, "document.fields"),
        (("need", "--class", PC, "--quantity", "0", "--name", "x", "--spec", "x", "--by", day(9),
          "--place", "B1"), 2, "usage"),
        (("need", "--class", PC, "--quantity", "1", "--name", "x", "--spec", "x", "--by", day(-1),
          "--place", "B1"), 5, "document.refused"),
        (("search", "PZ-1999-0001"), 4, "document.not_found"),
        (("show", "PZ-1999-0001"), 4, "document.not_found"),
        (("list", "--state", "gone"), 3, "input.invalid"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(
    stall: Register, line: tuple[str, ...], exit_code: int, code: str
) -> None:
    assert stall.fails(exit_code, "--as", "C2", "source", *line)["code"] == code


def _refusals(number: str, asset: str) -> list[tuple[str, tuple[str, ...], int, str]]:
    refuse = ("refuse", number, asset, "--text", "旧", "--reason")
    return [
        ("C1", ("search", number), 5, "document.duties"),
        ("F2", ("search", number), 5, "role.may_not"),
        ("C2", ("take", number, asset), 3, "input.invalid"),
        ("C2", ("take", number, asset, "--as-loan"), 3, "document.fields"),
        ("C1", ("take", number, asset, "--as-realloc"), 5, "document.duties"),
        ("C2", (*refuse, "ugly"), 3, "input.invalid"),
        ("C2", ("refuse", number, asset, "--text", " ", "--reason", "spec"), 3, "input.invalid"),
        ("C1", (*refuse, "spec"), 5, "document.duties"),
        ("M1", (*refuse, "spec"), 5, "role.may_not"),
        ("M1", ("confirm", number, asset), 5, "sourcing.no_candidate"),
        ("H2", ("confirm", number, asset), 5, "role.may_not"),
        ("M1", ("certify", number), 5, "sourcing.unjudged"),
        ("C2", ("certify", number), 5, "role.may_not"),
        ("F2", ("purchase", number, "--quantity", "1", "--price", "1"), 5, "document.unfit"),
        ("F2", ("purchase", number, "--quantity", "1", "--price", "x"), 3, "money.invalid"),
    ]  # fmt: skip


def test_what_is_refused_changes_nothing(stall: Register) -> None:
    number = approved(stall)
    asset = ids(stall)[0]
    too_early: list[tuple[str, ...]] = [
        ("C2", "source", "take", number, asset, "--as-realloc"),
        ("C2", "source", "refuse", number, asset, "--reason", "spec", "--text", "旧"),
        ("M1", "source", "certify", number),
    ]
    for early in too_early:
        assert stall.fails(5, "--as", *early)["code"] == "sourcing.not_searched"
    stall.ok("--as", "C2", "source", "search", number)
    before = stall.ok("source", "show", number)
    for person, line, exit_code, code in _refusals(number, asset):
        assert stall.fails(exit_code, "--as", person, "source", *line)["code"] == code, line
        assert stall("--as", person, "source", *line, lang="zh").code == exit_code
    assert stall.ok("source", "show", number) == before
    stall.ok("verify", "--replay")


def test_a_need_that_is_not_approved_is_not_searched(stall: Register) -> None:
    number = asked(stall)
    assert stall.fails(5, "--as", "C2", "source", "search", number)["code"] == "document.state"


def test_a_refusal_wants_a_second_person_and_may_be_overruled(stall: Register) -> None:
    number = searched(stall)
    one, two, three = ids(stall)
    refused(stall, number, one, two, confirmed=False)
    error = stall.fails(5, "--as", "M1", "source", "certify", number)
    assert [line.partition(" ")[2] for line in error["details"]["lines"]][-1]
    again = ("--as", "C2", "source", "refuse", number, one, "--reason", "time", "--text", "迟")
    assert stall.fails(5, *again)["code"] == "sourcing.no_candidate"
    stall.ok("--as", "D1", "source", "confirm", number, one)
    stall.ok("--as", "D1", "source", "overrule", number, two, "--text", "够用")
    assert stall.fails(5, "--as", "M1", "source", "confirm", number, two)["code"] == (
        "sourcing.no_candidate"
    )
    take = ("--as", "C2", "source", "take", number)
    error = stall.fails(5, *take, one, "--as-realloc")
    assert "refused" in error["details"]["lines"][0]
    loan = stall.ok(*take, two, three, "--as-loan", "--due", day(9))
    error = stall.fails(5, "--as", "M1", "source", "certify", number)
    assert error["details"]["lines"] == [f"{loan['number']} is not decided yet"]
    stall.ok("--as", "H2", "doc", "reject", loan["number"], "--reason", "不需要")
    error = stall.fails(5, "--as", "M1", "source", "certify", number)
    assert len(error["details"]["lines"]) == 2
    lent(stall, number, two, three)
    found = stall.ok("--as", "M1", "source", "certify", number)
    assert found["searches"][0]["unmet"] == 3
    assert stall.fails(5, "--as", "M1", "source", "certify", number)["code"] == "sourcing.certified"


def test_who_judges_is_neither_who_refused_nor_who_asked(stall: Register) -> None:
    for person in ("C2", "H2"):
        stall.ok("--as", "P1", "role", "grant", person, "competent_department", "--doc", "任2")
    number = searched(stall)
    one, *rest = ids(stall)
    stall.ok("--as", "H2", "source", "refuse", number, one, "--reason", "spec", "--text", "旧")
    for person in ("C2", "H2"):
        error = stall.fails(5, "--as", person, "source", "confirm", number, one)
        assert error["code"] == "document.duties"
    stall.ok("--as", "M1", "source", "confirm", number, one)
    refused(stall, number, *rest)
    assert stall.fails(5, "--as", "C2", "source", "certify", number)["code"] == "document.duties"
    assert stall.fails(5, "--as", "H2", "source", "certify", number)["code"] == "document.duties"
    stall.ok("--as", "P1", "role", "grant", "F2", "competent_department", "--doc", "任3")
    found = stall.ok("--as", "F2", "source", "certify", number)
    certificate = found["searches"][0]["certificate"]
    buy = ("source", "purchase", certificate, "--quantity", "1", "--price", "1")
    assert stall.fails(5, "--as", "F2", *buy)["code"] == "document.duties"
    assert stall.fails(5, "--as", "C1", *buy)["code"] == "document.duties"
    assert stall.fails(5, "--as", "K1", *buy)["code"] == "role.may_not"


def test_things_that_came_since_make_a_search_stale(stall: Register) -> None:
    number = searched(stall)
    refused(stall, number, *ids(stall))
    new = stall.ok("--as", "K1", "register", "--name", "台式计算机", "--class", PC, "--owner", "U1",
                   "--place", "W1")["asset_id"]  # fmt: skip
    error = stall.fails(5, "--as", "M1", "source", "certify", number)
    assert (error["code"], error["details"]["asset_id"]) == ("sourcing.stale", new)
    found = stall.ok("--as", "C2", "source", "search", number)
    assert [len(one["candidates"]) for one in found["searches"]] == [3, 4]
    assert found["searches"][0]["candidates"][0]["verdict"] == "confirmed"
    assert found["searches"][1]["candidates"][0]["verdict"] is None
    refused(stall, number, *ids(stall))
    stall.ok("--as", "M1", "source", "certify", number)


def test_more_than_is_lacking_and_certificates_that_no_longer_count(stall: Register) -> None:
    number, certificate = certified(stall)
    buy = ("--as", "F2", "source", "purchase", certificate, "--price", "1", "--quantity")
    assert stall.fails(5, *buy, "6")["code"] == "sourcing.over_quantity"
    assert stall.fails(3, *buy, "0")["code"] == "input.invalid"
    stall.ok(*buy, "4")
    error = stall.fails(5, *buy, "2")
    assert (error["code"], error["details"]["left"]) == ("sourcing.over_quantity", 1)
    stall.ok("--as", "C2", "source", "search", number)
    assert stall.fails(5, *buy, "1")["code"] == "sourcing.replaced"
    refused(stall, number, *ids(stall))
    found = stall.ok("--as", "M1", "source", "certify", number)["searches"][-1]
    assert (found["unmet"], found["certificate"] != certificate) == (1, True)
    second = ("--as", "F2", "source", "purchase", found["certificate"], "--price", "1")
    stall.ok(*second, "--quantity", "1")
    assert stall.fails(5, *second, "--quantity", "1")["code"] == "document.state"


def test_a_certificate_expires(
    stall: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _adopt(stall, tmp_path, days=2)
    _number, certificate = certified(stall)
    buy = ("--as", "F2", "source", "purchase", certificate, "--price", "1", "--quantity", "1")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=2))
    stall.ok(*buy)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=3))
    assert stall.fails(5, *buy)["code"] == "sourcing.expired"


def test_rules_from_before_needs_were_known_decide_none(stall: Register, tmp_path: Path) -> None:
    _adopt(stall, tmp_path, is_old=True)
    assert stall.fails(4, "--as", "C2", *NEED)["code"] == "rules.no_chain"


def _adopt(register: Register, folder: Path, *, days: int = 30, is_old: bool = False) -> None:
    chains = "".join(CHAIN.format(kind=kind) for kind in ("loan", "extension", "realloc", "intake"))
    if not is_old:
        chains += '[[chain]]\nkind = "need"\nsteps = ["unit_head@applicant", "unit_finance"]\n'
    path = folder / "rules.toml"
    path.write_text(RULES.format(days=days) + chains, encoding="utf-8")
    register.ok("--as", "M1", "warehouse", "rules", "adopt", path, "--doc", "规1")
