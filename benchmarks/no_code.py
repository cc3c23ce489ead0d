"""Frames without a code: that nothing is read in them, and what a camera's frame of them costs.

About half are cut from photographs, away from the marks; the rest are drawn to look like codes.
A wrong text is worse than none, so every mode looks at every frame, with and without our check.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import chain
from statistics import median

from PIL import Image

from assetctl.cli.scan import ours as is_ours
from benchmarks.made_frames import made_frames
from benchmarks.photographs import Photo, cut_frames
from benchmarks.timing import Row, milliseconds
from benchmarks.ways import QR, bmp
from scanner import read_picture
from scanner.engines import read_zxing
from scanner.gray import Gray, as_array
from scanner.image import MODES, Mode
from scanner.live import Live
from scanner.reading import Reading

_HALF, _QUICK_HALF = 510, 50
"""How many frames of either kind; a few more than needed."""

_SHOWN = 4
"""How often a camera sees each frame, so that its dearer looks have their turns."""

_TIMED, _ROUNDS = 60, 11

_ALL = ("qr", "microqr", "code128")
"""What the program looks for."""

Accept = Callable[[str], bool] | None
Look = Callable[[Image.Image], Iterable[Reading]]


def no_code(photos: Sequence[Photo], *, quick: bool) -> list[Row]:
    """Count the texts read where there is none, and measure what a frame without a tag costs."""
    half = _QUICK_HALF if quick else _HALF
    rows = _false_texts(chain(cut_frames(photos, half), made_frames(half)))
    if photos:
        frames = [as_array(frame) for frame in cut_frames(photos, _TIMED // (3 if quick else 1))]
        rows += [_live_cost(frames, "QR codes", QR), _live_cost(frames, "all symbologies", _ALL)]
    return rows


def _false_texts(frames: Iterable[Image.Image]) -> list[Row]:
    looks = {
        f"{mode}, {checked}": look
        for checked, accept in (("two passes agree", None), ("our check", is_ours))
        for mode, look in _looks(accept).items()
    }
    false, different = dict.fromkeys(looks, 0), set()
    for number, frame in enumerate(frames):
        different.add(sha256(frame.tobytes()).digest())
        for name, look in looks.items():
            for reading in look(frame):
                false[name] += 1
                # To be looked at: a photograph may hold a code that nobody marked.
                print(f"frame {number} without a code: {name}: {reading}", file=sys.stderr)
    return [
        Row(name=f"decoding {len(different):,} frames without a code: texts, {name}",
            ours=str(count), base="0", ratio=float(count), at_most=0.0)
        for name, count in false.items()
    ]  # fmt: skip


def _looks(accept: Accept) -> dict[str, Look]:
    live = Live(accept=accept)

    def filmed(frame: Image.Image) -> list[Reading]:
        gray = as_array(frame)
        return [reading for _ in range(_SHOWN) for reading in live.read(gray)]

    return {"live": filmed} | {mode: _photographed(mode, accept) for mode in MODES}


def _photographed(mode: Mode, accept: Accept) -> Look:
    # A frozen clock: a slow machine looks as often as a fast one.
    return lambda frame: read_picture(bmp(frame), accept=accept, mode=mode, now=lambda: 0.0)


def _live_cost(frames: Sequence[Gray], name: str, symbologies: Sequence[str]) -> Row:
    """Processor time of a camera's frame against zxing-cpp alone, in turns."""
    live = Live(symbologies=symbologies)
    sides: list[Callable[[Gray], object]] = [
        live.read, lambda frame: read_zxing(frame, symbologies)
    ]  # fmt: skip
    turns = []
    for number in range(_ROUNDS + 1):
        costs = [0.0, 0.0]
        for side in (0, 1) if number % 2 else (1, 0):
            before = time.process_time()
            for frame in frames:
                sides[side](frame)
            costs[side] = (time.process_time() - before) / len(frames)
        turns.append(costs)
    # The first turn pays for what is loaded once.
    ours, base = (median(turn[side] for turn in turns[1:]) for side in (0, 1))
    ratio = median(mine / theirs for mine, theirs in turns[1:])
    return Row(name=f"decoding live: frame without a tag, {name}, cpu", ours=milliseconds(ours),
               base=milliseconds(base), ratio=ratio, at_most=1.3)  # fmt: skip
