"""The steps of every act on assets: earlier receipt, load and lock, ask the table, record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from assetctl.acts.authority import authority_of, must_may, under_documents
from assetctl.acts.parts import record_parts
from assetctl.domain.document import series_of
from assetctl.domain.document_events import PaperIssued
from assetctl.domain.events import Event
from assetctl.domain.lifecycle import Act, Custody, Given, Standing, State, advance, place_after
from assetctl.domain.places import in_warehouse
from assetctl.domain.request import Receipt, Recorded, Stamp
from assetctl.errors import AssetNotFoundError, RequestReusedError
from assetctl.reads.parties import find_place, need_party
from assetctl.reads.trace import receipts
from assetctl.store.engine import Prepared, Tx
from assetctl.store.lists import among, as_list
from assetctl.store.record import Fact, record
from assetctl.store.tables import asset, head, party, place

_CHUNK = 500
_AXES = (
    asset.c.asset_id, asset.c.state, asset.c.owner, asset.c.holder, asset.c.place,
    asset.c.condition, asset.c.due, asset.c.sent_to, asset.c.prior_state, asset.c.prior_holder,
    asset.c.prior_place, asset.c.held_since, asset.c.changed_at, asset.c.regime,
)  # fmt: skip
_PARTY = sa.select(party.c.code).where(party.c.code == sa.bindparam("party")).scalar_subquery()


def _kind_of(code: sa.ColumnElement[str | None]) -> sa.ScalarSelect[str]:
    return sa.select(place.c.kind).where(place.c.code == code).scalar_subquery()


# One trip brings all that most acts must know: a writer of many spends its time on trips.
_LOCKED = (
    sa.select(
        *_AXES,
        head.c.seq,
        head.c.leaf,
        _kind_of(asset.c.place),
        _kind_of(asset.c.prior_place),
        _PARTY,
    )
    .join_from(asset, head, head.c.subject == sa.literal_column("'asset:'") + asset.c.asset_id)
    .order_by(asset.c.asset_id)
    .with_for_update()
)
_ONLY_LOCKED = Prepared(
    sa.select(*_AXES)
    .where(among(asset.c.asset_id, "wanted"))
    .order_by(asset.c.asset_id)
    .with_for_update()
)
_ONE = Prepared(_LOCKED.where(asset.c.asset_id == sa.bindparam("wanted")))
_ONE_REQUEST = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:request_id, 0))")

Build = Callable[[Custody, Standing], Event]
"""Makes the event of an act from where the asset stands before and after."""


def load(
    tx: Tx, asset_ids: Sequence[str], *, party: str | None = None,
    kinds: dict[str, str | None] | None = None,
) -> list[Custody]:  # fmt: skip
    """Lock assets (in sorted order) and return where they stand, in the order asked.

    `kinds` is told the kinds of the places where they are and were.

    Raises:
        AssetNotFoundError: an id is not in the register.
        PartyNotFoundError: there is no such party.
    """
    found: dict[str, Custody] = {}
    for row in _locked_rows(tx, asset_ids, party):
        seq, leaf, kind, prior_kind, there = row[14:]
        tx.heads[f"asset:{row[0]}"] = (seq, bytes(leaf))
        found[row[0]] = _custody(row)
        if kinds is not None:
            kinds |= {row[4]: kind, row[10]: prior_kind}
        if party and not there:
            need_party(tx.connection, party)
    return _in_order(found, asset_ids)


def lock_assets(tx: Tx, asset_ids: Sequence[str]) -> list[Custody]:
    """Lock assets to which nothing will be written, and return where they stand, as `load` does.

    Raises:
        AssetNotFoundError: an id is not in the register.
    """
    wanted = {"wanted": as_list(tx.connection, sorted(set(asset_ids)))}
    found = {row[0]: _custody(row) for row in _ONLY_LOCKED.run(tx.connection, wanted).fetchall()}
    return _in_order(found, asset_ids)


def earlier(
    tx: Tx, stamp: Stamp, kind: str, subjects: Sequence[str], wish: dict[str, Any]
) -> Receipt | None:
    """Return the receipt of the same request if it was carried out before, else None.

    Raises:
        RequestReusedError: the request id was used for another act, other assets or other values.
    """
    if stamp.fresh:
        return None
    if not tx.is_sqlite:
        # Two copies of one request at the same moment: the second waits and gets the receipt.
        tx.connection.execute(_ONE_REQUEST, {"request_id": stamp.request_id})
    events = receipts(tx.connection, stamp.request_id)
    if not events:
        return None
    found = {event.subject for event in events if not _follows(event, kind)}
    if any(not _grants(event, kind, wish) for event in events) or (
        subjects and not kind.startswith("doc.") and found != set(subjects)
    ):
        first = ", ".join(f"{event.kind} {event.subject}" for event in events[:3])
        raise RequestReusedError(request_id=stamp.request_id, first=first)
    return Receipt(events=tuple(events), repeated=True)


def carry_out(
    tx: Tx,
    act: Act,
    assets: Sequence[str],
    stamp: Stamp,
    build: Build,
    *,
    party: str | None = None,
    place: str | None = None,
    doc: str | None = None,
) -> Receipt:
    """Load the assets, let the table decide for each, and record what `build` makes of it.

    What is done under a document is entered there as well; see `under_documents`.

    Raises:
        ActDeniedError, DutiesMixedError: it is for somebody else to do this.
        DocumentUnfitError, DocumentStateError, DocumentNotFoundError: the document says no.
        ActRefusedError, SomeoneFirstError, DocumentRequiredError: the table says no.
        AssetNotFoundError, PartyNotFoundError: an id or the party is not in the register.
    """
    kinds: dict[str, str | None] = {}
    facts: list[Fact] = []
    custodies = load(tx, assets, party=party, kinds=kinds)
    authority = authority_of(tx, stamp.actor, assets)
    must_may(authority, stamp.actor, act)
    first = Given(party=party, place=place, document=doc, began=stamp.began or stamp.rec)
    givens: dict[tuple[bool, str | None], Given] = {(False, None): first}
    for custody in custodies:
        after = place_after(act, custody, first)
        if after is not None and after not in kinds:
            where = find_place(tx.connection, after)
            kinds[after] = where.kind if where else None
        known = in_warehouse(kinds[after]) if after is not None else False
        promised = authority.promises.get(custody.asset_id)
        given = givens.get((known, promised))
        if given is None:
            given = replace(first, in_warehouse=known, promised_to=promised)
            givens[known, promised] = given
        standing = advance(act, custody, given)
        facts.append((f"asset:{custody.asset_id}", build(custody, standing)))
    facts, more = under_documents(tx, act, custodies, facts, stamp, authority, doc)
    return Receipt(events=record(tx, stamp, facts) + record_parts(tx, stamp, more))


def axes(custody: Custody, standing: Standing, doc: str | None, note: str | None) -> dict[str, Any]:
    """Return the fields that every custodial event has: before, after, authority and note."""
    return {
        "state": standing.state.value, "holder": standing.holder, "place": standing.place,
        "from_state": custody.state.value, "from_holder": custody.holder,
        "from_place": custody.place, "doc": doc, "note": note,
    }  # fmt: skip


def subjects_of(assets: Sequence[str]) -> list[str]:
    """Return the history subjects of asset ids."""
    return [f"asset:{asset_id}" for asset_id in assets]


def _in_order(found: dict[str, Custody], asset_ids: Sequence[str]) -> list[Custody]:
    for asset_id in asset_ids:
        if asset_id not in found:
            raise AssetNotFoundError(reference=asset_id, nearest="-")
    return [found[asset_id] for asset_id in asset_ids]


def _locked_rows(tx: Tx, asset_ids: Sequence[str], party: str | None) -> Sequence[Any]:
    if len(asset_ids) == 1:
        only = {"wanted": asset_ids[0], "party": party}
        rows: list[Any] = _ONE.run(tx.connection, only).fetchall()
        return rows
    rows = []
    wanted = sorted(set(asset_ids))
    for start in range(0, len(wanted), _CHUNK):
        chunk = _LOCKED.where(asset.c.asset_id.in_(wanted[start : start + _CHUNK]))
        rows += tx.connection.execute(chunk, {"party": party}).all()
    return rows


def _custody(row: Any) -> Custody:
    prior = row[8]
    return Custody(
        asset_id=row[0], state=State(row[1]), owner=row[2], holder=row[3], place=row[4],
        condition=row[5], due=row[6], sent_to=row[7],
        prior_state=None if prior is None else State(prior), prior_holder=row[9],
        prior_place=row[10], held_since=row[11], changed_at=row[12], regime=row[13],
    )  # fmt: skip


def _follows(event: Recorded, kind: str) -> bool:
    """Return whether an entry is what an act meant for others than those it was about."""
    sort = event.subject.partition(":")[0]
    if sort == "stocktake":
        return not kind.startswith("stocktake.")
    return sort == "doc" or (kind.startswith("occasion.") and sort != "occasion")


def _grants(event: Recorded, kind: str, wish: dict[str, Any]) -> bool:
    if _follows(event, kind) and not kind.startswith("doc."):
        return True
    if event.kind == PaperIssued.kind and kind.startswith("doc."):
        return True  # the paper that an act on a document issued
    said = event.data
    if wish.get("doc", "") is None and series_of(said.get("doc") or ""):
        wish = wish | {"doc": said["doc"]}  # a document that the act was found to be under
    return event.kind == kind and all(said.get(key) == value for key, value in wish.items())
