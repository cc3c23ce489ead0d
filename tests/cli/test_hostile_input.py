"""Text made to harm: the terminal never gets it raw, spreadsheets never run it."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest
import qrcode

from assetctl.i18n import LANGUAGES, Language
from tests.conftest import Answer, Register

HOSTILE = {
    "clear": "\x1b[2J\x1b[H", "title": "\x1b]0;pwned\x07", "link": "\x1b]8;;http://x\x1b\\y",
    "c1": "\x9b31m", "bell": "\a", "back": "safe\b\b\b\bevil", "return": "good\rbad",
    "override": "\u202egnp.exe", "isolate": "\u2066x\u2069", "zero": "a\u200bb", "line": "a\u2028b",
    "del": "a\x7fb",
}  # fmt: skip


def _is_safe(answer: Answer) -> bool:
    return not any(
        unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs") and character != "\n"
        for character in answer.out + answer.err
    )


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_text_never_reaches_the_terminal_raw(desk: Register, what: str) -> None:
    text = HOSTILE[what]
    asset = desk.register("计算机")
    desk.ok("move", asset, "--to", "W1-Z1", "--note", f"n{text}", "--doc", f"d{text}")
    lines: list[tuple[str, ...]] = [
        ("party", "add", "X1", "--name", text, "--kind", "vendor"),
        ("place", "add", "X1", "--name", text),
        ("register", "--name", f"机{text}", "--class", "A02010105", "--owner", "U1"),
        ("checkout", asset, "--to", "P1", "--note", f"n{text}", "--doc", f"d{text}"),
        ("show", asset), ("trace", asset), ("find", "计算机"), ("party", "list"), ("place", "list"),
        ("show", text), ("find", text), ("checkout", asset, "--to", text), (text,),
        ("find", f"--{text}"), ("move", asset, "--to", text), ("find", "--state", text),
        ("checkin", asset, "--condition", text), ("checkin", asset, "--at", text),
        ("import", "assets", f"/nowhere/{text}"), ("show", f"@{text}"),
        ("audit", "log", asset, "--personal"), ("audit", "log", "--doc", f"d{text}"),
        ("audit", "as-of", text), ("audit", "as-of", "now", "--place", text),
        ("audit", "gaps", "--code", text), ("audit", "log", "--out", f"/nowhere/{text}.csv"),
        ("audit", "redact", text, "--all", "--doc", text, "--dry-run"),
        ("audit", "redact", asset, "--all", "--doc", text, "--reason", text),
        ("audit", "redact", asset, "--all", "--doc", f"d{text}", "--dry-run"),
        ("scan", "image", f"/nowhere/{text}"), ("verify", text), ("find", "--db", f"sqlite:///{text}"),
    ]  # fmt: skip
    for line in lines:
        spoken = [desk(*line, lang=lang) for lang in LANGUAGES]
        written = desk(*line, "--json")
        for answer in (*spoken, written):
            assert answer.code != 1, (line, answer.err)
            assert _is_safe(answer), (line, answer)
        assert written.json["ok"] in (True, False)


def test_what_comes_out_as_json_is_what_went_in(desk: Register) -> None:
    asset = desk.register()
    for text in HOSTILE.values():
        for place in ("W1-Z1", "W1"):
            desk.ok("move", asset, "--to", place, "--doc", f"x{text}y")
            assert desk.ok("trace", asset)[-1]["doc"] == f"x{text}y"


@pytest.mark.parametrize(
    "what",
    [name for name in HOSTILE if name not in ("override", "isolate", "zero", "line", "return")],
)
def test_a_name_holds_no_control_characters(desk: Register, what: str) -> None:
    name = f"机{HOSTILE[what]}"
    error = desk.fails(3, "register", "--name", name, "--class", "A02010105", "--owner", "U1")
    assert error["details"]["field"] == "name"


@pytest.mark.parametrize(
    "name", ["第一\n行.csv", "\x1b[31m红.csv", "=1+1.csv", "a'b\"c.csv", "-x.csv"]
)
def test_files_with_strange_names(desk: Register, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    desk.register()
    for lang in LANGUAGES:
        answer = desk("export", "assets", file, lang=lang)
        assert answer.code == 0
        assert _is_safe(answer)
        assert answer.out.count("\n") == 1
    assert desk.ok("import", "assets", file)["unchanged"] == 1
    file.write_text("name,class,owner\n,,\nx,,\n", encoding="utf-8")
    answer = desk("import", "assets", file)
    assert answer.code == 3
    assert _is_safe(answer)


def test_a_scanned_text_is_shown_harmless(desk: Register, tmp_path: Path) -> None:
    text = "\x1b]0;pwned\x07\x1b[2J=1+1"
    picture = tmp_path / "bad\nname.png"
    qrcode.make(text).save(picture)
    for lang in LANGUAGES:
        answer = desk("scan", "image", picture, lang=lang)
        assert answer.code == 0
        assert _is_safe(answer)
    (scan,) = desk.ok("scan", "image", picture)
    assert (scan["text"], scan["verdict"], scan["asset_id"]) == (text, "foreign", None)


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1+1", "\r=1")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_formulas_are_defused_on_export_and_come_back_whole(
    desk: Register, tmp_path: Path, lang: Language
) -> None:
    for text in FORMULAS[:5]:
        desk.register(text, brand=text, model=text)
    file = tmp_path / "list.csv"
    assert desk("export", "assets", file, lang=lang).code == 0
    with file.open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row if cell]
    assert not [cell for cell in cells if cell[0] in "=+-@\t\r"]
    done = desk.ok("import", "assets", file)
    assert (done["unchanged"], done["added"], done["corrected"]) == (5, 0, 0)


@pytest.mark.parametrize("name", ["'=1+1", "'+1", "''=1", "'", "'甲"])
def test_an_apostrophe_of_ones_own_comes_back(desk: Register, tmp_path: Path, name: str) -> None:
    desk.register(name)
    desk.ok("export", "assets", tmp_path / "list.csv")
    assert desk.ok("import", "assets", tmp_path / "list.csv")["unchanged"] == 1


@pytest.mark.parametrize(
    "name",
    ["", " ", "\u3000", "长" * 70_000],
    ids=["none", "blank", "wide", "long"],
)
def test_names_that_cannot_be_kept_are_refused(register: Register, name: str) -> None:
    before = register.ok("verify")
    line = ("register", "--name", name, "--class", "A02010105", "--owner", "U1")
    assert register(*line, "--json").code == 3
    assert register.ok("verify") == before


@pytest.mark.parametrize("code", ["", " ", "a b", "a\nb", "\x1b[2J", "x" * 65, "a\u202eb"])
def test_codes_that_cannot_be_typed_are_refused(desk: Register, code: str) -> None:
    assert desk("party", "add", code, "--name", "x", "--kind", "unit", "--json").code in (2, 3)
    assert desk("place", "add", code, "--name", "x", "--json").code in (2, 3)
