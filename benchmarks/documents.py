"""A document of 500 lines, from the request to the hand-over, against 500 bare check-outs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from assetctl.acts import documents, parties, roles
from assetctl.acts.loans import check_in, check_out
from assetctl.domain.request import Stamp
from assetctl.store.engine import Store
from benchmarks.commits import DUE
from benchmarks.registers import PERSON, UNIT, Register, new_register, new_stamp, postgresql
from benchmarks.timing import Cost, Row, cost_of, in_turns, per_second, rows_of

_LINES = 500
BORROWER = "U2"
_STAFF = {
    "DOC-C": "asset_clerk", "DOC-H": "unit_head", "DOC-M": "warehouse_manager",
    "DOC-K": "warehouse_keeper",
}  # fmt: skip


def documents_sqlite(folder: Path, *, quick: bool) -> list[Row]:
    """One document of 500 assets: asked for, approved twice, handed over; against one check-out."""
    papers = new_register(folder / "papers", assets=_LINES)
    bare = new_register(folder / "bare", assets=_LINES)
    return _rows("documents-sqlite", papers, bare, quick=quick)


def documents_postgresql(folder: Path, *, quick: bool) -> list[Row]:
    """The same on PostgreSQL."""
    with postgresql() as server:
        if server is None:
            return [Row(name="documents-postgresql: no server is installed", ours="-")]
        papers, bare = (
            new_register(folder / name, server.new_database(), assets=_LINES)
            for name in ("papers", "bare")
        )
        return _rows("documents-postgresql", papers, bare, quick=quick)


def _rows(name: str, papers: Register, bare: Register, *, quick: bool) -> list[Row]:
    with _store(papers) as store, _store(bare) as other:
        _staff(store)
        pairs = in_turns(
            lambda: _asked_for(store, papers.assets),
            lambda: _checked_out(other, bare.assets),
            3 if quick else 9,
        )
    return rows_of(
        f"{name}: {_LINES} things asked for, approved, handed over, against checked out",
        pairs, show=per_second(_LINES), speed=False, at_most=2.0, goal_on=("wall",),
    )  # fmt: skip


@contextmanager
def _store(register: Register) -> Iterator[Store]:
    store = Store(register.url)
    try:
        yield store
    finally:
        store.close()


def _staff(store: Store) -> None:
    """Give each of those whom a loan needs the role that he needs for it."""
    with store.writing() as tx:
        parties.add_party(tx, code=BORROWER, kind="unit", name="样例局", stamp=new_stamp())
        for code, role in _STAFF.items():
            parties.add_party(tx, code=code, kind="person", name="测试", unit=UNIT,
                              stamp=new_stamp())  # fmt: skip
            roles.appoint(tx, code=code, role=role, stamp=new_stamp())


def _asked_for(store: Store, assets: Sequence[str]) -> Cost:
    """Return what it costs to ask for things, agree twice and hand them over; then take back."""
    cost = cost_of(lambda: _lend(store, assets))
    with store.writing() as tx:
        check_in(tx, assets=assets, stamp=_by("DOC-K"))
    return cost


def _lend(store: Store, assets: Sequence[str]) -> None:
    due = (date.today() + timedelta(days=30)).isoformat()  # noqa: DTZ011
    with store.writing() as tx:
        drafted = documents.draft(
            tx, kind="loan", fields={"borrower": BORROWER, "due": due}, assets=assets, text="测试",
            stamp=_by("DOC-C"),
        )  # fmt: skip
        number = drafted.events[0].subject.removeprefix("doc:")
        documents.submit(tx, number=number, stamp=_by("DOC-C"))
    for who in ("DOC-H", "DOC-M"):
        with store.writing() as tx:
            documents.give_opinion(tx, number=number, verdict="agree", stamp=_by(who))
    with store.writing() as tx:
        check_out(tx, assets=assets, to=BORROWER, due=due, doc=number, stamp=_by("DOC-K"))


def _checked_out(store: Store, assets: Sequence[str]) -> Cost:
    cost = cost_of(lambda: _check_out(store, assets))
    with store.writing() as tx:
        check_in(tx, assets=assets, stamp=new_stamp())
    return cost


def _check_out(store: Store, assets: Sequence[str]) -> None:
    with store.writing() as tx:
        check_out(tx, assets=assets, to=PERSON, due=DUE, stamp=new_stamp())


def _by(person: str) -> Stamp:
    return replace(new_stamp(), actor=person)
