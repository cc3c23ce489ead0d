"""A gray picture in either of its shapes: Pillow's, or an array of rows by columns as of a camera.

To copy a frame from one shape to the other costs as much as half a look at it, so it is done only
where the work asks for the other shape. Without numpy there are only Pillow's pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from PIL.Image import Image

Gray = Union["Image", "NDArray[numpy.uint8]"]
"""8-bit gray: a picture of Pillow's in mode L, or an array of rows by columns of bytes."""


def size_of(gray: Gray) -> tuple[int, int]:
    """Width and height in pixels."""
    from PIL.Image import Image

    return gray.size if isinstance(gray, Image) else (gray.shape[1], gray.shape[0])


def as_image(gray: Gray) -> Image:
    """The same as a picture of Pillow's."""
    from PIL.Image import Image, fromarray

    return gray if isinstance(gray, Image) else fromarray(gray)


def as_gray(picture: Gray) -> Gray:
    """The same, if it is a picture of Pillow's in another mode brought to gray."""
    from PIL.Image import Image

    if isinstance(picture, Image) and picture.mode != "L":
        return picture.convert("L")
    return picture


def as_array(gray: Gray) -> NDArray[numpy.uint8]:
    """The same as an array; needs numpy."""
    import numpy as np

    return np.asarray(gray)


def as_buffer(gray: Gray) -> Any:
    """The bytes with their rows and columns, as zxing-cpp takes them without a copy of its own.

    Given a picture of Pillow's, it would copy that twice.
    """
    from PIL.Image import Image

    if not isinstance(gray, Image):
        return gray
    return memoryview(gray.tobytes()).cast("B", (gray.height, gray.width))
