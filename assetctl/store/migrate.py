"""Bring a register's tables to the shape this program needs, by the numbered migrations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from assetctl.store import seal
from assetctl.store.engine import Store, Tx
from assetctl.store.tables import SCHEMA, log, metadata

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection


def upgrade(store: Store) -> tuple[str | None, str]:
    """Create or upgrade the tables; return the revision before and after.

    Raises:
        StoreNewerError: a newer version of this program made them.
        StoreUnavailableError: the database cannot be reached or written.
    """
    from alembic import command

    with store.shaping() as connection:
        before = revision(connection)
    if before is not None and before > SCHEMA:
        raise store.misfit(before)
    with store.shaping() as connection:
        command.upgrade(_config(connection), "head")
        after = revision(connection)
        if before != after and connection.execute(sa.select(log.c.origin)).first() is not None:
            # In the same transaction: what is older must have its place before anything newer.
            seal.seal(Tx(connection, b""))
    return before, after or ""


def revision(connection: Connection) -> str | None:
    """Return the revision the tables have now, None where there are none."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def drift(connection: Connection) -> list[str]:
    """Return every difference between the tables of the database and those of this program."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    context = MigrationContext.configure(connection)
    return [str(difference) for difference in compare_metadata(context, metadata)]


def head() -> str:
    """Return the newest revision among the migrations that came with this program."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config(None)).get_current_head() or ""


def _config(connection: Any) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_folder()))
    config.attributes["connection"] = connection
    return config


def _folder() -> Path:
    # In a wheel the migrations lie inside the package, in a checkout beside it.
    package = Path(__file__).parents[1]
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"
