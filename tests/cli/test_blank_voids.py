"""Blank tags declared void, and blank tags bound by a scan: as a clerk does it."""

from __future__ import annotations

import io
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from assetctl.domain.identity import short_form
from assetctl.i18n import LANGUAGES, Language, term, translate
from assetctl.reads.trace import trace
from tests.cli.test_references import forged
from tests.cli.test_tags_known import judged
from tests.conftest import Register
from tests.unit.labels import printers


def batch(register: Register, count: int = 1) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = register.ok("tag", "blank", "--count", str(count))["tags"]
    return made


def photographed(register: Register, text: str, folder: Path) -> Path:
    """Print a blank tag on a label printer; return a picture of the label."""
    with printers.printer(printers.take_all) as printer:
        register.ok("label", "blanks", text, "--printer", printer.address)
    (page,) = printers.zpl(bytes(printer.taken))
    dots = page.pictures[0][1]
    picture = Image.new("L", (len(dots[0]), len(dots)), 255)
    picture.putdata([0 if dot else 255 for row in dots for dot in row])
    picture.resize((picture.width * 2, picture.height * 2)).save(folder / "label.png")
    return folder / "label.png"


# --- void ---------------------------------------------------------------------------------------


def test_a_void_blank_says_so_and_is_bound_to_nothing(register: Register, tmp_path: Path) -> None:
    (tag,) = batch(register)
    picture = photographed(register, tag["payload"], tmp_path)
    done = register.ok("tag", "void", tag["payload"], "--note", "印坏了")
    (event,) = done["events"]
    assert (event["kind"], event["subject"]) == ("blank.voided", f"blank:{tag['code']}")
    verdict = judged(register, tag["payload"])
    assert (verdict.verdict, verdict.kind, verdict.tag_state) == ("genuine", "blank", "void")
    assert verdict.reason == "tag.void"
    asset = register.register()
    error = register.fails(5, "tag", "bind", asset, "--tag", tag["payload"])
    assert error["code"] == "blank.state"
    new = (
        "register",
        "--name",
        "桌",
        "--class",
        "A05010201",
        "--owner",
        "U1",
        "--tag",
        tag["code"],
    )
    assert register.fails(5, *new)["code"] == "blank.state"
    with closing(register.store) as store, store.reading() as connection:
        entries = trace(connection, [f"blank:{tag['code']}"])
    assert [entry.kind for entry in entries] == ["blank.issued", "blank.printed", "blank.voided"]
    assert entries[-1].disclosed == {"note": "印坏了"}
    for lang in LANGUAGES:
        said = register("scan", "image", picture, lang=lang)
        assert said.code == 9, "something to look at"
        assert term("tag_state", "void", lang) in said.out
        assert term("tag_state", "void", lang) in said.err
        refused = register("tag", "bind", asset, "--tag", tag["payload"], lang=lang)
        assert tag["display"] in refused.err
    register.ok("verify", "--replay")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_many_blanks_of_several_batches_at_once(
    register: Register, tmp_path: Path, lang: Language
) -> None:
    one, other = batch(register, 5), batch(register, 3)
    listed = tmp_path / "listed"
    listed.write_text(f"{one[4]['payload']}\n{other[0]['display']}\n", encoding="utf-8")
    span = f"{one[0]['payload']}..{one[2]['payload']}"
    done = register("tag", "void", span, f"@{listed}", lang=lang)
    assert done.code == 0
    assert translate("{count} blank tags were declared void.", lang).format(count=5) in done.out
    states = [judged(register, tag["payload"]).tag_state for tag in (*one, *other)]
    assert states == ["void", "void", "void", "blank", "void", "void", "blank", "blank"]
    register.ok("verify", "--replay")


def test_all_or_none_and_every_reason(register: Register) -> None:
    made = batch(register, 3)
    asset = register.register()
    register.ok("tag", "bind", asset, "--tag", made[0]["payload"])
    register.ok("tag", "void", made[1]["code"])
    error = register.fails(5, "tag", "void", *(tag["payload"] for tag in made))
    assert (error["code"], error["details"]["count"]) == ("blank.state", 2)
    bound, void = error["details"]["lines"]
    assert made[0]["display"] in bound
    assert made[1]["display"] in void
    assert judged(register, made[2]["payload"]).tag_state == "blank"
    assert register.fails(5, "tag", "void", made[1]["code"])["code"] == "blank.state"
    missing = register.fails(4, "tag", "void", made[2]["payload"], register.register())
    assert missing["code"] == "blank.not_found"
    assert register.fails(5, "tag", "void", forged(made[2]["payload"]))["code"] == "payload.forged"
    place = register.ok("place", "tag", "W1")["payload"]
    assert register("tag", "void", place).code == 4
    assert judged(register, made[2]["payload"]).tag_state == "blank"


