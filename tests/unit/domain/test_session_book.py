"""What the journal says is what the session was: read again from its beginning, nothing differs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assetctl.domain.book import Book
from assetctl.domain.intent import Conflict, Intent, intent_from, intent_of, plain
from assetctl.domain.request import Stamp
from assetctl.domain.session import Seen
from assetctl.domain.session_steps import step
from tests.unit.domain.test_session import NOON, ONE, TWO, anything, command, place, staff, thing

Lines = list[tuple[str, Any]]


def stamp(request_id: str = "R") -> Stamp:
    return Stamp(
        actor="P1", at=NOON, rec=NOON, request_id=request_id, station="desk",
        new_id=lambda: "", new_salt=lambda: b"",
    )  # fmt: skip


def begun(mode: str = "checkout") -> Lines:
    data = {"request_id": "R0", "mode": mode, "borrower": None, "place": None, "due": None,
            "doc": None}  # fmt: skip
    return [("begun", data)]


def read(lines: Lines) -> Book:
    book = Book()
    for kind, data in lines:
        book.apply(kind, json.loads(json.dumps(data)))
    return book


def held(stream: list[Seen], fate: str = "landed") -> tuple[Book, Lines]:
    """Hold a session as a desk does; return its book and the lines it wrote."""
    lines = begun()
    book = read(lines)

    def note(kind: str, data: Any) -> None:
        lines.append((kind, data))
        book.apply(kind, data)

    for number, seen in enumerate(stream, 1):
        taken = step(book.session, seen)
        if taken.told.changes:
            note("seen", plain(seen))
        else:
            book.session = taken.session
        if taken.told.code == "commit":
            intent = intent_from(book.session, stamp(), due=None, doc=None)
            note("commit", plain(intent))
            note(fate, {"request_id": intent.request_id, "next": f"R{number}"})
    return book, lines


@settings(max_examples=200)
@given(st.lists(anything, max_size=30), st.sampled_from(["landed", "queued"]))
def test_reading_the_journal_gives_the_same_basket_and_the_same_queue(
    stream: list[Seen], fate: str
) -> None:
    # Repeats inside one arrival are not written down, so arrivals may differ; no more than that.
    stream = [replace(seen, arrival=-1) for seen in stream]
    book, lines = held(stream, fate)
    again = read(lines)
    assert again.session == book.session
    assert (again.queue, again.intents, again.done) == (book.queue, book.intents, book.done)
    assert again.pending is None
    assert len(again.intents) == len({*again.intents, again.session.request_id}) - 1


def test_an_intent_says_all_that_its_commit_needs_and_survives_the_journal() -> None:
    session = read(begun("checkin")).session
    lent = {"state": "on_loan"}
    for seen in (command("condition.poor"), thing(ONE, **lent), thing(TWO, **lent), place("W1")):
        session = step(session, seen).session
    intent = intent_from(session, stamp(), due="2099-01-01", doc="还1号")
    assert intent.assets == (ONE, TWO)
    assert [(one.condition, one.assets) for one in intent.groups] == [
        ("poor", (ONE,)), (None, (TWO,)),
    ]  # fmt: skip
    assert (intent.act, intent.place, intent.due, intent.doc) == ("check_in", "W1", None, "还1号")
    assert intent_of(json.loads(json.dumps(plain(intent)))) == intent


def test_names_of_people_do_not_reach_the_journal() -> None:
    assert plain(staff(name="测试甲"))["name"] is None
    assert plain(thing())["name"] == "台式计算机"


def waiting(*request_ids: str) -> Lines:
    lines = begun()
    for number, request_id in enumerate(request_ids):
        intent = Intent(
            request_id=request_id, act="check_out", at=NOON, made=NOON, began=NOON, actor="P1",
            station="desk",
        )  # fmt: skip
        lines += [("commit", plain(intent)), ("queued", {"request_id": request_id,
                                                         "next": f"N{number}"})]  # fmt: skip
    return lines


def test_what_waits_keeps_its_order_and_leaves_one_by_one() -> None:
    lines = waiting("A", "B", "C")
    assert list(read(lines).queue) == ["A", "B", "C"]
    lines += [("split", {"request_id": "A"}), ("landed", {"request_id": "A", "next": None})]
    book = read(lines)
    assert (list(book.queue), book.split, book.session.request_id) == (["B", "C"], set(), "N2")


def test_a_commit_without_an_outcome_is_pending_and_its_basket_is_still_there() -> None:
    lines = begun()
    lines += [("seen", plain(thing())), ("seen", plain(staff()))]
    intent = intent_from(read(lines).session, stamp(), due=None, doc=None)
    lines.append(("commit", plain(intent)))
    book = read(lines)
    assert book.pending == intent
    assert list(book.session.items) == [ONE]
    lines.append(("refused", {"request_id": intent.request_id, "asset_id": ONE, "code": "x"}))
    book = read(lines)
    assert (book.pending, book.session.items[ONE].late) == (None, "x")


def test_conflicts_stay_until_they_are_settled() -> None:
    conflicts = [
        Conflict(request_id=request_id, asset_id=one, code="x", act="move", at=NOON, actor="P1")
        for request_id, one in (("A", ONE), ("A", TWO), ("B", ONE))
    ]
    lines = begun() + [("conflict", plain(one)) for one in conflicts]
    assert list(read(lines).conflicts.values()) == conflicts
    lines.append(("settled", {"request_id": "A", "actor": "P1"}))
    assert list(read([*lines, *begun()]).conflicts) == [("B", ONE)]


@pytest.mark.parametrize(
    ("kind", "data"), [("unheard_of", {}), ("seen", {}), ("seen", {"kind": "asset", "x": 1}),
                       ("landed", {}), ("commit", {"groups": [{}]})],
)  # fmt: skip
def test_a_line_that_means_nothing_is_an_error(kind: str, data: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        read([*begun(), (kind, data)])
