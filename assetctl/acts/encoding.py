"""Radio tags that a printer or a reader wrote: bound once they were read back, never before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from assetctl.acts.steps import carry_out, earlier, subjects_of
from assetctl.domain.event import Event
from assetctl.domain.lifecycle import Act, Custody, Standing
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.tag_events import TagBound, TagReplaced
from assetctl.errors import CodeTakenError, RequestReusedError
from assetctl.store.engine import Tx
from assetctl.store.lists import among
from assetctl.store.tables import alias, tag

_CARRIER = "uhf"
_THERE = (
    tag.select()
    .where(among(tag.c.asset_id, "ids"), tag.c.carrier == _CARRIER)
    .order_by(tag.c.asset_id, tag.c.issue)
)
_TAKEN = sa.select(alias.c.value, alias.c.asset_id).where(
    among(alias.c.value, "epcs"), alias.c.scheme == "epc"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """What a tag answered when it was read back, in hexadecimal: EPC, PC word, the chip's TID.

    `tid` is None only while nothing has been written yet, to find out whether it may be.
    """

    epc: str
    pc: str
    tid: str | None


def bind_written(tx: Tx, *, asset_id: str, encoded: Encoded, stamp: Stamp) -> Receipt:
    """Bind the radio tag that a reader wrote for an asset, as `bind_encoded` does.

    A request that was carried out before gives its first receipt.

    Raises:
        RequestReusedError: the request was another one.
        CodeTakenError, ActRefusedError, SomeoneFirstError: see `bind_encoded`.
    """
    wish = {"carrier": _CARRIER, "code": encoded.epc}
    try:
        again = earlier(tx, stamp, TagBound.kind, subjects_of([asset_id]), wish)
    except RequestReusedError:
        again = earlier(tx, stamp, TagReplaced.kind, subjects_of([asset_id]), wish)
    return again or bind_encoded(tx, encoded={asset_id: encoded}, stamp=stamp)


def bind_encoded(tx: Tx, *, encoded: Mapping[str, Encoded], stamp: Stamp) -> Receipt:
    """Bind radio tags that were written to their assets, by asset id: all or none.

    A thing keeps its number in every tag, so a new tag brings a second chip with the same EPC: it
    replaces the first, which no longer counts. The same chip written again changes nothing.

    Raises:
        CodeTakenError: an EPC belongs to another asset.
        ActRefusedError, SomeoneFirstError: an asset has been disposed of.
    """
    _must_be_free(tx, encoded)
    there: dict[str, list[Any]] = {}
    for row in tx.connection.execute(_THERE, {"ids": list(encoded)}):
        if row.code == encoded[row.asset_id].epc:
            there.setdefault(row.asset_id, []).append(row)

    def build(custody: Custody, _standing: Standing) -> Event:
        return _event(encoded[custody.asset_id], there.get(custody.asset_id, []))

    ids = [one for one in encoded if not _is_the_same(encoded[one], there.get(one, []))]
    return carry_out(tx, Act.BIND_TAG, ids, stamp, build) if ids else Receipt(events=())


def _event(one: Encoded, there: Sequence[Any]) -> Event:
    newest = max((row.issue for row in there), default=0)
    current = _current(there)
    if current is None:
        return TagBound(
            carrier=_CARRIER, code=one.epc, issue=newest + 1, epc=one.epc, tid=one.tid, pc=one.pc
        )
    return TagReplaced(
        carrier=_CARRIER, code=one.epc, issue=current.issue, new_issue=newest + 1, epc=one.epc,
        tid=one.tid, pc=one.pc,
    )  # fmt: skip


def _is_the_same(one: Encoded, there: Sequence[Any]) -> bool:
    current = _current(there)
    return current is not None and one.tid is not None and (current.tid, current.pc) == (
        one.tid, one.pc,
    )  # fmt: skip


def _current(there: Sequence[Any]) -> Any:
    return next((row for row in reversed(there) if row.state == "bound"), None)


def _must_be_free(tx: Tx, encoded: Mapping[str, Encoded]) -> None:
    wanted = {one.epc: asset_id for asset_id, one in encoded.items()}
    for epc, holder in tx.connection.execute(_TAKEN, {"epcs": list(wanted)}):
        if holder != wanted[epc]:
            raise CodeTakenError(scheme=_CARRIER, value=epc, holder=holder)
