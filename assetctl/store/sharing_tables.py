"""Tables of sharing, of temporary bodies and activities, and of reminders."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from assetctl.store.metadata import metadata

booking = Table(
    "booking", metadata,
    Column("number", Text, primary_key=True),
    Column("asset_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("start_at", Text, nullable=False),
    Column("end_at", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("taken_at", Text),
    Column("condition_out", Text),
    Column("back_at", Text),
    Column("condition_back", Text),
    Column("compensation_fen", BigInteger),
    Index(None, "asset_id", "end_at"),
    Index(None, "end_at"),
)  # fmt: skip
"""Who has a shared thing when. No rule of the database keeps slots apart: whoever books holds the
head of the asset while he looks."""

occasion = Table(
    "occasion", metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("ends", Text, nullable=False),
    Column("doc", Text, nullable=False),
    Column("added_at", Text, nullable=False),
)  # fmt: skip
"""Temporary bodies and activities that things are lent to, and when each ends."""

reminder = Table(
    "reminder", metadata,
    Column("code", Text, primary_key=True),
    Column("loan", Text, nullable=False),
    Column("due", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("paper", Text),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("fault", Text),
    Column("begun_at", Text, nullable=False),
    Column("ended_at", Text),
    Index(None, "loan"),
)  # fmt: skip
"""Each message to a borrower: for which loan, due day and step, by which channel, what became."""
