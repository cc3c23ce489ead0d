"""Publish things in a virtual warehouse, take them off again; and say that data was wiped."""

from __future__ import annotations

from collections.abc import Sequence

from assetctl.acts.steps import carry_out, earlier, subjects_of
from assetctl.domain.card import SANITISING
from assetctl.domain.events import Event, Listed, Sanitised, Unlisted
from assetctl.domain.lifecycle import Act, Custody, Standing
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import InputError
from assetctl.i18n import one_of
from assetctl.reads.assets import listed_in
from assetctl.reads.parties import need_place
from assetctl.store.engine import Tx


def publish(
    tx: Tx, *, assets: Sequence[str], warehouse: str, doc: str, stamp: Stamp
) -> Receipt:  # fmt: skip
    """List assets in a virtual warehouse under an intake; they stay where and whose they are.

    Raises:
        PlaceNotFoundError: the warehouse is not in the register.
        ActRefusedError, RegimeError, AssetPromisedError: an asset cannot be listed.
        DocumentUnfitError: the intake does not say so.
    """
    wish = {"warehouse": warehouse, "doc": doc}
    again = earlier(tx, stamp, Listed.kind, subjects_of(assets), wish)
    if again:
        return again
    need_place(tx.connection, warehouse)

    def build(_custody: Custody, _standing: Standing) -> Event:
        return Listed(warehouse=warehouse, doc=doc)

    return carry_out(tx, Act.LIST, assets, stamp, build, doc=doc)


def unpublish(
    tx: Tx, *, assets: Sequence[str], stamp: Stamp, doc: str | None = None
) -> Receipt:  # fmt: skip
    """Take assets off the virtual warehouse in which they are listed.

    Raises:
        InputError: an asset is not listed.
    """
    again = earlier(tx, stamp, Unlisted.kind, subjects_of(assets), {"doc": doc})
    if again:
        return again
    where = listed_in(tx.connection, assets)

    def build(custody: Custody, _standing: Standing) -> Event:
        if custody.asset_id not in where:
            expected = "something that is listed in a virtual warehouse"
            raise InputError(field="ASSETS", value=custody.asset_id, expected=expected)
        return Unlisted(warehouse=where[custody.asset_id], doc=doc)

    return carry_out(tx, Act.UNLIST, assets, stamp, build, doc=doc)


def sanitise(
    tx: Tx, *, assets: Sequence[str], method: str, stamp: Stamp, doc: str | None = None
) -> Receipt:  # fmt: skip
    """Say that the data on assets was wiped, or what held it taken out; the actor answers for it.

    Raises:
        InputError: there is no such method.
    """
    again = earlier(
        tx, stamp, Sanitised.kind, subjects_of(assets), {"sanitising": method, "doc": doc}
    )
    if again:
        return again
    if method not in SANITISING:
        raise InputError(field="--method", value=method, expected=one_of(SANITISING))

    def build(_custody: Custody, _standing: Standing) -> Event:
        return Sanitised(sanitising=method, doc=doc)

    return carry_out(tx, Act.SANITISE, assets, stamp, build, doc=doc)
