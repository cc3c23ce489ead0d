"""Half a year of a made-up county through the command line; what stands at the end, by hand.

Worked out on paper: a desktop computer is 5,000 yuan, a desk 1,500. On the books at first:
GOA 100 and 20 (530,000), EDU 150 and 70 (855,000), HEA 120 and 100 (750,000), AGR 100 and 120
(680,000), TOW 80 and 140 (610,000): 1,000 things, 3,425,000 yuan. Title moves: 10 desks from HEA to
GOA (15,000), 10 desks from GOA to AGR (15,000), 7 computers from EDU to TOW (35,000). GOA gets two
portable computers at 6,000 in May, and AGR two cabinets without a value, one of them confiscated
and put into W3. In store at the end: GOA's 100 computers less 2 that are out,
20 + 10 - 10 desks, one portable of two, and the 18 computers of EDU that were accepted less the 7
that went on: 98 + 20 + 1 + 11, and the cabinet in W3. Out are the 2 that are late and the other
portable. The stocktake of W1 finds one of its 130 missing, one in the building of GOA, where it is
in use, and a screen that was in no book (600 yuan), which it takes into the register.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from assetctl.domain.document_kinds import KINDS
from demo.county import HalfYear
from demo.desk import Desk, surroundings


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> HalfYear:
    """The county after its half year."""
    folder: Path = tmp_path_factory.mktemp("county")
    told = HalfYear(folder, Desk(), lang="en")
    with surroundings(home=str(folder / "home")):
        told.tell()
    return told


def test_what_is_on_the_books_of_each_unit(county: HalfYear) -> None:
    assert county.books() == {
        "GOA": (120 + 10 - 10 + 2 + 1, "542600.00"),
        "EDU": (220 - 7, "820000.00"),
        "HEA": (220 - 10, "735000.00"),
        "AGR": (220 + 10 + 2, "695000.00"),
        "TOW": (220 + 7, "645000.00"),
    }


def test_where_the_things_are(county: HalfYear) -> None:
    assert county.states() == {
        "in_store": 131 - 2 + 1, "on_loan": 3, "missing": 1, "in_use": 1004 - 131 - 3 + 1,
    }  # fmt: skip
    counts = {one["code"]: one["count"] for one in county.by("audit", "warehouse", "list")}
    assert counts == {"W1": 130 - 2 + 1, "W2": 5, "W3": 1}


def test_which_documents_there_are(county: HalfYear) -> None:
    papers = county.papers()
    assert {kind: papers[kind] for kind in ("loan", "intake", "realloc", "extension", "need")} == {
        "loan": {"executing": 2, "withdrawn": 2, "rejected": 1, "voided": 1},
        "intake": {"done": 4},
        "realloc": {"done": 2},
        "extension": {"done": 1},
        "need": {"done": 1},
    }
    issued = {"handover": 5, "acceptance": 4, "receipt": 3, "goods_in": 3, "goods_out": 4,
              "return_check": 2, "recall": 1, "certificate": 1, "purchase": 1}  # fmt: skip
    assert {kind: papers[kind]["done"] for kind in issued} == issued


def test_every_kind_of_document_was_written(county: HalfYear) -> None:
    assert county.papers().keys() == KINDS.keys()


def test_what_was_looked_for_and_bought(county: HalfYear) -> None:
    (need,) = county.by("audit", "source", "list")
    assert (need["quantity"], need["met"], need["bought"], need["unmet"]) == (4, 1, 3, 0)


def test_the_stocktake_is_sealed_with_what_it_booked(county: HalfYear) -> None:
    (one,) = county.by("audit", "stocktake", "list")
    assert (one["state"], one["listed"], one["difference"]) == ("closed", 130, "10000.00")
    assert one["counts"] == {"matched": 128, "missing": 1, "wrong_place": 1, "off_book": 1}
    assert one["closing"]["adjusted"] == {"report_missing": 1, "move": 1, "register": 1}
    assert one["closing"]["overtaken"] == []
    kinds = [entry["kind"] for entry in county.by("audit", "trace", f"stocktake:{one['number']}")]
    assert (kinds[0], kinds[-1]) == ("stocktake.planned", "stocktake.closed")
    assert kinds.count("stocktake.swept") == 1


def test_the_history_of_it_all_holds(county: HalfYear) -> None:
    assert county.by("audit", "verify", "--replay")["replayed"]


def test_the_history_of_a_document_can_be_traced(county: HalfYear) -> None:
    told = county.by("audit", "trace", "doc:TJ-2026-0002")
    assert [one["kind"].removeprefix("doc.") for one in told] == [
        "drafted", "submitted", *["opinion_given"] * 4, *["executed"] * 4,
    ]  # fmt: skip
    assert len({one["actor"] for one in told}) == 6
