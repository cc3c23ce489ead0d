"""A thousand things are counted by three at once: one is killed on the way, one has no network."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from assetctl.acts.encoding import Encoded, bind_encoded
from assetctl.domain.epc.numbering import Numbering, number_of
from assetctl.domain.request import Stamp
from labels import Label, sheet_pdf
from scanner.llrp.emulator import EmulatedTag, Emulator
from tests.cli.test_live import SHEET, commands, sweep
from tests.conftest import Register
from tests.video import Film, film_page

ROOT = Path(__file__).parents[2]
RADIO, CAMERA, HAND = 600, 40, 360
PEOPLE = {
    "C1": "asset_clerk", "K1": "warehouse_keeper", "K2": "warehouse_keeper",
    "K3": "warehouse_keeper", "K4": "warehouse_keeper", "H1": "unit_head",
}  # fmt: skip


class Office:
    """A register with a thousand things in three rooms, and people who count them."""

    def __init__(
        self, register: Register, folder: Path, stamp: Callable[..., Stamp]
    ) -> None:  # fmt: skip
        self.register = register
        self.folder = folder
        self.stamp = stamp
        self.started: list[subprocess.Popen[str]] = []
        for code in PEOPLE:
            register.ok("party", "add", code, "--name", f"测试{code}", "--kind", "person",
                        "--unit", "U1")  # fmt: skip
        for code, role in PEOPLE.items():
            register.ok("role", "grant", code, role)
        register.ok("place", "add", "B1-102", "--name", "102室", "--parent", "B1", "--kind", "room")
        self.radio = self._bring("B1-101", RADIO)
        self.camera = self._bring("W1", CAMERA)
        self.hand = self._bring("B1-102", HAND)
        self.epcs = {one: number_of(one, Numbering()).epc for one in self.radio}
        self._bind()

    def as_(self, person: str, *arguments: str | Path) -> Any:
        return self.register.ok("--as", person, *arguments)

    def _bring(self, place: str, count: int) -> list[str]:
        rows = [f"{place}椅{number},A05010301,U1,{place},{place}-{number},100.00"
                for number in range(count)]  # fmt: skip
        file = self.folder / f"{place}.csv"
        text = "\n".join(["资产名称,资产分类代码,所属单位,存放地点,资产编号,原值", *rows])
        file.write_text(text, encoding="utf-8")
        self.as_("C1", "import", "assets", file)
        found = self.register.ok("find", "--place", place, "--limit", "1000")
        return [one["asset_id"] for one in found["items"]]

    def _bind(self) -> None:
        encoded = {one: Encoded(epc=epc, pc="3000", tid=f"E280{number:020X}")
                   for number, (one, epc) in enumerate(self.epcs.items())}  # fmt: skip
        with closing(self.register.store) as store, store.writing() as tx:
            bind_encoded(tx, encoded=encoded, stamp=self.stamp("C1"))

    def film(self, assets: Sequence[str]) -> Path:
        shown = self.register.ok("show", *assets)
        wall = commands(self.register, self.folder)
        texts = [one["payload"] for one in shown]
        texts += [texts[0]] * (55 - len(texts)) + [wall["commit"]]
        page = sheet_pdf([Label(payload=text, code="") for text in texts], preset="a4-65")
        out = self.folder / "film.avi"
        film_page(page, out, sweep(last=SHEET.y0 + 11.5 * SHEET.dy), Film(), preset=SHEET)
        return out

    def start(self, person: str, station: str, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start a command as a program of its own."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSETCTL_")}
        register = self.register
        started = subprocess.Popen(
            [sys.executable, "-m", "assetctl", "--home", str(register.home), "--db", register.url,
             "--as", person, "--station", station, "--json", *map(str, arguments)],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.started.append(started)
        return started

    def stop(self) -> None:
        """End what a failed test left running."""
        for one in self.started:
            one.kill()
            one.communicate()


@contextmanager
def reader(epcs: Sequence[str]) -> Iterator[str]:
    tags = [EmulatedTag(epc=epc, rssi=-55.0) for epc in epcs]
    with Emulator(tags, seed=7) as emulator:
        yield f"llrp://{emulator.host}:{emulator.port}"


def heard_lines(folder: Path) -> int:
    return sum(file.read_bytes().count(b"\n") for file in folder.glob("*.jsonl"))


def results(status: Any) -> dict[str, list[str]]:
    return {one["item"]: one["results"] for one in status["differences"]}


@pytest.fixture
def office(
    register: Register, tmp_path: Path, stamp: Callable[..., Stamp]
) -> Iterator[Office]:  # fmt: skip
    made = Office(register, tmp_path, stamp)
    yield made
    made.stop()


def test_nothing_counted_is_lost_and_nothing_counts_twice(office: Office, tmp_path: Path) -> None:
    register = office.register
    lost = [office.radio[3], office.radio[4], office.camera[-1], office.hand[5]]
    astray = office.hand[7]
    number = office.as_(
        "C1", "stocktake", "plan", "--owner", "U1", "--team", "A=K1,K4", "--team", "B=K2",
        "--team", "C=K3",
    )["number"]  # fmt: skip
    opened = office.as_("C1", "stocktake", "open", number)
    assert opened["listed"] == RADIO + CAMERA + HAND
    film = office.film([one for one in office.camera if one not in lost])
    away = f"postgresql://postgres@/none?host={tmp_path}"
    hand = tmp_path / "hand.txt"
    hand.write_text("\n".join(one for one in office.hand if one not in (*lost, astray)))
    present = [epc for one, epc in office.epcs.items() if one not in lost]
    count = ("stocktake", "count", number, "--place")
    with reader(present) as address:
        radio = office.start("K1", "gate", *count, "B1-101", "--reader", address, "--seconds", "60")
        camera = office.start("K2", "shelf", *count, "W1", "--camera", film, "--db", away)
        desk = office.start("K3", "desk", *count, "B1-102", f"@{hand}")
        sweeps = register.home / "sweeps"
        while heard_lines(sweeps) < 50:
            assert radio.poll() is None, radio.communicate()
            time.sleep(0.05)  # the machine decides how fast that goes
        radio.send_signal(signal.SIGKILL)
        radio.communicate()
        out, err = desk.communicate(timeout=300)
        assert desk.returncode == 0, err
        out, err = camera.communicate(timeout=300)
        assert camera.returncode == 9, err
        assert json.loads(out)["data"]["waiting"] == 1
        (spool,) = sweeps.glob("*.jsonl")
        landed = office.as_("K1", *count, "B1-101", "--reader", f"replay:{spool}")
        assert landed["counts"]["present"] >= 1
        # The same file again, and a sweep of the whole room: nothing counts twice.
        again = office.as_("K1", *count, "B1-101", "--reader", f"replay:{spool}")
        assert (again["repeated"], again["counts"]) == (True, landed["counts"])
        office.as_("K1", *count, "B1-101", "--reader", address, "--seconds", "3")
    synced = office.as_("K2", "--station", "shelf", "scan", "sync")["landed"]
    assert [len(one["conflicts"]) for one in synced] == [0]
    office.as_("K3", *count, "W1", astray)
    office.as_("K3", *count, "B1-102", office.hand[0])  # once more: it counts once
    status = office.as_("C1", "stocktake", "status", number, "--differences")
    assert results(status) == {one: ["missing"] for one in lost} | {astray: ["wrong_place"]}
    assert status["results"]["matched"] == RADIO + CAMERA + HAND - len(lost) - 1
    settle_and_seal(office, number, lost, astray)
    office.register.ok("verify", "--replay")


def settle_and_seal(office: Office, number: str, lost: list[str], astray: str) -> None:
    """Count again, explain, approve and close; then nothing can be added any more."""
    for person in ("K1", "K2", "K3"):
        office.as_(person, "stocktake", "finish", number)
    office.as_("C1", "stocktake", "recount", number)
    office.as_("K4", "stocktake", "count", number, *lost, "--absent")
    office.as_("K4", "stocktake", "count", number, astray, "--place", "W1")
    office.as_("C1", "stocktake", "explain", number, *lost, "--reason", "lost")
    office.as_("C1", "stocktake", "explain", number, astray, "--reason", "moved_unbooked")
    one = office.as_("C1", "stocktake", "submit", number)
    assert (one["waits_for"], one["difference"]) == (["unit_head@U1"], "500.00")
    office.register.fails(5, "--as", "K1", "stocktake", "approve", number)
    office.as_("H1", "stocktake", "approve", number)
    closed = office.as_("C1", "stocktake", "close", number)
    assert closed["closing"]["adjusted"] == {"report_missing": 4, "move": 1}
    for arguments in (
        ("count", number, office.hand[0], "--place", "B1-102"), ("submit", number),
        ("finish", number), ("cancel", number, "--reason", "无"), ("recount", number),
    ):  # fmt: skip
        error = office.register.fails(5, "--as", "C1", "stocktake", *arguments)
        assert error["code"] in ("stocktake.state", "stocktake.not_on_team")
    shown = office.register.ok("show", *lost, astray)
    assert [one["state"] for one in shown] == ["missing"] * 4 + ["in_store"]


@pytest.mark.parametrize("file", ["票,时间\n1,2\n", "EPC,RSSI\nE2801160,-60\nnonsense,-61\n"])
def test_a_list_of_nonsense_counts_for_nothing(desk: Register, tmp_path: Path, file: str) -> None:
    desk.ok("party", "add", "K1", "--name", "测试", "--kind", "person", "--unit", "U1")
    desk.register()
    number = desk.ok("--as", "K1", "stocktake", "plan", "--team", "A=K1")["number"]
    desk.ok("--as", "K1", "stocktake", "open", number)
    source = tmp_path / "reads.csv"
    source.write_text(file, encoding="gbk")
    answer = desk("--as", "K1", "stocktake", "count", number, "--place", "W1", "--reader",
                  f"list:{source}")  # fmt: skip
    assert answer.code in (3, 8)
    assert desk.ok("stocktake", "status", number)["stocktake"]["batch"] == 0
