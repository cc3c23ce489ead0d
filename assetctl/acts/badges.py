"""Place tags and staff cards: issue one, issue it anew, declare it void."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from assetctl.acts.ids import free_ids
from assetctl.acts.steps import earlier
from assetctl.domain.identity import ISSUES
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.tag_events import (
    BadgeIssued,
    BadgeVoided,
    PlaceTagIssued,
    PlaceTagVoided,
    StaffCardIssued,
    StaffCardVoided,
)
from assetctl.errors import BadgeMissingError, WrongPartyError
from assetctl.i18n import N_
from assetctl.reads.badges import Badge, current_badge
from assetctl.reads.parties import need_party, need_place
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record
from assetctl.store.tables import place_tag, staff_card

NewId = Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sort:
    subject: str
    table: sa.Table
    issued: type[BadgeIssued]
    voided: type[BadgeVoided]


_PLACE = _Sort(subject="place", table=place_tag, issued=PlaceTagIssued, voided=PlaceTagVoided)
_STAFF = _Sort(subject="party", table=staff_card, issued=StaffCardIssued, voided=StaffCardVoided)


def issue_place_tag(
    tx: Tx, *, code: str, stamp: Stamp, new_asset_id: NewId, anew: bool = False,
    note: str | None = None,
) -> Receipt:  # fmt: skip
    """Issue a tag for a place: an id of its own, or with `anew` its next issue number.

    A place that has a tag that counts keeps it unless `anew`: the receipt is then empty.

    Raises:
        PlaceNotFoundError: there is no such place.
    """
    need_place(tx.connection, code)
    return _issue(tx, _PLACE, code, stamp, new_asset_id, anew=anew, note=note)


def void_place_tag(tx: Tx, *, code: str, stamp: Stamp, note: str | None = None) -> Receipt:
    """Declare the tag of a place void.

    Raises:
        PlaceNotFoundError: there is no such place.
        BadgeMissingError: it has no tag that counts.
    """
    need_place(tx.connection, code)
    return _void(tx, _PLACE, code, stamp, note)


def issue_staff_card(
    tx: Tx, *, code: str, stamp: Stamp, new_asset_id: NewId, anew: bool = False,
    note: str | None = None,
) -> Receipt:  # fmt: skip
    """Issue a card to a person: an id of its own, or with `anew` its next issue number.

    A person who has a card that counts keeps it unless `anew`: the receipt is then empty.

    Raises:
        PartyNotFoundError, WrongPartyError: there is no such party, or it is no person.
    """
    _need_person(tx, code)
    return _issue(tx, _STAFF, code, stamp, new_asset_id, anew=anew, note=note)


def void_staff_card(tx: Tx, *, code: str, stamp: Stamp, note: str | None = None) -> Receipt:
    """Declare the card of a person void.

    Raises:
        PartyNotFoundError, WrongPartyError: there is no such party, or it is no person.
        BadgeMissingError: the person has no card that counts.
    """
    _need_person(tx, code)
    return _void(tx, _STAFF, code, stamp, note)


def _issue(
    tx: Tx, sort: _Sort, code: str, stamp: Stamp, new_asset_id: NewId, *, anew: bool,
    note: str | None,
) -> Receipt:  # fmt: skip
    subject = f"{sort.subject}:{code}"
    again = earlier(tx, stamp, sort.issued.kind, [subject], {})
    if again:
        return again
    lock(tx, [subject])
    current = current_badge(tx.connection, sort.table, code)
    if current and not anew:
        return Receipt(events=())
    tag, issue = _next(tx, sort, code, current, new_asset_id)
    event = sort.issued(
        tag=tag, issue=issue, from_tag=current.tag if current else None,
        from_issue=current.issue if current else None, note=note,
    )  # fmt: skip
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def _next(
    tx: Tx, sort: _Sort, code: str, current: Badge | None, new_asset_id: NewId
) -> tuple[str, int]:
    """Return id and number of the next issue: of the same id as long as it has numbers left."""
    columns = sort.table.c
    wanted = sa.select(columns.tag, sa.func.max(columns.issue)).where(columns.code == code)
    for tag, newest in tx.connection.execute(wanted.group_by(columns.tag)).all():
        if newest < ISSUES and (current is None or tag == current.tag):
            return tag, newest + 1
    return free_ids(tx, new_asset_id, 1)[0], 1


def _void(tx: Tx, sort: _Sort, code: str, stamp: Stamp, note: str | None) -> Receipt:
    subject = f"{sort.subject}:{code}"
    again = earlier(tx, stamp, sort.voided.kind, [subject], {})
    if again:
        return again
    lock(tx, [subject])
    current = current_badge(tx.connection, sort.table, code)
    if current is None:
        raise BadgeMissingError(holder=code)
    event = sort.voided(tag=current.tag, issue=current.issue, note=note)
    return Receipt(events=record(tx, stamp, [(subject, event)]))


def _need_person(tx: Tx, code: str) -> None:
    found = need_party(tx.connection, code)
    if found.kind != "person":
        raise WrongPartyError(
            party=code, party_kind=found.kind, act=N_("party card"), expected="person"
        )
