"""Labels printed, photographed and read again; what may be done on the strength of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
import qrcode

from assetctl.cli import clock
from assetctl.domain.identity import make_payload
from assetctl.i18n import LANGUAGES, term
from assetctl.store import keys
from tests.cli.test_references import forged
from tests.conftest import Register


def _picture(path: Path, text: str) -> Path:
    qrcode.make(text).save(path)
    return path


def _blank(desk: Register, asset: str = "", issue: int = 1) -> tuple[str, str]:
    """Return the id and the text of a blank tag of this register."""
    chosen = asset or clock.new_asset_id()
    held = keys.tag_keys(desk.home / "keys")
    host = "assets.example.gov.cn"
    return chosen, make_payload(held, key="0", asset=chosen, issue=issue, host=host)


def _payload(desk: Register, asset: str) -> str:
    return str(desk.ok("show", asset)[0]["payload"])


def _judged(desk: Register, path: Path, text: str) -> dict[str, Any]:
    (scan,) = desk("scan", "image", _picture(path, text), "--json").data
    return dict(scan)


# --- labels ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_printed_label_is_read_and_known(desk: Register, tmp_path: Path, lang: str) -> None:
    asset = desk.register()
    out = tmp_path / "标签 label.png"
    made = desk("label", "png", asset, "--out", out, lang=lang)
    assert (made.code, made.err) == (0, "")
    answer = desk("scan", "image", out, "--json")
    assert answer.code == 0
    (scan,) = answer.data
    assert scan.keys() >= {"file", "text", "verdict", "asset_id", "corners", "name", "state",
                           "issue", "tag_state", "reason", "symbology", "engine"}  # fmt: skip
    assert scan["text"] == _payload(desk, asset)
    assert (scan["file"], scan["verdict"], scan["asset_id"]) == (str(out), "genuine", asset)
    assert (scan["tag_state"], scan["issue"], scan["name"]) == ("bound", 1, "台式计算机")
    assert len(scan["corners"]) == 4
    said = desk("scan", "image", out, lang=lang)
    assert term("verdict", "genuine", "zh" if lang == "zh" else "en") in said.out


def test_a_label_is_made_as_svg_where_the_name_says_so(desk: Register, tmp_path: Path) -> None:
    out = tmp_path / "label.SVG"
    desk.ok("label", "png", desk.register(), "--out", out)
    assert out.read_bytes().lstrip().startswith((b"<?xml", b"<svg"))


def test_every_label_of_a_sheet_is_read_from_its_page(desk: Register, tmp_path: Path) -> None:
    ids = [desk.register(f"台式计算机{number}") for number in range(5)]
    out = tmp_path / "sheet.pdf"
    made = desk.ok("label", "sheet", "--all", "--out", out)
    assert made["labels"] == 5
    document = pdfium.PdfDocument(out)
    assert len(document) == 1
    page = tmp_path / "page.png"
    document[0].render(scale=300 / 72).to_pil().save(page)
    document.close()
    scans = desk.ok("scan", "image", page)
    assert {scan["asset_id"] for scan in scans} == set(ids)
    assert {scan["verdict"] for scan in scans} == {"genuine"}
    desk.ok("label", "sheet", *ids[:2], "--out", out)
    assert desk.ok("label", "sheet", "--owner", "U1", "--place", "W1", "--out", out)["labels"] == 5


def test_labels_that_cannot_be_made_leave_no_file(desk: Register, tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    asset = desk.register()
    for code, line in (
        (3, ("label", "sheet", "--out", out)),
        (3, ("label", "sheet", "--owner", "U2", "--out", out)),
        (3, ("label", "sheet", asset, "--preset", "none", "--out", out)),
        (2, ("label", "sheet", asset, "--start", "0", "--out", out)),
        (3, ("label", "sheet", asset, "--start", "999", "--out", out)),
        (4, ("label", "sheet", asset, "K7M2-9QXD-4F", "--out", out)),
        (4, ("label", "png", "K7M2-9QXD-4F", "--out", out)),
    ):
        desk.fails(code, *line)
        assert not out.exists(), line
    assert desk.fails(8, "label", "png", asset, "--out", tmp_path)["code"] == "store.unavailable"
    for lang in LANGUAGES:
        assert desk("label", "sheet", "--out", out, lang=lang).code == 3


# --- blank tags, replaced, void ----------------------------------------------------------------


def test_a_thing_gets_the_id_of_the_blank_tag_it_carries(desk: Register, tmp_path: Path) -> None:
    blank, text = _blank(desk)
    made = desk.ok("register", "--name", "办公桌", "--class", "A05010201", "--owner", "U1",
                   "--tag", text)  # fmt: skip
    assert made["asset_id"] == blank
    assert made["payload"] == text
    assert _judged(desk, tmp_path / "a.png", text)["verdict"] == "genuine"
    line = ("register", "--name", "办公桌", "--class", "A05010201", "--owner", "U1", "--tag")
    assert desk.fails(6, *line, text)["code"] == "code.taken"
    assert desk.fails(5, *line, forged(_blank(desk)[1]))["code"] == "payload.forged"
    assert desk.fails(3, *line, "(8004)ABC")["code"] == "input.invalid"
    assert desk.fails(3, *line, "nonsense")["code"] == "payload.foreign"


def test_a_blank_tag_bound_to_an_asset_stands_for_it(desk: Register, tmp_path: Path) -> None:
    asset, other = desk.register(), desk.register()
    blank, text = _blank(desk)
    before = _judged(desk, tmp_path / "a.png", text)
    assert (before["verdict"], before["reason"]) == ("unknown", "asset.not_found")
    desk.ok("tag", "bind", asset, "--tag", text)
    scan = _judged(desk, tmp_path / "a.png", text)
    assert (scan["verdict"], scan["asset_id"], scan["tag_state"]) == ("genuine", asset, "bound")
    assert desk.ok("show", blank)[0]["asset_id"] == asset
    assert desk.ok("show", text)[0]["asset_id"] == asset
    for one in (asset, other):
        assert desk.fails(6, "tag", "bind", one, "--tag", text)["code"] == "code.taken"
    assert (
        desk.fails(6, "tag", "bind", asset, "--tag", _payload(desk, other))["code"] == "code.taken"
    )
    assert desk.fails(5, "tag", "bind", asset, "--tag", forged(text))["code"] == "payload.forged"
    for line in (("--epc", "xyz"), ("--epc", "00"), (), ("--tag", text, "--epc", "E2801160")):
        assert desk.fails(3, "tag", "bind", asset, *line)["code"] == "input.invalid"
    assert desk.fails(3, "tag", "bind", asset, "--epc", "E2801160", "--carrier", "smoke")


def test_a_replaced_label_is_genuine_but_no_longer_counts(desk: Register, tmp_path: Path) -> None:
    asset = desk.register()
    old = _payload(desk, asset)
    made = desk.ok("tag", "replace", asset, "--note", "磨损")
    assert made["issue"] == 2
    assert made["payload"] == _payload(desk, asset) != old
    picture = _picture(tmp_path / "old.png", old)
    for line in ((), ("--act", "checkout", "--to", "P1")):
        answer = desk("scan", "image", picture, *line, "--json")
        assert answer.code == 9
        (scan,) = answer.data["scans"] if line else answer.data
        assert (scan["verdict"], scan["tag_state"], scan["issue"]) == ("genuine", "replaced", 1)
    assert desk.ok("show", asset)[0]["state"] == "in_store"
    for lang in LANGUAGES:
        said = desk("scan", "image", picture, lang=lang)
        assert said.code == 9
        assert term("tag_state", "replaced", lang) in said.err
    new = _judged(desk, tmp_path / "new.png", made["payload"])
    assert (new["verdict"], new["tag_state"]) == ("genuine", "bound")
    desk.ok("scan", "image", tmp_path / "new.png", "--act", "checkout", "--to", "P1")
    desk.ok("verify", "--replay")


def test_a_void_label_does_not_count(desk: Register, tmp_path: Path) -> None:
    asset = desk.register()
    picture = _picture(tmp_path / "a.png", _payload(desk, asset))
    desk.ok("tag", "void", asset)
    answer = desk("scan", "image", picture, "--json")
    assert answer.code == 9
    assert answer.data[0]["tag_state"] == "void"
    assert desk.fails(5, "tag", "void", asset)["code"] == "tag.state"
    assert desk.fails(4, "tag", "void", asset, "--issue", "7")["code"] == "tag.not_found"


def test_an_issue_never_printed_does_not_count(desk: Register, tmp_path: Path) -> None:
    asset = desk.register()
    _, text = _blank(desk, asset, issue=5)
    scan = _judged(desk, tmp_path / "a.png", text)
    assert (scan["verdict"], scan["tag_state"]) == ("genuine", "void")


@pytest.mark.parametrize("order", ["before", "behind"])
def test_the_label_printed_after_a_replacement_counts_beside_a_bound_blank(
    desk: Register, tmp_path: Path, order: str
) -> None:
    asset = desk.register()
    blank = next(
        one for one in iter(clock.new_asset_id, "") if (one < asset) == (order == "before")
    )
    desk.ok("tag", "bind", asset, "--tag", _blank(desk, blank)[1])
    made = desk.ok("tag", "replace", asset)
    scan = _judged(desk, tmp_path / "a.png", made["payload"])
    assert (scan["verdict"], scan["tag_state"]) == ("genuine", "bound")


# --- scanning ------------------------------------------------------------------------------------


def test_a_forged_picture_is_refused_and_not_acted_on(desk: Register, tmp_path: Path) -> None:
    asset, other = desk.register(), desk.register()
    _picture(tmp_path / "1.png", forged(_payload(desk, asset)))
    _picture(tmp_path / "2.png", _payload(desk, other))
    answer = desk("scan", "image", tmp_path, "--act", "checkout", "--to", "P1", "--json")
    assert answer.code == 9
    assert [scan["verdict"] for scan in answer.data["scans"]] == ["forged", "genuine"]
    assert answer.data["scans"][0]["reason"] == "payload.forged"
    assert [one["subject"] for one in answer.data["events"]] == [f"asset:{other}"]
    assert desk.ok("show", asset)[0]["state"] == "in_store"
    for lang in LANGUAGES:
        said = desk("scan", "image", tmp_path / "1.png", lang=lang)
        assert said.code == 9
        assert term("reason", "payload.forged", lang) in said.err
        assert term("verdict", "forged", lang) in said.out


def test_a_folder_with_files_that_are_no_pictures(desk: Register, tmp_path: Path) -> None:
    asset = desk.register()
    folder = tmp_path / "图片"
    folder.mkdir()
    _picture(folder / "a.png", _payload(desk, asset))
    (folder / "b.png").write_bytes(b"no picture")
    (folder / "c.txt").write_text("not looked at")
    _picture(folder / "d.png", "https://example.com/")
    answer = desk("scan", "image", folder, "--json")
    by_name = {Path(scan["file"]).name: scan for scan in answer.data}
    assert by_name["a.png"]["asset_id"] == asset
    assert by_name["b.png"]["verdict"] is None
    assert by_name["b.png"]["reason"]
    assert by_name["d.png"]["verdict"] == "foreign"
    assert "c.txt" not in by_name
    assert answer.code == 9
    assert desk.fails(4, "scan", "image", tmp_path / "none.png")["code"] == "file.not_found"


@pytest.mark.parametrize(
    ("act", "more", "state"),
    [("checkout", ("--to", "P1", "--due", "2099-01-01"), "on_loan"),
     ("move", ("--to", "B1"), "in_use"),
     ("checkin", ("--condition", "fair"), "in_store")],
)  # fmt: skip
def test_acts_by_picture(
    register: Register, tmp_path: Path, act: str, more: tuple[str, ...], state: str
) -> None:
    asset = register.register()
    picture = _picture(tmp_path / "a.png", _payload(register, asset))
    if act == "checkin":
        register.ok("checkout", asset, "--to", "P1")
    made = register.ok("scan", "image", picture, picture, "--act", act, *more)
    assert len(made["events"]) == 1
    assert register.ok("show", asset)[0]["state"] == state


def test_acts_by_picture_that_are_wrongly_asked_for(desk: Register, tmp_path: Path) -> None:
    picture = _picture(tmp_path / "a.png", _payload(desk, desk.register()))
    for line in (("--act", "burn"), ("--act", "checkout"), ("--act", "move")):
        assert desk.fails(3, "scan", "image", picture, *line)["code"] == "input.invalid"
    refused = desk.fails(5, "scan", "image", picture, "--act", "checkin")
    assert refused["code"] == "lifecycle.refused"
    assert desk.fails(4, "scan", "image", picture, "--act", "move", "--to", "X")
    desk.ok("scan", "image", picture, "--act", "move", "--to", "B1", "--dry-run")
    assert desk.fails(2, "scan", "image", picture, "--budget", "-1")["code"] == "usage"
