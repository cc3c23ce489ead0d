"""Evidence: events of partners, and which assets they concern."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("event_time", sa.Text(), nullable=False),
        sa.Column("declared_wrong", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_evidence")),
    )
    op.create_table(
        "evidence_asset",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "asset_id", name=op.f("pk_evidence_asset")),
    )
    op.create_index(op.f("ix_evidence_asset_asset_id"), "evidence_asset", ["asset_id"])
