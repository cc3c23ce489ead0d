"""Blank tags: ids issued ahead, printed in a batch, bound to things later."""

from __future__ import annotations

from collections.abc import Callable

from assetctl.acts.ids import free_ids
from assetctl.acts.steps import earlier
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.tag_events import BlanksIssued
from assetctl.errors import InputError, RequestReusedError
from assetctl.i18n import N_, Phrase, one_of
from assetctl.store.engine import Tx
from assetctl.store.record import record

PRINTED = ("qr", "datamatrix")
"""Carriers that are printed; a radio tag is bound by reading it."""

BATCH = 4000
"""At most so many at once: one entry of the history names them all."""


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
