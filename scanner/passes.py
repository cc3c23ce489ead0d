"""The ways to prepare a picture for another try, cheapest gain first.

Which of them pay was measured on 1,232 symbols photographed by strangers; most of what the plain
pass misses is uneven light, glare, noise or tilt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scanner.engines import engine_fault

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One preparation: its name, what it does, and how black is cut from white after it.

    `squeeze` is by how much it shrinks (width, height), to find the way back to the picture.
    """

    name: str
    prepare: Callable[[Image], Image]
    global_threshold: bool = False
    squeeze: tuple[float, float] = (1.0, 1.0)


def as_is(gray: Image) -> Image:
    """The picture itself."""
    return gray


def blurred(gray: Image) -> Image:
    """A Gaussian blur of one pixel: noise goes, modules of two pixels and more stay."""
    cv2, numpy = _arrays()
    if cv2 is None:
        from PIL import ImageFilter

        return gray.filter(ImageFilter.GaussianBlur(1))
    return _image(cv2.GaussianBlur(numpy.asarray(gray), (0, 0), 1))


def levelled(gray: Image) -> Image:
    """Contrast evened out tile by tile (CLAHE 3, 8 by 8), or over the whole without OpenCV."""
    cv2, numpy = _arrays()
    if cv2 is None:
        from PIL import ImageOps

        return ImageOps.equalize(gray)
    return _image(cv2.createCLAHE(3, (8, 8)).apply(numpy.asarray(gray)))


def stretched(gray: Image) -> Image:
    """Contrast stretched to the full range, without the outermost percent: for faded print."""
    from PIL import ImageOps

    return ImageOps.autocontrast(gray, cutoff=1)


def soft_levelled(gray: Image) -> Image:
    """Blurred by two pixels, then levelled: for noise under uneven light."""
    cv2, numpy = _arrays()
    if cv2 is None:
        from PIL import ImageFilter

        return levelled(gray.filter(ImageFilter.GaussianBlur(2)))
    return levelled(_image(cv2.GaussianBlur(numpy.asarray(gray), (0, 0), 2)))


def brightened(gray: Image) -> Image:
    """Gamma 0.4: opens shadows."""
    return gray.point(_gamma(0.4))


def darkened(gray: Image) -> Image:
    """Gamma 2.5: brings back what glare has washed out."""
    return gray.point(_gamma(2.5))


def sharpened(gray: Image) -> Image:
    """An unsharp mask of two pixels."""
    from PIL import ImageFilter

    return gray.filter(ImageFilter.UnsharpMask(radius=2, percent=150, threshold=0))


def flattened(gray: Image) -> Image:
    """The picture divided by its own light: a mean over a fifteenth of the shorter side."""
    from PIL import Image, ImageChops, ImageFilter

    small = gray.resize((max(1, gray.width // 4), max(1, gray.height // 4)), Image.Resampling.BOX)
    radius = max(2, min(small.size) // 15)
    light = small.filter(ImageFilter.BoxBlur(radius)).resize(gray.size, Image.Resampling.BILINEAR)
    return ImageChops.subtract(gray, light, scale=0.5, offset=128)


def narrowed(gray: Image) -> Image:
    """Half the width: a symbol tilted away up or down becomes square again."""
    return gray.resize((max(1, gray.width // 2), gray.height), _box())


def lowered(gray: Image) -> Image:
    """Half the height: the same for a symbol tilted away to a side."""
    return gray.resize((gray.width, max(1, gray.height // 2)), _box())


def halved(gray: Image) -> Image:
    """Half of both sides: fine noise and the gaps of dotted print go."""
    return gray.resize((max(1, gray.width // 2), max(1, gray.height // 2)), _box())


def half_levelled(gray: Image) -> Image:
    """Half of both sides, then levelled: most of what levelling does for a fourth of the price."""
    return levelled(halved(gray))


BLUR = Pass(name="blur", prepare=blurred)
HALF_PASS = Pass(name="half", prepare=halved, squeeze=(0.5, 0.5))

NOISY_PASSES = (BLUR,)
"""What comes first on a picture that is noisy all over."""

FIRST_PASSES = (
    Pass(name="binarizer", prepare=as_is, global_threshold=True),
    Pass(name="gamma-bright", prepare=brightened),
    Pass(name="squeeze-height", prepare=lowered, squeeze=(1.0, 0.5)),
)
"""The tries on the whole picture that read most per millisecond, in that order."""

SECOND_PASSES = (
    Pass(name="squeeze-width", prepare=narrowed, squeeze=(0.5, 1.0)),
    Pass(name="gamma-dark", prepare=darkened),
    BLUR,
    Pass(name="blur-clahe", prepare=soft_levelled),
)
"""What comes after the first look at bent codes."""

LATER_PASSES = (
    Pass(name="flat-local", prepare=flattened),
    Pass(name="clahe", prepare=levelled),
    Pass(name="stretch", prepare=stretched),
    Pass(name="flat", prepare=flattened, global_threshold=True),
    HALF_PASS,
)
"""The tries on the whole picture after a closer look at what was located."""

PICTURE_PASSES = (*FIRST_PASSES, *SECOND_PASSES, *LATER_PASSES)

LIVE_PASSES = (
    (Pass(name="binarizer", prepare=as_is, global_threshold=True), 0.4),
    (Pass(name="half-clahe", prepare=half_levelled, squeeze=(0.5, 0.5)), 0.7),
    (Pass(name="squeeze-height", prepare=lowered, squeeze=(1.0, 0.5)), 0.8),
    (Pass(name="gamma-bright", prepare=brightened), 1.4),
    (Pass(name="squeeze-width", prepare=narrowed, squeeze=(0.5, 1.0)), 0.8),
    (Pass(name="gamma-dark", prepare=darkened), 1.4),
    (BLUR, 1.8),
    (Pass(name="clahe", prepare=levelled), 2.5),
    (Pass(name="stretch", prepare=stretched), 1.5),
)
"""The tries on a whole frame of a stream, and what each costs in plain looks, about."""

CROP_PASSES = (
    Pass(name="crop", prepare=as_is),
    Pass(name="crop-clahe", prepare=levelled),
    Pass(name="crop-blur", prepare=blurred),
    Pass(name="crop-sharp", prepare=sharpened),
    Pass(name="crop-gamma-bright", prepare=brightened),
    Pass(name="crop-gamma-dark", prepare=darkened),
    Pass(name="crop-binarizer", prepare=as_is, global_threshold=True),
    Pass(name="crop-flat", prepare=flattened, global_threshold=True),
)
"""The tries on the enlarged surroundings of a place that was located and not read."""


def _gamma(power: float) -> list[int]:
    return [round(255 * (shade / 255) ** power) for shade in range(256)]


def _arrays() -> tuple[Any, Any]:
    """OpenCV and numpy, or a pair of None where either is missing or broken."""
    if engine_fault("opencv") is not None:
        return None, None
    import cv2
    import numpy

    return cv2, numpy


def _image(pixels: Any) -> Image:
    from PIL import Image

    return Image.fromarray(pixels)


def _box() -> Any:
    from PIL.Image import Resampling

    return Resampling.BOX
