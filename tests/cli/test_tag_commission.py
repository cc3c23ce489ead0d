"""A pile of things gets its tags: a label scanned, a tag held to the reader, and the next."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from assetctl.i18n import LANGUAGES, Language
from scanner.llrp.emulator import EmulatedTag, Emulator
from tests.cli.radio_desk import at, blank, clerk, epc_of, held, lying, radio_tags, tid
from tests.cli.test_session_sources import payloads
from tests.conftest import Answer, Register


def commission(
    register: Register, emulator: Emulator, folder: Path, texts: Sequence[str | bytes],
    *line: str, lang: Language | None = None,
) -> Answer:  # fmt: skip
    """Scan texts before an emulated reader; without a language the answer is JSON."""
    file = folder / "scanned"
    lines = [text if isinstance(text, bytes) else text.encode() for text in texts]
    file.write_bytes(b"\n".join(lines) + b"\n")
    command = ("tag", "commission", "--from", str(file), "--wait", "0", "--silent", *at(emulator),
               *line)  # fmt: skip
    return register(*command, lang=lang) if lang else register(*command, "--json")


def codes(answer: Answer) -> list[str]:
    failed: list[dict[str, Any]] = answer.data["failed"]
    return [one["details"].get("scan_code") or one["code"] for one in failed]


def test_a_pile_gets_its_tags_one_after_the_other(register: Register, tmp_path: Path) -> None:
    assets = [register.register(f"投影仪{number}") for number in range(3)]
    tags = [blank(number) for number in range(3)]
    with clerk(*([tag] for tag in tags)) as emulator:
        answer = commission(register, emulator, tmp_path, payloads(register, *assets))
    assert answer.code == 0, answer.err
    assert [one["asset_id"] for one in answer.data["done"]] == assets
    assert [held(tag) for tag in tags] == [epc_of(asset) for asset in assets]
    for number, asset in enumerate(assets):
        assert radio_tags(register, asset) == [(epc_of(asset), 1, "bound", tid(number), "3000")]
    assert (answer.data["failed"], answer.data["again"]) == ([], [])
    register.ok("verify", "--replay")


def test_a_fault_is_told_and_the_next_one_follows(desk: Register, tmp_path: Path) -> None:
    assets = [desk.register() for _ in range(6)]
    owned, last = desk.register(), blank(9)
    desk.ok("tag", "bind", owned, "--epc", "CC" * 12, "--tid", tid(5))
    layouts: list[list[EmulatedTag]] = [
        [blank(1), blank(2)], [blank(3, access_password=7, locks={2})], [blank(4, is_weak=True)],
        [blank(5)], [blank(6, is_mute=True)], [last],
    ]  # fmt: skip
    with clerk(*layouts) as emulator:
        answer = commission(desk, emulator, tmp_path, payloads(desk, *assets))
    assert answer.code == 9
    assert codes(answer) == [
        "scan.tag_crowd", "scan.tag_locked", "scan.tag_power", "tag.elsewhere", "scan.tag_silent"
    ]  # fmt: skip
    assert [one["asset_id"] for one in answer.data["failed"]] == assets[:5]
    assert [one["asset_id"] for one in answer.data["done"]] == assets[5:]
    assert held(last) == epc_of(assets[5])
    assert [len(radio_tags(desk, asset)) for asset in assets] == [0, 0, 0, 0, 0, 1]


def test_a_label_counts_only_if_the_register_says_so(desk: Register, tmp_path: Path) -> None:
    asset, renewed, tag = desk.register(), desk.register(), blank()
    good, old = payloads(desk, asset, renewed)
    desk.ok("tag", "replace", renewed)
    forged = good[:-1] + ("0" if good[-1] != "0" else "1")
    foreign: list[str | bytes] = [
        "6901234567892", "\x1b[2J\x1b]0;own3d\x07", "\u202e" + "A" * 80, b"\xff\xfe\x00 " * 30,
        b"A" * 100_000, "'; DROP TABLE tag; --",
    ]  # fmt: skip
    texts = [forged, old, asset, desk.ok("place", "tag", "W1")["payload"], "", *foreign, good]
    with lying(tag) as emulator:
        answer = commission(desk, emulator, tmp_path, texts)
        assert emulator.connections == 1, "no tag is written for what does not count"
        said = {
            lang: commission(desk, emulator, tmp_path, texts[:-1], lang=lang) for lang in LANGUAGES
        }
    assert answer.code == 9
    assert [one["asset_id"] for one in answer.data["done"]] == [asset]
    failed = answer.data["failed"]
    assert {one["code"] for one in failed} == {"tag.label_unfit"}
    assert len(failed) == 4 + len(foreign) - 1, "the endless line is no text at all"
    assert "\x1b" not in answer.out
    for one in said.values():
        assert one.code == 9
        assert not set("\x1b\x07\u202e") & set(one.err)
    reasons = said["en"].err
    for reason in ("did not sign", "newer one", "not signed", "not the label", "none of ours"):
        assert reason in reasons
    assert "不是资产的标签" in said["zh"].err


def test_the_tag_before_is_waited_out_and_a_missing_one_too(
    desk: Register, tmp_path: Path
) -> None:  # fmt: skip
    assets, tags = [desk.register(), desk.register()], [blank(1), blank(2)]
    layouts = [[], [tags[0]], [tags[0]], [], [tags[1]]]
    with clerk(*layouts) as emulator:
        labels = payloads(desk, *assets)
        answer = commission(desk, emulator, tmp_path, labels, "--wait", "60", lang="en")
        assert emulator.connections == len(layouts)
    assert answer.code == 0
    assert answer.err.count("Take the tag before this one away") == 1
    assert [held(tag) for tag in tags] == [epc_of(asset) for asset in assets]


def test_a_label_scanned_twice_gets_one_tag(desk: Register, tmp_path: Path) -> None:
    assets, tags = [desk.register(), desk.register()], [blank(1), blank(2)]
    first, second = payloads(desk, *assets)
    with clerk([tags[0]], [tags[1]]) as emulator:
        answer = commission(desk, emulator, tmp_path, [first, first, second])
    assert (answer.code, answer.data["again"]) == (0, [assets[0]])
    assert [held(tag) for tag in tags] == [epc_of(asset) for asset in assets]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_result_is_said(desk: Register, tmp_path: Path, lang: Language) -> None:
    asset, tag = desk.register("投影仪"), blank()
    (label,) = payloads(desk, asset)
    with lying(tag) as emulator:
        answer = commission(desk, emulator, tmp_path, [label, label], "--lock", lang=lang)
    assert answer.code == 0
    assert tag.locks == {1, 2}
    for word in ("投影仪", epc_of(asset), tid(1)):
        assert word in answer.err
    assert epc_of(asset) in answer.out
    assert "{" not in answer.err + answer.out


def test_a_dry_run_and_a_request_of_many(desk: Register, tmp_path: Path) -> None:
    assets = [desk.register(), desk.register()]
    labels, tags = payloads(desk, *assets), [blank(1), blank(2)]
    with clerk([tags[0]], [tags[1]]) as emulator:
        tried = commission(desk, emulator, tmp_path, labels, "--dry-run")
    assert [one["written"] for one in tried.data["done"]] == [False, False]
    assert [held(tag) for tag in tags] == [tag.epc for tag in tags]
    with clerk([tags[0]], [tags[1]]) as emulator:
        done = commission(desk, emulator, tmp_path, labels, "--request-id", "R-1")
        again = commission(desk, emulator, tmp_path, labels, "--request-id", "R-1")
        assert emulator.connections == 2
    assert [one["repeated"] for one in again.data["done"]] == [True, True]
    assert [one["tid"] for one in again.data["done"]] == [one["tid"] for one in done.data["done"]]


def test_labels_come_from_standard_input_too(
    desk: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset, tag = desk.register(), blank()
    (label,) = payloads(desk, asset)
    typed = io.TextIOWrapper(io.BytesIO(label.lower().encode() + b"\r\n"))
    monkeypatch.setattr(sys, "stdin", typed)
    with lying(tag) as emulator:
        done = desk.ok("tag", "commission", "--wait", "0", "--silent", *at(emulator))
    assert [one["asset_id"] for one in done["done"]] == [asset]


def test_without_a_reader_every_label_fails_by_name(desk: Register, tmp_path: Path) -> None:
    asset = desk.register()
    with lying() as emulator:
        address = at(emulator)
    file = tmp_path / "scanned"
    file.write_text("\n".join(payloads(desk, asset)), encoding="utf-8")
    line = ("tag", "commission", "--from", str(file), "--silent", *address)
    assert codes(desk(*line, "--json")) == ["reader.unavailable"]
    assert desk.fails(4, *line, "--from", str(tmp_path / "none"))["code"] == "file.not_found"
