"""Connections and transactions: the one place that knows how each database must be driven.

SQLite: WAL, `synchronous=FULL`, writers take an advisory file lock and then `BEGIN IMMEDIATE`.
Without the lock one of eight writers starves; with the driver's own transaction mode two writers
read the same head and fork a chain without any error. PostgreSQL: `READ COMMITTED`, rows locked
by `FOR UPDATE` in sorted order.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url

from assetctl.errors import (
    AssetctlError,
    ConfigError,
    StoreMissingError,
    StoreNewerError,
    StoreOutdatedError,
    StoreUnavailableError,
)
from assetctl.store.tables import SCHEMA

_WAIT_SECONDS = 30
_CACHE_KIB = 65_536
"""Page cache of a connection, taken only as far as it is used; imports live by it."""
_HEAD = "SELECT log.leaf, alembic_version.version_num FROM log, alembic_version"


class Store:
    """A register's database. Make one per process; it is safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.address = self.engine.url.render_as_string(hide_password=True)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._queue = _Queue(_lock_path(self.engine)) if self.is_sqlite else None
        self._genesis_leaf: bytes | None = None

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        if self._queue is not None:
            self._queue.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for questions; all of them see one moment.

        Raises:
            StoreMissingError, StoreOutdatedError, StoreUnavailableError: it cannot be read.
        """
        self._must_exist()
        with self._translated():
            level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
            with (
                self.engine.connect() as connection,
                connection.execution_options(**level).begin(),
            ):
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Tx]:
        """Give the one transaction of an act; it commits at the end or leaves no trace.

        Raises:
            StoreMissingError, StoreOutdatedError, StoreUnavailableError: it cannot be written.
        """
        self._must_exist()
        with self._translated(), self._turn():
            options = {"sqlite_begin": "BEGIN IMMEDIATE"} if self.is_sqlite else {}
            with (
                self.engine.connect() as connection,
                connection.execution_options(**options).begin(),
            ):
                yield Tx(connection, self._genesis(connection))

    @contextmanager
    def shaping(self) -> Iterator[Connection]:
        """Give a transaction in which the tables themselves may be made or changed.

        Raises:
            StoreUnavailableError: the database cannot be reached or written.
        """
        path = self.engine.url.database
        if self.is_sqlite and path:
            Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._translated(), self.engine.connect() as connection:
                _keep_a_log(connection)
        with self._translated(), self._turn(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._queue is None:
            yield
        else:
            with self._queue:
                yield

    def _genesis(self, connection: Connection) -> bytes:
        """Return the leaf every chain starts from; the schema is checked the first time."""
        if self._genesis_leaf is None:
            row = connection.exec_driver_sql(_HEAD).first()
            if row is None:
                raise StoreMissingError(db=self.address)
            if row[1] != SCHEMA:
                raise self.misfit(row[1])
            self._genesis_leaf = bytes(row[0])
        return self._genesis_leaf

    def _must_exist(self) -> None:
        # SQLite would make an empty file where there is none.
        path = self.engine.url.database
        if (
            self._genesis_leaf is None
            and self.is_sqlite
            and path
            and path != ":memory:"
            and not Path(path).exists()
        ):
            raise StoreMissingError(db=self.address)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.OperationalError, sa.exc.ProgrammingError) as error:
            raise self._diagnosis(error) from error
        except sa.exc.DBAPIError as error:
            raise StoreUnavailableError(db=self.address, reason=_reason(error)) from error

    def _diagnosis(self, error: sa.exc.DBAPIError) -> AssetctlError:
        reason = _reason(error)
        if not any(word in reason for word in ("no such", "does not exist")):
            return StoreUnavailableError(db=self.address, reason=reason)
        try:
            with self.engine.connect() as connection:
                found = connection.exec_driver_sql(
                    "SELECT version_num FROM alembic_version"
                ).scalar()
        except sa.exc.DBAPIError:
            return StoreMissingError(db=self.address)
        if found == SCHEMA:
            return StoreUnavailableError(db=self.address, reason=reason)
        return self.misfit(str(found))

    def misfit(self, found: str) -> AssetctlError:
        """Return the error for tables of another revision than this program needs."""
        if found > SCHEMA:
            return StoreNewerError(db=self.address, found=found, needed=SCHEMA)
        return StoreOutdatedError(db=self.address, found=found, needed=SCHEMA)


class Tx:
    """A writing transaction: its connection, the genesis leaf, and the heads it has locked."""

    def __init__(self, connection: Connection, genesis: bytes) -> None:
        self.connection = connection
        self.genesis = genesis
        self.heads: dict[str, tuple[int, bytes]] = {}
        self.writers: set[str] = set()
        """Actors of whom it is known that they may write."""

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite, for the few paths that differ."""
        return self.connection.dialect.name == "sqlite"

    def load(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Put many rows into a table the fastest way there is: COPY on PostgreSQL.

        Raises:
            DBAPIError: SQLAlchemy's wrapping of what the driver raised.
        """
        names = ", ".join(f'"{name}"' for name in columns)
        cursor: Any = self.connection.connection.cursor()
        try:
            if self.is_sqlite:
                marks = ", ".join("?" for _ in columns)
                sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  our own
                cursor.executemany(sql, rows)
            else:
                sql = f"COPY {table} ({names}) FROM STDIN"
                with cursor.copy(sql) as stream:
                    for row in rows:
                        stream.write_row(row)
        except self.connection.dialect.loaded_dbapi.Error as error:
            raise _wrapped(self.connection, sql, error) from error


class Prepared:
    """A Core statement compiled once per dialect and handed to the driver as it is.

    Executing a construct costs many times what the driver takes for one small statement, and an
    act is made of six of them. Texts, integers and bytes need no conversion on the way.
    """

    def __init__(self, statement: sa.sql.Executable, *, fill: bool = False) -> None:
        """Prepare a statement; with `fill` parameters that a row lacks are NULL."""
        self._statement = statement
        self._fill = fill
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, row: dict[str, Any]) -> Any:
        """Execute once with one row of parameters; return the driver's cursor.

        Raises:
            DBAPIError: SQLAlchemy's wrapping of what the driver raised.
        """
        return self._execute(connection, "execute", lambda values: values(row))

    def run_many(self, connection: Connection, rows: list[dict[str, Any]]) -> int:
        """Execute once per row, in one call to the driver; return how many rows were written.

        Raises:
            DBAPIError: SQLAlchemy's wrapping of what the driver raised.
        """
        if len(rows) == 1:
            return int(self.run(connection, rows[0]).rowcount)
        done = self._execute(connection, "executemany", lambda one: [one(row) for row in rows])
        return int(done.rowcount)

    def sql(self, connection: Connection) -> str:
        """Return the driver's SQL, to be made part of a larger statement."""
        return self._for(connection).sql

    def _execute(self, connection: Connection, method: str, parameters: Any) -> Any:
        compiled = self._for(connection)
        cursor = _cursor(connection)
        try:
            getattr(cursor, method)(compiled.sql, parameters(compiled.values))
        except connection.dialect.loaded_dbapi.Error as error:
            raise _wrapped(connection, compiled.sql, error) from error
        return cursor

    def _for(self, connection: Connection) -> _Compiled:
        name = connection.dialect.name
        if name not in self._compiled:
            self._compiled[name] = _Compiled(self._statement, connection.dialect, fill=self._fill)
        return self._compiled[name]


class Trip(Prepared):
    """A statement put together from the SQL of others, with named parameters (PostgreSQL)."""

    def __init__(self, sql: str) -> None:
        super().__init__(sa.text(""))
        self._sql = sql

    def _for(self, connection: Connection) -> _Compiled:
        compiled = super()._for(connection)
        compiled.sql = self._sql
        return compiled


class _Compiled:
    """The driver's SQL of a statement, and how a row becomes the driver's parameters."""

    def __init__(self, statement: Any, dialect: sa.Dialect, *, fill: bool) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.sql: str = compiled.string
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        names = tuple(compiled.positiontup) if compiled.positional else None
        self.values: Any
        if names is None:
            fixed = dict.fromkeys(compiled.params) | fixed if fill else fixed
            self.values = (lambda row: fixed | row) if fixed else (lambda row: row)
        elif fill:
            self.values = lambda row: tuple(map(row.get, names))
        elif fixed:
            self.values = lambda row: tuple([(fixed | row)[name] for name in names])
        elif len(names) < 2:
            self.values = lambda row: tuple(row[name] for name in names)
        else:
            self.values = itemgetter(*names)


class _Queue:
    """First come, first served between threads and processes: a lock on a file beside the data."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._file: IO[bytes] | None = None

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            if self._file is None:
                self._file = Path(self._path).open("ab")
            lock_file(self._file)
        except OSError as error:
            self._threads.release()
            raise StoreUnavailableError(db=self._path, reason=error.strerror) from error
        except BaseException:
            self._threads.release()
            raise

    def close(self) -> None:
        with self._threads:
            if self._file is not None:
                self._file.close()
                self._file = None

    def __exit__(self, *_exc: object) -> None:
        try:
            if self._file is not None:
                unlock_file(self._file)
        finally:
            self._threads.release()


if sys.platform == "win32":  # pragma: no cover  a register on Windows is a single desk
    import msvcrt

    def lock_file(file: IO[bytes]) -> None:
        """Wait until this process alone holds a file."""
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

    def unlock_file(file: IO[bytes]) -> None:
        """Let others hold it."""
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def lock_file(file: IO[bytes]) -> None:
        """Wait until this process alone holds a file."""
        fcntl.flock(file, fcntl.LOCK_EX)

    def unlock_file(file: IO[bytes]) -> None:
        """Let others hold it."""
        fcntl.flock(file, fcntl.LOCK_UN)


def _cursor(connection: Connection) -> Any:
    """Return the one cursor that all prepared statements of a connection share."""
    kept = connection.info
    if "cursor" not in kept:
        kept["cursor"] = connection.connection.cursor()
    return kept["cursor"]


def _wrapped(connection: Connection, sql: str, error: Exception) -> BaseException:
    errors: Any = connection.dialect.loaded_dbapi.Error
    return sa.exc.DBAPIError.instance(sql, None, error, errors, dialect=connection.dialect)


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite":
            engine = sa.create_engine(
                parsed, connect_args={"timeout": _WAIT_SECONDS}, pool_reset_on_return=None
            )
            sa.event.listen(engine, "connect", _configure_sqlite)
            sa.event.listen(engine, "begin", _begin_sqlite)
            return engine
        return sa.create_engine(parsed, pool_reset_on_return=None)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
        raise ConfigError(source="--db", reason=str(error)) from error


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must send no BEGIN of its own
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA recursive_triggers=ON")  # else INSERT OR REPLACE slips past
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")


def _begin_sqlite(connection: Connection) -> None:
    _BEGIN[connection.get_execution_options().get("sqlite_begin", "BEGIN")].run(connection, {})


_BEGIN = {sql: Prepared(sa.text(sql)) for sql in ("BEGIN", "BEGIN IMMEDIATE")}


def _keep_a_log(connection: Connection) -> None:
    # WAL is a property of the file: readers go on while a writer writes.
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA journal_mode=WAL")


def _lock_path(engine: Engine) -> str:
    return f"{engine.url.database}.lock"


def _reason(error: sa.exc.DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if error.orig else str(error)
