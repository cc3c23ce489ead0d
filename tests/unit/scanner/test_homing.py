"""Bar and tone towards a tag: they rise with its strength, hold through gaps, and fall silent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.homing import LOST_AFTER, Homing
from scanner.replay import Replay

EPC = "E28011606000020A1B2C3D4E"


@pytest.fixture
def approach(tmp_path: Path) -> Path:
    """A recorded walk towards a tag: 20 s, ten reads a second, 46 dB, and noise on each."""
    lines = []
    for tenth in range(200):
        strength = -78 + 46 * tenth / 199 + (-6, 1, -3, 2, -8, 0, 3, -2)[tenth % 8]
        radio = {"rssi": round(strength, 1), "antenna": 1}
        lines.append(json.dumps({"ms": tenth * 100, "text": EPC, "radio": radio}))
    path = tmp_path / "approach.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_an_approach_rises_to_the_end(approach: Path) -> None:
    homing = Homing(until=-35, hold=3)
    levels, pitches, reached_at = [], [], None
    with Replay(approach) as replay:
        for reading in replay:
            assert reading.radio is not None
            homing.hear(reading.radio.heard, reading.radio.rssi)
            beat = homing.look(reading.radio.heard)
            levels.append(beat.level)
            pitches.append(beat.hertz)
            if homing.is_reached and reached_at is None:
                reached_at = reading.radio.heard
    # Seen once a second it never falls, though single reads jump by up to 11 dB.
    assert levels[9::10] == sorted(levels[9::10])
    assert pitches[9::10] == sorted(pitches[9::10])
    assert levels[0] < 15
    assert levels[-1] >= 95
    assert pitches[-1] > 4 * pitches[0]
    assert homing.best == pytest.approx(-29.5, abs=1)
    assert reached_at is not None
    assert 15 < reached_at < 20


def test_the_best_of_the_last_second_counts() -> None:
    homing = Homing()
    homing.hear(10.0, -40)
    homing.hear(10.5, -70)
    assert homing.look(10.9).rssi == -40
    assert homing.look(11.2).rssi == -70
    # Then it falls by 20 dB a second, from what was heard last.
    assert homing.look(12.0).rssi == pytest.approx(-80)
    assert homing.look(12.5).level == 0


def test_after_three_seconds_of_silence_it_is_lost_and_found_again() -> None:
    homing = Homing()
    assert homing.look(0.0).is_lost
    homing.hear(1.0, -50)
    assert not homing.look(1.0 + LOST_AFTER - 0.01).is_lost
    lost = homing.look(1.0 + LOST_AFTER)
    assert (lost.is_lost, lost.level, lost.hertz, lost.rssi) == (True, 0, 0, None)
    homing.hear(9.0, -50)
    assert not homing.look(9.0).is_lost


def test_it_is_reached_only_by_reads_in_a_row() -> None:
    homing = Homing(until=-35, hold=3)
    for rssi in (-30, -30, -36, -35, -20):
        homing.hear(1.0, rssi)
        assert not homing.is_reached
    homing.hear(1.0, -34.9)
    assert homing.is_reached
    homing.hear(1.0, -80)
    assert homing.is_reached


def test_without_a_strength_it_says_how_often_it_is_heard() -> None:
    homing = Homing(until=-35)
    for tenth in range(4):
        homing.hear(tenth / 10, None)
    assert (homing.look(0.3).level, homing.look(0.3).rssi) == (40, None)
    for tenth in range(4, 40):
        homing.hear(tenth / 10, None)
    assert homing.look(3.9).level == 100
    assert (homing.best, homing.is_reached) == (None, False)


@given(st.lists(st.tuples(st.floats(0, 2), st.none() | st.floats(-150, 20)), max_size=50))
def test_whatever_comes_it_stays_in_bounds(steps: list[tuple[float, float | None]]) -> None:
    homing = Homing()
    now = 0.0
    pitches = set()
    for wait, rssi in steps:
        now += wait
        homing.hear(now, rssi)
        beat = homing.look(now)
        assert 0 <= beat.level <= 100
        assert 0.1 <= round(beat.every, 9) <= 1.0
        assert 220 <= beat.hertz <= 1760
        pitches.add(beat.hertz)
    assert len(pitches) <= 21


def test_louder_is_higher_and_faster() -> None:
    beats = []
    for rssi in range(-85, -24, 5):
        homing = Homing()
        homing.hear(0.0, rssi)
        beats.append(homing.look(0.0))
    assert [one.hertz for one in beats] == sorted(one.hertz for one in beats)
    assert [one.every for one in beats] == sorted((one.every for one in beats), reverse=True)
    assert (beats[0].hertz, beats[-1].hertz) == (220, 1760)
