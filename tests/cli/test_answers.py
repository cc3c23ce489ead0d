"""What programs are given: the shape of every JSON answer, with ids and times masked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from assetctl.store.tables import SCHEMA
from tests.conftest import Register

_MASKS = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"), "<time>"),
    (re.compile(r"HTTPS://\S+"), "<payload>"),
    (re.compile(r"[0-9a-f]{32}"), "<id>"),
    (re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}"), "<display>"),
    (re.compile(r"^[\w-]{43}$"), "<leaf>"),
)


def masked(value: Any, *names: str) -> Any:
    """Return an answer with what differs every time replaced by what it is."""
    if isinstance(value, dict):
        return {key: masked(inner, *names) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner, *names) for inner in value]
    if not isinstance(value, str):
        return value
    for pattern, word in _MASKS:
        value = pattern.sub(word, value)
    for number, name in enumerate(names, 1):
        value = value.replace(name, f"<asset {number}>")
    return value


SHOWN = {
    "asset_id": "<asset 1>", "display_id": "<display>", "name": "台式计算机",
    "card_no": "0001",
    "scheme": "gbt14885-2022", "class": "A02010105", "class_name": "台式计算机",
    "state": "in_store", "owner": "U1", "holder": "U1", "place": "W1", "condition": None,
    "due": None, "sent_to": None, "held_since": "<time>", "registered_at": "<time>", "changes": 0,
    "counted_at": None, "counted_place": None,
    "disposal_method": None, "disposal_doc": None, "listed": None, "promised_to": None,
    "sanitised_at": None, "sanitised_how": None, "payload": "<payload>",
    "tags": [{"carrier": "qr", "code": "<asset 1>", "issue": 1, "state": "bound", "epc": None,
              "tid": None}],
    "aliases": {"card:U1": "0001"}, "card": {"value": "5000.00", "acquired": "2023-03-01"},
    "attributes": {}, "attachments": [],
}  # fmt: skip


def _asset(register: Register) -> str:
    return register.register(**{"card-no": "0001", "value": "5000", "acquired": "2023-03-01"})


def test_show(register: Register) -> None:
    asset = _asset(register)
    assert masked(register.ok("show", asset), asset) == [SHOWN]


def test_find(register: Register) -> None:
    asset = _asset(register)
    found = register.ok("find", "计算")
    assert masked(found, asset) == {"items": [SHOWN], "next": None}
    register.register()
    first = register.ok("find", "--limit", "1")
    assert first["next"] == first["items"][0]["asset_id"]
    second = register.ok("find", "--limit", "1", "--after", first["next"])
    assert second["next"] is None
    assert {one["items"][0]["asset_id"] for one in (first, second)} >= {asset}


def test_register(register: Register) -> None:
    made = register.ok("register", "--name", "办公桌", "--class", "A05010201", "--owner", "U1",
                       "--place", "B1-101", "--request-id", "r1")  # fmt: skip
    assert masked(made, made["asset_id"]) == {
        "events": [{
            "event_id": "<id>", "kind": "asset.registered", "subject": "asset:<asset 1>",
            "seq": 1, "at": "<time>", "recorded_at": "<time>", "actor": "admin",
            "request_id": "r1",
            "data": {"name": "办公桌", "scheme": "gbt14885-2022", "class_code": "A05010201",
                     "owner": "U1", "holder": "U1", "state": "in_use", "place": "B1-101",
                     "carrier": "qr", "issue": 1},
        }],
        "repeated": False, "asset_id": "<asset 1>", "payload": "<payload>",
    }  # fmt: skip


def test_an_act(register: Register) -> None:
    asset = _asset(register)
    made = register.ok("checkout", asset, "--to", "P2", "--due", "2099-01-01", "--doc", "借1",
                       "--note", "送去", "--request-id", "r2")  # fmt: skip
    assert masked(made, asset) == {
        "events": [{
            "event_id": "<id>", "kind": "asset.checked_out", "subject": "asset:<asset 1>",
            "seq": 2, "at": "<time>", "recorded_at": "<time>", "actor": "admin",
            "request_id": "r2",
            "data": {"state": "on_loan", "holder": "P2", "from_state": "in_store",
                     "from_holder": "U1", "from_place": "W1", "doc": "借1", "due": "2099-01-01"},
        }],
        "repeated": False,
    }  # fmt: skip


def test_trace(register: Register) -> None:
    asset = _asset(register)
    register.ok("checkout", asset, "--to", "P2", "--note", "送去", "--request-id", "r2",
                "--on-behalf", "U1", "--doc", "借1")  # fmt: skip
    entries = register.ok("trace", asset)
    assert masked(entries[1], asset) == {
        "event_id": "<id>", "kind": "asset.checked_out", "subject": "asset:<asset 1>", "seq": 2,
        "at": "<time>", "recorded_at": "<time>", "actor": "admin", "on_behalf": "U1",
        "station": "desk", "request_id": "r2", "doc": "借1", "leaf": "<leaf>",
        "data": {"state": "on_loan", "holder": "P2", "from_state": "in_store",
                 "from_holder": "U1", "from_place": "W1", "doc": "借1"},
        "disclosed": {"note": "送去"},
    }  # fmt: skip
    assert entries[0].keys() == entries[1].keys()


def test_a_dry_run_of_an_import(register: Register, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "资产名称,资产分类代码,所属单位,原值,颜色\n"
        "办公桌,A05010201,U1,800.00,红\n,A99999999,U1,1.2E+3,蓝\n",
        encoding="utf-8",
    )
    answer = register("import", "assets", file, "--dry-run", "--json")
    assert answer.code == 9
    faults = answer.data["faults"]
    assert {key: value for key, value in answer.data.items() if key != "faults"} == {
        "rows": 2, "added": 1, "corrected": 0, "unchanged": 0, "unused": ["颜色"],
    }  # fmt: skip
    assert [(one["row"], one["column"], one["value"], one["code"]) for one in faults] == [
        (3, "资产分类代码", "A99999999", "class.not_found"),
        (3, "原值", "1.2E+3", "cell.spreadsheet_number"),
        (3, "资产名称", "", "row.required"),
    ]
    assert {tuple(one) for one in faults} == {("row", "column", "value", "code", "message")}
    error = register.fails(3, "import", "assets", file)
    assert error["code"] == "import.faults"
    assert error["details"] == faults


def test_lists_of_parties_and_places(register: Register) -> None:
    parties = {one["code"]: one for one in register.ok("party", "list")}
    assert parties["P1"] == {
        "code": "P1", "kind": "person", "name": "测试甲", "unit": "U1", "uscc": None, "roles": [],
    }  # fmt: skip
    assert parties["admin"]["roles"] == ["administrator"]
    units = register.ok("party", "list", "--kind", "unit")
    assert [one["code"] for one in units] == ["U1", "U2"]
    places = {one["code"]: one for one in register.ok("place", "list")}
    assert places["W1-Z1"] == {
        "code": "W1-Z1", "name": "甲区", "kind": "zone", "parent": "W1", "path": ["W1"],
    }  # fmt: skip


def test_small_answers(register: Register, tmp_path: Path) -> None:
    asset = register.register()
    found = register.ok("verify")
    assert found.keys() == {
        "subjects", "entries", "replayed", "rows", "sealed", "signed", "findings",
        "second",
    }  # fmt: skip
    assert register.ok("db", "check") == {"schema": SCHEMA, "differences": []}
    assert register.ok("db", "upgrade") == {"before": SCHEMA, "after": SCHEMA}
    assert register.ok("db", "path").keys() == {"db"}
    made = register.ok("label", "png", asset, "--out", tmp_path / "a.png")
    assert made.keys() == {"file", "labels", "payload", "module_mm"}
    exported = register.ok("export", "assets", tmp_path / "a.csv")
    assert exported == {"file": str(tmp_path / "a.csv"), "rows": 1}
    parts = register("doctor", "--json").data
    assert {tuple(part) for part in parts} == {("part", "status", "detail", "cost", "mend")}
    again = register.ok("init")
    assert (again["created"], again["upgraded"]) == (False, False)


def test_an_entry_of_another_time_shows_when_it_was_recorded(register: Register) -> None:
    asset = register.register()
    assert register("checkout", asset, "--to", "P1", "--at", "2026-01-02 09:00").code == 0
    said = register("trace", asset).out
    assert "2026-01-02 09:00:00 (recorded 20" in " ".join(said.split())
    assert "\ufffd" not in said
    assert said.count("recorded") == 1
