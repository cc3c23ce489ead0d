"""Labels on pipes, drawn by following rays from a camera to a cylinder: known text, known bend."""

from __future__ import annotations

import math

import numpy as np
import qrcode
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Floats = NDArray[np.floating]


def flat_label(text: str, *, version: int | None = None) -> Floats:
    """A QR code of error correction M with its quiet zone, 12 pixels a module."""
    code = qrcode.QRCode(version=version, box_size=12, border=4)
    code.add_data(text)
    code.make(fit=version is None)
    return np.asarray(code.make_image().get_image().convert("L"), dtype=np.float64)


def on_a_pipe(
    label: Floats, *, half_angle: float, axis: float = 0, tilt: float = 0, turn: float = 0,
    side: int = 420, noise: float = 4,
) -> Image.Image:  # fmt: skip
    """`label` round a pipe, seen by a camera four half-widths of the label away.

    From its middle to its edge the label goes round `half_angle` degrees of the pipe, whose axis
    lies at `axis` degrees to the columns. The camera looks `tilt` degrees from below and is held
    `turn` degrees askew.
    """
    radius = 1 / math.radians(half_angle)
    ray = _rays(side, tilt=tilt, turn=turn)
    below = math.radians(tilt)
    eye = np.array([0.0, 4 * math.sin(below), -4 * math.cos(below)])
    along = np.array([math.cos(math.radians(axis + 90)), math.sin(math.radians(axis + 90)), 0.0])
    across = np.array([-along[1], along[0], 0.0])
    eye_out, eye_deep = eye @ across, eye[2] - radius
    ray_out, ray_deep = np.tensordot(across, ray, 1), ray[2]
    square = ray_out**2 + ray_deep**2
    half = eye_out * ray_out + eye_deep * ray_deep
    root = half**2 - square * (eye_out**2 + eye_deep**2 - radius**2)
    far = np.where(root > 0, (-half - np.sqrt(np.maximum(root, 0))) / square, 0)
    hit = eye[:, None, None] + ray * far
    angle = np.arctan2(np.tensordot(across, hit, 1), radius - hit[2])
    height = np.tensordot(along, hit, 1)
    u = (angle * radius * across[0] + height * along[0] + 1) / 2 * label.shape[1] - 0.5
    v = (angle * radius * across[1] + height * along[1] + 1) / 2 * label.shape[0] - 0.5
    seen = (root > 0) & (u >= 0) & (v >= 0) & (u < label.shape[1] - 1) & (v < label.shape[0] - 1)
    shade = np.where(seen, 40 + _between(label, u, v) * 0.75 * np.cos(angle * 0.8), 70.0)
    soft = Image.fromarray(shade.clip(0, 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(0.8)
    )
    grain = np.random.default_rng(1).normal(0, noise, (side, side))
    return Image.fromarray((np.asarray(soft) + grain).clip(0, 255).astype(np.uint8))


def _rays(side: int, *, tilt: float, turn: float) -> Floats:
    down, right = (np.mgrid[0:side, 0:side] - side / 2) / (side * 1.1)
    held, below = math.radians(turn), math.radians(tilt)
    x = right * math.cos(held) - down * math.sin(held)
    y = right * math.sin(held) + down * math.cos(held)
    return np.stack(
        [x, y * math.cos(below) - math.sin(below), y * math.sin(below) + math.cos(below)]
    )


def _between(label: Floats, u: Floats, v: Floats) -> Floats:
    left = u.clip(0, label.shape[1] - 2).astype(int)
    top = v.clip(0, label.shape[0] - 2).astype(int)
    x, y = (u - left).clip(0, 1), (v - top).clip(0, 1)
    upper = label[top, left] * (1 - x) + label[top, left + 1] * x
    lower = label[top + 1, left] * (1 - x) + label[top + 1, left + 1] * x
    mixed: Floats = upper * (1 - y) + lower * y
    return mixed
