"""The end of an asset's life: propose disposal, withdraw the proposal, dispose."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import sqlalchemy as sa

from assetctl.acts.steps import axes, carry_out, earlier, subjects_of
from assetctl.domain.events import DisposalProposed, DisposalWithdrawn, Disposed, Event
from assetctl.domain.lifecycle import Act, Custody, Standing
from assetctl.domain.money import amount_text
from assetctl.domain.request import Receipt, Stamp
from assetctl.store.engine import Tx
from assetctl.store.tables import asset


def propose_disposal(
    tx: Tx, *, assets: Sequence[str], method: str, stamp: Stamp, ground: str | None = None,
    doc: str | None = None, note: str | None = None,
) -> Receipt:  # fmt: skip
    """Propose assets for disposal by a method (`domain.card.METHODS`) and a legal ground.

    Raises:
        ActRefusedError, SomeoneFirstError: an asset cannot be proposed now.
    """
    wish = {"method": method, "ground": ground, "doc": doc}
    again = earlier(tx, stamp, DisposalProposed.kind, subjects_of(assets), wish)
    if again:
        return again

    def build(custody: Custody, standing: Standing) -> Event:
        return DisposalProposed(**axes(custody, standing, doc, note), method=method, ground=ground)

    return carry_out(tx, Act.PROPOSE_DISPOSAL, assets, stamp, build, doc=doc)


def withdraw_disposal(
    tx: Tx, *, assets: Sequence[str], stamp: Stamp, doc: str | None = None,
    note: str | None = None,
) -> Receipt:  # fmt: skip
    """Withdraw the proposal; the assets are again what they were before.

    Raises:
        ActRefusedError, SomeoneFirstError: an asset is not pending disposal.
    """
    again = earlier(tx, stamp, DisposalWithdrawn.kind, subjects_of(assets), {"doc": doc})
    if again:
        return again

    def build(custody: Custody, standing: Standing) -> Event:
        return DisposalWithdrawn(**axes(custody, standing, doc, note))

    return carry_out(tx, Act.WITHDRAW_DISPOSAL, assets, stamp, build, doc=doc)


def dispose(
    tx: Tx, *, assets: Sequence[str], doc: str, stamp: Stamp, method: str | None = None,
    income: Decimal | None = None, note: str | None = None,
) -> Receipt:  # fmt: skip
    """Dispose of proposed assets under the document that approved it; this is final.

    Without `method` it is the one proposed; `income` is what came in for each asset, in yuan.

    Raises:
        DocumentRequiredError: no document number was given.
        ActRefusedError, SomeoneFirstError: an asset is not pending disposal.
    """
    wish = {"doc": doc, "income": None if income is None else amount_text(income)}
    if method:
        wish["method"] = method
    again = earlier(tx, stamp, Disposed.kind, subjects_of(assets), wish)
    if again:
        return again
    proposed = {} if method else _proposed(tx, assets)

    def build(custody: Custody, standing: Standing) -> Event:
        return Disposed(
            **axes(custody, standing, doc, note),
            method=method or proposed[custody.asset_id],
            income=None if income is None else amount_text(income),
        )

    return carry_out(tx, Act.DISPOSE, assets, stamp, build, doc=doc)


def _proposed(tx: Tx, assets: Sequence[str]) -> dict[str, str]:
    wanted = sa.select(asset.c.asset_id, asset.c.disposal_method).where(
        asset.c.asset_id.in_(list(assets))
    )
    return {row.asset_id: row.disposal_method for row in tx.connection.execute(wanted)}
