"""What else must be right before a request is submitted, kind by kind: terms, data, regimes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

import sqlalchemy as sa

from assetctl.acts.needs import need_reasons
from assetctl.domain.document import DocState
from assetctl.domain.lifecycle import Custody, State
from assetctl.domain.sourcing import OPEN_SECRECY
from assetctl.domain.warehouse_rules import ALWAYS, Rules
from assetctl.i18n import N_, Phrase
from assetctl.reads.documents import Document, documents, find_document
from assetctl.reads.loans import of_unit
from assetctl.reads.sharing import promised_by_bookings
from assetctl.store.engine import Tx
from assetctl.store.lists import among
from assetctl.store.tables import asset, warehouse

Reasons = Callable[[Tx, Document, Sequence[Custody], Rules, str], Iterator[str]]
"""Gives what is against submitting a document on a day, each reason as a piece of a sentence."""

_SECRETS = sa.select(
    asset.c.asset_id, asset.c.secrecy, asset.c.class_code, asset.c.sanitised_at
).where(among(asset.c.asset_id, "wanted"))  # fmt: skip


def _loan(
    tx: Tx, one: Document, custodies: Sequence[Custody], rules: Rules, day: str
) -> Iterator[str]:  # fmt: skip
    due, terms = one.fields["due"], rules.loan
    yield from _booked(tx, custodies, day, due)
    latest = _after(day, terms.max_days)
    if due < day:
        yield Phrase(N_("due {due} lies before {day}"), due=due, day=day)
    # How long a loan to an event or a temporary body lasts was decided with that.
    if due > latest and "event" not in one.fields:
        yield Phrase(N_("due {due} is later than {latest}: loans are for {days} days at most"),
                     due=due, latest=latest, days=terms.max_days)  # fmt: skip
    overdue = sa.select(sa.func.count()).where(
        of_unit(one.fields["borrower"]), asset.c.state == State.ON_LOAN.value,
        asset.c.due < _after(day, -terms.block_after),
    )  # fmt: skip
    count = tx.connection.execute(overdue).scalar_one()
    if count:
        yield Phrase(N_("{unit} has {count} things more than {days} days overdue: bring them back"),
                     unit=one.fields["borrower"], count=count, days=terms.block_after)  # fmt: skip


def _extension(
    tx: Tx, one: Document, custodies: Sequence[Custody], rules: Rules, day: str
) -> Iterator[str]:  # fmt: skip
    due, loan = one.fields["due"], find_document(tx.connection, one.fields["loan"])
    if loan is None or loan.kind != "loan" or loan.state != DocState.EXECUTING.value:
        yield Phrase(N_("{number} is no loan that goes on"), number=one.fields["loan"])
        return
    if loan.unit != one.unit:
        yield Phrase(N_("{number} is a loan of {unit}"), number=loan.number, unit=loan.unit)
    yield from _booked(tx, custodies, day, due)
    for custody in custodies:
        if loan.assets.get(custody.asset_id) != "out":
            yield Phrase(N_("{asset_id} is not out under {number}"), asset_id=custody.asset_id,
                         number=loan.number)  # fmt: skip
        if custody.due and due <= custody.due:
            yield Phrase(N_("due {due} is not later than {present}, when {asset_id} is due now"),
                         due=due, present=custody.due, asset_id=custody.asset_id)  # fmt: skip
    granted = [
        other for other in documents(tx.connection, kind="extension", unit=one.unit, limit=10_000)
        if other.fields["loan"] == loan.number and other.state == DocState.DONE.value
    ]  # fmt: skip
    if len(granted) >= rules.loan.max_extensions:
        yield Phrase(N_("{number} was extended {count} times already, as often as it may"),
                     number=loan.number, count=len(granted))  # fmt: skip
    latest = _after(day, rules.loan.max_days)
    if due > latest:
        yield Phrase(N_("due {due} is later than {latest}: loans are for {days} days at most"),
                     due=due, latest=latest, days=rules.loan.max_days)  # fmt: skip


def _realloc(
    tx: Tx, one: Document, custodies: Sequence[Custody], _rules: Rules, day: str
) -> Iterator[str]:  # fmt: skip
    yield from _booked(tx, custodies, day, ALWAYS)
    to = one.fields["to_unit"]
    for custody in custodies:
        if custody.owner == to:
            yield Phrase(N_("{asset_id} is {unit}'s already"), asset_id=custody.asset_id, unit=to)


def _intake(
    tx: Tx, one: Document, custodies: Sequence[Custody], rules: Rules, day: str
) -> Iterator[str]:  # fmt: skip
    code, mode = one.fields["warehouse"], one.fields["mode"]
    house = tx.connection.execute(warehouse.select().where(warehouse.c.code == code)).first()
    if house is None:
        yield Phrase(N_("{place} is no warehouse; see: assetctl warehouse set"), place=code)
        return
    if (house.mode == "virtual") != (mode == "virtual"):
        yield Phrase(N_("{place} is a {house_mode} warehouse and takes nothing in mode {mode}"),
                     place=code, house_mode=house.mode, mode=mode)  # fmt: skip
    yield from _booked(tx, custodies, day, "" if mode == "virtual" else ALWAYS)
    if house.unit != one.fields["keeping_unit"]:
        yield Phrase(N_("{place} is kept by {unit}"), place=code, unit=house.unit)
    for custody in custodies:
        if custody.owner != one.unit:
            yield Phrase(N_("{asset_id} is {unit}'s"), asset_id=custody.asset_id,
                         unit=custody.owner)  # fmt: skip
        if (custody.regime or "public") != house.regime:
            yield Phrase(N_("{asset_id} is {regime}, and {place} is for {house_regime} things"),
                         asset_id=custody.asset_id, regime=custody.regime or "public", place=code,
                         house_regime=house.regime)  # fmt: skip
    wanted = {"wanted": [custody.asset_id for custody in custodies]}
    for row in tx.connection.execute(_SECRETS, wanted):
        if row.secrecy not in OPEN_SECRECY:
            yield Phrase(N_("{asset_id} is {secrecy} and is not taken in or listed"),
                         asset_id=row.asset_id, secrecy=row.secrecy)  # fmt: skip
        if row.class_code.startswith(rules.data_bearing) and row.sanitised_at is None:
            yield Phrase(N_("{asset_id} holds data that was not wiped: assetctl intake sanitise"),
                         asset_id=row.asset_id)  # fmt: skip


def _booked(tx: Tx, custodies: Sequence[Custody], day: str, until: str) -> Iterator[str]:
    """Give what others have booked of shared things until a day."""
    ids = [custody.asset_id for custody in custodies]
    for other in promised_by_bookings(tx.connection, ids, day=day, until=until):
        yield Phrase(N_("{asset_id} is booked by {unit} on {day} ({number})"),
                     asset_id=other.asset_id, unit=other.unit, day=other.day,
                     number=other.number)  # fmt: skip


def _after(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


REASONS: dict[str, Reasons] = {
    "loan": _loan, "extension": _extension, "realloc": _realloc, "intake": _intake,
    "need": need_reasons,
}  # fmt: skip
"""What is looked at for each kind of request."""
