"""The counting rule: what a room full of radio tags, heard many times over, says of a list.

How often a tag answers says little: by its session it may answer once, or a hundred times. So
reads are counted by *epochs*: whole seconds in which a tag was heard at least once. A *sweep* is a
stretch of epochs without a longer pause; whoever goes over the same ground again begins another.

A listed tag is PRESENT where it was heard as loudly as its like, WEAK where it was only heard,
MISSING where it was not. A tag that is not on the list is SURPLUS where it was loud and stayed,
else NEARBY. Radio passes through walls, and some tags never answer: a verdict is evidence, nothing
is booked from it alone, and whatever is WEAK or MISSING must be looked for.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from statistics import median
from types import MappingProxyType

MARGIN = 12.0
"""dB below the median at which a tag no longer counts as here: a brick wall takes 10 to 20, and
four of five tags in one room lie within 12 of each other."""

SURPLUS_EPOCHS = 3
"""A tag on a passing trolley or behind a door is heard for a second or two."""

SURPLUS_SWEEPS = 2
"""Without signal strength only coming again tells what stands here from what passed."""

PAUSE = 5
"""Seconds of silence that end a sweep: after them a tag in session S1 answers anew."""

SHORTEST, QUIET = 8, 10
"""Epochs before it may be enough, and those that must have passed since a listed tag was new."""

UNSEEN = 1.0
"""So few readable tags may be left unheard, as Chao's estimate has it."""

MOST_TIDS = 8
"""So many chips of one EPC are kept: two are an alarm, more are no news."""

MOST_TAGS = 200_000
"""So many different tags are kept: a stranger's device cannot fill the memory with more."""

# Seconds of any clock are below, and further apart than any pause are the sweeps called anew.
_END_OF_TIME, _AGE = float(1 << 32), float(1 << 34)

Read = tuple[str, float, float | None, int | None, int, str | None]
"""EPC, second, signal strength in dBm, antenna, how often it was heard, TID."""


class Verdict(StrEnum):
    """What the reads say of one tag."""

    PRESENT = "present"
    WEAK = "weak"
    MISSING = "missing"
    SURPLUS = "surplus"
    NEARBY = "nearby"


class Advice(StrEnum):
    """Whether going on is likely to find more; never that everything was found."""

    NONE_HEARD = "none_heard"
    TOO_SHORT = "too_short"
    STILL_NEW = "still_new"
    STILL_UNSEEN = "still_unseen"
    MAY_STOP = "may_stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The numbers of the rule, where an office sets its own: see the constants for the reasons."""

    margin: float = MARGIN
    surplus_epochs: int = SURPLUS_EPOCHS
    surplus_sweeps: int = SURPLUS_SWEEPS
    pause: float = PAUSE
    shortest: int = SHORTEST
    quiet: int = QUIET
    unseen: float = UNSEEN


