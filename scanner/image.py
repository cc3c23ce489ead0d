"""Read every symbol in one picture: the plain pass always, the dearer ones only where they pay."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.engines import (
    ENGINES,
    SYMBOLOGIES,
    Sighting,
    engine_fault,
    read_opencv,
    read_zbar,
    read_zxing,
)
from scanner.passes import CROP_PASSES, PICTURE_PASSES, Pass
from scanner.picture import load_gray
from scanner.places import Ballot, centre, extent
from scanner.reading import OPINION, PLAIN, ChoiceUnknownError, Corners, EngineMissingError, Reading

if TYPE_CHECKING:
    from PIL.Image import Image

_WORK_PIXELS = 16_000_000
"""Larger pictures are shrunk to this for the fallback passes, to keep each step short."""

_OPINION_PIXELS = {"zbar": 4_000_000, "opencv": 1_500_000}
"""Second engines cannot be stopped and slow down with the picture: 4 s on 12 megapixels."""

_CROP_SIDE = 500
_CROP_MARGIN = 1.7
"""A located symbol is cut out this much wider than it is, and brought to `_CROP_SIDE` pixels."""

_LOCATING = frozenset({"blur", "clahe"})
"""The fallback passes whose located and unread places are worth a closer look, too."""

_Step = Callable[[], Iterable[Reading]]


def read_picture(
    source: Path | bytes,
    *,
    accept: Callable[[str], bool] | None = None,
    budget_seconds: float = 2.0,
    symbologies: Sequence[str] = ("qr", "microqr", "code128"),
    engines: Sequence[str] = ENGINES,
    now: Callable[[], float] = time.monotonic,
) -> tuple[Reading, ...]:
    """Every symbol read in `source`, from top to bottom and from left to right.

    What the plain pass reads is always returned, whatever `accept` says. If it leaves located
    places unread, or reads nothing that `accept` wants, the picture is tried again in other ways
    and with other engines until all is read or `budget_seconds` (by `now`) have passed since the
    call; a step once begun is finished. What those find counts only if `accept` says yes to the
    text, or, with no `accept`, if two different passes agree on it.

    Raises `PictureUnreadableError` if there is no picture, `ChoiceUnknownError` for a name that
    is no symbology or engine, `EngineMissingError` if no engine asked for works here.
    """
    deadline = now() + budget_seconds
    _check("symbology", symbologies, SYMBOLOGIES)
    _check("engine", engines, ENGINES)
    _require_one(engines)
    gray = load_gray(source)
    ballot = Ballot(accept)
    if "zxing" in engines and engine_fault("zxing") is None:
        seen = read_zxing(gray, symbologies)
        ballot.add_plain(_readings(seen, engine="zxing", pass_name=PLAIN))
        ballot.locate(found for found in seen if found.text is None)
    if not ballot.is_done():
        for step in _steps(gray, ballot, symbologies, engines):
            if ballot.is_done() or now() >= deadline:
                break
            ballot.vote(step())
    return ballot.readings()


def _steps(
    gray: Image, ballot: Ballot, symbologies: Sequence[str], engines: Sequence[str]
) -> Iterator[_Step]:
    """The fallback passes, one at a time, so that the budget can end them between any two."""
    work, scale = _shrunk(gray, _WORK_PIXELS)
    if "zxing" in engines and engine_fault("zxing") is None:
        for kind in PICTURE_PASSES:
            yield partial(_whole, work, scale, kind, ballot, symbologies)
        for place in ballot.unread():
            for kind in CROP_PASSES:
                if not ballot.is_unread(place):
                    break
                yield partial(_crop, gray, place, kind, symbologies)
    for engine in _OPINION_PIXELS:
        if engine in engines and engine_fault(engine) is None:
            yield partial(_opinion, gray, engine, symbologies)


def _whole(
    work: Image, scale: float, kind: Pass, ballot: Ballot, symbologies: Sequence[str]
) -> list[Reading]:
    seen = read_zxing(kind.prepare(work), symbologies, global_threshold=kind.global_threshold)
    factors = (scale * kind.squeeze[0], scale * kind.squeeze[1])
    seen = [_moved(found, factors, (0.0, 0.0)) for found in seen]
    if kind.name in _LOCATING:
        ballot.locate(found for found in seen if found.text is None)
    return _readings(seen, engine="zxing", pass_name=kind.name)


def _crop(gray: Image, place: Sighting, kind: Pass, symbologies: Sequence[str]) -> list[Reading]:
    from PIL.Image import Resampling

    x, y = centre(place.corners)
    reach = max(extent(place.corners) * _CROP_MARGIN / 2, 8.0)
    left, top = max(0.0, x - reach), max(0.0, y - reach)
    right, bottom = min(gray.width, x + reach), min(gray.height, y + reach)
    if right - left < 1 or bottom - top < 1:
        return []
    factor = _CROP_SIDE / (2 * reach)
    size = (max(1, round((right - left) * factor)), max(1, round((bottom - top) * factor)))
    # A damaged QR code is often located as a Micro QR: one of its finder patterns.
    names = (
        ("code128",)
        if place.symbology == "code128"
        else [name for name in symbologies if name != "code128"]
    )
    cut = gray.resize(size, Resampling.BICUBIC, box=(left, top, right, bottom))
    seen = read_zxing(kind.prepare(cut), names, global_threshold=kind.global_threshold)
    factors = (size[0] / (right - left), size[1] / (bottom - top))
    seen = [_moved(found, factors, (left, top)) for found in seen]
    return _readings(seen, engine="zxing", pass_name=kind.name)


def _opinion(gray: Image, engine: str, symbologies: Sequence[str]) -> list[Reading]:
    work, scale = _shrunk(gray, _OPINION_PIXELS[engine])
    read = read_zbar if engine == "zbar" else read_opencv
    seen = [_moved(found, (scale, scale), (0.0, 0.0)) for found in read(work, symbologies)]
    return _readings(seen, engine=engine, pass_name=OPINION)


def _shrunk(gray: Image, most: int) -> tuple[Image, float]:
    """The picture with at most `most` pixels, and by how much it was shrunk."""
    from PIL.Image import Resampling

    pixels = gray.width * gray.height
    if pixels <= most:
        return gray, 1.0
    scale = (most / pixels) ** 0.5
    size = (max(1, round(gray.width * scale)), max(1, round(gray.height * scale)))
    return gray.resize(size, Resampling.BOX), scale


def _moved(found: Sighting, factors: tuple[float, float], offset: tuple[float, float]) -> Sighting:
    """The sighting in pixels of the picture, from pixels of a scaled part of it."""
    if factors == (1.0, 1.0) and offset == (0.0, 0.0):
        return found
    corners: Corners = tuple(
        (round(x / factors[0] + offset[0]), round(y / factors[1] + offset[1]))
        for x, y in found.corners
    )
    return Sighting(text=found.text, symbology=found.symbology, corners=corners)


def _readings(seen: Iterable[Sighting], *, engine: str, pass_name: str) -> list[Reading]:
    return [
        Reading(
            text=found.text,
            symbology=found.symbology,
            corners=found.corners,
            engine=engine,
            pass_name=pass_name,
        )
        for found in seen
        # A symbol may hold no text at all; there is nothing to report of it.
        if found.text
    ]


def _require_one(engines: Sequence[str]) -> None:
    """Refuse the work if no engine can do it; later engines are not loaded before they are used."""
    reasons = []
    for name in (known for known in ENGINES if known in engines):
        reason = engine_fault(name)
        if reason is None:
            return
        reasons.append(f"{name}: {reason}")
    raise EngineMissingError(reasons="; ".join(reasons) or "none was asked for")


def _check(field: str, values: Sequence[str], known: Sequence[str]) -> None:
    for value in values:
        if value not in known:
            raise ChoiceUnknownError(field=field, value=value, known=", ".join(known))
