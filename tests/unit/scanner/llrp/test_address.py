"""Addresses of readers, and what their wishes become for readers that can more or less."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.llrp.address import Address, read_address
from scanner.llrp.codec import Parameter, parameter
from scanner.llrp.inventory import Capabilities, Inventory, Options
from scanner.reading import ChoiceUnknownError, SourceUnavailableError
from scanner.source import open_source


def test_an_address_says_everything() -> None:
    text = "llrp://r1.example:6000/?power=27.5&session=1&antennas=1,4&mode=dual&population=64&tid=1"
    assert read_address(text + "&every=9&rf=3") == Address(
        "r1.example", 6000,
        Options(power=27.5, session=1, antennas=(1, 4), mode="dual", population=64, tid=True,
                every=9, rf=3),
    )  # fmt: skip
    assert read_address("llrp://10.0.0.9") == Address("10.0.0.9", 5084, Options())
    assert read_address("llrp://[::1]:5085").name == "llrp://[::1]:5085"


@pytest.mark.parametrize(
    ("query", "field", "known"),
    [
        ("powr=27", "option", "power, session"),
        ("power=loud", "power", "40"),
        ("power=nan", "power", "40"),
        ("power=-1", "power", "40"),
        ("session=4", "session", "0, 1, 2, 3"),
        ("mode=triple", "mode", "dual, single"),
        ("antennas=", "antennas", "1,2"),
        ("antennas=0", "antennas", "1,2"),
        ("antennas=1,,2", "antennas", "1,2"),
        ("population=0", "population", "65535"),
        ("every=70000", "every", "65535"),
        ("tid=yes", "tid", "0, 1"),
        ("session=²", "session", "0, 1, 2, 3"),
    ],
)
def test_a_wish_that_is_not_understood_is_told_what_there_is(
    query: str, field: str, known: str
) -> None:
    with pytest.raises(ChoiceUnknownError) as caught:
        open_source(f"llrp://127.0.0.1:1?{query}")
    assert caught.value.facts["field"] == field
    assert known in str(caught.value.facts["known"])


@pytest.mark.parametrize(
    "address",
    [
        "llrp://",
        "llrp:5084",
        "llrp://a b",
        "llrp://x:0",
        "llrp://x:99999",
        "llrp://u@x",
        "llrp://x/y",
    ],
)
def test_a_reader_needs_a_host(address: str) -> None:
    with pytest.raises(SourceUnavailableError, match="host"):
        open_source(address)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_told(text: str) -> None:
    with suppress(SourceUnavailableError, ChoiceUnknownError):
        assert read_address("llrp://" + text).name.startswith("llrp://")


POWERS = ((1, 10.0), (2, 20.0), (3, 25.25), (4, 30.0))


@pytest.mark.parametrize(
    ("wished", "index"), [(30, 4), (33, 4), (29.9, 3), (25.25, 3), (25, 2), (10, 1), (3, 1)]
)
def test_power_is_the_nearest_at_or_below(wished: float, index: int) -> None:
    order = Inventory("r", Options(power=wished), Capabilities(powers=POWERS, channel=(1, 1)))
    sent = next(order.rospec().deep("RFTransmitter"))
    assert (sent.number("power"), sent.number("hop")) == (index, 1)
    assert [one.facts["setting"] for one in order.troubles] == (["power"] if wished < 10 else [])


def said(options: dict[str, Any], *, extended: bool = False) -> tuple[Parameter, list[str]]:
    order = Inventory("r", Options(**options), Capabilities(), is_extended=extended)
    return order.rospec(), [str(one.facts["setting"]) for one in order.troubles]


def test_without_wishes_a_reader_keeps_its_settings() -> None:
    rospec, troubles = said({})
    assert troubles == []
    assert list(rospec.deep("AntennaConfiguration")) == []
    (antennas,) = rospec.all("AISpec")
    assert antennas.numbers("antennas") == (0,)


def test_power_that_cannot_be_set_is_told() -> None:
    rospec, troubles = said({"power": 27.0})
    assert troubles == ["power"]
    assert list(rospec.deep("RFTransmitter")) == []


@pytest.mark.parametrize(
    ("options", "session", "troubles"),
    [
        ({"session": 3}, 3, []),
        ({"population": 500}, 0, []),
        ({"mode": "dual"}, 0, ["mode"]),
        ({"mode": "single"}, 2, ["mode"]),
        ({"mode": "single", "session": 1}, 1, ["mode"]),
    ],
)
def test_sessions_and_what_comes_near_a_search_mode(
    options: dict[str, Any], session: int, troubles: list[str]
) -> None:
    rospec, told = said(options)
    (control,) = rospec.deep("C1G2SingulationControl")
    assert control.number("session") >> 6 == session
    assert control.number("population") == options.get("population", 32)
    assert told == troubles


def test_a_search_mode_is_asked_for_where_the_reader_has_it() -> None:
    rospec, told = said({"mode": "dual", "session": 1}, extended=True)
    (custom,) = rospec.deep("Custom")
    assert (custom.number("vendor"), custom.text("data"), told) == (25882, "0002", [])


def test_what_a_reader_does_not_have_is_refused() -> None:
    able = Capabilities(antennas=2, modes=(0, 1))
    with pytest.raises(ChoiceUnknownError, match="1, 2"):
        Inventory("r", Options(antennas=(1, 3)), able)
    with pytest.raises(ChoiceUnknownError, match="0, 1"):
        Inventory("r", Options(rf=7), able)


def test_capabilities_of_a_reader_that_tells_nothing() -> None:
    assert Capabilities.of(parameter("GET_READER_CAPABILITIES_RESPONSE")) == Capabilities()
