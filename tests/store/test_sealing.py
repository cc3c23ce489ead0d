"""Every committed entry gets one place in the log; proofs come from what is kept."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from assetctl.domain import merkle
from assetctl.domain.tiling import TILE
from assetctl.store.engine import Store, Tx
from assetctl.store.record import lock, record
from assetctl.store.seal import seal
from assetctl.store.tables import history, leaf, log, tile
from assetctl.store.tree import Tree, entries, sealed_size
from tests.conftest import Register
from tests.store.world import World


def _seal(store: Store) -> int:
    with store.writing() as tx:
        return seal(tx)


def _all_leaves(store: Store, digest: merkle.Digest = merkle.sha256) -> list[bytes]:
    """Return the leaf hashes in sealed order, made from the bytes and nothing else."""
    with store.reading() as connection:
        genesis = bytes(connection.execute(sa.select(log.c.entry)).scalar_one())
        rows = connection.execute(
            sa.select(history.c.entry)
            .join(leaf, leaf.c.event_id == history.c.event_id)
            .where(leaf.c.idx.is_not(None))
            .order_by(leaf.c.idx)
        ).scalars()
        return [merkle.leaf_hash(one, digest) for one in [genesis, *map(bytes, rows)]]


def _register_many(register: Register, count: int) -> None:
    rows = [f"书架{number},A05010201,U1,W1" for number in range(count)]
    path = register.home / "list.csv"
    path.write_text("名称,分类代码,权属单位,存放地点\n" + "\n".join(rows) + "\n", "utf-8")
    register.ok("import", "assets", path)


def _check_against_definition(store: Store, name: str = "sha256") -> None:
    """Compare roots, proofs and tiles with what the plain definition gives."""
    digest = merkle.DIGESTS[name]
    leaves = _all_leaves(store, digest)
    with store.reading() as connection:
        size = sealed_size(connection)
        assert len(leaves) == size
        tree = Tree(connection, name)
        for part in {1, 2, size // 3 + 1, size - 1, size}:
            assert tree.root(part) == merkle.tree_root(leaves[:part], digest)
        root = tree.root(size)
        for index in {0, 1, size // 2, size - 2, size - 1, min(TILE, size - 1)}:
            proof = tree.inclusion(index, size)
            merkle.check_inclusion(index, size, leaves[index], proof, root, digest)
        for old in {1, size // 2, size - 1, size - size % TILE}:
            proof = tree.consistency(old, size)
            before = merkle.tree_root(leaves[:old], digest)
            merkle.check_consistency(old, size, before, root, proof, digest)
        kept = connection.execute(tile.select().where(tile.c.tree == name)).all()
    hashes = {1: [], 2: []} | {row.level: [] for row in kept}
    for row in sorted(kept, key=lambda one: (one.level, one.n)):
        assert len(hashes[row.level]) == row.n * TILE
        hashes[row.level] += [row.hashes[place : place + 32] for place in
                              range(0, len(row.hashes), 32)]  # fmt: skip
    for level in (1, 2):
        width = TILE**level
        assert hashes[level] == [
            merkle.tree_root(leaves[start : start + width], digest)
            for start in range(0, size - size % width, width)
        ]


def test_a_small_log(world: World) -> None:
    one = world.asset()
    with world.store.reading() as connection:
        waiting = connection.execute(
            sa.select(sa.func.count()).select_from(leaf).where(leaf.c.idx.is_(None))
        ).scalar_one()
        count = connection.execute(sa.select(sa.func.count()).select_from(history)).scalar_one()
    assert waiting == (0 if world.store.is_sqlite else count)
    assert _seal(world.store) == count + 1
    assert _seal(world.store) == count + 1  # there is nothing left to do
    _check_against_definition(world.store)
    with world.store.reading() as connection:
        sealed = list(entries(connection, 0, count + 1))
    assert sealed[0].startswith(b'{"_":"assetctl/genesis@1"')
    assert f'"subject":"asset:{one}"'.encode() in sealed[-1]


def test_a_log_of_many_tiles(register: Register) -> None:
    store = register.store
    for count in (250, 700, 3):
        _register_many(register, count)
        _seal(store)
        _check_against_definition(store)
    with store.writing() as tx:
        Tree(tx.connection, "sm3").extend(sealed_size(tx.connection))
    _check_against_definition(store, "sm3")
    store.close()


def test_sealing_after_every_single_entry_gives_the_same_tree(world: World) -> None:
    for _ in range(2 * TILE + 3 - _seal(world.store)):
        world.asset()
        _seal(world.store)
    _check_against_definition(world.store)


def test_what_commits_late_is_not_passed_over(world: World) -> None:
    """A transaction that began and wrote before others, and ends after they were sealed."""
    if world.store.is_sqlite:
        pytest.skip("SQLite has one writer")
    first = world.asset()
    begun, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        with world.store.writing() as tx:
            lock(tx, [f"asset:{first}"])
            world_event = _moved(tx, first)
            record(tx, world.stamp(), [world_event])
            begun.set()
            assert may_end.wait(60)

    writer = threading.Thread(target=slow)
    writer.start()
    assert begun.wait(60)
    others = [world.asset() for _ in range(5)]
    before = _seal(world.store)
    with world.store.reading() as connection:
        sealed_early = _subjects(connection)
    may_end.set()
    writer.join(60)
    assert _seal(world.store) == before + 1
    with world.store.reading() as connection:
        sealed = _subjects(connection)
    assert {f"asset:{one}" for one in others} <= set(sealed_early)
    assert sealed == [*sealed_early, f"asset:{first}"]
    _check_against_definition(world.store)
    world.verify()


def test_entries_of_a_subject_keep_their_order_when_clocks_run_back(
    world: World, stamp: Callable[..., Any]
) -> None:
    one = world.asset()
    other = world.asset()
    later = "2099-01-01T00:00:00.000000Z"
    earlier = "2001-01-01T00:00:00.000000Z"
    from dataclasses import replace

    for rec in (later, earlier, later, earlier):
        with world.store.writing() as tx:
            lock(tx, [f"asset:{one}", f"asset:{other}"])
            facts = [_moved(tx, one), _moved(tx, other)]
            record(tx, replace(stamp(), at=rec, rec=rec), facts)
    _seal(world.store)
    with world.store.reading() as connection:
        rows = connection.execute(
            sa.select(history.c.subject, history.c.seq)
            .join(leaf, leaf.c.event_id == history.c.event_id)
            .order_by(leaf.c.idx)
        ).all()
    seen: dict[str, int] = {}
    for subject, seq in rows:
        assert seq == seen.get(subject, 0) + 1
        seen[subject] = seq
    _check_against_definition(world.store)


def _moved(tx: Tx, one: str) -> tuple[str, Any]:
    from assetctl.domain.events import Moved

    places = ("W1", "W2")
    seq = tx.heads[f"asset:{one}"][0]
    event = Moved(
        state="in_store", holder="U1", place=places[seq % 2], from_state="in_store",
        from_holder="U1", from_place=places[(seq + 1) % 2],
    )  # fmt: skip
    return f"asset:{one}", event


def _subjects(connection: sa.Connection) -> list[str]:
    return list(
        connection.execute(
            sa.select(history.c.subject)
            .join(leaf, leaf.c.event_id == history.c.event_id)
            .where(leaf.c.idx.is_not(None))
            .order_by(leaf.c.idx)
        ).scalars()
    )


def _write_some(url: str, gate: Any, count: int) -> None:
    from assetctl.cli import clock
    from assetctl.domain.chain import instant
    from assetctl.domain.request import Stamp

    store = Store(url)
    gate.wait()
    for number in range(count):
        rec = instant(clock.now())
        stamp = Stamp(
            actor="P1", at=rec, rec=rec, request_id=clock.new_event_id(), station="test",
            new_id=clock.new_event_id, new_salt=clock.new_salt,
        )  # fmt: skip
        with store.writing() as tx:
            from assetctl.domain.events import PlaceAdded

            code = clock.new_event_id()
            record(tx, stamp, [(f"place:{code}", PlaceAdded(name=code, place_kind="room"))])
        if number % 5 == 0:
            with store.writing() as tx:
                seal(tx)
    store.close()


def test_writers_and_sealers_at_once_seal_everything_once(world: World) -> None:
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(4)
    writers = [context.Process(target=_write_some, args=(world.url, gate, 40)) for _ in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join(120)
    assert [one.exitcode for one in writers] == [0] * 4
    _seal(world.store)
    _check_against_definition(world.store)
    world.verify()
