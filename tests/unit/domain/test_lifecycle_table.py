"""The lifecycle: every act from every state, against a matrix written by hand."""

from __future__ import annotations

import itertools

import pytest

from assetctl.acts.register import INITIAL_STATES
from assetctl.domain import lifecycle
from assetctl.domain.lifecycle import Act, Custody, Given, State, advance
from assetctl.errors import ActRefusedError, DocumentRequiredError, SomeoneFirstError

Outcome = tuple[str, str, str | None]
"""State, holder and place."""

ALIVE = "in_use idle in_store on_loan in_transit in_repair missing pending_disposal"
AT_HAND = "in_use idle in_store"

# Act: from which states, and the state after it; then holder and place after it, where the asset
# is owned by OWNER, held by HOLDER at HERE, before that by LENDER at BEFORE (as it was in store),
# was sent to RECEIVER, and the act names PARTY and THERE (no warehouse). What is called off is
# still, or again, in the warehouse.
MATRIX: dict[str, dict[str, Outcome]] = {
    "register": {},
    "correct": {ALIVE: ("same", "HOLDER", "HERE")},
    "attach": {f"{ALIVE} disposed": ("same", "HOLDER", "HERE")},
    "count": {f"{ALIVE} disposed": ("same", "HOLDER", "HERE")},
    "bind_tag": {ALIVE: ("same", "HOLDER", "HERE")},
    "replace_tag": {ALIVE: ("same", "HOLDER", "HERE")},
    "void_tag": {f"{ALIVE} disposed": ("same", "HOLDER", "HERE")},
    "check_out": {AT_HAND: ("on_loan", "PARTY", "THERE")},
    "check_in": {"on_loan": ("in_use", "LENDER", "THERE")},
    "extend": {"on_loan": ("same", "HOLDER", "HERE")},
    "move": {
        "in_use in_store": ("in_use", "HOLDER", "THERE"),
        "idle": ("idle", "HOLDER", "THERE"),
        "on_loan pending_disposal": ("same", "HOLDER", "THERE"),
    },
    "send": {AT_HAND: ("in_transit", "HOLDER", None)},
    "receive": {"in_transit": ("in_use", "RECEIVER", "THERE")},
    "refuse": {"in_transit": ("in_store", "LENDER", "BEFORE")},
    "transfer_title": {f"{AT_HAND} on_loan": ("same", "HOLDER", "HERE")},
    "report_missing": {
        "in_use idle in_store on_loan in_transit in_repair pending_disposal": (
            "missing", "HOLDER", "HERE",
        )
    },
    "report_found": {"missing": ("in_use", "OWNER", "THERE")},
    "propose_disposal": {f"{AT_HAND} missing": ("pending_disposal", "HOLDER", "HERE")},
    "withdraw_disposal": {"pending_disposal": ("in_store", "HOLDER", "HERE")},
    "dispose": {"pending_disposal": ("disposed", "HOLDER", None)},
    "list": {AT_HAND: ("same", "HOLDER", "HERE")},
    "unlist": {f"{ALIVE} disposed": ("same", "HOLDER", "HERE")},
    "sanitise": {ALIVE: ("same", "HOLDER", "HERE")},
    "share": {AT_HAND: ("same", "HOLDER", "HERE")},
    "unshare": {f"{ALIVE} disposed": ("same", "HOLDER", "HERE")},
}  # fmt: skip
REMEMBERING = {State.ON_LOAN, State.IN_TRANSIT, State.PENDING_DISPOSAL}
NO_ACT_LEADS_TO = {State.IN_REPAIR}
"""Kept for registers to come; no act of this version begins or ends a repair."""


def custody(state: State, **more: str | State | None) -> Custody:
    facts: dict[str, str | State | None] = {"place": "HERE", "held_since": "SINCE"}
    if state in REMEMBERING:
        facts |= {
            "prior_state": State.IN_STORE, "prior_holder": "LENDER", "prior_place": "BEFORE",
        }  # fmt: skip
    if state is State.IN_TRANSIT:
        facts["sent_to"] = "RECEIVER"
    fixed: dict[str, str] = {"asset_id": "ID", "owner": "OWNER", "holder": "HOLDER"}
    return Custody(**(fixed | facts | more), state=state)  # type: ignore[arg-type]


