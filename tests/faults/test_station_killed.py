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
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSETCTL_")}
        process = subprocess.run(
            [sys.executable, "-m", "tests.faults.station_victim", str(self.home), self.url,
             str(self._file(lines)), where, str(number)],
            cwd=ROOT, env=environment, capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        assert process.returncode == -9, process.stdout + process.stderr

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
