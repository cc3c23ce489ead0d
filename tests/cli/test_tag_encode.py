"""Radio tags written through an emulated reader and bound in the same command."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from shlex import split
from typing import Any

import pytest

from assetctl.domain.epc.access import access_password
from assetctl.domain.epc.numbering import Numbering
from assetctl.domain.identity import display_id
from assetctl.i18n import LANGUAGES
from assetctl.reads.trace import trace
from assetctl.store import engine, keys
from scanner.llrp.emulator import EmulatedTag, Emulator
from tests.cli.radio_desk import (
    BLANK,
    Sabotaged,
    at,
    blank,
    epc_of,
    held,
    lying,
    radio_tags,
    tid,
)
from tests.conftest import Register, make_register


def encode(register: Register, emulator: Emulator, *line: str, code: int = 0) -> Any:
    """Write a tag; return the payload, or the error that there must be."""
    whole = ("tag", "encode", *line, *at(emulator))
    return register.fails(code, *whole) if code else register.ok(*whole)


def kinds(register: Register, asset: str) -> list[str]:
    with closing(register.store) as store, store.reading() as connection:
        return [entry.kind for entry in trace(connection, [f"asset:{asset}"])]


# --- written and bound --------------------------------------------------------------------------


def test_a_tag_is_written_read_back_and_bound_at_once(register: Register) -> None:
    asset, tag = register.register(), blank()
    with lying(tag) as emulator:
        done = encode(register, emulator, asset)
        again = encode(register, emulator, asset)
    epc = epc_of(asset)
    assert (held(tag), tag.now[2], tag.locks) == (epc, 0x3000, set())
    (event,) = done.pop("events")
    assert done == {
        "asset_id": asset, "epc": epc, "pc": "3000", "tid": tid(1), "former": BLANK,
        "written": True, "bound": True, "locked": None, "repeated": False,
    }  # fmt: skip
    assert event["kind"] == "asset.tag_bound"
    assert event["data"] == {
        "carrier": "uhf", "code": epc, "issue": 1, "epc": epc, "tid": tid(1), "pc": "3000"
    }  # fmt: skip
    assert again["events"] == [], "the same chip once more changes nothing"
    assert radio_tags(register, asset) == [(epc, 1, "bound", tid(1), "3000")]
    assert register.ok("show", epc)[0]["asset_id"] == asset
    register.ok("verify", "--replay")


def test_a_second_chip_replaces_the_first_and_is_no_copy(register: Register) -> None:
    asset = register.register()
    for number in (1, 2):
        with lying(blank(number)) as emulator:
            done = encode(register, emulator, asset)
    assert [one["kind"] for one in done["events"]] == ["asset.tag_replaced"]
    epc = epc_of(asset)
    assert radio_tags(register, asset) == [
        (epc, 1, "replaced", tid(1), "3000"), (epc, 2, "bound", tid(2), "3000"),
    ]  # fmt: skip
    assert register.ok("tag", "alerts") == []
    register.ok("verify", "--replay")


def test_the_office_s_numbers_and_what_a_chip_says_of_itself(desk: Register) -> None:
    config = 'epc_division = "350124"\nepc_unit = "17"\nepc_afi = "a1"\n'
    (desk.home / "config.toml").write_text(config, encoding="utf-8")
    asset, tag = desk.register(), blank(user="00" * 8)
    with lying(tag) as emulator:
        done = encode(desk, emulator, asset)
    # With user memory a chip sets one bit of the PC word by itself.
    assert (done["pc"], tag.now[2]) == ("35A1", 0x35A1)
    assert done["epc"] == epc_of(asset, Numbering(division=350124, unit=17, afi="A1")) == held(tag)
    assert radio_tags(desk, asset)[0][-1] == "35A1"


def test_a_giai_is_written_where_the_office_has_a_prefix(desk: Register) -> None:
    (desk.home / "config.toml").write_text('gs1_prefix = "9521141"\n', encoding="utf-8")
    asset, tag = desk.register(), blank(pc=0x31A1)
    with lying(tag) as emulator:
        assert encode(desk, emulator, asset)["epc"].startswith("3416451FD4")
    assert tag.now[2] == 0x3000, "a GS1 number must not look like an ISO one"


def test_one_of_many_is_named_by_its_number(desk: Register) -> None:
    asset, named = desk.register(), blank(2, epc="AA" * 12)
    tags = [blank(1), named, blank(3)]
    with lying(*tags) as emulator:
        error = encode(desk, emulator, asset, code=8)
        assert (error["code"], error["details"]["scan_code"]) == (
            "tag.not_written", "scan.tag_crowd"
        )  # fmt: skip
        done = encode(desk, emulator, asset, "--old", "aa" * 12)
    assert (done["tid"], done["former"]) == (tid(2), "AA" * 12)
    assert [held(tag) for tag in tags] == [BLANK, epc_of(asset), BLANK]


def test_a_reader_has_a_name_and_the_only_one_needs_none(desk: Register) -> None:
    asset = desk.register()
    with lying(blank()) as emulator:
        address = at(emulator)[1]
        (desk.home / "config.toml").write_text(f'[readers]\ndesk = "{address}"\n', encoding="utf-8")
        assert desk.ok("tag", "encode", asset, "--listen", "0.25")["bound"]
        assert desk.ok("tag", "encode", asset, "--reader", "desk", "--listen", "0.25")["bound"]


def test_the_same_request_is_written_once(desk: Register) -> None:
    asset, second = desk.register(), blank(2)
    with lying(blank(1)) as emulator:
        first = encode(desk, emulator, asset, "--request-id", "R-1")
    with lying(second) as emulator:
        again = encode(desk, emulator, asset, "--request-id", "R-1")
        assert emulator.connections == 0
        replaced = encode(desk, emulator, asset, "--request-id", "R-2")
        twice = encode(desk, emulator, asset, "--request-id", "R-2")
    assert (again["repeated"], again["tid"], again["written"]) == (True, tid(1), False)
    assert again["events"] == first["events"]
    assert (replaced["repeated"], twice["repeated"], twice["tid"]) == (False, True, tid(2))
    other = desk.register()
    with lying(blank(3)) as emulator:
        error = encode(desk, emulator, other, "--request-id", "R-1", code=6)
    assert error["code"] == "request.reused"


def test_a_dry_run_looks_at_the_tag_and_writes_nothing(desk: Register) -> None:
    asset, tag = desk.register(), blank()
    with lying(tag) as emulator:
        done = encode(desk, emulator, asset, "--dry-run", "--lock")
        said = [desk("tag", "encode", asset, *at(emulator), "--dry-run", lang=x) for x in LANGUAGES]
    assert (done["tid"], done["former"], done["written"], done["bound"]) == (
        tid(1), BLANK, False, False
    )  # fmt: skip
    assert all(tid(1) in one.out and one.code == 0 for one in said)
    assert (held(tag), kinds(desk, asset)) == (BLANK, ["asset.registered"])
    assert not (desk.home / "keys" / "rfid").exists()


# --- whose tag it is ----------------------------------------------------------------------------


def test_a_tag_that_counts_for_another_thing_is_left_alone(register: Register) -> None:
    asset, other, tag = register.register(), register.register(), blank()
    with lying(tag) as emulator:
        encode(register, emulator, other)
        error = encode(register, emulator, asset, code=5)
        assert error["code"] == "tag.elsewhere"
        assert error["details"]["holder"] == display_id(other)
        assert held(tag) == epc_of(other)
        register.ok("tag", "void", other, "--carrier", "uhf")
        assert encode(register, emulator, asset)["former"] == epc_of(other)
    assert held(tag) == epc_of(asset)


def test_a_chip_is_known_whatever_number_stands_in_it(desk: Register) -> None:
    asset, other = desk.register(), desk.register()
    desk.ok("tag", "bind", other, "--epc", "CC" * 12, "--tid", tid(1))
    with lying(blank()) as emulator:
        assert encode(desk, emulator, asset, code=5)["details"]["holder"] == display_id(other)
    desk.ok("tag", "bind", other, "--epc", "DD" * 12)  # without its chip
    with lying(blank(2, epc="DD" * 12)) as emulator:
        assert encode(desk, emulator, asset, code=5)["code"] == "tag.elsewhere"


def test_a_copy_of_another_thing_s_tag_is_kept_and_told(register: Register) -> None:
    asset, other = register.register(), register.register()
    register.ok("tag", "bind", other, "--epc", BLANK, "--tid", tid(1))
    with lying(blank(2)) as emulator:
        error = encode(register, emulator, asset, code=5)
        encode(register, emulator, asset, code=5)
        assert (error["code"], error["details"]["asset_id"]) == ("tag.two_tids", other)
        assert held(emulator.field.tags[0]) == BLANK
    answer = register("tag", "alerts", "--json")
    (alert,) = answer.data
    assert (answer.code, alert["alert"], alert["asset_id"]) == (9, "two_tids", other)


def test_a_chip_that_was_replaced_may_be_used_again(desk: Register) -> None:
    asset, other, former = desk.register(), desk.register(), blank(1)
    for tag in (former, blank(2)):
        with lying(tag) as emulator:
            encode(desk, emulator, asset)
    with lying(former) as emulator:
        assert encode(desk, emulator, other)["former"] == epc_of(asset)
    assert desk.ok("tag", "alerts") == []


def test_what_may_not_be_bound_is_not_written(desk: Register) -> None:
    asset, other, tag = desk.register(), desk.register(), blank()
    desk.ok("tag", "bind", other, "--epc", epc_of(asset), "--tid", tid(7))
    with lying(tag) as emulator:
        error = encode(desk, emulator, asset, code=6)
        assert (error["code"], emulator.connections) == ("code.taken", 0)
    assert held(tag) == BLANK


# --- what goes wrong at the reader ----------------------------------------------------------------


FAULTY: dict[str, list[EmulatedTag]] = {
    "scan.tag_missing": [],
    "scan.tag_crowd": [blank(1), blank(2)],
    "scan.tag_power": [blank(is_weak=True)],
    "scan.tag_silent": [blank(is_mute=True)],
    "scan.tag_locked": [blank(access_password=0x1234ABCD, locks={2})],
    "": [blank(tid="")],
}


@pytest.mark.parametrize("scan_code", FAULTY)
def test_what_a_tag_refuses_is_told_and_nothing_is_bound(desk: Register, scan_code: str) -> None:
    asset, tags = desk.register(), FAULTY[scan_code]
    with lying(*tags) as emulator:
        error = encode(desk, emulator, asset, code=8)
        said = [desk("tag", "encode", asset, *at(emulator), lang=lang) for lang in LANGUAGES]
    assert (error["code"], error["details"]["scan_code"]) == ("tag.not_written", scan_code)
    assert [one.code for one in said] == [8, 8]
    assert re.search("[\u4e00-\u9fff]", said[0].err)
    assert not any("{" in one.err for one in said)
    assert [held(tag) for tag in tags] == [BLANK] * len(tags)
    assert kinds(desk, asset) == ["asset.registered"]


def test_another_sort_of_reader_or_none_at_all(desk: Register) -> None:
    asset = desk.register()
    for reader in ("serial:/dev/ttyUSB0?format=m100", "wedge:", "nobody"):
        error = desk.fails(3, "tag", "encode", asset, "--reader", reader)
        assert error["code"] == "input.invalid"
    for address in ("llrp://127.0.0.1:1", "llrp://127.0.0.1:1?power=x"):
        error = desk.fails(8, "tag", "encode", asset, "--reader", address)
        assert error["code"] == "reader.unavailable"
    with lying(blank()) as emulator:
        emulator.faults.is_busy = True
        assert "busy" in encode(desk, emulator, asset, code=8)["message"]


def test_a_reader_that_goes_away_while_it_writes_leaves_a_doubt(desk: Register) -> None:
    asset = desk.register()
    tag = Sabotaged(epc=BLANK, tid=tid(1), then=lambda: emulator.close())
    emulator = lying(tag)
    error = encode(desk, emulator, asset, code=8)
    assert (error["code"], error["details"]["tid"]) == ("tag.in_doubt", tid(1))
    assert error["details"]["epc"] == epc_of(asset) == held(tag)
    assert kinds(desk, asset) == ["asset.registered"]
    with lying(tag) as second:
        assert encode(desk, second, asset)["bound"]


# --- the register goes away -----------------------------------------------------------------------


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The connections to SQLite that were opened."""
    opened: list[Any] = []
    configure = engine._configure_sqlite

    def connect(connection: Any, record: object) -> None:
        configure(connection, record)
        opened.append(connection)

    monkeypatch.setattr(engine, "_configure_sqlite", connect)
    return opened


