"""Needs: searches, candidates and purchases; things are found by class and state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _maybe(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=True) for name in names]


def _count(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=nullable) for name in names]


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _key(table: str, *names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    op.create_index(op.f("ix_asset_class_code_state_asset_id"), "asset",
                    ["class_code", "state", "asset_id"])  # fmt: skip
    op.create_table(
        "sourcing_search", *_text("number"), *_count("search"),
        *_text("unit", "scheme", "classes", "levels"), _big("log_size"),
        *_text("log_root", "recorded_to"),
        *_count("available", "beyond", "unlisted", "withheld"), *_text("searched_at"),
        *_maybe("result"), *_count("met", "unmet", nullable=True),
        *_maybe("certificate", "valid_until", "certified_by", "certified_at"),
        _key("sourcing_search", "number", "search"),
    )  # fmt: skip
    op.create_table(
        "sourcing_candidate", *_text("number"), *_count("search"),
        *_text("asset_id", "name", "class_code", "level", "owner"), *_maybe("place", "condition"),
        *_text("availability"),
        *_maybe("promised_to", "taken_at", "reason", "refused_by", "refused_at", "verdict",
                "judged_by", "judged_at"),
        _key("sourcing_candidate", "number", "search", "asset_id"),
    )  # fmt: skip
    op.create_index(op.f("ix_sourcing_candidate_asset_id"), "sourcing_candidate", ["asset_id"])
    op.create_table(
        "sourcing_purchase", *_text("number", "purchase", "certificate"), *_count("quantity"),
        _big("price_fen"), *_text("person", "bought_at"),
        _key("sourcing_purchase", "number", "purchase"),
    )  # fmt: skip
