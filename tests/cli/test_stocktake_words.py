"""What people are told on the way of a stocktake, and what must not be put off until its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Register

EPC, OTHER = "E28011606000020900000001", "E28011606000020900000002"


@pytest.fixture
def office(desk: Register) -> Register:
    """People in roles, on SQLite."""
    for code, role in (("C1", "asset_clerk"), ("K1", "warehouse_keeper"),
                       ("K2", "warehouse_keeper"), ("H1", "unit_head")):  # fmt: skip
        desk.ok("party", "add", code, "--name", f"测试{code}", "--kind", "person", "--unit", "U1")
        desk.ok("role", "grant", code, role)
    return desk


def opened(register: Register, *more: str) -> str:
    planned = register.ok("--as", "C1", "stocktake", "plan", "--team", "A=K1", "--team", "B=K2",
                          *more)  # fmt: skip
    register.ok("--as", "C1", "stocktake", "open", planned["number"])
    return str(planned["number"])


def by(register: Register, person: str, act: str, number: str, *more: str | Path) -> Any:
    return register.ok("--as", person, "stocktake", act, number, *more)


def said(register: Register, person: str, act: str, number: str, *more: str | Path) -> str:
    answer = register("--as", person, "stocktake", act, number, *more, lang="en")
    assert answer.code == 0, answer.err
    return answer.out + answer.err


def recounted(register: Register, number: str) -> None:
    for person in ("K1", "K2"):
        by(register, person, "finish", number)
    by(register, "C1", "recount", number)


def test_what_is_not_counted_yet_is_told_from_what_was_looked_for(office: Register) -> None:
    there, looked_for, _ = (office.register() for _ in range(3))
    number = opened(office)
    by(office, "K1", "count", number, there, "--place", "W1")
    by(office, "K1", "count", number, looked_for, "--absent")
    status = by(office, "C1", "status", number, "--differences")
    assert (status["results"], status["left"]) == ({"matched": 1, "missing": 2}, 1)
    text = said(office, "C1", "status", number, "--differences")
    assert text.count("looked for") == 1


def test_what_was_in_no_book_and_was_not_found_again_matches_nothing(office: Register) -> None:
    office.register()
    number = opened(office)
    found = by(office, "K1", "count", number, "--place", "W1", "--found", "柜子")["item"]
    assert found == "+1.1"
    recounted(office, number)
    by(office, "K2", "count", number, found, "--absent")
    assert by(office, "C1", "status", number)["results"] == {"missing": 1}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--class", "A0201XX", "--value", "1.00"), 4),
        (("--class", "A05010502", "--value", "百"), 3),
    ],
)
def test_a_card_that_could_not_be_registered_is_refused_at_once(
    office: Register, more: tuple[str, ...], code: int
) -> None:
    office.register()
    number = opened(office)
    by(office, "K1", "count", number, "--place", "W1", "--found", "柜子")
    office.fails(code, "--as", "C1", "stocktake", "explain", number, "+1.1", "--reason",
                 "never_booked", *more)  # fmt: skip
    by(office, "C1", "explain", number, "+1.1", "--reason", "never_booked", "--class",
       "A05010502", "--value", "1,200")  # fmt: skip
    status = by(office, "C1", "status", number, "--differences")
    assert status["reasons"]["+1.1"]["card"] == {"class_code": "A05010502", "value": "1200.00"}


def test_closing_names_what_it_leaves_and_books_what_was_submitted_late(office: Register) -> None:
    damaged, lost = office.register(), office.register()
    number = opened(office)
    by(office, "K1", "count", number, damaged, "--place", "W1", "--tag", "damaged")
    recounted(office, number)
    by(office, "K2", "count", number, damaged, "--place", "W1")
    by(office, "K2", "count", number, lost, "--absent")
    by(office, "C1", "explain", number, damaged, "--reason", "worn")
    by(office, "C1", "explain", number, lost, "--reason", "lost")
    # Submitted for an earlier moment than that at which its things were last written.
    office.ok("--as", "C1", "--at", "2020-01-01", "stocktake", "submit", number)
    (waiting,) = office.ok("stocktake", "list", "--state", "submitted")
    assert waiting["waits_for"] == ["unit_head@U1"]
    by(office, "H1", "approve", number)
    answer = office("--as", "C1", "stocktake", "close", number, "--yes", lang="en")
    assert answer.code == 0
    assert "Not booked: 1 whose labels are damaged or missing" in answer.err
    closing = office.ok("stocktake", "status", number)["stocktake"]["closing"]
    assert (closing["adjusted"], closing["overtaken"]) == ({"report_missing": 1}, [])


def test_results_that_were_returned_are_not_shown_as_if_they_counted(office: Register) -> None:
    lost = office.register()
    number = opened(office)
    recounted(office, number)
    by(office, "K1", "count", number, lost, "--absent")
    by(office, "C1", "explain", number, lost, "--reason", "lost")
    assert "Hash of the results" in said(office, "C1", "submit", number)
    assert "Hash of the results" not in said(
        office, "H1", "approve", number, "--return", "look again"
    )


def test_a_blind_count_hides_how_much_is_expected(office: Register) -> None:
    office.register()
    number = opened(office, "--blind")
    assert "1 things worth" in said(office, "C1", "status", number)
    assert "things worth" not in said(office, "K1", "status", number)


def test_a_long_list_of_what_is_open_says_how_much_it_leaves_out(office: Register) -> None:
    things = [office.register() for _ in range(13)]
    number = opened(office)
    recounted(office, number)
    answer = office("--as", "C1", "stocktake", "submit", number, lang="en")
    assert answer.code == 5
    assert "26 reasons" in answer.err
    assert len(answer.err.strip().splitlines()) == 1 + 20 + 1
    assert "and 6 more" in answer.err
    first = min(things)
    assert f"{first[:4]}-{first[4:8]}-{first[8:]} is not explained" in answer.err


def recording(file: Path, *epcs: str) -> Path:
    lines = [{"ms": second * 1000, "text": epc, "symbology": "rfid",
              "radio": {"rssi": -50.0, "antenna": 1}}
             for second in range(5) for epc in epcs]  # fmt: skip
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return file


def test_a_sweep_says_where_a_stranger_belongs_and_that_it_was_landed_before(
    office: Register, tmp_path: Path
) -> None:
    here, elsewhere = office.register(), office.register(place="B1-101")
    office.ok("tag", "bind", here, "--epc", EPC)
    office.ok("tag", "bind", elsewhere, "--epc", OTHER)
    number = opened(office)
    sweep = ("--place", "W1", "--reader", f"replay:{recording(tmp_path / 'reads', EPC, OTHER)}")
    (stranger,) = by(office, "K1", "count", number, *sweep)["tags"]
    assert (stranger["verdict"], stranger["place"]) == ("surplus", "B1-101")
    assert "landed before" in said(office, "K1", "count", number, *sweep)
    # The reader told strength; that none of its tags is expected here is what must be said.
    wrong = ("--place", "B1", "--reader", f"replay:{recording(tmp_path / 'others', EPC)}")
    text = said(office, "K1", "count", number, *wrong)
    assert "is it the right place?" in text
    assert "without signal strength" not in text
