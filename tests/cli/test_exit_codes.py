"""Every exit code, in JSON and in words, and that nothing is half done behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from assetctl.cli import clock
from assetctl.errors import AssetctlError, Kind
from assetctl.i18n import LANGUAGES, Language, catalog
from assetctl.reads import assets as asset_reads
from tests.conftest import Register


def _break_history(desk: Register) -> None:
    store = desk.store
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER history_no_update")
        connection.exec_driver_sql("UPDATE history SET actor = 'x' WHERE subject = 'party:U1'")
    store.close()


def _past(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next request have begun before the asset was last changed."""
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() - timedelta(minutes=5))


Case = tuple[int, str, tuple[str, ...]]
CASES: dict[str, Case] = {
    "done": (0, "", ("show", "{a}")),
    "usage": (2, "usage", ("checkout", "{a}")),
    "a date": (3, "input.invalid", ("checkout", "{a}", "--to", "P1", "--due", "tomorrow")),
    "a grade": (3, "input.invalid", ("checkin", "{loan}", "--condition", "shiny")),
    "an amount": (3, "money.invalid", ("dispose", "complete", "{a}", "--doc", "x",
                                      "--income", "1e3")),
    "an unknown asset": (4, "asset.not_found", ("show", "K7M2-9QXD-4F")),
    "an unknown party": (4, "party.not_found", ("checkout", "{a}", "--to", "P9")),
    "an unknown place": (4, "place.not_found", ("move", "{a}", "--to", "W9")),
    "an unknown class": (4, "class.not_found", ("register", "--name", "x", "--class", "A99999999",
                                                "--owner", "U1")),
    "no file": (4, "file.not_found", ("import", "assets", "/nowhere/list.csv")),
    "no such tag": (4, "tag.not_found", ("tag", "void", "{a}", "--carrier", "uhf")),
    "lent already": (5, "lifecycle.refused", ("checkout", "{loan}", "--to", "P2")),
    "not lent": (5, "lifecycle.refused", ("checkin", "{a}")),
    "no document": (5, "lifecycle.document_required", ("transfer", "{a}", "--to-unit", "U2",
                                                       "--doc", "")),
    "not a unit": (5, "party.wrong_kind", ("transfer", "{a}", "--to-unit", "P1", "--doc", "x")),
    "there already": (5, "custody.no_change", ("move", "{a}", "--to", "W1")),
    "too early": (5, "custody.date_order", ("checkout", "{a}", "--to", "P1",
                                            "--due", "2001-01-01")),
    "taken": (6, "code.taken", ("party", "add", "U1", "--name", "x", "--kind", "unit")),
    "no register": (8, "store.missing", ("show", "{a}", "--db", "sqlite:////nowhere/register.db")),
}  # fmt: skip


def _line(desk: Register, line: tuple[str, ...]) -> list[str]:
    a, loan = desk.register(), desk.register()
    desk.ok("checkout", loan, "--to", "P1", "--due", "2099-01-01")
    return [part.format(a=a, loan=loan) for part in line]


@pytest.mark.parametrize("case", CASES)
def test_each_failure_has_its_code(desk: Register, case: str) -> None:
    code, name, line = CASES[case]
    arguments = _line(desk, line)
    before = desk.ok("verify", "--replay")
    answer = desk(*arguments, "--json")
    assert answer.code == code, answer.out + answer.err
    if code:
        assert answer.json.keys() == {"ok", "error"}
        assert answer.json["ok"] is False
        assert answer.error.keys() == {"code", "message", "details"}
        assert answer.error["code"] == name
    for lang in LANGUAGES:
        said = desk(*arguments, lang=lang)
        assert said.code == code
        assert (said.out == "") == bool(code), "words of a failure belong on stderr"
        assert (said.err != "") == bool(code)
    assert desk.ok("verify", "--replay") == before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_refusal_is_told_in_the_readers_words(desk: Register, lang: Language) -> None:
    loan = _line(desk, ("{loan}",))[0]
    said = desk("checkout", loan, "--to", "P2", lang=lang).err
    for key in ("state.on_loan", "act.check_in"):
        assert catalog(lang)[key] in said
    assert "P1" in said
    assert "{" not in said


