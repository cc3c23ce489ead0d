"""What the tests of faults share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.tampering import Admin, Rig, build


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """A home and the address of a new database, of each kind in turn, for a whole module."""
    home = tmp_path_factory.mktemp("tampered")
    if request.param == "sqlite":
        return home, f"sqlite:///{home / 'register.db'}"
    return home, request.getfixturevalue("postgresql").new_database()


@pytest.fixture(scope="module")
def rig(site: tuple[Path, str]) -> Iterator[Rig]:
    """A register on each kind of database, made once: the administrator's changes are undone."""
    home, url = site
    made = build(home, url)
    yield made
    made.store.close()


@pytest.fixture
def admin(rig: Rig) -> Iterator[Admin]:
    """The administrator of the database; whatever is done is undone after the test."""
    with rig.admin() as one:
        yield one
