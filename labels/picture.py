"""Logos: PNG files checked and turned into ink or no ink."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from labels.label import LogoError

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST = 4000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def size(data: bytes) -> tuple[int, int]:
    """Return width and height of a PNG file in pixels; LogoError if it is none to print.

    Read from the head of the file, before anything is unpacked.
    """
    wide, high = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    if data[:8] != _SIGNATURE or data[12:16] != b"IHDR":
        raise LogoError(most=_MOST)
    if not (1 <= wide <= _MOST and 1 <= high <= _MOST):
        raise LogoError(most=_MOST)
    return wide, high


@lru_cache(maxsize=4)
def ink(data: bytes) -> Image:
    """Return a PNG file as a picture of mode 1, where 0 is ink; what is transparent is paper.

    Raises LogoError.
    """
    from PIL import Image

    size(data)
    try:
        with Image.open(BytesIO(data), formats=["PNG"]) as opened:
            coloured = opened.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise LogoError(most=_MOST) from error
    paper = Image.new("RGBA", coloured.size, "white")
    paper.alpha_composite(coloured)
    return paper.convert("L").point(lambda level: 255 if level >= 128 else 0).convert("1")
