"""--photo at a hand-over: the picture and the act are recorded together, or neither."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from assetctl.i18n import LANGUAGES
from tests.conftest import Register


def picture(folder: Path, name: str = "photo.jpg", shade: int = 0) -> Path:
    path = folder / name
    Image.new("RGB", (8, 8), (shade, 0, 0)).save(path)
    return path


def files(register: Register) -> set[str]:
    blobs = register.home / "blobs"
    return {one.name for one in blobs.rglob("*") if one.is_file()} if blobs.exists() else set()


def shown(register: Register, asset: str) -> list[tuple[str, str, str]]:
    found = register.ok("show", asset)[0]["attachments"]
    return [(one["role"], one["media_type"], one["sha256"]) for one in found]


def line_of(verb: str, assets: list[str]) -> list[str | Path]:
    more = {"checkout": ["--to", "P1"], "checkin": [], "receive": ["--place", "W1"],
            "move": ["--to", "B1-101"]}  # fmt: skip
    return [verb, *assets, *more[verb]]


def ready(register: Register, verb: str, count: int = 2) -> list[str]:
    """Register assets and bring them to where the verb can be used."""
    assets = [register.register() for _ in range(count)]
    if verb == "checkin":
        register.ok("checkout", *assets, "--to", "P2")
    if verb == "receive":
        register.ok("send", *assets, "--to", "U2")
    return assets


VERBS = ["checkout", "checkin", "receive", "move"]


@pytest.mark.parametrize("verb", VERBS)
def test_each_asset_gets_each_photo_with_the_act(
    register: Register, tmp_path: Path, verb: str
) -> None:
    assets = ready(register, verb)
    one, two = picture(tmp_path), picture(tmp_path, "b.png", 200)
    line: list[str | Path] = [*line_of(verb, assets), "--photo", one, "--photo", two]
    receipt = register.ok(*line)
    kinds = [event["kind"] for event in receipt["events"]]
    assert kinds.count("asset.attached") == 4
    assert len(kinds) == 6
    wanted = {
        ("condition", "image/jpeg", hashlib.sha256(one.read_bytes()).hexdigest()),
        ("condition", "image/png", hashlib.sha256(two.read_bytes()).hexdigest()),
    }
    for asset in assets:
        assert set(shown(register, asset)) == wanted
    assert files(register) == {sha256 for _, _, sha256 in wanted}
    # One moment, one person, one request with its parts.
    assert len({event["recorded_at"] for event in receipt["events"]}) == 1
    assert len({event["request_id"].partition(":")[0] for event in receipt["events"]}) == 1
    assert register.ok("verify", "--replay")["replayed"]


def test_what_is_refused_to_be_taken_over_can_be_photographed_too(
    register: Register, tmp_path: Path
) -> None:
    (asset,) = ready(register, "receive", 1)
    register.ok("receive", asset, "--refuse", "屏幕碎裂", "--photo", picture(tmp_path))
    kinds = [entry["kind"] for entry in register.ok("trace", asset)]
    assert kinds[-2:] == ["asset.handover_refused", "asset.attached"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_refused_act_attaches_nothing(register: Register, tmp_path: Path, verb: str) -> None:
    assets = ready(register, verb)
    register.ok("dispose", "propose", (gone := register.register()), "--method", "scrap")
    register.ok("dispose", "complete", gone, "--doc", "处1")
    before = register.ok("verify", "--replay")
    register.fails(5, *line_of(verb, [*assets, gone]), "--photo", picture(tmp_path))
    assert register.ok("verify", "--replay") == before
    assert all(shown(register, one) == [] for one in assets)


def test_a_photo_that_cannot_be_attached_stops_the_act(register: Register, tmp_path: Path) -> None:
    one, two = register.register(), register.register()
    photo = picture(tmp_path)
    register.ok("checkout", one, "--to", "P1", "--photo", photo)
    register.ok("checkin", one)
    # The picture of another day is no evidence of this one.
    error = register.fails(5, "checkout", two, one, "--to", "P1", "--photo", photo)
    assert error["code"] == "photo.used"
    assert register.ok("show", two)[0]["state"] == "in_store"
    assert shown(register, two) == []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("none.jpg", None, 4), (".", None, 4), ("text.jpg", b"no picture at all", 3),
     ("empty.jpg", b"", 3), ("page.pdf", b"%PDF-1.7", 3), ("run.jpg", b"MZ\x90\0", 3)],
)  # fmt: skip
def test_a_file_that_is_no_picture_stops_everything(
    desk: Register, tmp_path: Path, name: str, content: bytes | None, code: int
) -> None:
    asset = desk.register()
    good, bad = picture(tmp_path, "good.png"), tmp_path / name
    if content is not None:
        bad.write_bytes(content)
    desk.fails(code, "checkout", asset, "--to", "P1", "--photo", good, "--photo", bad)
    assert desk.ok("show", asset)[0]["state"] == "in_store"
    assert files(desk) == set()


def test_the_same_request_is_carried_out_once_with_its_photos(
    register: Register, tmp_path: Path
) -> None:
    assets = ready(register, "checkout")
    one, two = picture(tmp_path), picture(tmp_path, "b.png", 200)
    line = [*line_of("checkout", assets), "--request-id", "r1"]
    first = register.ok(*line, "--photo", one, "--photo", two)
    again = register.ok(*line, "--photo", two, "--photo", one)
    for answer in (first, again):
        answer["events"].sort(key=lambda event: str(event["event_id"]))
    assert again == first | {"repeated": True}
    others: list[list[str | Path]] = [
        [], ["--photo", one],
        ["--photo", one, "--photo", two, "--photo", picture(tmp_path, "c.gif")],
    ]  # fmt: skip
    for other in others:
        assert register.fails(6, *line, *other)["code"] == "request.reused"
    assert all(len(shown(register, asset)) == 2 for asset in assets)


def test_each_on_its_own_has_its_own_photo(register: Register, tmp_path: Path) -> None:
    free, lent = register.register(), register.register()
    register.ok("checkout", lent, "--to", "P2")
    line = ["checkout", free, lent, "--to", "P1", "--photo", str(picture(tmp_path)),
            "--keep-going", "--request-id", "r1", "--json"]  # fmt: skip
    answer = register(*line)
    assert answer.code == 9
    assert [event["kind"] for event in answer.data["events"]] == [
        "asset.checked_out", "asset.attached",
    ]  # fmt: skip
    assert (len(shown(register, free)), shown(register, lent)) == (1, [])
    assert register(*line).data["events"] == answer.data["events"]


def test_a_dry_run_keeps_no_photo(desk: Register, tmp_path: Path) -> None:
    asset = desk.register()
    line: list[str | Path] = ["checkout", asset, "--to", "P1", "--photo", picture(tmp_path)]
    tried: Any = desk.ok(*line, "--dry-run")
    assert [event["kind"] for event in tried["events"]] == ["asset.checked_out", "asset.attached"]
    assert (files(desk), shown(desk, asset)) == (set(), [])
    desk.ok(*line)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_people_read_what_was_attached(desk: Register, tmp_path: Path, lang: str) -> None:
    asset = desk.register()
    done = desk("checkout", asset, "--to", "P1", "--photo", picture(tmp_path), lang=lang)
    word = {"en": "condition photo", "zh": "现状照片"}[lang]
    assert done.code == 0
    assert word in done.out
    assert word in desk("trace", asset, lang=lang).out
    said = desk("checkin", asset, "--photo", tmp_path / "a.txt", lang=lang)
    assert (said.code, "a.txt" in said.err) == (4, True)
