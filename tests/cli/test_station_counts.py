"""A count from end to end: what was seen is recorded, what the register says otherwise is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from assetctl.cli.moments import Start
from assetctl.i18n import LANGUAGES
from tests.cli.test_station import _run, payload, sit, talk, told
from tests.cli.test_station_offline import away as away
from tests.cli.test_station_tags import command, place_tag
from tests.conftest import Register


def kinds(register: Register, asset: str) -> list[str]:
    return [entry["kind"] for entry in register.ok("trace", asset)]


def test_a_count_is_recorded_moves_nothing_and_is_not_taken_back(register: Register) -> None:
    assets = [register.register() for _ in range(3)]
    before = register.ok("show", *assets)
    lines = ["!count", "W1", *(payload(register, one) for one in assets), "!commit", "!undo"]
    report = sit(register, lines, "--doc", "盘1号")
    (done,) = report["commits"]
    assert (done["act"], done["assets"], done["astray"]) == ("count", assets, [])
    assert Counter(event["kind"] for event in done["events"]) == {"asset.counted": 3}
    assert {event["data"]["place"] for event in done["events"]} == {"W1"}
    assert (told(report)[-2:], report["told"][-1]["reason"]) == (
        ["landed", "refused"], "session.cannot_undo",
    )  # fmt: skip
    after = register.ok("show", *assets)
    for was, now, event in zip(before, after, done["events"], strict=True):
        counted = {"counted_at": event["at"], "counted_place": "W1"}
        assert now == was | counted
    assert register.ok("trace", assets[0])[-1]["doc"] == "盘1号"
    assert register.ok("verify", "--replay")["replayed"]


@pytest.mark.parametrize("by_tags", [True, False], ids=["tags", "typed"])
def test_quantities_from_the_command_sheet_or_typed(register: Register, by_tags: bool) -> None:
    chairs, desks, lamp = (
        register.register(name, set="quantity=30") for name in ("椅", "桌", "灯")
    )
    if by_tags:
        twenty, five, ten = (command(register, f"quantity.{one}") for one in (20, 5, 10))
        count, commit, poor = (command(register, one) for one in
                               ("count", "commit", "condition.poor"))  # fmt: skip
        shelf = place_tag(register, "W1")
    else:
        twenty, five, ten = "!quantity 20", "!QUANTITY  5", "!quantity.10"
        count, commit, poor, shelf = "!count", "!commit", "!condition poor", "W1"
    tags = [payload(register, one) for one in (chairs, desks, lamp)]
    report = sit(
        register,
        [count, shelf, twenty, five, tags[0], tags[1], ten, poor, tags[1], tags[2], commit],
        code=9,
    )
    (done,) = report["commits"]
    by_asset = {event["subject"][6:]: event["data"] for event in done["events"]}
    assert {one: data["quantity"] for one, data in by_asset.items()} == {
        chairs: 25, desks: 10, lamp: 1,
    }  # fmt: skip
    assert {one: data.get("condition") for one, data in by_asset.items()} == {
        chairs: None, desks: "poor", lamp: None,
    }  # fmt: skip
    assert [one["quantity"] for one in report["told"] if one["code"] == "quantity"] == [20, 25, 10]
    short = {one["asset_id"]: (one["quantity"], one["counted_quantity"]) for one in done["astray"]}
    assert short == {chairs: (30, 25), desks: (30, 10), lamp: (30, 1)}
    assert all(one["differs"] == ["quantity"] for one in done["astray"])
    assert register.ok("verify", "--replay")["replayed"]


@pytest.mark.parametrize("mode", ["show", "checkout", "checkin", "move"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_elsewhere_a_quantity_is_refused_and_says_where_it_counts(
    desk: Register, mode: str, lang: str
) -> None:
    answer = talk(desk, ["!quantity 5", command(desk, "quantity.50")], "--mode", mode, lang=lang)
    assert answer.code == 0
    assert answer.err.count("!count") == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_receipt_names_what_stands_elsewhere_by_the_registers_account(
    desk: Register, tmp_path: Path, lang: str
) -> None:
    here, away_, lent, lost = (desk.register(name) for name in ("在位", "移走", "借出", "失踪"))
    desk.ok("move", away_, "--to", "B1-101")
    desk.ok("checkout", lent, "--to", "P2")
    desk.ok("missing", lost)
    paper = tmp_path / "receipt.txt"
    tags = [payload(desk, one) for one in (here, away_, lent, lost)]
    lines = ["!count", "W1-Z1", *tags, "!commit"]
    answer = talk(desk, lines, "--receipt", paper, lang=lang)
    assert answer.code == 9
    text = paper.read_text(encoding="utf-8")
    counted, _, astray = text.partition({"en": "Otherwise", "zh": "与台账不符"}[lang])
    assert all(name in counted for name in ("在位", "移走", "借出", "失踪"))
    assert "在位" not in astray
    assert [line.split(" ")[-4:][-1] for line in astray.splitlines() if "移走" in line] == [
        "B1-101"
    ]
    assert all(word in astray for word in ("移走", "P2", {"en": "missing", "zh": "盘亏"}[lang]))
    said = {"en": "The register has it otherwise", "zh": "账实不符"}[lang]
    assert answer.err.count(said) == 3
    shown = desk("show", here, lang=lang)
    assert {"en": "Last counted", "zh": "最近清点"}[lang] in shown.out
    traced = desk("trace", here, lang=lang)
    assert {"en": "counted", "zh": "清点"}[lang] in traced.out


def test_a_shelf_is_committed_before_the_next(desk: Register) -> None:
    one, two = desk.register(), desk.register(place="W1-Z1")
    report = sit(
        desk,
        ["!count", "W1", payload(desk, one), "W1-Z1", "!commit", "W1-Z1", payload(desk, two),
         "!commit"],
    )  # fmt: skip
    refused = [each["reason"] for each in report["told"] if each["code"] == "refused"]
    assert refused == ["session.counted_elsewhere"]
    assert [done["place"] for done in report["commits"]] == ["W1", "W1-Z1"]
    assert desk.ok("show", one)[0]["counted_place"] == "W1"


# --- the register away -------------------------------------------------------------------------


def test_a_count_made_offline_lands_with_its_own_time(
    register: Register, away: tuple[str, str]
) -> None:
    many, gone = register.register("椅", set="quantity=30"), register.register("灯")
    lines = ["!count", "!place W1", "!quantity 28", payload(register, many),
             payload(register, gone), "!commit"]  # fmt: skip
    report = sit(register, lines, *away, code=9)
    assert report["commits"][0]["outcome"] == "queued"
    answer = register("scan", "sync", "--json")
    assert answer.code == 9
    (landed,) = answer.data["landed"]
    assert [event["kind"] for event in landed["events"]] == ["asset.counted"] * 2
    assert [one["asset_id"] for one in landed["astray"]] == [many]
    assert answer.data["conflicts"] == []
    entry = register.ok("trace", many)[-1]
    assert entry["at"] < entry["recorded_at"]
    assert entry["data"]["quantity"] == 28
    assert register.ok("show", many)[0]["counted_at"] == entry["at"]
    assert register.ok("scan", "sync")["landed"] == []
    assert register.ok("verify", "--replay")["replayed"]


def test_a_count_never_contradicts_what_others_did_meanwhile(
    register: Register, away: tuple[str, str]
) -> None:
    moved, lent, lost, same = (register.register() for _ in range(4))
    tags = [payload(register, one) for one in (moved, lent, lost, same)]
    sit(register, ["!count", "!place W1", *tags, "!commit"], *away, code=9)
    register.ok("move", moved, "--to", "B1")
    register.ok("checkout", lent, "--to", "P2")
    register.ok("missing", lost)
    (landed,) = register.ok("scan", "sync")["landed"]
    assert len(landed["events"]) == 4
    # All four stood in W1 when they were counted; what came after is not held against them.
    assert (landed["conflicts"], landed["astray"]) == ([], [])
    assert register.ok("show", moved)[0]["place"] == "B1"


def test_what_waits_is_not_overtaken_by_somebody_elses_count_or_photo(
    register: Register, away: tuple[str, str], tmp_path: Path
) -> None:
    asset = register.register()
    tag = payload(register, asset)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff photo")
    lines = ["!checkout", tag, "!to P1", "!commit", "!checkin", tag, "!place W1-Z1", "!commit"]
    report = sit(register, lines, *away, code=9)
    assert report["waiting"] == 2
    other = ("--station", "other")
    sit(register, ["!count", "W1", tag, "!commit"], *other)
    register.ok("attach", asset, photo, *other)
    answer = register.ok("scan", "sync")
    assert answer["conflicts"] == []
    assert kinds(register, asset)[-2:] == ["asset.checked_out", "asset.checked_in"]


def test_a_count_of_a_thing_in_conflict_lands_and_taints_nothing(
    register: Register, away: tuple[str, str]
) -> None:
    asset, other = register.register(), register.register()
    tag, second = payload(register, asset), payload(register, other)
    lines = [
        "!count", "!place NOWHERE", second, "!commit",
        "!checkout", tag, "!to P1", "!commit", "!count", "!place W1", tag, "!commit",
        "!checkout", second, "!to P1", "!commit",
    ]  # fmt: skip
    sit(register, lines, *away, code=9)
    register.ok("missing", asset)
    answer = register("scan", "sync", "--json")
    assert answer.code == 9
    found = {(one["act"], one["asset_id"]): one["code"] for one in answer.data["conflicts"]}
    # A count at a place that does not exist is in nobody's way; one after a conflict neither.
    assert found == {
        ("count", other): "place.not_found", ("check_out", asset): "custody.someone_first",
    }  # fmt: skip
    assert kinds(register, asset)[-1] == "asset.counted"
    assert register.ok("show", other)[0]["holder"] == "P1"


def test_a_commit_can_be_taken_back_though_somebody_has_counted_or_photographed_since(
    register: Register, tmp_path: Path
) -> None:
    asset = register.register()
    tag = payload(register, asset)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff photo")

    def lines() -> Iterator[str]:
        yield from ("!move", "W1-Z1", tag, "!commit")
        sit(register, ["!count", "W1", tag, "!commit"], "--station", "other")
        register.ok("attach", asset, photo)
        yield "!undo"

    report = _run(register, lines(), Start())
    assert [done.outcome for done in report.done] == ["landed", "landed"]
    assert kinds(register, asset) == [
        "asset.registered", "asset.moved", "asset.counted", "asset.attached", "asset.moved",
    ]  # fmt: skip
    assert register.ok("show", asset)[0]["place"] == "W1"
