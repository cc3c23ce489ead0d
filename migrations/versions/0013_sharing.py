"""Sharing, temporary bodies and activities, reminders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("asset", sa.Column("shared", sa.Text(), nullable=True))
    op.create_index(op.f("ix_asset_shared_asset_id"), "asset", ["shared", "asset_id"])
    op.create_table(
        "booking",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("start_at", sa.Text(), nullable=False),
        sa.Column("end_at", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("taken_at", sa.Text(), nullable=True),
        sa.Column("condition_out", sa.Text(), nullable=True),
        sa.Column("back_at", sa.Text(), nullable=True),
        sa.Column("condition_back", sa.Text(), nullable=True),
        sa.Column("compensation_fen", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_booking")),
    )
    op.create_index(op.f("ix_booking_asset_id_end_at"), "booking", ["asset_id", "end_at"])
    op.create_index(op.f("ix_booking_end_at"), "booking", ["end_at"])
    op.create_table(
        "occasion",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ends", sa.Text(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_occasion")),
    )
    op.create_table(
        "reminder",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("loan", sa.Text(), nullable=False),
        sa.Column("due", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("paper", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("begun_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_reminder")),
    )
    op.create_index(op.f("ix_reminder_loan"), "reminder", ["loan"])
