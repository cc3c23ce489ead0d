"""Forty things are handed over under an approved loan by walking past them with a camera."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from assetctl.cli import clock
from tests.cli.test_live import COUNT, Shelf
from tests.conftest import Register


@pytest.fixture
def shelf(desk: Register, tmp_path: Path) -> Shelf:
    """Forty things on a shelf, their tags on a sheet, and people in their roles."""
    made = Shelf(desk, tmp_path)
    for code, role in (("P4", "asset_clerk"), ("P5", "unit_head"), ("P6", "warehouse_manager"),
                       ("P7", "warehouse_keeper")):  # fmt: skip
        desk.ok("party", "add", code, "--name", f"测试{code}", "--kind", "person", "--unit", "U1")
        desk.ok("role", "grant", code, role)
    return made


def test_a_walk_with_a_camera_hands_over_what_was_approved(shelf: Shelf, tmp_path: Path) -> None:
    register = shelf.register
    due = clock.day_of(clock.now() + timedelta(days=20), "Asia/Shanghai")
    asked = register.ok("--as", "P4", "loan", "request", *shelf.assets, "--due", due, "--purpose",
                        "会务")  # fmt: skip
    number = asked["number"]
    film = shelf.film(tmp_path / "film.avi")
    walk = ("--as", "P7", "scan", "live", "--camera", film, "--silent", "--doc", number, "--due",
            due)  # fmt: skip
    too_early = register(*walk, "--json")
    assert too_early.code == 9  # nothing was approved yet: the basket says so and stays
    assert shelf.holders() == [("in_store", "U1")] * COUNT
    register("scan", "live", "--discard")
    for person in ("P5", "P6"):
        register.ok("--as", person, "doc", "approve", number)
    (commit,) = register.ok(*walk, "--discard")["commits"]
    assert commit["outcome"] == "landed"
    assert shelf.holders() == [("on_loan", "P1")] * COUNT
    one = register.ok("doc", "show", number)
    assert (one["state"], set(one["assets"].values())) == ("executing", {"out"})
    assert [paper[:2] for paper in one["papers"]] == ["CK"]
    register.ok("verify", "--replay")