@pytest.mark.parametrize("is_second", [False, True])
def test_what_was_written_and_not_bound_is_told_with_how_to_bind_it(
    desk: Register, connections: list[Any], is_second: bool
) -> None:
    asset = desk.register()
    epc = epc_of(asset)
    if is_second:
        with lying(blank(2)) as emulator:
            encode(desk, emulator, asset)

    def away() -> None:
        for one in connections:
            with suppress(sqlite3.ProgrammingError):  # of an earlier command, and closed
                one.execute("PRAGMA query_only = ON")

    tag = Sabotaged(epc=BLANK, tid=tid(1), then=away)
    with lying(tag) as emulator:
        connections.clear()
        error = encode(desk, emulator, asset, code=8)
        assert error["code"] == "tag.unbound"
        facts = error["details"]
        assert (facts["epc"], facts["tid"], facts["pc"]) == (epc, tid(1), "3000")
        assert held(tag) == epc
        said = [desk("tag", "encode", asset, *at(emulator), lang=lang) for lang in LANGUAGES]
        for one in said:
            assert one.code == 8
            assert f"--epc {epc} --tid {tid(1)}" in one.err or f"--old {epc}" in one.err
        tag.then = lambda: None
        program, *mend = split(facts["mend"])
        assert program == "assetctl"
        assert len(radio_tags(desk, asset)) == is_second
        more = ["--listen", "0.25"] if is_second else []
        desk.ok(*mend, *more)
        assert radio_tags(desk, asset)[-1] == (epc, 1 + is_second, "bound", tid(1), "3000")
        assert encode(desk, emulator, asset)["events"] == [], "it is bound already"
    desk.ok("verify", "--replay")


