"""The decoders behind one shape: a gray picture in, sightings out, each engine optional but one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from unicodedata import category

from scanner.gray import Gray, as_array, as_buffer
from scanner.margin import has_margin
from scanner.reading import Corners

ENGINES = ("zxing", "zbar", "opencv")
"""The engines in the order in which they are trusted."""

SYMBOLOGIES = ("qr", "microqr", "code128", "datamatrix")
"""The symbologies that can be asked for."""

_ZXING_FORMATS = {
    "qr": "QRCode",
    "microqr": "MicroQRCode",
    "code128": "Code128",
    "datamatrix": "DataMatrix",
}
_ZBAR_SYMBOLS = {"qr": "QRCODE", "code128": "CODE128"}
_ZBAR_GUESSES = ("shift_jis", "big5", "latin-1")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A symbol that an engine found; `text` is None where it was located but could not be read."""

    text: str | None
    symbology: str
    corners: Corners


def engines_available() -> dict[str, str | None]:
    """Each engine's name with None if it works here, else the plain reason why it does not."""
    return {name: engine_fault(name) for name in ENGINES}


def engine_fault(name: str) -> str | None:
    """Why the engine `name` does not work here, or None if it does; loading it may take 0.2 s."""
    load = {"zxing": _zxing, "zbar": _zbar, "opencv": _opencv}[name]
    try:
        load()
    except (ImportError, OSError, AttributeError, RuntimeError) as error:
        # OSError: a shared library is there and cannot be loaded. The last two: numpy too old.
        return str(error) or type(error).__name__
    return None


def numpy_works() -> bool:
    """Whether numpy can be loaded: codes on bent surfaces are read with it."""
    try:
        import numpy as np
    except (ImportError, OSError):
        return False
    return hasattr(np, "linalg")


def read_zxing(
    gray: Gray,
    symbologies: Iterable[str],
    *,
    global_threshold: bool = False,
    is_pure: bool = False,
) -> list[Sighting]:
    """What zxing-cpp sees in `gray`, with the places that it located but could not read.

    A Micro QR without a margin counts as not read: it may be chance.

    `global_threshold` cuts black from white once for the whole picture, not part by part.
    `is_pure` says that the picture is a drawn symbol, upright and complete, and nothing else.
    """
    zxing = _zxing()
    formats = [getattr(zxing.BarcodeFormat, _ZXING_FORMATS[name]) for name in symbologies]
    binarizer = zxing.Binarizer
    found = zxing.read_barcodes(
        as_buffer(gray),
        formats=zxing.BarcodeFormats(formats),
        # The default mode for human eyes rewrites control characters and GS1 groups.
        text_mode=zxing.TextMode.Plain,
        binarizer=binarizer.GlobalHistogram if global_threshold else binarizer.LocalAverage,
        is_pure=is_pure,
        return_errors=True,
    )
    return [
        Sighting(
            text=code.text if code.valid and (is_pure or _is_apart(code, gray)) else None,
            symbology=_zxing_name(code),
            corners=_zxing_corners(code.position),
        )
        for code in found
    ]


def read_zbar(gray: Gray, symbologies: Iterable[str]) -> list[Sighting]:
    """What ZBar reads in `gray`; it knows neither Micro QR nor Data Matrix."""
    pyzbar = _zbar()
    names = {_ZBAR_SYMBOLS[name]: name for name in symbologies if name in _ZBAR_SYMBOLS}
    if not names:
        # An empty list would mean every symbology to ZBar.
        return []
    found = pyzbar.decode(gray, symbols=[pyzbar.ZBarSymbol[name] for name in names])
    return [
        Sighting(text=text, symbology=names[code.type], corners=_zbar_corners(code))
        for code in found
        if (text := _zbar_text(code.data))
    ]


def read_opencv(gray: Gray, symbologies: Iterable[str]) -> list[Sighting]:
    """What OpenCV's detector reads in `gray`; it knows QR codes only.

    `detectAndDecodeCurved` is never called: it ends the process on some pictures (OpenCV 4.14 and
    5.0). The str variants raise on texts that are not UTF-8, so the bytes are asked for.
    """
    if "qr" not in symbologies:
        return []
    cv2 = _opencv()
    try:
        _, texts, quads, _ = cv2.QRCodeDetector().detectAndDecodeBytesMulti(as_array(gray))
    except cv2.error:
        # Its decoder asserts on some pictures: a second opinion may have none.
        return []
    return [
        Sighting(
            text=text,
            symbology="qr",
            corners=tuple((round(float(x)), round(float(y))) for x, y in quad),
        )
        for data, quad in zip(texts, quads if quads is not None else (), strict=False)
        if (text := _utf8(data))
    ]


def _zxing() -> Any:
    import zxingcpp

    return zxingcpp


def _zbar() -> Any:
    from pyzbar import pyzbar

    return pyzbar


def _opencv() -> Any:
    import cv2

    # A folder of that name on the path imports well and is empty.
    if not hasattr(cv2, "QRCodeDetector"):
        raise ImportError("the module cv2 has no QRCodeDetector")
    return cv2


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Guessing a character set is guessing a text.
        return None


def _is_apart(code: Any, gray: Gray) -> bool:
    if code.format != _zxing().BarcodeFormat.MicroQRCode:
        return True
    return has_margin(gray, _zxing_corners(code.position))


def _zbar_text(data: bytes) -> str | None:
    """The text, or None where it may be ZBar's guess at a character set.

    It takes the bytes of a code for Shift-JIS or Big5 wherever they would be valid there, and so
    often where they are UTF-8.
    """
    text = _utf8(data)
    if text is None or text.isascii():
        return text
    may_be_guess = any(category(character) == "Co" for character in text)
    for charset in _ZBAR_GUESSES:
        try:
            raw = text.encode(charset)
        except UnicodeEncodeError:
            continue
        may_be_guess = True
        if (meant := _utf8(raw)) is not None:
            return meant
    return None if may_be_guess else text


def _zxing_name(code: Any) -> str:
    formats = _zxing().BarcodeFormat
    if code.format == formats.MicroQRCode:
        return "microqr"
    known = {formats.QRCode: "qr", formats.Code128: "code128", formats.DataMatrix: "datamatrix"}
    return known.get(code.symbology, str(code.format))


def _zxing_corners(position: Any) -> Corners:
    return tuple(
        (point.x, point.y)
        for point in (
            position.top_left,
            position.top_right,
            position.bottom_right,
            position.bottom_left,
        )
    )


def _zbar_corners(code: Any) -> Corners:
    points = [(int(point.x), int(point.y)) for point in code.polygon]
    if len(points) != 4:
        # Of a bar code it gives the ends of the scan lines, any number of points.
        left, top, width, height = code.rect
        right, bottom = left + width, top + height
        return ((left, top), (right, top), (right, bottom), (left, bottom))
    area = sum(
        x0 * y1 - x1 * y0
        for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True)
    )
    if area < 0:
        points.reverse()
    first = min(range(4), key=lambda index: sum(points[index]))
    return tuple(points[first:] + points[:first])
