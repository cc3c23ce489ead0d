"""Parameters to bytes and back: known bytes, every table entry, unknown and damaged ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.llrp.codec import Bits, Layout, Parameter, parameter
from scanner.llrp.frames import Frame, Framer, ProtocolError
from scanner.llrp.messages import pack, unpack
from scanner.llrp.parameters import PARAMETERS, status_of

_RANGES = {"B": (0, 255), "b": (-128, 127), "H": (0, 65535), "h": (-32768, 32767),
           "I": (0, 2**32 - 1), "Q": (0, 2**64 - 1)}  # fmt: skip
_MANY = {"octets": 255, "words": 65535, "longs": 2**32 - 1}


def values_of(form: str) -> st.SearchStrategy[Any]:
    if form in _RANGES:
        return st.integers(*_RANGES[form])
    if form in _MANY:
        return st.lists(st.integers(0, _MANY[form]), max_size=5).map(tuple)
    if form == "bits":
        return st.binary(max_size=30).flatmap(
            lambda data: st.integers(max(0, 8 * len(data) - 7), 8 * len(data)).map(
                lambda count: Bits(count, data)
            )
        )
    if form == "text":
        return st.text(max_size=12)
    return st.binary(max_size=20) if form == "rest" else st.binary(min_size=12, max_size=12)


def parameters_of(layout: Layout, depth: int = 2) -> st.SearchStrategy[Parameter]:
    fields = st.fixed_dictionaries({name: values_of(form) for name, form in layout.fields})
    inside: st.SearchStrategy[list[Parameter]] = st.just([])
    if layout.holds and depth:
        known = st.sampled_from(sorted(PARAMETERS.by_name))
        inside = st.lists(
            known.flatmap(lambda name: parameters_of(PARAMETERS.by_name[name], depth - 1)),
            max_size=3,
        )
    return st.builds(
        lambda values, more: Parameter(layout.name, values, tuple(more)), fields, inside
    )


@given(st.sampled_from(sorted(PARAMETERS.by_name)).flatmap(
    lambda name: parameters_of(PARAMETERS.by_name[name])
))  # fmt: skip
def test_what_is_packed_is_unpacked(one: Parameter) -> None:
    data = pack(parameter("ADD_ROSPEC", one), 5)
    (found,) = Framer().feed(data)
    body = unpack(found)
    assert body is not None
    assert body.inside == (one,)


@pytest.mark.parametrize(
    ("one", "data"),
    [
        # The layouts of LLRP 1.1, 17.2, put together by hand.
        (parameter("AntennaID", antenna=2), "810002"),
        (parameter("PeakRSSI", dbm=-61), "86C3"),
        (parameter("KeepaliveSpec", trigger=1, period=10_000), "00DC00090100002710"),
        (parameter("AISpec", antennas=(1, 2)), "00B7000A000200010002"),
        (parameter("EPCData", epc=Bits(20, b"\xab\xcd\xe0")), "00F100090014ABCDE0"),
        (parameter("LLRPStatus", status=100, description="no"), "011F000A006400026E6F"),
        (
            parameter("C1G2Write", op=3, password=0x12345678, bank=0x40, pointer=2,
                      data=(0x3000, 0x5A10)),
            "01560013000312345678400002000230005A10",
        ),
        (parameter("ROSpecStopTrigger", trigger=1, duration=500), "00B6000901000001F4"),
        (parameter("Custom", vendor=25882, subtype=23, data=b"\0\2"),
         "03FF000E0000651A000000170002"),
    ],
)  # fmt: skip
def test_known_bytes(one: Parameter, data: str) -> None:
    assert PARAMETERS.pack(one).hex().upper() == data


def test_unknown_parameters_are_stepped_over() -> None:
    known = PARAMETERS.pack(parameter("LLRPStatus", status=7))
    strange = bytes.fromhex("01F500080BADCAFE")  # TLV of type 501
    body = unpack(Frame(30, 1, strange + known + strange + b"\xfe\x01\x02\x03"))
    assert body is not None
    assert status_of(body) == (7, "")
    assert unpack(Frame(901, 1, b"anything")) is None


@pytest.mark.parametrize(
    "data",
    [
        "011F0003",  # a length below its own header
        "011F00FF00640000",  # longer than what is there
        "011F00080064",  # cut off in the field
        "011F000A0064000B6E6F",  # a text longer than the parameter
        "011F",  # cut off in the header
        "81FF",  # TV cut off
    ],
)
def test_damaged_parameters_are_told(data: str) -> None:
    with pytest.raises(ProtocolError):
        unpack(Frame(30, 1, bytes.fromhex(data)))


def test_parameters_in_each_other_have_an_end() -> None:
    data = b""
    for _ in range(5_000):
        data = bytes.fromhex("00B2") + (len(data) + 4).to_bytes(2, "big") + data
        if len(data) > 60_000:
            break
    with pytest.raises(ProtocolError, match="too deep"):
        unpack(Frame(30, 1, data))


@given(st.integers(0, 1023), st.binary(max_size=200))
def test_garbage_raises_nothing_else(kind: int, data: bytes) -> None:
    try:
        body = unpack(Frame(kind, 1, data))
    except ProtocolError:
        return
    assert body is None or isinstance(body, Parameter)
