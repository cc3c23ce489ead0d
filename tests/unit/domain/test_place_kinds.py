"""Kinds of place: which may lie in which, and which count as a warehouse."""

from __future__ import annotations

import itertools

import pytest

from assetctl.domain.places import KINDS, default_kind, fits, in_warehouse

MAY_LIE_IN = {
    "campus": set[str](),
    "building": {"campus"},
    "floor": {"campus", "building"},
    "room": {"campus", "building", "floor"},
    "warehouse": {"campus", "building", "floor", "room"},
    "zone": {"warehouse"},
    "rack": {"warehouse", "zone"},
    "shelf": {"warehouse", "zone", "rack"},
}


@pytest.mark.parametrize(("inner", "outer"), list(itertools.product(MAY_LIE_IN, repeat=2)))
def test_what_may_lie_in_what(inner: str, outer: str) -> None:
    assert fits(inner, outer) is (outer in MAY_LIE_IN[inner])


def test_every_kind_is_known() -> None:
    assert set(KINDS) == set(MAY_LIE_IN)


def test_a_place_that_was_not_told_lies_one_step_inside() -> None:
    assert {outer: default_kind(outer) for outer in (None, *KINDS)} == {
        None: "warehouse", "campus": "building", "building": "floor", "floor": "room",
        "room": "room", "warehouse": "zone", "zone": "rack", "rack": "shelf", "shelf": "shelf",
    }  # fmt: skip


@pytest.mark.parametrize("outer", KINDS)
def test_going_inwards_never_leaves_the_warehouse(outer: str) -> None:
    assert in_warehouse(default_kind(outer)) is in_warehouse(outer)


def test_only_the_warehouse_family_counts() -> None:
    assert {kind for kind in KINDS if in_warehouse(kind)} == {"warehouse", "zone", "rack", "shelf"}
    assert not in_warehouse(None)
