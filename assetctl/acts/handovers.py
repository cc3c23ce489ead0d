"""Between places and parties: move, send, receive, refuse, transfer of title, missing, found."""

from __future__ import annotations

from collections.abc import Sequence

from assetctl.acts.steps import axes, carry_out, earlier, subjects_of
from assetctl.domain.events import (
    Event,
    Found,
    HandoverRefused,
    Moved,
    Received,
    ReportedMissing,
    Sent,
    TitleTransferred,
)
from assetctl.domain.lifecycle import Act, Custody, Standing
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import ReceiverError, SamePartyError, WrongPartyError
from assetctl.reads.parties import need_party, need_place
from assetctl.store.engine import Tx


def move(
    tx: Tx, *, assets: Sequence[str], to: str, stamp: Stamp, doc: str | None = None,
    note: str | None = None,
) -> Receipt:  # fmt: skip
    """Put assets in another place; who answers for them stays the same.

    Raises:
        PlaceNotFoundError: the place is not in the register.
        SamePartyError: an asset is already there.
        ActRefusedError, SomeoneFirstError: an asset cannot be moved now.
    """
    again = earlier(tx, stamp, Moved.kind, subjects_of(assets), {"place": to, "doc": doc})
    if again:
        return again
    need_place(tx.connection, to)

    def build(custody: Custody, standing: Standing) -> Event:
        if custody.place == to:
            raise SamePartyError(act=Act.MOVE.value, asset_id=custody.asset_id, where=to)
        return Moved(**axes(custody, standing, doc, note))

    return carry_out(tx, Act.MOVE, assets, stamp, build, place=to, doc=doc)


def send(
    tx: Tx, *, assets: Sequence[str], to: str, stamp: Stamp, doc: str | None = None,
    note: str | None = None,
) -> Receipt:  # fmt: skip
    """Send assets to a party; they are in transit until that party receives or refuses them.

    Raises:
        PartyNotFoundError: the receiver is not in the register.
        SamePartyError: the receiver already holds an asset.
        ActRefusedError, SomeoneFirstError: an asset cannot be sent now.
    """
    again = earlier(tx, stamp, Sent.kind, subjects_of(assets), {"sent_to": to, "doc": doc})
    if again:
        return again
    need_party(tx.connection, to)

    def build(custody: Custody, standing: Standing) -> Event:
        if custody.holder == to:
            raise SamePartyError(act=Act.SEND.value, asset_id=custody.asset_id, where=to)
        return Sent(**axes(custody, standing, doc, note), sent_to=to)

    return carry_out(tx, Act.SEND, assets, stamp, build, doc=doc)


def receive(
    tx: Tx, *, assets: Sequence[str], stamp: Stamp, by: str | None = None,
    place: str | None = None, condition: str | None = None, differs: str | None = None,
    doc: str | None = None, note: str | None = None,
) -> Receipt:  # fmt: skip
    """Take over assets that were sent, saying what differs from what was sent.

    Raises:
        ReceiverError: `by` is not the party an asset was sent to.
        PlaceNotFoundError: the place is not in the register.
        ActRefusedError, SomeoneFirstError: an asset is not in transit.
    """
    wish = {"place": place, "condition": condition, "doc": doc}
    again = earlier(tx, stamp, Received.kind, subjects_of(assets), wish)
    if again:
        return again
    if place:
        need_place(tx.connection, place)

    def build(custody: Custody, standing: Standing) -> Event:
        _must_be_receiver(custody, by)
        return Received(**axes(custody, standing, doc, note), condition=condition, differs=differs)

    return carry_out(tx, Act.RECEIVE, assets, stamp, build, place=place, doc=doc)


def refuse(
    tx: Tx, *, assets: Sequence[str], note: str, stamp: Stamp, by: str | None = None,
    doc: str | None = None,
) -> Receipt:  # fmt: skip
    """Refuse assets that were sent, for a reason; they are again with the sender.

    Raises:
        ReceiverError: `by` is not the party an asset was sent to.
        ActRefusedError, SomeoneFirstError: an asset is not in transit.
    """
    again = earlier(tx, stamp, HandoverRefused.kind, subjects_of(assets), {"doc": doc})
    if again:
        return again

    def build(custody: Custody, standing: Standing) -> Event:
        _must_be_receiver(custody, by)
        return HandoverRefused(
            **axes(custody, standing, doc, note), refused_by=custody.sent_to or ""
        )

    return carry_out(tx, Act.REFUSE, assets, stamp, build, doc=doc)


