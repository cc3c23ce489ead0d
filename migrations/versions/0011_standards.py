"""Provision standards: dated data of divisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "provision_standard",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("doc_no", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("class_scheme", sa.Text(), nullable=False),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("rank", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=True),
        sa.Column("price_cap_fen", sa.BigInteger(), nullable=True),
        sa.Column("argued", sa.Integer(), nullable=False),
        sa.Column("min_years", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("adopted_at", sa.Text(), nullable=False),
        sa.Column("adopted_doc", sa.Text(), nullable=False),
        sa.Column("ended_doc", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_provision_standard")),
    )