def given(**more: str | bool | None) -> Given:
    facts = {"party": "PARTY", "place": "THERE", "document": "DOC"} | more
    return Given(**facts)  # type: ignore[arg-type]


def expected(act: Act, state: State) -> Outcome | None:
    for sources, (to, holder, place) in MATRIX[act.value].items():
        if state.value in sources.split():
            return (state.value if to == "same" else to), holder, place
    return None


def allowed(act: Act) -> list[str]:
    return [state.value for state in State if expected(act, state)]


def outcome(act: Act, now: Custody, wish: Given) -> Outcome:
    after = advance(act, now, wish)
    return after.state.value, after.holder, after.place


def test_the_matrix_speaks_of_every_act_and_state() -> None:
    assert set(MATRIX) == {act.value for act in Act}
    named = {word for rows in MATRIX.values() for sources in rows for word in sources.split()}
    assert named == {state.value for state in State}


@pytest.mark.parametrize(("act", "state"), list(itertools.product(Act, State)), ids=str)
def test_every_act_from_every_state(act: Act, state: State) -> None:
    wanted = expected(act, state)
    if wanted is not None:
        called_off = act in (Act.REFUSE, Act.WITHDRAW_DISPOSAL)
        assert outcome(act, custody(state), given(in_warehouse=called_off)) == wanted
        return
    with pytest.raises(ActRefusedError) as caught:
        advance(act, custody(state), given())
    facts = caught.value.facts
    assert facts["allowed_from"] == (", ".join(allowed(act)) or "-")
    now = ", ".join(other.value for other in Act if expected(other, state))
    assert facts["allowed_acts"] == (now or "-")
    assert (facts["act"], facts["asset_id"], facts["state"]) == (act.value, "ID", state.value)
    assert (facts["holder"], facts["since"]) == ("HOLDER", "SINCE")


@pytest.mark.parametrize("act", Act)
def test_the_states_an_act_may_start_from_are_listed_in_order(act: Act) -> None:
    assert [state.value for state in lifecycle.sources(act)] == allowed(act)


def test_no_act_has_two_rows_for_one_state() -> None:
    rows = [(row.act, state) for row in lifecycle.LIFECYCLE for state in row.sources]
    assert len(rows) == len(set(rows))


def test_every_act_has_a_row() -> None:
    assert {row.act for row in lifecycle.LIFECYCLE} == set(Act)


# --- the whole life --------------------------------------------------------------------------


def after(state: State) -> set[State]:
    """Return every state one act away, whether or not the place lies in a warehouse."""
    found = set()
    for act, inside, was in itertools.product(Act, (True, False), (*INITIAL_STATES, State.MISSING)):
        more = {"prior_state": was} if state in REMEMBERING else {}
        if expected(act, state):
            wish = given(in_warehouse=inside)
            found.add(advance(act, custody(state, **more), wish).state)
    return found


def test_every_state_is_reached_but_those_kept_for_later() -> None:
    reached: set[State] = set()
    ahead = set(INITIAL_STATES)
    while ahead - reached:
        reached |= ahead
        ahead = {state for one in reached for state in after(one)}
    assert reached == set(State) - NO_ACT_LEADS_TO


def test_disposal_is_final() -> None:
    assert after(State.DISPOSED) == {State.DISPOSED}
    for act in lifecycle.allowed_acts(State.DISPOSED):
        now = custody(State.DISPOSED)
        assert outcome(act, now, given()) == ("disposed", now.holder, now.place)


def test_every_state_but_the_last_can_be_left() -> None:
    assert [state for state in State if after(state) <= {state}] == [State.DISPOSED]


# --- where things come to rest ---------------------------------------------------------------

SETTLING = [Act.CHECK_IN, Act.MOVE, Act.RECEIVE, Act.REPORT_FOUND]