def transfer_title(
    tx: Tx, *, assets: Sequence[str], to_unit: str, doc: str, stamp: Stamp,
    note: str | None = None,
) -> Receipt:  # fmt: skip
    """Move title to another unit's books under a document; the asset id does not change.

    Raises:
        PartyNotFoundError, WrongPartyError: the receiver is not in the register, or not a unit.
        SamePartyError: the unit already owns an asset.
        DocumentRequiredError: no document number was given.
        ActRefusedError, SomeoneFirstError: an asset's title cannot move now.
    """
    wish = {"owner": to_unit, "doc": doc}
    again = earlier(tx, stamp, TitleTransferred.kind, subjects_of(assets), wish)
    if again:
        return again
    need_unit(tx, to_unit, Act.TRANSFER_TITLE.value)

    def build(custody: Custody, standing: Standing) -> Event:
        if custody.owner == to_unit:
            raise SamePartyError(
                act=Act.TRANSFER_TITLE.value, asset_id=custody.asset_id, where=to_unit
            )
        return TitleTransferred(
            **axes(custody, standing, doc, note), owner=to_unit, from_owner=custody.owner,
            keeper=to_unit if custody.prior_holder == custody.owner else None,
        )  # fmt: skip

    return carry_out(tx, Act.TRANSFER_TITLE, assets, stamp, build, party=to_unit, doc=doc)


def report_missing(
    tx: Tx, *, assets: Sequence[str], stamp: Stamp, doc: str | None = None,
    note: str | None = None,
) -> Receipt:  # fmt: skip
    """Mark assets that could not be found; holder and last known place stay on record.

    Raises:
        ActRefusedError, SomeoneFirstError: an asset is already missing, or disposed of.
    """
    again = earlier(tx, stamp, ReportedMissing.kind, subjects_of(assets), {"doc": doc})
    if again:
        return again

    def build(custody: Custody, standing: Standing) -> Event:
        # A borrower or carrier does not become the keeper by losing the thing.
        return ReportedMissing(
            **axes(custody, standing, doc, note), keeper=custody.prior_holder or custody.holder
        )

    return carry_out(tx, Act.REPORT_MISSING, assets, stamp, build, doc=doc)


def report_found(
    tx: Tx, *, assets: Sequence[str], stamp: Stamp, place: str | None = None,
    doc: str | None = None, note: str | None = None,
) -> Receipt:  # fmt: skip
    """Mark missing assets as found, at `place` or where they were last known to be.

    Raises:
        PlaceNotFoundError: the place is not in the register.
        ActRefusedError, SomeoneFirstError: an asset is not missing.
    """
    again = earlier(
        tx,
        stamp,
        Found.kind,
        subjects_of(assets),
        {"doc": doc} | ({"place": place} if place else {}),
    )
    if again:
        return again
    if place:
        need_place(tx.connection, place)

    def build(custody: Custody, standing: Standing) -> Event:
        return Found(**axes(custody, standing, doc, note))

    return carry_out(tx, Act.REPORT_FOUND, assets, stamp, build, place=place, doc=doc)


def need_unit(tx: Tx, code: str, act: str) -> None:
    """Return if `code` is a unit of the register.

    Raises:
        PartyNotFoundError, WrongPartyError: it is not there, or it is a person or vendor.
    """
    party = need_party(tx.connection, code)
    if party.kind != "unit":
        raise WrongPartyError(party=code, party_kind=party.kind, act=act, expected="unit")


def _must_be_receiver(custody: Custody, by: str | None) -> None:
    if by is not None and custody.sent_to is not None and by != custody.sent_to:
        raise ReceiverError(asset_id=custody.asset_id, sent_to=custody.sent_to, party=by)
