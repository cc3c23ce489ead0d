"""The one door: `record()` appends to the history and applies to the tables, or does neither.

No other function writes either. An entry links to the head of its subject; the head row is the
lock, so writers of different subjects never wait for one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from assetctl.domain import chain
from assetctl.domain.act_signature import sign_act
from assetctl.domain.events import Event, to_plain
from assetctl.domain.projection import KEYS, Change, When, changes
from assetctl.domain.request import Recorded, Stamp
from assetctl.domain.roles import AUDITOR
from assetctl.errors import AuditorWritesError, CodeTakenError, SubjectChangedError
from assetctl.store import seal
from assetctl.store.engine import Prepared, Trip, Tx
from assetctl.store.lists import among
from assetctl.store.tables import PROJECTED, disclosure, head, history, metadata, role_grant

_UPDATE_HEAD = Prepared(
    head.update()
    .where(head.c.subject == sa.bindparam("subject_"), head.c.seq == sa.bindparam("was_"))
    .values(seq=sa.bindparam("seq_"), leaf=sa.bindparam("leaf_"))
)
_ENTRY = (
    "event_id", "subject", "seq", "kind", "at", "recorded_at", "actor", "request_id", "entry",
    "leaf",
)  # fmt: skip
_HEAD = ("subject", "seq", "leaf")
_LOCK_HEADS = (
    sa.select(head.c.subject, head.c.seq, head.c.leaf)
    .where(among(head.c.subject, "subjects"))
    .order_by(head.c.subject)
    .with_for_update()
)
_AUDITING = Prepared(
    sa.select(role_grant.c.role).where(
        role_grant.c.code == sa.bindparam("actor"), role_grant.c.role == AUDITOR,
        role_grant.c.revoked_at.is_(None),
    )
)  # fmt: skip
_written: dict[tuple[str, str, tuple[str, ...]], Prepared] = {}

Fact = tuple[str, Event]
"""A subject (`asset:K7M29QXD4F`) and what happened to it."""


def record(tx: Tx, stamp: Stamp, facts: Sequence[Fact]) -> tuple[Recorded, ...]:
    """Append one entry per fact and apply it to the tables, all in the transaction `tx`.

    The subjects must differ from one another. Those that exist already must have been locked with
    `lock()` or a loading read; the others are new.

    Raises:
        AuditorWritesError: the actor is an auditor, who reads everything and changes nothing.
        CanonicalError: a fact holds something that cannot stand in the history.
        SignatureRequiredError: the actor must sign, and does not.
        SubjectChangedError: another writer was first at one of the subjects.
        CodeTakenError: a code that must be unique is in use.
    """
    if any(subject != "log" for subject, _ in facts):
        _must_not_be_auditor(tx, stamp.actor)
    rows: list[dict[str, Any]] = []
    data, disclosures = [], []
    for subject, event in facts:
        seq, before = tx.heads.get(subject, (0, tx.genesis))
        event_id, entry, plain, personal = _entry(stamp, subject, event, seq, chain.b64(before))
        rows.append({
            "event_id": event_id, "subject": subject, "seq": seq + 1, "kind": event.kind,
            "at": stamp.at, "recorded_at": stamp.rec, "actor": stamp.actor,
            "request_id": stamp.request_id, "entry": entry, "leaf": chain.leaf_hash(entry),
        })  # fmt: skip
        data.append(plain)
        disclosures += personal
    if disclosures:
        _statement("put", disclosure).run_many(tx.connection, disclosures)
    when = When(at=stamp.at, rec=stamp.rec)
    wanted = (change for subject, event in facts for change in changes(subject, event, when))
    if len(facts) == 1 and not tx.is_sqlite:
        _write_one(tx, rows[0], list(wanted))
    else:
        _append(tx, rows)
        _apply(tx, wanted)
        seal.note(tx, [(row["event_id"], row["leaf"]) for row in rows])
    return tuple(
        Recorded(
            event_id=row["event_id"], kind=row["kind"], subject=row["subject"], seq=row["seq"],
            at=stamp.at, recorded_at=stamp.rec, actor=stamp.actor, request_id=stamp.request_id,
            data=plain,
        )
        for row, plain in zip(rows, data, strict=True)
    )  # fmt: skip


class Batch(NamedTuple):
    """First entries of many new subjects and their rows, finished: nothing is left but to write.

    `actor` is who brings it; `parts` are table, columns and rows of values, in the order in which
    they are written.
    """

    actor: str
    parts: list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]


def compose(stamp: Stamp, genesis: bytes, facts: Iterable[Fact]) -> Batch:
    """Return what `write` needs to record the first fact of each of many new subjects.

    It asks no database, so that it can be done while an earlier batch is being written.

    Raises:
        CanonicalError: a fact holds something that cannot stand in the history.
        SignatureRequiredError: the actor must sign, and does not.
    """
    entries: list[tuple[Any, ...]] = []
    heads: list[tuple[Any, ...]] = []
    rows: dict[str, list[dict[str, Any]]] = {"disclosure": []}
    when = When(at=stamp.at, rec=stamp.rec)
    shared = (stamp.at, stamp.rec, stamp.actor, stamp.request_id)
    link = chain.b64(genesis)
    for subject, event in facts:
        event_id, entry, _, personal = _entry(stamp, subject, event, 0, link)
        leaf = chain.leaf_hash(entry)
        entries.append((event_id, subject, 1, event.kind, *shared, entry, leaf))
        heads.append((subject, 1, leaf))
        rows["disclosure"] += personal
        for _, name, row in changes(subject, event, when):
            rows.setdefault(name, []).append(row)
    new = [("history", _ENTRY, entries), ("head", _HEAD, heads)]
    return Batch(stamp.actor, new + [_packed(name, part) for name, part in rows.items() if part])


def write(tx: Tx, batch: Batch) -> None:
    """Write a batch in the transaction `tx`.

    Raises:
        SubjectChangedError: one of the subjects exists.
        CodeTakenError: a code that must be unique is in use.
    """
    _must_not_be_auditor(tx, batch.actor)
    for name, columns, rows in batch.parts:
        try:
            tx.load(name, columns, rows)
        except sa.exc.IntegrityError as error:
            raise _taken(name, dict(zip(columns, rows[0], strict=True))) from error
    seal.note(tx, [(row[0], row[-1]) for row in batch.parts[0][2]])


def lock(tx: Tx, subjects: Iterable[str]) -> dict[str, int]:
    """Lock the heads of subjects in sorted order; return the newest entry number of each found."""
    wanted = sorted(set(subjects))
    for subject, seq, leaf in tx.connection.execute(_LOCK_HEADS, {"subjects": wanted}):
        tx.heads[subject] = (seq, bytes(leaf))
    return {subject: tx.heads[subject][0] for subject in wanted if subject in tx.heads}


def _must_not_be_auditor(tx: Tx, actor: str) -> None:
    """Keep the door shut to auditors, whatever else they do; asked once a transaction."""
    if actor in tx.writers:
        return
    if _AUDITING.run(tx.connection, {"actor": actor}).fetchone():
        raise AuditorWritesError(actor=actor)
    tx.writers.add(actor)


def _entry(
    stamp: Stamp, subject: str, event: Event, seq: int, link: str
) -> tuple[str, bytes, dict[str, Any], list[dict[str, str]]]:
    """Return id, bytes, public data and disclosures of the entry that follows the one of `link`."""
    event_id = stamp.new_id()
    data = to_plain(event)
    disclosures = []
    for path in sorted(event.personal & data.keys()) if event.personal else ():
        text = chain.disclosure(stamp.new_salt(), path, data.pop(path))
        disclosures.append(
            {"event_id": event_id, "path": path, "subject": subject, "disclosure": text}
        )
    fields: dict[str, Any] = {
        "_": chain.EVENT, "actor": stamp.actor, "at": stamp.at, "data": data, "id": event_id,
        "kind": event.kind, "n": seq + 1, "p": link, "rec": stamp.rec,
        "req": stamp.request_id, "st": stamp.station, "subject": subject,
    }  # fmt: skip
    if stamp.on_behalf:
        fields["for"] = stamp.on_behalf
    if disclosures:
        fields["sd"] = sorted(chain.disclosure_digest(item["disclosure"]) for item in disclosures)
    if stamp.signing is not None or stamp.must_sign:
        sign_act(fields, stamp)
    return event_id, chain.canonical(fields), data, disclosures


def _append(tx: Tx, rows: list[dict[str, Any]]) -> None:
    # Heads of new subjects are not kept in `tx`: a list may bring a million of them. Whoever
    # writes to one again in the same transaction locks it like any other.
    new = [row for row in rows if row["seq"] == 1]
    try:
        _statement("put", history).run_many(tx.connection, rows)
        if new:
            _statement("put", head).run_many(tx.connection, new)
        if len(new) < len(rows):
            _advance_heads(tx, [row for row in rows if row["seq"] > 1])
    except sa.exc.IntegrityError as error:
        raise SubjectChangedError(subject=rows[0]["subject"]) from error


def _write_one(tx: Tx, row: dict[str, Any], wanted: list[Change]) -> None:
    """Write one entry; where it sets one row, all four tables take one trip to the server.

    An act on one asset spends most of its time on trips, so this is worth a fifth of it.
    """
    if row["seq"] == 1 or [change.op for change in wanted] != ["set"]:
        _append(tx, [row])
        _apply(tx, wanted)
        seal.note(tx, [(row["event_id"], row["leaf"])])
        return
    change = wanted[0]
    shape = ("one", change.table, tuple(change.row))
    if shape not in _written:
        parts = (
            _statement("put", history),
            _statement("set", PROJECTED[change.table], shape[2]),
            _UPDATE_HEAD,
            seal.WAITING,
        )
        entry, table, advanced, waiting = (part.sql(tx.connection) for part in parts)
        steps = (
            f"entry AS ({entry}), changed AS ({table}), waiting AS ({waiting}), "
            f"advanced AS ({advanced} RETURNING 1)"
        )
        _written[shape] = Trip(f"WITH {steps} SELECT count(*) FROM advanced")  # noqa: S608  our own
    values = row | _head_values(row) | {f"{name}_": value for name, value in change.row.items()}
    try:
        (advanced_heads,) = _written[shape].run(tx.connection, values).fetchone()
    except sa.exc.IntegrityError as error:
        raise SubjectChangedError(subject=row["subject"]) from error
    if advanced_heads != 1:
        raise SubjectChangedError(subject=row["subject"])
    tx.heads[row["subject"]] = (row["seq"], row["leaf"])


def _head_values(row: dict[str, Any]) -> dict[str, Any]:
    seq = row["seq"]
    return {"subject_": row["subject"], "was_": seq - 1, "seq_": seq, "leaf_": row["leaf"]}


def _advance_heads(tx: Tx, rows: list[dict[str, Any]]) -> None:
    heads = {row["subject"]: (row["seq"], row["leaf"]) for row in rows}
    if _UPDATE_HEAD.run_many(tx.connection, list(map(_head_values, rows))) != len(rows):
        lock(tx, heads)
        first = next(subject for subject, head in heads.items() if tx.heads.get(subject) != head)
        raise SubjectChangedError(subject=first)
    tx.heads |= heads


def _apply(tx: Tx, wanted: Iterable[Change]) -> None:
    groups: dict[tuple[str, str, tuple[str, ...]], list[dict[str, Any]]] = {}
    for change in wanted:
        columns = () if change.op == "put" else tuple(change.row)
        groups.setdefault((change.op, change.table, columns), []).append(change.row)
    for (op, name, columns), rows in groups.items():
        table = PROJECTED[name]
        if op == "put":
            try:
                _statement("put", table).run_many(tx.connection, rows)
            except sa.exc.IntegrityError as error:
                raise _taken(name, rows[0]) from error
        else:
            marked = [{f"{column}_": value for column, value in row.items()} for row in rows]
            _statement(op, table, columns).run_many(tx.connection, marked)


def _packed(
    name: str, rows: list[dict[str, Any]]
) -> tuple[str, tuple[str, ...], list[tuple[Any, ...]]]:
    # A list fills few of the columns, and every NULL handed to a driver costs like a value.
    filled = set().union(*rows)
    columns = tuple(column for column in metadata.tables[name].c.keys() if column in filled)  # noqa: SIM118
    return name, columns, [tuple(map(row.get, columns)) for row in rows]


def _statement(op: str, table: sa.Table, columns: tuple[str, ...] = ()) -> Prepared:
    shape = (op, table.name, columns)
    if shape not in _written:
        if op == "put":
            _written[shape] = Prepared(table.insert(), fill=True)
        else:
            keys = KEYS[table.name]
            _written[shape] = Prepared(
                table.update()
                .where(*(table.c[key] == sa.bindparam(f"{key}_") for key in keys))
                .values({c: sa.bindparam(f"{c}_") for c in columns if c not in keys})
            )
    return _written[shape]


def _taken(table: str, row: dict[str, Any]) -> Exception:
    if "subject" in row:
        return SubjectChangedError(subject=row["subject"])
    if table == "alias":
        return CodeTakenError(scheme=row["scheme"], value=row["value"], holder="another asset")
    return SubjectChangedError(subject=":".join(str(row[key]) for key in KEYS[table]))
