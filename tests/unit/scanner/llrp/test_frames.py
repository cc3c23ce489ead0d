"""Messages in a stream of bytes, however it is cut, and what is no message."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.llrp.frames import HEADER, LONGEST, Frame, Framer, ProtocolError, frame

FRAMES = st.lists(
    st.builds(Frame, st.integers(0, 1023), st.integers(0, 2**32 - 1), st.binary(max_size=80)),
    max_size=8,
)


def test_a_message_by_the_standard() -> None:
    # LLRP 1.1, 17.1.33: KEEPALIVE is type 62, version 1, ten bytes long, here number 0x0A0B0C0D.
    data = bytes.fromhex("043E0000000A0A0B0C0D")
    assert frame(62, 0x0A0B0C0D) == data
    assert list(Framer().feed(data)) == [Frame(62, 0x0A0B0C0D, b"")]
    assert list(Framer().feed(b"\x08" + data[1:])) == [Frame(62, 0x0A0B0C0D, b"")]


@given(FRAMES, st.lists(st.integers(0, 700), max_size=12))
def test_any_cut_gives_the_same_messages(frames: list[Frame], cuts: list[int]) -> None:
    stream = b"".join(frame(one.kind, one.number, one.body) for one in frames)
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    framer, found = Framer(), []
    for start, end in pairwise(places):
        found += list(framer.feed(stream[start:end]))
    assert found == frames
    assert framer.held == 0


@pytest.mark.parametrize(
    "header",
    [
        HEADER.pack(1 << 10 | 62, 3, 1),
        HEADER.pack(1 << 10 | 62, 9, 1),
        HEADER.pack(1 << 10 | 62, LONGEST + 1, 1),
        HEADER.pack(1 << 10 | 62, 0xFFFFFFFF, 1),
        HEADER.pack(0 << 10 | 62, 10, 1),
        HEADER.pack(3 << 10 | 62, 10, 1),
        HEADER.pack(1 << 15 | 1 << 10 | 62, 10, 1),
    ],
)
def test_what_is_no_message_is_told_after_those_before_it(header: bytes) -> None:
    framer = Framer()
    before = [Frame(62, 1, b""), Frame(61, 2, b"x")]
    stream = framer.feed(frame(62, 1) + frame(61, 2, b"x") + header)
    assert [next(stream), next(stream)] == before
    with pytest.raises(ProtocolError):
        next(stream)
    assert framer.held == len(header)


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_garbage_raises_nothing_else_and_is_not_hoarded(pieces: list[bytes]) -> None:
    framer = Framer()
    with suppress(ProtocolError):
        for piece in pieces:
            list(framer.feed(piece))
    assert framer.held <= LONGEST + 200