def test_an_act_that_came_second_is_a_conflict(
    desk: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = desk.register()
    desk.ok("checkout", asset, "--to", "P1")
    _past(monkeypatch)
    error = desk.fails(6, "checkout", asset, "--to", "P2")
    assert error["code"] == "custody.someone_first"
    assert error["details"]["holder"] == "P1"
    assert desk("checkout", asset, "--to", "P2", lang="zh").code == 6


def test_a_broken_history_is_exit_7(desk: Register) -> None:
    _break_history(desk)
    error = desk.fails(7, "verify")
    assert error["code"] == "history.broken"
    assert (error["details"]["subject"], error["details"]["seq"]) == ("party:U1", 1)
    assert (error["details"]["expected"], error["details"]["got"]) == ("admin", "x")


def test_findings_are_exit_9(desk: Register) -> None:
    first, second = desk.register(), desk.register()
    desk.ok("checkout", first, "--to", "P1")
    answer = desk("checkout", first, second, "--to", "P2", "--keep-going", "--json")
    assert answer.code == 9
    assert answer.json["ok"] is True
    assert [one["asset_id"] for one in answer.data["refused"]] == [first]
    assert [one["subject"] for one in answer.data["events"]] == [f"asset:{second}"]
    for lang in LANGUAGES:
        said = desk("checkout", first, "--to", "P2", "--keep-going", lang=lang)
        assert said.code == 9
        assert catalog(lang)["state.on_loan"] in said.err


def _raises(error: BaseException) -> Callable[..., Any]:
    def raising(*_arguments: object, **_options: object) -> None:
        raise error

    return raising


def test_a_bug_is_exit_1_and_says_so(desk: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = desk.register()
    monkeypatch.setattr(asset_reads, "show", _raises(RuntimeError("broken inside")))
    answer = desk("show", asset, "--json")
    assert answer.code == 1
    assert answer.error["code"] == "bug"
    assert "broken inside" in answer.err
    said = desk("show", asset, lang="zh")
    assert (said.code, said.out) == (1, "")
    assert "RuntimeError" in said.err


def test_a_bug_inside_an_act_leaves_nothing(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assetctl.store import record

    asset = register.register()
    with monkeypatch.context() as patch:
        patch.setattr(record, "changes", _raises(RuntimeError("broken inside")))
        assert register("checkout", asset, "--to", "P1").code == 1
    assert register.ok("show", asset)[0]["state"] == "in_store"
    assert len(register.ok("trace", asset)) == 1
    assert register.ok("verify", "--replay")["replayed"]


def test_an_interruption_is_exit_130_and_leaves_nothing(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assetctl.store import record

    asset = register.register()
    with monkeypatch.context() as patch:
        patch.setattr(record, "changes", _raises(KeyboardInterrupt()))
        answer = register("checkout", asset, "--to", "P1")
    assert answer.code == 130
    assert answer.out == ""
    assert "Traceback" not in answer.err
    assert len(register.ok("trace", asset)) == 1
    register.ok("checkout", asset, "--to", "P1")


def test_a_reader_that_has_gone_is_no_failure(
    desk: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assetctl.cli import output

    monkeypatch.setattr(output, "show", _raises(BrokenPipeError()))
    monkeypatch.setattr("sys.stderr", type("Gone", (), {"close": lambda _self: None})())
    assert desk("find").code == 0


def test_every_kind_of_failure_has_an_exit_code_of_its_own() -> None:
    from assetctl.cli.exits import EXIT_CODES

    assert set(EXIT_CODES) == set(Kind)
    assert sorted(EXIT_CODES.values()) == [3, 4, 5, 6, 7, 8]
    assert issubclass(AssetctlError, Exception)