DEFAULT = Rule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """How one tag was heard.

    `first` and `last` are seconds of the clock of the reads, `reads` how often the reader heard
    it, `epochs` in how many whole seconds, `sweeps` in how many sweeps. `rssi` is the best signal
    strength in dBm, None where none was told. Two `tids` are two chips with one EPC: one of them
    is a copy.
    """

    epc: str
    first: float
    last: float
    reads: int
    epochs: int
    sweeps: int
    rssi: float | None
    antennas: tuple[int, ...]
    tids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One tag and what the reads say of it; `heard` is None where it was never read."""

    epc: str
    verdict: Verdict
    heard: Heard | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Whether to go on. An estimate of what could still be *read*, and no proof of anything.

    `epochs` is how many seconds had any read, `quiet` how many of them came after the one in which
    a listed tag was last new. `once` and `twice` are the listed tags heard in exactly one and two
    epochs, and `unseen` is how many readable ones are still unheard by them (Chao 1984, in the
    bias-corrected form). `readable` is how many there are by two sweeps over the same ground
    (Chapman 1951), None unless there were exactly two. Neither sees a dead or a shielded tag: in
    the simulation `unseen` is below one while five of 200 things that stand there are never
    heard. Whoever shows it says so beside it.
    """

    advice: Advice
    epochs: int
    quiet: int
    once: int
    twice: int
    unseen: float
    readable: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What all reads say: the listed tags in the order of the list, then the others, loud first.

    `median` is that of the best strengths of the listed tags heard, `threshold` what a tag must be
    louder than to count as here, both in dBm. Without `strength` both are None, and the verdicts
    are weaker: whoever shows them says "without signal strength".
    """

    tags: tuple[Judged, ...]
    counts: Mapping[Verdict, int]
    strength: bool
    median: float | None
    threshold: float | None
    sweeps: int
    hint: Hint

    def of(self, verdict: Verdict) -> tuple[Judged, ...]:
        """Return the tags of one verdict."""
        return tuple(tag for tag in self.tags if tag.verdict is verdict)


class Tally:
    """Folds radio reads, in whichever order they come, into what is known of each tag.

    Seconds are those of any one clock, below 2^32 either way; EPC and TID are upper-case
    hexadecimal.
    """

    def __init__(self) -> None:
        self._tags: dict[str, _Tag] = {}
        self._epochs: dict[float, set[str]] = {}
        self._age = 0.0
        self.passed_over = 0
        """Reads of tags beyond the most that are kept: they do not count."""

    def __len__(self) -> int:
        """Return how many different tags were heard."""
        return len(self._tags)

    def hear(
        self, epc: str, second: float, rssi: float | None = None, antenna: int | None = None,
        tid: str | None = None, count: int = 1,
    ) -> None:  # fmt: skip
        """Take one read. Raises `ValueError` for a second that no clock shows."""
        self.hear_all([(epc, second, rssi, antenna, count, tid)])

    def hear_all(self, reads: Iterable[Read]) -> None:
        """Take many reads; fastest where they come in the order of time.

        Raises:
            ValueError: a second that no clock shows; the reads before it count.
        """
        tags = self._tags
        here: set[str] = set()
        begins = ends = 0.0
        for epc, second, rssi, antenna, count, tid in reads:
            if not begins <= second < ends:
                here = self._epoch(second)
                begins = second // 1
                ends = begins + 1
            tag = tags.get(epc)
            if tag is None:
                if len(tags) >= MOST_TAGS:
                    self.passed_over += 1
                    continue
                tag = tags[epc] = _Tag(second)
            here.add(epc)
            tag.reads += count
            if second > tag.last:
                tag.last = second
            elif second < tag.first:
                tag.first = second
            if rssi is not None and rssi > tag.best:
                tag.best = rssi
            if antenna is not None:
                tag.antennas.add(antenna)
            if tid is not None and len(tag.tids) < MOST_TIDS:
                tag.tids.add(tid)

    def next_sweep(self) -> None:
        """Begin another sweep without a pause: the reads that follow belong to it."""
        self._age += _AGE

    def merge(self, other: Tally) -> None:
        """Take what another tally by the same clock has heard, as though it were heard here."""
        for epc, tag in other._tags.items():
            self._tags.setdefault(epc, _Tag(tag.first)).merge(tag)
        for epoch, epcs in other._epochs.items():
            self._epochs.setdefault(epoch, set()).update(epcs)
        self._age = max(self._age, other._age)
        self.passed_over += other.passed_over

    def epochs(self) -> list[Set[str]]:
        """Return which tags were heard in each epoch that had any, in the order of time."""
        return [self._epochs[epoch] for epoch in sorted(self._epochs)]

    def sweeps(self, *, pause: float = PAUSE) -> list[Set[str]]:
        """Return which tags were heard in each sweep; more than `pause` seconds part them."""
        parts: list[list[set[str]]] = []
        before = -math.inf
        for epoch in sorted(self._epochs):
            if epoch - before > pause:
                parts.append([])
            parts[-1].append(self._epochs[epoch])
            before = epoch
        return [set().union(*part) for part in parts]

    def heard(self, sweeps: Iterable[Set[str]]) -> dict[str, Heard]:
        """Return how each tag was heard, in the order of first meeting; `sweeps` as told above."""
        epochs = Counter(chain.from_iterable(self._epochs.values()))
        among = Counter(chain.from_iterable(sweeps))
        return {
            epc: Heard(
                epc=epc, first=tag.first, last=tag.last, reads=tag.reads, epochs=epochs[epc],
                sweeps=among[epc], rssi=None if tag.best == -math.inf else tag.best,
                antennas=tuple(sorted(tag.antennas)), tids=tuple(sorted(tag.tids)),
            )
            for epc, tag in self._tags.items()
        }  # fmt: skip

    def _epoch(self, second: float) -> set[str]:
        if not -_END_OF_TIME < second < _END_OF_TIME:
            raise ValueError(second)
        return self._epochs.setdefault(self._age + second // 1, set())


class _Tag:
    """What is known of one tag."""

    __slots__ = ("antennas", "best", "first", "last", "reads", "tids")

    def __init__(self, second: float) -> None:
        self.first = self.last = second
        self.reads = 0
        self.best = -math.inf
        self.antennas: set[int] = set()
        self.tids: set[str] = set()

    def merge(self, other: _Tag) -> None:
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.reads += other.reads
        self.best = max(self.best, other.best)
        self.antennas |= other.antennas
        self.tids = set(sorted(self.tids | other.tids)[:MOST_TIDS])


def verdicts(tally: Tally, listed: Collection[str], *, rule: Rule = DEFAULT) -> Sweep:
    """Return what the reads say of each listed tag and of each other one that was heard.

    `listed` are the EPCs that should be here. The measure of strength is what was heard of them:
    where only few of a list are heard, and those from next door, it is too low, and the many that
    are missing tell.
    """
    sweeps = tally.sweeps(pause=rule.pause)
    heard = tally.heard(sweeps)
    wanted = dict.fromkeys(listed)
    found = {epc: heard[epc] for epc in wanted if epc in heard}
    strengths = [one.rssi for one in found.values() if one.rssi is not None]
    middle = median(strengths) if strengths else None
    threshold = None if middle is None else middle - rule.margin
    tags = [
        Judged(epc=epc, verdict=_listed(found.get(epc), threshold), heard=found.get(epc))
        for epc in wanted
    ]
    others = sorted(
        (one for epc, one in heard.items() if epc not in wanted),
        key=lambda one: (-math.inf if one.rssi is None else one.rssi, one.epochs, one.epc),
        reverse=True,
    )
    tags += [
        Judged(epc=one.epc, verdict=_unlisted(one, threshold, rule), heard=one) for one in others
    ]
    counts = Counter(tag.verdict for tag in tags)
    return Sweep(
        tags=tuple(tags), counts=MappingProxyType({one: counts[one] for one in Verdict}),
        strength=threshold is not None, median=middle, threshold=threshold,
        sweeps=len(sweeps), hint=_hint(tally.epochs(), sweeps, found, rule),
    )  # fmt: skip


def _listed(heard: Heard | None, threshold: float | None) -> Verdict:
    if heard is None:
        return Verdict.MISSING
    return Verdict.PRESENT if threshold is None or _loud(heard, threshold) else Verdict.WEAK


def _unlisted(heard: Heard, threshold: float | None, rule: Rule) -> Verdict:
    if threshold is None:
        stays = heard.sweeps >= rule.surplus_sweeps
    else:
        stays = heard.epochs >= rule.surplus_epochs and _loud(heard, threshold)
    return Verdict.SURPLUS if stays else Verdict.NEARBY


def _loud(heard: Heard, threshold: float) -> bool:
    # Where others have a strength, a tag without one has not shown that it is here.
    return heard.rssi is not None and heard.rssi > threshold


def _hint(
    epochs: Sequence[Set[str]], sweeps: Sequence[Set[str]], found: Mapping[str, Heard], rule: Rule
) -> Hint:  # fmt: skip
    """Return the hint from what was heard when; `found` are the listed tags that were."""
    often = Counter(heard.epochs for heard in found.values())
    unseen = chao(often[1], often[2])
    quiet = _quiet(epochs, found)
    if not found:
        advice = Advice.NONE_HEARD
    elif len(epochs) < rule.shortest:
        advice = Advice.TOO_SHORT
    elif quiet < rule.quiet:
        advice = Advice.STILL_NEW
    else:
        advice = Advice.MAY_STOP if unseen < rule.unseen else Advice.STILL_UNSEEN
    readable = None
    if len(sweeps) == 2:
        first, second = (found.keys() & sweep for sweep in sweeps)
        readable = chapman(len(first), len(second), len(first & second))
    return Hint(
        advice=advice, epochs=len(epochs), quiet=quiet, once=often[1], twice=often[2],
        unseen=unseen, readable=readable,
    )  # fmt: skip


def _quiet(epochs: Sequence[Set[str]], found: Iterable[str]) -> int:
    """Return how many epochs have gone by since the last of `found` was new."""
    new = set(found)
    for number, epoch in enumerate(epochs):
        if not new:
            return len(epochs) - number
        new.difference_update(epoch)
    return 0


def chao(once: int, twice: int) -> float:
    """Return how many kinds were never met, from those met once and twice (Chao1, corrected)."""
    return once * (once - 1) / (2 * (twice + 1))


def chapman(first: int, second: int, both: int) -> float:
    """Return how many there are, from those found in one pass, in another, and in both."""
    return (first + 1) * (second + 1) / (both + 1) - 1
