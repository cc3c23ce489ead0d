"""How far needs have come: what was taken for them, what is met, and what was bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.document import DocState
from assetctl.domain.document_kinds import RELEASED
from assetctl.store.lists import among
from assetctl.store.tables import (
    document,
    document_asset,
    sourcing_candidate,
    sourcing_purchase,
)

LET_GO = (RELEASED, "refused")
"""What becomes of things on a request that never came to whoever asked."""

_GRANTED = (DocState.APPROVED.value, DocState.EXECUTING.value, DocState.DONE.value)
_ASKED = (DocState.SUBMITTED.value, *_GRANTED)
_ON = sa.and_(document_asset.c.number == document.c.number,
              document_asset.c.round == document.c.round)  # fmt: skip
_TAKEN = (
    sa.select(document.c.under, document.c.number, document.c.kind, document.c.state,
              document_asset.c.asset_id, document_asset.c.state.label("line_state"))
    .join_from(document, document_asset, _ON)
    .where(
        among(document.c.under, "numbers"), document.c.kind.in_(("loan", "realloc")),
        document.c.state.in_(_ASKED), document_asset.c.state.not_in(LET_GO),
    )
    .order_by(document.c.number, document_asset.c.asset_id)
)  # fmt: skip
_OWN = (
    sa.select(sourcing_candidate.c.number, sourcing_candidate.c.asset_id).distinct()
    .where(among(sourcing_candidate.c.number, "numbers"),
           sourcing_candidate.c.taken_at.is_not(None))
    .order_by(sourcing_candidate.c.number, sourcing_candidate.c.asset_id)
)  # fmt: skip
_BOUGHT = (
    sa.select(sourcing_purchase.c.number, sa.func.sum(sourcing_purchase.c.quantity).label("bought"))
    .where(among(sourcing_purchase.c.number, "numbers"))
    .group_by(sourcing_purchase.c.number)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A thing taken for a need: under which request, or as the unit's own (no document).

    `is_met` says that the request was approved, so that it counts.
    """

    asset_id: str
    document: str | None
    kind: str | None
    state: str | None
    line_state: str | None
    is_met: bool


def taken_for(connection: Connection, numbers: Sequence[str]) -> dict[str, list[Taken]]:
    """Return what was taken for needs and not let go again, by need."""
    wanted = {"numbers": list(numbers)}
    found: dict[str, list[Taken]] = {number: [] for number in numbers}
    for row in connection.execute(_TAKEN, wanted):
        found[row.under].append(
            Taken(asset_id=row.asset_id, document=row.number, kind=row.kind, state=row.state,
                  line_state=row.line_state, is_met=row.state in _GRANTED)
        )  # fmt: skip
    for own in connection.execute(_OWN, wanted):
        found[own.number].append(
            Taken(asset_id=own.asset_id, document=None, kind=None, state=None, line_state=None,
                  is_met=True)
        )  # fmt: skip
    return found


def progress(connection: Connection, numbers: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return how many each need got from what there was, and how many were bought for it."""
    taken = taken_for(connection, numbers)
    rows = connection.execute(_BOUGHT, {"numbers": list(numbers)})
    bought = {row.number: int(row.bought) for row in rows}
    return {number: (met_by(taken[number]), bought.get(number, 0)) for number in numbers}


def met_by(taken: Sequence[Taken]) -> int:
    """Return how many things of those taken count as met; each counts once."""
    return len({one.asset_id for one in taken if one.is_met})
