"""Numbers of documents: one counter a series, taken inside the transaction, never reused."""

from __future__ import annotations

import sqlalchemy as sa

from assetctl.domain.document import number_of
from assetctl.store.engine import Tx
from assetctl.store.tables import counter


def take_number(tx: Tx, series: str) -> str:
    """Return the next number of a series (`JY-2026`); whoever takes another one waits.

    What is not committed takes none, so no number is ever missing.
    """
    taking = (
        counter.update()
        .where(counter.c.series == series)
        .values(last=counter.c.last + 1)
    )  # fmt: skip
    if tx.connection.execute(taking).rowcount == 0:
        # Two may begin a series at once: the second waits here for the first, and counts on.
        tx.connection.execute(
            sa.text("INSERT INTO counter (series, last) VALUES (:series, 0) "
                    "ON CONFLICT (series) DO NOTHING"),
            {"series": series},
        )  # fmt: skip
        tx.connection.execute(taking)
    last = tx.connection.execute(sa.select(counter.c.last).where(counter.c.series == series))
    return number_of(series, last.scalar_one())
