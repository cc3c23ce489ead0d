"""What the tests of faults share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.tampering import Admin, Rig, build


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def rig(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A register on each kind of database, made once: the administrator's changes are undone."""
    home = tmp_path_factory.mktemp("tampered")
    if request.param == "sqlite":
        url = f"sqlite:///{home / 'register.db'}"
    else:
        url = request.getfixturevalue("postgresql").new_database()
    made = build(home, url)
    yield made
    made.store.close()


@pytest.fixture
def admin(rig: Rig) -> Iterator[Admin]:
    """The administrator of the database; whatever is done is undone after the test."""
    with rig.admin() as one:
        yield one
