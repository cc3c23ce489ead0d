"""Blank tags, place tags, staff cards and commands: on every printer, and as sheets."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from assetctl.domain.commands import COMMANDS, command_of
from assetctl.domain.identity import parse_payload
from assetctl.i18n import LANGUAGES, Language, translate
from assetctl.reads.trace import trace
from tests.cli.test_label_jobs import read_pdf
from tests.conftest import Register
from tests.unit.labels import printers

PRINTED = {"places": "place.tag_printed", "cards": "party.card_printed", "blanks": "blank.printed"}


def things(register: Register, kind: str) -> tuple[list[str], list[str], list[str]]:
    """Make two of a kind; return their names, their texts, and the subjects of their history."""
    if kind == "places":
        made = [register.ok("place", "tag", code) for code in ("W1", "B1-101")]
        subjects = ["place:W1", "place:B1-101"]
    elif kind == "cards":
        made = [register.ok("party", "card", code) for code in ("P1", "P2")]
        subjects = ["party:P1", "party:P2"]
    else:
        made = register.ok("tag", "blank", "--count", "2")["tags"]
        subjects = [f"blank:{made[0]['code']}"]
    payloads = [one["payload"] for one in made]
    names = payloads if kind == "blanks" else [one["code"] for one in made]
    return names, payloads, subjects


def printed(register: Register, subjects: list[str]) -> list[Any]:
    with closing(register.store) as store, store.reading() as connection:
        return [
            entry
            for entry in trace(connection, subjects)
            if entry.kind in PRINTED.values()
        ]  # fmt: skip


@pytest.mark.parametrize("kind", PRINTED)
def test_each_goes_to_a_printer_and_into_its_history(register: Register, kind: str) -> None:
    names, payloads, subjects = things(register, kind)
    with printers.printer(printers.take_all) as printer:
        line = ("label", kind, *names, "--printer", printer.address, "--dpi", "300", "--verify")
        done = register.ok(*line)
    pages = printers.zpl(bytes(printer.taken))
    assert [printers.read(page.pictures[0][1]) for page in pages] == [[one] for one in payloads]
    entries = printed(register, subjects)
    assert {entry.kind for entry in entries} == {PRINTED[kind]}
    assert [entry.subject for entry in entries] == subjects
    for entry in entries:
        assert (entry.actor, entry.data["template"], entry.data["dpi"]) == ("admin", "50x30", 300)
        assert entry.data["printer"] == printer.address
        assert entry.disclosed == {}
    assert (done["labels"], len(done["events"])) == (2, len(subjects))
    register.ok("verify", "--replay")


@pytest.mark.parametrize("kind", PRINTED)
@pytest.mark.parametrize("language", ["zpl", "tspl", "escpos", "pdf"])
def test_each_in_every_language_of_printers(
    desk: Register, tmp_path: Path, kind: str, language: str
) -> None:
    names, payloads, subjects = things(desk, kind)
    job = tmp_path / "job"
    desk.ok("label", kind, *names, "--printer", job, "--language", language, "--template", "70x50")
    data = job.read_bytes()
    if language == "pdf":
        assert read_pdf(data) == payloads
    else:
        read = {
            "zpl": lambda: [page.pictures[0][1] for page in printers.zpl(data)],
            "tspl": lambda: [sheet.picture for sheet in printers.tspl(data)],
            "escpos": lambda: [slip.picture for slip in printers.escpos(data)],
        }[language]()
        assert [printers.read(picture) for picture in read] == [[one] for one in payloads]
    assert len(printed(desk, subjects)) == len(subjects)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", PRINTED)
def test_a_second_print_needs_a_reason_before_any_ink(
    register: Register, tmp_path: Path, kind: str, lang: Language
) -> None:
    names, _, subjects = things(register, kind)
    register.ok("label", kind, names[0], "--printer", tmp_path / "first")
    line: list[str | Path] = ["label", kind, *names, "--printer", tmp_path / "second"]
    error = register.fails(5, *line)
    assert (error["code"], error["details"]["count"]) == ("label.reason_needed", 1)
    assert not (tmp_path / "second").exists()
    said = register(*line, lang=lang)
    assert said.code == 5
    assert error["details"]["anew"] in said.err
    register.ok(*line, "--reason", "磨损")
    reasons = [entry.disclosed.get("reason") for entry in printed(register, subjects)]
    expected = [None, "磨损"] if kind == "blanks" else [None, "磨损", None]
    assert reasons == expected, "the reason belongs to what was printed before"
    register.ok("verify", "--replay")


@pytest.mark.parametrize(
    ("kind", "anew"), [("places", ("place", "tag")), ("cards", ("party", "card"))]
)
def test_one_issued_anew_is_printed_without_a_reason(
    register: Register, tmp_path: Path, kind: str, anew: tuple[str, str]
) -> None:
    (name, _), _, (subject, _) = things(register, kind)
    register.ok("label", kind, name, "--printer", tmp_path / "1")
    register.ok(*anew, name, "--replace")
    register.ok("label", kind, name, "--printer", tmp_path / "2")
    copies = [(one.data["issue"], one.data["copy"]) for one in printed(register, [subject])]
    assert copies == [(1, 1), (2, 1)]


@pytest.mark.parametrize("kind", PRINTED)
def test_a_printer_that_fails_leaves_no_entry_and_a_sheet_is_no_print(
    desk: Register, tmp_path: Path, kind: str
) -> None:
    names, payloads, subjects = things(desk, kind)
    error = desk.fails(8, "label", kind, *names, "--printer", "tcp://127.0.0.1:1")
    assert error["code"] == "printer.failed"
    desk.ok("label", kind, *names, "--printer", tmp_path / "job", "--dry-run")
    assert not (tmp_path / "job").exists()
    for out in ("one.pdf", "two.pdf"):
        made = desk.ok("label", kind, *names, "--out", tmp_path / out, "--verify")
        assert made["labels"] == 2
        assert read_pdf((tmp_path / out).read_bytes()) == payloads
    assert printed(desk, subjects) == []


@pytest.mark.parametrize("kind", [*PRINTED, "commands"])
def test_where_to_is_asked_for(desk: Register, tmp_path: Path, kind: str) -> None:
    names = [] if kind == "commands" else things(desk, kind)[0]
    line = ("label", kind, *names)
    assert desk.fails(3, *line)["details"]["field"] == "--printer"
    out = ("--out", tmp_path / "x.pdf", "--printer", "tcp://127.0.0.1:1")
    assert desk.fails(3, *line, *out)["code"] == "input.invalid"
    assert not (tmp_path / "x.pdf").exists()
    with (desk.home / "config.toml").open("a", encoding="utf-8") as file:
        file.write(f'\nprinter = "{tmp_path / "job"}"\n')
    desk.ok(*line)
    assert (tmp_path / "job").read_bytes().startswith(b"^XA")
    desk.ok(*line, "--out", tmp_path / "x.pdf")


@pytest.mark.parametrize("template", ["30x20", "40x30", "50x30", "60x40", "70x50"])
def test_every_command_on_every_roll(desk: Register, tmp_path: Path, template: str) -> None:
    job = tmp_path / "job"
    done = desk.ok("label", "commands", "--printer", job, "--template", template, "--verify")
    assert done["events"] == [], "commands are nobody's: there is no history to note them in"
    read = [
        parse_payload(text)
        for page in printers.zpl(job.read_bytes())
        for text in printers.read(page.pictures[0][1])
    ]
    assert [command_of(payload.subject) for payload in read] == list(COMMANDS)


def test_a_card_shows_the_unit_and_a_sheet_large_letters(desk: Register, tmp_path: Path) -> None:
    desk.ok("party", "card", "P1")
    desk.ok("label", "cards", "P1", "--out", tmp_path / "cards.pdf")
    desk.ok("label", "commands", "--out", tmp_path / "wall.pdf")
    card = text_of(tmp_path / "cards.pdf")
    assert "测试甲" in card
    assert "甲县机关事务管理中心" in card.replace("\r\n", "")
    wall = text_of(tmp_path / "wall.pdf")
    assert wall.index("CHECK-OUT") < wall.index("借出"), "the reader's language first"


def text_of(path: Path) -> str:
    document = pypdfium2.PdfDocument(path.read_bytes())
    return str(document[0].get_textpage().get_text_range())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_captions_are_in_the_language_of_the_settings(
    desk: Register, tmp_path: Path, lang: Language
) -> None:
    asset = desk.ok("register", "--name", "桌", "--class", "A05010201", "--owner", "U1",
                    "--card-no", "2026-7")["asset_id"]  # fmt: skip
    out = tmp_path / "roll.pdf"
    said = desk("label", "roll", asset, "--template", "60x40", "--out", out, lang=lang)
    assert said.code == 0
    assert ("Card: 2026-7" in text_of(out)) == (lang == "en")
    assert ("卡片号：2026-7" in text_of(out)) == (lang == "zh")


def test_a_batch_of_data_matrix_blanks_is_printed_as_such(
    desk: Register, tmp_path: Path
) -> None:  # fmt: skip
    made = desk.ok("tag", "blank", "--count", "2", "--carrier", "datamatrix")["tags"]
    texts = [one["payload"] for one in made]
    job, out = tmp_path / "job", tmp_path / "sheet.pdf"
    desk.ok("label", "blanks", *texts, "--printer", job, "--verify")
    for page in printers.zpl(job.read_bytes()):
        assert printers.read(page.pictures[0][1])[0] in texts
    desk.ok("label", "blanks", *texts, "--out", out)
    (page,) = pypdfium2.PdfDocument(out.read_bytes())
    found = zxingcpp.read_barcodes(page.render(scale=300 / 72, grayscale=True).to_pil())
    assert {one.format for one in found} == {zxingcpp.BarcodeFormat.DataMatrix}
    assert sorted(one.text for one in found) == sorted(texts)
    (other,) = desk.ok("tag", "blank", "--count", "1")["tags"]
    mixed = ("label", "blanks", *texts, other["payload"], "--out", out)
    assert desk.fails(3, *mixed)["code"] == "input.invalid"


def test_blanks_are_named_by_text_by_id_and_from_first_to_last(
    register: Register, tmp_path: Path
) -> None:
    made = register.ok("tag", "blank", "--count", "5")["tags"]
    texts = [one["payload"] for one in made]
    first, last = made[1]["display"].lower(), made[3]["code"]
    register.ok("label", "blanks", f"{first}..{last}", "--printer", tmp_path / "job",
                "--language", "pdf")  # fmt: skip
    assert read_pdf((tmp_path / "job").read_bytes()) == texts[1:4]
    whole = f"{texts[0]}..{texts[4]}"
    register.ok("label", "blanks", whole, made[0]["code"], "--out", tmp_path / "all.pdf")
    assert read_pdf((tmp_path / "all.pdf").read_bytes()) == texts
    out = ("--out", tmp_path / "none.pdf")
    wrong_order = register.fails(3, "label", "blanks", f"{last}..{first}", *out)
    assert wrong_order["code"] == "input.invalid"
    other = register.ok("tag", "blank", "--count", "1")["tags"][0]["code"]
    assert register.fails(3, "label", "blanks", f"{other}..{last}", *out)
    asset = register.register()
    for reference in (asset, f"{asset}..{last}"):
        error = register.fails(4, "label", "blanks", reference, *out)
        assert error["code"] == "blank.not_found"
    assert not (tmp_path / "none.pdf").exists()


def test_the_same_request_prints_once(register: Register, tmp_path: Path) -> None:
    names, _, subjects = things(register, "blanks")
    line = ("label", "blanks", *names, "--request-id", "R-1", "--printer")
    register.ok(*line, tmp_path / "job")
    (tmp_path / "job").unlink()
    again = register.ok(*line, tmp_path / "job")
    assert again["repeated"]
    assert not (tmp_path / "job").exists()
    assert len(printed(register, subjects)) == 1
    other = register.ok("tag", "blank", "--count", "1")["tags"][0]["code"]
    differs = ("label", "blanks", other, "--request-id", "R-1", "--printer", tmp_path / "job")
    assert register.fails(6, *differs)["code"] == "request.reused"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_blanks_that_are_void_or_bound_are_refused_all_at_once(
    register: Register, tmp_path: Path, lang: Language
) -> None:
    made = register.ok("tag", "blank", "--count", "3")["tags"]
    texts = [one["payload"] for one in made]
    asset = register.register()
    register.ok("tag", "bind", asset, "--tag", texts[0])
    register.ok("tag", "void", texts[1])
    for way in (("--out", tmp_path / "x.pdf"), ("--printer", tmp_path / "x")):
        error = register.fails(5, "label", "blanks", *texts, *way)
        assert (error["code"], error["details"]["count"]) == ("blank.state", 2)
    said = register("label", "blanks", *texts, "--out", tmp_path / "x.pdf", lang=lang).err
    assert translate("{tag} is void since {since}", lang).partition("{since}")[0].strip().format(
        tag=made[1]["display"]
    ) in said  # fmt: skip
    assert made[0]["display"] in said
    assert list(tmp_path.glob("x*")) == []
