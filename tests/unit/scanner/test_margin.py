"""Micro QR codes with a margin are read; chance in a field of modules is not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from scanner import read_picture
from scanner.engines import read_zxing
from scanner.live import Live
from scanner.margin import has_margin

Encode = Callable[..., bytes]
Modules = NDArray[np.uint8]

DIGITS = "40961"


def micro(text: str) -> Modules:
    """The modules of a Micro QR, 0 or 255, without a margin."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.MicroQRCode)
    return np.asarray(zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False))


def drawn(modules: Modules, *, box: int = 6) -> Image.Image:
    return Image.fromarray(np.kron(modules, np.ones((box, box))).astype(np.uint8))


def on_a_ground(code: Image.Image, shade: int) -> Image.Image:
    frame = Image.new("L", (500, 400), shade)
    frame.paste(code, (140, 90))
    return frame


def in_a_field(modules: Modules, seed: int) -> Image.Image:
    """The code as chance would make it: random modules on its right and below."""
    field = np.random.default_rng(seed).integers(0, 2, (41, 41), dtype=np.uint8) * 255
    field[:4], field[:, :4] = 255, 255
    field[4 : 4 + len(modules), 4 : 4 + len(modules)] = modules
    return drawn(field, box=8)


@pytest.mark.parametrize("text", [DIGITS, "A7", "K7M29QXD", "HTTPS://A.CN/9"])
@pytest.mark.parametrize("ground", [20, 128, 255])
def test_a_micro_qr_with_its_margin_is_read_on_any_ground(text: str, ground: int) -> None:
    code = drawn(np.pad(micro(text), 2, constant_values=255))
    for turn in (0, 90, 180, 270):
        (seen,) = read_zxing(on_a_ground(code.rotate(turn, expand=True), ground), ("microqr",))
        assert (seen.text, seen.symbology) == (text, "microqr")


def test_a_micro_qr_held_askew_soft_and_noisy_is_read() -> None:
    code = drawn(np.pad(micro(DIGITS), 2, constant_values=255).astype(np.uint8))
    for turn in range(0, 360, 15):
        held = code.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=90)
        soft = on_a_ground(held, 90).filter(ImageFilter.GaussianBlur(1))
        grain = np.random.default_rng(turn).normal(0, 10, (400, 500))
        frame = Image.fromarray((np.asarray(soft) + grain).clip(0, 255).astype(np.uint8))
        texts = [seen.text for seen in read_zxing(frame, ("microqr",)) if seen.text]
        assert texts == [DIGITS], turn


def test_a_light_micro_qr_on_a_dark_ground_is_read() -> None:
    code = drawn(255 - np.pad(micro(DIGITS), 2, constant_values=255))
    (seen,) = read_zxing(on_a_ground(code, 0), ("microqr",))
    assert seen.text == DIGITS


@pytest.mark.parametrize("seed", range(8))
def test_chance_in_a_field_of_modules_is_no_micro_qr(seed: int, encode: Encode) -> None:
    frame = in_a_field(micro(DIGITS), seed)
    # The engine by itself takes it for a code, and so would every other pass.
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.MicroQRCode])
    raw = zxingcpp.read_barcodes(np.asarray(frame), formats=formats)
    assert [code.text for code in raw] == [DIGITS]
    assert [seen.text for seen in read_zxing(frame, ("microqr",))] == [None]
    for accept in (None, lambda _: True):
        assert read_picture(encode(frame), accept=accept, mode="photo", now=lambda: 0.0) == ()
        live = Live(accept=accept)
        assert [live.read(frame) for _ in range(20)] == [()] * 20


def test_a_margin_must_be_there_on_every_side() -> None:
    modules = np.pad(micro(DIGITS), 2, constant_values=255)
    count, box = len(modules), 6
    quad = tuple((x * box, y * box) for x, y in ((2, 2), (13, 2), (13, 13), (2, 13)))
    assert has_margin(drawn(modules, box=box), quad)
    for side in (np.s_[:, :2], np.s_[:, count - 2 :], np.s_[:2, :], np.s_[count - 2 :, :]):
        spoilt = modules.copy()
        spoilt[side][::2] = 0
        spoilt[side][:, ::2] = 0
        assert not has_margin(drawn(spoilt, box=box), quad)


def test_what_lies_outside_of_the_picture_says_nothing() -> None:
    tight = drawn(micro(DIGITS))
    quad = ((0, 0), (66, 0), (66, 66), (0, 66))
    assert has_margin(tight, quad)
    assert has_margin(tight, ((900, 900), (966, 900), (966, 966), (900, 966)))
    assert not has_margin(Image.new("L", (90, 90), 50), ((20, 20), (60, 20), (60, 60), (20, 60)))
