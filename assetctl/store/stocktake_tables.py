"""Tables of stocktakes: the frozen list, what was counted, teams, reasons, results, opinions."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from assetctl.store.metadata import metadata

stocktake = Table(
    "stocktake", metadata,
    Column("number", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("planner", Text, nullable=False),
    Column("base_date", Text, nullable=False),
    Column("blind", Integer, nullable=False),
    Column("scope", Text, nullable=False),
    Column("doc", Text),
    Column("round", Integer, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("listed", Integer, nullable=False),
    Column("total_fen", BigInteger, nullable=False),
    Column("away", Text),
    Column("sheet", Text),
    Column("submission", Integer, nullable=False),
    Column("submitted_by", Text),
    Column("step", Integer, nullable=False),
    Column("steps", Text),
    Column("counts", Text),
    Column("result_sheet", Text),
    Column("difference_fen", BigInteger, nullable=False),
    Column("planned_at", Text, nullable=False),
    Column("opened_at", Text),
    Column("submitted_at", Text),
    Column("decided_at", Text),
    Column("ended_at", Text),
    Column("closing", Text),
    Index(None, "state", "number"),
)  # fmt: skip

stocktake_team = Table(
    "stocktake_team", metadata,
    Column("number", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("people", Text, nullable=False),
    Column("places", Text, nullable=False),
    Column("finished_at", Text),
    Column("finished_by", Text),
    PrimaryKeyConstraint("number", "team"),
)  # fmt: skip

stocktake_line = Table(
    "stocktake_line", metadata,
    Column("number", Text, nullable=False),
    Column("asset_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("scheme", Text),
    Column("model", Text),
    Column("measure", Text),
    Column("owner", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("place", Text),
    Column("state", Text, nullable=False),
    Column("condition", Text),
    Column("quantity", Text),
    Column("value", Text),
    Column("net", Text),
    PrimaryKeyConstraint("number", "asset_id"),
    Index(None, "asset_id"),
)  # fmt: skip

stocktake_find = Table(
    "stocktake_find", metadata,
    Column("number", Text, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    Column("item", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("how", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("found_at", Text, nullable=False),
    Column("quantity", Integer),
    Column("condition", Text),
    Column("holder", Text),
    Column("tag", Text),
    Column("name", Text),
    Column("class_code", Text),
    Column("photo", Text),
    Column("epc", Text),
    Column("verdict", Text),
    Column("first_second", Integer),
    Column("last_second", Integer),
    Column("epochs", Integer),
    Column("rssi", Text),
    Column("antennas", Text),
    PrimaryKeyConstraint("number", "batch", "line"),
    Index(None, "item"),
)  # fmt: skip

stocktake_sweep = Table(
    "stocktake_sweep", metadata,
    Column("number", Text, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("place", Text, nullable=False),
    Column("reader", Text, nullable=False),
    Column("began", Text, nullable=False),
    Column("epochs", Integer, nullable=False),
    Column("sweeps", Integer, nullable=False),
    Column("strength", Integer, nullable=False),
    Column("median", Text),
    Column("threshold", Text),
    Column("raw", Text),
    PrimaryKeyConstraint("number", "batch"),
)  # fmt: skip

stocktake_reason = Table(
    "stocktake_reason", metadata,
    Column("number", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("treatment", Text, nullable=False),
    Column("liable", Text),
    Column("card", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("explained_at", Text, nullable=False),
    PrimaryKeyConstraint("number", "item"),
)  # fmt: skip

stocktake_result = Table(
    "stocktake_result", metadata,
    Column("number", Text, nullable=False),
    Column("submission", Integer, nullable=False),
    Column("item", Text, nullable=False),
    Column("result", Text, nullable=False),
    PrimaryKeyConstraint("number", "submission", "item"),
)  # fmt: skip
"""Differences as they were submitted: the row of history, as JSON, for it is only read whole."""

stocktake_opinion = Table(
    "stocktake_opinion", metadata,
    Column("number", Text, nullable=False),
    Column("submission", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("asked", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("given_at", Text, nullable=False),
    PrimaryKeyConstraint("number", "submission", "step", "asked"),
)  # fmt: skip

STOCKTAKE = (
    "stocktake", "stocktake_team", "stocktake_line", "stocktake_find", "stocktake_sweep",
    "stocktake_reason", "stocktake_result", "stocktake_opinion",
)  # fmt: skip
"""The tables that hold the rows of a stocktake, the main one first."""
