"""verify on the command line: exit 7 and the place, in JSON and in both languages."""

from __future__ import annotations

import pytest

from assetctl.domain.identity import display_id
from assetctl.i18n import translate
from tests.conftest import Register
from tests.faults.tampering import disarm

DEEDS: dict[str, tuple[str, bool]] = {
    "an entry": ("UPDATE history SET actor = 'P2' WHERE subject = 'asset:{a}' AND seq = 2", False),
    "the newest gone": ("DELETE FROM history WHERE subject = 'asset:{a}' AND seq = 2", False),
    "a table": ("UPDATE asset SET holder = 'U2' WHERE asset_id = '{a}'", True),
}


def _tamper(register: Register, statement: str) -> None:
    store = register.store
    with store.engine.begin() as connection:
        disarm(connection)
        connection.exec_driver_sql(statement)
    store.close()


@pytest.mark.parametrize("deed", DEEDS)
def test_what_was_tampered_with_gives_exit_7_and_its_place(register: Register, deed: str) -> None:
    asset, other = register.register(), register.register()
    register.ok("checkout", asset, "--to", "P1")
    assert register.ok("verify", "--replay")["subjects"] > 70
    statement, only_replay = DEEDS[deed]
    _tamper(register, statement.format(a=asset))
    if only_replay:
        register.ok("verify")
    for line in (("verify", "--replay"), ("verify", "--replay", asset)):
        error = register.fails(7, *line)
        assert error["code"] == "history.broken"
        assert error["details"].keys() == {"subject", "seq", "problem", "expected", "got"}
        assert (error["details"]["subject"], error["details"]["seq"]) == (f"asset:{asset}", 2)
    assert register.ok("verify", "--replay", other)["entries"] == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_people_are_told_the_place_in_their_language(desk: Register, lang: str) -> None:
    asset = desk.register()
    _tamper(desk, f"UPDATE history SET actor = 'P2' WHERE subject = 'asset:{asset}'")
    answer = desk("verify", lang=lang)
    assert answer.code == 7
    assert answer.out == ""
    assert asset in answer.err or display_id(asset) in answer.err
    assert "P2" in answer.err
    assert "admin" in answer.err
    template = (
        "The history does not verify at {subject}, entry {seq}: {problem}. Expected {expected}, "
        "got {got}."
    )
    known = translate(template, "zh" if lang == "zh" else "en")
    assert answer.err.startswith(known.partition("{")[0])


def test_a_register_that_holds_says_how_much_was_checked(register: Register) -> None:
    asset = register.register()
    found = register.ok("verify", asset, "--replay")
    assert found == {
        "subjects": 1, "entries": 1, "replayed": True, "rows": 2, "sealed": None,
        "findings": [], "signed": 0, "second": None,
    }  # fmt: skip
    whole = register.ok("verify")
    assert whole["sealed"]["size"] + whole["sealed"]["unsealed"] == whole["entries"] + 1
    assert register("verify", lang="zh").code == 0
    assert register.fails(4, "verify", "0000-0000-00")["code"] == "asset.not_found"
