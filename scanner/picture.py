"""From a file or bytes to one gray picture, upright, with nothing hostile let through."""

from __future__ import annotations

import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.reading import PictureUnreadableError

if TYPE_CHECKING:
    from PIL.Image import Image

LIMIT_PIXELS = 200_000_000
"""The largest picture that is opened; the largest telephone cameras give just under this."""

_TOO_LARGE = f"it has more than {LIMIT_PIXELS // 1_000_000} megapixels"

# What Pillow's readers raise on broken data has no common root.
_DAMAGE = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, KeyError),
    *(IndexError, OverflowError, MemoryError, struct.error),
)

# Pillow keeps its own limit, and Python its warning filters, in globals of the process.
_LIMIT_LOCK = threading.Lock()


def load_gray(source: Path | bytes) -> Image:
    """The picture in `source` as 8-bit gray, turned the way its EXIF orientation says.

    Transparent parts become white, as on paper. Of an animation the first frame counts. Raises
    `PictureUnreadableError` for what is missing, no picture, cut short or over `LIMIT_PIXELS`.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with (
            _own_limit(),
            Image.open(source if isinstance(source, Path) else BytesIO(source)) as im,
        ):
            return _gray(im)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _refused(source, _TOO_LARGE) from error
    except UnidentifiedImageError as error:
        raise _refused(source, _why_unidentified(source)) from error
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise _refused(source, _why_closed(error)) from error
    except _DAMAGE as error:
        raise _refused(source, f"its data are cut short or damaged ({error})") from error


@contextmanager
def _own_limit() -> Iterator[None]:
    from PIL import Image

    with _LIMIT_LOCK, warnings.catch_warnings():
        # Odd metadata are no news to the one who scans; only the size matters.
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        before = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = LIMIT_PIXELS
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _gray(im: Image) -> Image:
    if im.format == "JPEG":
        # Gray is the first channel of a JPEG: taking it alone halves the time to load.
        im.draft("L", im.size)
    im.load()
    return _upright(_to_gray(im), _orientation(im))


def _to_gray(im: Image) -> Image:
    from PIL import Image

    if im.mode.startswith("I;16"):
        # A direct conversion would clip all but the darkest of the 65,536 shades to white.
        return im.convert("I").point(lambda shade: shade * (1 / 256)).convert("L")
    if "A" in im.getbands() or "transparency" in im.info:
        layer = im if "A" in im.getbands() else im.convert("RGBA")
        paper = Image.new("L", im.size, 255)
        paper.paste(layer.convert("L"), mask=layer.getchannel("A"))
        return paper
    return im.convert("L")


def _orientation(im: Image) -> int:
    from PIL.ExifTags import Base

    try:
        value = im.getexif().get(Base.Orientation, 1)
    except (SyntaxError, ValueError, TypeError, KeyError, OSError, struct.error):
        # A picture with a broken note of how to hold it is still a picture.
        return 1
    return value if isinstance(value, int) else 1


def _upright(gray: Image, orientation: int) -> Image:
    from PIL.Image import Transpose

    turn = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(orientation)
    return gray if turn is None else gray.transpose(turn)


def _refused(source: Path | bytes, reason: str) -> PictureUnreadableError:
    name = str(source) if isinstance(source, Path) else "The picture"
    return PictureUnreadableError(source=name, reason=reason)


def _why_unidentified(source: Path | bytes) -> str:
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    return "it is not a picture" if size else "it is empty"


def _why_closed(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "it does not exist"
    return "it is a folder" if isinstance(error, IsADirectoryError) else "it may not be opened"
