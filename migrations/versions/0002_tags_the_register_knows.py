"""Tags that the register knows: blanks, prints, place tags, staff cards, alerts, sightings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("tag", sa.Column("prints", sa.Integer(), nullable=True))
    op.create_table(
        "blank",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "tag", name=op.f("pk_blank")),
        sa.UniqueConstraint("tag", name=op.f("uq_blank_tag")),
    )
    for table in ("place_tag", "staff_card"):
        op.create_table(
            table,
            sa.Column("code", sa.Text(), nullable=False),
            sa.Column("tag", sa.Text(), nullable=False),
            sa.Column("issue", sa.Integer(), nullable=False),
            sa.Column("state", sa.Text(), nullable=False),
            sa.Column("issued_at", sa.Text(), nullable=False),
            sa.PrimaryKeyConstraint("code", "tag", "issue", name=op.f(f"pk_{table}")),
            sa.UniqueConstraint("tag", "issue", name=op.f(f"uq_{table}_tag_issue")),
        )
    op.create_table(
        "tag_alert",
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("other_station", sa.Text(), nullable=True),
        sa.Column("other_place", sa.Text(), nullable=True),
        sa.Column("seconds_apart", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "asset_id", "alert", "code", "issue", "other", name=op.f("pk_tag_alert")
        ),
    )
    op.create_table(
        "sighting",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "issue", name=op.f("pk_sighting")),
    )
