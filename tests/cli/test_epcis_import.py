"""import epcis: somebody else's word is kept as evidence, once, and changes nothing of ours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assetctl.store import blobs
from assetctl.store.tables import metadata
from tests.conftest import Register
from tests.epcis import FOREIGN, document, event, written

MINE = ("history", "head", "disclosure", "leaf", "evidence", "evidence_asset")
"""Tables that evidence may write."""


def contents(register: Register, *, own: bool = False) -> dict[str, list[Any]]:
    """Return the rows of all tables, or of those alone that evidence must not touch."""
    store = register.store
    with store.reading() as connection:
        found = {
            table.name: sorted(map(tuple, connection.execute(sa.select(table))), key=repr)
            for table in metadata.sorted_tables
            if not (own and table.name in MINE)
        }
    store.close()
    return found


def said(register: Register, asset: str) -> list[Any]:
    """Return what others say of an asset."""
    return [one for one in register.ok("trace", asset) if one["subject"].startswith("evidence:")]


def take(register: Register, path: Path, told: dict[str, Any], *more: str) -> Any:
    return register.ok("import", "epcis", written(path, told), *more)


def about(asset: str, **more: Any) -> dict[str, Any]:
    return event(epcList=[f"https://assets.example.gov.cn/A/{asset}"], **more)


def test_an_event_is_kept_and_nothing_of_ours_changes(register: Register, tmp_path: Path) -> None:
    one = register.register()
    before = contents(register, own=True)
    file = written(tmp_path / "p.jsonld", document(about(one, eventID="urn:uuid:1"), event()))
    answer = register.ok("import", "epcis", file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert answer["document"] == digest
    assert {k: answer[k] for k in ("events", "new", "known", "declared_wrong", "concerning")} == {
        "events": 2, "new": 2, "known": 0, "declared_wrong": 0, "concerning": 1,
    }  # fmt: skip
    assert contents(register, own=True) == before
    (entry,) = said(register, one)
    assert entry["kind"] == "evidence.received"
    assert entry["actor"] == "admin"
    assert entry["data"] == {
        "document": digest, "given_id": "urn:uuid:1", "event_type": "ObjectEvent",
        "event_time": "2026-03-01T01:00:00.000000Z", "zone": "+08:00", "action": "OBSERVE",
        "step": "arriving", "disposition": "in_progress", "assets": [one],
    }  # fmt: skip
    assert entry["disclosed"] == {"sender": "https://id.gs1.org/417/4012345000009"}
    kept = blobs.path_of(register.home / "blobs", digest)
    assert kept.read_bytes() == file.read_bytes()
    assert register.ok("verify", "--replay")


def test_the_same_event_is_kept_once_in_whatever_document(
    register: Register, tmp_path: Path
) -> None:
    one = register.register()
    told = about(one)
    take(register, tmp_path / "a", document(told))
    whole = contents(register)
    files = sorted((register.home / "blobs").rglob("*"))
    again = take(register, tmp_path / "a", document(told))
    assert (again["new"], again["known"], again["entries"]) == (0, 1, [])
    otherwise = dict(reversed(told.items())) | {
        "eventTime": "2026-03-01T01:00:00Z", "eventID": "urn:uuid:2", "recordTime":
        "2026-03-05T00:00:00Z", "bizStep": "https://ref.gs1.org/cbv/BizStep-arriving",
    }  # fmt: skip
    other = take(register, tmp_path / "b", document(otherwise, told, sender="another"))
    assert (other["events"], other["new"], other["known"]) == (2, 0, 1)
    assert contents(register) == whole
    assert sorted((register.home / "blobs").rglob("*")) == files


def test_a_declaration_stands_beside_what_it_is_about(register: Register, tmp_path: Path) -> None:
    one = register.register()
    told = about(one, eventID="urn:uuid:1")
    error = {"declarationTime": "2026-03-05T00:00:00Z", "reason": "incorrect_data",
             "correctiveEventIDs": ["urn:uuid:2"]}  # fmt: skip
    right = about(one, eventID="urn:uuid:2", eventTime="2026-03-01T10:00:00+08:00")
    take(register, tmp_path / "a", document(told))
    answer = take(register, tmp_path / "b", document(told | {"errorDeclaration": error}, right))
    assert (answer["new"], answer["known"], answer["declared_wrong"]) == (1, 1, 1)
    whole = contents(register)
    again = take(register, tmp_path / "b", document(told | {"errorDeclaration": error}, right))
    assert (again["new"], again["known"], again["declared_wrong"]) == (0, 2, 0)
    assert contents(register) == whole
    first, declared, corrected = said(register, one)
    assert (first["seq"], declared["seq"]) == (1, 2)
    assert first["subject"] == declared["subject"] != corrected["subject"]
    assert declared["kind"] == "evidence.declared_wrong"
    assert declared["data"]["error_reason"] == "incorrect_data"
    assert declared["data"]["corrected_by"] == ["urn:uuid:2"]
    assert declared["data"]["declared"] == "2026-03-05T00:00:00.000000Z"
    later = error | {"declarationTime": "2026-03-06T00:00:00Z", "reason": "did_not_occur"}
    both = [told | {"errorDeclaration": one} for one in (later, error, later)]
    assert take(register, tmp_path / "c", document(*both))["declared_wrong"] == 1
    assert register.ok("verify", "--replay")


def test_two_declarations_in_one_document_are_both_kept(register: Register, tmp_path: Path) -> None:
    errors = [{"declarationTime": f"2026-03-0{day}T00:00:00Z"} for day in (5, 6)]
    told = [event(errorDeclaration=error) for error in errors]
    answer = take(register, tmp_path / "a", document(*told))
    assert (answer["new"], answer["declared_wrong"]) == (1, 2)
    assert register.ok("verify", "--replay")


NAMES = (
    "https://assets.example.gov.cn/A/{id}", "HTTPS://ASSETS.EXAMPLE.GOV.CN/A/{id}",
    "https://assets.example.gov.cn/epcis/tag/qr/{id}/1", "urn:epc:id:giai:4000001.777",
    "https://id.gs1.org/8004/4000001777", "https://example.com/giai/4000001777?x=1",
    "urn:example:thing:9", "https://id.gs1.org/8004/690123456{id}",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_whose_thing_is_meant(
    desk: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    one = desk.ok("register", "--name", "椅", "--class", "A02010105", "--owner", "U1", "--place",
                  "W1", "--alias", "giai=4000001777", "--alias", "theirs=urn:example:thing:9",
                  "--card-no", "4000001778")["asset_id"]  # fmt: skip
    monkeypatch.setenv("ASSETCTL_GS1_PREFIX", "690123456")
    told = document(event(epcList=[name.format(id=one)]))
    assert take(desk, tmp_path / "a", told)["concerning"] == 1
    assert len(said(desk, one)) == 1


@pytest.mark.parametrize(
    "name",
    [FOREIGN, "https://id.gs1.org/8004/4000001778", "https://other.cn/A/{id}",
     "https://assets.example.gov.cn/A/0000000000", "https://id.gs1.org/8004/690123457{id}"],
)  # fmt: skip
def test_whose_thing_is_not_meant(
    desk: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    one = desk.register(**{"card-no": "4000001778"})
    monkeypatch.setenv("ASSETCTL_GS1_PREFIX", "690123456")
    answer = take(desk, tmp_path / "a", document(event(epcList=[name.format(id=one)])))
    assert (answer["new"], answer["concerning"]) == (1, 0)
    assert said(desk, one) == []


def test_what_was_exported_is_understood(desk: Register, tmp_path: Path) -> None:
    one = desk.register()
    desk.ok(
        "tag", "bind", one, "--tag", desk.ok("tag", "blank", "--count", "1")["tags"][0]["payload"]
    )
    out = tmp_path / "out.jsonld"
    for more in ((), ("--epcis-uri", "https://moved.cn/")):
        desk.ok("export", "epcis", "--out", out, "--asset", one, *more)
        answer = desk("import", "epcis", out, *more)
        assert answer.code == 0
        assert "this register itself" in answer.err
        assert answer.out.startswith("3 events: 3 kept")
        assert "3 concern" in answer.out


def test_a_faulty_document_leaves_nothing(register: Register, tmp_path: Path) -> None:
    before = contents(register)
    file = written(tmp_path / "a", document(event(), event(action="LOOK", foo=1)))
    error = register.fails(3, "import", "epcis", file)
    assert error["code"] == "import.faults"
    assert [(one["row"], one["column"]) for one in error["details"]] == [
        (2, "$.epcisBody.eventList[1].action"), (2, "$.epcisBody.eventList[1].foo"),
    ]  # fmt: skip
    shown = register("import", "epcis", file, lang="zh")
    assert "第 2 个事件，$.epcisBody.eventList[1].action 'LOOK'：应为其中之一" in shown.err
    assert contents(register) == before
    assert not (register.home / "blobs").exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"<epcis:EPCISDocument/>", "Ask the sender for the same events as EPCIS 2.0 JSON-LD"),
     (b"[" * 50_000, "32 deep"), (b"{", "no JSON"), (b'{"a":1,"a":2}', "twice")],
)  # fmt: skip
def test_what_is_no_document_is_refused_plainly(
    desk: Register, tmp_path: Path, data: bytes, words: str
) -> None:
    file = tmp_path / "a"
    file.write_bytes(data)
    answer = desk("import", "epcis", file)
    assert answer.code == 3
    assert words in answer.err
    assert "Nothing was changed" in answer.err


def test_a_file_that_is_not_there(desk: Register, tmp_path: Path) -> None:
    assert desk.fails(4, "import", "epcis", tmp_path / "no")["code"] == "file.not_found"
    assert desk.fails(4, "import", "epcis", tmp_path)["code"] == "file.not_found"


def test_a_dry_run_keeps_nothing(desk: Register, tmp_path: Path) -> None:
    before = contents(desk)
    answer = desk("import", "epcis", written(tmp_path / "a", document(event())), "--dry-run")
    assert answer.out.startswith("Nothing was written. 1 events: 1 would be kept")
    assert contents(desk) == before
    assert not (desk.home / "blobs").exists()


def test_a_document_that_cannot_be_kept_is_not_noted(desk: Register, tmp_path: Path) -> None:
    (desk.home / "blobs").write_text("no folder", encoding="utf-8")
    before = contents(desk)
    error = desk.fails(8, "import", "epcis", written(tmp_path / "a", document(event())))
    assert error["code"] == "store.unavailable"
    assert contents(desk) == before


def test_a_trace_says_plainly_whose_word_it_is(desk: Register, tmp_path: Path) -> None:
    one = desk.register()
    assert "others say" not in desk("trace", one).out
    bell = about(one, eventID="urn:uuid:1")
    take(desk, tmp_path / "a", document(bell, sender="甲公司\x1b[31m"))
    error = {"declarationTime": "2026-03-05T00:00:00Z", "reason": "did_not_occur"}
    take(desk, tmp_path / "b", document(bell | {"errorDeclaration": error}))
    shown = desk("trace", one).out
    own, _, foreign = shown.partition("what others say (evidence received, not acts of this")
    assert "arriving" not in own
    for word in ("ObjectEvent OBSERVE arriving in_progress", "甲公司\ufffd[31m", "urn:uuid:1",
                 "declared wrong: did_not_occur", "2026-03-01 09:00:00"):  # fmt: skip
        assert word in " ".join(foreign.split()), word
    assert "他方所述" in desk("trace", one, lang="zh").out


def test_what_the_sender_wrote_of_itself_stands_apart(desk: Register, tmp_path: Path) -> None:
    one = desk.register()
    take(desk, tmp_path / "a", document(about(one), sender="张三"))
    take(desk, tmp_path / "b", document(about(one, action="ADD"), sender=""))
    store = desk.store
    with store.reading() as connection:
        entries = connection.exec_driver_sql("SELECT entry FROM history").scalars().all()
        assert not any("张三".encode() in bytes(entry) for entry in entries)
    store.close()
    assert sorted(entry["disclosed"].get("sender", "") for entry in said(desk, one)) == ["", "张三"]
    assert "(not named)" in desk("trace", one).out
    assert desk.ok("verify", "--replay")


def test_many_events_at_once(register: Register, tmp_path: Path) -> None:
    assets = [register.register() for _ in range(3)]
    told = [
        about(assets[number % 3], eventTime=f"2026-03-01T09:{number // 60:02}:{number % 60:02}Z")
        for number in range(1200)
    ]
    answer = take(register, tmp_path / "a", document(*told))
    assert (answer["events"], answer["new"], answer["concerning"]) == (1200, 1200, 1200)
    times = [one["data"]["event_time"] for one in said(register, assets[0])]
    assert times == sorted(times)
    assert len(times) == 400
    assert register.ok("verify", "--replay")


def test_an_event_about_too_many_of_our_things_is_refused(
    desk: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assetctl.acts import evidence

    monkeypatch.setattr(evidence, "MOST_ASSETS", 1)
    both: Sequence[str] = [f"https://assets.example.gov.cn/A/{desk.register()}" for _ in range(2)]
    file = written(tmp_path / "a", document(event(epcList=list(both))))
    assert desk.fails(3, "import", "epcis", file)["code"] == "input.invalid"
    assert json.loads(file.read_text())["epcisBody"]
