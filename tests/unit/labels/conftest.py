from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image


@pytest.fixture
def logo() -> bytes:
    """A PNG of 40 x 20 pixels: black on the left, see-through in the middle, white on the right."""
    picture = Image.new("RGBA", (40, 20), (255, 255, 255, 255))
    picture.paste((0, 0, 0, 255), (0, 0, 20, 20))
    picture.paste((0, 0, 0, 0), (20, 0, 30, 20))
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
