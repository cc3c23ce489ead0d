"""Assets as rows of a list, in a form that imports back as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.card_row import card_texts
from assetctl.reads.search import Filter, conditions
from assetctl.store.tables import asset

_BATCH = 1000


def asset_rows(connection: Connection, wanted: Filter, names: Sequence[str]) -> Iterator[list[str]]:
    """Yield each asset that matches, in order of id, as the texts of the fields named."""
    query = sa.select(asset).where(*conditions(connection, wanted)).order_by(asset.c.asset_id)
    for row in connection.execute(query, execution_options={"yield_per": _BATCH}):
        values = dict(row._mapping)
        texts = card_texts(values) | json.loads(values["attributes"] or "{}")
        texts |= {
            name: values[name] or ""
            for name in ("asset_id", "name", "owner", "holder", "place", "state", "condition",
                         "card_no")
        }  # fmt: skip
        texts["class"] = values["class_code"]
        yield [texts.get(name, "") for name in names]
