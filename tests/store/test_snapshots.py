"""Snapshots: that "this is all of it" can be proven, and to whom it was all."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from assetctl.domain import chain, merkle
from assetctl.domain.note import parse_note
from assetctl.errors import CheckpointMissingError, ProofInvalidError, SubjectNotFoundError
from assetctl.reads.dossier import Dossier, dossier
from assetctl.store.checkpoints import keep_checkpoint
from assetctl.store.seal import seal
from assetctl.store.snapshot import heads_at, leaf_of, take
from assetctl.store.tables import head, tile
from assetctl.store.tree import Tree, sealed_size
from tests.store.world import World

NOTE = "{origin}\n{size}\n{root}\n\n— {origin} {signature}\n"


def _take(world: World) -> dict[str, object]:
    with world.store.writing() as tx:
        return take(tx, world.stamp()).data


def _sign(world: World) -> None:
    """Keep a checkpoint; who signed it does not matter here."""
    from assetctl.domain.note import to_b64

    with world.store.writing() as tx:
        seal(tx)
        size = sealed_size(tx.connection)
        root = to_b64(Tree(tx.connection).root(size))
        text = NOTE.format(origin="test/log", size=size, root=root, signature=to_b64(bytes(68)))
        keep_checkpoint(tx, note=parse_note(text), at=world.stamp().rec)


def _dossier(world: World, subject: str) -> Dossier:
    with world.store.reading() as connection:
        return dossier(connection, subject)


def _check(found: Dossier) -> None:
    """Check a dossier by the plain rules, from its bytes."""
    head_of = found.checkpoint.head
    for one in (found.genesis, *found.entries):
        leaf = merkle.leaf_hash(one.entry)
        merkle.check_inclusion(one.index, head_of.size, leaf, one.proof.proof, head_of.root)
    complete = found.completeness
    assert complete is not None
    data = json.loads(complete.snapshot.entry)["data"]
    root = chain_bytes(data["root"])
    leaf = merkle.leaf_hash(complete.leaf)
    merkle.check_inclusion(complete.index, data["count"], leaf, complete.proof, root)
    fields = json.loads(complete.leaf)
    newest = found.entries[fields["n"] - 1]
    assert fields == {"a": found.subject, "h": chain.b64(merkle.leaf_hash(newest.entry)),
                      "n": newest.seq}  # fmt: skip


def chain_bytes(text: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(text + "=")


def test_a_snapshot_is_the_tree_over_all_heads_in_the_order_of_their_bytes(world: World) -> None:
    for _ in range(3):
        world.asset()
    said = _take(world)
    with world.store.reading() as connection:
        rows = list(connection.execute(head.select().where(head.c.subject != "log")))
    rows.sort(key=lambda row: row.subject.encode())
    leaves = [leaf_of(row.subject, row.seq, bytes(row.leaf)) for row in rows]
    assert said["count"] == len(leaves)
    assert said["root"] == chain.b64(merkle.tree_root(leaves))
    world.verify()


def test_every_subject_is_proven_complete(world: World) -> None:
    ids = [world.asset() for _ in range(300)]
    _take(world)
    _sign(world)
    for one in (ids[0], ids[150], ids[299]):
        _check(_dossier(world, f"asset:{one}"))
    for subject in ("party:U1", "place:W1-Z1-R1", "class:gbt14885-2022/A02010105"):
        _check(_dossier(world, subject))


def test_what_came_after_the_snapshot_is_in_the_log_but_not_called_complete(world: World) -> None:
    from assetctl.acts.handovers import move

    one = world.asset()
    others = [world.asset() for _ in range(3)]
    _take(world)
    world.do(move, assets=[one], to="W2")
    younger = [world.asset() for _ in range(3)]
    _sign(world)
    found = _dossier(world, f"asset:{one}")
    assert (len(found.entries), found.completeness and found.completeness.seq) == (2, 1)
    _check(found)
    for other in others:
        _check(_dossier(world, f"asset:{other}"))
    assert _dossier(world, f"asset:{younger[0]}").completeness is None


def test_an_older_snapshot_serves_until_it_is_forgotten(world: World) -> None:
    one = world.asset()
    for _ in range(5):
        _take(world)
        world.asset()
    _sign(world)
    _check(_dossier(world, f"asset:{one}"))
    with world.store.reading() as connection:
        kept = connection.execute(sa.select(tile.c.tree).distinct()).scalars().all()
    assert len([name for name in kept if name.startswith("snapshot:")]) == 3


def test_a_proof_of_fewer_entries_does_not_hold(world: World) -> None:
    from assetctl.acts.handovers import move

    one = world.asset()
    world.do(move, assets=[one], to="W2")
    _take(world)
    _sign(world)
    found = _dossier(world, f"asset:{one}")
    complete = found.completeness
    assert complete is not None
    first = merkle.leaf_hash(found.entries[0].entry)
    short = leaf_of(found.subject, 1, first)
    data = json.loads(complete.snapshot.entry)["data"]
    with pytest.raises(ProofInvalidError):
        merkle.check_inclusion(
            complete.index, data["count"], short, complete.proof, chain_bytes(data["root"])
        )


def test_writers_in_between_do_not_get_into_a_snapshot(world: World) -> None:
    """Heads that moved on after the log was sealed are taken as they were sealed."""
    from assetctl.acts.handovers import move

    one, other = world.asset(), world.asset()
    with world.store.writing() as tx:
        size = seal(tx)
    with world.store.reading() as connection:
        before = list(heads_at(connection, size))
    world.do(move, assets=[one], to="W2")
    world.asset()
    with world.store.writing() as tx:
        seal(tx)
    with world.store.reading() as connection:
        assert list(heads_at(connection, size)) == before
    assert {f"asset:{one}", f"asset:{other}"} <= {subject for subject, _, _ in before}


def test_without_checkpoint_or_entries_there_is_no_dossier(world: World) -> None:
    one = world.asset()
    with pytest.raises(CheckpointMissingError):
        _dossier(world, f"asset:{one}")
    _sign(world)
    with pytest.raises(SubjectNotFoundError):
        _dossier(world, "asset:0000000000")
