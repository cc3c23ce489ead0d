"""A fixed sample of photographs by strangers: the cascade against the plain pass."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from scanner import Reading, read_picture
from scanner.picture import load_gray
from scanner.places import centre, same_place

PHOTOS = Path(__file__).parents[3].parent / "shared" / "photos" / "qr"
SAMPLE = {
    "bright_spots": 3,
    "brightness": 2,
    "curved": 2,
    "glare": 3,
    "high_version": 2,
    "lots": 1,
    "monitor": 1,
    "nominal": 4,
    "perspective": 2,
    "rotations": 3,
}
"""How many photographs of each category, in the order of their names."""

Quad = list[tuple[float, float]]

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(not PHOTOS.is_dir(), reason="the photographs are not on this machine"),
]


def sample() -> list[Path]:
    return [
        path
        for category, most in SAMPLE.items()
        for path in sorted((PHOTOS / category).glob("*.txt"))[:most]
    ]


def picture_of(marks: Path) -> Path:
    return next(p for p in (marks.with_suffix(".jpg"), marks.with_suffix(".png")) if p.exists())


def marked(marks: Path) -> list[Quad]:
    """The marked quads, turned as the picture is: they were drawn without its EXIF orientation."""
    lines = [row for row in marks.read_text().splitlines() if row and not row.startswith("#")]
    words = " ".join(row for row in lines if row != "SETS").split()
    numbers = iter(map(float, words))
    points = list(zip(numbers, numbers, strict=True))
    quads = [points[start : start + 4] for start in range(0, len(points) - 3, 4)]
    with Image.open(picture_of(marks)) as picture:
        orientation, height = picture.getexif().get(0x0112, 1), picture.height
    assert orientation in (0, 1, 6)
    if orientation == 6:
        return [[(height - 1 - y, x) for x, y in quad] for quad in quads]
    return quads


def holds(quad: Quad, point: tuple[float, float]) -> bool:
    x, y = point
    inside = False
    for (x0, y0), (x1, y1) in zip(quad, quad[1:] + quad[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            inside = not inside
    return inside


def found(quads: list[Quad], readings: tuple[Reading, ...]) -> int:
    return sum(any(holds(quad, centre(one.corners)) for one in readings) for quad in quads)


def test_the_cascade_never_loses_and_gains_overall() -> None:
    plain_total = cascade_total = 0
    for marks in sample():
        quads, picture = marked(marks), picture_of(marks)
        # A frozen clock: neither a fast nor a slow machine changes what is read.
        plain = read_picture(picture, engines=("zxing",), budget_seconds=0, now=lambda: 0.0)
        cascade = read_picture(picture, accept=lambda _: True, now=lambda: 0.0)
        assert not any(reading.is_fallback for reading in plain)
        assert set(plain) <= set(cascade), marks
        assert found(quads, cascade) >= found(quads, plain), marks
        plain_total += found(quads, plain)
        cascade_total += found(quads, cascade)
    assert plain_total >= 75
    assert cascade_total >= plain_total + 10


def test_photo_reads_nearly_what_thorough_reads_and_never_another_text() -> None:
    photo_total = thorough_total = 0
    for marks in sample()[::2]:
        quads, picture = marked(marks), picture_of(marks)
        photo = read_picture(picture, accept=lambda _: True, mode="photo", now=lambda: 0.0)
        thorough = read_picture(picture, accept=lambda _: True, mode="thorough", now=lambda: 0.0)
        photo_total += found(quads, photo)
        thorough_total += found(quads, thorough)
        for one in photo:
            others = [o for o in thorough if same_place(one.corners, o.corners)]
            assert all(other.text == one.text for other in others), marks
    assert thorough_total >= photo_total >= 0.9 * thorough_total


def test_nothing_is_read_where_there_is_no_code() -> None:
    random, frames = Random(5), 0
    for marks in sample():
        quads, gray = marked(marks), load_gray(picture_of(marks))
        for _ in range(4):
            left = random.randint(0, max(0, gray.width - 480))
            top = random.randint(0, max(0, gray.height - 320))
            box = (left, top, left + 480, top + 320)
            xs, ys = [x for quad in quads for x, _ in quad], [y for quad in quads for _, y in quad]
            if min(xs) < box[2] and max(xs) > left and min(ys) < box[3] and max(ys) > top:
                continue
            out = BytesIO()
            gray.crop(box).save(out, "BMP")
            frames += 1
            assert read_picture(out.getvalue(), accept=lambda _: True, mode="photo") == ()
    assert frames >= 10


def test_nothing_but_the_plain_pass_counts_when_all_is_rejected() -> None:
    for marks in sample()[:8]:
        readings = read_picture(picture_of(marks), accept=lambda _: False)
        assert not any(reading.is_fallback for reading in readings)
