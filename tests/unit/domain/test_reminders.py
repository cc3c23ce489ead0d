"""Which reminder has come: the schedule of the rules against counting day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.reminders import due_after, newest, reminder_code, schedule
from assetctl.domain.roles import ASSET_CLERK, UNIT_HEAD
from assetctl.domain.warehouse_rules import LoanTerms, built_in, parse_rules
from assetctl.errors import OfficeRulesFaultyError

DUE = date(2026, 5, 1)
TERMS = LoanTerms()


def on(late: int, terms: LoanTerms = TERMS) -> tuple[int, int, str] | None:
    """Return days, level and role of the reminder so many days after the due day."""
    day = DUE + timedelta(days=late)
    found = newest(terms, due=DUE.isoformat(), day=day.isoformat())
    return None if found is None else (found.days, found.level, found.role)


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (-8, None), (-7, (-7, 0, ASSET_CLERK)), (-1, (-7, 0, ASSET_CLERK)),
        (0, (0, 1, ASSET_CLERK)), (2, (0, 1, ASSET_CLERK)), (3, (3, 2, ASSET_CLERK)),
        (7, (7, 3, ASSET_CLERK)), (14, (7, 3, ASSET_CLERK)), (15, (15, 4, UNIT_HEAD)),
        (29, (15, 4, UNIT_HEAD)), (30, (30, 5, UNIT_HEAD)), (900, (30, 5, UNIT_HEAD)),
    ],
)  # fmt: skip
def test_the_usual_schedule(late: int, expected: tuple[int, int, str] | None) -> None:
    assert on(late) == expected


terms = st.builds(
    LoanTerms,
    remind=st.lists(st.integers(-20, 40), max_size=6).map(tuple),
    escalate_after=st.integers(0, 40),
    block_after=st.integers(0, 60),
)


@given(terms, st.integers(-30, 80))
def test_the_newest_step_that_has_come(given_terms: LoanTerms, late: int) -> None:
    steps = {*given_terms.remind, given_terms.escalate_after, given_terms.block_after}
    assert schedule(given_terms) == tuple(sorted(steps))
    come = [step for step in range(-30, late + 1) if step in steps]
    found = on(late, given_terms)
    if not come:
        assert found is None
        return
    assert found is not None
    assert found[0] == max(come)
    assert found[1] == (len([step for step in come if step >= 0]) if found[0] >= 0 else 0)
    assert (found[2] == UNIT_HEAD) == (found[0] >= given_terms.escalate_after)


@given(terms)
def test_levels_count_up_without_a_gap(given_terms: LoanTerms) -> None:
    told = [one for late in range(-30, 80) if (one := on(late, given_terms))]
    levels = [level for _, level, _ in dict.fromkeys(told) if level]
    assert levels == list(range(1, len(levels) + 1))


def test_a_loan_to_an_event_is_due_some_days_after_it() -> None:
    assert due_after("2026-12-28", TERMS) == "2027-01-04"


def test_each_due_day_step_and_channel_is_a_message_of_its_own() -> None:
    codes = {
        reminder_code("JY-2026-0001", due, step, channel)
        for due in ("2026-05-01", "2026-06-01") for step in (-7, 7) for channel in ("file", "email")
    }  # fmt: skip
    assert len(codes) == 8


def test_rules_say_whether_bookings_wait_and_what_their_numbers_begin_with() -> None:
    rules = parse_rules(built_in(), "built in")
    assert rules.share.needs_approval is False
    assert rules.prefix("booking") == "YY"
    other = built_in().replace("needs_approval = false", "needs_approval = true")
    other = other.replace('booking = "YY"', 'booking = "GX"')
    rules = parse_rules(other, "other")
    assert (rules.share.needs_approval, rules.prefix("booking")) == (True, "GX")
    for wrong in ("needs_approval = 1", "needs_approval = true\nmost = 3"):
        with pytest.raises(OfficeRulesFaultyError):
            parse_rules(built_in().replace("needs_approval = false", wrong), "wrong")
    with pytest.raises(OfficeRulesFaultyError):
        parse_rules(built_in().replace('booking = "YY"', 'booking = "JY"'), "wrong")
