"""What the tests of the store share: a small register on each kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from assetctl.domain.request import Stamp
from tests.store.world import World, make_world


@pytest.fixture
def world(url: str, stamp: Callable[..., Stamp]) -> Iterator[World]:
    """A register made through the acts, on each kind of database in turn."""
    made = make_world(url, stamp)
    yield made
    made.store.close()
