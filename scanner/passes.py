"""The ways to prepare a picture for another try, cheapest gain first.

Which of them pay was measured on 1,232 symbols photographed by strangers; most of what the plain
pass misses is uneven light, glare, noise or tilt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scanner.engines import engine_fault
from scanner.gray import Gray, as_array, as_image, size_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One preparation: its name, what it does, and how black is cut from white after it.

    `squeeze` is by how much it shrinks (width, height), to find the way back to the picture.
    """

    name: str
    prepare: Callable[[Gray], Gray]
    global_threshold: bool = False
    squeeze: tuple[float, float] = (1.0, 1.0)


def as_is(gray: Gray) -> Gray:
    """The picture itself."""
    return gray


def blurred(gray: Gray) -> Gray:
    """A Gaussian blur of one pixel: noise goes, modules of two pixels and more stay."""
    return _blurred(gray, 1)


def levelled(gray: Gray) -> Gray:
    """Contrast evened out tile by tile (CLAHE 3, 8 by 8), or over the whole without OpenCV."""
    cv2 = _cv2()
    if cv2 is None:
        from PIL import ImageOps

        return ImageOps.equalize(as_image(gray))
    levels: Gray = cv2.createCLAHE(3, (8, 8)).apply(as_array(gray))
    return levels


def stretched(gray: Gray) -> Gray:
    """Contrast stretched to the full range, without the outermost percent: for faded print."""
    if _cv2() is None:
        from PIL import ImageOps

        return ImageOps.autocontrast(as_image(gray), cutoff=1)
    import numpy as np

    pixels = as_array(gray)
    # Some 300 rows and columns tell the percents as well as all of them.
    step = max(1, min(pixels.shape) // 300)
    counts = np.bincount(pixels[::step, ::step].ravel(), minlength=256).cumsum()
    low = int(np.searchsorted(counts, counts[-1] * 0.01, side="right"))
    high = int(np.searchsorted(counts, counts[-1] * 0.99))
    spread = 255 / max(1, high - low)
    return _mapped(gray, [min(255, max(0, round((s - low) * spread))) for s in range(256)])


def soft_levelled(gray: Gray) -> Gray:
    """Blurred by two pixels, then levelled: for noise under uneven light."""
    return levelled(_blurred(gray, 2))


def brightened(gray: Gray) -> Gray:
    """Gamma 0.4: opens shadows."""
    return _mapped(gray, _gamma(0.4))


def darkened(gray: Gray) -> Gray:
    """Gamma 2.5: brings back what glare has washed out."""
    return _mapped(gray, _gamma(2.5))


def sharpened(gray: Gray) -> Gray:
    """An unsharp mask of two pixels."""
    cv2 = _cv2()
    if cv2 is None:
        from PIL import ImageFilter

        return as_image(gray).filter(ImageFilter.UnsharpMask(radius=2, percent=150, threshold=0))
    pixels = as_array(gray)
    sharp: Gray = cv2.addWeighted(pixels, 2.5, cv2.GaussianBlur(pixels, (0, 0), 2), -1.5, 0)
    return sharp


def flattened(gray: Gray) -> Gray:
    """The picture divided by its own light: a mean over a fifteenth of the shorter side."""
    from PIL import Image, ImageChops, ImageFilter

    width, height = size_of(gray)
    size = (max(1, width // 4), max(1, height // 4))
    radius = max(2, min(size) // 15)
    cv2 = _cv2()
    if cv2 is None:
        from PIL import Image, ImageChops, ImageFilter

        small = as_image(gray).resize(size, Image.Resampling.BOX)
        soft = small.filter(ImageFilter.BoxBlur(radius))
        light = soft.resize((width, height), Image.Resampling.BILINEAR)
        return ImageChops.subtract(as_image(gray), light, scale=0.5, offset=128)
    pixels = as_array(gray)
    tiny = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    soft = cv2.blur(tiny, (2 * radius + 1, 2 * radius + 1), borderType=cv2.BORDER_REPLICATE)
    even: Gray = cv2.addWeighted(pixels, 2.0, cv2.resize(soft, (width, height)), -2.0, 128.0)
    return even


def narrowed(gray: Gray) -> Gray:
    """Half the width: a symbol tilted away up or down becomes square again."""
    return _halved(gray, 2, 1)


def lowered(gray: Gray) -> Gray:
    """Half the height: the same for a symbol tilted away to a side."""
    return _halved(gray, 1, 2)


def halved(gray: Gray) -> Gray:
    """Half of both sides: fine noise and the gaps of dotted print go."""
    return _halved(gray, 2, 2)


def half_levelled(gray: Gray) -> Gray:
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
    (Pass(name="gamma-bright", prepare=brightened), 1.8),
    (Pass(name="binarizer", prepare=as_is, global_threshold=True), 0.5),
    (Pass(name="squeeze-height", prepare=lowered, squeeze=(1.0, 0.5)), 1.0),
    (Pass(name="flat-local", prepare=flattened), 2.7),
    (Pass(name="squeeze-width", prepare=narrowed, squeeze=(0.5, 1.0)), 0.9),
    (Pass(name="gamma-dark", prepare=darkened), 1.5),
    (BLUR, 1.8),
    (Pass(name="half-clahe", prepare=half_levelled, squeeze=(0.5, 0.5)), 1.8),
    (Pass(name="stretch", prepare=stretched), 3.2),
)
"""The tries on a whole frame of a stream, and what each costs in plain looks for QR codes.

Levelling the whole costs six and reads hardly more than these; a closer look still levels.
"""

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


def _mapped(gray: Gray, shades: list[int]) -> Gray:
    """Each shade put in place of another."""
    cv2 = _cv2()
    if cv2 is None:
        return as_image(gray).point(shades)
    import numpy as np

    mapped: Gray = cv2.LUT(as_array(gray), np.array(shades, np.uint8))
    return mapped


def _blurred(gray: Gray, sigma: float) -> Gray:
    cv2 = _cv2()
    if cv2 is None:
        from PIL import ImageFilter

        return as_image(gray).filter(ImageFilter.GaussianBlur(sigma))
    soft: Gray = cv2.GaussianBlur(as_array(gray), (0, 0), sigma)
    return soft


def _halved(gray: Gray, across: int, down: int) -> Gray:
    """Smaller by whole factors of one or two, each pixel the mean of those that it stands for."""
    width, height = size_of(gray)
    size = (max(1, width // across), max(1, height // down))
    cv2 = _cv2()
    if cv2 is None:
        from PIL.Image import Resampling

        return as_image(gray).resize(size, Resampling.BOX)
    # Straight lines between pixels, taken half way, are that mean, and are quickest.
    small: Gray = cv2.resize(as_array(gray), size, interpolation=cv2.INTER_LINEAR)
    return small


def _cv2() -> Any:
    """OpenCV, or None where it or numpy is missing or broken."""
    if engine_fault("opencv") is not None:
        return None
    import cv2

    return cv2