# --- locks --------------------------------------------------------------------------------------


def test_a_tag_is_locked_with_a_password_that_stands_nowhere(register: Register) -> None:
    asset, other, tag = register.register(), register.register(), blank()
    with lying(tag) as emulator:
        done = encode(register, emulator, asset, "--lock")
        assert (done["locked"], tag.locks) == (True, {1, 2})
        register.ok("tag", "void", asset, "--carrier", "uhf")
        again = encode(register, emulator, other)  # the password is found by itself
        shown = [register("tag", "encode", other, "--lock", *at(emulator), lang=lang)
                 for lang in LANGUAGES]  # fmt: skip
    assert (again["locked"], held(tag)) == (None, epc_of(other))
    assert all(one.code == 0 for one in shown)
    secret = (register.home / "keys" / "rfid").read_text(encoding="ascii").strip()
    password = access_password(bytes.fromhex(secret), tid(1))
    assert f"{tag.access_password:08X}" == password
    with closing(register.store) as store, store.reading() as connection:
        (history,) = [[str(row) for row in connection.exec_driver_sql("SELECT * FROM history")]]
    told = [str(done), str(again), *history, *(one.out + one.err for one in shown)]
    for hidden in (password, password.lower(), secret, str(tag.access_password)):
        assert not any(hidden in one for one in told)
    register.ok("verify", "--replay")


