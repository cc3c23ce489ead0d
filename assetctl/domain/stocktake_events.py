"""Events of stocktakes; the subject is `stocktake:` and the number (`stocktake:PD-2026-0001`).

Each says in `stands` what the stocktake became. Lines and finds name things and people by code;
remarks are free text, so personal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from assetctl.domain.event import Event

Rows = list[list[str]]
"""Lines of the list or of the results, as `freeze` and `freeze_results` write them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StocktakeEvent(Event):
    """Base of what happens to a stocktake."""

    personal: ClassVar[frozenset[str]] = frozenset({"text"})

    stands: str
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StocktakePlanned(StocktakeEvent):
    """A stocktake was planned by a person for a unit: what is counted, as of which day, by whom.

    `blind` is 1 where those who count are not shown what is expected, else 0; `doc` is the paper
    that ordered it.
    """

    kind: ClassVar[str] = "stocktake.planned"

    purpose: str
    unit: str
    planner: str
    base_date: str
    blind: int
    scope: dict[str, list[str]] = field(default_factory=dict)
    teams: list[dict[str, Any]] = field(default_factory=list)
    doc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StocktakeOpened(StocktakeEvent):
    """What it expects was frozen: `listed` lines worth `total` yuan, whose hash is `sheet`.

    The hash is over all rows, those in later entries included. `away` counts what papers of others
    answer for, by state.
    """

    kind: ClassVar[str] = "stocktake.opened"

    lines: Rows = field(default_factory=list)
    listed: int
    total: str
    sheet: str
    away: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StocktakeListed(StocktakeEvent):
    """Further lines of the list that was just frozen, where one entry did not hold them all."""

    kind: ClassVar[str] = "stocktake.listed"

    lines: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingsCounted(StocktakeEvent):
    """Things were counted at a place by a person: their tags scanned, or had in hand.

    Each find names the asset (or, for a thing without identity, its `name`, and the `item` that it
    was called before, if it was), and what was said of it: quantity (0: looked for and not there),
    condition, holder, tag, photo; and its `place` where they were not all at one. `team` is empty
    where somebody on none of them confirmed what others had counted.
    """

    kind: ClassVar[str] = "stocktake.counted"

    batch: int
    round: int
    team: str = ""
    person: str
    place: str | None = None
    how: str
    finds: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSwept(StocktakeEvent):
    """A radio reader swept a place; `tags` are rows of what was heard, evidence and no proof.

    A row holds the EPC, the asset it is bound to (or nothing), the verdict, the seconds after the
    start of the sweep at which it was first and last heard, how many one-second epochs heard it,
    the best signal in dBm (or nothing) and the antennas. `strength` is 0 where the reader told no
    signal; then `median` and `threshold` (dBm) are left out. `raw` is the SHA-256 of the reads
    themselves, if they were kept. A sweep that one entry does not hold goes on in the next, with
    `line` counting on.
    """

    kind: ClassVar[str] = "stocktake.swept"

    batch: int
    round: int
    team: str = ""
    person: str
    place: str
    reader: str
    began: str
    epochs: int
    sweeps: int
    strength: int
    median: str | None = None
    threshold: str | None = None
    raw: str | None = None
    line: int = 1
    tags: list[list[str | int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamFinished(StocktakeEvent):
    """A team has counted all that is its own; nothing waits at its stations."""

    kind: ClassVar[str] = "stocktake.team_finished"

    team: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecountOrdered(StocktakeEvent):
    """What differs is to be counted again by somebody else, in this round.

    `items` are the first of them, where one entry does not hold all.
    """

    kind: ClassVar[str] = "stocktake.recount_ordered"

    round: int
    items: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferencesExplained(StocktakeEvent):
    """Why things differ, who answers for it (`liable`), and whether it shall be booked.

    `again` are those of which something else was said before; `card` is what a thing without
    identity is to be registered with.
    """

    kind: ClassVar[str] = "stocktake.explained"

    items: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    reason: str
    treatment: str
    person: str
    liable: str | None = None
    card: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsSubmitted(StocktakeEvent):
    """The results were frozen for approval: every difference, how many of each sort, their value.

    `results` are rows (see `stocktake_results`), those in later entries included in the hash
    `sheet`; `total` is the value of what differs, in yuan; `steps` the chain that must decide.
    """

    kind: ClassVar[str] = "stocktake.submitted"

    submission: int
    person: str
    results: Rows = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    sheet: str
    total: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    rules: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsListed(StocktakeEvent):
    """Further rows of the results that were just submitted."""

    kind: ClassVar[str] = "stocktake.results_listed"

    submission: int
    results: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsJudged(StocktakeEvent):
    """A person agreed to the results or returned them, as one whom step `step` asks."""

    kind: ClassVar[str] = "stocktake.judged"

    submission: int
    step: int
    asked: str
    person: str
    verdict: str
    next: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsWithdrawn(StocktakeEvent):
    """The results were taken back before they were booked."""

    kind: ClassVar[str] = "stocktake.withdrawn"

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StocktakeClosed(StocktakeEvent):
    """The differences were booked and the stocktake sealed; `sheet` is that of the results.

    `adjusted` counts what was booked, by act; `overtaken` are things that somebody had changed
    since, which were left alone; `registered` are pairs: a thing without identity, and the asset
    that it became. Nothing follows this entry.
    """

    kind: ClassVar[str] = "stocktake.closed"

    person: str
    list_sheet: str
    sheet: str
    adjusted: dict[str, int] = field(default_factory=dict)
    overtaken: list[str] = field(default_factory=list)
    registered: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class StocktakeCancelled(StocktakeEvent):
    """A stocktake was given up; its number stays taken."""

    kind: ClassVar[str] = "stocktake.cancelled"

    person: str
