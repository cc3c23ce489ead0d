"""An erasure excuses what it names and nothing else; without one, what is gone is missed."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from assetctl.acts.redaction import Target, redact
from assetctl.domain import chain
from assetctl.domain.request import Stamp
from assetctl.store.engine import Tx
from tests.faults.tampering import Admin

AT = "2099-01-01T00:00:00.000000Z"


def erase(admin: Admin, subject: str, *paths: str, seq: int | None = None) -> int:
    """Erase as the program does; return the number of the entry that says so."""
    genesis = bytes(admin.rows("SELECT leaf FROM log")[0][0])
    numbers = itertools.count(1)
    stamp = Stamp(
        actor="P1", at=AT, rec=AT, request_id="erase", station="desk",
        new_id=lambda: f"{next(numbers):024x}eeeeeeee", new_salt=lambda: bytes(32),
    )  # fmt: skip
    event_id = None if seq is None else admin.entry(subject, seq).event_id
    target = Target(subject=subject, event_id=event_id, paths=paths)
    done = redact(Tx(admin.connection, genesis), target=target, doc="删1", stamp=stamp)
    return done.events[0].seq


def disclosed(admin: Admin, subject: str) -> list[Any]:
    return admin.rows("SELECT * FROM disclosure WHERE subject = :s ORDER BY event_id", s=subject)


@pytest.mark.parametrize("which", ["a", "party:P1", "party:U1"])
def test_a_lawful_erasure_raises_no_alarm(admin: Admin, which: str) -> None:
    subject = admin.a if which == "a" else which
    there = len(disclosed(admin, subject))
    erase(admin, subject)
    assert admin.found() is None
    assert admin.found(replay=True) is None
    assert admin.found(replay=True, subjects=[subject]) is None
    assert there >= 1
    assert disclosed(admin, subject) == []


def test_what_goes_beside_a_lawful_erasure_is_missed(admin: Admin) -> None:
    erase(admin, admin.a, "note", seq=2)
    other = admin.entry(admin.a, 3).event_id
    admin.run("DELETE FROM disclosure WHERE event_id = :e", e=other)
    assert admin.place() == (admin.a, 3)


def test_what_was_erased_may_not_come_back(admin: Admin) -> None:
    (row,) = [row for row in disclosed(admin, admin.a) if row.event_id == _id(admin, 2)]
    erase(admin, admin.a, "note", seq=2)
    admin.run(
        "INSERT INTO disclosure (event_id, path, subject, disclosure) VALUES (:e, :p, :s, :d)",
        e=row.event_id, p=row.path, s=row.subject, d=row.disclosure,
    )  # fmt: skip
    facts = admin.found()
    assert facts is not None
    assert (facts["subject"], facts["seq"]) == (admin.a, 2)
    assert facts["problem"] == "its personal data was erased and is there again"


def test_another_text_may_not_take_the_place_of_an_erased_one(admin: Admin) -> None:
    erase(admin, admin.a, "note", seq=2)
    admin.run(
        "INSERT INTO disclosure (event_id, path, subject, disclosure) VALUES (:e, 'note', :s, :d)",
        e=_id(admin, 2), s=admin.a, d=chain.disclosure(bytes(32), "note", "别的"),
    )  # fmt: skip
    assert admin.place() == (admin.a, 2)


def test_an_erased_name_may_not_come_back_into_the_table(admin: Admin) -> None:
    erase(admin, "party:P1", "person_name")
    assert admin.found(replay=True) is None
    admin.run("UPDATE party SET name = '名称P1' WHERE code = 'P1'")
    facts = admin.found(replay=True)
    assert facts is not None
    assert facts["problem"] == "table party, row P1, column name"
    assert facts["expected"] is None


def test_an_erasure_taken_back_is_missed_with_what_it_excused(admin: Admin) -> None:
    seq = erase(admin, "party:P1")
    before = admin.entry("party:P1", seq - 1)
    admin.run("DELETE FROM history WHERE subject = 'party:P1' AND seq = :n", n=seq)
    admin.run("UPDATE head SET seq = :n, leaf = :l WHERE subject = 'party:P1'",
              n=seq - 1, l=bytes(before.leaf))  # fmt: skip
    assert admin.place() == ("party:P1", 1)


@pytest.mark.parametrize(
    "item",
    [
        {"path": "note", "digest": "x" * 43}, {"event_id": "0" * 32, "path": "note"},
        {"event_id": "0" * 32, "digest": "x" * 43}, "text", 7, None,
    ],
    ids=lambda item: json.dumps(item)[:24],
)  # fmt: skip
def test_an_erasure_that_says_nothing_usable_is_named(admin: Admin, item: object) -> None:
    data = {"doc": "删1", "erased": [item]}
    seq = admin.append(admin.a, head=True, kind="history.redacted", data=data)
    assert admin.place() == (admin.a, seq)


@pytest.mark.parametrize("event", ["of another", "of none"])
def test_an_erasure_of_what_was_never_disclosed_is_named(admin: Admin, event: str) -> None:
    (row, *_) = disclosed(admin, "party:P1")
    item = {
        "event_id": row.event_id if event == "of another" else "0" * 32, "path": "person_name",
        "digest": chain.disclosure_digest(row.disclosure),
    }  # fmt: skip
    seq = admin.append(
        admin.a, head=True, kind="history.redacted", data={"doc": "删1", "erased": [item]}
    )
    assert admin.place() == (admin.a, seq)


def test_a_file_that_was_never_attached_cannot_have_been_erased(admin: Admin) -> None:
    item = {"event_id": "0" * 32, "path": "sha256", "digest": "0" * 64}
    seq = admin.append(
        admin.b, head=True, kind="history.redacted", data={"doc": "删1", "erased": [item]}
    )
    assert admin.found() is None
    assert admin.place(replay=True) == (admin.b, seq)


def test_an_erased_file_shows_in_the_table_or_is_missed(admin: Admin) -> None:
    erase(admin, admin.a, "sha256")
    assert admin.found(replay=True) is None
    admin.run("UPDATE attachment SET erased_at = NULL")
    facts = admin.found(replay=True)
    assert facts is not None
    assert str(facts["problem"]).endswith("column erased_at")
    assert facts["expected"] == AT


def _id(admin: Admin, seq: int) -> str:
    return str(admin.entry(admin.a, seq).event_id)
