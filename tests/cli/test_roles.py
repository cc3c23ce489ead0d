"""role grant | revoke | list: who may give roles, and what history keeps of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Register


@pytest.fixture
def staffed(register: Register) -> Register:
    """A register with a security administrator, P1."""
    register.ok("party", "add", "P3", "--name", "测试丙", "--kind", "person")
    register.ok("role", "grant", "P1", "security_admin", "--doc", "任〔1〕号")
    return register


def has(register: Register) -> set[tuple[str, str]]:
    return {(one["code"], one["role"]) for one in register.ok("role", "list")}


def test_roles_come_and_go_and_come_again(staffed: Register) -> None:
    staffed.ok("--as", "P1", "role", "grant", "P2", "auditor")
    shown = {one["code"]: one["roles"] for one in staffed.ok("party", "list")}
    assert shown["P2"] == ["auditor"]
    staffed.ok("--as", "P1", "role", "revoke", "P2", "auditor", "--doc", "免〔1〕号")
    assert has(staffed) == {("admin", "administrator"), ("P1", "security_admin")}
    staffed.ok("--as", "P1", "role", "grant", "P2", "auditor", "--doc", "任〔2〕号")
    told = [one for one in staffed.ok("role", "list", "--all") if one["code"] == "P2"]
    assert [(one["number"], one["revoked_at"] is None) for one in told] == [(1, False), (2, True)]
    for lang, word in (("zh", "审计人员"), ("en", "auditor")):
        assert word in staffed("role", "list", lang=lang).out
    staffed.ok("verify", "--replay")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (("role", "grant", "P2", "auditor"), "role.denied"),
        (("--as", "P1", "role", "grant", "P1", "unit_head"), "role.denied"),
        (("--as", "NOBODY", "role", "grant", "P2", "auditor"), "role.denied"),
        (("--as", "P1", "role", "grant", "P1", "security_admin"), "role.denied"),
        (("--as", "P1", "role", "grant", "admin", "administrator"), "role.held"),
        (("--as", "P1", "role", "grant", "admin", "audit_admin"), "role.conflict"),
        (("--as", "P1", "role", "grant", "admin", "security_admin"), "role.conflict"),
        (("--as", "P1", "role", "grant", "U1", "unit_head"), "party.wrong_kind"),
        (("--as", "P1", "role", "revoke", "P2", "auditor", "--doc", "x"), "role.not_held"),
        (("--as", "P1", "role", "revoke", "P1", "security_admin", "--doc", "x"), "role.denied"),
        (("role", "revoke", "P1", "security_admin", "--doc", "x"), "role.denied"),
        (("--as", "P1", "role", "revoke", "admin", "administrator", "--doc", " "),
         "lifecycle.document_required"),
    ],
)  # fmt: skip
def test_what_is_refused_says_which_rule_and_changes_nothing(
    staffed: Register, line: tuple[str, ...], code: str
) -> None:
    before = has(staffed)
    assert staffed.fails(5, *line)["code"] == code
    assert has(staffed) == before
    for lang in ("zh", "en"):
        said = staffed(*line, lang=lang)
        assert said.code == 5
        assert said.err


def test_words_that_are_no_role_and_people_who_are_not_there(staffed: Register) -> None:
    error = staffed.fails(3, "--as", "P1", "role", "grant", "P2", "king")
    assert error["code"] == "input.invalid"
    assert staffed.fails(4, "--as", "P1", "role", "grant", "P9", "auditor")["code"] == (
        "party.not_found"
    )


def test_no_second_founder_comes_by_another_init(staffed: Register) -> None:
    staffed.ok("--as", "P1", "role", "revoke", "admin", "administrator", "--doc", "免〔1〕号")
    staffed.ok("init", "--as", "P2")
    assert has(staffed) == {("P1", "security_admin")}


def test_acts_after_the_last_role_was_revoked_are_found(staffed: Register) -> None:
    asset = staffed.register()
    staffed.ok("--as", "P1", "role", "grant", "P3", "warehouse_keeper")
    staffed.ok("--as", "P3", "move", asset, "--to", "W1-Z1")
    staffed.ok("--as", "P1", "role", "revoke", "P3", "warehouse_keeper", "--doc", "免〔1〕号")
    assert staffed.fails(5, "--as", "P3", "move", asset, "--to", "W1")["code"] == "role.may_not"
    staffed.ok("--as", "P3", "place", "add", "W9", "--name", "九号仓")  # needs no role
    answer = staffed("audit", "gaps", "--code", "role_revoked", "--json")
    assert answer.code == 9
    (found,) = answer.data["items"]
    assert (found["subject"], found["seq"], found["actor"]) == ("place:W9", 1, "P3")


def test_whoever_has_no_role_for_it_registers_and_imports_nothing(
    register: Register, tmp_path: Path
) -> None:
    register.ok("role", "grant", "P1", "unit_head")
    register.ok("role", "grant", "P2", "asset_clerk")
    thing = ("--name", "椅子", "--class", "A05010301", "--owner", "U1", "--place", "W1")
    sheet = tmp_path / "list.csv"
    sheet.write_text("资产名称,资产分类代码,所属单位\n椅子,A05010301,U1\n", encoding="utf-8")
    for line in (("register", *thing), ("import", "assets", sheet)):
        assert register.fails(5, "--as", "P1", *line)["code"] == "role.may_not"
        assert register.ok("find")["items"] == []
    register.ok("--as", "P2", "register", *thing)
    register.ok("--as", "P2", "import", "assets", sheet)
    assert len(register.ok("find")["items"]) == 2
