"""Blank tags: ids issued ahead, printed in a batch, bound to things later, or declared void."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from assetctl.acts.ids import free_ids
from assetctl.acts.steps import earlier
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.tag_events import BlanksIssued, BlanksVoided
from assetctl.errors import InputError, RequestReusedError
from assetctl.i18n import N_, Phrase, one_of
from assetctl.reads.blanks import Blank, blanks_of, need_blanks
from assetctl.store.engine import Tx
from assetctl.store.lists import among
from assetctl.store.record import lock, record
from assetctl.store.tables import blank

PRINTED = ("qr", "datamatrix")
"""Carriers that are printed; a radio tag is bound by reading it."""

BATCH = 4000
"""At most so many at once: one entry of the history names them all."""

_LOCKED = blank.select().where(among(blank.c.tag, "tags")).order_by(blank.c.tag).with_for_update()


def issue_blanks(
    tx: Tx, *, count: int, stamp: Stamp, new_asset_id: Callable[[], str], carrier: str = "qr"
) -> Receipt:
    """Issue ids ahead, so that what is printed is known; the batch is named by its first id.

    Raises:
        InputError: the carrier is not a printed one, or the count is not from 1 to 4,000.
        RequestReusedError: the request id was used for another count or another act.
    """
    if carrier not in PRINTED:
        raise InputError(field="carrier", value=carrier, expected=one_of(PRINTED))
    if not 1 <= count <= BATCH:
        expected = Phrase(N_("a number from 1 to {most}"), most=BATCH)
        raise InputError(field="count", value=str(count), expected=expected)
    again = earlier(tx, stamp, BlanksIssued.kind, (), {"carrier": carrier})
    if again:
        (first,) = again.events
        if len(first.data["tags"]) != count:
            asked = f"{first.kind} {first.subject}"
            raise RequestReusedError(request_id=stamp.request_id, first=asked)
        return again
    ids = free_ids(tx, new_asset_id, count)
    return Receipt(
        events=record(tx, stamp, [(f"blank:{ids[0]}", BlanksIssued(carrier=carrier, tags=ids))])
    )


def void_blanks(
    tx: Tx, *, tags: Sequence[str], stamp: Stamp, note: str | None = None
) -> Receipt:  # fmt: skip
    """Declare blank tags void, all of them or none: one entry for each batch they are of.

    Raises:
        BlankMissingError: some were never issued as blank tags.
        BlankStateError: some are void already, or bound to a thing.
    """
    again = earlier(tx, stamp, BlanksVoided.kind, (), {})
    if again:
        must_be_same(again, tags, stamp)
        return again
    facts = [
        (f"blank:{batch}", BlanksVoided(tags=part, note=note))
        for batch, part in batches(lock_blanks(tx, tags)).items()
    ]
    return Receipt(events=record(tx, stamp, facts))


def lock_blanks(tx: Tx, tags: Sequence[str]) -> list[Blank]:
    """Lock blank tags and their batches; return them as `need_blanks` does, and raise like it."""
    wanted = list(dict.fromkeys(tags))
    lock(tx, {f"blank:{one.batch}" for one in blanks_of(tx.connection, wanted).values()})
    # Whoever binds one of them holds its row, and what he did is seen only after that.
    tx.connection.execute(_LOCKED, {"tags": wanted}).all()
    return need_blanks(tx.connection, wanted)


def must_not_be_void(tx: Tx, code: str) -> None:
    """Lock the blank tag of this id, if there is one.

    Raises:
        BlankStateError: it was declared void.
    """
    for row in tx.connection.execute(_LOCKED, {"tags": [code]}):
        if row.voided_at is not None:
            need_blanks(tx.connection, [code])


def batches(found: Iterable[Blank]) -> dict[str, list[str]]:
    """Return the ids of blank tags by their batch."""
    parts: dict[str, list[str]] = {}
    for one in found:
        parts.setdefault(one.batch, []).append(one.tag)
    return parts


def must_be_same(again: Receipt, tags: Sequence[str], stamp: Stamp) -> None:
    """Check that an earlier request was about the same blank tags.

    Raises:
        RequestReusedError: it was about others.
    """
    if {tag for event in again.events for tag in event.data["tags"]} != set(tags):
        first = ", ".join(f"{event.kind} {event.subject}" for event in again.events[:3])
        raise RequestReusedError(request_id=stamp.request_id, first=first)
