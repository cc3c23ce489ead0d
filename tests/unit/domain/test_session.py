"""The clerk's session as a state machine: known answers, and what holds whatever arrives."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assetctl.domain.card import CONDITIONS
from assetctl.domain.lifecycle import Act, State, sources
from assetctl.domain.session import (
    FULL,
    Mode,
    Seen,
    Session,
    Told,
    accepted,
    awake,
    lacking,
    late,
    next_basket,
    refused,
    why,
)
from assetctl.domain.session_steps import step

NOON = "2026-03-01T04:00:00.000000Z"
ONE, TWO, THREE = "K7M29QXD4F", "NTVBF2NEKR", "XBRYGHTGJY"


def thing(code: str = ONE, **more: object) -> Seen:
    facts = {"state": "in_store", "holder": "U1", "place": "W1", "name": "台式计算机"} | more
    return Seen(kind="asset", code=code, at=NOON, **facts)  # type: ignore[arg-type]


def staff(code: str = "P1", **more: object) -> Seen:
    return Seen(kind="staff", code=code, at=NOON, **more)  # type: ignore[arg-type]


def place(code: str = "W1", **more: object) -> Seen:
    return Seen(kind="place", code=code, at=NOON, **more)  # type: ignore[arg-type]


def command(name: str, **more: object) -> Seen:
    return Seen(kind="command", code=name, at=NOON, **more)  # type: ignore[arg-type]


def feed(session: Session, *seen: Seen) -> tuple[Session, list[Told]]:
    told = []
    for one in seen:
        session, answer = (taken := step(session, one)).session, taken.told
        told.append(answer)
    return session, told


def begun(mode: str = "checkout") -> Session:
    return step(Session(request_id="R1"), command(mode)).session


# --- known answers -------------------------------------------------------------------------


def test_a_checkout_from_cards_and_tags_alone() -> None:
    session, told = feed(
        Session(request_id="R1"), command("checkout"), thing(ONE), staff("P1"), thing(TWO),
        command("commit"),
    )  # fmt: skip
    assert [one.code for one in told] == ["mode", "added", "borrower", "added", "commit"]
    assert (session.mode, session.borrower, session.request_id) == (Mode.CHECKOUT, "P1", "R1")
    assert [item.seen.code for item in accepted(session)] == [ONE, TWO]
    after = next_basket(session, "R2")
    assert (after.mode, after.borrower, after.request_id) == (Mode.CHECKOUT, None, "R2")
    assert not after.items


def test_a_thing_seen_again_goes_out_and_one_that_stays_in_sight_does_not() -> None:
    session, told = feed(begun(), thing(ONE, arrival=1), thing(ONE, arrival=1))
    assert [one.code for one in told] == ["added", "repeat"]
    # A camera that passes over it twice leaves it in; a scanner pointed at it takes it out.
    session, (same,) = feed(session, thing(ONE, arrival=2))
    assert (same.code, list(session.items)) == ("repeat", [ONE])
    session, (out,) = feed(session, thing(ONE))
    assert (out.code, dict(session.items)) == ("removed", {})


def test_a_refused_thing_goes_out_when_it_comes_before_the_camera_again() -> None:
    lent = thing(ONE, state="on_loan", arrival=1)
    session, (told,) = feed(begun(), lent)
    assert (told.code, told.kept) == ("refused", True)
    session, (out,) = feed(session, thing(ONE, state="on_loan", arrival=2))
    assert (out.code, dict(session.items)) == ("removed", {})
    # It is still before the camera: that must not put it in again.
    session, (same,) = feed(session, thing(ONE, state="on_loan", arrival=2))
    assert (same.code, dict(session.items)) == ("repeat", {})


def test_a_command_that_stays_in_sight_commands_once_even_after_its_commit() -> None:
    session, told = feed(begun(), staff(), thing(), command("commit", arrival=5))
    assert told[-1].code == "commit"
    session = next_basket(session, "R2")
    session, (again,) = feed(session, command("commit", arrival=5))
    assert again.code == "repeat"
    _, (third,) = feed(session, command("commit", arrival=6))
    assert (third.code, third.reason) == ("refused", "session.needs_borrower")


def test_arrivals_of_another_source_are_new_to_a_resumed_session() -> None:
    session, _ = feed(begun(), thing(ONE, arrival=1))
    _, (again,) = feed(awake(session), command("commit", arrival=1))
    assert again.code == "refused"


@pytest.mark.parametrize(("mode", "state"), list(product(("checkout", "checkin", "move"), State)))
def test_what_the_table_forbids_stays_visible_with_what_it_allows(mode: str, state: State) -> None:
    act = {"checkout": Act.CHECK_OUT, "checkin": Act.CHECK_IN, "move": Act.MOVE}[mode]
    session, (told,) = feed(begun(mode), thing(state=state.value))
    assert list(session.items) == [ONE]
    if state in sources(act):
        assert told.code == "added"
        assert not refused(session)
        return
    assert (told.code, told.reason, told.kept) == ("refused", "lifecycle.refused", True)
    assert act.value not in told.allowed
    assert all(state in sources(Act(one)) for one in told.allowed)
    assert not accepted(session)
    session, (out,) = feed(session, thing(state=state.value))
    assert (out.code, dict(session.items)) == ("removed", {})


def test_the_present_holder_and_the_present_place_are_refused_whatever_comes_first() -> None:
    for seen in ([staff("U1"), thing()], [thing(), staff("U1")]):
        session, _ = feed(begun(), *seen)
        ((_, refusal),) = refused(session)
        assert refusal.code == "custody.no_change"
        session, _ = feed(session, staff("P1"))
        assert len(accepted(session)) == 1
    session, _ = feed(begun("move"), place("W1"), thing())
    assert refused(session)[0][1].code == "custody.no_change"


def test_a_condition_is_for_the_next_thing_only() -> None:
    lent = {"state": "on_loan", "holder": "P1", "place": None}
    session, told = feed(
        begun("checkin"), command("condition.poor"), thing(ONE, **lent), thing(TWO, **lent),
        command("condition.broken"), thing(ONE, **lent),
    )  # fmt: skip
    assert [one.code for one in told] == ["condition", "added", "added", "condition", "graded"]
    assert {code: item.condition for code, item in session.items.items()} == {
        ONE: "broken", TWO: None,
    }  # fmt: skip
    assert session.condition is None


@pytest.mark.parametrize(
    ("mode", "seen", "reason"),
    [
        ("show", [command("commit")], "session.needs_mode"),
        ("checkout", [thing(), command("commit")], "session.needs_borrower"),
        ("move", [thing(), command("commit")], "session.needs_place"),
        ("count", [thing(), command("commit")], "session.needs_place"),
        ("checkin", [command("commit")], "session.empty"),
        ("checkout", [staff(), thing(state="on_loan"), command("commit")], "session.empty"),
        ("checkout", [thing(), command("checkin")], "session.basket_open"),
        ("checkout", [thing(), command("undo")], "session.basket_open"),
        ("checkout", [command("condition.good")], "session.no_condition_here"),
        ("checkin", [command("condition.shiny")], "session.unknown_command"),
        ("show", [command("quantity.5")], "session.no_quantity_here"),
        ("checkout", [command("quantity.5")], "session.no_quantity_here"),
        ("checkin", [command("quantity.5")], "session.no_quantity_here"),
        ("move", [command("quantity.5")], "session.no_quantity_here"),
        ("checkout", [command("")], "session.unknown_command"),
        ("checkin", [staff()], "session.no_borrower_here"),
        ("checkout", [staff(reason="payload.forged")], "payload.forged"),
        ("move", [place(reason="tag.void")], "tag.void"),
        ("checkout", [command("commit", reason="payload.forged")], "payload.forged"),
        ("checkout", [Seen(kind="other", code="6901234567890", at=NOON)], "payload.foreign"),
        ("show", [thing(reason="payload.forged")], "payload.forged"),
    ],
)
def test_what_is_refused_changes_nothing(mode: str, seen: list[Seen], reason: str) -> None:
    before, _ = feed(begun(mode), *seen[:-1])
    taken = step(before, seen[-1])
    assert (taken.told.code, taken.told.reason) == ("refused", reason)
    assert taken.session == before
    assert not taken.told.changes


def test_a_forged_label_of_a_thing_neither_adds_nor_removes_it() -> None:
    session, told = feed(begun(), staff(), thing(), thing(reason="payload.forged"))
    assert (told[-1].code, told[-1].reason) == ("refused", "payload.forged")
    assert len(accepted(session)) == 1
    session, told = feed(begun(), thing(reason="payload.forged"), thing())
    assert [one.code for one in told] == ["refused", "added"]
    assert len(accepted(session)) == 1


def test_cancel_empties_all_but_the_mode() -> None:
    session, told = feed(begun("move"), place("B1"), thing(), command("cancel"))
    assert told[-1].code == "cancelled"
    assert session == Session(request_id="R1", mode=Mode.MOVE)


def test_what_the_register_refused_at_the_commit_is_marked_and_can_be_taken_out() -> None:
    session, _ = feed(begun(), staff(), thing(ONE), thing(TWO))
    session = late(session, ONE, "custody.someone_first")
    assert [item.seen.code for item in accepted(session)] == [TWO]
    assert refused(session)[0][1].code == "custody.someone_first"
    assert late(session, THREE, "x") == session
    session, (out,) = feed(session, thing(ONE))
    assert (out.code, list(session.items)) == ("removed", [TWO])


def test_without_the_register_nothing_is_known_and_nothing_is_refused_by_the_table() -> None:
    session, (told,) = feed(begun(), thing(state=None, holder=None, place=None))
    assert told.code == "added"
    assert len(accepted(session)) == 1


def test_a_basket_has_an_end() -> None:
    session = begun()
    items = {f"{number:010}": item for number in range(FULL - 1)
             for item in [next(iter(step(session, thing()).session.items.values()))]}  # fmt: skip
    session, told = feed(replace(session, items=items), thing(ONE), thing(TWO))
    assert [one.code for one in told] == ["added", "refused"]
    assert told[-1].reason == "session.full"


# --- what holds whatever arrives -----------------------------------------------------------

codes = st.sampled_from([ONE, TWO, THREE])
arrival = st.integers(-1, 3)
things = st.builds(
    thing, codes, arrival=arrival, state=st.none() | st.sampled_from([one.value for one in State]),
    holder=st.sampled_from(["U1", "P1", None]), place=st.sampled_from(["W1", "B1", None]),
    reason=st.sampled_from([None, None, None, "payload.forged", "tag.replaced"]),
)  # fmt: skip
commands = st.builds(
    command,
    st.sampled_from(
        ["checkout", "checkin", "move", "count", "show", "commit", "cancel", "undo", "x", "",
         *(f"condition.{one}" for one in CONDITIONS), "condition.", "quantity.3", "quantity.100",
         "quantity.0", "quantity.x"]
    ),
    arrival=arrival,
)  # fmt: skip
others = st.builds(
    Seen, kind=st.sampled_from(["other", "box", "blank"]), code=st.text(max_size=20),
    at=st.just(NOON), arrival=arrival,
)  # fmt: skip
anything = st.one_of(
    things, things, commands, others, st.builds(staff, st.sampled_from(["P1", "U1"])),
    st.builds(place, st.sampled_from(["W1", "B1"])),
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(anything, max_size=30))
def test_whatever_arrives_the_basket_holds_what_it_says(stream: list[Seen]) -> None:
    session = Session(request_id="R0")
    for number, seen in enumerate(stream, 1):
        before = session
        taken = step(session, seen)
        session, told = taken.session, taken.told
        inside, was = set(session.items), set(before.items)
        assert len(inside ^ was) <= 1 or told.code == "cancelled"
        assert (told.code == "removed") == (bool(was - inside) and told.code != "cancelled")
        if told.code in ("repeat", "shown", "commit", "undo") or not told.changes:
            assert replace(session, arrivals={}) == replace(before, arrivals={})
        if session.mode is Mode.SHOW:
            assert not session.items
        # Every thing is either carried or left out with a reason, never both, never neither.
        carried = {item.seen.code for item in accepted(session)}
        left = {item.seen.code for item, _ in refused(session)}
        assert carried | left == inside
        assert not carried & left
        assert all(why(session, item) is None for item in accepted(session))
        if told.code == "commit":
            assert lacking(before) is None
            session = next_basket(session, f"R{number}")
            assert not session.items
        assert session.request_id.startswith("R")


@given(st.lists(anything, max_size=20), anything)
def test_the_same_arrival_twice_is_the_same_as_once(stream: list[Seen], last: Seen) -> None:
    last = replace(last, arrival=9)
    session, _ = feed(Session(request_id="R"), *stream)
    once = step(session, last)
    twice = step(once.session, last)
    assert twice.session == once.session
    assert twice.told.code == "repeat"


@given(st.lists(codes.map(thing), max_size=40))
def test_without_arrivals_a_thing_is_in_after_odd_and_out_after_even_times(
    stream: list[Seen],
) -> None:
    session, _ = feed(begun("checkin"), *(replace(one, state="on_loan") for one in stream))
    counts = [one.code for one in stream]
    assert set(session.items) == {code for code in counts if counts.count(code) % 2}
