"""Cards: registered, corrected, with files; parties with their codes; the doctor."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from assetctl.i18n import LANGUAGES, Language, term
from tests.conftest import Register

USCC = "91330106MA2CFLDG4R"


# --- register and correct ----------------------------------------------------------------------


def test_a_correction_keeps_what_stood_there_before(register: Register) -> None:
    asset = register.register(brand="甲牌", serial="SN1")
    made = register.ok("correct", asset, "--set", "brand=乙牌", "--set", "serial=", "--set",
                       "name=一体机", "--note", "抄错了")["events"][0]  # fmt: skip
    assert made["data"]["change"] == 1
    assert made["data"]["before"] == {"brand": "甲牌", "name": "台式计算机", "serial": "SN1"}
    assert made["data"]["after"] == {"brand": "乙牌", "name": "一体机", "serial": ""}
    shown = register.ok("show", asset)[0]
    assert (shown["name"], shown["card"], shown["changes"]) == ("一体机", {"brand": "乙牌"}, 1)
    assert register.ok("correct", asset, "--set", "brand=丙牌")["events"][0]["data"]["change"] == 2
    for lang in LANGUAGES:
        text = register("trace", asset, lang=lang).out
        assert "甲牌 → 乙牌" in text
        assert term("event", "asset.corrected", lang) in text
    register.ok("verify", "--replay")


@pytest.mark.parametrize(
    ("field", "was", "new"),
    [("value", "5000.00", "6000.00"), ("acquired", "2023-03-01", "2023-03-02")],
)
def test_what_was_booked_is_changed_only_under_a_document(
    desk: Register, field: str, was: str, new: str
) -> None:
    asset = desk.register(**{field: was})
    error = desk.fails(5, "correct", asset, "--set", f"{field}={new}")
    assert error["code"] == "card.frozen"
    assert error["details"]["field"] == field
    assert desk.ok("show", asset)[0]["card"] == {field: was}
    desk.ok("correct", asset, "--set", f"{field}={new}", "--doc", "更1")
    assert desk.ok("show", asset)[0]["card"] == {field: new}
    empty = desk.register()
    desk.ok("correct", empty, "--set", f"{field}={new}")


@pytest.mark.parametrize(
    ("code", "change"),
    [("card.no_change", "brand=甲"), ("input.invalid", "colour=red"),
     ("input.invalid", "state=idle"),
     ("input.invalid", "name="), ("input.invalid", "brand"), ("input.invalid", "=x"),
     ("input.invalid", "quantity=-1"), ("input.invalid", "warranty=soon"),
     ("input.invalid", "condition=shiny"), ("class.not_found", "class_code=A99999999"),
     ("party.not_found", "custodian=P9"), ("input.invalid", "plate=浙A12345"),
     ("input.invalid", "holder=P2")],
)  # fmt: skip
def test_corrections_that_are_refused(desk: Register, code: str, change: str) -> None:
    asset = desk.register(brand="甲")
    answer = desk("correct", asset, "--set", change, "--json")
    assert answer.code in (3, 4, 5)
    assert answer.error["code"] == code
    assert len(desk.ok("trace", asset)) == 1


def test_a_new_card_number_is_known_at_once(register: Register) -> None:
    asset = register.register(**{"card-no": "0001"})
    register.ok("correct", asset, "--set", "card_no=0002")
    assert register.ok("show", "0002")[0]["asset_id"] == asset
    other = register.register()
    assert register.fails(6, "correct", other, "--set", "card_no=0002")["code"] == "code.taken"
    assert register("correct", asset, "--set", "card_no=0002").code in (5, 6)
    register.ok("verify", "--replay")


def test_a_condition_can_be_cleared(desk: Register) -> None:
    asset = desk.register(condition="good")
    desk.ok("correct", asset, "--set", "condition=")
    assert desk.ok("show", asset)[0]["condition"] is None


def test_words_of_both_languages_are_taken(desk: Register) -> None:
    asset = desk.register(condition=term("condition", "poor", "zh"))
    assert desk.ok("show", asset)[0]["condition"] == "poor"
    desk.ok("correct", asset, "--set", f"condition={term('condition', 'good', 'en')}")
    assert desk.ok("show", asset)[0]["condition"] == "good"
    desk.ok("dispose", "propose", asset, "--method", term("method", "donation", "zh"))
    assert desk.ok("show", asset)[0]["disposal_method"] == "donation"


def test_fields_of_a_class_belong_to_that_class(desk: Register) -> None:
    car = desk.ok("register", "--name", "轿车", "--class", "A02030501", "--owner", "U1", "--set",
                  "plate=浙A12345", "--set", "seats=5")["asset_id"]  # fmt: skip
    assert desk.ok("show", car)[0]["attributes"] == {"plate": "浙A12345", "seats": "5"}
    desk.ok("correct", car, "--set", "seats=7")
    assert desk.ok("show", car)[0]["attributes"] == {"plate": "浙A12345", "seats": "7"}
    line = ("register", "--name", "桌", "--class", "A05010201", "--owner", "U1", "--set", "seats=5")
    assert desk.fails(3, *line)["details"]["field"] == "seats"


@pytest.mark.parametrize("place", ["W1", "B1", ""])
def test_the_state_follows_from_the_place(desk: Register, place: str) -> None:
    line = ["register", "--name", "桌", "--class", "A05010201", "--owner", "U1"]
    made = desk.ok(*line, *(("--place", place) if place else ()))
    assert made["events"][0]["data"]["state"] == ("in_store" if place == "W1" else "in_use")
    assert desk.ok(*line, "--state", "idle")["events"][0]["data"]["state"] == "idle"
    assert desk.fails(3, *line, "--state", "on_loan")["code"] == "input.invalid"
    assert desk.fails(3, *line, "--alias", "none")["code"] == "input.invalid"
    assert desk.fails(3, *line, "--value", "1e5")["code"] == "input.invalid"


# --- files -------------------------------------------------------------------------------------


def test_a_file_is_kept_by_the_hash_of_its_bytes(register: Register, tmp_path: Path) -> None:
    asset = register.register()
    file = tmp_path / "照片.jpg"
    file.write_bytes(b"\xff\xd8 a photo")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    made = register.ok("attach", asset, file, "--title", "正面")
    assert made["sha256"] == digest
    assert (register.home / "blobs" / digest[:2] / digest).read_bytes() == file.read_bytes()
    shown = register.ok("show", asset)[0]["attachments"]
    assert shown == [{"sha256": digest, "role": "photo", "title": "正面",
                      "media_type": "image/jpeg", "byte_count": 10, "erased_at": None}]  # fmt: skip
    assert b"\xe6\xad\xa3" not in bytes(  # the title stands apart, so that it can be erased
        register.ok("trace", asset)[1]["data"].get("title", ""), "utf-8"
    )


def test_the_same_file_twice_is_refused(register: Register, tmp_path: Path) -> None:
    asset, other = register.register(), register.register()
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF")
    register.ok("attach", asset, file, "--role", "invoice")
    error = register.fails(6, "attach", asset, file, "--role", "photo")
    assert error["code"] == "code.taken"
    register.ok("attach", other, file)
    assert register.fails(4, "attach", asset, tmp_path / "none")["code"] == "file.not_found"
    assert register.fails(4, "attach", asset, tmp_path)["code"] == "file.not_found"
    register.ok("verify", "--replay")


# --- parties and places --------------------------------------------------------------------------


def test_credit_codes_are_checked_and_let_through_with_a_reason(register: Register) -> None:
    line = ("party", "add", "X1", "--name", "甲", "--kind", "unit", "--uscc")
    for wrong in (USCC[:-1], f"{USCC[:-1]}I", USCC[::-1], "x" * 18):
        error = register.fails(3, *line, wrong)
        assert error["code"] == "party.uscc_invalid"
        assert error["details"]["uscc"] == wrong
    for lang in LANGUAGES:
        assert USCC[:-1] in register(*line, USCC[:-1], lang=lang).err
    made = register.ok(*line, USCC[:-1], "--uscc-reason", "旧证未换")
    assert "uscc_reason" not in made["events"][0]["data"], "it is free text and stands apart"
    (shown,) = (one for one in register.ok("party", "list") if one["code"] == "X1")
    assert shown["uscc"] == USCC[:-1]


def test_a_right_credit_code_is_taken(desk: Register) -> None:
    from assetctl.domain.uscc import check_character, organisation_check

    body = "91330106MA2CFLDG"
    body += organisation_check(body[8:16])
    right = body + check_character(body)
    desk.ok("party", "add", "X1", "--name", "甲", "--kind", "unit", "--uscc", right)


@pytest.mark.parametrize(
    ("code", "line"),
    [("input.invalid", ("--kind", "ghost")),
     ("party.not_found", ("--kind", "person", "--unit", "X")),
     ("party.wrong_kind", ("--kind", "person", "--unit", "P1"))],
)  # fmt: skip
def test_parties_that_are_refused(desk: Register, code: str, line: tuple[str, ...]) -> None:
    answer = desk("party", "add", "X1", "--name", "x", *line, "--json")
    assert answer.code in (3, 4, 5)
    assert answer.error["code"] == code


@pytest.mark.parametrize(
    ("code", "line"),
    [("place.not_found", ("--parent", "X")), ("input.invalid", ("--kind", "ghost")),
     ("input.invalid", ("--parent", "W1-Z1", "--kind", "warehouse")),
     ("input.invalid", ("--parent", "W1", "--kind", "room"))],
)  # fmt: skip
def test_places_that_are_refused(desk: Register, code: str, line: tuple[str, ...]) -> None:
    answer = desk("place", "add", "X1", "--name", "x", *line, "--json")
    assert answer.code in (3, 4)
    assert answer.error["code"] == code


# --- the doctor --------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_doctor_finds_lost_keys(desk: Register, lang: Language) -> None:
    well = desk("doctor", "--json")
    assert (well.code == 0) == all(part["status"] == "ok" for part in well.data)
    for key in (desk.home / "keys").iterdir():
        key.unlink()
    ill = desk("doctor", "--json")
    assert ill.code == 9
    parts = {part["part"]: part for part in ill.data}
    assert parts["keys"]["status"] == "missing"
    assert parts["keys"]["cost"]
    assert parts["keys"]["mend"]
    assert parts["register"]["status"] == "ok"
    said = desk("doctor", lang=lang)
    assert said.code == 9
    assert term("status", "missing", lang) in said.out


def test_the_doctor_finds_keys_that_others_may_read(desk: Register) -> None:
    (desk.home / "keys").chmod(0o755)
    answer = desk("doctor", "--json")
    assert answer.code == 9
    assert {part["part"]: part["status"] for part in answer.data}["keys"] == "unsafe"


def test_the_doctor_looks_at_a_place_where_nothing_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = Register(tmp_path / "home", f"sqlite:///{tmp_path}/none.db", capsys)
    answer = nothing("doctor", "--json")
    assert answer.code == 9
    assert answer.data[0]["status"] == "missing"
    assert not list(tmp_path.iterdir()), "it only looks"


def test_init_is_done_once_and_again_changes_nothing(register: Register) -> None:
    before = register.ok("verify", "--replay")
    again = register.ok("init")
    assert again["created"] is False
    assert register.ok("verify", "--replay") == before
    for lang in LANGUAGES:
        assert register("init", lang=lang).code == 0
