"""How migrations run: on the connection they are handed, one at a time, in one transaction."""

from __future__ import annotations

from alembic import context

from assetctl.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":
        # Two administrators upgrading at once would run every step twice.
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7201130914)")
    context.run_migrations()
