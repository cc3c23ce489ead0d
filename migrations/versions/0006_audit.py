"""What auditors ask: entries by time and by person; and files whose bytes were erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("attachment", sa.Column("erased_at", sa.Text(), nullable=True))
    op.create_index(
        op.f("ix_history_recorded_at_event_id"), "history", ["recorded_at", "event_id"],
        unique=False,
    )  # fmt: skip
    op.create_index(
        op.f("ix_history_actor_recorded_at_event_id"), "history",
        ["actor", "recorded_at", "event_id"], unique=False,
    )  # fmt: skip
