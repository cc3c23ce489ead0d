"""Pictures that the tests of the scanner make for themselves."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
import qrcode
from PIL import Image

MakeCode = Callable[..., Image.Image]
Encode = Callable[..., bytes]


@pytest.fixture
def make_code() -> MakeCode:
    """A QR code as a gray picture: black on white, `box` pixels a module, `border` modules."""

    def make(text: str, *, box: int = 6, border: int = 4) -> Image.Image:
        code = qrcode.QRCode(box_size=box, border=border)
        code.add_data(text)
        code.make(fit=True)
        image: Image.Image = code.make_image().get_image().convert("L")
        return image

    return make


@pytest.fixture
def encode() -> Encode:
    """A picture as the bytes of a file."""

    def to_bytes(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
        out = BytesIO()
        image.save(out, kind, **options)
        return out.getvalue()

    return to_bytes


@pytest.fixture
def faded(make_code: MakeCode) -> Callable[[str], Image.Image]:
    """A code with 12 of 256 shades of contrast: too little for the plain pass."""

    def make(text: str) -> Image.Image:
        return make_code(text).point(lambda shade: 120 if shade < 128 else 132)

    return make
