"""One request: when it happened, carried out once, all or nothing, or only tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from assetctl.cli import clock
from assetctl.i18n import LANGUAGES
from tests.cli.test_references import forged
from tests.conftest import Register

BACK = "2026-01-02 08:30"


def test_what_is_entered_late_keeps_both_times(register: Register) -> None:
    asset = register.register()
    (event,) = register.ok("checkout", asset, "--to", "P1", "--at", BACK)["events"]
    assert event["at"] == "2026-01-02T00:30:00.000000Z"
    assert event["recorded_at"] > event["at"]
    assert register.ok("trace", asset)[1]["at"] == event["at"]
    assert register.ok("show", asset)[0]["held_since"] == event["at"]
    for lang in LANGUAGES:
        text = register("trace", asset, lang=lang).out
        assert "2026-01-02 08:30:00" in text
        assert clock.local(event["recorded_at"], "Asia/Shanghai") in text


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-02", "2026-01-01T16:00:00.000000Z"),
        ("2026-01-02T08:30", "2026-01-02T00:30:00.000000Z"),
        ("2026-01-02T08:30:15+00:00", "2026-01-02T08:30:15.000000Z"),
        ("2026-01-02T08:30:15Z", "2026-01-02T08:30:15.000000Z"),
        ("2026-01-02 08:30:15", "2026-01-02T00:30:15.000000Z"),
    ],
)
def test_times_people_type(desk: Register, text: str, instant: str) -> None:
    made = desk.ok("move", desk.register(), "--to", "B1", "--at", text)
    assert made["events"][0]["at"] == instant


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "25:00", "1", "2026-01-02 24:61", " "])
def test_what_is_no_time_is_refused(desk: Register, text: str) -> None:
    asset = desk.register()
    assert desk.fails(3, "move", asset, "--to", "B1", "--at", text)["code"] == "input.invalid"
    assert len(desk.ok("trace", asset)) == 1


@pytest.mark.parametrize("text", ["0001-01-01", "0001-01-01T00:00:00+14:00", "0999-01-01 08:00"])
def test_times_before_all_registers_are_refused_and_leave_history_readable(
    desk: Register, text: str
) -> None:
    asset = desk.register()
    assert desk("move", asset, "--to", "B1", "--at", text, "--json").code in (0, 3)
    assert desk("trace", asset).code == 0
    desk.ok("verify", "--replay")


@pytest.mark.parametrize("text", ["2999-01-01", "9999-12-31T23:59:59-14:00"])
def test_the_future_is_refused(desk: Register, text: str) -> None:
    asset = desk.register()
    error = desk.fails(3, "checkout", asset, "--to", "P1", "--at", text)
    assert error["code"] == "input.invalid"
    assert desk.ok("show", asset)[0]["state"] == "in_store"


# --- once ------------------------------------------------------------------------------------

ACTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "checkout": (("checkout", "{a}", "--to", "P1", "--due", "2099-01-01", "--doc", "借1"),),
    "checkin": (("checkout", "{a}", "--to", "P1"), ("checkin", "{a}", "--condition", "fair")),
    "extend": (("checkout", "{a}", "--to", "P1"), ("extend", "{a}", "--due", "2099-01-01")),
    "move": (("move", "{a}", "--to", "B1"),),
    "send": (("send", "{a}", "--to", "U2"),),
    "receive": (("send", "{a}", "--to", "U2"), ("receive", "{a}", "--differs", "缺")),
    "refuse": (("send", "{a}", "--to", "U2"), ("receive", "{a}", "--refuse", "破损")),
    "transfer": (("transfer", "{a}", "--to-unit", "U2", "--doc", "调1"),),
    "missing": (("missing", "{a}"),),
    "found": (("missing", "{a}"), ("found", "{a}")),
    "propose": (("dispose", "propose", "{a}"),),
    "withdraw": (("dispose", "propose", "{a}"), ("dispose", "withdraw", "{a}")),
    "complete": (("dispose", "propose", "{a}"), ("dispose", "complete", "{a}", "--doc", "处1")),
    "correct": (("correct", "{a}", "--set", "brand=甲"),),
    "attach": (("attach", "{a}", "{file}"),),
    "bind": (("tag", "bind", "{a}", "--epc", "E2801160"),),
    "replace": (("tag", "replace", "{a}"),),
    "void": (("tag", "void", "{a}"),),
}  # fmt: skip


def _lines(desk: Register, act: str, tmp_path: Path) -> tuple[str, list[list[str]]]:
    asset = desk.register()
    file = tmp_path / "file.txt"
    file.write_text("content")
    return asset, [[part.format(a=asset, file=file) for part in line] for line in ACTS[act]]


@pytest.mark.parametrize("act", ACTS)
def test_the_same_request_is_carried_out_once(desk: Register, act: str, tmp_path: Path) -> None:
    asset, (*before, line) = _lines(desk, act, tmp_path)
    for earlier in before:
        desk.ok(*earlier)
    first = desk.ok(*line, "--request-id", "r1")
    assert first["repeated"] is False
    again = desk.ok(*line, "--request-id", "r1")
    assert again["repeated"] is True
    assert again["events"] == first["events"]
    assert len(desk.ok("trace", asset)) == len(before) + 2
    for lang in LANGUAGES:
        assert desk(*line, "--request-id", "r1", lang=lang).code == 0
    desk.ok("verify", "--replay")


@pytest.mark.parametrize(
    "line",
    [("register", "--name", "桌", "--class", "A05010201", "--owner", "U1", "--card-no", "1"),
     ("party", "add", "X1", "--name", "新单位", "--kind", "unit"),
     ("place", "add", "X1", "--name", "新仓")],
    ids=lambda line: line[0],
)  # fmt: skip
def test_adding_the_same_thing_by_the_same_request_adds_it_once(
    register: Register, line: tuple[str, ...]
) -> None:
    first = register.ok(*line, "--request-id", "r1")
    again = register.ok(*line, "--request-id", "r1")
    assert again == first | {"repeated": True}


def test_a_request_id_used_for_something_else_is_a_conflict(register: Register) -> None:
    a, b = register.register(), register.register()
    register.ok("checkout", a, "--to", "P1", "--request-id", "r1")
    for line in (
        ("checkout", b, "--to", "P1"), ("checkout", a, "--to", "P2"),
        ("checkout", a, b, "--to", "P1"), ("checkin", a), ("move", a, "--to", "B1"),
        ("correct", a, "--set", "brand=x"),
    ):  # fmt: skip
        assert register.fails(6, *line, "--request-id", "r1")["code"] == "request.reused"
    assert len(register.ok("trace", b)) == 1


def test_one_request_over_several_assets_that_goes_on_past_refusals(desk: Register) -> None:
    ids = [desk.register() for _ in range(3)]
    line = ("checkout", *ids, "--to", "P1", "--keep-going", "--request-id", "r1", "--json")
    first = desk(*line)
    assert first.code == 0, first.out
    assert {one["subject"] for one in first.data["events"]} == {f"asset:{one}" for one in ids}
    again = desk(*line)
    assert again.code == 0, again.out
    assert again.data == first.data | {"repeated": True}


# --- all or nothing ----------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["refused", "unknown", "forged"])
def test_a_batch_with_one_bad_asset_does_nothing(register: Register, bad: str) -> None:
    good = [register.register() for _ in range(2)]
    lent = register.register()
    register.ok("checkout", lent, "--to", "P2")
    before = register.ok("verify", "--replay")
    bad_one = {"refused": lent, "unknown": "K7M2-9QXD-4F",
               "forged": forged(register.ok("show", lent)[0]["payload"])}[bad]  # fmt: skip
    code = {"refused": 5, "unknown": 4, "forged": 5}[bad]
    for place in range(3):
        batch = [*good[:place], bad_one, *good[place:]]
        for line in (("checkout", *batch, "--to", "P1"), ("send", *batch, "--to", "U2"),
                     ("dispose", "propose", *batch)):  # fmt: skip
            register.fails(code, *line)
    assert register.ok("verify", "--replay") == before
    assert all(one["state"] == "in_store" for one in register.ok("show", *good))


# --- only tried --------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ACTS)
def test_a_dry_run_writes_nothing(desk: Register, act: str, tmp_path: Path) -> None:
    asset, (*before, line) = _lines(desk, act, tmp_path)
    for earlier in before:
        desk.ok(*earlier)
    was = (desk.ok("show", asset), desk.ok("trace", asset), desk.ok("verify", "--replay"))
    tried = desk.ok(*line, "--dry-run")
    assert tried["events"][0]["subject"] == f"asset:{asset}"
    assert (desk.ok("show", asset), desk.ok("trace", asset), desk.ok("verify", "--replay")) == was
    desk.ok(*line)


def test_a_dry_run_of_an_attachment_keeps_no_copy(desk: Register, tmp_path: Path) -> None:
    _asset, (line,) = _lines(desk, "attach", tmp_path)
    desk.ok(*line, "--dry-run")
    blobs = desk.home / "blobs"
    assert not blobs.exists() or not [one for one in blobs.rglob("*") if one.is_file()]


def test_a_dry_run_says_that_it_was_one(desk: Register) -> None:
    asset = desk.register()
    for lang in LANGUAGES:
        tried = desk("checkout", asset, "--to", "P1", "--dry-run", lang=lang)
        done = desk("checkout", desk.register(), "--to", "P1", lang=lang)
        assert tried.err != done.err or len(tried.out.splitlines()) > len(done.out.splitlines())


def test_a_dry_run_refuses_what_the_act_would_refuse(register: Register) -> None:
    asset = register.register()
    assert register.fails(5, "checkin", asset, "--dry-run")["code"] == "lifecycle.refused"
    for line in (("party", "add", "X1", "--name", "x", "--kind", "unit"),
                 ("place", "add", "X1", "--name", "x"),
                 ("register", "--name", "x", "--class", "A05010201", "--owner", "U1")):  # fmt: skip
        before = register.ok("verify")
        register.ok(*line, "--dry-run")
        assert register.ok("verify") == before
