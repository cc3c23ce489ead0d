"""Whether a tag can have been at both places: known answers, and the same in either order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.chain import instant
from assetctl.domain.travel import TRAVEL_MINUTES, Apart, Seen, apart, pair

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def seen(second: float, station: str = "S1", outermost: str | None = None) -> Seen:
    at = instant(START + timedelta(seconds=second))
    return Seen(station=station, at=at, place=outermost, outermost=outermost)


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        (seen(0), seen(0), None),
        (seen(0), seen(1, "S2"), Apart(pair="S1 / S2", seconds=1)),
        (seen(0), seen(299.9, "S2"), Apart(pair="S1 / S2", seconds=299)),
        (seen(0), seen(300, "S2"), None),
        (seen(0, "S1", "W1"), seen(9, "S2", "W1"), None),
        (seen(0, "S1", "W1"), seen(9, "S1", "B1"), Apart(pair="B1 / W1", seconds=9)),
        (seen(0, "S1", "W1"), seen(9, "S1"), None),
        (seen(0, "S1", "W1"), seen(9, "S2"), Apart(pair="S1 / S2", seconds=9)),
    ],
    ids=["itself", "two desks", "just too soon", "time enough", "one campus, two desks",
         "a station carried too far", "place known once, one desk", "place known once, two desks"],
)  # fmt: skip
def test_known_answers(first: Seen, second: Seen, answer: Apart | None) -> None:
    assert apart(first, second) == answer
    assert apart(second, first) == answer


sightings = st.builds(
    seen, st.integers(0, 2000), st.sampled_from(["S1", "S2"]),
    st.sampled_from([None, "W1", "B1"]),
)  # fmt: skip


@given(sightings, sightings, st.integers(0, 40))
def test_the_order_does_not_matter_and_more_time_never_accuses(
    first: Seen, second: Seen, minutes: int
) -> None:
    found = apart(first, second, minutes=minutes)
    assert found == apart(second, first, minutes=minutes)
    if found is None:
        return
    assert found.seconds < minutes * 60
    assert found == apart(first, second, minutes=minutes + 1)
    assert apart(first, second, minutes=0) is None


def test_the_setting_counts_in_minutes() -> None:
    assert TRAVEL_MINUTES == 5
    assert apart(seen(0), seen(50, "S2"), minutes=1)
    assert apart(seen(0), seen(60, "S2"), minutes=1) is None


@given(st.text(max_size=5), st.text(max_size=5))
def test_a_pair_is_the_same_in_either_order(one: str, other: str) -> None:
    assert pair(one, other) == pair(other, one)
