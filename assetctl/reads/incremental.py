"""What is new since an auditor looked last, checked against his own notebook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.domain.checkpoint import Checkpoint
from assetctl.domain.note import to_b64
from assetctl.domain.policy import Policy, believe
from assetctl.errors import LogForkedError
from assetctl.i18n import N_, Phrase
from assetctl.reads.entries import SEQ, SUBJECT, checked_entries
from assetctl.reads.log import newest_checkpoint, the_log
from assetctl.reads.signatories import ActFinding, Signatories
from assetctl.store.notebook import Notebook
from assetctl.store.tables import log


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """How far the log was followed: leaves before and now, the root now, and who signed it.

    `signed` is the size of the newest checkpoint that the policy accepts, `unsealed` how many
    entries wait for their place and are not in the notebook yet. `signatures` of operators and
    stations under new entries hold; of `findings` the authority is in doubt.
    """

    origin: str
    before: int
    size: int
    root: str
    signed: int
    unsealed: int
    since: str | None
    signatures: int
    findings: int


def follow(
    connection: Connection, notebook: Notebook, *, policy: Policy | None, at: str,
    on_step: Callable[[int], None] | None = None,
    on_finding: Callable[[ActFinding], None] | None = None,
) -> Followed:  # fmt: skip
    """Check every entry behind the last one in the notebook, and write down how far that goes.

    Nothing the register says about older entries is believed or needed: the tree grows from the
    notebook's own, and each chain goes on from the head that stands there. That older bytes are
    still what they were, those of the keys that sign among them, is for `verify` to see.

    Raises:
        HistoryBrokenError: a new entry does not fit.
        LogForkedError: this is another log, or it is shorter than it was, or its newest checkpoint
            is not about these entries.
        NoteInvalidError: that checkpoint is not signed by whom the policy asks for.
    """
    found = the_log(connection)
    genesis = bytes(connection.execute(sa.select(log.c.leaf)).scalar_one())
    _must_be_the_same(notebook, found.origin, genesis)
    grown = notebook.frontier()
    before = grown.size
    if found.size < before:
        reason = Phrase(N_("it had {old} entries and has {new} now"), old=before, new=found.size)
        raise LogForkedError(origin=found.origin, reason=reason)
    signed = _signed(connection, found.origin, policy)
    if before == 0:
        grown.append(genesis)
    if signed is not None and signed.size == grown.size:
        _same_root(signed, grown.root())
    heads: dict[str, tuple[int, bytes]] = {}
    signatories = Signatories(connection, genesis, on_finding)
    waiting = 0
    entries = checked_entries(connection, genesis, grown.size - 1, look_up=notebook.head)
    for batch in entries:
        if batch.first is None:
            waiting += len(batch.leaves)
            continue
        signatories.look_at_all(batch)
        subjects, seqs = batch.columns[SUBJECT], batch.columns[SEQ]
        for hashed, subject, seq in zip(batch.leaves, subjects, seqs, strict=True):
            grown.append(hashed)
            heads[subject] = (seq, hashed)
            if signed is not None and signed.size == grown.size:
                _same_root(signed, grown.root())
        if on_step:
            on_step(grown.size)
    if signed is not None and signed.size > grown.size:
        reason = Phrase(
            N_("it had {old} entries and has {new} now"), old=signed.size, new=grown.size
        )
        raise LogForkedError(origin=found.origin, reason=reason)
    notebook.keep(
        origin=found.origin, genesis=genesis, grown=grown, at=at,
        heads=((subject, *ends) for subject, ends in heads.items()),
    )  # fmt: skip
    return Followed(
        origin=found.origin, before=before, size=grown.size, root=to_b64(grown.root()),
        signed=signed.size if signed else 0, unsealed=waiting, since=notebook.at,
        signatures=signatories.signed, findings=signatories.findings,
    )  # fmt: skip


def _must_be_the_same(notebook: Notebook, origin: str, genesis: bytes) -> None:
    if notebook.genesis is None:
        return
    if notebook.origin != origin:
        reason = Phrase(N_("it is called {name} there"), name=notebook.origin)
        raise LogForkedError(origin=origin, reason=reason)
    if notebook.genesis != genesis:
        reason = Phrase(N_("its first {size} entries are others"), size=1)
        raise LogForkedError(origin=origin, reason=reason)


def _signed(connection: Connection, origin: str, policy: Policy | None) -> Checkpoint | None:
    kept = newest_checkpoint(connection, origin)
    if kept is None or policy is None:
        return None
    return believe(policy, kept.note).checkpoint


def _same_root(signed: Checkpoint, root: bytes) -> None:
    if signed.root != root:
        reason = Phrase(N_("its first {size} entries are others"), size=signed.size)
        raise LogForkedError(origin=signed.origin, reason=reason)
