"""Roles are revoked, and may be granted again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    with op.batch_alter_table("role_grant") as table:
        table.add_column(sa.Column("number", sa.Integer(), nullable=True))
        table.add_column(sa.Column("revoked_at", sa.Text(), nullable=True))
    op.execute("UPDATE role_grant SET number = 1")
    with op.batch_alter_table("role_grant") as table:
        table.alter_column("number", existing_type=sa.Integer(), nullable=False)
        table.drop_constraint(op.f("pk_role_grant"), type_="primary")
        table.create_primary_key(op.f("pk_role_grant"), ["code", "role", "number"])
