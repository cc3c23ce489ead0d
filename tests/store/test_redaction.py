"""Erasing takes a disclosure out of the register and leaves every hash where it was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assetctl.acts import handovers, parties, register
from assetctl.acts.redaction import Target, files_of, redact, target_of
from assetctl.domain.projection import KEYS
from assetctl.errors import (
    AssetctlError,
    CanonicalError,
    DocumentRequiredError,
    EntryNotFoundError,
    FileErasedError,
    HistoryBrokenError,
    InputError,
    NothingToEraseError,
    RequestReusedError,
)
from assetctl.reads.erasable import erasable
from assetctl.reads.trace import trace
from assetctl.reads.verify import verify
from assetctl.store import redact as erasing
from assetctl.store.tables import PROJECTED, disclosure, history
from tests.store.world import World

NAME, NOTE, PHOTO = "欧阳某某", "交给欧阳某某的母亲", "f" * 64
DOC = "删〔2026〕1号"


def leaves(world: World) -> dict[str, bytes]:
    with world.store.reading() as connection:
        rows = connection.execute(sa.select(history.c.event_id, history.c.entry, history.c.leaf))
        return {row.event_id: bytes(row.entry) + bytes(row.leaf) for row in rows}


def erased(world: World, subject: str, *paths: str, **more: Any) -> Any:
    target = Target(subject=subject, paths=paths, event_id=more.pop("event_id", None))
    return world.do(redact, target=target, doc=DOC, **more)


def fails(error: type[AssetctlError], world: World, *arguments: Any, **more: Any) -> dict[str, Any]:
    before = world.contents()
    with pytest.raises(error) as caught:
        erased(world, *arguments, **more)
    assert world.contents() == before, "nothing at all was changed"
    return caught.value.facts


@pytest.fixture
def person(world: World) -> World:
    world.do(parties.add_party, code="P9", kind="person", name=NAME, unit="U1")
    return world


def photographed(world: World, title: str | None = NAME, sha256: str = PHOTO) -> str:
    asset = world.asset()
    world.do(register.attach, asset_id=asset, sha256=sha256, byte_count=1, role="person",
             media_type="image/png", title=title)  # fmt: skip
    return asset


def columns(world: World, table: str, **keys: str) -> dict[str, Any]:
    (row,) = [
        row for row in world.contents()[table]
        if all(row[KEYS[table].index(name)] == value for name, value in keys.items())
    ]  # fmt: skip
    names = list(PROJECTED[table].c.keys())
    return dict(zip(names, row, strict=True))


def test_a_name_goes_from_the_table_and_stays_proven(person: World) -> None:
    before = leaves(person)
    receipt = erased(person, "party:P9", "person_name", cause="request")
    assert columns(person, "party", code="P9")["name"] is None
    assert before.items() <= leaves(person).items()
    (event,) = receipt.events
    assert (event.kind, event.subject, event.seq) == ("history.redacted", "party:P9", 2)
    (item,) = event.data["erased"]
    assert (item["path"], event.data["doc"], event.data["cause"]) == (
        "person_name", DOC, "request",
    )  # fmt: skip
    with person.store.reading() as connection:
        added = json.loads(
            connection.execute(
                sa.select(history.c.entry).where(history.c.event_id == item["event_id"])
            ).scalar_one()
        )
    assert added["sd"] == [item["digest"]]
    assert person.verify().replayed
    everything = repr(person.contents())
    assert NAME not in everything
    assert NAME not in json.dumps(event.data, ensure_ascii=False)


def test_only_what_is_named_goes(world: World) -> None:
    asset = world.asset()
    world.do(handovers.send, assets=[asset], to="P2")
    world.do(handovers.receive, assets=[asset], differs="缺鼠标", note=NOTE)
    world.do(handovers.move, assets=[asset], to="B1", note="第二条")
    subject = f"asset:{asset}"
    with world.store.reading() as connection:
        entries = trace(connection, [subject])
    received = next(entry for entry in entries if entry.kind == "asset.received")
    erased(world, subject, "note", event_id=received.event_id)
    world.verify()
    with world.store.reading() as connection:
        told = {entry.seq: entry.disclosed for entry in trace(connection, [subject])}
    assert (told[3], told[4]) == ({"differs": "缺鼠标"}, {"note": "第二条"})
    erased(world, subject)
    world.verify()
    with world.store.reading() as connection:
        assert erasable(connection, subject) == []
        assert [entry.disclosed for entry in trace(connection, [subject])] == [{}] * 6


def test_a_photo_is_erased_wherever_it_is_attached(world: World) -> None:
    one, other = photographed(world), photographed(world, title=None)
    apart = photographed(world, sha256="e" * 64)
    receipt = erased(world, f"asset:{one}", "sha256", "title")
    assert files_of(receipt) == [PHOTO]
    assert {event.subject for event in receipt.events} == {f"asset:{one}", f"asset:{other}"}
    for asset in (one, other):
        row = columns(world, "attachment", asset_id=asset)
        assert (row["title"], row["erased_at"]) == (None, receipt.events[0].at)
    assert columns(world, "attachment", asset_id=apart)["erased_at"] is None
    world.verify()
    fails(NothingToEraseError, world, f"asset:{one}", "sha256")
    with pytest.raises(FileErasedError):
        photographed(world)


def test_all_texts_go_without_a_path_but_no_file(world: World) -> None:
    asset = photographed(world)
    receipt = erased(world, f"asset:{asset}")
    assert files_of(receipt) == []
    row = columns(world, "attachment", asset_id=asset)
    assert (row["title"], row["erased_at"]) == (None, None)
    world.verify()


def test_a_name_given_later_stays(person: World) -> None:
    """Replay without the disclosure decides, not the column it once filled."""
    asset = person.asset()
    person.do(handovers.move, assets=[asset], to="B1", note=NOTE)
    before = person.row(asset)
    erased(person, f"asset:{asset}", "note")
    assert person.row(asset) == before, "a note has no column, and erasing touches no asset"


def test_the_same_request_twice_erases_once(person: World) -> None:
    stamp = person.stamp(request_id="R-9")
    first = erased(person, "party:P9", "person_name", stamp=replace(stamp))
    again = erased(person, "party:P9", "person_name", stamp=replace(stamp))
    assert again.repeated
    assert [e.event_id for e in again.events] == [e.event_id for e in first.events]
    for subject, paths in (("party:P1", ["person_name"]), ("party:P9", ["uscc_reason"])):
        fails(RequestReusedError, person, subject, *paths, stamp=replace(stamp))
    fails(RequestReusedError, person, "party:P9", "person_name", stamp=stamp, event_id="0" * 32)


def test_what_is_not_there_cannot_be_erased(person: World) -> None:
    erased(person, "party:P9", "person_name")
    facts = fails(NothingToEraseError, person, "party:P9", "person_name")
    assert (facts["paths"], facts["there"]) == ("person_name", "-")
    fails(NothingToEraseError, person, "party:U1")
    facts = fails(NothingToEraseError, person, "party:P1", "person_name", "note")
    assert (facts["paths"], facts["there"]) == ("note", "person_name")
    with person.store.reading() as connection:
        with pytest.raises(EntryNotFoundError):
            target_of(connection, event_id="0" * 32)
        with pytest.raises(EntryNotFoundError):
            target_of(connection, subject="party:NOBODY")
        assert target_of(connection, subject="party:P9").subject == "party:P9"


@pytest.mark.parametrize("doc", ["", " "])
def test_nothing_goes_without_a_document(person: World, doc: str) -> None:
    target = Target(subject="party:P9")
    with pytest.raises(DocumentRequiredError):
        person.do(redact, target=target, doc=doc)


def test_a_cause_is_a_code(person: World) -> None:
    fails(InputError, person, "party:P9", cause="因为本人要求")


def test_what_does_not_verify_is_not_erased(person: World) -> None:
    person.run_sql("UPDATE party SET unit = 'U2' WHERE code = 'P9'")
    fails(HistoryBrokenError, person, "party:P9", "person_name")


def test_more_than_an_entry_holds_is_refused_whole(world: World) -> None:
    asset = world.asset()
    for number in range(600):
        world.do(handovers.move, assets=[asset], to=("B1", "W1")[number % 2], note=f"注{number}")
    fails(CanonicalError, world, f"asset:{asset}", "note")


def test_the_bytes_leave_the_files_of_the_database(person: World) -> None:
    if not person.store.is_sqlite:
        assert erasing.scrub(person.store) is False
        pytest.skip("what PostgreSQL keeps until its next VACUUM is not ours to take away")
    path = Path(str(person.store.engine.url.database))
    asset = person.asset()
    person.do(handovers.move, assets=[asset], to="B1", note=NOTE)
    with person.store.reading() as connection:
        texts = list(connection.execute(sa.select(disclosure.c.disclosure)).scalars())
    assert NAME.encode() in everything_in(path)
    kept = [text for text in texts if text.encode() in everything_in(path)]
    assert len(kept) == len(texts) >= 4
    erased(person, "party:P9")
    erased(person, f"asset:{asset}")
    assert erasing.scrub(person.store) is True
    left = everything_in(path)
    assert NAME.encode() not in left
    with person.store.reading() as connection:
        remaining = set(connection.execute(sa.select(disclosure.c.disclosure)).scalars())
    assert {text for text in texts if text.encode() in left} == remaining
    assert len(remaining) == len(texts) - 2


def everything_in(path: Path) -> bytes:
    files: Sequence[Path] = sorted(path.parent.glob(f"{path.name}*"))
    return b"".join(file.read_bytes() for file in files)


def test_a_redacted_subject_can_be_verified_alone(person: World) -> None:
    erased(person, "party:P9")
    with person.store.reading() as connection:
        assert verify(connection, ["party:P9"], replay=True).entries == 2
