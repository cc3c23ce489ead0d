"""What stands on one label, in millimetres: made once, and the same for every writer.

A template and a label make a `Drawing`; PDF, SVG and bitmaps are made from it. Lengths are
millimetres from the upper left corner of the label, y grows downwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from labels.encode import Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Modules:
    """A symbol: the upper left corner of its dark area (no quiet zone) and the side of a module."""

    matrix: Matrix
    x: float
    y: float
    module: float
    tall: float = 1.0
    """Height of a module as a multiple of its width: 1, or that of the bars of a linear code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One row of text: its left end, its baseline, its size in points."""

    text: str
    x: float
    y: float
    size_pt: float
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle filled with ink: a line, or one side of a border."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A black-and-white picture, such as a logo, drawn into a rectangle."""

    data: bytes
    """A PNG file."""
    x: float
    y: float
    width: float
    height: float


Mark = Modules | Text | Box | Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One label, ready to be written: its size, its marks, and the code that names it in errors."""

    name: str
    width: float
    height: float
    marks: tuple[Mark, ...]
