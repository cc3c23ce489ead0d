"""The demo runs from beginning to end, shows what it says, and stops when something is wrong."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import demo.__main__ as program
from assetctl.cli.app import main
from demo import story


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one whole run."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    before = dict(os.environ)
    assert program.main(["--out", str(folder), "--lang", "en"]) == 0
    assert dict(os.environ) == before
    return folder


@pytest.fixture
def summary(out: Path) -> Any:
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))


def test_the_list_is_in_the_register_and_its_faults_were_named(summary: Any) -> None:
    assert summary["assets"] >= 300
    assert summary["faults_named"] == len(story.BROKEN)


def test_labels_and_pictures_are_there(out: Path, summary: Any) -> None:
    assert (out / "labels.pdf").read_bytes().startswith(b"%PDF")
    assert (out / "label.png").read_bytes().startswith(b"\x89PNG")
    assert len(summary["photos"]) == 10
    for name in summary["photos"]:
        with Image.open(out / "photos" / name) as picture:
            assert picture.format == "JPEG"


def test_genuine_tags_are_read_and_others_refused(summary: Any) -> None:
    assert summary["genuine_tags"] >= 8
    assert summary["forged"] == "forged"
    assert summary["replaced"] == "replaced"


def test_the_history_holds_and_tampering_is_found(summary: Any) -> None:
    assert summary["verified"]["entries"] > summary["assets"]
    history, table = summary["tampered_history"], summary["tampered_table"]
    assert history["subject"].startswith("asset:")
    assert int(history["seq"]) > 1
    assert history["expected"] != history["got"]
    assert "owner" in table["problem"]
    assert (table["expected"], table["got"]) == ("U03", "U06")
    assert summary["older_backup"]["code"] == "log.forked"


def test_an_auditor_has_what_he_needs(out: Path) -> None:
    found = {path.name for path in (out / "auditor").iterdir()}
    assert {"dossier.zip", "broken.zip", "policy", "checkpoint", "verify.py"} <= found


def test_the_commands_to_try_next_work(summary: Any) -> None:
    for words in summary["next"]:
        code = main(["--home", summary["home"], *words])
        assert code == 0 or (code == 9 and words == ["doctor"]), words


def test_it_wipes_only_what_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("mine", encoding="utf-8")
    assert program.main(["--out", str(tmp_path)]) == 1
    assert precious.read_text(encoding="utf-8") == "mine"
    assert "not wiped" in capsys.readouterr().err


def test_it_stops_when_something_is_not_as_it_must_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(story, "BROKEN", (*story.BROKEN, (9, "品牌", "没有坏")))
    assert program.main(["--out", str(tmp_path / "out")]) == 1
    assert "The demo stopped" in capsys.readouterr().err
    assert not (tmp_path / "out" / "summary.json").exists()
