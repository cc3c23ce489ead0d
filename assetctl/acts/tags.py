"""Tags: bind one to an asset, issue a label anew, declare one void."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from assetctl.acts.blanks import must_not_be_void
from assetctl.acts.ids import badge_holder
from assetctl.acts.steps import carry_out, earlier, subjects_of
from assetctl.domain.event import Event
from assetctl.domain.identity import ISSUES
from assetctl.domain.lifecycle import Act, Custody, Standing
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.tag_events import TagBound, TagReplaced, TagVoided
from assetctl.errors import (
    CodeTakenError,
    InputError,
    TagIssuesSpentError,
    TagNotFoundError,
    TagStateError,
    TwoTidsError,
)
from assetctl.i18n import one_of
from assetctl.store.engine import Tx
from assetctl.store.tables import alias, asset, tag

CARRIERS = ("qr", "datamatrix", "uhf", "hf")
"""What can carry an id: two printed symbols, two radio tags."""

AIRS = ("gen2", "gb29768", "gjb7377")
"""Protocols of radio tags: EPC Gen2 (ISO/IEC 18000-63), GB/T 29768, GJB 7377.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a tag to be bound carries: the code it shows, its issue, its radio numbers in hex.

    `air` is one of `AIRS`; a tag of which nothing is said speaks Gen2.
    """

    carrier: str
    code: str
    issue: int = 1
    epc: str | None = None
    tid: str | None = None
    pc: str | None = None
    air: str = "gen2"


def bind_tag(tx: Tx, *, asset_id: str, carried: Carried, stamp: Stamp) -> Receipt:
    """Bind a tag to an asset. A blank tag's own id becomes an alias of the asset.

    Raises:
        InputError: the carrier or the protocol is unknown.
        CodeTakenError: the code or EPC belongs to another asset, or is bound to this one, or the
            code is that of a place, a person or a command.
        TwoTidsError: the EPC is bound with another chip; `sightings.alert_two_tids` records it.
        BlankStateError: it is a blank tag that was declared void.
        ActRefusedError, SomeoneFirstError: the asset has been disposed of.
    """
    if carried.carrier not in CARRIERS:
        raise InputError(field="carrier", value=carried.carrier, expected=one_of(CARRIERS))
    if carried.air not in AIRS:
        raise InputError(field="air", value=carried.air, expected=one_of(AIRS))
    wish = {"carrier": carried.carrier, "code": carried.code, "epc": carried.epc}
    again = earlier(tx, stamp, TagBound.kind, subjects_of([asset_id]), wish)
    if again:
        return again

    def build(custody: Custody, _standing: Standing) -> Event:
        _must_be_free(tx, custody.asset_id, carried)
        return TagBound(
            carrier=carried.carrier, code=carried.code, issue=carried.issue, epc=carried.epc,
            tid=carried.tid, pc=carried.pc, air=carried.air if carried.air != AIRS[0] else None,
        )  # fmt: skip

    return carry_out(tx, Act.BIND_TAG, [asset_id], stamp, build)


def replace_tag(
    tx: Tx, *, asset_id: str, stamp: Stamp, carrier: str = "qr", note: str | None = None
) -> Receipt:
    """Issue the label anew: the next issue number counts, the older one no longer.

    Raises:
        TagNotFoundError: the asset never had a label of this carrier.
        TagIssuesSpentError: all 31 issue numbers are used up.
        ActRefusedError, SomeoneFirstError: the asset has been disposed of.
    """
    again = earlier(tx, stamp, TagReplaced.kind, subjects_of([asset_id]), {"carrier": carrier})
    if again:
        return again

    def build(custody: Custody, _standing: Standing) -> Event:
        tags = _tags(tx, custody.asset_id, carrier)
        # A label is printed with the asset's own id; a blank one bound to it stays as it is.
        tags = [one for one in tags if one.code == custody.asset_id] or tags
        if not tags:
            raise TagNotFoundError(asset_id=custody.asset_id, carrier=carrier)
        current = next((one for one in reversed(tags) if one.state == "bound"), None)
        code = current.code if current else custody.asset_id
        newest = max((one.issue for one in tags if one.code == code), default=0)
        if newest >= ISSUES:
            raise TagIssuesSpentError(asset_id=custody.asset_id)
        if current is None:  # every label was void; this one is simply the next
            return TagBound(carrier=carrier, code=code, issue=newest + 1)
        return TagReplaced(
            carrier=carrier, code=code, issue=current.issue, new_issue=newest + 1, note=note
        )

    return carry_out(tx, Act.REPLACE_TAG, [asset_id], stamp, build)


def void_tag(
    tx: Tx, *, asset_id: str, stamp: Stamp, carrier: str = "qr", issue: int | None = None,
    code: str | None = None, note: str | None = None,
) -> Receipt:  # fmt: skip
    """Declare a tag void: the newest one of the carrier, or that of the issue and code named.

    Raises:
        TagNotFoundError: the asset has no such tag.
        TagStateError: the tag no longer counts anyway.
    """
    again = earlier(tx, stamp, TagVoided.kind, subjects_of([asset_id]), {"carrier": carrier})
    if again:
        return again

    def build(custody: Custody, _standing: Standing) -> Event:
        tags = [
            one
            for one in _tags(tx, custody.asset_id, carrier)
            if issue in (None, one.issue) and code in (None, one.code)
        ]
        if not tags:
            raise TagNotFoundError(asset_id=custody.asset_id, carrier=carrier)
        chosen = next((one for one in reversed(tags) if one.state == "bound"), tags[-1])
        if chosen.state == "void":
            raise TagStateError(
                carrier=carrier, tag_code=chosen.code, issue=chosen.issue,
                asset_id=custody.asset_id, state=chosen.state,
            )  # fmt: skip
        return TagVoided(carrier=carrier, code=chosen.code, issue=chosen.issue, note=note)

    return carry_out(tx, Act.VOID_TAG, [asset_id], stamp, build)


def _tags(tx: Tx, asset_id: str, carrier: str) -> list[Any]:
    wanted = tag.select().where(tag.c.asset_id == asset_id, tag.c.carrier == carrier)
    return list(tx.connection.execute(wanted.order_by(tag.c.code, tag.c.issue)))


def _must_be_one_chip(tx: Tx, carried: Carried) -> None:
    if not carried.epc or not carried.tid:
        return
    other = tx.connection.execute(
        sa.select(tag.c.asset_id, tag.c.tid)
        .join_from(
            alias, tag, sa.and_(alias.c.asset_id == tag.c.asset_id, tag.c.epc == carried.epc)
        )
        .where(alias.c.scheme == "epc", alias.c.value == carried.epc, tag.c.tid != carried.tid)
    ).first()
    if other is not None:
        raise TwoTidsError(
            asset_id=other.asset_id, epc=carried.epc, tid=carried.tid, bound_tid=other.tid
        )


def _must_be_free(tx: Tx, asset_id: str, carried: Carried) -> None:
    _must_be_one_chip(tx, carried)
    must_not_be_void(tx, carried.code)
    bound = tx.connection.execute(
        sa.select(tag.c.asset_id).where(
            tag.c.asset_id == asset_id, tag.c.carrier == carried.carrier,
            tag.c.code == carried.code, tag.c.issue == carried.issue,
        )
    ).scalar()  # fmt: skip
    owner = tx.connection.execute(
        sa.select(asset.c.asset_id).where(asset.c.asset_id == carried.code)
    ).scalar()
    aliased = tx.connection.execute(
        sa.select(alias.c.asset_id).where(
            sa.or_(
                sa.and_(alias.c.scheme == "tag", alias.c.value == carried.code),
                sa.and_(alias.c.scheme == "epc", alias.c.value == (carried.epc or "")),
            )
        )
    ).scalar()
    badge = badge_holder(tx, carried.code)
    for holder in (bound, owner if owner != asset_id else None, aliased, badge):
        if holder is not None:
            raise CodeTakenError(scheme=carried.carrier, value=carried.code, holder=holder)
