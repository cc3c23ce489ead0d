"""export epcis: which entries, by what names, at what time; whole or not at all."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from assetctl.domain.epcis.mapping import OWN
from tests.conftest import Register
from tests.epcis import events_of, read

BASE = "https://assets.example.gov.cn/"


def test_a_loan_there_and_back(register: Register, tmp_path: Path) -> None:
    one = register.register()
    register.ok("checkout", one, "--to", "P2", "--doc", "借1", "--at", "2026-03-01 09:30:00.25")
    register.ok("checkin", one)
    out = tmp_path / "out.jsonld"
    answer = register.ok("export", "epcis", "--out", out, "--asset", one)
    events = events_of(out)
    assert answer == {"file": str(out), "entries": 3, "events": len(events)}
    assert [event["bizStep"] for event in events] == [
        "commissioning", "installing", "accepting", "accepting", "storing",
    ]  # fmt: skip
    lent = events[2]
    assert lent["epcList"] == [f"{BASE}A/{one}"]
    assert lent["eventTime"] == "2026-03-01T01:30:00.250Z", "when it happened"
    assert lent["recordTime"] > "2026-03-02", "when it was recorded"
    assert lent["eventTimeZoneOffset"] == "+08:00"
    assert lent["destinationList"] == [
        {"type": "possessing_party", "destination": f"{BASE}epcis/who/P2"}
    ]
    entries = {entry["leaf"]: entry["kind"] for entry in register.ok("trace", one)}
    assert {event[f"{OWN}:leaf"]: event[f"{OWN}:kind"] for event in events} == entries
    document = read(out)
    assert (document["type"], document["schemaVersion"]) == ("EPCISDocument", "2.0")
    assert document["sender"] == BASE


def test_the_same_entry_is_told_in_the_same_words_again(desk: Register, tmp_path: Path) -> None:
    one = desk.register()
    desk.ok("export", "epcis", "--out", tmp_path / "a", "--all")
    desk.ok("move", one, "--to", "B1-101")
    desk.ok("export", "epcis", "--out", tmp_path / "b", "--asset", one)
    first, second = events_of(tmp_path / "a"), events_of(tmp_path / "b")
    assert second[: len(first)] == first
    assert len(second) == len(first) + 1


def test_the_zone_is_that_of_the_time_and_place(
    desk: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = desk.register()
    for at in ("2026-01-15T12:00:00Z", "2026-07-15T12:00:00Z"):
        desk.ok("move", one, "--to", "B1-101", "--at", at)
        desk.ok("move", one, "--to", "W1", "--at", at)
    monkeypatch.setenv("ASSETCTL_TIMEZONE", "America/New_York")
    desk.ok("export", "epcis", "--out", tmp_path / "a", "--until", "2026-08-01", "--asset", one)
    offsets = [event["eventTimeZoneOffset"] for event in events_of(tmp_path / "a")]
    assert offsets == ["-05:00", "-05:00", "-04:00", "-04:00"]


def test_a_span_begins_and_ends_where_it_is_said(register: Register, tmp_path: Path) -> None:
    one, other = register.register(), register.register()
    for asset, day in ((one, "01"), (other, "02"), (one, "03")):
        to = "B1-101" if day != "03" else "W1"
        register.ok("move", asset, "--to", to, "--at", f"2026-03-{day} 08:00")
    out = tmp_path / "out"

    def days(*arguments: str) -> list[str]:
        register.ok("export", "epcis", "--out", out, *arguments)
        return sorted(e["eventTime"][8:10] for e in events_of(out) if e["bizStep"] == "storing")

    assert days("--since", "2026-03-02 08:00", "--until", "2026-03-03 08:00") == ["02"]
    assert days("--until", "2026-03-02") == ["01"]
    assert days("--asset", one, "--until", "2026-04-01") == ["01", "03"]
    assert days("--asset", one, "--asset", other, "--since", "2026-03-02") == ["02", "03"]
    assert days("--all") == ["01", "02", "03"]
    assert days("--since", "2030-01-01") == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "input.invalid"), (("--all", "--since", "2026-01-01"), "input.invalid"),
        (("--since", "soon"), "input.invalid"), (("--asset", "nothing"), "asset.not_found"),
        (("--all", "--epcis-uri", "ftp://x/"), "config.invalid"),
        (("--all", "--epcis-uri", "https://x.cn/no-slash"), "config.invalid"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_leaves_no_file(
    desk: Register, tmp_path: Path, arguments: tuple[str, ...], code: str
) -> None:
    out = tmp_path / "out"
    exits = 4 if code == "asset.not_found" else 3
    assert desk.fails(exits, "export", "epcis", "--out", out, *arguments)["code"] == code
    assert not list(tmp_path.glob("*out*"))


def test_a_file_that_cannot_be_written_is_said_and_the_old_one_stays(
    desk: Register, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.write_text("old", encoding="utf-8")
    desk.ok("export", "epcis", "--out", out, "--all", "--dry-run")
    assert out.read_text(encoding="utf-8") == "old"
    error = desk.fails(8, "export", "epcis", "--out", tmp_path / "no" / "x", "--all")
    assert error["code"] == "store.unavailable"
    assert sorted(path.name for path in tmp_path.glob(".*")) == []


def test_links_and_devices_stay_what_they_are(desk: Register, tmp_path: Path) -> None:
    desk.register()
    file, link = tmp_path / "file", tmp_path / "link"
    link.symlink_to(file)
    desk.ok("export", "epcis", "--out", link, "--all")
    assert link.is_symlink()
    assert len(events_of(file)) == 2
    desk.ok("export", "epcis", "--out", "/dev/null", "--all")
    assert not Path("/dev/null").is_file()
    assert desk.fails(8, "export", "epcis", "--out", tmp_path, "--all")["details"]


def test_settings_name_things(
    desk: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = desk.register()
    out = tmp_path / "out"
    desk.ok("export", "epcis", "--out", out, "--all", "--epcis-uri", "https://x.cn/a/")
    assert f"https://x.cn/a/A/{one}" in events_of(out)[0]["epcList"]
    monkeypatch.setenv("ASSETCTL_EPCIS_URI", "https://y.cn/")
    desk.ok("export", "epcis", "--out", out, "--all")
    assert read(out)["@context"][1] == {OWN: "https://y.cn/epcis/voc/"}
    monkeypatch.setenv("ASSETCTL_GS1_PREFIX", "690123456")
    desk.ok("export", "epcis", "--out", out, "--all")
    first = events_of(out)[0]
    assert first["epcList"] == [f"https://id.gs1.org/8004/690123456{one}"]
    assert first["bizLocation"] == {"id": "https://id.gs1.org/414/6901234560008/254/W1"}


@pytest.mark.parametrize("digits", ["12345", "1234567890123", "69012x", "６９０１２３", "-690123"])
def test_a_prefix_that_is_none_is_refused(
    desk: Register, monkeypatch: pytest.MonkeyPatch, digits: str
) -> None:
    monkeypatch.setenv("ASSETCTL_GS1_PREFIX", digits)
    assert desk.fails(3, "find")["code"] == "config.invalid"


def test_a_long_history_takes_no_more_memory(desk: Register, tmp_path: Path) -> None:
    rows = "\n".join(f"椅{number},A05010201,U1,W1,{number:06d}" for number in range(6000))
    listed = tmp_path / "assets.csv"
    listed.write_text(f"name,class,owner,place,card_no\n{rows}\n", encoding="utf-8")
    desk.ok("import", "classes", _classes(tmp_path))
    desk.ok("import", "assets", listed)
    out = tmp_path / "out"
    tracemalloc.start()
    try:
        answer = desk.ok("export", "epcis", "--out", out, "--all")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer["events"] == 12_000
    assert peak < out.stat().st_size / 2


def _classes(folder: Path) -> Path:
    file = folder / "classes.csv"
    file.write_text("code,name\nA05010201,办公桌\n", encoding="utf-8")
    return file


def test_it_is_json_line_by_line(desk: Register, tmp_path: Path) -> None:
    desk.register()
    out = tmp_path / "out"
    desk.ok("export", "epcis", "--out", out, "--all")
    first, *events, last = out.read_text(encoding="utf-8").splitlines()
    assert first.endswith('"eventList": [')
    assert last == "]}}"
    assert [json.loads(line.rstrip(","))["type"] for line in events] == [
        "ObjectEvent", "AssociationEvent",
    ]  # fmt: skip
