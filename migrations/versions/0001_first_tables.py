"""The first tables: history, heads, disclosures, and the projection made from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_REFUSAL = "history is append-only"


def upgrade() -> None:
    op.create_table(
        "alias",
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("asset_id", "scheme", "value", name=op.f("pk_alias")),
        sa.UniqueConstraint("value", "scheme", name=op.f("uq_alias_value_scheme")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "asset",
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("card_no", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("due", sa.Text(), nullable=True),
        sa.Column("sent_to", sa.Text(), nullable=True),
        sa.Column("prior_state", sa.Text(), nullable=True),
        sa.Column("prior_holder", sa.Text(), nullable=True),
        sa.Column("prior_place", sa.Text(), nullable=True),
        sa.Column("held_since", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.Text(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("disposal_method", sa.Text(), nullable=True),
        sa.Column("disposal_doc", sa.Text(), nullable=True),
        sa.Column("disposed_at", sa.Text(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=True),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("maker", sa.Text(), nullable=True),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("measure", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("part_of", sa.Text(), nullable=True),
        sa.Column("acquired_by", sa.Text(), nullable=True),
        sa.Column("acquired", sa.Text(), nullable=True),
        sa.Column("in_service", sa.Text(), nullable=True),
        sa.Column("budget_item", sa.Text(), nullable=True),
        sa.Column("procurement", sa.Text(), nullable=True),
        sa.Column("contract", sa.Text(), nullable=True),
        sa.Column("invoice", sa.Text(), nullable=True),
        sa.Column("fund_source", sa.Text(), nullable=True),
        sa.Column("value_type", sa.Text(), nullable=True),
        sa.Column("value_fen", sa.BigInteger(), nullable=True),
        sa.Column("booked", sa.Text(), nullable=True),
        sa.Column("voucher", sa.Text(), nullable=True),
        sa.Column("account_subject", sa.Text(), nullable=True),
        sa.Column("depreciation", sa.Text(), nullable=True),
        sa.Column("life_months", sa.Integer(), nullable=True),
        sa.Column("accumulated_fen", sa.BigInteger(), nullable=True),
        sa.Column("managing_dept", sa.Text(), nullable=True),
        sa.Column("using_dept", sa.Text(), nullable=True),
        sa.Column("user_of", sa.Text(), nullable=True),
        sa.Column("custodian", sa.Text(), nullable=True),
        sa.Column("usage", sa.Text(), nullable=True),
        sa.Column("warranty", sa.Text(), nullable=True),
        sa.Column("secrecy", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("asset_id", name=op.f("pk_asset")),
    )
    op.create_index(op.f("ix_asset_holder_asset_id"), "asset", ["holder", "asset_id"], unique=False)
    op.create_index(
        op.f("ix_asset_owner_state_asset_id"), "asset", ["owner", "state", "asset_id"], unique=False
    )
    op.create_index(op.f("ix_asset_place_asset_id"), "asset", ["place", "asset_id"], unique=False)
    op.create_table(
        "asset_class",
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("life_years", sa.Integer(), nullable=True),
        sa.Column("use_years", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("scheme", "code", name=op.f("pk_asset_class")),
    )
    op.create_table(
        "attachment",
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("attached_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("asset_id", "sha256", name=op.f("pk_attachment")),
    )
    op.create_table(
        "disclosure",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("disclosure", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "path", name=op.f("pk_disclosure")),
    )
    op.create_index(op.f("ix_disclosure_subject"), "disclosure", ["subject"], unique=False)
    op.create_table(
        "head",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_head")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "history",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_history")),
        sa.UniqueConstraint(
            "request_id", "subject", "kind", name=op.f("uq_history_request_id_subject_kind")
        ),
        sa.UniqueConstraint("subject", "seq", name=op.f("uq_history_subject_seq")),
    )
    op.create_table(
        "log",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_log")),
    )
    op.create_table(
        "party",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("uscc", sa.Text(), nullable=True),
        sa.Column("added_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_party")),
    )
    op.create_table(
        "place",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("added_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_place")),
    )
    op.create_index(op.f("ix_place_parent"), "place", ["parent"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "role", name=op.f("pk_role_grant")),
    )
    op.create_table(
        "signing_key",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("public", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_signing_key")),
    )
    op.create_table(
        "tag",
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("epc", sa.Text(), nullable=True),
        sa.Column("tid", sa.Text(), nullable=True),
        sa.Column("pc", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("asset_id", "carrier", "code", "issue", name=op.f("pk_tag")),
        sqlite_with_rowid=False,
    )
    for table in ("log", "history"):
        if op.get_bind().dialect.name == "sqlite":
            _protect_sqlite(table)
        else:
            _protect_postgresql(table)


def _protect_sqlite(table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )


def _protect_postgresql(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )
