"""What the person at the station sees: the frame, each code outlined, the basket beside it.

A `Scene` says everything in finished words, so that this module needs no language of its own. No
verdict is told by colour alone: each has a sign too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner.capture import load_opencv
from scanner.reading import Corners, ScanError

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from scanner.capture import Picture

    Mask = NDArray[numpy.uint8]

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]

WHITE: Colour = (255, 255, 255)
PALE: Colour = (175, 175, 175)
DARK: Colour = (36, 32, 30)
"""Blue, green, red."""

_LONGEST = 120
"""Characters of a text that are looked at: no line of the screen holds more."""

_FARTHEST = 20_000
"""Corners are drawn no farther out than this; OpenCV counts in small integers."""


class FontUnreadableError(ScanError):
    """The font file that the words of the window need cannot be used."""

    code = "scan.font_unreadable"
    template = "The font {path} cannot be used: {reason}."


class Verdict(StrEnum):
    """What becomes of a code: green with a tick, amber with a bang, red with a cross."""

    ACCEPTED = "accepted"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"


COLOURS: dict[Verdict, Colour] = {
    Verdict.ACCEPTED: (60, 150, 40),
    Verdict.DOUBTFUL: (0, 140, 230),
    Verdict.REFUSED: (45, 40, 215),
}
"""Blue, green, red of each verdict."""

SIGNS: dict[Verdict, tuple[tuple[tuple[float, float], ...], ...]] = {
    Verdict.ACCEPTED: (((0.15, 0.55), (0.4, 0.8), (0.85, 0.2)),),
    Verdict.DOUBTFUL: (((0.5, 0.1), (0.5, 0.6)), ((0.5, 0.84), (0.5, 0.86))),
    Verdict.REFUSED: (((0.2, 0.2), (0.8, 0.8)), ((0.8, 0.2), (0.2, 0.8))),
}
"""The sign of each verdict as strokes inside a unit square."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A code in the frame: its corners in pixels, the verdict, and lines such as id and name."""

    corners: Corners
    verdict: Verdict
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the basket or the message, with or without a verdict."""

    text: str
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that is drawn on one frame, in the words of the reader.

    `facts` are pairs of a heading and its value, such as the mode and the borrower. The newest
    line of `basket` is the last. `keys` tells which key does what.
    """

    marks: tuple[Mark, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    basket_title: str = ""
    basket: tuple[Line, ...] = ()
    message: Line | None = None
    keys: tuple[str, ...] = ()


class Painter:
    """Draws scenes with one font file; `index` is the face's number inside a collection.

    Raises `FontUnreadableError` for a file that is no font, `VideoMissingError` without OpenCV.
    """

    def __init__(self, font: Path, *, index: int = 0) -> None:
        self._cv2 = load_opencv()
        self._font = font
        self._index = index
        self._face = lru_cache(maxsize=8)(self._load_face)
        # The same words are drawn thirty times a second.
        self._mask = lru_cache(maxsize=512)(self._render)
        self._length = lru_cache(maxsize=4096)(self._measure)
        self._face(16)

    def draw(self, frame: Picture, scene: Scene) -> Picture:
        """A new picture: `frame` (rows x columns x blue, green, red) with the panel at its right.

        The panel is as wide as `panel_width` of the frame. The frame itself is not changed.
        """
        import numpy

        height, width = frame.shape[:2]
        panel = panel_width(width)
        size = max(12, height // 32)
        picture = numpy.empty((height, width + panel, 3), numpy.uint8)
        picture[:, :width] = frame
        picture[:, width:] = DARK
        view = picture[:, :width]
        for mark in scene.marks:
            self._outline(view, mark)
        for mark in scene.marks:
            self._chip(view, mark, size)
        if scene.message is not None:
            self._message(view, scene.message, size)
        self._panel(picture[:, width:], scene, size)
        return picture

    # --- the frame -------------------------------------------------------------------------

    def _outline(self, view: Picture, mark: Mark) -> None:
        import numpy

        if len(mark.corners) < 2:
            return
        points = numpy.clip(numpy.array(mark.corners), -_FARTHEST, _FARTHEST).astype(numpy.int32)
        thick = max(2, view.shape[0] // 240)
        for colour, width in ((DARK, thick + 3), (COLOURS[mark.verdict], thick)):
            self._cv2.polylines(
                view, [points], isClosed=True, color=colour, thickness=width,
                lineType=self._cv2.LINE_AA,
            )  # fmt: skip

    def _chip(self, view: Picture, mark: Mark, size: int) -> None:
        """The lines of a mark on a coloured ground above the code, or below where no room is."""
        if not mark.corners:
            return
        height, width = view.shape[:2]
        step = line_height(size)
        lines = [line for text in mark.lines if (line := clean(text))]
        room = min(width, 16 * size)
        texts = [self._fit(line, size, room - step - 8) for line in lines]
        broad = step + 8 + max((self._length(text, size) for text in texts), default=0)
        high = step * max(1, len(texts)) + 6
        top = min(y for _, y in mark.corners) - high - 6
        if top < 0:
            top = max(y for _, y in mark.corners) + 6
        top = max(0, min(top, height - high))
        left = max(0, min(min(x for x, _ in mark.corners), width - broad))
        self._fill(view, (left, top, left + broad, top + high), COLOURS[mark.verdict])
        self._sign(view, mark.verdict, (left + 2, top + 3), step)
        for row, text in enumerate(texts):
            self._write(view, text, (left + step + 2, top + 3 + row * step), size, WHITE)

    def _message(self, view: Picture, message: Line, size: int) -> None:
        height, width = view.shape[:2]
        big = size * 5 // 4
        step = line_height(big)
        rows = self._wrap(clean(message.text), big, width - 2 * step, most=2)
        top = height - step * len(rows) - 8
        ground = DARK if message.verdict is None else COLOURS[message.verdict]
        self._fill(view, (0, top, width, height), ground)
        if message.verdict is not None:
            self._sign(view, message.verdict, (4, top + 4), step)
        for row, text in enumerate(rows):
            self._write(view, text, (step + 8, top + 4 + row * step), big, WHITE)

    # --- the panel -------------------------------------------------------------------------

    def _panel(self, panel: Picture, scene: Scene, size: int) -> None:
        height, width = panel.shape[:2]
        small = max(10, size * 3 // 4)
        left, room = size // 2, width - size
        top = size // 2
        for heading, value in scene.facts:
            self._write(panel, self._fit(clean(heading), small, room), (left, top), small, PALE)
            top += line_height(small)
            self._write(panel, self._fit(clean(value), size, room), (left, top), size, WHITE)
            top += line_height(size) + size // 3
        keys = [self._fit(clean(text), small, room) for text in scene.keys]
        end = height - size // 2 - line_height(small) * len(keys)
        for row, text in enumerate(keys):
            self._write(panel, text, (left, end + row * line_height(small)), small, PALE)
        self._basket(panel, scene, (left, top, left + room, end - size // 3), size)

    def _basket(self, panel: Picture, scene: Scene, box: Box, size: int) -> None:
        left, top, right, bottom = box
        step = line_height(size)
        if scene.basket_title:
            title = self._fit(clean(scene.basket_title), size, right - left)
            self._write(panel, title, (left, top), size, WHITE)
            top += step
            self._fill(panel, (left, top, right, top + 2), PALE)
            top += 6
        room = max(0, (bottom - top) // step)
        hidden = max(0, len(scene.basket) - room)
        if hidden and room:
            # One row more is given up for saying how many lines are not shown.
            hidden += 1
            self._write(panel, f"… {hidden}", (left, top), size, PALE)
            top += step
        for line in scene.basket[hidden:] if room else ():
            if line.verdict is not None:
                self._fill(panel, (left, top, left + step - 4, top + step - 4),
                           COLOURS[line.verdict])  # fmt: skip
                self._sign(panel, line.verdict, (left, top), step - 4)
            text = self._fit(clean(line.text), size, right - left - step)
            self._write(panel, text, (left + step, top), size, WHITE)
            top += step

    # --- strokes and letters ---------------------------------------------------------------

    def _fill(self, picture: Picture, box: Box, colour: Colour) -> None:
        left, top, right, bottom = (max(0, edge) for edge in box)
        picture[top:bottom, left:right] = colour

    def _sign(self, picture: Picture, verdict: Verdict, at: tuple[int, int], side: int) -> None:
        import numpy

        for stroke in SIGNS[verdict]:
            points = numpy.array([(at[0] + x * side, at[1] + y * side) for x, y in stroke])
            self._cv2.polylines(
                picture, [points.round().astype(numpy.int32)], isClosed=False, color=WHITE,
                thickness=max(2, side // 8), lineType=self._cv2.LINE_AA,
            )  # fmt: skip

    def _write(
        self, picture: Picture, text: str, at: tuple[int, int], size: int, colour: Colour
    ) -> None:
        """Lay a text over the picture; what would stand outside is left out."""
        import numpy

        left, top = at
        height, width = picture.shape[:2]
        if not text or left < 0 or top < 0 or left >= width or top >= height:
            return
        mask = self._mask(text, size)[: height - top, : width - left]
        under = picture[top : top + mask.shape[0], left : left + mask.shape[1]]
        share = mask[..., None].astype(numpy.uint16)
        over = numpy.array(colour, numpy.uint16)
        under[:] = ((under * (255 - share) + over * share + 127) // 255).astype(numpy.uint8)

    def _render(self, text: str, size: int) -> Mask:
        import numpy
        from PIL import Image, ImageDraw

        paper = Image.new("L", (max(1, self._length(text, size)), line_height(size)), 0)
        ImageDraw.Draw(paper).text((0, size), text, fill=255, font=self._face(size), anchor="ls")
        return numpy.asarray(paper)

    def _measure(self, text: str, size: int) -> int:
        return int(self._face(size).getlength(text)) + 1

    def _fit(self, text: str, size: int, room: int) -> str:
        """The text, cut short with an ellipsis where it is wider than `room` pixels."""
        if self._length(text, size) <= room:
            return text
        while text and self._length(text + "…", size) > room:
            text = text[:-1]
        return text.rstrip() + "…" if text else ""

    def _wrap(self, text: str, size: int, room: int, *, most: int) -> list[str]:
        """The text in at most so many rows; Chinese may break anywhere, words between letters."""
        rows: list[str] = []
        while text and len(rows) < most - 1 and self._length(text, size) > room:
            count = next(n for n in _breaks(text) if self._length(text[:n], size) <= room or n <= 1)
            rows.append(text[:count].rstrip())
            text = text[count:].lstrip()
        return [*rows, self._fit(text, size, room)]

    def _load_face(self, size: int) -> Any:
        from PIL import ImageFont

        try:
            return ImageFont.truetype(str(self._font), size, index=self._index)
        except OSError as error:
            raise FontUnreadableError(path=str(self._font), reason=str(error)) from error


def panel_width(width: int) -> int:
    """How many pixels the panel takes beside a frame of that width."""
    return max(200, width * 3 // 10)


def line_height(size: int) -> int:
    """The pixels from one line to the next for letters of that size."""
    return size * 4 // 3


def clean(text: str) -> str:
    """One line without control characters and marks that turn the direction of writing."""
    kept = (" " if c.isspace() else c for c in text[:_LONGEST])
    return "".join(c for c in kept if unicodedata.category(c)[0] != "C").strip()


def _breaks(text: str) -> Iterator[int]:
    """Where a text may be broken, the last place first; after each letter if nowhere else."""
    for n in range(len(text), 1, -1):
        before, after = text[n - 1], text[n : n + 1]
        if before == " " or after == " " or ord(before) > 0x2E7F or ord(after or " ") > 0x2E7F:
            yield n
    yield from range(len(text), 0, -1)
