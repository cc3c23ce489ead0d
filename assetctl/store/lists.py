"""Lists of texts and pieces of bytes in questions, the same way on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


def among(column: sa.ColumnElement[str], name: str) -> sa.ColumnElement[bool]:
    """Return the condition that a column is one of the texts in the list parameter `name`."""
    return _Among(column, sa.bindparam(name, type_=_Texts()))


def as_list(connection: sa.Connection, texts: Iterable[str]) -> Any:
    """Return texts as `among` wants them of a statement that goes to the driver as it is."""
    return json.dumps(list(texts)) if connection.dialect.name == "sqlite" else list(texts)


def holds(column: sa.ColumnElement[bytes], text: str) -> sa.ColumnElement[bool]:
    """Return the condition that the bytes of an entry hold `text` as a JSON string somewhere.

    It lets through more than is wanted, never less: what it finds must still be looked at.
    """
    piece = json.dumps(text, ensure_ascii=False).encode("utf-8")
    return _Holds(column, sa.bindparam(None, piece, type_=sa.LargeBinary, unique=True))


class _Texts(sa.types.TypeDecorator[Any]):
    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        kind: Any = sa.Text() if dialect.name == "sqlite" else ARRAY(sa.Text())
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return json.dumps(list(value)) if dialect.name == "sqlite" else list(value)


class _Among(FunctionElement[bool]):
    inherit_cache = True
    type = sa.Boolean()

    def self_group(self, against: object = None) -> _Among:
        """Stand as it is: the usual `… = 1` would keep SQLite from using an index."""
        del against
        return self


@compiles(_Among, "sqlite")
def _of_json(among: _Among, compiler: Any, **options: Any) -> str:
    column, texts = (compiler.process(clause, **options) for clause in among.clauses)
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608  parts of a statement


@compiles(_Among)
def _of_array(among: _Among, compiler: Any, **options: Any) -> str:
    # Not a subquery: its length would be guessed, and a long list read through the whole table.
    column, texts = (compiler.process(clause, **options) for clause in among.clauses)
    return f"{column} = ANY ({texts})"


class _Holds(FunctionElement[bool]):
    inherit_cache = True
    type = sa.Boolean()


@compiles(_Holds, "sqlite")
def _within_blob(held: _Holds, compiler: Any, **options: Any) -> str:
    column, piece = (compiler.process(clause, **options) for clause in held.clauses)
    return f"instr({column}, {piece}) > 0"


@compiles(_Holds)
def _within_bytes(held: _Holds, compiler: Any, **options: Any) -> str:
    column, piece = (compiler.process(clause, **options) for clause in held.clauses)
    return f"position({piece} IN {column}) > 0"
