"""The counting rule in made-up rooms: few of a room are lost, few of the next one are taken."""

from __future__ import annotations

from statistics import fmean

import pytest

from assetctl.domain.sweep import Tally
from benchmarks.counting import LONGEST, Outcome, by_the_rule
from benchmarks.simulated_room import room, seconds


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [by_the_rule(room(seed), seed) for seed in range(20)]


def test_what_stands_there_is_found(outcomes: list[Outcome]) -> None:
    assert fmean(one.found for one in outcomes) >= 0.97
    assert fmean(one.present for one in outcomes) >= 0.8
    assert fmean(one.surplus for one in outcomes) >= 4


def test_what_stands_next_door_is_not(outcomes: list[Outcome]) -> None:
    assert fmean(one.absent for one in outcomes) <= 0.2
    assert fmean(one.strays for one in outcomes) <= 1.5


def test_the_hint_ends_every_count(outcomes: list[Outcome]) -> None:
    assert max(one.epochs for one in outcomes) < LONGEST


def test_a_room_hears_its_neighbour_or_there_is_nothing_to_judge() -> None:
    found, heard = Tally(), room(0)
    for _, reads in zip(range(30), seconds(heard, 0), strict=False):
        found.hear_all(reads)
    assert len(heard.strays & found.heard([]).keys()) >= 10


def test_a_seed_is_one_room() -> None:
    assert room(3) == room(3) != room(4)
    assert next(seconds(room(3), 3)) == next(seconds(room(3), 3))
