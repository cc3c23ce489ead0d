"""loan event: the due day of loans follows the end of what they are for; refusals, codes."""

from __future__ import annotations

from assetctl.i18n import LANGUAGES
from tests.cli.test_remind import day, lent, staffed
from tests.conftest import Register


def test_an_event_that_is_moved_moves_its_loans(register: Register) -> None:
    staffed(register)
    add = ("--as", "M1", "loan", "event", "add", "专班", "--name", "防汛专班", "--ends", day(300),
           "--doc", "会〔1〕号")  # fmt: skip
    register.ok(*add)
    number, asset = lent(register, "--event", "专班")
    assert register.ok("doc", "show", number)["fields"]["due"] == day(307)
    register.ok("--as", "M1", "loan", "event", "move", "专班", "--ends", day(30), "--doc", "会2")
    assert register.ok("doc", "show", number)["fields"]["due"] == day(37)
    assert register.ok("show", asset)[0]["due"] == day(37)
    assert register.ok("trace", asset)[-1]["kind"] == "asset.loan_extended"
    (one,) = register.ok("loan", "event", "list")
    assert (one["ends"], one["out"], one["doc"]) == (day(30), 1, "会2")
    for lang in LANGUAGES:
        assert "防汛专班" in register("loan", "event", "list", lang=lang).out
    register.ok("verify", "--replay")
    for exit_code, code, line in (
        (6, "code.taken", add),
        (4, "occasion.not_found", ("--as", "M1", "loan", "event", "move", "无", "--ends", day(9),
                                   "--doc", "1")),
        (3, "input.invalid", ("--as", "M1", "loan", "event", "move", "专班", "--ends", day(30),
                              "--doc", "1")),
        (5, "lifecycle.document_required", ("--as", "M1", "loan", "event", "move", "专班",
                                            "--ends", day(9), "--doc", " ")),
        (5, "role.may_not", ("--as", "K1", "loan", "event", "move", "专班", "--ends", day(9),
                             "--doc", "1")),
        (3, "input.invalid", ("--as", "C2", "loan", "request", asset, "--event", "专班", "--due",
                              day(9), "--purpose", "x")),
        (4, "occasion.not_found", ("--as", "C2", "loan", "request", asset, "--event", "无",
                                   "--purpose", "x")),
        (3, "document.fields", ("--as", "C2", "loan", "request", asset, "--purpose", "x")),
    ):  # fmt: skip
        assert register.fails(exit_code, *line)["code"] == code
        assert all(register(*line, lang=lang).err for lang in LANGUAGES)
