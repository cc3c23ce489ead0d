"""Whatever is erased, in whatever order: the history verifies, and the rest can be read."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from assetctl.acts import handovers, loans, parties, register, tags
from assetctl.acts.redaction import Target, redact
from assetctl.domain.identity import asset_id
from assetctl.errors import AssetctlError
from assetctl.reads.erasable import Erasable, erasable
from assetctl.reads.verify import verify
from assetctl.store.engine import Store
from assetctl.store.tables import disclosure, history
from tests.property.test_life_of_assets import make_template
from tests.store.audit_world import Clock

DEEDS = ("out", "in", "move", "send", "receive", "correct", "tag", "attach", "person")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("erasures") / "template.db")


_numbers = itertools.count()


@contextmanager
def copied(template: Path) -> Iterator[Store]:
    path = template.with_name(f"copy-{next(_numbers)}.db")
    shutil.copy(template, path)
    store = Store(f"sqlite:///{path}")
    try:
        yield store
    finally:
        store.close()


def live(store: Store, deeds: list[str]) -> list[str]:
    """Do deeds that leave names and texts; return the subjects that have some."""
    clock = Clock()
    fresh = filter(None, map(asset_id, range(99)))
    subjects = ["party:P1"]

    def do(act: Any, **wish: Any) -> Any:
        clock.now += 1
        with store.writing() as tx:
            return act(tx, stamp=clock.stamp(), **wish)

    new = register.NewAsset(name="物", class_code="A1", owner="U1", place="W1")
    made = do(register.register, new=new, new_asset_id=lambda: next(fresh))
    one = made.events[0].subject.removeprefix("asset:")
    subjects.append(f"asset:{one}")
    for number, deed in enumerate(deeds):
        note = f"注{number}"
        acts: dict[str, Any] = {
            "out": (loans.check_out, {"assets": [one], "to": "P1", "note": note}),
            "in": (loans.check_in, {"assets": [one], "note": note}),
            "move": (handovers.move, {"assets": [one], "to": ("B1", "W1")[number % 2],
                                      "note": note}),
            "send": (handovers.send, {"assets": [one], "to": "U2", "note": note}),
            "receive": (handovers.receive, {"assets": [one], "differs": note, "note": note}),
            "correct": (register.correct, {"asset_id": one, "changes": {"brand": note},
                                           "note": note}),
            "tag": (tags.replace_tag, {"asset_id": one, "note": note}),
            "attach": (register.attach, {"asset_id": one, "sha256": f"{number:064x}",
                                         "byte_count": 1, "role": "person",
                                         "media_type": "image/png", "title": note}),
            "person": (parties.add_party, {"code": f"X{number}", "kind": "person", "name": note}),
        }  # fmt: skip
        act, wish = acts[deed]
        try:
            do(act, **wish)
        except AssetctlError:
            continue
        if deed == "person":
            subjects.append(f"party:X{number}")
    return subjects


@settings(max_examples=80, deadline=None)
@given(deeds=st.lists(st.sampled_from(DEEDS), max_size=14), drawn=st.data())
def test_any_of_it_may_be_erased(template: Path, deeds: list[str], drawn: st.DataObject) -> None:
    with copied(template) as store:
        subjects = live(store, deeds)
        there: list[Erasable] = []
        with store.reading() as connection:
            for subject in subjects:
                there += erasable(connection, subject)
            before = entries(connection)
        chosen = drawn.draw(st.lists(st.sampled_from(there), unique=True), label="erased")
        clock = Clock(now=1000, first=1 << 33)
        for number, item in enumerate(chosen):
            target = Target(subject=item.subject, event_id=item.event_id, paths=(item.path,))
            with store.writing() as tx:
                redact(tx, target=target, doc="删1",
                       stamp=clock.stamp(request_id=f"erase-{number}"))  # fmt: skip
            with store.reading() as connection:
                verify(connection, replay=True)
        with store.reading() as connection:
            verify(connection, replay=True)
            left: list[Erasable] = []
            for subject in subjects:
                left += erasable(connection, subject)
            assert before.items() <= entries(connection).items()
            kept = [item for item in there if item not in chosen]
            same = {(item.event_id, item.path, item.digest) for item in kept}
            assert {(item.event_id, item.path, item.digest) for item in left} == same
            texts = connection.execute(sa.select(sa.func.count()).select_from(disclosure)).scalar()
            assert texts == untouched(connection) + len(
                [item for item in kept if item.path != "sha256"]
            )


def entries(connection: Any) -> dict[str, tuple[bytes, bytes]]:
    return {row.event_id: (row.entry, row.leaf) for row in connection.execute(history.select())}


def untouched(connection: Any) -> int:
    """Return how many disclosures belong to subjects that the deeds do not touch."""
    wanted = sa.select(disclosure.c.subject)
    return len([one for one in connection.execute(wanted).scalars()
                if not one.startswith(("asset:", "party:X")) and one != "party:P1"])  # fmt: skip


def test_replay_without_a_disclosure_gives_the_table(template: Path) -> None:
    with copied(template) as store:
        with store.writing() as tx:
            redact(tx, target=Target(subject="party:P1"), doc="删1", stamp=Clock().stamp())
        with store.reading() as connection:
            name = connection.exec_driver_sql("SELECT name FROM party WHERE code = 'P1'").scalar()
            assert name is None
            verify(connection, replay=True)
