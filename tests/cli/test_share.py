"""share: from the offer to the log of a use, as people type it; refusals, codes, exit codes."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from assetctl.i18n import LANGUAGES
from tests.conftest import Register

NOW = datetime.now(ZoneInfo("Asia/Shanghai"))
DAY = (NOW + timedelta(days=3)).date().isoformat()


def at(hour: int) -> str:
    return f"{DAY} {hour:02}:00"


@pytest.fixture
def shared(register: Register) -> str:
    """A projector of U1 that it offers, on each kind of database in turn."""
    return offered(register)


def offered(register: Register) -> str:
    """Offer a projector of U1; C1 and C2 are clerks of the units, A1 audits."""
    for code, unit, role in (
        ("C1", "U1", "asset_clerk"), ("C2", "U2", "asset_clerk"), ("M1", "U1", "warehouse_manager"),
        ("A1", "U1", "auditor"),
    ):  # fmt: skip
        register.ok("party", "add", code, "--name", "测试", "--kind", "person", "--unit", unit)
        register.ok("role", "grant", code, role)
    asset = register.register("投影机", place="B1")
    register.ok("--as", "C1", "share", "offer", asset, "--note", "第一会议室")
    return asset


def book(asset: str, first: int, last: int, who: str = "C2") -> tuple[str, ...]:
    return ("--as", who, "share", "book", asset, "--from", at(first), "--to", at(last),
            "--purpose", "培训")  # fmt: skip


def test_the_life_of_a_booking(register: Register, shared: str) -> None:
    made = register.ok(*book(shared, 9, 11))
    number = made["number"]
    assert (number[:2], made["state"], made["unit"], made["holder"]) == ("YY", "booked", "U2", "U1")
    assert (made["day"], made["purpose"]) == (DAY, "培训")
    assert made["start"].endswith("T01:00:00.000000Z"), "local time is kept as UTC"
    register.ok(*book(shared, 11, 12, "C1"))
    taken = register.fails(6, *book(shared, 10, 12))
    assert (taken["code"], taken["details"]["number"]) == ("booking.taken", number)
    for lang in LANGUAGES:
        said = register(*book(shared, 10, 12), lang=lang)
        assert f"{DAY} 09:00:00" in said.err
        assert number in register("share", "calendar", lang=lang).out
        assert "09:00" in register("share", "calendar", shared, "--to", DAY, lang=lang).out
        assert "09:00" in register("share", "list", lang=lang).out
        assert "培训" in register("share", "show", number, lang=lang).out
    log = register.ok("--as", "C1", "share", "use", number, "--out", "now", "--condition", "good")
    assert (log["state"], log["condition_out"]) == ("taken", "good")
    log = register.ok("--as", "C1", "share", "use", number, "--back", "now", "--condition", "良好",
                      "--compensation", "30", "--note", "按协议")  # fmt: skip
    assert (log["state"], log["compensation"]) == ("brought_back", "30.00")
    register.ok("--as", "C1", "share", "stop", shared)
    assert register.ok("share", "list") == []
    assert register.fails(5, *book(shared, 15, 16))["code"] == "booking.refused"
    register.ok("verify", "--replay")
    assert "培训" not in str(register.ok("audit", "log"))


def test_a_use_that_is_over_is_logged_at_once(register: Register, shared: str) -> None:
    number = register.ok(*book(shared, 9, 11))["number"]
    line = ("--as", "C1", "share", "use", number, "--out", "2026-01-02 09:00", "--back",
            "2026-01-02 11:00", "--request-id", "R1")  # fmt: skip
    log = register.ok(*line)
    assert (log["taken_at"], log["back_at"]) == (
        "2026-01-02T01:00:00.000000Z", "2026-01-02T03:00:00.000000Z",
    )  # fmt: skip
    assert register.ok(*line) == log
    register.ok("verify", "--replay")


def test_a_dry_run_books_nothing(register: Register, shared: str) -> None:
    register.ok(*book(shared, 9, 11), "--dry-run")
    assert register.ok("share", "calendar") == []


def test_cancelling_frees_the_slot_and_keeps_the_number(register: Register, shared: str) -> None:
    number = register.ok(*book(shared, 9, 11))["number"]
    error = register.fails(3, "--as", "C1", "share", "cancel", number)
    assert error["details"]["field"] == "--reason"
    register.ok("--as", "C1", "share", "cancel", number, "--reason", "检修")
    again = register.ok(*book(shared, 9, 11))["number"]
    assert int(again[-4:]) == int(number[-4:]) + 1
    register.ok("--as", "C2", "share", "cancel", again)
    assert register.fails(5, "--as", "C2", "share", "cancel", again)["code"] == "booking.state"
    for lang in LANGUAGES:
        assert again in register("--as", "C2", "share", "cancel", again, lang=lang).err


@pytest.mark.parametrize(
    ("exit_code", "code", "line"),
    [
        (5, "role.auditor", ("--as", "A1", "share", "offer", "{a}")),
        (5, "role.auditor", ("--as", "A1", "share", "book", "{a}", "--from", at(9), "--to", at(10),
                             "--purpose", "x")),
        (5, "document.duties", ("--as", "C2", "share", "stop", "{a}")),
        (5, "document.duties", (*book("{a}", 9, 10), "--unit", "U1")),
        (3, "input.invalid", ("--as", "C1", "share", "offer", "{a}")),
        (5, "custody.date_order", book("{a}", 10, 9)),
        (5, "custody.date_order", book("{a}", 9, 9)),
        (5, "custody.date_order", ("--as", "C2", "share", "book", "{a}", "--from", "2026-01-02",
                                   "--to", "2026-01-03", "--purpose", "x")),
        (3, "input.invalid", ("--as", "C2", "share", "book", "{a}", "--from", "soon", "--to",
                              at(9), "--purpose", "x")),
        (3, "input.invalid", ("--as", "C2", "share", "book", "{a}", "--from", at(9), "--to",
                              at(10), "--purpose", " ")),
        (4, "asset.not_found", book("K7M29QXD4F", 9, 10)),
        (4, "booking.not_found", ("share", "show", "YY-2026-9999")),
        (4, "booking.not_found", ("--as", "C2", "share", "cancel", "YY-2026-9999")),
        (3, "input.invalid", ("--as", "C1", "share", "use", "YY-2026-9999")),
        (3, "input.invalid", ("--as", "C1", "share", "use", "YY-2026-9999", "--out", "now",
                              "--compensation", "3")),
        (3, "money.invalid", ("--as", "C1", "share", "use", "YY-2026-9999", "--back", "now",
                              "--compensation", "-3")),
    ],
)  # fmt: skip
def test_what_is_refused(desk: Register, exit_code: int, code: str, line: tuple[str, ...]) -> None:
    asset = offered(desk)
    filled = tuple(part.replace("{a}", asset) for part in line)
    assert desk.fails(exit_code, *filled)["code"] == code
    for lang in LANGUAGES:
        assert desk(*filled, lang=lang).err
    assert desk.ok("share", "calendar") == []


def test_the_rules_may_let_bookings_wait(register: Register, shared: str) -> None:
    rules = register.ok("warehouse", "rules", "show", "--text")["rules"]
    file = register.home / "rules.toml"
    file.write_text(rules.replace("needs_approval = false", "needs_approval = true"))
    register.ok("--as", "M1", "warehouse", "rules", "adopt", file, "--doc", "1")
    number = register.ok(*book(shared, 9, 11))["number"]
    assert register.fails(5, "--as", "C1", "share", "use", number, "--out", "now")["code"] == (
        "booking.state"
    )
    denied = register.fails(5, "--as", "C2", "share", "approve", number)
    assert denied["code"] == "document.duties"
    assert register.ok("--as", "C1", "share", "approve", number, "--opinion", "同意")["state"] == (
        "booked"
    )
    other = register.ok(*book(shared, 13, 14))["number"]
    line = ("--as", "C1", "share", "reject", other, "--reason", "检修")
    assert register.ok(*line)["state"] == "denied"
    register.ok("verify", "--replay")
