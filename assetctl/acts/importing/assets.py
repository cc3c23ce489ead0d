"""Import of assets: plan every row, then apply all of them or none.

A row is known by its asset id, else by its unit's card number, else by its own content; so the
same list imported twice changes nothing. What is already in the register is never changed in
silence: a card that differs is a fault unless corrections were asked for, and custody changes
only through its acts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from assetctl.acts.authority import authority_of, must_may
from assetctl.acts.importing.ahead import ahead
from assetctl.acts.importing.drafts import CHUNK, Draft, Drafts, Row
from assetctl.acts.importing.known import known_codes, stored_assets
from assetctl.acts.importing.plan import Imported, Tally
from assetctl.acts.importing.sheet import Sheet
from assetctl.acts.register import card_scheme, card_state, corrected, taken_ids
from assetctl.domain.card import CARD_FIELDS
from assetctl.domain.card_row import attributes_text
from assetctl.domain.events import Event
from assetctl.domain.lifecycle import Act
from assetctl.domain.request import Stamp
from assetctl.i18n import N_
from assetctl.store.engine import Tx
from assetctl.store.lists import among
from assetctl.store.record import lock, record, write
from assetctl.store.tables import alias, asset

_ALIASED = (
    sa.select(alias.c.scheme, alias.c.value, alias.c.asset_id, asset.c.owner)
    .join_from(alias, asset, asset.c.asset_id == alias.c.asset_id)
    .where(among(alias.c.value, "values"))
)
_CUSTODY = ("owner", "holder", "place", "state")


def import_assets(
    tx: Tx, sheet: Sheet, *, stamp: Stamp, new_asset_id: Callable[[], str], scheme: str,
    given: Mapping[str, str], update: bool = False, doc: str | None = None,
    on_step: Callable[[int], None] = lambda _rows: None,
) -> Imported:  # fmt: skip
    """Register every asset of a sheet that is not in the register, and say what was done.

    Everything is written in the transaction of the caller, who must roll it back if there are
    faults. With `update` cards that differ are corrected, frozen fields only under `doc`.

    Raises:
        ActDeniedError: the actor has no role that may register things.
    """
    must_may(authority_of(tx, stamp.actor), stamp.actor, Act.REGISTER)
    tally = Tally()
    drafts = Drafts(
        sheet, known_codes(tx, scheme), stamp=stamp, genesis=tx.genesis,
        new_asset_id=new_asset_id, given=given, doc=doc,
    )  # fmt: skip
    columns = drafts.columns
    unused: Sequence[str] = columns.unused
    tally.faults += columns.faults
    for needed in ("name", "class", "owner"):
        if needed not in columns.names and "asset_id" not in columns.names:
            tally.fault(1, needed, "", "import.column_missing",
                        N_("No column holds this field. Name it with --map HEADER={name}."),
                        name=needed)  # fmt: skip
    if not tally.faults:
        work = _Work(tx, drafts, tally, stamp, update=update, doc=doc)
        for draft in _in_time(drafts, sheet.name):
            work.take(draft)
            unused = draft.unused
            on_step(tally.rows)
    return tally.account(unused)


def _in_time(drafts: Drafts, name: str) -> Iterator[Draft]:
    """Yield the drafts of a list; those of a long one are finished by a process of their own."""
    unfinished = drafts.read()
    first = next(unfinished, None)
    if first is None:
        return
    yield first
    if len(first.rows) == CHUNK:
        yield from ahead(map(drafts.finished, unfinished), name)


class _Work:
    """The state of one import: what is known of the register, and what was met so far."""

    def __init__(
        self, tx: Tx, drafts: Drafts, tally: Tally, stamp: Stamp, *, update: bool, doc: str | None
    ) -> None:
        self._tx = tx
        self._drafts = drafts
        self._tally = tally
        self._stamp = stamp
        self._update = update
        self._doc = doc

    def take(self, draft: Draft) -> None:
        """Compare those rows of a draft that are known, register those that are new."""
        self._tally.rows += draft.tally.rows
        self._tally.faults += draft.tally.faults
        known = self._find(draft.rows)
        ready = draft.registration
        if ready and not known and not taken_ids(self._tx, ready.asset_ids):
            write(self._tx, ready.batch)
            self._tally.added += len(draft.rows)
            return
        stored = stored_assets(self._tx, sorted(set(known.values())))
        new: list[Row] = []
        corrections: dict[str, Event] = {}
        for row in draft.rows:
            found = known.get((row.scheme, row.value))
            if found is None:
                new.append(row)
            elif found not in stored or stored[found]["changed_at"] == self._stamp.rec:
                self._drafts.duplicate(row, self._tally)
            else:
                self._compare(row, found, stored[found], corrections)
        self._register(self._drafts.new_rows(new, self._tally))
        if corrections:
            lock(self._tx, corrections)
            record(self._tx, self._stamp, list(corrections.items()))
            self._tally.corrected += len(corrections)

    def _register(self, rows: Sequence[Row]) -> None:
        taken: frozenset[str] = frozenset()
        ready = self._drafts.registration(rows, taken)
        while found := taken_ids(self._tx, ready.asset_ids):
            taken |= found
            ready = self._drafts.registration(rows, taken)
        write(self._tx, ready.batch)
        self._tally.added += len(rows)

    def _find(self, rows: Sequence[Row]) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        kept: dict[tuple[str, str], str] = {}
        wanted = {row.value: None for row in rows if row.scheme != "asset_id"}
        aliases = self._tx.connection.execute(_ALIASED, {"values": list(wanted)})
        for scheme, value, asset_id, owner in aliases:
            found[scheme, value] = asset_id
            # The number of a former owner, on a thing whose title has moved since.
            kept[card_scheme(owner), value] = asset_id
        own = {("asset_id", row.value): row.value for row in rows if row.scheme == "asset_id"}
        return kept | found | own

    def _compare(
        self, row: Row, asset_id: str, stored: Mapping[str, Any], corrections: dict[str, Event]
    ) -> None:
        changes: dict[str, str] = {}
        now = card_state(stored) | json.loads(stored["attributes"] or "{}")
        now |= {name: stored[name] or "" for name in _CUSTODY}
        now["class"] = now["class_code"]
        before = len(self._tally.faults)
        for name, value in row.values.items():
            if name in ("asset_id", "card_no") or now.get(name, "") == value:
                continue
            if name in _CUSTODY:
                self._drafts.fault(
                    self._tally,
                    row,
                    name,
                    "row.custody",
                    N_(
                        "The register says {now}. Lists do not move assets: use checkout, "
                        "checkin, move, send or transfer."
                    ),
                    now=now.get(name) or "-",
                    group=name,
                )
            elif not self._update:
                self._drafts.fault(
                    self._tally,
                    row,
                    name,
                    "row.differs",
                    N_(
                        "The register says {now}. To correct the card from the list, "
                        "import with --update."
                    ),
                    now=now.get(name) or "-",
                    group=name,
                )
            elif (
                name in CARD_FIELDS and CARD_FIELDS[name].frozen and now.get(name) and not self._doc
            ):
                self._drafts.fault(
                    self._tally,
                    row,
                    name,
                    "card.frozen",
                    N_("The register says {now}, fixed once booked. A change needs --doc."),
                    now=now[name],
                    group=name,
                )
            else:
                changes[name] = value
        if row.bad or len(self._tally.faults) > before:
            return
        if changes:
            corrections[f"asset:{asset_id}"] = self._correction(stored, now, changes)
        else:
            self._tally.unchanged += 1

    def _correction(
        self, stored: Mapping[str, Any], now: Mapping[str, str], changes: Mapping[str, str]
    ) -> Event:
        after = {
            ("class_code" if name == "class" else name): value
            for name, value in changes.items()
            if name in CARD_FIELDS or name in ("name", "class", "condition")
        }
        attributes = {name: value for name, value in changes.items() if name not in after}
        attributes.pop("class", None)
        if attributes:
            merged = json.loads(stored["attributes"] or "{}") | attributes
            after["attributes"] = attributes_text(merged) or ""
        before = {name: now.get(name, "") for name in after}
        return corrected(stored, before, after, doc=self._doc, source=self._drafts.source)
