"""A tag seen in many frames arrives once; one that was away long enough arrives again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.presence import Arrived, Doubled, Event, Left, Presence
from scanner.reading import PLAIN, Corners, Reading

RATE = 30


def square(x: int, y: int, side: int = 40) -> Corners:
    return ((x, y), (x + side, y), (x + side, y + side), (x, y + side))


def reading(text: str, x: int = 10, y: int = 10, symbology: str = "qr") -> Reading:
    return Reading(
        text=text, symbology=symbology, corners=square(x, y), engine="zxing", pass_name=PLAIN
    )


def played(
    presence: Presence, looks: Iterable[str], *, start: int = 0, rate: float = RATE
) -> list[Event]:
    """Let one look after the other see the tags named by the letters of each string."""
    events: list[Event] = []
    for frame, letters in enumerate(looks, start):
        seen = [reading(letter, 100 * index) for index, letter in enumerate(letters)]
        events += presence.look(seen, frame=frame, seconds=frame / rate)
    return events


def told(events: Iterable[Event]) -> list[tuple[str, str, int]]:
    return [(type(event).__name__, event.text, event.frame) for event in events]


def test_a_tag_seen_thirty_times_a_second_arrives_once() -> None:
    events = played(Presence(), ["A"] * 300)
    assert told(events) == [("Arrived", "A", 0)]
    assert events[0].corners == square(0, 10)


def test_it_leaves_when_it_was_missing_long_enough() -> None:
    presence = Presence(gone_after=1.5)
    events = played(presence, ["A"] * 10 + [""] * 100)
    assert told(events) == [("Arrived", "A", 0), ("Left", "A", 9)]
    assert events[1].seconds == pytest.approx(9 / RATE)
    assert presence.present == ()


def test_the_edge_of_being_gone() -> None:
    presence = Presence(gone_after=1.5)
    # Missing from frame 10 on: 1.5 s are over with frame 55.
    assert told(played(presence, ["A"] * 10 + [""] * 45)) == [("Arrived", "A", 0)]
    assert told(played(presence, [""], start=55)) == [("Left", "A", 9)]


@pytest.mark.parametrize("gap", [1, 2, 10, 44])
def test_a_blink_is_no_second_arrival(gap: int) -> None:
    looks = (["A"] * 3 + [""] * gap) * 5
    assert told(played(Presence(gone_after=1.5), looks)) == [("Arrived", "A", 0)]


def test_a_tag_that_comes_back_arrives_again() -> None:
    events = played(Presence(gone_after=1.0), ["A", *[""] * 60, "A"])
    assert told(events) == [("Arrived", "A", 0), ("Left", "A", 0), ("Arrived", "A", 61)]


def test_a_camera_that_was_away_makes_nobody_arrive_again() -> None:
    presence = Presence(gone_after=1.5)
    assert told(played(presence, ["A", "AB"])) == [("Arrived", "A", 0), ("Arrived", "B", 1)]
    # An hour without a single frame, then both lie there as before.
    assert presence.look([reading("A"), reading("B", 200)], frame=2, seconds=3600) == ()
    # Another hour, and one of them was taken away meanwhile: that takes looking to know.
    assert presence.look([reading("B")], frame=3, seconds=7200) == ()
    assert told(presence.look([reading("B")], frame=4, seconds=7201.5)) == [("Left", "A", 2)]


def test_who_is_present_and_who_is_only_remembered() -> None:
    presence = Presence()
    played(presence, ["AB", "B"])
    assert [(seen.text, seen.is_visible, seen.frame) for seen in presence.present] == [
        ("A", False, 0),
        ("B", True, 1),
    ]
    assert presence.present[1].corners == square(0, 10)


def test_the_end_sends_everybody_away() -> None:
    presence = Presence()
    played(presence, ["AB"])
    assert told(presence.end()) == [("Left", "A", 0), ("Left", "B", 0)]
    assert presence.present == ()
    assert presence.end() == ()


def test_those_that_leave_are_told_before_those_that_come() -> None:
    events = played(Presence(gone_after=0.1), ["A", "", "", "", "", "B"], rate=10)
    assert [type(event) for event in events] == [Arrived, Left, Arrived]
    events = played(Presence(gone_after=0.1), ["A", "", "B"], rate=10)
    assert told(events)[1:] == [("Left", "A", 0), ("Arrived", "B", 2)]


def test_a_clock_that_steps_back_takes_no_time() -> None:
    presence = Presence(gone_after=1.0)
    assert presence.look([reading("A")], frame=1, seconds=100.0)
    assert presence.look([], frame=2, seconds=5.0) == ()
    assert presence.look([], frame=3, seconds=100.9) == ()
    assert told(presence.look([], frame=4, seconds=101.0)) == [("Left", "A", 1)]


def test_one_text_in_two_symbologies_is_two_tags() -> None:
    seen = [reading("A"), reading("A", 200, symbology="code128")]
    events = Presence().look(seen, frame=1, seconds=0)
    assert [(event.text, event.symbology) for event in events] == [("A", "qr"), ("A", "code128")]


# --- copies --------------------------------------------------------------------------------


def test_one_text_at_two_places_is_told_once() -> None:
    presence = Presence()
    both = [reading("A", 10), reading("A", 300)]
    events = presence.look(both, frame=1, seconds=0)
    assert told(events) == [("Arrived", "A", 1), ("Doubled", "A", 1)]
    assert isinstance(events[1], Doubled)
    assert (events[1].corners, events[1].others) == (square(10, 10), square(300, 10))
    assert presence.look(both, frame=2, seconds=0.1) == ()
    assert presence.look([reading("A")], frame=3, seconds=0.2) == ()
    assert presence.look(both, frame=4, seconds=0.3) == ()
    assert presence.present[0].is_doubled


def test_a_copy_that_comes_later_is_told_then() -> None:
    presence = Presence()
    presence.look([reading("A")], frame=1, seconds=0)
    events = presence.look([reading("A"), reading("A", 10, 300)], frame=2, seconds=0.1)
    assert told(events) == [("Doubled", "A", 2)]


def test_two_opinions_about_one_code_are_no_copy() -> None:
    seen = [reading("A", 10, 10), reading("A", 14, 7), reading("A", 49, 49)]
    assert told(Presence().look(seen, frame=1, seconds=0)) == [("Arrived", "A", 1)]


def test_readings_without_a_place_are_no_copies() -> None:
    radio = Reading(text="E2801160", symbology="rfid", corners=(), engine="wedge", pass_name=PLAIN)
    presence = Presence()
    events = presence.look([radio, radio], frame=1, seconds=0)
    assert told(events) == [("Arrived", "E2801160", 1)]
    assert presence.look([radio], frame=2, seconds=0.1) == ()


# --- properties ----------------------------------------------------------------------------

LOOKS = st.lists(
    st.tuples(st.sets(st.sampled_from("ABC")), st.floats(0, 3, allow_nan=False)), max_size=60
)


@given(LOOKS)
def test_arrivals_and_departures_alternate(looks: list[tuple[set[str], float]]) -> None:
    presence = Presence(gone_after=1.5)
    now, here = 0.0, Counter[str]()
    for frame, (letters, pause) in enumerate(looks):
        now += pause
        for event in presence.look(map(reading, sorted(letters)), frame=frame, seconds=now):
            here[event.text] += 1 if isinstance(event, Arrived) else -1
            assert here[event.text] in (0, 1)
        present = {seen.text for seen in presence.present}
        assert present == {text for text, count in here.items() if count}
        assert letters <= present
        assert {seen.text for seen in presence.present if seen.is_visible} == letters
    assert {event.text for event in presence.end()} == {t for t, count in here.items() if count}


@given(st.lists(st.booleans(), min_size=1, max_size=200), st.integers(1, 40))
def test_arrivals_are_as_many_as_long_absences_say(looks: list[bool], frames: int) -> None:
    """Whole numbers as times, so that the known answer is exact."""
    presence = Presence(gone_after=frames)
    arrivals = sum(
        isinstance(event, Arrived)
        for frame, is_seen in enumerate(looks)
        for event in presence.look([reading("A")] if is_seen else [], frame=frame, seconds=frame)
    )
    absences = "".join("x" if is_seen else "." for is_seen in looks).strip(".").split("x")
    expected = sum(len(absence) > frames for absence in absences) + any(looks)
    assert arrivals == expected
