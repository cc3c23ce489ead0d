"""Keys of operators and stations: whose they are, how they ended, and who must sign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for name in ("party", "ended_at", "ended_as", "ended_doc"):
        op.add_column("signing_key", sa.Column(name, sa.Text(), nullable=True))
    op.create_index(op.f("ix_signing_key_party"), "signing_key", ["party"])
    op.create_table(
        "signing_rule",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code", "number", name=op.f("pk_signing_rule")),
    )
