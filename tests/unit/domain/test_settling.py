"""How evidence is weighed: known answers, and what no order and no repetition may change."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.settling import (
    HAND,
    MISSING,
    RADIO,
    SCAN,
    Account,
    Evidence,
    Find,
    confirmed_by,
    only_by_holder,
    settle_listed,
    settle_unlisted,
    weigh,
)
from assetctl.domain.stocktake import Line, freeze, sheet_hash, thaw

ROOMS = {"B1": None, "B1-101": "B1", "B1-102": "B1", "W1": None}


def agree(one: str, other: str) -> bool:
    return one == other or ROOMS.get(one) == other or ROOMS.get(other) == one


def find(**more: object) -> Find:
    facts = {
        "item": "K7M29QXD4F", "batch": 1, "line": 1, "round": 1, "how": SCAN, "person": "P1",
        "place": "B1-101", "at": "2026-11-30T01:00:00.000000Z",
    }  # fmt: skip
    return Find(**{**facts, **more})  # type: ignore[arg-type]


LINE = Line(
    asset_id="K7M29QXD4F", name="椅子", class_code="A05010301", owner="U1", holder="U1",
    place="B1-101", state="in_use", condition="good", value="100.00",
)  # fmt: skip
ACCOUNT = Account(owner="U1", holder="U1", place="B1-101", state="in_use", condition="good")


@pytest.mark.parametrize(
    ("finds", "how", "place", "absent"),
    [
        ([], "", "", False),
        ([{"how": RADIO, "verdict": "present"}], RADIO, "B1-101", False),
        ([{"how": RADIO, "verdict": "present", "place": "B1"}], RADIO, "B1-101", False),
        ([{"how": RADIO, "verdict": "weak"}], "", "", False),
        ([{"how": RADIO, "verdict": "surplus", "place": "W1"}], "", "", False),
        ([{"how": RADIO, "verdict": "present"}, {"place": "W1"}], SCAN, "W1", False),
        ([{"place": "W1"}, {"how": RADIO, "verdict": "present", "round": 2}], SCAN, "W1", False),
        ([{"how": RADIO, "verdict": "present"}, {"how": HAND, "quantity": 0}], "", "", True),
        ([{}, {"how": HAND, "quantity": 0, "round": 2}], "", "", True),
        ([{"how": HAND, "quantity": 0}, {"round": 2}], SCAN, "B1-101", False),
        ([{}, {"how": HAND, "quantity": 0}], SCAN, "B1-101", False),
    ],
)
def test_what_outranks_what(
    finds: list[dict[str, object]], how: str, place: str, absent: bool
) -> None:
    evidence = weigh([find(batch=n, **one) for n, one in enumerate(finds, 1)], "B1-101", agree)
    assert (evidence.how, evidence.place, evidence.absent) == (how, place, absent)


@pytest.mark.parametrize(
    ("evidence", "account", "results"),
    [
        ({"how": SCAN, "place": "B1-101"}, {}, ()),
        ({"how": SCAN, "place": "B1"}, {}, ()),
        ({"how": SCAN, "place": "B1-102"}, {}, ("wrong_place",)),
        ({"how": SCAN, "place": "B1-101"}, {"place": "B1-102"}, ("wrong_place",)),
        ({"how": SCAN, "place": "B1-101"}, {"place": ""}, ("wrong_place",)),
        ({"how": SCAN, "place": "B1-101", "holder": "P2"}, {}, ("wrong_holder",)),
        ({"how": SCAN, "place": "B1-101", "condition": "good"}, {}, ()),
        ({"how": SCAN, "place": "B1-101", "condition": "poor"}, {}, ("wrong_state",)),
        ({"how": SCAN, "place": "B1-101"}, {"state": "missing"}, ("wrong_state",)),
        ({"how": SCAN, "place": "B1-101", "tag": "damaged"}, {}, ("tag_damaged",)),
        ({"how": SCAN, "place": "B1-101", "quantity": 2}, {"quantity": "3"}, ("missing",)),
        ({"how": SCAN, "place": "B1-101", "quantity": 4}, {"quantity": "3"}, ("surplus",)),
        ({"how": RADIO, "place": "B1-101"}, {"quantity": "3"}, ()),
        ({}, {}, ("missing",)),
        ({}, {"state": "on_loan", "place": ""}, ("missing",)),
    ],
)  # fmt: skip
def test_in_what_a_listed_thing_differs(
    evidence: dict[str, object], account: dict[str, str], results: tuple[str, ...]
) -> None:
    seen = Evidence(**evidence)  # type: ignore[arg-type]
    _, found = settle_listed(LINE, seen, replace(ACCOUNT, **account), agree, in_scope=True)
    assert found == results


def test_what_left_with_a_record_is_not_missing() -> None:
    lent = replace(ACCOUNT, state="on_loan", place="")
    evidence, results = settle_listed(LINE, Evidence(), lent, agree, in_scope=False)
    assert (evidence.how, results) == ("record", ())
    gone = replace(ACCOUNT, state="missing")
    assert settle_listed(LINE, Evidence(), gone, agree, in_scope=False)[1] == (MISSING,)


@pytest.mark.parametrize(
    ("account", "owned", "results"),
    [
        (None, True, ("off_book",)), (ACCOUNT, True, ()),
        (replace(ACCOUNT, place="W1"), True, ("wrong_place",)),
        (replace(ACCOUNT, place="W1"), False, ("surplus",)),
        (replace(ACCOUNT, place="", state="on_loan"), False, ("wrong_place", "wrong_state")),
    ],
)  # fmt: skip
def test_in_what_an_unlisted_thing_differs(
    account: Account | None, owned: bool, results: tuple[str, ...]
) -> None:
    seen = Evidence(how=SCAN, place="B1-101")
    assert settle_unlisted(seen, account, agree, owned=owned) == results


def test_nobody_confirms_what_he_counted_first_or_holds() -> None:
    seen = [find(), find(batch=2, round=2, person="P2"), find(batch=3, round=2, person="P3")]
    evidence = weigh(seen, "B1-101", agree)
    assert confirmed_by(seen, evidence, {"P1"}, "P3") == "P2"
    assert confirmed_by(seen, evidence, {"P1", "P2"}, "P3") is None
    assert confirmed_by(seen[:1], evidence, {"P9"}, "") is None, "the first round confirms nothing"
    radio = replace(seen[1], how=RADIO, verdict="present")
    assert confirmed_by([seen[0], radio], evidence, {"P1"}, "") is None
    gone = [find(how=HAND, quantity=0, round=2, person="P2")]
    assert confirmed_by(gone, weigh(gone, "B1-101", agree), {"P1"}, "") == "P2"
    assert only_by_holder([find(person="P7"), find(batch=2, person="P7")], "P7")
    assert not only_by_holder([find(person="P7"), find(batch=2)], "P7")


FINDS = st.lists(
    st.builds(
        find,
        round=st.integers(1, 3), how=st.sampled_from([SCAN, HAND, RADIO]),
        person=st.sampled_from(["P1", "P2"]), place=st.sampled_from(sorted(ROOMS)),
        quantity=st.sampled_from([None, 0, 1, 20]), tag=st.sampled_from([None, "damaged"]),
        verdict=st.sampled_from(["present", "weak", "surplus", "nearby"]),
        at=st.integers(0, 9).map(lambda n: f"2026-11-30T01:00:0{n}.000000Z"),
    ),
    max_size=8,
)  # fmt: skip


@given(FINDS, st.randoms(use_true_random=False))
def test_the_newest_word_counts_in_whatever_order_rows_come(
    finds: list[Find], random: Random
) -> None:
    numbered = [replace(one, batch=n) for n, one in enumerate(finds, 1)]
    evidence = weigh(numbered, "B1-101", agree)
    seen = [one for one in numbered if one.how != RADIO and not one.is_absence]
    if evidence.how in (SCAN, HAND):
        assert evidence.place in {one.place for one in seen}
        assert evidence.round == max(one.round for one in seen)
    if not evidence.how and not evidence.absent:
        assert not seen, "a thing that somebody had in hand was forgotten"
    # A radio read added to what people saw changes nothing but the hint.
    heard = [*numbered, find(how=RADIO, verdict="present", place="B1-101", batch=99)]
    if seen:
        assert replace(weigh(heard, "B1-101", agree), hint="") == replace(evidence, hint="")
    # Counted once more at the same place by somebody else, it counts once.
    if evidence.how in (SCAN, HAND) and evidence.quantity is not None:
        newest = max(seen, key=lambda one: (one.round, one.at, one.batch))
        again = [*numbered, replace(newest, batch=98, person="P2")]
        assert weigh(again, "B1-101", agree).quantity == evidence.quantity
    random.shuffle(numbered)
    assert weigh(numbered, "B1-101", agree) == evidence


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.tuples(*[TEXTS] * 14), max_size=5))
def test_a_frozen_list_thaws_to_itself_and_its_hash_sees_every_change(
    rows: list[tuple[str, ...]],
) -> None:
    lines = list(thaw(rows))
    frozen = freeze(lines)
    assert frozen == [list(row) for row in rows]
    for number, row in enumerate(frozen):
        for column in range(len(row)):
            changed = [list(one) for one in frozen]
            changed[number][column] += "x"
            assert sheet_hash(changed) != sheet_hash(frozen)
    assert sheet_hash([*frozen, [""] * 14]) != sheet_hash(frozen)
