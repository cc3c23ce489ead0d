"""From one file of the journal to the next nothing is forgotten that waits, is open or differs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assetctl.domain.book import Book, photo_line
from assetctl.domain.chain import MAX_ENTRY, canonical
from assetctl.domain.intent import UNDO, Conflict, Intent, intent_from, plain
from assetctl.domain.photo import Photo
from assetctl.domain.session import Seen, accepted, awake
from assetctl.domain.session_steps import step
from tests.unit.domain.test_session import (
    NOON,
    ONE,
    THREE,
    TWO,
    anything,
    command,
    place,
    staff,
    thing,
)
from tests.unit.domain.test_session_book import begun, stamp


def photo(number: int, role: str = "condition") -> Photo:
    return Photo(sha256=f"{number:064x}", byte_count=9, media_type="image/jpeg", role=role)


class Hand:
    """Writes a journal as a desk does, with fates and photos as it is told."""

    def __init__(self) -> None:
        self.book = Book()
        self.numbers = iter(range(1, 10_000))
        for kind, data in begun():
            self.note(kind, data)

    def note(self, kind: str, data: Any) -> None:
        self.book.apply(kind, json.loads(json.dumps(data)))

    def see(self, seen: Seen) -> None:
        taken = step(self.book.session, seen)
        if taken.told.changes:
            self.note("seen", plain(seen))
        elif taken.told.code == "commit":
            intent = intent_from(self.book.session, stamp(), due=None, doc="单1号")
            self.note("commit", plain(intent))
        elif taken.told.code == "undo" and self.book.done and self.book.pending is None:
            of = self.book.done[-1]
            undo = replace(of, request_id=f"U{next(self.numbers)}", act=UNDO, of=of.request_id)
            self.note("commit", plain(undo))

    def photograph(self) -> None:
        things = [item.seen.code for item in accepted(self.book.session)]
        if things:
            self.note("photo", photo_line(things[-1], photo(next(self.numbers))))

    def close(self, fate: str) -> None:
        pending = self.book.pending
        if pending is not None and fate == "refused":
            one = pending.assets[0] if pending.assets else ""
            self.note("refused", {"request_id": pending.request_id, "asset_id": one, "code": "x"})
        elif pending is not None and fate != "open":
            next_id = f"R{next(self.numbers)}"
            self.note(fate, {"request_id": pending.request_id, "next": next_id})

    def hold(self, mode: str, ones: list[str], fate: str) -> None:
        """Fill a basket in order, photograph its last thing, and commit it."""
        of = {"checkout": "in_store", "checkin": "on_loan"}.get(mode, "in_store")
        for seen in (command("cancel"), command(mode), staff("P1"), place("B9")):
            self.see(seen)
        for one in ones:
            self.see(command("quantity.5"))
            self.see(thing(one, state=of))
        self.photograph()
        if fate != "left":
            self.see(command("commit"))
            self.close(fate)

    def land_first(self) -> None:
        for request_id in list(self.book.queue)[:1]:
            intent = self.book.queue[request_id]
            self.note("split", {"request_id": request_id})
            for one in intent.assets[:1]:
                conflict = Conflict(
                    request_id=request_id, asset_id=one, code="x", act=intent.act, at=NOON,
                    actor="P1", photos=("ab",),
                )  # fmt: skip
                self.note("conflict", plain(conflict))
            if len(self.book.queue) % 2:  # else the desk died between the two
                self.note("landed", {"request_id": request_id, "next": None})


baskets = st.builds(
    lambda *what: ("hold", what),
    st.sampled_from(["checkout", "checkin", "move", "count"]),
    st.lists(st.sampled_from([ONE, TWO, THREE]), min_size=1, max_size=3, unique=True),
    st.sampled_from(["queued", "queued", "landed", "refused", "open", "left"]),
)
deeds = st.lists(
    st.one_of(
        anything.map(lambda seen: ("see", seen)), anything.map(lambda seen: ("see", seen)),
        st.just(("photograph", None)), st.just(("land_first", None)),
        st.sampled_from(["landed", "queued", "refused", "open"]).map(lambda fate: ("close", fate)),
        st.just(("see", command("commit"))), baskets, baskets,
    ),
    min_size=12, max_size=40,
)  # fmt: skip


def do(hand: Hand, deed: tuple[str, Any]) -> None:
    name, what = deed
    if hand.book.pending is not None and name != "close":
        hand.close("queued")  # a desk takes nothing in before the fate of a commit is noted
    getattr(hand, name)(*(what if isinstance(what, tuple) else [] if what is None else [what]))


def carried(book: Book) -> Book:
    fresh = Book()
    for kind, data in book.carried():
        fresh.apply(kind, json.loads(json.dumps(data)))
    return fresh


def matters(book: Book) -> dict[str, Any]:
    waits = bool(book.queue or book.pending)
    return {
        "session": awake(book.session), "due": book.due, "doc": book.doc,
        "pending": book.pending, "queue": list(book.queue.items()), "split": book.split,
        "done": book.done[-20:], "photos": book.photos, "owed": book.owed,
        "conflicts": book.conflicts, "known": book.known, "own": book.own if waits else set(),
    }  # fmt: skip


@settings(max_examples=300)
@given(deeds, deeds)
def test_a_new_file_says_what_mattered_and_goes_on_like_the_old_one(
    before: list[tuple[str, Any]], after: list[tuple[str, Any]]
) -> None:
    hand = Hand()
    for deed in before:
        do(hand, deed)
    fresh = carried(hand.book)
    told = matters(fresh)
    if not (fresh.queue or fresh.pending):
        told["own"] = set()
    split = hand.book.split & hand.book.queue.keys()
    assert told == matters(hand.book) | {"split": split}
    again = carried(fresh)
    assert matters(again) == matters(fresh)
    # Whatever comes then has the same end, in memory and in the new file.
    other = Hand()
    other.book, other.numbers = fresh, iter(range(5000, 10_000))
    hand.numbers = iter(range(5000, 10_000))
    hand.book.session = awake(hand.book.session)
    for deed in after:
        do(hand, deed)
        do(other, deed)
    ends = [matters(one) for one in (hand.book, other.book)]
    for end, book in zip(ends, (hand.book, other.book), strict=True):
        end["split"] = book.split & book.queue.keys()
        # What landed before nothing waited any more is forgotten on purpose.
        del end["own"]
    assert ends[0] == ends[1]


def waiting(count: int) -> Book:
    book = Book()
    for kind, data in begun():
        book.apply(kind, data)
    for number in range(count):
        intent = Intent(
            request_id=f"R{number:030}", act="move", at=NOON, made=NOON, began=NOON, actor="P1",
            station="desk",
        )  # fmt: skip
        book.apply("commit", plain(intent))
        book.apply("queued", {"request_id": intent.request_id, "next": f"N{number}"})
    return book


def test_much_that_waits_is_carried_in_lines_that_fit() -> None:
    book = waiting(300)
    for number in range(500):
        tag = ("字" * 280) + f"{number:04}"
        seen = Seen(kind="place", code=tag, at=NOON, tag=tag)
        book.apply("seen", plain(seen))
    lines = list(book.carried())
    assert max(len(canonical(data)) for _, data in lines) < MAX_ENTRY * 0.9
    fresh = carried(book)
    assert list(fresh.queue) == list(book.queue)
    assert fresh.known == book.known
    assert fresh.own == book.own


def test_only_the_last_commits_of_a_long_session_can_still_be_taken_back() -> None:
    book = waiting(50)
    for request_id in list(book.queue):
        book.apply("landed", {"request_id": request_id, "next": None})
    fresh = carried(book)
    assert fresh.done == book.done[-20:]
    assert (list(fresh.queue), len(fresh.intents)) == ([], 20)


# --- photos ------------------------------------------------------------------------------------


def hand_with_photo() -> Hand:
    hand = Hand()
    for seen in (command("move"), place("B1"), thing(ONE), thing(TWO)):
        hand.see(seen)
    hand.note("photo", photo_line(ONE, photo(1)))
    hand.note("photo", photo_line(ONE, photo(2, "scan")))
    hand.note("photo", photo_line(ONE, photo(1)))
    hand.note("photo", photo_line(TWO, photo(3)))
    return hand


def test_a_photo_of_a_thing_goes_out_of_the_basket_with_it() -> None:
    hand = hand_with_photo()
    hand.see(thing(TWO))
    assert hand.book.photos == {ONE: (photo(1), photo(2, "scan"))}
    hand.see(thing(TWO))
    assert TWO not in hand.book.photos
    hand.see(command("cancel"))
    assert hand.book.photos == {}


def test_photos_wait_with_their_commit_and_leave_with_it() -> None:
    hand = hand_with_photo()
    wanted = {ONE: (photo(1), photo(2, "scan")), TWO: (photo(3),)}
    hand.see(command("commit"))
    pending = hand.book.pending
    assert pending is not None
    assert hand.book.photos_of(pending) == wanted
    hand.close("queued")
    assert (hand.book.photos, hand.book.photos_of(pending)) == ({}, wanted)
    hand.see(thing(ONE))
    hand.photograph()
    hand.note("landed", {"request_id": pending.request_id, "next": None})
    assert (hand.book.owed, list(hand.book.photos)) == ({}, [ONE])


def test_a_refused_commit_keeps_its_photos_and_an_undo_has_none() -> None:
    hand = hand_with_photo()
    hand.see(command("commit"))
    hand.close("refused")
    assert list(hand.book.photos) == [ONE, TWO]
    hand.see(command("commit"))
    hand.close("landed")
    assert hand.book.photos == {}
    hand.see(command("undo"))
    assert hand.book.pending is not None
    assert hand.book.photos_of(hand.book.pending) == {}


def test_another_session_begins_without_the_photos_of_a_dropped_basket() -> None:
    hand = hand_with_photo()
    for kind, data in begun():
        hand.note(kind, data)
    assert hand.book.photos == {}


def kinds(book: Book) -> Iterator[str]:
    return (kind for kind, _ in book.carried())


def test_an_empty_book_carries_its_session_only() -> None:
    hand = Hand()
    hand.see(staff())
    assert list(kinds(hand.book)) == ["carried"]


def test_what_waits_for_the_next_thing_is_carried() -> None:
    hand = Hand()
    for seen in (command("count"), command("quantity.20"), command("condition.poor")):
        hand.see(seen)
    session = carried(hand.book).session
    assert (session.quantity, session.condition) == (20, "poor")
