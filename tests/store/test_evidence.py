"""Evidence and writers at the same moment: an event lands once, whoever is first."""

from __future__ import annotations

import json
from collections.abc import Callable

import sqlalchemy as sa

from assetctl.acts.evidence import Source, Taken, receive
from assetctl.domain.epcis.document import Document, read_document
from assetctl.errors import SubjectChangedError
from assetctl.store.tables import history
from tests.epcis import FOREIGN, document, event
from tests.store.world import World, race


def read(*seconds: int) -> Document:
    events = [event(eventTime=f"2026-03-01T09:00:{second:02}Z") for second in seconds]
    return read_document("x", json.dumps(document(*events)).encode())


def taking(world: World, told: Document, name: str) -> Callable[[], Taken]:
    source = Source(document=name, meant={FOREIGN: "X" * 10})
    return lambda: world.do(receive, document=told, source=source)


def test_the_same_document_from_two_desks_lands_once(world: World) -> None:
    told = read(1, 2, 3)
    done = race([taking(world, told, str(desk)) for desk in range(4)])
    taken = [one for one in done if isinstance(one, Taken)]
    assert all(isinstance(one, Taken | SubjectChangedError) for one in done)
    assert sorted((one.new, one.known) for one in taken)[-1] == (3, 0)
    assert sum(one.new for one in taken) == 3
    query = sa.select(sa.func.count()).where(history.c.kind == "evidence.received")
    with world.store.reading() as connection:
        assert connection.execute(query).scalar_one() == 3
    world.verify()


def test_documents_that_overlap_land_whole(world: World) -> None:
    first, second = read(1, 2), read(2, 3)
    assert taking(world, first, "a")().new == 2
    answer = taking(world, second, "b")()
    assert (answer.new, answer.known) == (1, 1)
    assert world.kinds(answer.entries[0].subject) == ["evidence.received"]
    world.verify()


def test_a_request_that_comes_again_adds_nothing(world: World) -> None:
    told = read(1, 2)
    source = Source(document="d", meant={})
    for new in (2, 0):
        stamp = world.stamp(request_id="R-1")
        assert world.do(receive, document=told, source=source, stamp=stamp).new == new
