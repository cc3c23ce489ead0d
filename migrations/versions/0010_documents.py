"""Documents, their lines and opinions, numbers, warehouses, rules; listing, data wiped, regime."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _maybe(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=True) for name in names]


def _count(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _fen(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _key(table: str, *names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    for name in ("listed", "sanitised_at", "sanitised_how", "regime"):
        op.add_column("asset", sa.Column(name, sa.Text(), nullable=True))
    op.create_index(op.f("ix_asset_listed_class_code_asset_id"), "asset",
                    ["listed", "class_code", "asset_id"])  # fmt: skip
    op.create_table("warehouse", *_text("code", "mode", "form", "regime", "unit"),
                    _key("warehouse", "code"))  # fmt: skip
    op.create_table("rule_set", *_text("code"), *_count("number"),
                    *_text("since", "sha256", "rules", "adopted_at"),
                    _key("rule_set", "code", "number"))  # fmt: skip
    op.create_table(
        "document", *_text("number", "kind", "state", "unit", "applicant"), *_maybe("under"),
        *_text("fields"), *_maybe("assets"), *_count("round", "step"), *_maybe("steps"),
        _fen("total_fen", nullable=False), *_text("drafted_at"),
        *_maybe("submitted_at", "decided_at", "ended_at"), _key("document", "number"),
    )  # fmt: skip
    op.create_index(op.f("ix_document_state_kind_number"), "document",
                    ["state", "kind", "number"])  # fmt: skip
    op.create_index(op.f("ix_document_under"), "document", ["under"])
    op.create_table(
        "document_line", *_text("number"), *_count("round", "line"),
        *_text("name", "scheme", "class_code"), *_count("quantity"), _fen("value_fen"),
        _fen("net_fen"), _key("document_line", "number", "round", "line"),
    )  # fmt: skip
    op.create_table("paper_part", *_text("number"), *_count("first"), *_text("lines"),
                    _key("paper_part", "number", "first"))  # fmt: skip
    op.create_table(
        "document_asset", *_text("number"), *_count("round"), *_text("asset_id"), *_count("line"),
        *_text("state"), *_maybe("promised"),
        _key("document_asset", "number", "round", "asset_id"),
        sa.UniqueConstraint("promised", name=op.f("uq_document_asset_promised")),
    )  # fmt: skip
    op.create_index(op.f("ix_document_asset_asset_id"), "document_asset", ["asset_id"])
    op.create_table(
        "opinion", *_text("number"), *_count("round", "step"),
        *_text("asked", "person", "verdict", "given_at"),
        _key("opinion", "number", "round", "step", "asked"),
    )  # fmt: skip
    op.create_index(op.f("ix_opinion_person"), "opinion", ["person"])
    op.create_table("counter", *_text("series"), _fen("last", nullable=False),
                    _key("counter", "series"))  # fmt: skip
