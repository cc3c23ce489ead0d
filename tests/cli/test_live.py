"""A camera at the desk: a film of a printed page is a whole session, from card to commit."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import cv2
import pypdfium2
import pytest
import zxingcpp

from assetctl.domain.commands import command_of
from assetctl.domain.identity import parse_payload
from labels import PRESETS, Label, sheet_pdf
from scanner import window as windows
from scanner.window import Key
from tests.conftest import Register
from tests.video import Film, Stop, film_page

ROOT = Path(__file__).parents[2]
SHEET = PRESETS["a4-65"]
COUNT = 40


def sweep(*, last: float) -> list[Stop]:
    """Move along every second row to and fro, resting twice, then to where the last command is."""
    stops: list[Stop] = []
    seconds = 0.0
    for number, row in enumerate((1, 3, 5, 7)):
        y = SHEET.y0 + (row + 0.5) * SHEET.dy
        for x in (60.0, 150.0) if number % 2 == 0 else (150.0, 60.0):
            yaw = 6 if x < 100 else -6
            stops.append(Stop(seconds=seconds, x=x, y=y, width=130, yaw=yaw))
            stops.append(Stop(seconds=seconds + 0.8, x=x, y=y, width=130, yaw=yaw))
            seconds += 1.4
    rest = {"x": 60.0, "y": last, "width": 130.0}
    return [*stops, Stop(seconds=seconds, **rest), Stop(seconds=seconds + 0.8, **rest)]


def commands(register: Register, folder: Path) -> dict[str, str]:
    out = folder / "wall.pdf"
    register.ok("label", "commands", "--out", out)
    found: dict[str, str] = {}
    for page in pypdfium2.PdfDocument(out.read_bytes()):
        for code in zxingcpp.read_barcodes(page.render(scale=200 / 72, grayscale=True).to_pil()):
            command = command_of(parse_payload(code.text).subject)
            assert command is not None
            found[command.name] = code.text
    return found


class Shelf:
    """A register with forty things, and their printed page."""

    def __init__(self, register: Register, folder: Path) -> None:
        self.register = register
        self.assets = [register.register(f"办公椅{number}") for number in range(COUNT)]
        shown = register.ok("show", *self.assets)
        card = register.ok("party", "card", "P1")["payload"]
        wall = commands(register, folder)
        texts = [wall["checkout"], card, *(asset["payload"] for asset in shown)]
        texts += [card] * (55 - len(texts)) + [wall["commit"]]
        labels = [Label(payload=text, code="") for text in texts]
        self.page = sheet_pdf(labels, preset="a4-65")

    def film(self, out: Path) -> Path:
        last = SHEET.y0 + 11.5 * SHEET.dy
        film_page(self.page, out, sweep(last=last), Film(), preset=SHEET)
        return out

    def holders(self) -> list[Any]:
        return [(one["state"], one["holder"]) for one in self.register.ok("show", *self.assets)]


@pytest.fixture
def shelf(register: Register, tmp_path: Path) -> Shelf:
    return Shelf(register, tmp_path)


def test_forty_things_are_lent_to_a_card_in_one_commit(shelf: Shelf, tmp_path: Path) -> None:
    film = shelf.film(tmp_path / "film.avi")
    report = shelf.register.ok("scan", "live", "--camera", film, "--silent", "--keep-frame")
    (commit,) = report["commits"]
    assert (commit["outcome"], len(commit["events"])) == ("landed", COUNT)
    assert report["basket"] == []
    assert len({event["request_id"] for event in commit["events"]}) == 1
    assert shelf.holders() == [("on_loan", "P1")] * COUNT
    frames = shelf.register.ok("show", shelf.assets[0])[0]["attachments"]
    assert [(one["role"], one["media_type"]) for one in frames] == [("scan", "image/jpeg")]
    assert shelf.register.ok("verify", "--replay")["entries"] > 2 * COUNT


def test_frames_of_a_commit_that_waits_are_attached_when_it_lands(
    shelf: Shelf, tmp_path: Path
) -> None:
    register = shelf.register
    film = shelf.film(tmp_path / "film.avi")
    command = ("scan", "live", "--camera", film, "--silent", "--keep-frame", "--to", "P1")
    away = ("--db", f"postgresql://postgres@/none?host={tmp_path}")
    answer = register(*command, "--mode", "checkout", *away, "--json")
    assert (answer.code, answer.data["waiting"]) == (9, 1)
    assert len(answer.data["commits"][0]["assets"]) == COUNT
    assert all(one["attachments"] == [] for one in register.ok("show", *shelf.assets))
    (landed,) = register.ok("scan", "sync")["landed"]
    assert (len(landed["events"]), len(landed["photos"]), landed["lost"]) == (COUNT, COUNT, [])
    for one in register.ok("show", *shelf.assets):
        (frame,) = one["attachments"]
        assert (frame["role"], frame["media_type"]) == ("scan", "image/jpeg")
        kept = register.home / "blobs" / frame["sha256"][:2] / frame["sha256"]
        assert hashlib.sha256(kept.read_bytes()).hexdigest() == frame["sha256"]
        picture: Any = cv2.imread(str(kept))
        assert picture.shape[:2] == (540, 960)
    assert register.ok("scan", "sync")["landed"] == []


class Screen:
    """A screen without a display, whose person strikes a key when a frame has been shown."""

    keys: ClassVar[list[Key | None]] = []

    def __init__(self, _title: str) -> None:
        self.shown = 0

    def show(self, picture: Any) -> Key | None:
        """Take a picture; return the next key."""
        if picture is None:
            return None
        self.shown += 1
        return self.keys.pop(0) if self.keys else None

    def close(self) -> None:
        """Nothing to close."""


def test_the_photo_key_keeps_what_the_camera_sees_of_the_thing_added_last(
    desk: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = desk.register("办公椅")
    page = sheet_pdf([Label(payload=desk.ok("show", asset)[0]["payload"], code="")], preset="a4-65")
    x, y = SHEET.x0 + SHEET.dx / 2, SHEET.y0 + SHEET.dy / 2
    still = [Stop(seconds=0, x=x, y=y, width=90), Stop(seconds=2.5, x=x, y=y, width=90)]
    film_page(page, tmp_path / "film.avi", still, Film(), preset=SHEET)
    keys: list[Key | None] = [*[None] * 20, Key.PHOTO, None, Key.PHOTO, Key.COMMIT, Key.PHOTO]
    monkeypatch.setattr(Screen, "keys", keys)
    monkeypatch.setattr(windows, "Window", Screen)
    answer = desk(
        "scan", "live", "--camera", tmp_path / "film.avi", "--silent", "--window", "--mode",
        "checkout", "--to", "P1",
    )  # fmt: skip
    assert answer.err.count("Photo kept") == 2
    assert answer.err.count("nothing in the basket to photograph") == 1
    shown = desk.ok("show", asset)[0]
    assert (shown["state"], shown["holder"]) == ("on_loan", "P1")
    assert [one["role"] for one in shown["attachments"]] == ["condition", "condition"]
    assert len({one["sha256"] for one in shown["attachments"]}) == 2
    assert "Photos attached: 2" in answer.out


VICTIM = """
import os, signal, sys
from assetctl.cli import desk
from assetctl.cli.app import main
take, seen = desk.Desk.take, []
def dying(self, text, arrival):
    take(self, text, arrival)
    seen.append(text)
    if len(self.book.session.items) >= 20:
        os.kill(os.getpid(), signal.SIGKILL)
desk.Desk.take = dying
raise SystemExit(main(sys.argv[1:]))
"""


def test_killed_halfway_and_resumed_nothing_is_lost_or_doubled(
    shelf: Shelf, tmp_path: Path
) -> None:
    register = shelf.register
    film = shelf.film(tmp_path / "film.avi")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSETCTL_")}
    place = ["--home", str(register.home), "--db", register.url, "--as", "admin", "--json"]
    command = ["scan", "live", "--camera", str(film), "--silent"]
    died = subprocess.run(
        [sys.executable, "-c", VICTIM, *place, *command],
        cwd=ROOT, env=environment, capture_output=True, check=False,
    )  # fmt: skip
    assert died.returncode == -9
    assert shelf.holders() == [("in_store", "U1")] * COUNT
    assert register.fails(6, *command)["code"] == "session.open"
    report = register.ok(*command, "--resume")
    (commit,) = report["commits"]
    assert sorted(event["subject"] for event in commit["events"]) == sorted(
        f"asset:{one}" for one in shelf.assets
    )
    assert shelf.holders() == [("on_loan", "P1")] * COUNT
