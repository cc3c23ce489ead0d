"""Random histories, lawfully erased in part: nobody raises an alarm.

A hundred in the suite; a thousand by `pytest --hypothesis-profile=thousand` with this file.
"""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.acts.redaction import Target, redact
from assetctl.domain.checkpoint import Checkpoint
from assetctl.domain.note import Note
from assetctl.domain.policy import Policy
from assetctl.offline import verify as one_file
from assetctl.reads.erasable import Erasable, erasable
from assetctl.reads.log import head_of, newest_checkpoint
from assetctl.reads.tiles import disclosures, log_files
from assetctl.reads.verify import verify
from assetctl.store.checkpoints import keep_checkpoint
from assetctl.store.engine import Store
from assetctl.store.snapshot import take
from tests.logs import Signer
from tests.property.test_erasures import DEEDS, copied, live
from tests.property.test_life_of_assets import make_template
from tests.store.audit_world import Clock


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("lawful") / "template.db")


@given(
    deeds=st.lists(st.sampled_from(DEEDS), min_size=1, max_size=14),
    chance=st.randoms(use_true_random=False),
    early=st.booleans(),
)
def test_no_alarm_is_raised(
    template: Path, deeds: list[str], chance: Random, early: bool
) -> None:  # fmt: skip
    with copied(template) as store, TemporaryDirectory() as folder:
        subjects = live(store, deeds)
        clock = Clock(now=1000, first=1 << 33)
        old = sign(store, clock) if early else None
        erase(store, clock, [one for one in there(store, subjects) if chance.random() < 0.4])
        newest = sign(store, clock)
        policy = Policy(logs=(Signer(newest.origin).key,))
        against = [newest] if old is None else [old, newest]
        with store.reading() as connection:
            verify(
                connection, replay=True, policy=policy, must_be_signed=True, against=against
            )  # fmt: skip
            export(store, newest, Path(folder))
        (Path(folder) / "policy").write_text(str(policy), encoding="utf-8")
        out = io.StringIO()
        with redirect_stdout(out):
            code = one_file.main([folder, "--lang", "en"])
        assert code == 0, out.getvalue()


def there(store: Store, subjects: list[str]) -> list[Erasable]:
    """Return everything that may be erased."""
    with store.reading() as connection:
        return [one for subject in subjects for one in erasable(connection, subject)]


def erase(store: Store, clock: Clock, chosen: list[Erasable]) -> None:
    """Erase one by one."""
    for number, item in enumerate(chosen):
        target = Target(subject=item.subject, event_id=item.event_id, paths=(item.path,))
        with store.writing() as tx:
            redact(tx, target=target, doc="删1", stamp=clock.stamp(request_id=f"erase-{number}"))


def sign(store: Store, clock: Clock) -> Checkpoint:
    """Take a snapshot and sign the log with it."""
    clock.now += 1
    with store.writing() as tx:
        take(tx, clock.stamp(request_id=f"snapshot-{clock.now}"))
        head = head_of(tx.connection)
        note = Note(str(head), (Signer(head.origin).sign(str(head)),))
        keep_checkpoint(tx, note=note, at="2026-01-01T00:00:00.000000Z")
    return head


def export(store: Store, head: Checkpoint, folder: Path) -> None:
    """Write the whole log, with what is disclosed of it."""
    with store.reading() as connection:
        for name, data in log_files(connection, head):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        texts = "".join(f"{one}\n" for one in disclosures(connection, head.size))
        (folder / "disclosures.txt").write_text(texts, encoding="utf-8")
        kept = newest_checkpoint(connection, head.origin)
    assert kept is not None
    (folder / "checkpoint").write_text(str(kept.note), encoding="utf-8")
