"""Loans: check out, check in, extend."""

from __future__ import annotations

from collections.abc import Sequence

from assetctl.acts.steps import axes, carry_out, earlier, subjects_of
from assetctl.domain.document_kinds import OUTCOMES
from assetctl.domain.events import CheckedIn, CheckedOut, Event, LoanExtended
from assetctl.domain.lifecycle import Act, Custody, Standing
from assetctl.domain.money import amount_text, parse_amount
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import DateOrderError, InputError, SamePartyError
from assetctl.i18n import one_of
from assetctl.reads.parties import need_place
from assetctl.store.engine import Tx


def check_out(
    tx: Tx, *, assets: Sequence[str], to: str, stamp: Stamp, due: str | None = None,
    place: str | None = None, doc: str | None = None, note: str | None = None,
) -> Receipt:  # fmt: skip
    """Lend assets to a party until `due` (an ISO date); all of them or none.

    Raises:
        PartyNotFoundError, PlaceNotFoundError: the party or place is not in the register.
        DateOrderError: the due date lies before the day it happens.
        ActRefusedError, SomeoneFirstError: an asset cannot be lent now.
    """
    wish = {"holder": to, "due": due, "place": place, "doc": doc}
    again = earlier(tx, stamp, CheckedOut.kind, subjects_of(assets), wish)
    if again:
        return again
    if place:
        need_place(tx.connection, place)
    _not_before(due, stamp.at[:10])

    def build(custody: Custody, standing: Standing) -> Event:
        if custody.holder == to:
            raise SamePartyError(act=Act.CHECK_OUT.value, asset_id=custody.asset_id, where=to)
        return CheckedOut(**axes(custody, standing, doc, note), due=due)

    return carry_out(tx, Act.CHECK_OUT, assets, stamp, build, party=to, place=place, doc=doc)


def check_in(
    tx: Tx, *, assets: Sequence[str], stamp: Stamp, place: str | None = None,
    condition: str | None = None, doc: str | None = None, note: str | None = None,
    outcome: str | None = None, compensation: str | None = None,
) -> Receipt:  # fmt: skip
    """Take lent assets back, to `place` or to where they were before the loan.

    `outcome` says where they go now (`shelf`, `repair`, `disposal`), `compensation` what the
    borrower pays for damage, in yuan for each.

    Raises:
        InputError, MoneyError: there is no such outcome, or the compensation is no amount.
        PlaceNotFoundError: the place is not in the register.
        ActRefusedError, SomeoneFirstError: an asset is not on loan.
    """
    wish = {"condition": condition, "doc": doc} | ({"place": place} if place else {})
    again = earlier(tx, stamp, CheckedIn.kind, subjects_of(assets), wish)
    if again:
        return again
    if outcome not in (None, *OUTCOMES):
        raise InputError(field="--outcome", value=outcome, expected=one_of(OUTCOMES))
    paid = amount_text(parse_amount(compensation)) if compensation else None
    if place:
        need_place(tx.connection, place)

    def build(custody: Custody, standing: Standing) -> Event:
        return CheckedIn(
            **axes(custody, standing, doc, note),
            condition=condition,
            outcome=outcome,
            compensation=paid,
        )

    return carry_out(tx, Act.CHECK_IN, assets, stamp, build, place=place, doc=doc)


def extend(
    tx: Tx, *, assets: Sequence[str], due: str, stamp: Stamp, doc: str | None = None,
    note: str | None = None,
) -> Receipt:  # fmt: skip
    """Move the due date of loans to `due` (an ISO date), which must lie after the present one.

    Raises:
        DateOrderError: the new date is not later than the present one, or already past.
        ActRefusedError, SomeoneFirstError: an asset is not on loan.
    """
    again = earlier(tx, stamp, LoanExtended.kind, subjects_of(assets), {"due": due, "doc": doc})
    if again:
        return again
    _not_before(due, stamp.at[:10])

    def build(custody: Custody, _standing: Standing) -> Event:
        if custody.due and due <= custody.due:
            raise DateOrderError(field="due", value=due, limit=f"{custody.due} + 1")
        return LoanExtended(due=due, from_due=custody.due, doc=doc, note=note)

    return carry_out(tx, Act.EXTEND, assets, stamp, build, doc=doc)


def _not_before(due: str | None, day: str) -> None:
    if due is not None and due < day:
        raise DateOrderError(field="due", value=due, limit=day)
