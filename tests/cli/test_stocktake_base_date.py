"""From the books of the base day to the frozen list: what joined, left and was revalued between."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assetctl.cli import clock
from tests.conftest import Register
from tests.unit.labels.paper import words


class Calendar:
    """A clock that stands where a test puts it, in the time of the office (UTC+8)."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def set(self, local: str) -> None:
        self.now = datetime.fromisoformat(local).replace(tzinfo=UTC) - timedelta(hours=8)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    calendar = Calendar()
    monkeypatch.setattr(clock, "now", calendar)
    return calendar


@pytest.fixture
def county(calendar: Calendar, register: Register) -> dict[str, str]:
    """A register that lived on between its base day, 5 March, and the counting on 7 March."""
    calendar.set("2026-03-02 10:00")
    things = {
        "computer": register.register(value="5000.00"),
        "lent": register.register("便携式计算机", value="300.00"),
        "moved": register.register("会议桌", value="100.00", place="B1-101"),
        "left alone": register.register("会议桌", value="40.00", place="B1-101"),
    }
    calendar.set("2026-03-05 23:59")
    things["last of the day"] = register.register("投影机", value="900.00")
    calendar.set("2026-03-06 00:01")
    things["first of the next"] = register.register("投影机", value="700.00")
    register.ok("--at", "2026-03-04 09:00", "register", "--name", "碎纸机", "--class", "A02010105",
            "--owner", "U1", "--place", "W1", "--value", "50.00")  # fmt: skip
    register.ok("move", things["moved"], "--to", "W1")
    register.ok(
        "checkout", things["lent"], "--to", "P2", "--due", "2026-12-31", "--doc", "借〔2026〕3号"
    )
    register.ok("correct", things["computer"], "--set", "value=5200.00", "--doc", "更〔2026〕1号")
    calendar.set("2026-03-07 09:00")
    return things


def counted_from(register: Register, *more: str) -> str:
    planned = register.ok(
        "--as", "P1", "stocktake", "plan", "--place", "W1", "--team", "A=P1", *more
    )
    register.ok("--as", "P1", "stocktake", "open", planned["number"])
    return str(planned["number"])


def report(register: Register, number: str, folder: Path, *more: str) -> Any:
    out = folder / "report.json"
    register.ok("stocktake", "report", number, "--out", out, *more)
    return json.loads(out.read_text(encoding="utf-8"))


def test_opening_and_changes_make_the_list(
    register: Register, calendar: Calendar, county: dict[str, str], tmp_path: Path
) -> None:
    number = counted_from(register, "--base", "2026-03-05")
    data = report(register, number, tmp_path)
    assert data["base"] == {
        "until": "2026-03-05T15:59:59.999999Z",
        "opening": {"count": 4, "value": "6250.00"},
        "joined": {"count": 2, "value": "800.00"},
        "left": {"count": 1, "value": "300.00"},
        "revalued": "200.00",
        "listed": {"count": 5, "value": "6950.00"},
        "changed": [],
    }
    changed = {one["asset_id"]: one for one in data["forms"]["base"]}
    assert {one: told["change"] for one, told in changed.items()} == {
        county["computer"]: "revalued", county["lent"]: "left", county["moved"]: "joined",
        county["first of the next"]: "joined",
    }  # fmt: skip
    moved, lent = changed[county["moved"]], changed[county["lent"]]
    assert (moved["before"]["place"], moved["after"]["place"]) == ("B1-101", "W1")
    assert (moved["kind"], moved["at"][:13]) == ("asset.moved", "2026-03-05T16")
    assert (lent["after"]["holder"], lent["doc"]) == ("P2", "借〔2026〕3号")
    assert changed[county["first of the next"]]["before"] is None
    # What is dated back after the freezing changes neither the list nor the books of its base day.
    calendar.set("2026-03-08 09:00")
    register.ok("--at", "2026-03-04 09:00", "register", "--name", "打印机", "--class", "A02010105",
            "--owner", "U1", "--place", "W1", "--value", "999.00")  # fmt: skip
    register.ok("--as", "P1", "stocktake", "count", number, county["moved"], "--place", "W1")
    again = report(register, number, tmp_path)
    assert (again["base"], again["forms"]["base"]) == (data["base"], data["forms"]["base"])


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ("基准日账面", "4 件，原值 6,250.00 元", "其后增加", "其后减少", "未入账", "增加")),
        ("en", ("On the books on the base date", "4 things worth 6,250.00 yuan", "Left since")),
    ],
)
@pytest.mark.usefixtures("county")
def test_every_form_says_what_led_to_its_list(
    register: Register, tmp_path: Path, lang: str, said: tuple[str, ...]
) -> None:
    number = counted_from(register, "--base", "2026-03-05")
    out = tmp_path / "report.pdf"
    for form in ("sheet", "base"):
        register.ok("stocktake", "report", number, "--out", out, "--form", form, "--lang", lang)
        text = re.sub(r"\s+", " ", "".join(words(out.read_bytes())))
        for one in said if form == "base" else said[:3]:
            assert one in text or one.replace(" ", "") in text.replace(" ", "")


@pytest.mark.usefixtures("county")
def test_a_list_of_its_base_day_needs_no_bridge(register: Register, tmp_path: Path) -> None:
    number = counted_from(register)
    data = report(register, number, tmp_path)
    assert data["base"] is None
    assert "base" not in data["forms"]
    assert report(register, number, tmp_path, "--form", "base")["forms"] == {"base": []}
    out = tmp_path / "report.pdf"
    register.ok("stocktake", "report", number, "--out", out, "--form", "base", "--lang", "en")
    assert "frozen on its base date" in re.sub(r"\s+", " ", "".join(words(out.read_bytes())))
