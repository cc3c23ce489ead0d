"""kill -9 at any moment of a session: nothing confirmed is lost, nothing lands twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.faults.tampering import done, drive

ROOT = Path(__file__).parents[2]


class Desk:
    """A register and a station whose sessions are killed."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self.url = url
        self.done("init")
        self.done("party", "add", "U1", "--name", "甲单位", "--kind", "unit")
        self.done("party", "add", "P1", "--name", "测试甲", "--kind", "person", "--unit", "U1")
        self.done("place", "add", "W1", "--name", "一号仓")
        self.assets = [
            self.done("register", "--name", "台式计算机", "--class", "A02010105", "--owner", "U1",
                      "--place", "W1")["asset_id"]
            for _ in range(3)
        ]  # fmt: skip
        self.tags = [one["payload"] for one in self.done("show", *self.assets)]

    def done(self, *arguments: str | Path) -> Any:
        """Run a command that must succeed."""
        return done(self.home, self.url, *arguments)

    def killed(self, lines: Sequence[str], where: str, number: int = 0) -> None:
        """Hold a session that is killed."""
        assert self.driven(lines, where, number) == -9

    def driven(self, lines: Sequence[str], where: str, number: int = 0) -> int:
        """Hold a session that may be killed; return the exit code of the program."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSETCTL_")}
        process = subprocess.run(
            [sys.executable, "-m", "tests.faults.station_victim", str(self.home), self.url,
             str(self._file(lines)), where, str(number)],
            cwd=ROOT, env=environment, capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        assert process.returncode in (-9, 0, 9), process.stdout + process.stderr
        return process.returncode

    def sit(self, lines: Sequence[str], *more: str) -> Any:
        """Hold a session that ends; return its payload."""
        file = str(self._file(lines))
        code, answer = drive(self.home, self.url, "scan", "session", "--from", file, *more)
        assert code in (0, 9), answer
        return answer["data"]

    def loans(self) -> int:
        """Return how often things were lent; each thing at most once."""
        kinds = [entry["kind"] for entry in self.done("trace", *self.assets)]
        return kinds.count("asset.checked_out")

    def _file(self, lines: Sequence[str]) -> Path:
        file = self.home.parent / "lines.txt"
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return file


@pytest.fixture
def desk(url: str, tmp_path: Path) -> Desk:
    return Desk(tmp_path / "home", url)


def test_the_basket_survives_whatever_line_it_is_killed_at(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home", f"sqlite:///{tmp_path / 'register.db'}")
    lines = ["!checkout", *desk.tags, "!to P1"]
    # Line 1 begins the session and line 2 is the mode; 3 to 5 are things, 6 is the borrower.
    for where in ("written", "writing"):
        for number in (3, 5, 6):
            desk.killed(lines, where, number)
            report = desk.sit([], "--resume")
            kept = number if where == "written" else number - 1
            things = desk.assets[: min(3, kept - 2)]
            assert [one["asset_id"] for one in report["basket"]] == things
            assert report["borrower"] == ("P1" if kept == 6 else None)
            assert report["torn"] == (where == "writing")
            desk.sit(["!cancel"], "--discard")
    assert desk.loans() == 0


@pytest.mark.parametrize("where", ["written", "begun", "landed"])
def test_a_commit_that_was_confirmed_lands_once(desk: Desk, where: str) -> None:
    # Line 7 of the journal is the commit: the clerk has confirmed, nobody has heard of it.
    desk.killed(["!checkout", *desk.tags, "!to P1", "!commit"], where, 7)
    assert desk.loans() == (3 if where == "landed" else 0)
    report = desk.sit([])
    (landed,) = report["commits"]
    assert (landed["outcome"], landed["assets"]) == ("landed", desk.assets)
    assert landed["repeated"] == (where == "landed")
    assert (report["basket"], desk.loans()) == ([], 3)
    assert desk.sit([])["commits"] == []
    assert desk.loans() == 3
    assert desk.done("verify", "--replay")["replayed"]


def test_a_commit_whose_line_was_torn_was_never_confirmed(desk: Desk) -> None:
    desk.killed(["!checkout", *desk.tags, "!to P1", "!commit"], "writing", 7)
    report = desk.sit([], "--resume")
    assert (len(report["basket"]), report["commits"], desk.loans()) == (3, [], 0)
    report = desk.sit(["!commit"], "--resume")
    assert (report["commits"][0]["outcome"], desk.loans()) == ("landed", 3)


@pytest.mark.parametrize("where", ["begun", "landed"])
def test_a_commit_that_was_interrupted_lands_by_sync_too(desk: Desk, where: str) -> None:
    desk.killed(["!checkout", *desk.tags, "!to P1", "!commit"], where)
    (landed,) = desk.done("scan", "sync")["landed"]
    assert (len(landed["events"]), landed["repeated"]) == (3, where == "landed")
    assert desk.loans() == 3
    assert desk.done("scan", "sync")["landed"] == []


def test_a_commit_that_somebody_overtook_while_the_desk_lay_dead_is_not_forced(desk: Desk) -> None:
    desk.killed(["!checkout", *desk.tags, "!to P1", "!commit"], "begun")
    desk.done("missing", desk.assets[1])
    code, answer = drive(desk.home, desk.url, "scan", "session", "--from", "/dev/null")
    assert (code, answer["error"]["code"]) == (6, "session.open")
    assert desk.loans() == 0
    report = desk.sit(["!commit"], "--resume")
    (landed,) = report["commits"]
    assert landed["assets"] == [desk.assets[0], desk.assets[2]]
    assert [one["asset_id"] for one in landed["left_out"]] == [desk.assets[1]]
    assert desk.loans() == 2


@pytest.mark.parametrize("number", range(1, 6))
def test_landing_what_waited_may_be_killed_at_any_line_of_the_journal(
    tmp_path: Path, number: int
) -> None:
    desk = Desk(tmp_path / "home", f"sqlite:///{tmp_path / 'register.db'}")
    lines = ["!checkout", *desk.tags, "!to P1", "!commit", "!checkin", desk.tags[0], "!commit"]
    report = desk.sit(lines, "--db", f"postgresql://postgres@/none?host={tmp_path}")
    assert report["waiting"] == 2
    desk.done("missing", desk.assets[2])
    # The lines are: a session begins, the basket is split, a conflict, and two have landed.
    desk.killed([], "written", number)
    _, answer = drive(desk.home, desk.url, "scan", "sync")
    assert [one["asset_id"] for one in answer["data"]["conflicts"]] == [desk.assets[2]]
    kinds = [entry["kind"] for entry in desk.done("trace", desk.assets[0])]
    assert kinds == ["asset.registered", "asset.checked_out", "asset.checked_in"]
    assert desk.loans() == 2
    assert desk.done("verify", "--replay")["replayed"]


# --- photos ------------------------------------------------------------------------------------


def photos(desk: Desk) -> list[list[str]]:
    """Return the roles of what is attached to each thing."""
    shown = desk.done("show", *desk.assets)
    return [[file["role"] for file in one["attachments"]] for one in shown]


@pytest.mark.parametrize(("where", "number"), [("written", 9), ("begun", 0), ("landed", 0)])
@pytest.mark.parametrize("then", ["session", "sync"])
def test_photos_are_attached_once_with_a_commit_that_was_interrupted(
    desk: Desk, where: str, number: int, then: str
) -> None:
    # Lines 3 to 6 are two things and their photos, then a third thing; 8 is the borrower.
    lines = ["!checkout", desk.tags[0], f"@{desk.assets[0]}", desk.tags[1], f"@{desk.assets[1]}",
             desk.tags[2], "!to P1", "!commit"]  # fmt: skip
    desk.killed(lines, where, number)
    both = [["condition"], ["condition"], []]
    assert photos(desk) == (both if where == "landed" else [[], [], []])
    for _ in range(2):
        if then == "session":
            desk.sit([])
        else:
            desk.done("scan", "sync")
        assert (photos(desk), desk.loans()) == (both, 3)
    kinds = [entry["kind"] for entry in desk.done("trace", desk.assets[0])]
    assert kinds == ["asset.registered", "asset.checked_out", "asset.attached"]
    assert desk.done("verify", "--replay")["replayed"]


@pytest.mark.parametrize("number", [4, 5])
def test_a_photo_survives_with_its_basket_once_its_line_is_written(
    tmp_path: Path, number: int
) -> None:
    desk = Desk(tmp_path / "home", f"sqlite:///{tmp_path / 'register.db'}")
    lines = ["!checkout", desk.tags[0], f"@{desk.assets[0]}", "!to P1"]
    desk.killed(lines, "written" if number == 5 else "writing", 4)
    report = desk.sit(["!to P1", "!commit"], "--resume")
    assert report["commits"][0]["outcome"] == "landed"
    assert photos(desk)[0] == (["condition"] if number == 5 else [])
    assert len(report["commits"][0]["photos"]) == (1 if number == 5 else 0)


# --- from one file of the journal to the next --------------------------------------------------


def test_rolling_over_may_be_killed_before_anything_it_asks_of_the_disk(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home", f"sqlite:///{tmp_path / 'register.db'}")
    away = ("--db", f"postgresql://postgres@/none?host={tmp_path}")
    desk.sit(["!checkout", *desk.tags, "!to P1", "!commit"], *away)
    desk.done("missing", desk.assets[2])
    drive(desk.home, desk.url, "scan", "sync")
    desk.sit(["!checkin", desk.tags[0], "!commit", "!move", "!place W1", desk.tags[1]], *away)

    def state() -> tuple[object, ...]:
        _, answer = drive(desk.home, desk.url, "scan", "sync", "--dry-run")
        data = answer["data"]
        return [one["request_id"] for one in data["waiting"]], data["conflicts"]

    before = state()
    assert (len(before[0]), len(before[1])) == (1, 1)  # type: ignore[arg-type]
    journals = desk.home / "station"
    made, number, killed = set(), 0, True
    while killed:
        number += 1
        count = len(list(journals.glob("desk.*.journal")))
        killed = desk.driven([], "rolling", number) == -9
        assert state() == before
        made.add(len(list(journals.glob("desk.*.journal"))) - count)
    assert number > 10
    assert made == {0, 1}
    _, answer = drive(desk.home, desk.url, "scan", "sync")
    assert [len(one["events"]) for one in answer["data"]["landed"]] == [1]
    assert len(answer["data"]["conflicts"]) == 1
    report = desk.sit(["!commit"], "--resume")
    (moved,) = report["commits"]
    assert (moved["outcome"], moved["assets"], moved["place"]) == ("landed", desk.assets[1:2], "W1")
    assert desk.done("verify", "--replay")["replayed"]