def test_the_key_is_made_once_kept_apart_and_noted(desk: Register) -> None:
    made = desk.ok("key", "make", "rfid")
    file = Path(made["file"])
    assert (file.stat().st_mode & 0o777, len(bytes.fromhex(file.read_text()))) == (0o600, 32)
    (event,) = made["events"]
    key = bytes.fromhex(file.read_text())
    assert event["data"]["public"] == keys.fingerprint(key)
    assert desk.ok("key", "make", "rfid")["events"] == []
    assert bytes.fromhex(file.read_text()) == key
    listed = {one["code"]: one for one in desk.ok("key", "list")["keys"]}
    assert (listed["rfid"]["purpose"], listed["rfid"]["party"]) == ("rfid", None)
    for lang in LANGUAGES:
        assert desk("key", "list", lang=lang).code == 0
        assert str(file) in desk("key", "make", "rfid", lang=lang).err
    for line in (("rfid", "X"), ("operator",), ("rfid", "--into", "x"), ("nothing", "X")):
        assert desk.fails(3, "key", "make", *line)["code"] == "input.invalid"


def test_another_desk_needs_the_same_key(
    desk: Register, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asset, tag = desk.register(), blank()
    second = Register(tmp_path / "second", desk.url, capsys)
    with lying(tag) as emulator:
        encode(desk, emulator, asset, "--lock")
        error = encode(second, emulator, asset, "--lock", code=8)
        assert (error["code"], error["details"]["key"]) == ("key.missing", "rfid")
        assert not (second.home / "keys" / "rfid").exists()
        error = encode(second, emulator, asset, code=8)
        assert error["details"]["scan_code"] == "scan.tag_locked"
        (second.home / "keys").mkdir(parents=True)
        text = (desk.home / "keys" / "rfid").read_text(encoding="ascii")
        (second.home / "keys" / "rfid").write_text(text, encoding="ascii")
        assert encode(second, emulator, asset, "--lock")["locked"]


def test_a_tag_that_cannot_be_locked_counts_all_the_same(desk: Register) -> None:
    asset = desk.register()
    tag = blank(access_password=0x1234ABCD, locks={1})  # open but for its password
    with lying(tag) as emulator:
        answer = desk("tag", "encode", asset, "--lock", *at(emulator), "--json")
        said = [desk("tag", "encode", asset, "--lock", *at(emulator), lang=x) for x in LANGUAGES]
    assert (answer.code, answer.data["locked"], answer.data["bound"]) == (9, False, True)
    assert all(one.code == 9 for one in said)
    assert "could not be locked" in said[LANGUAGES.index("en")].out
    assert held(tag) == epc_of(asset)


def test_a_register_of_its_own_has_passwords_of_its_own(
    desk: Register, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = make_register(tmp_path / "other", f"sqlite:///{tmp_path / 'other.db'}", capsys)
    passwords = set()
    for register in (desk, other):
        tag = blank()
        with lying(tag) as emulator:
            encode(register, emulator, register.register(), "--lock")
        passwords.add(tag.access_password)
    assert len(passwords) == 2
    assert 0 not in passwords
