"""What the tests of the store share: a small register on each kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assetctl.domain.request import Stamp
from assetctl.store.engine import Store
from tests.conftest import Models, PostgreSQL
from tests.store.world import World, make_world


@pytest.fixture
def world(
    server: PostgreSQL | None, tmp_path: Path, stamp: Callable[..., Stamp], models: Models
) -> Iterator[World]:
    """A register made through the acts, on each kind of database in turn."""
    url = models.database(
        "world", tmp_path, server, lambda url: make_world(url, stamp).store.close()
    )
    made = World(Store(url), stamp)
    yield made
    made.store.close()
    if server is not None:
        server.release(url)
