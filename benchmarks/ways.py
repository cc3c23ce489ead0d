"""The ways of reading that are set against each other: our modes, and every engine by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from scanner import engines_available, read_picture
from scanner.engines import Sighting, read_opencv, read_zbar, read_zxing
from scanner.gray import Gray, as_array
from scanner.image import MODES, Mode

QR = ("qr",)
"""What the engines are asked for: QR codes alone, which all of them know."""

ALONE = "zxing-cpp alone"
"""The best engine by itself: what costs are set against."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture in the shapes that the ways want: an array of gray, and an uncompressed file."""

    gray: Gray
    file: bytes

    @classmethod
    def of(cls, gray: Image.Image) -> Shown:
        """The picture, ready beforehand, so that hardly more than the reading is measured."""
        return cls(as_array(gray), bmp(gray))


Way = Callable[[Shown], list[Sighting]]
"""What one way of reading says is in a picture: texts with their places."""


def engines_alone() -> dict[str, Way]:
    """Each engine that works here, given the picture as it is; zxing-cpp with both binarisers."""
    ways: dict[str, Way] = {
        ALONE: lambda shown: _texts(read_zxing(shown.gray, QR)),
        "zxing-cpp, global": lambda shown: _texts(
            read_zxing(shown.gray, QR, global_threshold=True)
        ),
    }
    if engines_available()["zbar"] is None:
        ways["pyzbar alone"] = lambda shown: _texts(read_zbar(shown.gray, QR))
    if engines_available()["opencv"] is None:
        ways["OpenCV alone"] = lambda shown: _texts(read_opencv(shown.gray, QR))
    return ways


def our_modes() -> dict[str, Way]:
    """Our modes, without `accept`: strangers' texts count only where two passes agree."""
    return {mode: _ours(mode) for mode in MODES}


def bmp(gray: Image.Image) -> bytes:
    """A picture as a file that costs next to nothing to open."""
    out = BytesIO()
    gray.save(out, "BMP")
    return out.getvalue()


def _ours(mode: Mode) -> Way:
    def read(shown: Shown) -> list[Sighting]:
        # A frozen clock: neither a fast nor a slow machine changes what is read.
        readings = read_picture(shown.file, mode=mode, symbologies=QR, now=lambda: 0.0)
        return [Sighting(one.text, one.symbology, one.corners) for one in readings]

    return read


def _texts(seen: list[Sighting]) -> list[Sighting]:
    return [one for one in seen if one.text]
