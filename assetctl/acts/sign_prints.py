"""Prints of what is no asset's label: blank tags, tags of places, cards of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from assetctl.acts.blanks import batches, lock_blanks, must_be_same
from assetctl.acts.prints import How, how_printed, must_have_reason
from assetctl.acts.steps import earlier
from assetctl.domain.identity import display_id
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.tag_events import (
    BadgePrinted,
    BlanksPrinted,
    PlaceTagPrinted,
    StaffCardPrinted,
)
from assetctl.errors import BadgeMissingError
from assetctl.reads.badges import Badge, current_badge
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record
from assetctl.store.tables import place_tag, staff_card


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sort:
    subject: str
    table: sa.Table
    printed: type[BadgePrinted]
    anew: str


_PLACE = _Sort(
    subject="place", table=place_tag, printed=PlaceTagPrinted, anew="place tag --replace"
)
_STAFF = _Sort(
    subject="party", table=staff_card, printed=StaffCardPrinted, anew="party card --replace"
)


def note_blanks(
    tx: Tx, *, tags: Sequence[str], template: str, printer: str, stamp: Stamp,
    reason: str | None = None, dpi: int | None = None,
) -> Receipt:  # fmt: skip
    """Note that blank tags were printed, one entry for each batch they are of.

    Raises:
        BlankMissingError, BlankStateError: some were never issued, are void or bound.
        RequestReusedError: the request id was used for other tags.
        ReprintReasonError: some were printed before, and no reason is given.
        InputError: template or printer says nothing.
    """
    how = how_printed(template, printer, dpi, reason)
    wish = {"template": how.template, "printer": how.printer}
    again = earlier(tx, stamp, BlanksPrinted.kind, (), wish)
    if again:
        must_be_same(again, tags, stamp)
        return again
    found = lock_blanks(tx, tags)
    before = [display_id(one.tag) for one in found if one.printed_at]
    must_have_reason(how, before, anew="tag void, tag blank")
    facts = [
        (f"blank:{batch}", BlanksPrinted(
            tags=part, reason=how.reason if before else None, **how.facts
        ))
        for batch, part in batches(found).items()
    ]  # fmt: skip
    return Receipt(events=record(tx, stamp, facts))


def note_place_tags(
    tx: Tx, *, codes: Sequence[str], template: str, printer: str, stamp: Stamp,
    reason: str | None = None, dpi: int | None = None,
) -> Receipt:  # fmt: skip
    """Note that the tags of places were printed, one entry each: all of them or none.

    Raises:
        BadgeMissingError: a place has no tag that counts, or there is no such place.
        ReprintReasonError: a tag of this issue was printed before, and no reason is given.
        InputError: template or printer says nothing.
    """
    return _note(tx, _PLACE, codes, how_printed(template, printer, dpi, reason), stamp)


def note_staff_cards(
    tx: Tx, *, codes: Sequence[str], template: str, printer: str, stamp: Stamp,
    reason: str | None = None, dpi: int | None = None,
) -> Receipt:  # fmt: skip
    """Note that the cards of people were printed, one entry each: all of them or none.

    Raises:
        BadgeMissingError: a person has no card that counts, or there is no such person.
        ReprintReasonError: a card of this issue was printed before, and no reason is given.
        InputError: template or printer says nothing.
    """
    return _note(tx, _STAFF, codes, how_printed(template, printer, dpi, reason), stamp)


def _note(tx: Tx, sort: _Sort, codes: Sequence[str], how: How, stamp: Stamp) -> Receipt:
    wanted = list(dict.fromkeys(codes))
    subjects = [f"{sort.subject}:{code}" for code in wanted]
    wish = {"template": how.template, "printer": how.printer}
    again = earlier(tx, stamp, sort.printed.kind, subjects, wish)
    if again:
        return again
    lock(tx, subjects)
    found = {code: _badge(tx, sort, code) for code in wanted}
    before = [code for code, badge in found.items() if badge.prints]
    must_have_reason(how, before, anew=sort.anew)
    facts = [
        (f"{sort.subject}:{code}", sort.printed(
            tag=badge.tag, issue=badge.issue, copy=(badge.prints or 0) + 1,
            reason=how.reason if badge.prints else None, **how.facts,
        ))
        for code, badge in found.items()
    ]  # fmt: skip
    return Receipt(events=record(tx, stamp, facts))


def _badge(tx: Tx, sort: _Sort, code: str) -> Badge:
    badge = current_badge(tx.connection, sort.table, code)
    if badge is None:
        raise BadgeMissingError(holder=code)
    return badge
