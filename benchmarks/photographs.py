"""The photographs by strangers, with the corners of every code in them marked by hand.

They lie outside the project. A code counts as found where the centre of a reading lies inside its
marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from PIL import Image

from scanner.picture import load_gray
from scanner.places import centre
from scanner.reading import Corners

_PHOTOS = Path(__file__).parents[1].parent / "shared" / "photos" / "qr"

_FRAME = (1280, 720)
_NARROWEST = 320
"""No frame is cut from fewer pixels across than this: a mere blur would show nothing."""

Quad = list[tuple[float, float]]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph: the folder it lies in, where, and the marked corners of its codes."""

    category: str
    path: Path
    quads: list[Quad]


def photographs() -> list[Photo]:
    """Every photograph on this machine, by category and name; none where there are none."""
    photos = []
    for marks in sorted(_PHOTOS.glob("*/*.txt")):
        path = next(p for p in (marks.with_suffix(".jpg"), marks.with_suffix(".png")) if p.exists())
        photos.append(Photo(marks.parent.name, path, _marked(marks, path)))
    return photos


def is_in(quad: Quad, corners: Corners) -> bool:
    """Whether the centre of a reading lies inside the marks of a code."""
    x, y = centre(corners)
    inside = False
    for (x0, y0), (x1, y1) in zip(quad, quad[1:] + quad[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            inside = not inside
    return inside


def cut_frames(photos: Sequence[Photo], most: int) -> Iterator[Image.Image]:
    """Up to `most` frames of 1280 by 720 pixels cut from photographs, away from every mark.

    Places and magnifications differ from cut to cut; no two cuts of a photograph are the same.
    """
    random, made = Random(1), 0
    taken: dict[Path, list[Box]] = {photo.path: [] for photo in photos}
    while made < most:
        before = made
        for photo in photos:
            gray = load_gray(photo.path)
            box = _free_box(random, photo, gray.size, taken[photo.path])
            if box is None or made == most:
                continue
            taken[photo.path].append(box)
            made += 1
            yield gray.resize(_FRAME, Image.Resampling.BICUBIC, box=box)
        if made == before:
            return


def _free_box(random: Random, photo: Photo, size: tuple[int, int], taken: list[Box]) -> Box | None:
    widest = min(size[0], size[1] * _FRAME[0] // _FRAME[1])
    if widest < _NARROWEST:
        return None
    for _ in range(12):
        width = random.randint(_NARROWEST, min(widest, 2 * _FRAME[0]))
        height = width * _FRAME[1] // _FRAME[0]
        left = random.randint(0, size[0] - width)
        top = random.randint(0, size[1] - height)
        box = (left, top, left + width, top + height)
        apart = all(_is_apart(quad, box) for quad in photo.quads)
        if apart and not any(_is_alike(box, other) for other in taken):
            return box
    return None


def _is_apart(quad: Quad, box: Box) -> bool:
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    wide, tall = (max(xs) - min(xs)) / 5, (max(ys) - min(ys)) / 5
    left, top, right, bottom = box
    beside = max(xs) + wide < left or min(xs) - wide > right
    return beside or max(ys) + tall < top or min(ys) - tall > bottom


def _is_alike(one: Box, other: Box) -> bool:
    """Whether two cuts show nearly the same: within a sixteenth of a frame everywhere."""
    reach = (one[2] - one[0]) / 16
    return all(abs(a - b) < reach for a, b in zip(one, other, strict=True))


def _marked(marks: Path, path: Path) -> list[Quad]:
    lines = [row for row in marks.read_text().splitlines() if row and not row.startswith("#")]
    numbers = iter(map(float, " ".join(row for row in lines if row != "SETS").split()))
    points = list(zip(numbers, numbers, strict=True))
    quads = [points[start : start + 4] for start in range(0, len(points) - 3, 4)]
    with Image.open(path) as picture:
        turned, height = picture.getexif().get(0x0112, 1) == 6, picture.height
    # The marks were made on pictures that nobody had turned upright.
    return [[(height - 1 - y, x) for x, y in quad] for quad in quads] if turned else quads
