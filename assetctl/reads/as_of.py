"""The register as it stood at a moment, told from history alone, without the tables.

Within one thing entries keep the order of its chain, by both clocks: an entry recorded later says
what is so from then on, even where its own time lies before that of the entry it follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from assetctl.domain.events import from_plain
from assetctl.domain.money import amount_text, from_fen
from assetctl.domain.projection import Row, When, changes
from assetctl.i18n import N_, Phrase
from assetctl.reads.chains import By, Reach, Step, chains
from assetctl.reads.replay import broken
from assetctl.reads.search import Filter, inside


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetThen:
    """An asset as it stood; `value` is its original value in yuan, None if its card had none."""

    asset_id: str
    name: str
    class_code: str
    card_no: str | None
    state: str
    owner: str
    holder: str
    place: str | None
    condition: str | None
    due: str | None
    value: str | None
    held_since: str
    registered_at: str
    changed_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Assets of one unit in one state: how many, their value in yuan, how many have no value."""

    owner: str
    state: str
    count: int
    value: str
    unvalued: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stood at a moment in all: the figures by owner and state, and their sums."""

    until: str
    by: By
    count: int
    value: str
    unvalued: int
    figures: tuple[Figure, ...]


def as_of(
    connection: Connection,
    reach: Reach,
    wanted: Filter,
    *,
    ids: Sequence[str] | None = None,
    on_asset: Callable[[AssetThen], None],
) -> Standing:
    """Tell `on_asset` of each asset that matched then, in order of id; return the figures.

    Places lie in one another as they do now; nothing in the register ever moves a place.

    Raises:
        HistoryBrokenError: an entry cannot be read or replayed.
    """
    places = set(inside(connection, wanted.place)) if wanted.place else None
    sums: dict[tuple[str, str], list[int]] = {}
    for row in rows_as_of(connection, reach, ids=ids):
        if not _matches(row, wanted, places):
            continue
        figure = sums.setdefault((row["owner"], row["state"]), [0, 0, 0])
        value = row.get("value_fen")
        figure[0] += 1
        figure[1] += value or 0
        figure[2] += value is None
        on_asset(asset_then(row))
    figures = tuple(
        Figure(owner=owner, state=state, count=count, value=yuan(fen), unvalued=unvalued)
        for (owner, state), (count, fen, unvalued) in sorted(sums.items())
    )
    count, fen, unvalued = (sum(column) for column in zip((0, 0, 0), *sums.values(), strict=True))
    return Standing(until=reach.until, by=reach.by, count=count, value=yuan(fen),
                    unvalued=unvalued, figures=figures)  # fmt: skip


def rows_as_of(
    connection: Connection, reach: Reach, *, ids: Sequence[str] | None = None
) -> Iterator[Row]:
    """Yield the row that each asset had, in order of id; columns that were never set are absent."""
    subjects = None if ids is None else [f"asset:{one}" for one in ids]
    for _, steps in chains(connection, sort="asset", subjects=subjects, reach=reach):
        row = row_of(steps)
        if row is not None:
            yield row


def row_of(steps: Sequence[Step]) -> Row | None:
    """Return the row of an asset after these entries of its chain, None before its first."""
    row: Row | None = None
    for row in rows_of(steps):  # noqa: B007  the last one counts
        pass
    return row


def rows_of(steps: Sequence[Step]) -> Iterator[Row | None]:
    """Yield the row of an asset after each of these entries; always the same one, growing.

    Raises:
        HistoryBrokenError: an entry cannot be replayed.
    """
    row: Row | None = None
    for step in steps:
        try:
            event = from_plain(step.kind, step.fields["data"])
            wanted = changes(step.subject, event, When(at=step.at, rec=step.rec))
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            known = Phrase(N_("a known event"))
            broken(step.subject, step.seq, "it cannot be replayed", known, repr(error))
        for change in wanted:
            if change.table == "asset" and change.op == "put":
                row = dict(change.row)
            elif change.table == "asset" and row is not None:
                row.update(change.row)
        yield row


def asset_then(row: Row) -> AssetThen:
    """Return a row of history as people and programs read it."""
    fen = row.get("value_fen")
    return AssetThen(
        asset_id=row["asset_id"], name=row["name"], class_code=row["class_code"],
        card_no=row["card_no"], state=row["state"], owner=row["owner"], holder=row["holder"],
        place=row["place"], condition=row["condition"], due=row.get("due"),
        value=None if fen is None else yuan(fen), held_since=row["held_since"],
        registered_at=row["registered_at"], changed_at=row["changed_at"],
    )  # fmt: skip


def yuan(fen: int) -> str:
    """Return whole fen as an amount in yuan, as history writes it; it may be below zero."""
    return amount_text(from_fen(fen))


def _matches(row: Row, wanted: Filter, places: set[str] | None) -> bool:
    return (
        wanted.state in (None, row["state"])
        and wanted.owner in (None, row["owner"])
        and wanted.holder in (None, row["holder"])
        and (places is None or row["place"] in places)
    )
