"""source: from a need to a purchase, and everything on the way that is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from assetctl.cli import clock
from tests.conftest import Register

PC = "A02010105"
LAPTOP = "A02010108"
STAFF = {
    "C2": ("U2", "asset_clerk"), "H2": ("U2", "unit_head"), "F2": ("U2", "unit_finance"),
    "M1": ("U1", "warehouse_manager"), "M2": ("U1", "warehouse_manager"),
    "D1": ("U1", "competent_department"), "K1": ("U1", "warehouse_keeper"),
    "C1": ("U1", "asset_clerk"),
}  # fmt: skip


def day(days: int) -> str:
    return (date.fromisoformat(clock.today("Asia/Shanghai")) + timedelta(days=days)).isoformat()


def staffed(register: Register) -> Register:
    """Give the offices their people; after that only they can act."""
    register.ok("warehouse", "set", "W1", "--unit", "U1")
    register.ok("role", "grant", "P1", "security_admin", "--doc", "任〔1〕号")
    for code, (unit, _role) in STAFF.items():
        register.ok("party", "add", code, "--name", f"测试{code}", "--kind", "person",
                    "--unit", unit)  # fmt: skip
    for code, (_unit, role) in STAFF.items():
        register.ok("--as", "P1", "role", "grant", code, role, "--doc", "任〔1〕号")
    return register


@pytest.fixture
def office(register: Register) -> Register:
    """A register with three computers in the warehouse and people in their roles."""
    for _ in range(3):
        register.register()
    return staffed(register)


@pytest.fixture
def stall(desk: Register) -> Register:
    """The same on SQLite only."""
    for _ in range(3):
        desk.register()
    return staffed(desk)


def ids(register: Register) -> list[str]:
    return [one["asset_id"] for one in register.ok("warehouse", "shelf")]


NEED = ("source", "need", "--class", PC, "--quantity", "5", "--name", "台式计算机",
        "--spec", "内存 16G 以上", "--by", day(60), "--place", "B1-101")  # fmt: skip


def asked(register: Register, *more: str) -> str:
    """Ask for five computers as C2."""
    return str(register.ok("--as", "C2", *NEED, *more)["number"])


def approved(register: Register, *more: str) -> str:
    number = asked(register, *more)
    for person in ("H2", "F2"):
        register.ok("--as", person, "doc", "approve", number)
    return number


def searched(register: Register, *more: str) -> str:
    number = approved(register, *more)
    register.ok("--as", "C2", "source", "search", number)
    return number


def refused(register: Register, number: str, *assets: str, confirmed: bool = True) -> None:
    register.ok("--as", "C2", "source", "refuse", number, *assets, "--reason", "spec",
                "--text", "内存只有 4G")  # fmt: skip
    if confirmed:
        register.ok("--as", "M1", "source", "confirm", number, *assets, "--text", "属实")


def lent(register: Register, number: str, *assets: str) -> str:
    """Take things on loan, and have that approved."""
    loan = register.ok("--as", "C2", "source", "take", number, *assets, "--as-loan",
                       "--due", day(30))  # fmt: skip
    for person in ("H2", "M1"):
        register.ok("--as", person, "doc", "approve", loan["number"])
    return str(loan["number"])


def certified(register: Register, *more: str) -> tuple[str, str]:
    """Return a need of five, and its certificate: all three computers were refused."""
    number = searched(register, *more)
    refused(register, number, *ids(register))
    found = register.ok("--as", "M1", "source", "certify", number)
    return number, str(found["searches"][-1]["certificate"])


def said_in_both_languages(office: Register, number: str) -> None:
    for lang, words in (("zh", ("规格不符", "无可调剂证明", "内存只有 4G")),
                        ("en", ("specification", "Certificate", "内存只有 4G"))):  # fmt: skip
        text = office("source", "show", number, lang=lang).out
        assert all(word in text for word in words), text
        assert number in office("source", "list", lang=lang).out


def test_from_a_need_to_a_purchase(office: Register) -> None:
    one, two, three = ids(office)
    number = asked(office, "--staff", "20", "--similar", LAPTOP)
    assert number.startswith("PZ-")
    shown = office.ok("doc", "show", number)
    assert shown["lines"][0]["quantity"] == 5
    assert (shown["fields"]["similar"], shown["text"]) == (LAPTOP, "内存 16G 以上")
    for person in ("H2", "F2"):
        office.ok("--as", person, "doc", "approve", number)
    found = office.ok("--as", "C2", "source", "search", number)
    (search,) = found["searches"]
    assert [(c["asset_id"], c["level"], c["availability"]) for c in search["candidates"]] == [
        (asset, "warehouse", "available") for asset in (one, two, three)
    ]
    assert search["classes"] == [PC, LAPTOP]
    lent(office, number, one)
    realloc = office.ok("--as", "C2", "source", "take", number, two, "--as-realloc")
    assert (realloc["kind"], realloc["under"], realloc["fields"]["to_unit"]) == (
        "realloc", number, "U2",
    )  # fmt: skip
    for person in ("H2", "M1"):
        office.ok("--as", person, "doc", "approve", realloc["number"])
    refused(office, number, three)
    found = office.ok("--as", "M1", "source", "certify", number)
    (search,) = found["searches"]
    assert (search["result"], search["met"], search["unmet"]) == ("part", 2, 3)
    assert search["valid_until"] == day(30)
    certificate = office.ok("doc", "show", search["certificate"])
    assert (certificate["number"][:3], certificate["lines"][0]["quantity"]) == ("WT-", 3)
    assert certificate["fields"]["search_sha256"] == search["sha256"]
    assert certificate["fields"]["entry"] == f"doc:{number}#{search['entry']}"
    bought = office.ok("--as", "F2", "source", "purchase", certificate["number"], "--quantity", "2",
                       "--price", "4800", "--contract", "合2026-1")  # fmt: skip
    assert (bought["kind"], bought["total"], bought["under"]) == (
        "purchase", "9600.00", certificate["number"],
    )  # fmt: skip
    office.ok("--as", "F2", "source", "purchase", certificate["number"], "--quantity", "1",
              "--price", "4800.00")  # fmt: skip
    found = office.ok("source", "show", bought["number"])
    assert (found["quantity"], found["met"], found["bought"], found["unmet"]) == (5, 2, 3, 0)
    assert found["need"]["state"] == "done"
    (listed,) = office.ok("source", "list")
    assert (listed["number"], listed["state"], listed["unmet"]) == (number, "done", 0)
    office.ok("--as", "K1", "loan", "handover", found["taken"][0]["document"], one)
    office.ok("verify", "--replay")
    said_in_both_languages(office, number)


def test_a_need_that_the_warehouse_meets_needs_no_certificate(stall: Register) -> None:
    number = searched(stall, "--quantity", "3")
    lent(stall, number, *ids(stall))
    found = stall.ok("--as", "M1", "source", "certify", number)
    assert (found["searches"][0]["result"], found["searches"][0]["certificate"]) == ("full", None)
    assert found["need"]["state"] == "done"
    assert stall.fails(5, "--as", "C2", "source", "search", number)["code"] == "document.state"


def test_what_the_unit_has_idle_itself_comes_first(desk: Register) -> None:
    own = desk.register(owner="U2", place="B1", state="idle")
    theirs = desk.register(owner="U1", place="B1", state="idle")
    busy = desk.register(owner="U1", place="B1")
    secret = desk.register()
    desk.ok("correct", secret, "--set", "secrecy=secret")
    seized = desk.ok("register", "--name", "台式计算机", "--class", PC, "--owner", "U1",
                     "--place", "W1", "--set", "regime=confiscated")["asset_id"]  # fmt: skip
    shelved = desk.register()
    number = searched(staffed(desk))
    (search,) = desk.ok("source", "show", number)["searches"]
    found = {one["asset_id"]: (one["level"], one["availability"]) for one in search["candidates"]}
    assert found == {
        own: ("own", "available"), theirs: ("elsewhere", "available"),
        seized: ("warehouse", "regime"), shelved: ("warehouse", "available"),
    }  # fmt: skip
    assert busy not in found
    assert (search["available"], search["withheld"]) == (3, 1)
    assert search["candidates"][0]["asset_id"] == own
    for asset, code in ((theirs, "sourcing.no_candidate"), (secret, "sourcing.no_candidate")):
        error = desk.fails(5, "--as", "C2", "source", "take", number, asset, "--as-own")
        assert error["code"] == code
    found = desk.ok("--as", "C2", "source", "take", number, own, "--as-own")
    assert (found["met"], found["unmet"]) == (1, 4)
    again = desk.ok("--as", "C2", "source", "search", number)["searches"][-1]["candidates"]
    assert next(one for one in again if one["asset_id"] == own)["availability"] == "taken"
    desk.ok("verify", "--replay")


def test_the_same_request_is_carried_out_once(stall: Register) -> None:
    number = approved(stall)
    assets = ids(stall)
    lines: list[tuple[str, ...]] = [
        ("C2", "search", number),
        ("C2", "take", number, assets[0], "--as-loan", "--due", day(9)),
        ("C2", "refuse", number, *assets[1:], "--reason", "spec", "--text", "旧"),
        ("M1", "confirm", number, *assets[1:]),
    ]
    for place, (person, *line) in enumerate(lines):
        first, again = (_by(stall, person, *line, "--request-id", f"r{place}") for _ in "ab")
        assert first == again
    loan = stall.ok("source", "show", number)["taken"][0]["document"]
    for person in ("H2", "M1"):
        stall.ok("--as", person, "doc", "approve", loan)
    first, again = (_by(stall, "M1", "certify", number, "--request-id", "c") for _ in "ab")
    assert first == again
    certificate = first["searches"][0]["certificate"]
    buy = ("purchase", certificate, "--quantity", "1", "--price", "9", "--request-id", "p")
    assert _by(stall, "F2", *buy) == _by(stall, "F2", *buy)
    assert stall.ok("source", "show", number)["bought"] == 1
    stall.ok("verify", "--replay")


def _by(register: Register, person: str, *line: str) -> Any:
    return register.ok("--as", person, "source", *line)
