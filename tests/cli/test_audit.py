"""The auditor's commands, end to end: what programs get, what people read, what a file holds."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from assetctl.cli import clock
from assetctl.domain.identity import display_id
from assetctl.i18n import LANGUAGES, Language, term, translate
from tests.cli.test_answers import masked
from tests.conftest import Register

DOC = "借〔2026〕1号"


def recorded(answer: Any) -> str:
    return str(answer["events"][-1]["recorded_at"])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


# --- as-of --------------------------------------------------------------------------------------


def test_as_of_tells_what_stood_then(register: Register) -> None:
    a = register.register(value="5000", **{"card-no": "0001"})
    lent = recorded(register.ok("checkout", a, "--to", "P2", "--due", "2099-01-01", "--doc", DOC))
    register.ok("checkin", a, "--place", "W1-Z1")
    found = register.ok("audit", "as-of", lent)
    assert masked(found, a) == {
        "items": [{
            "asset_id": "<asset 1>", "name": "台式计算机", "class": "A02010105",
            "card_no": "0001", "state": "on_loan", "owner": "U1", "holder": "P2", "place": None,
            "condition": None, "due": "2099-01-01", "value": "5000.00", "held_since": "<time>",
            "registered_at": "<time>", "changed_at": "<time>",
        }],
        "count": 1, "file": None, "next": None,
        "standing": {
            "until": "<time>", "by": "rec", "count": 1, "value": "5000.00", "unvalued": 0,
            "figures": [{"owner": "U1", "state": "on_loan", "count": 1, "value": "5000.00",
                         "unvalued": 0}],
        },
    }  # fmt: skip
    (now,) = register.ok("audit", "as-of", "now")["items"]
    (shown,) = register.ok("show", a)
    for name in ("state", "holder", "place", "due", "held_since", "condition"):
        assert now[name] == shown[name]
    before = register.ok("audit", "as-of", "2001-01-01")
    assert (before["items"], before["standing"]["count"]) == ([], 0)


def test_a_day_means_its_end_where_people_live(
    desk: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = desk.register()
    now = clock.now()
    noon = clock.parse_moment("2026-03-01 12:00", "Asia/Shanghai")
    monkeypatch.setattr(clock, "now", lambda: noon + timedelta(days=400))
    desk.ok("checkout", a, "--to", "P1", "--at", "2027-04-01 23:59:59")
    desk.ok("checkin", a, "--at", "2027-04-02 00:00")
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=900))

    def state(date: str) -> str:
        return str(desk.ok("audit", "as-of", date, "--by", "at")["items"][0]["state"])

    assert state("2027-04-01") == "on_loan"
    assert state("2027-04-01 23:59:58") == "in_store"
    assert state("2027-04-02") == "in_store"
    assert state("2027-04-01T15:59:59Z") == "on_loan"


def test_pages_and_files_hold_all_of_it(desk: Register, tmp_path: Path) -> None:
    ids = sorted(desk.register(f"={number}+1", value="1.10") for number in range(5))
    first = desk.ok("audit", "as-of", "now", "--limit", "2")
    assert [one["asset_id"] for one in first["items"]] == ids[:2]
    assert (first["standing"]["count"], first["standing"]["value"]) == (5, "5.50")
    second = desk.ok("audit", "as-of", "now", "--limit", "3", "--after", first["next"])
    assert [one["asset_id"] for one in second["items"]] == ids[2:]
    assert second["next"] is None
    found = desk.ok("audit", "as-of", "now", "--out", tmp_path / "then.csv", "--limit", "1")
    assert found["items"] == []
    assert (found["count"], found["file"]) == (5, str(tmp_path / "then.csv"))
    rows = rows_of(tmp_path / "then.csv")
    assert [row["Id"] for row in rows] == [display_id(one) for one in ids]
    assert {row["Name"] for row in rows} == {f"'={number}+1" for number in range(5)}, "defused"
    assert {row["Value"] for row in rows} == {"1.10"}
    desk.ok("audit", "as-of", "now", "--out", tmp_path / "then.jsonl")
    lines = (tmp_path / "then.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["asset_id"] for line in lines] == ids
    assert sorted(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("name", ["then.txt", "then", "then.csv.gz"])
def test_a_file_of_another_form_is_refused(desk: Register, tmp_path: Path, name: str) -> None:
    error = desk.fails(3, "audit", "as-of", "now", "--out", tmp_path / name)
    assert error["details"]["field"] == "--out"
    assert not (tmp_path / name).exists()


def test_a_file_that_cannot_be_written_is_unavailable(desk: Register, tmp_path: Path) -> None:
    desk.fails(8, "audit", "log", "--out", tmp_path / "no" / "log.csv")


def test_a_file_is_there_whole_or_not_at_all(desk: Register, tmp_path: Path) -> None:
    out = tmp_path / "log.csv"
    out.write_text("yesterday")
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER history_no_update")
        connection.exec_driver_sql("UPDATE history SET entry = X'00' WHERE subject = 'party:V1'")
    desk.fails(7, "audit", "log", "--out", out)
    assert out.read_text() == "yesterday"
    assert sorted(path.name for path in tmp_path.glob("*log*")) == ["log.csv"]
    assert list(tmp_path.glob(".*")) == []


# --- log ----------------------------------------------------------------------------------------


def test_the_log_tells_who_did_what_when_and_by_what_document(register: Register) -> None:
    a = register.register()
    register.ok("checkout", a, "--to", "P2", "--doc", DOC, "--note", "送去", "--as", "P1",
                "--station", "窗口一", "--at", "2026-01-02 09:00", "--on-behalf", "U1",
                "--request-id", "r7")  # fmt: skip
    register.ok("checkin", a, "--place", "B1-101")
    found = register.ok("audit", "log", "--doc", DOC)
    assert masked(found, a)["items"] == [{
        "event_id": "<id>", "subject": "asset:<asset 1>", "seq": 2, "kind": "asset.checked_out",
        "at": "<time>", "recorded_at": "<time>", "late_seconds": found["items"][0]["late_seconds"],
        "actor": "P1", "on_behalf": "U1", "station": "窗口一", "request_id": "r7", "doc": DOC,
        "data": {"state": "on_loan", "holder": "P2", "from_state": "in_store",
                 "from_holder": "U1", "from_place": "W1", "doc": DOC},
        "disclosed": {},
    }]  # fmt: skip
    assert found["items"][0]["late_seconds"] > 86_400
    for options in (
        ("--actor", "P1"), ("--at-station", "窗口一"), ("--request", "r7"), ("--holder", "P2", a),
        ("--kind", "asset.checked_out"), ("--kind", "借出"), ("--kind", "checked out"),
        ("--by", "at", "--to", "2026-01-02"), ("--place", "W1", "--kind", "借出"),
    ):  # fmt: skip
        items = register.ok("audit", "log", *options)["items"]
        assert "r7" in {one["request_id"] for one in items}, options
    assert register.ok("audit", "log", a, "--personal", "--doc", DOC)["items"][0]["disclosed"] == {
        "note": "送去"
    }
    assert len(register.ok("audit", "log", a)["items"]) == 3
    assert len(register.ok("audit", "log", "party:P1", "place:W1")["items"]) == 2
    assert register.ok("audit", "log", "--to", "2001-01-01")["items"] == []


def test_pages_of_the_log_go_by_its_cursor(desk: Register, tmp_path: Path) -> None:
    for _ in range(3):
        desk.register()
    whole = desk.ok("audit", "log", "--limit", "10000")["items"]
    got: list[str] = []
    cursor: list[str] = []
    while True:
        page = desk.ok("audit", "log", "--limit", "300", *cursor)
        got += [one["event_id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = ["--after", page["next"]]
    assert got == [one["event_id"] for one in whole]
    desk.ok("audit", "log", "--out", tmp_path / "log.jsonl")
    lines = (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == whole
    desk.ok("audit", "log", "--out", tmp_path / "log.csv", "party:P1", "--personal")
    (row,) = rows_of(tmp_path / "log.csv")
    assert row["Names and text"] == "person name 测试甲"
    desk.ok("audit", "log", "--out", tmp_path / "log.csv", "party:P1")
    assert "测试甲" not in (tmp_path / "log.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [("log", "--kind", "asset.flown"), ("log", "--by", "now"), ("log", "--after", "x"),
     ("log", "--after", "/"), ("log", "--from", "yesterday"), ("gaps", "--code", "x"),
     ("as-of", "2026-02-30"), ("as-of", "0000-01-01"), ("diff", "2026-03-02", "2026-03-01"),
     ("as-of", "now", "--state", "gone"), ("redact", "party:P1", "--doc", "x"),
     ("redact", "party:P1", "--doc", "x", "--all", "--path", "note"),
     ("redact", "party:P1", "--doc", "x", "--all", "--reason", "because")],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(desk: Register, line: tuple[str, ...]) -> None:
    assert desk.fails(3, "audit", *line)["code"] == "input.invalid"


# --- gaps ---------------------------------------------------------------------------------------


def test_gaps_are_findings(register: Register, tmp_path: Path) -> None:
    a, b = register.register(), register.register(owner="U2", place="B1-101")
    register.ok("checkout", a, "--to", "P1", "--due", "2026-02-01", "--at", "2026-01-02 09:00")
    register.ok("checkout", b, "--to", "P1", "--doc", DOC, "--as", "stranger")
    answer = register("audit", "gaps", "--json")
    assert answer.code == 9
    told = {(one["code"], one["subject"], one["severity"]) for one in answer.data["items"]}
    assert told == {
        ("no_document", f"asset:{a}", "warning"), ("back_dated", f"asset:{a}", "warning"),
        ("out_of_order", f"asset:{a}", "notice"), ("loan_overdue", f"asset:{a}", "warning"),
        ("actor_unknown", f"asset:{b}", "serious"),
    }  # fmt: skip
    assert answer.data["items"][0]["code"] == "actor_unknown", "the heaviest first"
    overdue = next(one for one in answer.data["items"] if one["code"] == "loan_overdue")
    assert masked(overdue, a) == {
        "code": "loan_overdue", "severity": "warning", "subject": "asset:<asset 1>", "seq": 2,
        "event_id": "<id>", "kind": "asset.checked_out", "at": "<time>", "recorded_at": "<time>",
        "actor": "admin", "owner": "U1", "days": overdue["days"], "expected": "back by 2026-02-01",
        "found": overdue["found"],
    }  # fmt: skip
    assert overdue["days"] > 200
    audited = answer.data["audited"]
    assert audited["findings"] == sum(one["count"] for one in audited["counts"]) == 5
    assert audited["entries"] == register.ok("verify")["entries"]
    for options, codes in (
        (("--owner", "U2"), {"actor_unknown"}), (("--code", "back_dated"), {"back_dated"}),
        (("--to", "2026-01-02", "--by", "at"), {"no_document", "back_dated", "out_of_order",
                                                "loan_overdue"}),
        (("--code", "loan_overdue", "--code", "no_document"), {"loan_overdue", "no_document"}),
    ):  # fmt: skip
        some = register("audit", "gaps", "--json", *options)
        assert some.code == 9
        assert {one["code"] for one in some.data["items"]} == codes, options
    for options in (("--to", "2001-01-01"), ("--owner", "U3"), ("--code", "two_tids")):
        assert register.ok("audit", "gaps", *options)["audited"]["findings"] == 0
    assert register("audit", "gaps", "--out", tmp_path / "gaps.csv").code == 9
    rows = rows_of(tmp_path / "gaps.csv")
    assert {(row["Code"], row["Owner"]) for row in rows} == {
        (code, "U2" if code == "actor_unknown" else "U1") for code, _, _ in told
    }
    few = register("audit", "gaps", "--limit", "1", "--json").data
    assert ([one["severity"] for one in few["items"]], few["count"]) == (["serious"], 5)


def test_rules_of_ones_own_replace_those_that_come_with_it(
    desk: Register, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    a = desk.register()
    desk.ok("checkout", a, "--to", "P1")
    found = desk.ok("audit", "rules")
    assert found["source"] == "assetctl"
    assert {one["code"] for one in found["checks"]} >= {one["check"] for one in found["rules"]}
    assert desk("audit", "gaps").code == 9
    own = desk.home / "audit-rules.toml"
    desk.ok("audit", "rules", "--out", own)
    assert desk.ok("audit", "rules") == found | {"source": str(own)}
    own.write_text('[[rule]]\ncheck = "back_dated"\ndays = 3\n')
    assert desk.ok("audit", "gaps")["items"] == []
    own.write_text('[[rule]]\ncheck = "nothing"\ncolour = "red"\n')
    error = desk.fails(3, "audit", "gaps")
    assert (error["code"], error["details"]["count"]) == ("audit.rules_faulty", 2)
    for lang in LANGUAGES:
        said = desk("audit", "gaps", lang=lang).err
        assert "colour" in said
        assert "nothing" in said
    monkeypatch.setenv("ASSETCTL_AUDIT_RULES", str(tmp_path / "none.toml"))
    assert desk.fails(3, "audit", "gaps")["code"] == "config.invalid"


# --- diff ---------------------------------------------------------------------------------------


def test_the_difference_between_two_moments(register: Register, tmp_path: Path) -> None:
    a, b = register.register(value="100"), register.register(value="0.10")
    first = recorded(register.ok("checkout", b, "--to", "P1", "--doc", DOC))
    register.ok("checkin", b, "--condition", "poor")
    register.ok("transfer", a, "--to-unit", "U2", "--doc", "调1")
    c = register.register(value="7")
    found = register.ok("audit", "diff", first, "now")
    whats = {one["asset_id"]: one["what"] for one in found["items"]}
    assert whats == {a: "changed", b: "changed", c: "came"}
    (one,) = [one for one in found["items"] if one["asset_id"] == a]
    assert masked(one, a) == {
        "asset_id": "<asset 1>", "name": "台式计算机", "what": "changed",
        "before": {"owner": "U1", "holder": "U1"}, "after": {"owner": "U2", "holder": "U2"},
        "causes": [{
            "event_id": "<id>", "seq": 2, "kind": "asset.title_transferred", "at": "<time>",
            "recorded_at": "<time>", "actor": "admin", "doc": "调1", "fields": ["owner", "holder"],
        }],
    }  # fmt: skip
    total = found["differences"]["total"]
    assert total["owner"] is None
    assert total["opening"] == {"count": 2, "value": "100.10"}
    assert total["added"] == {"count": 1, "value": "7.00"}
    assert total["closing"] == {"count": 3, "value": "107.10"}
    assert [one["owner"] for one in found["differences"]["owners"]] == ["U1", "U2"]
    register.ok("audit", "diff", first, "now", "--out", tmp_path / "diff.csv")
    rows = {row["Id"]: row for row in rows_of(tmp_path / "diff.csv")}
    assert rows[display_id(b)]["Condition after"] == "poor"
    assert (rows[display_id(a)]["Owner before"], rows[display_id(a)]["Owner after"]) == ("U1", "U2")
    assert "调1" in rows[display_id(a)]["Because of"]
    assert register.ok("audit", "diff", first, first)["items"] == []
    assert register.ok("audit", "diff", first, "now", "--owner", "U2")["count"] == 1


# --- redact -------------------------------------------------------------------------------------


def test_a_name_is_erased_under_a_document(register: Register) -> None:
    seen = register.ok("audit", "redact", "party:P1", "--all", "--doc", "删1", "--dry-run")
    assert [(one["path"], one["value"]) for one in seen["found"]] == [("person_name", "测试甲")]
    names = {one["code"]: one["name"] for one in register.ok("party", "list")}
    assert names["P1"] == "测试甲", "a dry run keeps nothing"
    done = register.ok("audit", "redact", "party:P1", "--path", "person_name", "--doc", "删1",
                       "--reason", "本人要求", "--request-id", "r1")  # fmt: skip
    (event,) = done["events"]
    assert event["kind"] == "history.redacted"
    assert event["data"]["cause"] == "request"
    assert "测试甲" not in json.dumps(done, ensure_ascii=False)
    names = {one["code"]: one["name"] for one in register.ok("party", "list")}
    assert names["P1"] is None
    register.ok("verify", "--replay")
    again = register.ok("audit", "redact", "party:P1", "--path", "person_name", "--doc", "删1",
                        "--reason", "request", "--request-id", "r1")  # fmt: skip
    assert again["repeated"]
    error = register.fails(4, "audit", "redact", "party:P1", "--all", "--doc", "删2")
    assert error["code"] == "redaction.nothing"
    for target in ("0" * 32, "party:NOBODY"):
        error = register.fails(4, "audit", "redact", target, "--all", "--doc", "x")
        assert error["code"] == "history.not_found"
    assert register.fails(4, "audit", "redact", "K7M2-9QXD-4F", "--all", "--doc", "x")["code"] == (
        "asset.not_found"
    )
    register.fails(5, "audit", "redact", "party:P2", "--all", "--doc", "")


def test_a_photo_of_a_person_is_taken_away(desk: Register, tmp_path: Path) -> None:
    photo = tmp_path / "face.png"
    photo.write_bytes(b"a face")
    a, b = desk.register(), desk.register()
    for one in (a, b):
        made = desk.ok("attach", one, photo, "--role", "person", "--title", "某人")
    stored = desk.home / "blobs" / made["sha256"][:2] / made["sha256"]
    assert stored.read_bytes() == b"a face"
    desk.ok("audit", "redact", a, "--path", "sha256", "--doc", "删1", "--dry-run")
    assert stored.exists()
    event = desk.ok("audit", "log", a, "--kind", "asset.attached")["items"][0]["event_id"]
    done = desk.ok("audit", "redact", event, "--path", "sha256", "--path", "title", "--doc", "删1")
    assert done["files"] == {made["sha256"]: True}
    assert done["clean"] is True
    assert not stored.exists()
    assert desk.ok("show", a)[0]["attachments"][0]["title"] is None
    assert desk.ok("show", a)[0]["attachments"][0]["erased_at"] is not None
    assert translate("(erased)", "zh") in desk("show", b, lang="zh").out
    assert desk.fails(5, "attach", b, photo)["code"] == "attachment.erased"
    assert not stored.exists(), "what was erased is not stored again"
    desk.ok("verify", "--replay")
    assert desk.ok("audit", "gaps", "--code", "erased_file_left")["items"] == []
    stored.write_bytes(b"a face")
    assert desk("audit", "gaps", "--code", "erased_file_left").code == 9
    # The same request once more takes it away again, at this desk or another.
    stored.unlink()


def test_erasing_asks_before_it_begins(desk: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    from assetctl.cli.context import Context

    asked: list[tuple[str, dict[str, object]]] = []

    def refuse(_self: Context, question: str, **facts: object) -> None:
        asked.append((question, facts))
        raise KeyboardInterrupt

    monkeypatch.setattr(Context, "confirm", refuse)
    assert desk("audit", "redact", "party:P1", "--all", "--doc", "删1").code == 130
    ((question, facts),) = asked
    assert "undone" in question
    assert facts == {"count": 1}
    names = {one["code"]: one["name"] for one in desk.ok("party", "list")}
    assert names["P1"] == "测试甲"


# --- both languages -----------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_people_read_it_in_their_language(desk: Register, lang: Language) -> None:
    a = desk.register()
    desk.ok("checkout", a, "--to", "P1", "--due", "2026-02-01", "--at", "2026-01-02 09:00")
    shown = display_id(a)
    for line, words in (
        (("as-of", "now"), (shown, term("state", "on_loan", lang), translate("Value", lang))),
        (("log", a), (shown, term("event", "asset.checked_out", lang), translate("Late", lang))),
        (("gaps",), (shown, term("finding", "loan_overdue", lang), "2026-02-01",
                     term("severity", "warning", lang))),
        (("rules",), (term("finding", "no_photo", lang), term("condition", "broken", lang))),
        (("diff", "2026-01-01", "now"), (shown, term("difference", "came", lang),
                                         translate("= closing", lang))),
        (("redact", "party:P1", "--all", "--doc", "x", "--dry-run"),
         ("测试甲", term("field", "person_name", lang))),
    ):  # fmt: skip
        answer = desk("audit", *line, lang=lang)
        assert answer.code in (0, 9), (line, answer.err)
        for word in words:
            assert word in answer.out, (line, word, answer.out)
    desk.ok("audit", "redact", "party:P1", "--all", "--doc", "x", "--reason", "order")
    traced = desk("audit", "log", "party:P1", lang=lang).out
    assert term("event", "history.redacted", lang) in traced
    assert term("cause", "order", lang) in traced
    assert term("field", "person_name", lang) in traced


def test_json_is_the_same_in_both_languages(desk: Register) -> None:
    a = desk.register()
    desk.ok("checkout", a, "--to", "P1", "--at", "2026-01-02 09:00")
    for line in (("as-of", "2026-01-03"), ("log", a), ("gaps",), ("rules",),
                 ("diff", "2026-01-01", "2026-01-05"), ("as-of", "x")):  # fmt: skip
        assert desk("audit", *line, "--json", lang="zh") == desk("audit", *line, "--json")
