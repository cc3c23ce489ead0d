"""Command tags: fixed ids for ever, one meaning each, and nothing else is a command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.commands import COMMANDS, MODES, QUANTITIES, Command, command_of
from assetctl.domain.identity import (
    TagKeys,
    asset_id,
    make_payload,
    parse_asset_id,
    parse_payload,
    verify_payload,
)

PRINTED = {
    "checkout": "R0000001NK", "checkin": "R00000800S", "move": "R00000G0CM",
    "count": "R00000R0K2", "undo": "R00001006W", "commit": "R0000182HC", "cancel": "R00001G1TV",
    "condition.new": "R0000G00SX", "condition.good": "R0000G805G", "condition.fair": "R0000GG0HA",
    "condition.poor": "R0000GR2NC", "condition.broken": "R0000H00BK",
    "quantity.1": "R0001000YR", "quantity.2": "R0001080BA", "quantity.3": "R00010G0N4",
    "quantity.4": "R00010R1TV", "quantity.5": "R0001100HE", "quantity.6": "R0001180T8",
    "quantity.7": "R00011G05R", "quantity.8": "R00011R0D7", "quantity.9": "R000120001",
    "quantity.10": "R0001280BV", "quantity.20": "R00012G0NP", "quantity.50": "R00012R0V5",
    "quantity.100": "R0001300HZ",
}  # fmt: skip
"""What hangs on walls already: none of these may ever change."""


def test_a_printed_sheet_stays_right_for_ever() -> None:
    assert {command.name: command.tag for command in COMMANDS} == PRINTED


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_each_is_an_id_that_reads_back_to_its_command(command: Command) -> None:
    assert parse_asset_id(command.tag.lower()) == command.tag
    assert command_of(command.tag) is command


def test_names_say_group_and_value() -> None:
    told = {command.name: (command.group, command.value) for command in COMMANDS}
    assert {name: told[name] for name in MODES} == {name: ("mode", name) for name in MODES}
    assert told["condition.broken"] == ("condition", "broken")
    said = [int(value) for group, value in told.values() if group == "quantity"]
    assert said == list(QUANTITIES)


@given(st.integers(0, 0xBF_FFFF_FFFF))
def test_no_other_id_is_a_command(serial: int) -> None:
    other = asset_id(serial)
    assert other is None or command_of(other) is None


def test_a_command_is_signed_as_a_command_and_as_nothing_else() -> None:
    keys = TagKeys({"0": bytes(32)})
    for command in COMMANDS:
        text = make_payload(
            keys, key="0", asset=command.tag, issue=1, host="x.example", tag_class="C"
        )
        payload = parse_payload(text)
        verify_payload(keys, payload)
        assert (payload.tag_class, payload.subject) == ("C", command.tag)
