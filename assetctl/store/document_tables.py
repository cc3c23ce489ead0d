"""Tables of documents: their lines, assets and opinions, their numbers; warehouses and rules."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from assetctl.store.metadata import metadata

warehouse = Table(
    "warehouse", metadata,
    Column("code", Text, primary_key=True),
    Column("mode", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("regime", Text, nullable=False),
    Column("unit", Text, nullable=False),
)  # fmt: skip

rule_set = Table(
    "rule_set", metadata,
    Column("code", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("since", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("rules", Text, nullable=False),
    Column("adopted_at", Text, nullable=False),
    PrimaryKeyConstraint("code", "number"),
)  # fmt: skip
"""Rules of the office as they were adopted, word for word."""

document = Table(
    "document", metadata,
    Column("number", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("applicant", Text, nullable=False),
    Column("under", Text),
    Column("fields", Text, nullable=False),
    Column("assets", Text),
    Column("round", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("steps", Text),
    Column("total_fen", BigInteger, nullable=False),
    Column("drafted_at", Text, nullable=False),
    Column("submitted_at", Text),
    Column("decided_at", Text),
    Column("ended_at", Text),
    Index(None, "state", "kind", "number"),
    Index(None, "under"),
)  # fmt: skip

document_line = Table(
    "document_line", metadata,
    Column("number", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("value_fen", BigInteger),
    Column("net_fen", BigInteger),
    PrimaryKeyConstraint("number", "round", "line"),
)  # fmt: skip

paper_part = Table(
    "paper_part", metadata,
    Column("number", Text, nullable=False),
    Column("first", Integer, nullable=False),
    Column("lines", Text, nullable=False),
    PrimaryKeyConstraint("number", "first"),
)  # fmt: skip
"""Lines of papers from line `first` on, as JSON: they are only read, and always together."""

document_asset = Table(
    "document_asset", metadata,
    Column("number", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("asset_id", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("promised", Text),
    PrimaryKeyConstraint("number", "round", "asset_id"),
    UniqueConstraint("promised"),
    Index(None, "asset_id"),
)  # fmt: skip
"""Assets of documents; `promised` repeats the id as long as the document has a claim on it, so that
nothing can be promised twice."""

opinion = Table(
    "opinion", metadata,
    Column("number", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("asked", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("given_at", Text, nullable=False),
    PrimaryKeyConstraint("number", "round", "step", "asked"),
    Index(None, "person"),
)  # fmt: skip

counter = Table(
    "counter", metadata,
    Column("series", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
)  # fmt: skip
"""The last number taken of each series of documents; its row is the lock of whoever takes one."""
