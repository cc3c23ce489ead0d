"""How many of a class a unit may still have, by the provision standards of its division."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.document import DocState
from assetctl.domain.lifecycle import State
from assetctl.domain.sourcing import Quota, unmet
from assetctl.domain.standards import Figure, InForce, ceiling
from assetctl.reads.classes import classes_below
from assetctl.reads.needs import progress
from assetctl.reads.standards import standard_for
from assetctl.store.lists import among
from assetctl.store.tables import asset, document, document_line

PER_THING = ("per_person", "per_office", "per_unit")
"""Bases whose price is that of one thing, not of a seat or a square metre."""

_HELD = sa.select(sa.func.count()).where(
    asset.c.owner == sa.bindparam("unit"), asset.c.scheme == sa.bindparam("scheme"),
    asset.c.state != State.DISPOSED.value, among(asset.c.class_code, "classes"),
)  # fmt: skip
_OPEN = (DocState.SUBMITTED.value, DocState.APPROVED.value, DocState.EXECUTING.value)
_ASKED = (
    sa.select(document.c.number, document_line.c.quantity)
    .join_from(
        document, document_line,
        sa.and_(document_line.c.number == document.c.number,
                document_line.c.round == document.c.round),
    )
    .where(
        document.c.kind == "need", document.c.state.in_(_OPEN),
        document.c.unit == sa.bindparam("unit"), document.c.number != sa.bindparam("number"),
        document_line.c.scheme == sa.bindparam("scheme"),
        among(document_line.c.class_code, "classes"),
    )
)  # fmt: skip


def quota_of(
    connection: Connection, *, number: str, unit: str, scheme: str, class_code: str,
    division: str, day: str, staff: int | None,
) -> Quota:  # fmt: skip
    """Return what a unit may have of a class on a day, apart from the need of this number."""
    found = standard_for(
        connection, division=division, class_code=class_code, day=day, class_scheme=scheme
    )
    if found is None:
        return Quota(staff=staff)
    cap = price_cap_of(found)
    allowed = None
    if found.quantity and (staff is not None or found.quantity.basis != "per_person"):
        allowed = ceiling(found, staff=staff or 0)
    held = asked = 0
    if found.quantity:
        # The ceiling is for all of the class that the standard names, not only for what is asked.
        classes = classes_below(connection, scheme, [found.quantity.class_code])
        held, asked = _had(connection, number, unit, scheme, classes)
    return Quota(
        staff=staff, ceiling=allowed, held=held, asked=asked, price_cap=cap,
        basis=found.quantity.basis if found.quantity else None,
        quantity_from=_named(found.quantity), price_from=_named(found.price_cap) if cap else None,
        argued_from=_named(found.argued),
    )  # fmt: skip


def price_cap_of(found: InForce | None) -> str | None:
    """Return the most that one thing may cost, None where no standard says that of one thing."""
    cap = found.price_cap if found else None
    return cap.value if cap and cap.basis in PER_THING else None


def _had(
    connection: Connection, number: str, unit: str, scheme: str, classes: Sequence[str]
) -> tuple[int, int]:
    wanted = {"unit": unit, "scheme": scheme, "classes": list(classes)}
    held = connection.execute(_HELD, wanted).scalar_one()
    others = {row.number: row.quantity
              for row in connection.execute(_ASKED, wanted | {"number": number})}  # fmt: skip
    done = progress(connection, list(others))
    asked = sum(unmet(count, *done[other]) for other, count in others.items())
    return held, asked


def _named(figure: Figure[str] | Figure[bool] | None) -> str | None:
    return f"{figure.doc_no} ({figure.jurisdiction} {figure.class_code})" if figure else None
