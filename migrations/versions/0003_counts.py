"""When and where each asset was last counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("asset", sa.Column("counted_at", sa.Text(), nullable=True))
    op.add_column("asset", sa.Column("counted_place", sa.Text(), nullable=True))