def test_the_tag_in_hand_is_the_one_that_is_voided(register: Register) -> None:
    asset = register.register()
    first, second = batch(register, 2)
    for tag in (first, second):
        register.ok("tag", "bind", asset, "--tag", tag["payload"])
    done = register.ok("tag", "void", first["payload"])
    (event,) = done["events"]
    assert (event["kind"], event["data"]["code"]) == ("asset.tag_voided", first["code"])
    assert judged(register, first["payload"]).tag_state == "void"
    assert judged(register, second["payload"]).tag_state == "bound"
    own = register.ok("show", asset)[0]["payload"]
    assert judged(register, own).tag_state == "bound"


def test_a_dry_run_voids_nothing_and_a_request_lands_once(register: Register) -> None:
    first, second = batch(register, 2)
    register.ok("tag", "void", first["code"], "--dry-run")
    assert judged(register, first["payload"]).tag_state == "blank"
    line = ("tag", "void", first["code"], "--request-id", "R-1")
    assert not register.ok(*line)["repeated"]
    assert register.ok(*line)["repeated"]
    other = ("tag", "void", second["code"], "--request-id", "R-1")
    assert register.fails(6, *other)["code"] == "request.reused"


def test_a_void_blank_in_a_session_is_refused_with_the_reason(desk: Register) -> None:
    (tag,) = batch(desk)
    desk.ok("tag", "void", tag["code"])
    for lang in LANGUAGES:
        said = session(desk, [tag["payload"]], lang)
        assert translate("this label is void", lang) in said


def session(desk: Register, texts: list[str], lang: Language = "en") -> str:
    patch = pytest.MonkeyPatch()
    patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(texts).encode())))
    try:
        answer = desk("scan", "session", lang=lang)
    finally:
        patch.undo()
    return answer.out + answer.err


# --- bound by a scan ----------------------------------------------------------------------------


@pytest.mark.parametrize("short", [False, True])
def test_a_blank_is_scanned_and_the_asset_named_by_its_card_number(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, short: bool
) -> None:
    asset = register.ok("register", "--name", "桌", "--class", "A05010201", "--owner", "U1",
                        "--place", "W1", "--card-no", "2026-001")["asset_id"]  # fmt: skip
    (tag,) = batch(register)
    picture = photographed(register, tag["payload"], tmp_path)
    (found,) = zxingcpp.read_barcodes(Image.open(picture))
    text = short_form(found.text) if short else found.text
    assert judged(register, text).kind == "blank"
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{text}\r\nrest of the scans\n"))
    done = register.ok("tag", "bind", "2026-001", "--tag", "-")
    assert done["events"][0]["data"]["code"] == tag["code"]
    (shown,) = register.ok("show", found.text)
    assert shown["asset_id"] == asset
    scanned = register.ok("scan", "image", picture)
    assert [(one["asset_id"], one["tag_state"]) for one in scanned] == [(asset, "bound")]
    register.ok("scan", "image", picture, "--act", "checkout", "--to", "P1")
    assert register.ok("show", "2026-001")[0]["holder"] == "P1"
    register.ok("verify", "--replay")


@pytest.mark.parametrize("said", ["", "\n", "nonsense\n", "\udcff\n", "a\0b\n"])
def test_what_is_no_scan_binds_nothing(
    desk: Register, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    asset = desk.register()
    monkeypatch.setattr(sys, "stdin", io.StringIO(said))
    assert desk("tag", "bind", asset, "--tag", "-").code == 3
    assert len(desk.ok("trace", asset)) == 1


def test_a_session_takes_a_blank_once_it_is_bound(register: Register) -> None:
    new = ("--name", "桌", "--class", "A05010201", "--owner", "U1", "--place", "W1")
    register.ok("register", *new, "--card-no", "2026-001")
    (tag,) = batch(register)
    lend = ["!checkout", "!to P1", tag["payload"], "!commit"]
    assert translate("this label is bound to nothing", "en") in session(register, lend)
    assert register.ok("show", "2026-001")[0]["holder"] == "U1"
    register.ok("tag", "bind", "2026-001", "--tag", tag["payload"])
    session(register, lend)
    assert register.ok("show", "2026-001")[0]["holder"] == "P1"