@pytest.mark.parametrize("act", SETTLING)
@pytest.mark.parametrize("was", [State.IN_USE, State.IDLE, State.IN_STORE])
def test_a_thing_that_comes_to_a_warehouse_is_in_store(act: Act, was: State) -> None:
    state = lifecycle.sources(act)[0]
    now = custody(state, prior_state=was if state in REMEMBERING else None)
    assert advance(act, now, given(in_warehouse=True)).state is State.IN_STORE


@pytest.mark.parametrize("act", [Act.CHECK_IN, Act.RECEIVE])
def test_what_was_idle_is_idle_again_outside_a_warehouse(act: Act) -> None:
    now = custody(lifecycle.sources(act)[0], prior_state=State.IDLE)
    assert advance(act, now, given()).state is State.IDLE


def test_a_loan_returns_to_where_it_was_unless_told() -> None:
    assert outcome(Act.CHECK_IN, custody(State.ON_LOAN), given(place=None, in_warehouse=True)) == (
        "in_store", "LENDER", "BEFORE",
    )  # fmt: skip


def test_what_is_found_is_where_it_was_last_known_unless_told() -> None:
    assert advance(Act.REPORT_FOUND, custody(State.MISSING), given(place=None)).place == "HERE"


@pytest.mark.parametrize("act", [Act.CHECK_OUT, Act.RECEIVE, Act.MOVE])
def test_a_place_that_was_not_named_is_not_known(act: Act) -> None:
    now = custody(lifecycle.sources(act)[0])
    assert advance(act, now, given(place=None)).place is None


@pytest.mark.parametrize("was", [State.IN_USE, State.IDLE, State.IN_STORE, State.MISSING])
@pytest.mark.parametrize(
    ("act", "state"),
    [(Act.REFUSE, State.IN_TRANSIT), (Act.WITHDRAW_DISPOSAL, State.PENDING_DISPOSAL)],
)
def test_what_is_called_off_is_again_what_it_was(act: Act, state: State, was: State) -> None:
    now = custody(state, prior_state=was, prior_place="HERE")
    wish = given(place=None, in_warehouse=was is State.IN_STORE)
    assert advance(act, now, wish).state is was


@pytest.mark.parametrize("act", Act)
def test_the_place_can_be_foretold(act: Act) -> None:
    for state in State:
        now, foretold = custody(state), expected(act, state)
        place = lifecycle.place_after(act, now, given())
        assert place == (foretold[2] if foretold else now.place)


# --- title and documents ---------------------------------------------------------------------


@pytest.mark.parametrize(("holder", "after"), [("OWNER", "PARTY"), ("HOLDER", "HOLDER")])
def test_title_moves_the_thing_only_from_its_owners_hands(holder: str, after: str) -> None:
    now = custody(State.IN_USE, holder=holder)
    assert outcome(Act.TRANSFER_TITLE, now, given()) == ("in_use", after, "HERE")


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("document", [None, ""])
def test_only_title_and_disposal_need_a_document(act: Act, document: str | None) -> None:
    needs = act in (Act.TRANSFER_TITLE, Act.DISPOSE)
    for state in lifecycle.sources(act):
        if needs:
            with pytest.raises(DocumentRequiredError) as caught:
                advance(act, custody(state), given(document=document))
            assert caught.value.facts == {"act": act.value}
        else:
            advance(act, custody(state), given(document=document))


# --- rule-breaker or late-comer ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "kind"),
    [("t1", ActRefusedError), ("t2", SomeoneFirstError), ("t3", SomeoneFirstError)],
)
def test_who_began_before_the_last_change_came_second(changed: str, kind: type[Exception]) -> None:
    now = custody(State.ON_LOAN, changed_at=changed)
    with pytest.raises(kind) as caught:
        advance(Act.CHECK_OUT, now, given(began="t2"))
    assert isinstance(caught.value, ActRefusedError | SomeoneFirstError)
    assert caught.value.facts["holder"] == "HOLDER"
    assert caught.value.facts["since"] == "SINCE"


def test_nobody_came_second_where_the_act_is_allowed() -> None:
    now = custody(State.IN_STORE, changed_at="t9")
    assert advance(Act.CHECK_OUT, now, given(began="t1")).state is State.ON_LOAN
