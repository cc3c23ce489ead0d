"""What provable history costs: chain and sealing on the way in, verification, proofs, space."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy.engine import Connection

from assetctl.acts.loans import check_in, check_out
from assetctl.domain import chain
from assetctl.domain.tiling import TILE, Tiling
from assetctl.reads.dossier import completeness_json, dossier
from assetctl.reads.incremental import follow
from assetctl.reads.verify import verify
from assetctl.store.engine import Store
from assetctl.store.notebook import Notebook
from assetctl.store.seal import seal
from assetctl.store.tree import Tree, sealed_size
from benchmarks.commits import DUE, acting, seed_sample
from benchmarks.race import Lap, race, rate
from benchmarks.registers import PERSON, Register, copy_sqlite, new_register, new_stamp, postgresql
from benchmarks.slow_disk import SLOW_SYNC, can_slow, slow_disk
from benchmarks.timing import Row, cost_of, in_turns, per_second, rows_of, sync_cost
from benchmarks.unchained import unchained

_BATCH = 100
_WRITERS = 8
_MILLION = 1_000_000
_LEAST = 1.34
"""Seconds for a million where the goals were set: fetch, leaf hash, root; of shorter entries."""
_NEW = 10_000


def sealing_sqlite(folder: Path, *, quick: bool) -> list[Row]:
    """One writer: check-outs with chain and sealing against the same without."""
    register = new_register(folder / "home", assets=1000)
    seed_sample(register.url, register.assets)
    copy = copy_sqlite(register.path, folder / "bare" / "register.db")
    with acting(register.url, register.assets) as ours, unchained(
        f"sqlite:///{copy}", register.assets
    ) as base:  # fmt: skip
        pairs = in_turns(
            lambda: cost_of(lambda: [ours() for _ in range(_BATCH)] and None),
            lambda: cost_of(lambda: [base() for _ in range(_BATCH)] and None),
            15 if quick else 41,
        )
    return rows_of(
        "sealing-sqlite: check-outs with chain and sealing against without", pairs,
        show=per_second(_BATCH), speed=True, at_least=0.85, goal_on=("wall",),
    )  # fmt: skip


def sealing_postgresql(folder: Path, *, quick: bool) -> list[Row]:
    """Eight writers and a sealer against the same writes without chain and sealing."""
    slowed = sync_cost(folder) < SLOW_SYNC and can_slow()
    rows = []
    for slow in (True, False) if slowed else (False,):
        with TemporaryDirectory(prefix="assetctl-disk-") as room, ExitStack() as stack:
            Path(room).chmod(0o755)
            if slow:
                stack.enter_context(slow_disk(Path(room) / "slow"))
            server = stack.enter_context(postgresql())
            if server is None:
                return [Row(name="sealing-postgresql: no server is installed", ours="-")]
            ours, base = (
                new_register(folder / f"{name}{slow}", server.new_database(), assets=2000)
                for name in ("home", "bare")
            )
            ratios = _races(ours, base, quick=quick)
        where = "a slowed disk" if slow else "this disk"
        name = f"sealing-postgresql: {_WRITERS} writers and a sealer against without, {where}"
        rows.append(
            Row(name=name,
                ours=f"{median(a for a, _ in ratios):,.0f}/s",
                base=f"{median(b for _, b in ratios):,.0f}/s",
                ratio=median(a / b for a, b in ratios), at_least=0.85)
        )  # fmt: skip
    return rows


def _races(ours: Register, base: Register, *, quick: bool) -> list[tuple[float, float]]:
    laps = [Lap(writers=_WRITERS, seconds=1.0 if quick else 3.0)]
    turns = 2 if quick else 4
    found = []
    for turn in range(turns):
        share = slice(turn * 500, (turn + 1) * 500)
        with _sealer(ours.url):
            (mine,) = race("acting", ours.url, _dealt(ours.assets[share]), laps)
        (theirs,) = race("unchained", base.url, _dealt(base.assets[share]), laps)
        found.append((rate(mine), rate(theirs)))
    return found


def _dealt(assets: Sequence[str]) -> list[list[str]]:
    return [list(assets[number::_WRITERS]) for number in range(_WRITERS)]


@contextmanager
def _sealer(url: str) -> Iterator[None]:
    """Seal twice a second in a process of its own, as `seal --every` does."""
    process = multiprocessing.get_context("spawn").Process(target=_seal_on, args=(url,))
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _seal_on(url: str) -> None:
    store = Store(url)
    while True:
        with store.writing() as tx:
            seal(tx)
        time.sleep(0.5)


def proving(folder: Path, *, quick: bool) -> list[Row]:
    """Verification, following, proofs and space of a long log on SQLite."""
    count = 50_000 if quick else _MILLION
    register = new_register(folder / "home", assets=10_000 if not quick else 2_000)
    _live(register, count)
    store = Store(register.url)
    rows = _verification(store)
    rows += _following(store, register, folder / "book")
    rows += _proofs(store, register)
    store.close()
    return [*rows, _space(register)]


def _verification(store: Store) -> list[Row]:
    rows = []
    # What cannot be had for less: every row fetched, every leaf hashed, the root made of them.
    with store.reading() as connection:
        least = cost_of(lambda: _root_alone(connection)).cpu / sealed_size(connection) * _MILLION
    for name, is_stdlib, goal in (
        ("with orjson", False, 4.0 / _LEAST), ("standard library alone", True, 7.0 / _LEAST),
    ):  # fmt: skip
        with _json(is_stdlib=is_stdlib), store.reading() as connection:
            cost = cost_of(lambda: verify(connection))
            size = sealed_size(connection)
        per_million = cost.cpu / size * _MILLION
        rows.append(
            Row(name=f"verify the whole log of {size:,} leaves, {name}: cpu s per million",
                ours=f"{per_million:.2f} s", base=f"{least:.2f} s", ratio=per_million / least,
                at_most=round(goal, 2))
        )  # fmt: skip
    return rows


def _root_alone(connection: Connection) -> bytes:
    rows = connection.exec_driver_sql("SELECT entry, leaf FROM history ORDER BY rowid")
    tiling = Tiling()
    while batch := rows.cursor.fetchmany(TILE):
        for _ in tiling.add([sha256(b"\0" + entry).digest() for entry, _leaf in batch]):
            pass
    return tiling.root()


@contextmanager
def _json(*, is_stdlib: bool) -> Iterator[None]:
    """Let entries be read and written by the standard library alone, or by what is at hand."""
    before = chain.reader, chain._writer
    if is_stdlib:
        chain.reader = lambda: json.loads  # type: ignore[assignment]
        chain._writer = lambda: chain._reference_writer  # type: ignore[assignment]
    try:
        yield
    finally:
        chain.reader, chain._writer = before


def _following(store: Store, register: Register, book: Path) -> list[Row]:
    with store.reading() as connection, Notebook(book) as notebook:
        follow(connection, notebook, policy=None, at="")
    _live(register, _NEW)
    with store.reading() as connection, Notebook(book) as notebook:
        cost = cost_of(lambda: follow(connection, notebook, policy=None, at=""))
    return [
        Row(name=f"audit incremental over {_NEW:,} new entries: cpu s", ours=f"{cost.cpu:.2f} s",
            ratio=cost.cpu, at_most=0.3)
    ]  # fmt: skip


def _proofs(store: Store, register: Register) -> list[Row]:
    register.command("seal", "--snapshot")
    random = Random(1)
    with store.reading() as connection:
        size = sealed_size(connection)
        costs, lengths = [], []
        for index in (random.randrange(size) for _ in range(50)):
            before = time.perf_counter()
            proof = Tree(connection).inclusion(index, size)
            costs.append(time.perf_counter() - before)
            lengths.append(len(proof))
        found = [dossier(connection, f"asset:{one}") for one in random.sample(register.assets, 5)]
    proof_bytes = max(len(str(one.proof)) for each in found for one in each.entries)
    complete = max(
        len(completeness_json(one.completeness)) + len(one.completeness.snapshot.entry)
        + len(str(one.completeness.snapshot.proof))
        for one in found if one.completeness
    )  # fmt: skip
    return [
        Row(name=f"a proof in {size:,} leaves: ms", ours=f"{median(costs) * 1000:.2f} ms",
            ratio=median(costs) * 1000, at_most=5.0),
        Row(name="a proof file: kB", ours=f"{proof_bytes:,} B", ratio=proof_bytes / 1000,
            at_most=1.5),
        Row(name="proof of completeness with its snapshot: kB", ours=f"{complete:,} B",
            ratio=complete / 1000, at_most=3.0),
    ]  # fmt: skip


def _space(register: Register) -> Row:
    """Return what chain and sealing take beside the entry: leaf hash, place, tiles, head, index."""
    database = sqlite3.connect(register.path)
    (count,) = database.execute("SELECT count(*) FROM history").fetchone()
    chain_index = next(
        name
        for _, name, *_ in database.execute("PRAGMA index_list(history)")
        if [row[2] for row in database.execute(f"PRAGMA index_info({name})")] == ["subject", "seq"]
    )
    try:
        taken = dict(database.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
    except sqlite3.OperationalError:
        return Row(name="space: this SQLite has no dbstat", ours="-")
    finally:
        database.close()
    names = ("leaf", "uq_leaf_idx", "sqlite_autoindex_leaf_1", "sqlite_autoindex_leaf_2", "tile",
             "sqlite_autoindex_tile_1", "head", chain_index)  # fmt: skip
    beside = sum(taken.get(name, 0) for name in names) / count + 32  # the leaf hash in history
    return Row(name="space for chain and sealing: bytes per entry", ours=f"{beside:.0f} B",
               ratio=beside, at_most=180)  # fmt: skip


def _live(register: Register, entries_wanted: int) -> None:
    """Check assets out and in until so many more entries are written."""
    store = Store(register.url)
    written, out = 0, True
    while written < entries_wanted or not out:
        for start in range(0, len(register.assets), 250):
            assets = register.assets[start : start + 250]
            with store.writing() as tx:
                if out:
                    check_out(tx, assets=assets, to=PERSON, due=DUE, stamp=new_stamp())
                else:
                    check_in(tx, assets=assets, stamp=new_stamp())
            written += len(assets)
        out = not out
    store.close()
