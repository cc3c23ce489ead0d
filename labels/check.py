"""Labels read back before they are printed, by a decoder that does not know how they were made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.bitmap import Bitmap
from labels.drawing import Drawing, Modules
from labels.font import Face
from labels.raster import bitmap

if TYPE_CHECKING:
    from PIL.Image import Image

_ENLARGED = 3
_RIM = 12 * _ENLARGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A label whose printed symbol does not read back as what it should say.

    `nth` is its place in the job, from 1; `found` is what was read: nothing, or something else.
    """

    name: str
    nth: int
    found: tuple[str, ...]


def unreadable(drawings: Iterable[Drawing], *, dpi: int, typeface: Face) -> list[Unreadable]:
    """Return the labels that do not read back exactly, made into the dots of a printer of `dpi`.

    What a symbol should say is decoded from its bare modules, what it says from the whole label,
    text, border and logo included. A label without a symbol has nothing to read. Raises
    ModuleTooSmallError, LogoError, SheetError.
    """
    bad = []
    for nth, drawing in enumerate(drawings, 1):
        wanted = [_alone(mark) for mark in drawing.marks if isinstance(mark, Modules)]
        found = _read(bitmap(drawing, dpi=dpi, typeface=typeface))
        if sorted(found) != sorted(text for one in wanted for text in one) or [] in wanted:
            bad.append(Unreadable(name=drawing.name, nth=nth, found=tuple(found)))
    return bad


def _alone(mark: Modules) -> list[str]:
    """Read a symbol from its modules, alone on paper."""
    from PIL.Image import Resampling, frombytes, new

    columns, rows = len(mark.matrix[0]), len(mark.matrix)
    data = bytes(0 if dark else 255 for row in mark.matrix for dark in row)
    # The bars of a linear code are one row of modules, and a reader wants some height.
    high = _ENLARGED if rows > 1 else 20 * _ENLARGED
    symbol = frombytes("L", (columns, rows), data)
    symbol = symbol.resize((columns * _ENLARGED, rows * high), Resampling.NEAREST)
    paper = new("L", (symbol.width + 2 * _RIM, symbol.height + 2 * _RIM), 255)
    paper.paste(symbol, (_RIM, _RIM))
    return _decoded(paper)


def _read(picture: Bitmap) -> list[str]:
    from PIL.Image import frombytes

    size = picture.width, picture.height
    return _decoded(frombytes("1", size, picture.rows, "raw", "1;I").convert("L"))


def _decoded(picture: Image) -> list[str]:
    import zxingcpp

    return [code.text for code in zxingcpp.read_barcodes(picture)]
