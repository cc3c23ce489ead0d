"""Prints of blank tags, place tags and staff cards; blank tags that were declared void."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("blank", sa.Column("printed_at", sa.Text(), nullable=True))
    op.add_column("blank", sa.Column("voided_at", sa.Text(), nullable=True))
    op.add_column("place_tag", sa.Column("prints", sa.Integer(), nullable=True))
    op.add_column("staff_card", sa.Column("prints", sa.Integer(), nullable=True))
