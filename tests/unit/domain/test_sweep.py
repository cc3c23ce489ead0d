"""The counting rule: worked examples by hand, and what holds of any reads in any order."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.sweep import (
    DEFAULT,
    MOST_TIDS,
    Advice,
    Heard,
    Judged,
    Read,
    Rule,
    Sweep,
    Tally,
    Verdict,
    chao,
    chapman,
    verdicts,
)

LISTED = ("A1", "A2", "A3", "A4", "A5")
PRESENT, WEAK, MISSING = Verdict.PRESENT, Verdict.WEAK, Verdict.MISSING
SURPLUS, NEARBY = Verdict.SURPLUS, Verdict.NEARBY


def read(epc: str, second: float, rssi: float | None = None, antenna: int | None = None) -> Read:
    return (epc, second, rssi, antenna, 1, None)


def tally(*sweeps: list[Read]) -> Tally:
    found = Tally()
    for number, reads in enumerate(sweeps):
        if number:
            found.next_sweep()
        found.hear_all(reads)
    return found


def codes(sweep: Sweep) -> dict[str, Verdict]:
    return {tag.epc: tag.verdict for tag in sweep.tags}


def heard(found: Tally, epc: str) -> Heard:
    return found.heard(found.sweeps())[epc]


# --- the tally -----------------------------------------------------------------------------


def test_what_is_kept_of_a_tag() -> None:
    found = Tally()
    found.hear("E1", 10.25, -70.0, 2, "T1", 3)
    found.hear("E1", 10.75, -61.5, 1)
    found.hear("E1", 9.5, -80.0, 2, "T2")
    found.hear("E1", 30.0)
    assert heard(found, "E1") == Heard(
        epc="E1", first=9.5, last=30.0, reads=6, epochs=3, sweeps=2, rssi=-61.5, antennas=(1, 2),
        tids=("T1", "T2"),
    )  # fmt: skip
    assert len(found) == 1


def test_many_reads_in_one_second_are_one_epoch() -> None:
    found = tally([read("E1", 7 + part / 100) for part in range(100)])
    assert (heard(found, "E1").epochs, heard(found, "E1").reads) == (1, 100)


@pytest.mark.parametrize(("seconds", "sweeps"), [((0, 5.9), 1), ((0.9, 6), 2), ((9, 0), 2)])
def test_a_pause_ends_a_sweep(seconds: tuple[float, ...], sweeps: int) -> None:
    found = tally([read("E1", second) for second in seconds])
    assert len(found.sweeps()) == sweeps == heard(found, "E1").sweeps
    assert len(found.sweeps(pause=60)) == 1


def test_a_sweep_may_be_called_anew_in_the_same_second() -> None:
    found = tally([read("E1", 0)], [read("E1", 0), read("E2", 1)])
    found.next_sweep()
    assert [sorted(sweep) for sweep in found.sweeps()] == [["E1"], ["E1", "E2"]]
    assert heard(found, "E1").epochs == 2


@pytest.mark.parametrize("second", [float("nan"), float("inf"), -float("inf"), 2.0**32, -(2.0**32)])
def test_a_second_that_no_clock_shows(second: float) -> None:
    found = Tally()
    with pytest.raises(ValueError):  # noqa: PT011  the value itself is all it says
        found.hear_all([read("E1", 0), read("E2", second)])
    assert [tag.epc for tag in verdicts(found, ()).tags] == ["E1"]


def test_chips_are_counted_to_a_bound() -> None:
    found = Tally()
    for number in range(1_000):
        found.hear("E1", 0, tid=f"{number:04X}")
    assert len(heard(found, "E1").tids) == MOST_TIDS


# --- the rule, by hand ---------------------------------------------------------------------

_ROOM = [
    *(read("A1", second, -50) for second in range(4)),
    *(read("A2", second, -55) for second in range(4)),
    read("A2", 2, -90),
    read("A3", 0, -66.9),
    read("A4", 3, -67),
    *(read("LOUD", second, -66) for second in range(3)),
    *(read("SHORT", second, -40) for second in range(2)),
    *(read("QUIET", second, -67) for second in range(4)),
]
"""Best strengths of the listed: -50, -55, -66.9, -67; their median is -60.95."""


def test_a_room() -> None:
    room = [one if one[0] != "A4" else read("A4", 3, -73) for one in _ROOM]
    found = verdicts(tally(room), LISTED)
    assert found.median == pytest.approx((-55 - 66.9) / 2)
    assert found.threshold == pytest.approx(-72.95)
    assert codes(found) == {
        "A1": PRESENT, "A2": PRESENT, "A3": PRESENT, "A4": WEAK, "A5": MISSING,
        "SHORT": NEARBY, "LOUD": SURPLUS, "QUIET": SURPLUS,
    }  # fmt: skip
    assert found.strength
    assert found.counts == {PRESENT: 3, WEAK: 1, MISSING: 1, SURPLUS: 2, NEARBY: 1}
    assert found.of(WEAK) == (Judged(epc="A4", verdict=WEAK, heard=found.tags[3].heard),)
    assert [tag.epc for tag in found.tags] == [*LISTED, "SHORT", "LOUD", "QUIET"]


@pytest.mark.parametrize(("rssi", "verdict"), [(-71.9, PRESENT), (-72, WEAK), (-99, WEAK)])
def test_as_loud_as_the_threshold_is_not_louder(rssi: float, verdict: Verdict) -> None:
    room = [read(epc, 0, -60) for epc in LISTED[:4]] + [read("A5", 0, rssi)]
    found = verdicts(tally(room), LISTED)
    assert (found.threshold, codes(found)["A5"]) == (-72, verdict)


def test_an_office_may_set_its_own_numbers() -> None:
    rule = Rule(margin=6, surplus_epochs=2)
    found = verdicts(tally(_ROOM), LISTED, rule=rule)
    assert found.threshold == pytest.approx(-66.95)
    assert [codes(found)[epc] for epc in ("A3", "A4", "SHORT", "LOUD", "QUIET")] == [
        PRESENT, WEAK, SURPLUS, SURPLUS, NEARBY,
    ]  # fmt: skip


def test_what_is_not_listed_is_no_measure() -> None:
    stray = [read("NEAR", second, -20) for second in range(9)]
    assert verdicts(tally(_ROOM, stray), LISTED).median == verdicts(tally(_ROOM), LISTED).median


def test_without_strength_one_read_is_enough_and_surplus_comes_again() -> None:
    first = [read("A1", 0), *(read("X1", second) for second in range(9)), read("X2", 1)]
    found = verdicts(tally(first, [read("X2", 20)]), LISTED)
    assert codes(found) == {
        "A1": PRESENT, "A2": MISSING, "A3": MISSING, "A4": MISSING, "A5": MISSING,
        "X1": NEARBY, "X2": SURPLUS,
    }  # fmt: skip
    assert (found.strength, found.median, found.threshold, found.sweeps) == (False, None, None, 2)


def test_one_without_strength_among_others_has_shown_nothing() -> None:
    room = [read("A1", 0, -50), read("A2", 0), *(read("X1", second) for second in range(9))]
    assert {epc: codes(verdicts(tally(room), LISTED))[epc] for epc in ("A1", "A2", "X1")} == {
        "A1": PRESENT, "A2": WEAK, "X1": NEARBY,
    }  # fmt: skip


def test_nothing_heard_and_nothing_listed() -> None:
    assert codes(verdicts(Tally(), LISTED)) == dict.fromkeys(LISTED, MISSING)
    found = verdicts(tally([read("X1", 0, -50), read("X1", 9, -50)]), ())
    assert codes(found) == {"X1": SURPLUS}
    assert not found.strength


def test_a_list_that_names_a_tag_twice_counts_it_once() -> None:
    found = verdicts(tally([read("A1", 0)]), ("A1", "A1", "A2"))
    assert found.counts[PRESENT] + found.counts[MISSING] == 2


# --- the hint, by hand ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("once", "twice", "unseen"), [(0, 0, 0), (1, 0, 0), (3, 1, 1.5), (14, 9, 9.1), (2, 0, 1)]
)
def test_chao(once: int, twice: int, unseen: float) -> None:
    assert chao(once, twice) == pytest.approx(unseen)


@pytest.mark.parametrize(
    ("first", "second", "both", "total"), [(9, 9, 9, 9), (9, 4, 4, 9), (3, 2, 1, 5), (0, 0, 0, 0)]
)
def test_chapman(first: int, second: int, both: int, total: float) -> None:
    assert chapman(first, second, both) == pytest.approx(total)


def _room_of(seconds: int, *late: Read) -> Tally:
    every = [read(epc, second, -50) for second in range(seconds) for epc in ("A1", "A2")]
    return tally([*every, *late])


@pytest.mark.parametrize(
    ("room", "advice", "epochs", "quiet"),
    [
        (Tally(), Advice.NONE_HEARD, 0, 0),
        (tally([read("X1", second) for second in range(60)]), Advice.NONE_HEARD, 60, 60),
        (_room_of(7), Advice.TOO_SHORT, 7, 6),
        (_room_of(10), Advice.STILL_NEW, 10, 9),
        (_room_of(11), Advice.MAY_STOP, 11, 10),
        (_room_of(30, read("A3", 20)), Advice.STILL_NEW, 30, 9),
        (_room_of(30, read("X1", 29)), Advice.MAY_STOP, 30, 29),
        (_room_of(31, read("A3", 20)), Advice.MAY_STOP, 31, 10),
        (_room_of(31, read("A3", 20), read("A4", 3)), Advice.STILL_UNSEEN, 31, 10),
    ],
)
def test_when_it_may_stop(room: Tally, advice: Advice, epochs: int, quiet: int) -> None:
    hint = verdicts(room, LISTED).hint
    assert (hint.advice, hint.epochs, hint.quiet) == (advice, epochs, quiet)


def test_the_estimates_of_a_hint() -> None:
    first = [read("A1", 0), read("A1", 1), read("A1", 2), read("A2", 0), read("A3", 0)]
    second = [read("A1", 0), read("A2", 1), read("X1", 0)]
    hint = verdicts(tally(first, second), LISTED).hint
    assert (hint.once, hint.twice, hint.unseen) == (1, 1, 0)
    assert hint.readable == pytest.approx(4 * 3 / 3 - 1)
    assert verdicts(tally(first), LISTED).hint.readable is None
    assert verdicts(tally(first, second, first), LISTED).hint.readable is None


# --- what holds of any reads ---------------------------------------------------------------

_EPCS = st.sampled_from([*LISTED, "X1", "X2", "X3"])
_READS = st.lists(
    st.tuples(
        _EPCS,
        st.integers(0, 4_000).map(lambda part: part / 100),
        st.none() | st.integers(-90, -30).map(float),
        st.none() | st.integers(1, 4),
        st.integers(1, 9),
        st.none() | st.sampled_from(["T1", "T2"]),
    ),
    max_size=60,
)


@given(_READS, st.randoms(use_true_random=False))
def test_the_order_of_reads_does_not_matter(reads: list[Read], random: Random) -> None:
    mixed = list(reads)
    random.shuffle(mixed)
    one, other = verdicts(tally(reads), LISTED), verdicts(tally(mixed), LISTED)
    assert replace(one, counts={}) == replace(other, counts={})
    assert one.counts == other.counts


@given(_READS, _READS)
def test_two_tallies_together_are_the_tally_of_both(one: list[Read], other: list[Read]) -> None:
    both = tally(one)
    both.merge(tally(other))
    assert verdicts(both, LISTED).tags == verdicts(tally(one + other), LISTED).tags
    assert verdicts(both, LISTED).hint == verdicts(tally(one + other), LISTED).hint


@given(_READS, _READS)
def test_the_sweeps_of_two_tallies_are_joined_in_turn(one: list[Read], other: list[Read]) -> None:
    both = tally(one, other)
    both.merge(tally(other, one))
    whole = tally(one + other, other + one)
    assert both.sweeps(pause=99) == whole.sweeps(pause=99)


@given(_READS, _READS)
def test_more_reads_lose_nothing_that_was_heard(reads: list[Read], more: list[Read]) -> None:
    before, after = verdicts(tally(reads), LISTED), verdicts(tally(reads + more), LISTED)
    missing = {tag.epc for tag in before.of(MISSING)}
    assert {tag.epc for tag in after.of(MISSING)} <= missing
    assert {tag.epc for tag in before.tags} <= {tag.epc for tag in after.tags}


@given(_READS, st.integers(-30, 30))
def test_a_louder_reader_judges_the_same(reads: list[Read], gain: int) -> None:
    louder = [
        (epc, second, None if rssi is None else rssi + gain, antenna, count, tid)
        for epc, second, rssi, antenna, count, tid in reads
    ]
    assert codes(verdicts(tally(reads), LISTED)) == codes(verdicts(tally(louder), LISTED))


@given(_READS)
def test_each_tag_has_one_verdict_that_its_list_allows(reads: list[Read]) -> None:
    found = verdicts(tally(reads), LISTED, rule=DEFAULT)
    assert len(codes(found)) == len(found.tags) == sum(found.counts.values())
    for tag in found.tags:
        assert (tag.verdict in (PRESENT, WEAK, MISSING)) == (tag.epc in LISTED)
        assert (tag.verdict is MISSING) == (tag.heard is None)


def test_a_strangers_device_cannot_fill_the_memory_with_tags(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("assetctl.domain.sweep.MOST_TAGS", 3)
    tally = Tally()
    for number in range(9):
        tally.hear(f"{number:024X}", float(number))
    tally.hear(f"{0:024X}", 9.0)
    assert (len(tally), tally.passed_over) == (3, 6)
    assert tally.heard(())[f"{0:024X}"].reads == 2
    assert [len(epoch) for epoch in tally.epochs()].count(1) == 4, "what is passed over is no read"
