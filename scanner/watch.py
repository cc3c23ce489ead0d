"""Frames, a decoder and presence put together: what lies before the camera, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from scanner.camera import Frame, Signal
from scanner.engines import read_zxing
from scanner.gray import Gray
from scanner.presence import Event, Presence
from scanner.reading import PLAIN, Reading

Read = Callable[[Gray], Sequence[Reading]]
"""A decoder of frames, such as `Live.read`: 8-bit gray in, readings out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One frame, what was read in it, and who arrived or left with it."""

    frame: Frame
    readings: tuple[Reading, ...]
    events: tuple[Event, ...]


def watch(
    frames: Iterable[Frame | Signal], *, read: Read, presence: Presence
) -> Iterator[Watched | Signal]:
    """Read each frame as it comes; signals about the link pass through."""
    for item in frames:
        yield item if isinstance(item, Signal) else look_at(item, read=read, presence=presence)


def look_at(frame: Frame, *, read: Read, presence: Presence) -> Watched:
    """Read one frame and tell presence what was there."""
    readings = tuple(read(frame.gray()))
    events = presence.look(readings, frame=frame.number, seconds=frame.seconds)
    return Watched(frame=frame, readings=readings, events=events)


def read_plain(gray: Gray, symbologies: Sequence[str] = ("qr", "code128")) -> list[Reading]:
    """What the first engine alone reads in a frame: the quickest decoder there is, about 5 ms."""
    return [
        Reading(
            text=found.text,
            symbology=found.symbology,
            corners=found.corners,
            engine="zxing",
            pass_name=PLAIN,
        )
        for found in read_zxing(gray, symbologies)
        if found.text
    ]
