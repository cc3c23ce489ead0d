"""Names of people and free text stay out of the history; what is left proves the rest."""

from __future__ import annotations

import base64
import json

import pytest
import sqlalchemy as sa

from assetctl.acts import handovers, loans, parties, register, tags
from assetctl.domain import chain
from assetctl.errors import HistoryBrokenError
from assetctl.reads.trace import trace
from assetctl.reads.verify import verify
from assetctl.store.tables import disclosure, history, party
from tests.store.world import World

NAME, NOTE = "欧阳某某", "交给欧阳某某的母亲"


def history_bytes(world: World) -> bytes:
    with world.store.reading() as connection:
        rows = connection.execute(history.select()).all()
    return b"\n".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
        for row in rows
        for value in row
    )


def spellings(text: str) -> list[bytes]:
    raw = text.encode()
    return [
        raw, json.dumps(text)[1:-1].encode(), text.encode("utf-16-le"), raw.hex().encode(),
        base64.b64encode(raw).rstrip(b"=")[:-1], base64.urlsafe_b64encode(raw).rstrip(b"=")[:-1],
    ]  # fmt: skip


def live_a_little(world: World) -> str:
    """Do one of everything that takes a name or a note."""
    world.do(parties.add_party, code="P9", kind="person", name=NAME, unit="U1")
    world.do(parties.add_party, code="U9", kind="unit", name="丙", uscc="1" * 18, uscc_reason=NOTE)
    asset = world.asset()
    world.do(loans.check_out, assets=[asset], to="P9", note=NOTE)
    world.do(loans.extend, assets=[asset], due="2099-01-01", note=NOTE)
    world.do(loans.check_in, assets=[asset], note=NOTE)
    world.do(register.correct, asset_id=asset, changes={"brand": "联想"}, note=NOTE)
    world.do(tags.replace_tag, asset_id=asset, note=NOTE)
    world.do(tags.void_tag, asset_id=asset, note=NOTE)
    world.do(handovers.send, assets=[asset], to="P9", note=NOTE)
    world.do(handovers.refuse, assets=[asset], note=NOTE)
    world.do(handovers.send, assets=[asset], to="P9")
    world.do(handovers.receive, assets=[asset], differs=NOTE, note=NOTE)
    world.do(
        register.attach, asset_id=asset, sha256="a" * 64, byte_count=1, role="photo",
        media_type="image/png", title=NOTE,
    )  # fmt: skip
    return asset


def test_no_name_and_no_note_is_anywhere_in_the_history(world: World) -> None:
    live_a_little(world)
    written = history_bytes(world)
    assert b"asset.handover_refused" in written
    for text in (NAME, NOTE, "测试甲", "测试乙"):
        assert [one for one in spellings(text) if one in written] == []
    assert "甲县机关事务管理中心".encode() in written, "names of units are no secret"
    world.verify()


def test_those_who_may_read_it_still_can(world: World) -> None:
    asset = live_a_little(world)
    with world.store.reading() as connection:
        entries = trace(connection, [f"asset:{asset}", "party:P9"])
    told = [entry.disclosed for entry in entries if entry.disclosed]
    assert len(told) == 11
    assert {"note": NOTE, "differs": NOTE} in told
    assert {"title": NOTE} in told
    assert told[-1] == {"person_name": NAME}


def test_two_equal_notes_do_not_look_alike(world: World) -> None:
    live_a_little(world)
    with world.store.reading() as connection:
        texts = list(connection.execute(sa.select(disclosure.c.disclosure)).scalars())
    assert len(set(texts)) == len(texts) > 10


def test_a_receipt_does_not_repeat_a_note(world: World) -> None:
    receipt = world.do(handovers.move, assets=[world.asset()], to="B1", note=NOTE)
    assert NOTE not in repr(receipt)


def test_a_person_has_a_name_only_in_the_table(world: World) -> None:
    world.do(parties.add_party, code="P9", kind="person", name=NAME)
    with world.store.reading() as connection:
        found = connection.execute(sa.select(party.c.name).where(party.c.code == "P9")).scalar()
    assert found == NAME


@pytest.mark.parametrize("text", [chain.disclosure(bytes(32), "note", "别的"), "AAAA", "", "改"])
def test_a_disclosure_that_was_changed_breaks_the_history(world: World, text: str) -> None:
    asset = world.asset()
    world.do(handovers.move, assets=[asset], to="B1", note=NOTE)
    with world.store.engine.begin() as connection:
        changed = disclosure.update().where(disclosure.c.subject == f"asset:{asset}")
        connection.execute(changed.values(disclosure=text))
    with world.store.reading() as connection, pytest.raises(HistoryBrokenError) as caught:
        verify(connection)
    assert (caught.value.facts["subject"], caught.value.facts["seq"]) == (f"asset:{asset}", 2)
