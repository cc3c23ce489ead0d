"""Where a need is looked for, what may be had, and what an entry holds of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain import chain
from assetctl.domain.sourcing import (
    AVAILABILITIES,
    LEVELS,
    Candidate,
    Quota,
    Thing,
    candidate,
    freeze,
    in_order,
    plain_quota,
    result_of,
    thaw,
    unmet,
)
from assetctl.domain.warehouse_rules import SourcingTerms, built_in, parse_rules
from assetctl.errors import OfficeRulesFaultyError

THING = Thing(asset_id="A", name="桌", class_code="A05", state="in_store", owner="U1", place="W1")


@pytest.mark.parametrize(
    ("more", "level"),
    [
        ({"owner": "U2"}, "own"),
        ({"owner": "U2", "state": "idle", "listed": "V1"}, "own"),
        ({"keeper": "U2"}, "kept"),
        ({"keeper": "U9"}, "warehouse"),
        ({}, "warehouse"),
        ({"listed": "V1"}, "warehouse"),
        ({"listed": "V1", "state": "in_use"}, "listed"),
        ({"listed": "V1", "state": "idle"}, "listed"),
        ({"state": "idle"}, "elsewhere"),
    ],
)
def test_levels_go_from_the_unit_outward(more: dict[str, str], level: str) -> None:
    assert candidate(replace(THING, **more), "U2").level == level  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "availability"),
    [
        ({}, "available"), ({"regime": "public"}, "available"),
        ({"regime": "confiscated"}, "regime"), ({"regime": "case_property"}, "regime"),
        ({"promised_to": "JY-2026-0001"}, "promised"),
        ({"promised_to": "JY-2026-0001", "is_taken": True}, "taken"),
        ({"listed": "V1", "state": "in_use"}, "available"),
        ({"listed": "V1", "state": "on_loan"}, "state"),
        ({"listed": "V1", "state": "pending_disposal"}, "state"),
    ],
)  # fmt: skip
def test_what_may_be_had_and_why_not(more: dict[str, str], availability: str) -> None:
    found = candidate(replace(THING, **more), "U2")  # type: ignore[arg-type]
    assert found.availability == availability


candidates = st.builds(
    Candidate, asset_id=st.text("0123456789ABC", min_size=10, max_size=10),
    name=st.sampled_from(["桌", "办公椅"]), class_code=st.sampled_from(["A05010201", "A0502"]),
    level=st.sampled_from(LEVELS), owner=st.sampled_from(["U1", "U2"]),
    place=st.none() | st.sampled_from(["W1", "B1"]),
    condition=st.none() | st.sampled_from(["new", "good"]),
    availability=st.sampled_from(AVAILABILITIES),
    promised_to=st.none() | st.just("JY-2026-0001"),
)  # fmt: skip


@given(st.lists(candidates, max_size=30, unique_by=lambda one: one.asset_id))
def test_what_is_frozen_thaws_to_the_same(found: list[Candidate]) -> None:
    frozen = freeze(found)
    assert in_order(thaw(frozen.groups)) == in_order(found)
    assert (frozen.beyond, frozen.unlisted) == (0, 0)
    assert frozen.available == sum(one.availability == "available" for one in found)


@pytest.mark.parametrize("count", [100, 3000, 6000])
@pytest.mark.parametrize("alike", [True, False])
def test_what_an_entry_cannot_hold_is_counted(count: int, *, alike: bool) -> None:
    found = [
        Candidate(
            asset_id=f"{number:010}", name="桌" if alike else f"桌{number}" * 5, class_code="A05",
            level="warehouse", owner="U1", place="W1", condition=None,
            availability="available" if number % 2 else "promised",
        )
        for number in range(count)
    ]  # fmt: skip
    frozen = freeze(found)
    held = list(thaw(frozen.groups))
    assert len(chain.canonical({"candidates": frozen.groups})) < 50_000
    assert len(held) + frozen.beyond + frozen.unlisted == count
    free = [one for one in held if one.availability == "available"]
    assert len(free) + frozen.beyond == frozen.available == count // 2
    assert len(free) == count // 2 or len(free) == len(held), "what may be had goes first"


def test_what_is_lacking_and_what_became_of_it() -> None:
    assert [unmet(5, met, bought) for met, bought in ((0, 0), (2, 1), (5, 0), (7, 0), (2, 9))] == [
        5, 2, 0, 0, 0,
    ]  # fmt: skip
    assert [result_of(5, met) for met in (0, 1, 4, 5, 9)] == [
        "none",
        "part",
        "part",
        "full",
        "full",
    ]


def test_a_quota_says_how_many_are_left_and_goes_through_history() -> None:
    quota = Quota(staff=20, ceiling=20, held=12, asked=3, quantity_from="函1")
    assert quota.left == 5
    assert Quota(ceiling=1, held=4).left == 0
    assert Quota(held=4).left is None
    assert Quota(**json.loads(chain.canonical(plain_quota(quota)))) == quota


def test_rules_say_how_long_certificates_count_and_whose_standards() -> None:
    text = built_in()
    assert parse_rules(text, "x").sourcing == SourcingTerms(valid_days=30, division="000000")
    changed = text.replace("valid_days = 30", "valid_days = 14").replace('"000000"', '"330921"')
    assert parse_rules(changed, "x").sourcing == SourcingTerms(valid_days=14, division="330921")
    faulty = text.replace("valid_days = 30", 'valid_days = "x"').replace('"000000"', '"33"')
    with pytest.raises(OfficeRulesFaultyError) as caught:
        parse_rules(faulty + "\n", "x")
    lines = caught.value.facts["lines"]
    assert isinstance(lines, tuple)
    assert len(lines) == 2


def test_rules_from_before_needs_were_known_can_still_be_read() -> None:
    old = built_in().partition('[[chain]]\nkind = "need"')[0]
    rules = parse_rules(old, "x")
    assert rules.chain("need", day="2026-01-01", value=0, classes=[]) is None
    assert rules.chain("loan", day="2026-01-01", value=0, classes=[]) is not None
