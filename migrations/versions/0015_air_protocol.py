"""The protocol that a radio tag answers to, where it is not that of EPC Gen2; chips by number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("tag", sa.Column("air", sa.Text(), nullable=True))
    op.create_index(
        op.f("ix_tag_tid"), "tag", ["tid"],
        sqlite_where=sa.text("tid IS NOT NULL"), postgresql_where=sa.text("tid IS NOT NULL"),
    )  # fmt: skip
