"""Pillow's pictures and arrays of bytes read alike, and every preparation takes both."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageFilter

from scanner.engines import read_opencv, read_zbar, read_zxing
from scanner.gray import as_array, as_buffer, as_gray, as_image, size_of
from scanner.live import Live
from scanner.passes import CROP_PASSES, LIVE_PASSES, PICTURE_PASSES, Pass

MakeCode = Callable[..., Image.Image]

TEXT = "HTTPS://EXAMPLE.CN/A/7K3M9PQX2R"
EVERY = {kind.name: kind for kind in (*PICTURE_PASSES, *CROP_PASSES, *(k for k, _ in LIVE_PASSES))}


def scene() -> Image.Image:
    """Something with every shade in it, rough and smooth parts, and odd sides."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:301, 0:433]
    shades = 60 + x / 433 * 140 + 40 * np.sin(y / 9) * (x > 200) + rng.normal(0, 6, x.shape)
    image = Image.fromarray(shades.clip(0, 255).astype(np.uint8))
    return image.filter(ImageFilter.GaussianBlur(1))


def test_both_shapes_say_the_same(make_code: MakeCode) -> None:
    image = make_code(TEXT)
    array = as_array(image)
    assert size_of(image) == size_of(array) == image.size
    assert np.array_equal(as_array(as_image(array)), array)
    assert bytes(as_buffer(image)) == array.tobytes()
    assert as_gray(array) is array
    assert as_gray(image) is image
    for read in (read_zxing, read_zbar, read_opencv):
        assert read(image, ("qr",)) == read(array, ("qr",))


def test_part_of_a_larger_array_is_read_where_it_is(make_code: MakeCode) -> None:
    code = as_array(make_code(TEXT))
    frame = np.full((700, 900), 255, np.uint8)
    frame[200 : 200 + len(code), 300 : 300 + len(code)] = code
    view = frame[150:650, 250:850]
    assert not view.flags.c_contiguous
    (seen,) = read_zxing(view, ("qr",))
    assert seen.text == TEXT
    assert seen.corners[0] == pytest.approx((50 + 24, 50 + 24), abs=2)


@pytest.mark.parametrize("kind", EVERY.values(), ids=EVERY)
def test_a_preparation_of_an_array_is_that_of_the_picture(kind: Pass) -> None:
    image = scene()
    before = image.tobytes()
    one, other = as_array(kind.prepare(image)), as_array(kind.prepare(as_array(image)))
    assert np.array_equal(one, other)
    assert image.tobytes() == before


@pytest.mark.parametrize(
    "kind",
    [kind for name, kind in EVERY.items() if "clahe" not in name],
    ids=[name for name in EVERY if "clahe" not in name],
)
def test_without_opencv_a_preparation_comes_out_nearly_the_same(
    kind: Pass, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = as_array(kind.prepare(scene())).astype(int)
    monkeypatch.setitem(sys.modules, "cv2", None)
    plain = as_array(kind.prepare(scene())).astype(int)
    assert plain.shape == quick.shape
    assert np.abs(plain - quick).mean() < 2


def test_a_stream_of_arrays_reads_as_one_of_pictures(make_code: MakeCode) -> None:
    frame = make_code(TEXT).resize((640, 360))
    faded = frame.point(lambda shade: 120 if shade < 128 else 132)
    for one in (frame, faded):
        pictures, arrays = Live(), Live()
        array = as_array(one)
        assert [pictures.read(one) for _ in range(90)] == [arrays.read(array) for _ in range(90)]
