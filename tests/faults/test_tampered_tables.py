"""Whatever the administrator changes in the projected tables is found by replay, to the column."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from assetctl.domain.projection import KEYS
from assetctl.store.tables import PROJECTED
from tests.faults.tampering import PROJECTED_COLUMNS, Admin, subject_of


def _row(admin: Admin, table: str, column: str = "") -> dict[str, Any]:
    """Return a row of a table, one in which `column` is filled where there is one."""
    query = PROJECTED[table].select()
    if column:
        query = query.order_by(PROJECTED[table].c[column].is_(None))
    found = admin.connection.execute(query.limit(1)).one()
    return dict(found._mapping)


def _where(table: str, row: dict[str, Any]) -> sa.ColumnElement[bool]:
    return sa.and_(*(PROJECTED[table].c[key] == row[key] for key in KEYS[table]))


def _found(admin: Admin) -> dict[str, Any]:
    assert admin.found() is None, "the chains themselves were not touched"
    facts = admin.found(replay=True)
    assert facts is not None
    return facts


def _change(admin: Admin, table: str, column: str, value: object) -> dict[str, Any]:
    row = _row(admin, table, column)
    admin.connection.execute(
        PROJECTED[table].update().where(_where(table, row)).values({column: value})
    )
    return row


def _named(table: str, row: dict[str, Any]) -> str:
    return f"table {table}, row {'/'.join(str(row[key]) for key in KEYS[table])}"


@pytest.mark.parametrize(("table", "column"), PROJECTED_COLUMNS)
def test_every_column_of_every_table_is_held_to_the_history(
    admin: Admin, table: str, column: str
) -> None:
    old = _row(admin, table, column)[column]
    number = isinstance(PROJECTED[table].c[column].type, sa.Integer)
    row = _change(admin, table, column, (old or 0) + 40 if number else f"{old or ''}~")
    facts = _found(admin)
    assert facts["subject"] == subject_of(table, row)
    assert facts["seq"] == admin.count(str(facts["subject"]))
    if column in KEYS[table]:
        # The row of this key is gone, and another has come; the first in order is named.
        assert str(facts["problem"]).startswith(f"table {table}, row ")
        assert {facts["expected"], facts["got"]} == {"a row", "no row"}
    else:
        assert facts["problem"] == f"{_named(table, row)}, column {column}"
        assert facts["expected"] == old
        assert facts["got"] != old


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, name) for table, name in PROJECTED_COLUMNS if PROJECTED[table].c[name].nullable],
)
def test_every_emptied_column_is_found(admin: Admin, table: str, column: str) -> None:
    old = _row(admin, table, column)[column]
    if old is None:
        admin.run(f"UPDATE {table} SET {column} = NULL")
        assert admin.found(replay=True) is None, "nothing was changed"
        return
    row = _change(admin, table, column, None)
    facts = _found(admin)
    assert facts["problem"] == f"{_named(table, row)}, column {column}"
    assert (facts["expected"], facts["got"]) == (old, None)


@pytest.mark.parametrize("table", PROJECTED)
def test_a_deleted_row_is_missed(admin: Admin, table: str) -> None:
    row = _row(admin, table)
    admin.connection.execute(PROJECTED[table].delete().where(_where(table, row)))
    facts = _found(admin)
    assert facts["subject"] == subject_of(table, row)
    assert facts["problem"] == _named(table, row)
    assert (facts["expected"], facts["got"]) == ("a row", "no row")


@pytest.mark.parametrize("table", PROJECTED)
def test_an_emptied_table_is_found(admin: Admin, table: str) -> None:
    admin.connection.execute(PROJECTED[table].delete())
    assert _found(admin)["got"] == "no row"


INNER = {"tag": "code", "alias": "value", "attachment": "sha256", "role_grant": "role",
         "tag_alert": "other", "blank": "tag", "place_tag": "tag", "staff_card": "tag",
         "signing_rule": "number", "evidence_asset": "asset_id"}  # fmt: skip
UNIQUE = {
    "document_asset": "promised",
    "alias": "value",
    "blank": "tag",
    "place_tag": "tag",
    "staff_card": "tag",
}


@pytest.mark.parametrize(("table", "column"), INNER.items())
def test_one_row_too_many_of_a_known_subject_is_found(
    admin: Admin, table: str, column: str
) -> None:
    number = isinstance(PROJECTED[table].c[column].type, sa.Integer)
    row = _row(admin, table) | {column: 99 if number else "other"}
    admin.connection.execute(PROJECTED[table].insert(), row)
    facts = _found(admin)
    assert facts["subject"] == subject_of(table, row)
    assert (facts["expected"], facts["got"]) == ("no row", "a row")


@pytest.mark.parametrize("table", PROJECTED)
def test_a_row_of_an_unknown_subject_is_found(admin: Admin, table: str) -> None:
    key = "code" if table == "asset_class" else KEYS[table][0]
    row = _row(admin, table) | {key: "0000000000"}
    if table in UNIQUE:
        row[UNIQUE[table]] = "other"
    admin.connection.execute(PROJECTED[table].insert(), row)
    facts = _found(admin)
    assert (facts["subject"], facts["seq"]) == (subject_of(table, row), 0)
    assert facts["problem"] == f"table {table} has a row without a history"


@pytest.mark.parametrize("table", PROJECTED)
def test_the_same_row_twice_is_found(admin: Admin, table: str) -> None:
    row = _row(admin, table)
    # A table made anew has no keys, and so nothing that keeps a row from standing twice.
    admin.run(f"ALTER TABLE {table} RENAME TO was_{table}")
    admin.run(f"CREATE TABLE {table} AS SELECT * FROM was_{table}")
    assert admin.found(replay=True) is None
    admin.connection.execute(PROJECTED[table].insert(), row)
    assert _found(admin)["subject"] == subject_of(table, row)


def test_a_change_of_one_asset_is_found_when_only_that_asset_is_looked_at(admin: Admin) -> None:
    admin.run("UPDATE asset SET holder = 'P2' WHERE asset_id = :a", a=admin.b.partition(":")[2])
    assert admin.found(replay=True, subjects=[admin.a]) is None
    facts = admin.found(replay=True, subjects=[admin.b])
    assert facts is not None
    assert (facts["subject"], facts["expected"], facts["got"]) == (admin.b, "P1", "P2")
