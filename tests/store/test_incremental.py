"""An auditor's notebook: only what is new is read, and a rewritten past is found all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from assetctl.acts.handovers import move
from assetctl.domain import chain
from assetctl.errors import HistoryBrokenError, LogForkedError, NotebookBrokenError
from assetctl.reads.incremental import Followed, follow
from assetctl.reads.log import head_of
from assetctl.store.notebook import Notebook
from assetctl.store.seal import seal
from tests.faults.tampering import Admin, disarm
from tests.store.world import World


def _follow(world: World, path: Path) -> Followed:
    with world.store.writing() as tx:
        seal(tx)
    with world.store.reading() as connection, Notebook(path) as notebook:
        return follow(connection, notebook, policy=None, at=world.stamp().rec)


def test_only_what_is_new_is_read(world: World, tmp_path: Path) -> None:
    book = tmp_path / "book"
    one = world.asset()
    first = _follow(world, book)
    assert (first.before, first.since) == (0, None)
    world.do(move, assets=[one], to="W2")
    world.asset()
    second = _follow(world, book)
    assert (second.before, second.size) == (first.size, first.size + 2)
    with world.store.reading() as connection:
        assert second.root == str(head_of(connection)).split("\n")[2]
    third = _follow(world, book)
    assert (third.before, third.size, third.root) == (second.size, second.size, second.root)


def test_old_entries_need_not_be_believed_or_even_be_there(world: World, tmp_path: Path) -> None:
    book = tmp_path / "book"
    one = world.asset()
    _follow(world, book)
    with world.store.engine.begin() as connection:
        disarm(connection)
        connection.execute(sa.text("DELETE FROM history WHERE subject = 'party:U1'"))
    world.do(move, assets=[one], to="W2")
    assert _follow(world, book).size


def test_a_new_entry_that_does_not_go_on_from_the_head_that_was_seen_is_found(
    world: World, tmp_path: Path
) -> None:
    book = tmp_path / "book"
    one = world.asset()
    _follow(world, book)
    world.do(move, assets=[one], to="W2")
    with world.store.writing() as tx:
        seal(tx)
    with world.store.engine.begin() as connection:
        disarm(connection)
        admin = Admin(connection, f"asset:{one}", "")
        # The first entry is rewritten and the second made to fit it, as if nothing had been.
        admin.rewrite(admin.a, 1, actor="P2")
    with (
        world.store.reading() as connection,
        Notebook(book) as notebook,
        pytest.raises(HistoryBrokenError) as caught,
    ):
        follow(connection, notebook, policy=None, at=world.stamp().rec)
    assert caught.value.facts["subject"] == f"asset:{one}"
    assert caught.value.facts["seq"] == 2


def test_a_shorter_log_and_another_log_are_not_followed(world: World, tmp_path: Path) -> None:
    book = tmp_path / "book"
    world.asset()
    _follow(world, book)
    with world.store.engine.begin() as connection:
        disarm(connection)
        connection.execute(
            sa.text("DELETE FROM leaf WHERE idx = (SELECT max(idx) FROM leaf)")
        )  # fmt: skip
    with (
        world.store.reading() as connection,
        Notebook(book) as notebook,
        pytest.raises(LogForkedError),
    ):
        follow(connection, notebook, policy=None, at="")
    with world.store.engine.begin() as connection:
        entry = chain.genesis_entry(origin="test/log", nonce=bytes([1] * 32), vkey="-")
        connection.execute(
            sa.text("UPDATE log SET entry = :e, leaf = :l"),
            {"e": entry, "l": chain.leaf_hash(entry)},
        )
    with (
        world.store.reading() as connection,
        Notebook(book) as notebook,
        pytest.raises(LogForkedError),
    ):
        follow(connection, notebook, policy=None, at="")


def test_what_failed_is_not_written_down(world: World, tmp_path: Path) -> None:
    book = tmp_path / "book"
    one = world.asset()
    first = _follow(world, book)
    world.do(move, assets=[one], to="W2")
    with world.store.writing() as tx:
        seal(tx)
    with world.store.engine.connect() as connection, connection.begin() as transaction:
        disarm(connection)
        connection.execute(
            sa.text("UPDATE history SET actor = 'x' WHERE subject = :s AND seq = 2"),
            {"s": f"asset:{one}"},
        )
        with Notebook(book) as notebook, pytest.raises(HistoryBrokenError):
            follow(connection, notebook, policy=None, at="")
        transaction.rollback()
    again = _follow(world, book)
    assert (again.before, again.size) == (first.size, first.size + 1)


def test_a_file_that_is_no_notebook(tmp_path: Path) -> None:
    path = tmp_path / "book"
    path.write_bytes(b"something else entirely, of some length" * 100)
    with pytest.raises(NotebookBrokenError):
        Notebook(path)
