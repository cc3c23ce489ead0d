"""Tables of needs: what was searched and found, refused and decided, certified and bought."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from assetctl.store.metadata import metadata

sourcing_search = Table(
    "sourcing_search", metadata,
    Column("number", Text, nullable=False),
    Column("search", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("classes", Text, nullable=False),
    Column("levels", Text, nullable=False),
    Column("log_size", BigInteger, nullable=False),
    Column("log_root", Text, nullable=False),
    Column("recorded_to", Text, nullable=False),
    Column("available", Integer, nullable=False),
    Column("beyond", Integer, nullable=False),
    Column("unlisted", Integer, nullable=False),
    Column("withheld", Integer, nullable=False),
    Column("searched_at", Text, nullable=False),
    Column("result", Text),
    Column("met", Integer),
    Column("unmet", Integer),
    Column("certificate", Text),
    Column("valid_until", Text),
    Column("certified_by", Text),
    Column("certified_at", Text),
    PrimaryKeyConstraint("number", "search"),
)  # fmt: skip
"""Searches for a need, and what was certified on each."""

sourcing_candidate = Table(
    "sourcing_candidate", metadata,
    Column("number", Text, nullable=False),
    Column("search", Integer, nullable=False),
    Column("asset_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("place", Text),
    Column("condition", Text),
    Column("availability", Text, nullable=False),
    Column("promised_to", Text),
    Column("taken_at", Text),
    Column("reason", Text),
    Column("refused_by", Text),
    Column("refused_at", Text),
    Column("verdict", Text),
    Column("judged_by", Text),
    Column("judged_at", Text),
    PrimaryKeyConstraint("number", "search", "asset_id"),
    Index(None, "asset_id"),
)  # fmt: skip
"""Things as each search found them, and what was said of each."""

sourcing_purchase = Table(
    "sourcing_purchase", metadata,
    Column("number", Text, nullable=False),
    Column("purchase", Text, nullable=False),
    Column("certificate", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("price_fen", BigInteger, nullable=False),
    Column("person", Text, nullable=False),
    Column("bought_at", Text, nullable=False),
    PrimaryKeyConstraint("number", "purchase"),
)  # fmt: skip
"""Purchases for a need, each on a certificate."""

SOURCING = ("sourcing_search", "sourcing_candidate", "sourcing_purchase")
"""Names of these tables."""
