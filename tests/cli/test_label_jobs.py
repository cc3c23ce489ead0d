"""Labels from the command line: files, printers, cards, the wall sheet; and every refusal."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from assetctl.domain.commands import COMMANDS, command_of
from assetctl.domain.identity import parse_payload
from tests.conftest import Register
from tests.unit.labels import printers

FAULTY = """
width = 50
height = 30
ecc = "X"
unknown = 1
[symbol]
kind = "qr"
x = 1
y = 1
side = 400
[[field]]
value = "name"
x = 25
y = 1
width = 24
height = "tall"
"""


def read_pdf(data: bytes) -> list[str]:
    texts = []
    for page in pypdfium2.PdfDocument(data):
        picture = page.render(scale=203 / 72, grayscale=True).to_pil()
        texts += [found.text for found in zxingcpp.read_barcodes(picture)]
    return texts


def payload_of(register: Register, asset: str) -> Any:
    return register.ok("show", asset)[0]["payload"]


def test_a_roll_has_a_page_for_each_label_and_reads_back(
    register: Register, tmp_path: Path
) -> None:
    assets = [register.register(f"办公椅{number}") for number in range(3)]
    out = tmp_path / "roll.pdf"
    made = register.ok("label", "roll", *assets, "--template", "60x40", "--out", out, "--verify")
    assert made["labels"] == 3
    assert len(pypdfium2.PdfDocument(out.read_bytes())) == 3
    assert read_pdf(out.read_bytes()) == [payload_of(register, asset) for asset in assets]


def test_a_preview_is_what_the_printer_does(register: Register, tmp_path: Path) -> None:
    asset = register.register()
    out = tmp_path / "preview.png"
    register.ok("label", "preview", asset, "--template", "50x30", "--dpi", "300", "--out", out)
    picture = Image.open(BytesIO(out.read_bytes()))
    assert picture.size == (591, 354)  # 50 x 30 mm at 300 dots an inch
    assert [one.text for one in zxingcpp.read_barcodes(picture)] == [payload_of(register, asset)]
    register.ok("label", "preview", "--out", tmp_path / "sample.png")


def test_the_small_label_carries_the_short_text(register: Register, tmp_path: Path) -> None:
    asset = register.register()
    out = tmp_path / "small.png"
    register.ok("label", "preview", asset, "--template", "30x20", "--out", out)
    (found,) = zxingcpp.read_barcodes(Image.open(out))
    assert parse_payload(found.text).subject == asset
    assert register.ok("show", found.text)[0]["asset_id"] == asset


def test_every_fault_of_a_template_is_named_and_nothing_is_written(
    register: Register, tmp_path: Path
) -> None:
    template = tmp_path / "ours.toml"
    template.write_text(FAULTY, encoding="utf-8")
    asset, out = register.register(), tmp_path / "roll.pdf"
    error = register.fails(3, "label", "roll", asset, "--template", template, "--out", out)
    assert error["code"] == "label.refused"
    for place in ("ecc", "unknown", "height"):
        assert place in str(error["details"]["lines"])
    assert not out.exists()


def test_a_label_printer_gets_what_a_reader_reads(register: Register) -> None:
    asset = register.register()
    with printers.printer(printers.take_all) as printer:
        done = register.ok("label", "print", asset, "--printer", printer.address, "--verify")
    (event,) = done["events"]
    assert (event["kind"], event["data"]["copy"]) == ("asset.label_printed", 1)
    (page,) = printers.zpl(bytes(printer.taken))
    ((_, picture),) = page.pictures
    assert printers.read(picture) == [payload_of(register, asset)]
    assert len(printer.taken) == done["bytes"]


@pytest.mark.parametrize("language", ["zpl", "tspl", "escpos", "pdf"])
def test_every_language_goes_to_a_file(register: Register, tmp_path: Path, language: str) -> None:
    asset, job = register.register(), tmp_path / "job"
    register.ok("label", "print", asset, "--printer", job, "--language", language)
    heads = {"zpl": b"^XA", "tspl": b"SIZE 50 mm,30 mm", "escpos": b"\x1b@", "pdf": b"%PDF"}
    assert job.read_bytes().startswith(heads[language])


def test_a_second_print_needs_a_reason_before_any_ink(register: Register, tmp_path: Path) -> None:
    asset = register.register()
    register.ok("label", "print", asset, "--printer", tmp_path / "first")
    again = ("label", "print", asset, "--printer", tmp_path / "second")
    assert register.fails(5, *again)["code"] == "label.reason_needed"
    assert not (tmp_path / "second").exists()
    (event,) = register.ok(*again, "--reason", "标签脱落")["events"]
    assert event["data"]["copy"] == 2
    assert register.ok("verify", "--replay")


def test_a_printer_that_is_not_there_leaves_no_entry(register: Register) -> None:
    asset = register.register()
    before = len(register.ok("trace", asset))
    error = register.fails(8, "label", "print", asset, "--printer", "tcp://127.0.0.1:1")
    assert error["code"] == "printer.failed"
    assert error["details"]["partial"] is False
    assert len(register.ok("trace", asset)) == before


def test_a_dry_run_prints_nothing(register: Register, tmp_path: Path) -> None:
    asset, job = register.register(), tmp_path / "job"
    register.ok("label", "print", asset, "--printer", job, "--dry-run")
    assert not job.exists()
    assert len(register.ok("trace", asset)) == 1


def test_the_wall_sheet_has_every_command(register: Register, tmp_path: Path) -> None:
    out = tmp_path / "wall.pdf"
    register.ok("label", "commands", "--out", out)
    read = [parse_payload(text) for text in read_pdf(out.read_bytes())]
    assert {payload.tag_class for payload in read} == {"C"}
    assert {command_of(payload.subject) for payload in read} == set(COMMANDS)


def test_cards_and_place_tags_read_as_such(register: Register, tmp_path: Path) -> None:
    register.ok("party", "card", "P1")
    register.ok("place", "tag", "W1")
    cards, tags = tmp_path / "cards.pdf", tmp_path / "tags.pdf"
    register.ok("label", "cards", "P1", "--out", cards)
    register.ok("label", "places", "W1", "--out", tags)
    assert [parse_payload(text).tag_class for text in read_pdf(cards.read_bytes())] == ["S"]
    assert [parse_payload(text).tag_class for text in read_pdf(tags.read_bytes())] == ["P"]


def test_blank_tags_are_printed_ahead_and_bound_later(register: Register, tmp_path: Path) -> None:
    texts = [one["payload"] for one in register.ok("tag", "blank", "--count", "3")["tags"]]
    listed, out = tmp_path / "texts", tmp_path / "blanks.pdf"
    listed.write_text("\n".join(texts), encoding="utf-8")
    register.ok("label", "blanks", f"@{listed}", "--out", out)
    assert read_pdf(out.read_bytes()) == texts
    asset = register.register()
    register.ok("tag", "bind", asset, "--tag", texts[0])
    assert register.ok("show", texts[0])[0]["asset_id"] == asset
    forged = texts[1][:-1] + ("0" if texts[1][-1] != "0" else "1")
    assert register.fails(5, "label", "blanks", forged, "--out", out)["code"] == "payload.forged"


def test_a_person_without_a_card_is_named(register: Register, tmp_path: Path) -> None:
    error = register.fails(4, "label", "cards", "P2", "--out", tmp_path / "cards.pdf")
    assert error["code"] == "badge.not_found"
    assert not (tmp_path / "cards.pdf").exists()


def test_a_calibration_page_is_one_page(register: Register, tmp_path: Path) -> None:
    out = tmp_path / "page.pdf"
    register.ok("label", "calibrate", "--preset", "a4-24", "--offset", "0.5,-1", "--out", out)
    assert len(pypdfium2.PdfDocument(out.read_bytes())) == 1
    error = register.fails(3, "label", "calibrate", "--offset", "much", "--out", out)
    assert error["code"] == "input.invalid"
