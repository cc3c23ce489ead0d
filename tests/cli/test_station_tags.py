"""A clerk with nothing but a scanner: cards, place tags and command tags do the day's work."""

from __future__ import annotations

from pathlib import Path

import pytest

from assetctl.domain.commands import COMMANDS
from assetctl.domain.identity import make_payload, short_form
from assetctl.store import keys
from tests.cli.test_references import forged
from tests.cli.test_station import payload, shown, sit, told
from tests.conftest import Register

BY_NAME = {one.name: one.tag for one in COMMANDS}


def command(desk: Register, name: str) -> str:
    held = keys.tag_keys(desk.home / "keys")
    return make_payload(
        held, key="0", asset=BY_NAME[name], issue=1, host="assets.example.gov.cn", tag_class="C"
    )


def card(desk: Register, code: str = "P1") -> str:
    return str(desk.ok("party", "card", code)["payload"])


def place_tag(desk: Register, code: str = "W1-Z1") -> str:
    return str(desk.ok("place", "tag", code)["payload"])


@pytest.mark.parametrize("short", [False, True], ids=["address", "short"])
def test_nothing_is_typed(register: Register, short: bool) -> None:
    asset = register.register()
    script = [
        command(register, "checkout"), payload(register, asset), card(register),
        command(register, "commit"), command(register, "checkin"),
        command(register, "condition.fair"), payload(register, asset), place_tag(register),
        command(register, "commit"), command(register, "move"), payload(register, asset),
        place_tag(register, "B1-101"), command(register, "commit"), command(register, "undo"),
    ]  # fmt: skip
    report = sit(register, [short_form(text) if short else text for text in script])
    assert told(report) == [
        "mode", "added", "borrower", "landed", "mode", "condition", "added", "place", "landed",
        "mode", "added", "place", "landed", "landed",
    ]  # fmt: skip
    assert shown(register, asset) == ("in_store", "U1", "W1-Z1")
    assert register.ok("show", asset)[0]["condition"] == "fair"


@pytest.mark.parametrize("short", [False, True], ids=["address", "short"])
def test_commands_work_without_the_register_and_cards_that_were_met_before(
    desk: Register, tmp_path: Path, short: bool
) -> None:
    away = ("--db", f"sqlite:///{tmp_path / 'nowhere.db'}")
    asset = desk.register()
    met, stranger, shelf = card(desk, "P1"), card(desk, "P2"), place_tag(desk)
    sit(desk, [command(desk, "checkout"), met, command(desk, "cancel")])
    script = [
        command(desk, "checkout"), payload(desk, asset), shelf, stranger, forged(met), met,
        command(desk, "commit"),
    ]  # fmt: skip
    report = sit(desk, [short_form(text) if short else text for text in script], *away, code=9)
    reasons = [one["reason"] for one in report["told"] if one["code"] == "refused"]
    assert reasons == ["session.unknown_offline"] * 2 + ["payload.forged"]
    assert report["commits"][0]["to"] == "P1"
    desk.ok("scan", "sync")
    assert shown(desk, asset)[1] == "P1"


def test_tags_that_do_not_count_move_nothing(desk: Register) -> None:
    asset = desk.register()
    lost = card(desk, "P1")
    desk.ok("party", "card", "P1", "--replace")
    old_place = place_tag(desk, "W1")
    desk.ok("place", "tag", "W1", "--void")
    held = keys.tag_keys(desk.home / "keys")
    script = [
        command(desk, "checkout"), lost, old_place, forged(command(desk, "commit")),
        command(desk, "quantity.5"), BY_NAME["commit"],
        make_payload(held, key="0", asset=asset, issue=1, host="x.example", tag_class="B"),
        payload(desk, asset), command(desk, "commit"),
    ]  # fmt: skip
    report = sit(desk, script, code=9)
    reasons = [one["reason"] for one in report["told"] if one["code"] == "refused"]
    assert reasons[:4] == ["tag.replaced", "tag.void", "payload.forged", "session.no_quantity_here"]
    assert reasons[4] == "payload.unsigned"
    assert reasons[-1] == "session.needs_borrower"
    assert report["commits"] == []
    assert shown(desk, asset)[1] == "U1"
