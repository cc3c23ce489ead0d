"""Codes round pipes and bottles: what the plain pass cannot read, the bent grid does."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import qrcode
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scanner import read_picture
from scanner.bent import read_bent
from scanner.engines import read_zxing
from scanner.finders import find_triples
from scanner.grid import DARK, LIGHT, SIZES, alignment_centres, known_modules
from scanner.picture import load_gray
from scanner.pipe import round_a_pipe
from scanner.places import centre
from scanner.steps import bent
from scanner.warp import Floats, Patch, Warp, _squares, basis, pulled, through
from tests.unit.scanner.bending import flat_label, on_a_pipe

Encode = Callable[..., bytes]

TEXT = "HTTPS://EXAMPLE.CN/A/7K3M9PQX2R.11ABCDEFGHJKMNPQRS"
PHOTOS = Path(__file__).parents[3].parent / "shared" / "photos" / "qr"


def test_the_known_modules_are_those_of_every_version() -> None:
    for version, size in enumerate(SIZES, start=1):
        code = qrcode.QRCode(version=version, border=0)
        code.add_data("A")
        code.make(fit=False)
        dark, known = np.array(code.get_matrix()), known_modules(size)
        assert dark.shape == known.shape
        assert dark[known == DARK].all()
        assert not dark[known == LIGHT].any()


@pytest.mark.parametrize(
    ("version", "centres"),
    [(1, []), (2, [(18, 18)]), (7, [(6, 22), (22, 6), (22, 22), (22, 38), (38, 22), (38, 38)])],
)
def test_alignment_patterns_lie_where_the_standard_says(
    version: int, centres: list[tuple[int, int]]
) -> None:
    assert sorted(alignment_centres(17 + 4 * version)) == centres


@pytest.mark.parametrize("half_angle", [20, 30, 40])
@pytest.mark.parametrize(("axis", "turn"), [(0, 200), (30, 0), (45, 25), (90, 100)])
def test_a_tag_on_a_pipe_is_read(half_angle: float, axis: float, turn: float) -> None:
    picture = on_a_pipe(flat_label(TEXT), half_angle=half_angle, axis=axis, turn=turn, tilt=10)
    assert [seen.text for seen in read_bent(picture, fine=False)] == [TEXT]


def test_more_bent_codes_are_read_than_the_plain_pass_reads() -> None:
    label = flat_label(TEXT)
    pictures = [
        on_a_pipe(label, half_angle=angle, axis=axis, tilt=tilt)
        for angle in (25, 35, 45)
        for axis in (0, 60, 90)
        for tilt in (5, 20)
    ]
    plain = [any(seen.text == TEXT for seen in read_zxing(one, ("qr",))) for one in pictures]
    ours = [[seen.text for seen in read_bent(one, fine=False)] for one in pictures]
    assert sum(said == [TEXT] for said in ours) >= sum(plain) + 10
    assert sum(said == [TEXT] for said in ours) >= 17
    assert all(said in ([], [TEXT]) for said in ours)


@pytest.mark.parametrize(
    ("half_angle", "axis", "tilt", "turn"),
    [(50, 0, 0, 116), (50, 90, 15, 245), (50, 45, 0, 251), (60, 0, 0, 301), (60, 90, 0, 90)],
)
def test_a_tag_that_goes_a_third_round_a_pipe_is_read(
    half_angle: float, axis: float, tilt: float, turn: float
) -> None:
    picture = on_a_pipe(
        flat_label(TEXT), half_angle=half_angle, axis=axis, tilt=tilt, turn=turn, noise=6
    )
    assert not any(seen.text for seen in read_zxing(picture, ("qr",)))
    for fine in (False, True):
        assert [seen.text for seen in read_bent(picture, fine=fine)] == [TEXT]


@given(
    axis=st.sampled_from([0.0, 15.0, 45.0, 90.0, 150.0]),
    bend=st.sampled_from([0.0, 0.35, 0.85]),
    slant=st.floats(-0.15, 0.15),
    turn=st.floats(0, 6),
)
@settings(max_examples=30, deadline=None)
def test_the_pipe_that_a_code_goes_round_is_found_from_its_finders(
    axis: float, bend: float, slant: float, turn: float
) -> None:
    size, away = 29, 4.0

    def seen(places: Floats) -> Floats:
        """Where a camera four half-widths away shows places on the pipe, in a patch of 400."""
        u, v = (places * 2 / size - 1).T
        along = np.array([-math.sin(math.radians(axis)), math.cos(math.radians(axis))])
        over, down = u * along[1] - v * along[0], u * along[0] + v * along[1]
        deep = np.zeros_like(u)
        if bend:
            over, deep = np.sin(bend * over) / bend, (1 - np.cos(bend * over)) / bend
        x, y = over * along[1] + down * along[0], down * along[1] - over * along[0]
        nearer = away / (away + deep + slant * x)
        flat = np.stack([x, y], axis=1) * nearer[:, None] * 120
        held = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
        shown: Floats = flat @ held + 200
        return shown

    label = np.kron(known_modules(size), np.ones((8, 8)))
    corners = np.array(
        [(3.5 + x, 3.5 + y) for x in (0, size - 7) for y in (0, size - 7) if not x or not y]
    )
    offsets = np.array([(x, y) for x in (-3.0, 0.0, 3.0) for y in (-3.0, 0.0, 3.0)])
    places = np.vstack([corner + offsets for corner in corners])
    rows, columns = np.nonzero(known_modules(size))
    known = np.stack([columns, rows], axis=1) + 0.5
    wanted = known_modules(size)[rows, columns].astype(float)
    patch = Patch(_as_seen(label, seen, size))
    like, warp = round_a_pipe(patch, size, places, seen(places), known, wanted)
    assert like > 0.8
    ends = np.array([(0.5, 0.5), (size - 0.5, 0.5), (size - 0.5, size - 0.5), (0.5, size - 0.5)])
    module = 120 * 2 / size
    # From here the fit goes on; it pulls in what is off by a module or so.
    assert np.hypot(*(warp.pixels(ends) - seen(ends)).T).max() < 1.2 * module


def _as_seen(label: Floats, seen: Callable[[Floats], Floats], size: int) -> Floats:
    """The patch that shows the label: every fine spot of it put where it is seen."""
    steps = (np.arange(size * 24) + 0.5) / 24
    spots = np.stack([np.tile(steps, len(steps)), np.repeat(steps, len(steps))], axis=1)
    x, y = seen(spots).round().astype(int).T
    patch = np.ones((400, 400))
    patch[y.clip(0, 399), x.clip(0, 399)] = label[
        (spots[:, 1] * 8).astype(int), (spots[:, 0] * 8).astype(int)
    ]
    return patch


def test_products_in_parts_are_those_of_the_whole() -> None:
    rng = np.random.default_rng(2)
    for count in (1, 511, 512, 513, 2000):
        rows, weights = rng.normal(size=(count, 20)), rng.random(count)
        whole = (rows.T * weights) @ rows
        assert _squares(rows, weights) == pytest.approx(whole)


@pytest.mark.parametrize("version", [1, 2, 5])
def test_small_and_larger_codes_are_read_on_a_bend(version: int) -> None:
    label = flat_label("7K3M9PQX", version=version)
    picture = on_a_pipe(label, half_angle=25, axis=20, turn=10)
    (seen,) = read_bent(picture, fine=True)
    assert seen.text == "7K3M9PQX"


def test_the_corners_are_where_the_code_is() -> None:
    picture = on_a_pipe(flat_label(TEXT), half_angle=10)
    (plain,) = read_zxing(picture, ("qr",))
    (seen,) = read_bent(picture, fine=False)
    for corner, wanted in zip(seen.corners, plain.corners, strict=True):
        assert corner == pytest.approx(wanted, abs=4)
    frame = Image.new("L", (900, 700), 70)
    frame.paste(picture, (300, 200))
    region = tuple((x + 300, y + 200) for x, y in plain.corners)
    (reading,) = bent(frame, region, fine=False)
    for corner, wanted in zip(reading.corners, region, strict=True):
        assert corner == pytest.approx(wanted, abs=4)


def test_the_cascade_reads_a_bent_code_that_the_plain_pass_misses(encode: Encode) -> None:
    picture = on_a_pipe(flat_label(TEXT), half_angle=35, axis=30, tilt=15)
    assert not any(seen.text for seen in read_zxing(picture, ("qr",)))
    for accept in (TEXT.__eq__, None):
        for mode in ("photo", "thorough"):
            readings = read_picture(encode(picture), accept=accept, mode=mode, now=lambda: 0.0)
            assert [reading.text for reading in readings] == [TEXT]
            assert readings[0].pass_name.startswith("bent")
    assert read_picture(encode(picture), accept=lambda _: False, now=lambda: 0.0) == ()


def test_without_numpy_bent_codes_are_passed_over(
    encode: Encode, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = encode(on_a_pipe(flat_label(TEXT), half_angle=35, axis=30, tilt=15))
    for name in ("numpy", "cv2"):
        monkeypatch.setitem(sys.modules, name, None)
    assert read_picture(picture, accept=TEXT.__eq__, now=lambda: 0.0) == ()


def test_noise_and_stripes_hold_no_code() -> None:
    rng = np.random.default_rng(3)
    noise = Image.fromarray(rng.integers(0, 256, (480, 480), dtype=np.uint8))
    stripes = Image.fromarray(np.tile(np.arange(480) // 7 % 2 * 255, (480, 1)).astype(np.uint8))
    for picture in (noise, stripes, Image.new("L", (480, 480), 0), Image.new("L", (3, 2), 9)):
        assert read_bent(picture, fine=True) == []
        assert read_bent(picture, fine=False) == []


def test_a_code_with_half_its_modules_gone_is_not_guessed() -> None:
    label = flat_label(TEXT)
    rng = np.random.default_rng(5)
    size = label.shape[0] // 12
    blocks = np.kron(rng.integers(0, 2, (size, size)) * 255, np.ones((12, 12)))
    known = np.kron(
        np.pad(known_modules(size - 8) != 0, 4, constant_values=True), np.ones((12, 12))
    )
    for share in (0.5, 1.0):
        gone = np.kron(rng.random((size, size)) < share, np.ones((12, 12))) * (1 - known)
        spoilt = np.where(gone > 0, blocks, label)
        assert read_bent(on_a_pipe(spoilt, half_angle=20), fine=True) == []


@given(
    shift=st.tuples(st.floats(-40, 40), st.floats(-40, 40)),
    bend=st.floats(-6, 6),
    slant=st.floats(-0.3, 0.3),
)
@settings(max_examples=30, deadline=None)
def test_points_on_a_bend_give_the_bend_back(
    shift: tuple[float, float], bend: float, slant: float
) -> None:
    steps = np.linspace(0, 29, 8)
    places = np.array([(u, v) for u in steps for v in steps])
    terms = np.array([[200.0, 200], [100, 0], [0, 100], [bend, slant], [bend, 2], [1, -bend]])
    terms[0] += shift
    terms[1, 1] = slant * 100
    pixels = basis(places, 29, 6) @ terms
    found = through(29, places, pixels, np.ones(len(places)), 6)
    assert found.terms == pytest.approx(terms, abs=0.05)


def test_a_grid_that_is_a_third_of_a_module_off_is_pulled_into_place() -> None:
    label = flat_label("7K3M9PQX", version=1)
    image = Image.fromarray(label.astype(np.uint8))
    patch = Patch.of(image, blur=3)
    true = Warp(21, np.array([[174 - 0.5] * 2, [126, 0], [0, 126], [0, 0], [0, 0], [0, 0]]))
    off = Warp(21, true.terms + np.array([[4, -3], [0, 1], [1, 0], [0, 0], [0, 0], [0, 0]]))
    known = known_modules(21).astype(float)
    rows, columns = np.nonzero(known)
    beside = np.argwhere(known[:, 1:] * known[:, :-1] < 0)[:, ::-1] + (1.0, 0.5)
    below = np.argwhere(known[1:] * known[:-1] < 0)[:, ::-1] + (0.5, 1.0)
    places = np.vstack([np.stack([columns, rows], axis=1) + 0.5, beside, below])
    wanted = np.hstack([known[rows, columns], np.zeros(len(beside) + len(below))])
    found = pulled(off, patch, places, wanted, np.ones(len(places)), steps=20)
    ends = np.array([(3.5, 3.5), (17.5, 3.5), (3.5, 17.5)])
    away = np.hypot(*(found.pixels(ends) - true.pixels(ends)).T)
    assert np.hypot(*(off.pixels(ends) - true.pixels(ends)).T).min() > 3
    assert away.max() < 1.5


def test_the_finders_come_as_top_left_top_right_and_bottom_left() -> None:
    for turn in (0, 90, 200, 310):
        picture = on_a_pipe(flat_label(TEXT), half_angle=15, turn=turn)
        (plain,) = read_zxing(picture, ("qr",))
        triple = find_triples(Patch.of(picture, blur=1))[0]
        middle = np.array(centre(plain.corners))
        for finder, corner in zip(triple, (0, 1, 3), strict=True):
            toward = middle + (np.array(plain.corners[corner]) - middle) * 0.75
            assert np.hypot(*(finder.centre - toward)) < 12


@pytest.mark.outside
@pytest.mark.skipif(not PHOTOS.is_dir(), reason="the photographs are not on this machine")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("image001.png", "https://www.facebook.com/elyucateco"),
        ("image016.jpg", "Test 03"),
        ("image034.jpg", "IPN:J68574-001 D/C:2017/10/13"),
    ],
)
def test_photographs_of_bottles_that_no_other_pass_reads(name: str, text: str) -> None:
    picture = PHOTOS / "curved" / name
    assert text not in [seen.text for seen in read_zxing(load_gray(picture), ("qr",))]
    readings = read_picture(picture, mode="photo", now=lambda: 0.0)
    assert [one.pass_name for one in readings if one.text == text] == ["bent"]
