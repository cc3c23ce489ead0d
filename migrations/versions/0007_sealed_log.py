"""The sealed log: which leaf each entry is, the tiles of the trees, and checkpoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_REFUSAL = "history is append-only"


def upgrade() -> None:
    op.create_table(
        "leaf",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_leaf")),
        sa.UniqueConstraint("idx", name=op.f("uq_leaf_idx")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tile",
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tree", "level", "n", name=op.f("pk_tile")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "size", name=op.f("pk_checkpoint")),
    )
    # What was written before waits to be sealed like anything else.
    op.execute("INSERT INTO leaf (event_id) SELECT event_id FROM history")
    if op.get_bind().dialect.name == "sqlite":
        _protect_sqlite()
    else:
        _protect_postgresql()


def _protect_sqlite() -> None:
    op.execute(
        "CREATE TRIGGER leaf_no_update BEFORE UPDATE ON leaf WHEN OLD.idx IS NOT NULL "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    )
    op.execute(
        "CREATE TRIGGER leaf_no_delete BEFORE DELETE ON leaf "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    )


def _protect_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION leaf_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER leaf_no_update BEFORE UPDATE ON leaf FOR EACH ROW "
        "WHEN (OLD.idx IS NOT NULL) EXECUTE FUNCTION leaf_refuse()"
    )
    op.execute(
        "CREATE TRIGGER leaf_no_delete BEFORE DELETE ON leaf "
        "FOR EACH ROW EXECUTE FUNCTION leaf_refuse()"
    )
    op.execute(
        "CREATE TRIGGER leaf_no_truncate BEFORE TRUNCATE ON leaf "
        "FOR EACH STATEMENT EXECUTE FUNCTION leaf_refuse()"
    )
