"""Documents: every act from every state, whom a chain asks, and the form of numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.document import (
    COURSE,
    ENDS,
    Ask,
    DocAct,
    DocState,
    Opinion,
    Step,
    ask_from,
    may_answer,
    must_stand,
    number_of,
    open_asks,
    plain_steps,
    series_of,
    steps_from,
)
from assetctl.domain.document_kinds import APPLICANT, COUNTERPART, KINDS, RESERVED, DocKind
from assetctl.domain.lifecycle import LIFECYCLE
from assetctl.domain.roles import ROLES
from assetctl.errors import DocumentStateError

# What each act does from where; what is not here is refused.
MATRIX = {
    "revise": {"draft": "draft", "returned": "returned"},
    "submit": {"draft": "submitted", "returned": "submitted"},
    "approve": {"submitted": "approved"},
    "return": {"submitted": "returned"},
    "reject": {"submitted": "rejected"},
    "withdraw": {"draft": "withdrawn", "returned": "withdrawn", "submitted": "withdrawn"},
    "void": {"draft": "voided", "returned": "voided", "submitted": "voided",
             "approved": "voided"},
    "execute": {"approved": "executing", "executing": "executing"},
    "finish": {"approved": "done", "executing": "done"},
}  # fmt: skip


@pytest.mark.parametrize("act", DocAct)
@pytest.mark.parametrize("state", DocState)
def test_every_act_from_every_state(act: DocAct, state: DocState) -> None:
    expected = MATRIX[act.value].get(state.value)
    if expected:
        assert must_stand(act, state, "JY-2026-0001").value == expected
        return
    with pytest.raises(DocumentStateError) as caught:
        must_stand(act, state, "JY-2026-0001")
    allowed = str(caught.value.facts["doc_states"]).split(", ")
    assert set(allowed) == MATRIX[act.value].keys()


def test_nothing_leads_out_of_an_end() -> None:
    assert not any(sources & ENDS for sources, _ in COURSE.values())
    assert {state for state in DocState if not any(state in s for s, _ in COURSE.values())} == ENDS


@given(st.sampled_from(["JY-2026", "ABCD-0001"]), st.integers(1, 10**6))
def test_numbers_are_read_as_they_are_written(series: str, count: int) -> None:
    number = number_of(series, count)
    assert series_of(number) == series
    assert int(number.rpartition("-")[2]) == count


@pytest.mark.parametrize(
    "text", ["", "JY-2026-1", "jy-2026-0001", "J-2026-0001", "JY-26-0001", "舟财资〔2026〕3号",
             "JY-2026-0001 ", "ABCDE-2026-0001", "JY-2026-00a1"],
)  # fmt: skip
def test_other_papers_are_not_taken_for_ours(text: str) -> None:
    assert series_of(text) is None


def agreed(step: int, *asked: str) -> list[Opinion]:
    return [Opinion(round=1, step=step, asked=one, person=one, verdict="agree", at="")
            for one in asked]  # fmt: skip


def test_all_must_agree_or_any_one() -> None:
    asks = (Ask(role="unit_head", unit="U1"), Ask(role="unit_finance", unit="U1"))
    both, either = Step(mode="all", asks=asks), Step(mode="any", asks=asks)
    assert open_asks(both, agreed(1, "unit_head@U1")) == asks[1:]
    assert open_asks(both, agreed(1, "unit_head@U1", "unit_finance@U1")) == ()
    assert open_asks(either, []) == asks
    assert open_asks(either, agreed(1, "unit_finance@U1")) == ()


def test_who_may_answer() -> None:
    ask = Ask(role="unit_head", unit="U1")
    assert may_answer(ask, {"unit_head"}, "U1")
    assert not may_answer(ask, {"unit_head"}, "U2")
    assert not may_answer(ask, {"unit_head"}, None)
    assert not may_answer(ask, {"asset_clerk"}, "U1")
    assert may_answer(Ask(role="unit_head"), {"unit_head"}, None)


asks = st.builds(Ask, role=st.sampled_from(ROLES), unit=st.none() | st.sampled_from(["U1", "甲局"]))
steps = st.lists(
    st.builds(Step, mode=st.sampled_from(["all", "any"]),
              asks=st.lists(asks, min_size=1, max_size=3).map(tuple)),
    max_size=4,
)  # fmt: skip


@given(steps)
def test_steps_survive_history(chain: list[Step]) -> None:
    assert steps_from(plain_steps(chain)) == tuple(chain)


@given(asks)
def test_asks_survive_history(ask: Ask) -> None:
    assert ask_from(str(ask)) == ask


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_what_kinds_allow_can_be_done(kind: DocKind) -> None:
    """Every move starts where the document or another move leaves the asset."""
    one = kind
    reached = {RESERVED} | {move.to for move in one.moves}
    acting = {row.act: set(row.roles) for row in LIFECYCLE}
    for move in one.moves:
        assert move.source in reached
        assert set(move.roles) <= set(ROLES) & acting[move.act]
        assert move.side in (None, APPLICANT, COUNTERPART)
        assert set(move.papers) <= {code for code, paper in KINDS.items() if not paper.is_request}
        assert all(one.field(name) for _, name in move.fits)
        assert move.inside is None or one.field(move.inside)
    assert one.counterpart is None or one.field(one.counterpart)
    assert bool(one.drafters) == one.is_request


def test_prefixes_are_all_different() -> None:
    assert len({kind.prefix for kind in KINDS.values()}) == len(KINDS)
