"""stocktake, from plan to seal, as people type it; and what a sweep by radio says."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from assetctl.cli import clock
from assetctl.domain.chain import parse_instant
from assetctl.domain.epc.numbering import Numbering, number_of
from tests.conftest import Register

STRANGER = "E28011700000020F12345678"


@pytest.fixture
def staffed(desk: Register) -> Register:
    """People in roles, on SQLite."""
    for code, role in (("C1", "asset_clerk"), ("K1", "warehouse_keeper"),
                       ("K2", "warehouse_keeper"), ("H1", "unit_head")):  # fmt: skip
        desk.ok("party", "add", code, "--name", f"测试{code}", "--kind", "person", "--unit", "U1")
        desk.ok("role", "grant", code, role)
    return desk


def planned(register: Register, *more: str) -> str:
    answer = register.ok("--as", "C1", "stocktake", "plan", "--team", "A=K1", "--team", "B=K2",
                         *more)  # fmt: skip
    number = str(answer["number"])
    register.ok("--as", "C1", "stocktake", "open", number)
    return number


def count(register: Register, number: str, *more: str | Path, person: str = "K1") -> Any:
    return register.ok("--as", person, "stocktake", "count", number, *more)


def differences(register: Register, number: str) -> dict[str, list[str]]:
    status = register.ok("stocktake", "status", number, "--differences")
    return {one["item"]: one["results"] for one in status["differences"]}


def recording(file: Path, reads: Sequence[tuple[str, float | None, str | None]]) -> Path:
    """Write what a reader heard: EPC, dBm, TID; each in five seconds."""
    lines = []
    for second in range(5):
        for epc, rssi, tid in reads:
            radio = {"rssi": rssi, "tid": tid, "antenna": 1}
            radio = {name: value for name, value in radio.items() if value is not None}
            lines.append({"ms": second * 1000, "text": epc, "symbology": "rfid", "radio": radio})
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return file


def bound(register: Register, asset: str, tid: str = "E280116020") -> str:
    epc = number_of(asset, Numbering()).epc
    register.ok("tag", "bind", asset, "--epc", epc, "--tid", tid)
    return epc


def test_a_sweep_says_what_is_here_what_is_weak_and_what_must_be_walked_to(
    staffed: Register, tmp_path: Path
) -> None:
    loud, weak, silent, untagged, spelt = (staffed.register() for _ in range(5))
    other = staffed.register(place="B1-101")
    number = planned(staffed)
    epcs = {one: bound(staffed, one) for one in (loud, weak, silent, other)}
    epcs[spelt] = number_of(spelt, Numbering()).epc  # written elsewhere, and never bound
    file = recording(tmp_path / "reads.jsonl", [
        (epcs[loud], -50.0, None), (epcs[spelt], -52.0, None), (epcs[weak], -70.0, None),
        (epcs[other], -51.0, None), (STRANGER, -80.0, None),
    ])  # fmt: skip
    said = count(staffed, number, "--place", "W1", "--reader", f"replay:{file}")
    assert said["counts"] == {"present": 2, "weak": 1, "missing": 1, "surplus": 1, "nearby": 1}
    assert (said["strength"], said["median"], said["threshold"]) == (True, -52.0, -64.0)
    assert {one["asset_id"]: one["verdict"] for one in said["tags"]} == {
        weak: "weak", silent: "missing", other: "surplus", untagged: "untagged",
    }  # fmt: skip
    assert differences(staffed, number) == {
        one: ["missing"] for one in (weak, silent, untagged, other)
    }
    # Nothing was moved or booked by radio, and the reads lie in the store by their hash.
    assert {one["place"] for one in staffed.ok("show", loud, other)} == {"W1", "B1-101"}
    (swept,) = (entry for entry in staffed.ok("trace", f"stocktake:{number}")
                if entry["kind"] == "stocktake.swept")  # fmt: skip
    assert swept["data"]["reader"] == "replay:reads.jsonl", "no folder of somebody's machine"
    raw = swept["data"]["raw"]
    kept = staffed.home / "blobs" / raw[:2] / raw
    assert gzip.decompress(kept.read_bytes()) == file.read_bytes()
    again = count(staffed, number, "--place", "W1", "--reader", f"replay:{file}")
    assert again["repeated"]
    staffed.ok("verify", "--replay")


def test_another_chip_with_the_same_number_raises_the_alarm(
    staffed: Register, tmp_path: Path
) -> None:
    one = staffed.register()
    number = planned(staffed)
    epc = bound(staffed, one, tid="E28011602000")
    file = recording(tmp_path / "reads.jsonl", [(epc, -50.0, "E2801160AAAA")])
    said = count(staffed, number, "--place", "W1", "--reader", f"replay:{file}")
    assert said["copies"] == 1
    answer = staffed("audit", "gaps", "--json")
    assert "two_tids" in answer.out


def test_without_signal_strength_it_says_so(staffed: Register, tmp_path: Path) -> None:
    one = staffed.register()
    number = planned(staffed)
    epc = bound(staffed, one)
    source = tmp_path / "导出.csv"
    source.write_text(f"EPC,次数\n{epc},3\n{STRANGER},9\n", encoding="gbk")
    said = count(staffed, number, "--place", "W1", "--reader", f"list:{source}")
    assert (said["strength"], said["counts"]["present"], said["counts"]["surplus"]) == (False, 1, 0)
    for lang, words in (("en", "without signal strength"), ("zh", "未用信号强度")):
        answer = staffed("--as", "K1", "stocktake", "count", number, "--place", "W1", "--reader",
                         f"list:{source}", lang=lang)  # fmt: skip
        assert words in answer.err


def test_a_faulty_list_is_refused_with_its_lines_and_nothing_is_entered(
    staffed: Register, tmp_path: Path
) -> None:
    staffed.register()
    number = planned(staffed)
    source = tmp_path / "reads.csv"
    source.write_text(f"EPC,RSSI\n{STRANGER},-60\n{STRANGER[:-1]}G,-61\n{STRANGER},loud\n")
    error = staffed.fails(3, "--as", "K1", "stocktake", "count", number, "--place", "W1",
                          "--reader", f"list:{source}")  # fmt: skip
    assert (error["code"], error["details"]["count"]) == ("stocktake.reads_faulty", 2)
    assert staffed.ok("stocktake", "status", number)["stocktake"]["batch"] == 0


def test_a_sweep_outlives_a_register_that_is_away(staffed: Register, tmp_path: Path) -> None:
    one = staffed.register()
    number = planned(staffed)
    file = recording(tmp_path / "reads.jsonl", [(bound(staffed, one), -50.0, None)])
    error = staffed.fails(
        8, "--as", "K1", "--db", f"postgresql://postgres@/none?host={tmp_path}", "stocktake",
        "count", number, "--place", "W1", "--reader", f"replay:{file}",
    )  # fmt: skip
    assert error["code"] == "stocktake.sweep_kept"
    assert f"--reader replay:{file}" in error["message"]
    assert count(staffed, number, "--place", "W1", "--reader", f"replay:{file}")["counts"][
        "present"
    ] == 1  # fmt: skip


def test_a_sweep_that_lands_late_says_when_it_heard_and_is_blamed_for_nothing(
    staffed: Register, tmp_path: Path
) -> None:
    one = staffed.register()
    number = planned(staffed)
    epc = bound(staffed, one)
    began = clock.now()
    name = f"{number}-{clock.new_event_id()}.jsonl"
    file = recording(tmp_path / name, [(epc, -50.0, None)])
    staffed.ok("move", one, "--to", "B1-101")  # while the reads still lay at the station
    lines = [json.loads(line) | {"ms": 1} for line in file.read_text().splitlines()]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    count(staffed, number, "--place", "W1", "--reader", f"replay:{file}")
    (swept,) = (entry for entry in staffed.ok("trace", f"stocktake:{number}")
                if entry["kind"] == "stocktake.swept")  # fmt: skip
    assert abs(parse_instant(swept["at"]) - began) < timedelta(milliseconds=900)
    assert swept["at"] < swept["recorded_at"]
    assert differences(staffed, number) == {}


def test_a_file_is_counted_as_a_whole_though_nobody_says_commit(
    staffed: Register, tmp_path: Path
) -> None:
    assets = [staffed.register() for _ in range(3)]
    number = planned(staffed)
    texts = [one["payload"] for one in staffed.ok("show", *assets)]
    lines = tmp_path / "lines.txt"
    # Handhelds list a label as often as it was pulled across.
    lines.write_text("\n".join([*texts, texts[0], *texts[:2]]), encoding="utf-8")
    report = count(staffed, number, "--place", "W1", "--from", lines)
    assert [one["outcome"] for one in report["commits"]] == ["landed"]
    assert (report["basket"], differences(staffed, number)) == ([], {})


def test_results_can_be_taken_back_until_they_are_booked(staffed: Register) -> None:
    one, other = staffed.register(), staffed.register()
    number = planned(staffed)
    count(staffed, number, one, "--place", "W1")
    for person in ("K1", "K2"):
        staffed.ok("--as", person, "stocktake", "finish", number)
    staffed.ok("--as", "C1", "stocktake", "recount", number)
    count(staffed, number, other, "--absent", person="K2")
    staffed.ok("--as", "C1", "stocktake", "explain", number, other, "--reason", "lost")
    staffed.ok("--as", "C1", "stocktake", "submit", number)
    staffed.ok("--as", "H1", "stocktake", "approve", number)
    back = staffed.ok("--as", "C1", "stocktake", "withdraw", number, "--reason", "找到了")
    assert back["state"] == "recounting"
    count(staffed, number, other, "--place", "W1")
    staffed.ok("--as", "C1", "stocktake", "submit", number)
    staffed.fails(5, "--as", "C1", "stocktake", "close", number)  # it must be approved anew
    staffed.ok("--as", "H1", "stocktake", "approve", number)
    closed = staffed.ok("--as", "C1", "stocktake", "close", number)
    assert (closed["counts"], closed["submission"]) == ({"matched": 2}, 2)
    staffed.fails(5, "--as", "C1", "stocktake", "withdraw", number, "--reason", "x")
    staffed.ok("verify", "--replay")


def recounted(register: Register, number: str) -> None:
    for person in ("K1", "K2"):
        register.ok("--as", person, "stocktake", "finish", number)
    register.ok("--as", "C1", "stocktake", "recount", number)


def unconfirmed(register: Register, number: str) -> list[str]:
    found = register.ok("stocktake", "status", number, "--differences")["differences"]
    return [one["item"] for one in found if not one["confirmed"]]


def test_whose_reader_heard_a_thing_elsewhere_may_confirm_where_it_was_found(
    staffed: Register, tmp_path: Path
) -> None:
    one = staffed.register()
    number = planned(staffed)
    file = recording(tmp_path / "reads.jsonl", [(bound(staffed, one), -50.0, None)])
    count(staffed, number, "--place", "W1", "--reader", f"replay:{file}")
    count(staffed, number, one, "--place", "B1", person="K2")
    recounted(staffed, number)
    count(staffed, number, one, "--place", "B1", person="K2")
    assert unconfirmed(staffed, number) == [one], "K2 found it there"
    count(staffed, number, one, "--place", "B1", person="K1")
    assert unconfirmed(staffed, number) == []


def test_where_both_teams_have_counted_a_thing_a_colleague_confirms_it(staffed: Register) -> None:
    for code, unit in (("K3", "U1"), ("K4", "U2")):
        staffed.ok(
            "party", "add", code, "--name", f"测试{code}", "--kind", "person", "--unit", unit
        )
        staffed.ok("role", "grant", code, "warehouse_keeper")
    one = staffed.register()
    number = planned(staffed)
    command = ("stocktake", "count", number, one, "--place", "B1")
    count(staffed, number, one, "--place", "W1")
    count(staffed, number, one, "--place", "B1", person="K2")
    for early in ("K3", "K4"):
        assert staffed.fails(5, "--as", early, *command)["code"] == "stocktake.not_on_team"
    recounted(staffed, number)
    for person in ("K1", "K2"):
        count(staffed, number, one, "--place", "B1", person=person)
        assert unconfirmed(staffed, number) == [one]
    for stranger in ("K4", "H1"):  # of another unit; without a role that counts
        assert staffed.fails(5, "--as", stranger, *command)["code"] in (
            "stocktake.not_on_team", "role.may_not",
        )  # fmt: skip
    count(staffed, number, one, "--place", "B1", person="K3")
    assert unconfirmed(staffed, number) == []
    staffed.ok("--as", "C1", "stocktake", "explain", number, one, "--reason", "moved_unbooked")
    staffed.ok("--as", "C1", "stocktake", "submit", number)
    staffed.ok("--as", "H1", "stocktake", "approve", number)
    staffed.ok("--as", "C1", "stocktake", "close", number)
    staffed.ok("verify", "--replay")


def test_everybody_sees_what_waits_for_him_and_nothing_else(staffed: Register) -> None:
    one, other = staffed.register(), staffed.register(place="B1-101")
    number, blind = planned(staffed, "--place", "W1"), planned(staffed, "--place", "B1", "--blind")

    def tasks(person: str) -> list[str]:
        return [task["number"] for task in staffed.ok("--as", person, "stocktake", "tasks")]

    assert {person: sorted(tasks(person)) for person in ("K1", "H1", "C1", "nobody")} == {
        "K1": [number, blind], "H1": [], "C1": [], "nobody": [],
    }  # fmt: skip
    shown = {task["number"]: task for task in staffed.ok("--as", "K1", "stocktake", "tasks")}
    assert (shown[number]["listed"], "listed" in shown[blind]) == (1, False)
    count(staffed, number, one, "--place", "W1")
    for person in ("K1", "K2"):
        staffed.ok("--as", person, "stocktake", "finish", number)
    staffed.ok("--as", "C1", "stocktake", "submit", number)
    assert (tasks("K1"), tasks("H1")) == ([blind], [number])
    count(staffed, blind, other, "--place", "B1-101")
    assert "assetctl stocktake tasks" in staffed("--as", "H1", "doc", "tasks").out
    staffed.ok("--as", "H1", "stocktake", "approve", number)
    assert tasks("H1") == []
    assert "stocktake" not in staffed("--as", "H1", "doc", "tasks").out


def test_a_blind_count_shows_those_who_count_nothing_of_what_is_expected(
    staffed: Register, tmp_path: Path
) -> None:
    one, other = staffed.register("红木书柜"), staffed.register("红木书柜")
    number = planned(staffed, "--blind")
    file = recording(tmp_path / "reads.jsonl", [(bound(staffed, one), -50.0, None)])
    said = count(staffed, number, "--place", "W1", "--reader", f"replay:{file}")
    assert (said["counts"], "tags" in said, said["untagged"]) == ({"heard": 1}, False, None)
    for lang in ("zh", "en"):
        shown = staffed("--as", "K1", "stocktake", "status", number, "--differences", lang=lang)
        assert other not in shown.out.replace("-", "")
        assert "红木书柜" not in shown.out
    status = staffed.ok("--as", "K1", "stocktake", "status", number, "--differences")
    assert (status["places"], status["results"], status["differences"]) == ([], {}, [])
    finished = staffed.ok("--as", "K1", "stocktake", "finish", number)
    for told in (status["stocktake"], finished, staffed.ok("--as", "K1", "stocktake", "list")[0]):
        assert {"listed", "total", "away", "sheet"} & told.keys() == set()
    assert staffed.ok("--as", "C1", "stocktake", "status", number)["places"][0]["listed"] == 2


def test_what_has_no_identity_is_kept_with_its_photo_and_booked(
    staffed: Register, tmp_path: Path
) -> None:
    staffed.register()
    number = planned(staffed)
    photo = tmp_path / "柜子.jpg"
    photo.write_bytes(b"a photo")
    found = ("--found", "旧柜子", "--place", "W1")
    count(staffed, number, *found, "--photo", photo, "--quantity", "2")
    count(staffed, number, *staffed_items(staffed, number), "--place", "W1")
    for person in ("K1", "K2"):
        staffed.ok("--as", person, "stocktake", "finish", number)
    staffed.ok("--as", "C1", "stocktake", "recount", number)
    assert differences(staffed, number) == {"+1.1": ["off_book"]}
    count(staffed, number, "+1.1", *found, person="K2")
    explain = ("--as", "C1", "stocktake", "explain", number, "+1.1", "--reason", "never_booked")
    staffed.ok(*explain)
    refused = staffed("--as", "C1", "stocktake", "submit", number)
    assert refused.code == 5
    assert "needs class and value" in refused.err
    staffed.ok(*explain, "--class", "A05010301", "--value", "1.00", "--value-type", "nominal")
    staffed.ok("--as", "C1", "stocktake", "submit", number)
    staffed.ok("--as", "H1", "stocktake", "approve", number)
    closing = staffed.ok("--as", "C1", "stocktake", "close", number)["closing"]
    ((item, new),) = closing["registered"]
    (made,) = staffed.ok("show", new)
    assert (item, made["name"], made["card"]["value"]) == ("+1.1", "旧柜子", "1.00")
    assert made["card"]["acquired_by"] == "surplus"


def staffed_items(register: Register, number: str) -> list[str]:
    return [item for item in differences(register, number) if not item.startswith("+")]


@pytest.mark.parametrize(
    ("line", "code", "error"),
    [
        (("stocktake", "status", "PD-2020-0001"), 4, "stocktake.not_found"),
        (("stocktake", "plan", "--team", "A"), 3, "input.invalid"),
        (("stocktake", "plan", "--team", "A=K1", "--team", "B=K1"), 3, "input.invalid"),
        (("stocktake", "plan", "--team", "A=U1"), 3, "input.invalid"),
        (("stocktake", "plan", "--team", "A=K1", "--base", "2999-01-01"), 3, "input.invalid"),
        (("stocktake", "plan", "--team", "A=K1", "--purpose", "verification"), 3, "input.invalid"),
        (("stocktake", "plan", "--team", "A=K1", "--place", "B9"), 4, "place.not_found"),
        (("--as", "K1", "stocktake", "plan", "--team", "A=K1"), 5, "role.may_not"),
        (("stocktake", "count", "{n}", "--place", "W1"), 3, "input.invalid"),
        (("stocktake", "count", "{n}", "{a}"), 3, "input.invalid"),
        (("stocktake", "count", "{n}", "{a}", "--place", "W1"), 5, "stocktake.not_on_team"),
        (("--as", "K1", "stocktake", "count", "{n}", "{a}", "--place", "W1", "--tag", "x"), 3,
         "input.invalid"),
        (("--as", "K1", "stocktake", "count", "{n}", "+9.9", "--absent"), 3, "input.invalid"),
        (("stocktake", "finish", "{n}", "--team", "Z"), 3, "input.invalid"),
        (("stocktake", "recount", "{n}"), 5, "stocktake.unsettled"),
        (("stocktake", "explain", "{n}", "{a}", "--reason", "because"), 3, "input.invalid"),
        (("stocktake", "submit", "{n}"), 5, "stocktake.unsettled"),
        (("stocktake", "approve", "{n}"), 5, "stocktake.state"),
        (("stocktake", "close", "{n}"), 5, "stocktake.state"),
    ],
)  # fmt: skip
def test_what_is_refused_says_why_and_records_nothing(
    staffed: Register, line: tuple[str, ...], code: int, error: str
) -> None:
    asset = staffed.register()
    number = planned(staffed)
    before = staffed.ok("trace", f"stocktake:{number}")
    words = [word.format(n=number, a=asset) for word in line]
    as_ = () if words[0] == "--as" else ("--as", "C1")
    assert staffed.fails(code, *as_, *words)["code"] == error
    for lang in ("zh", "en"):
        assert staffed(*as_, *words, lang=lang).code == code
    assert staffed.ok("trace", f"stocktake:{number}") == before


def test_a_team_is_not_finished_while_something_waits_at_its_station(
    staffed: Register, tmp_path: Path
) -> None:
    asset = staffed.register()
    (shown,) = staffed.ok("show", asset)
    number = planned(staffed)
    lines = tmp_path / "lines.txt"
    lines.write_text(f"{shown['payload']}\n!commit\n", encoding="utf-8")
    away = ("--db", f"postgresql://postgres@/none?host={tmp_path}")
    answer = staffed("--as", "K1", *away, "stocktake", "count", number, "--place", "W1", "--from",
                     lines, "--json")  # fmt: skip
    assert (answer.code, answer.data["waiting"]) == (9, 1)
    error = staffed.fails(5, "--as", "K1", "stocktake", "finish", number)
    assert error["code"] == "stocktake.unsettled"
    assert staffed.ok("stocktake", "status", number)["results"] == {"missing": 1}
    staffed.ok("--as", "K1", "scan", "sync")
    staffed.ok("--as", "K1", "stocktake", "finish", number)
    assert staffed.ok("stocktake", "status", number)["results"] == {"matched": 1}
