"""The fallback passes: when they run, what counts, and what is missed politely."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import qrcode
from PIL import Image

from scanner import ChoiceUnknownError, EngineMissingError, engines_available, read_picture
from scanner.engines import Sighting, read_opencv, read_zbar, read_zxing
from scanner.passes import CROP_PASSES, PICTURE_PASSES, Pass
from scanner.places import Ballot, regions, same_place
from scanner.reading import Reading
from scanner.steps import Job, crop, whole

MakeCode = Callable[..., Image.Image]
Encode = Callable[..., bytes]
Faded = Callable[[str], Image.Image]

TEXT = "HTTPS://EXAMPLE.CN/A/7K3M9PQX2R"
SQUARE = ((0, 0), (100, 0), (100, 100), (0, 100))


def clock(*times: float) -> Callable[[], float]:
    ticks: Iterator[float] = iter(times)
    last = times[-1]
    return lambda: next(ticks, last)


def fallback(text: str, name: str, corners: tuple[tuple[int, int], ...] = SQUARE) -> Reading:
    return Reading(text=text, symbology="qr", corners=corners, engine="zxing", pass_name=name)


def test_what_the_plain_pass_misses_the_cascade_reads(faded: Faded, encode: Encode) -> None:
    image = faded(TEXT)
    assert [seen.text for seen in read_zxing(image, ("qr",)) if seen.text] == []
    (reading,) = read_picture(encode(image), accept=TEXT.__eq__)
    assert reading.text == TEXT
    assert reading.is_fallback


def test_fallback_corners_are_in_pixels_of_the_picture(faded: Faded, encode: Encode) -> None:
    code = faded(TEXT)
    frame = Image.new("L", (600, 500), 132)
    frame.paste(code, (200, 150))
    (reading,) = read_picture(encode(frame), accept=TEXT.__eq__)
    wanted = 224, 174, 200 + code.width - 24, 150 + code.height - 24
    (left, top), _, (right, bottom), _ = reading.corners
    assert (left, top, right, bottom) == pytest.approx(wanted, abs=6)


@pytest.mark.parametrize("kind", [*PICTURE_PASSES, *CROP_PASSES], ids=lambda kind: kind.name)
def test_every_pass_finds_its_way_back_to_the_picture(kind: Pass, make_code: MakeCode) -> None:
    frame = Image.new("L", (1000, 800), 255)
    frame.paste(make_code(TEXT, box=12).point(lambda shade: 20 + shade * 235 // 255), (500, 350))
    (plain,) = read_zxing(frame, ("qr",))
    if kind in PICTURE_PASSES:
        half = frame.resize((500, 400), Image.Resampling.BOX)
        readings = whole(half, 0.5, kind, Ballot(None), ("qr",))
    else:
        readings = crop(frame, plain, kind, ("qr",))
    (reading,) = readings
    assert (reading.text, reading.pass_name) == (TEXT, kind.name)
    for corner, wanted in zip(reading.corners, plain.corners, strict=True):
        assert corner == pytest.approx(wanted, abs=6)


def test_a_fallback_result_that_is_not_accepted_is_dropped(faded: Faded, encode: Encode) -> None:
    assert read_picture(encode(faded(TEXT)), accept=lambda _: False) == ()


def test_without_accept_two_passes_must_agree(faded: Faded, encode: Encode) -> None:
    (reading,) = read_picture(encode(faded(TEXT)))
    assert reading.text == TEXT
    assert read_picture(encode(faded(TEXT)), engines=("opencv",)) == ()


def test_a_plain_result_stands_whatever_accept_says(make_code: MakeCode, encode: Encode) -> None:
    readings = read_picture(encode(make_code(TEXT)), accept=lambda _: False)
    assert [(reading.text, reading.is_fallback) for reading in readings] == [(TEXT, False)]


def test_a_foreign_code_does_not_hide_a_faded_one_of_ours(
    make_code: MakeCode, faded: Faded, encode: Encode
) -> None:
    frame = Image.new("L", (600, 320), 132)
    frame.paste(make_code("FOREIGN"), (10, 10))
    frame.paste(faded(TEXT), (320, 10))
    readings = read_picture(encode(frame), accept=TEXT.__eq__)
    assert [reading.text for reading in readings] == ["FOREIGN", TEXT]


def test_a_spent_budget_leaves_the_plain_result_alone(
    make_code: MakeCode, faded: Faded, encode: Encode
) -> None:
    clean, dim = encode(make_code(TEXT)), encode(faded(TEXT))
    assert [r.text for r in read_picture(clean, budget_seconds=1, now=clock(0.0, 9.0))] == [TEXT]
    assert read_picture(dim, accept=TEXT.__eq__, budget_seconds=1, now=clock(0.0, 9.0)) == ()
    assert read_picture(dim, accept=TEXT.__eq__, budget_seconds=1, now=clock(0.0, 0.1)) != ()


def test_photo_ends_after_work_fixed_by_the_picture(faded: Faded) -> None:
    gray = faded(TEXT).resize((300, 300))
    ballot = Ballot(None)
    photo, thorough = (
        Job(gray=gray, ballot=ballot, symbologies=("qr",), engines=("zxing",), mode=mode)
        for mode in ("photo", "thorough")
    )
    assert photo.effort() < thorough.effort()
    assert len(list(photo.steps())) <= len(list(thorough.steps()))
    small = Image.new("L", (100, 100), 9)
    tiny = Job(gray=small, ballot=ballot, symbologies=("qr",), engines=("zxing",), mode="photo")
    costs = [step.effort for step in tiny.steps()]
    assert all(cost > 0 for cost in costs)
    assert sum(costs) < tiny.effort()


def test_a_crowd_of_unread_places_is_taken_for_noise() -> None:
    ballot = Ballot(None)
    job = Job(
        gray=Image.new("L", (4000, 3000)), ballot=ballot, symbologies=("qr",),
        engines=("zxing",), mode="photo",
    )  # fmt: skip
    alone = job.effort()
    for number in range(40):
        left = number * 90
        quad = ((left, 0), (left + 60, 0), (left + 60, 60), (left, 60))
        ballot.locate([Sighting(None, "qr", quad)])
    assert job.crowded
    assert job.effort() < alone
    pass_names = [step.run.args[2].name for step in job.steps() if step.run.func is whole]  # type: ignore[attr-defined]
    assert pass_names[0] == "blur"
    assert len(pass_names) == len(set(pass_names)) == len(PICTURE_PASSES)


def test_finders_of_one_code_make_one_region() -> None:
    def finder(left: int, top: int) -> Sighting:
        quad = ((left, top), (left + 40, top), (left + 40, top + 40), (left, top + 40))
        return Sighting(None, "microqr", quad)

    (square,) = regions([finder(100, 100), finder(240, 100), finder(100, 240)])
    (left, top), _, (right, bottom), _ = square
    assert left <= 100
    assert top <= 100
    assert right >= 280
    assert bottom >= 280
    apart = regions([finder(100, 100), finder(900, 700)])
    assert len(apart) == 2
    assert regions([Sighting(None, "code128", SQUARE)]) == []
    assert len(regions([Sighting(None, "qr", SQUARE), finder(30, 30)])) == 1


def test_an_unknown_mode_is_refused_by_name(encode: Encode) -> None:
    data = encode(Image.new("L", (50, 50), 255))
    with pytest.raises(ChoiceUnknownError, match="'slow' is no mode"):
        read_picture(data, mode="slow")  # type: ignore[arg-type]


def test_the_budget_ends_the_cascade_between_two_passes(faded: Faded, encode: Encode) -> None:
    ticks = count()
    asked: list[str] = []

    def accept(text: str) -> bool:
        asked.append(text)
        return False

    read_picture(encode(faded(TEXT)), accept=accept, budget_seconds=1000, now=lambda: next(ticks))
    all_of_them, ticks = len(asked), count()
    asked.clear()
    read_picture(encode(faded(TEXT)), accept=accept, budget_seconds=12, now=lambda: next(ticks))
    assert 0 < len(asked) < all_of_them


@pytest.mark.parametrize("missing", [("cv2",), ("pyzbar",), ("cv2", "pyzbar", "numpy")])
def test_optional_engines_are_missed_politely(
    missing: tuple[str, ...],
    faded: Faded,
    encode: Encode,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    faults = engines_available()
    assert faults["zxing"] is None
    assert (faults["opencv"] is not None) == ("cv2" in missing)
    assert (faults["zbar"] is not None) == ("pyzbar" in missing)
    readings = read_picture(encode(faded(TEXT)), accept=TEXT.__eq__)
    assert [reading.text for reading in readings] == [TEXT]


def test_a_clean_code_costs_no_dear_import(
    make_code: MakeCode, encode: Encode, tmp_path: Path
) -> None:
    path = tmp_path / "clean.png"
    path.write_bytes(encode(make_code(TEXT)))
    program = (
        "import pathlib, sys; import scanner; before = set(sys.modules);"
        "print(len(scanner.read_picture(pathlib.Path(sys.argv[1]))),"
        " *({'cv2', 'numpy', 'pyzbar'} & set(sys.modules)), *({'PIL', 'zxingcpp'} & before))"
    )
    command = [sys.executable, "-c", program, str(path)]
    root = Path(__file__).parents[3]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["1"]


def test_no_working_engine_is_an_error_that_says_why(
    encode: Encode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(EngineMissingError, match=r"opencv: .*cv2"):
        read_picture(encode(Image.new("L", (9, 9))), engines=("opencv",))


@pytest.mark.parametrize(("engine", "read"), [("zbar", read_zbar), ("opencv", read_opencv)])
def test_second_engines_read_a_clean_code_at_its_place(
    engine: str, read: Callable[..., list[Sighting]], make_code: MakeCode
) -> None:
    if (reason := engines_available()[engine]) is not None:
        pytest.skip(f"{engine} does not work here: {reason}")
    code = make_code(TEXT)
    end = code.width - 24
    (seen,) = read(code, ("qr", "microqr"))
    assert (seen.text, seen.symbology) == (TEXT, "qr")
    (left, top), _, (right, bottom), _ = seen.corners
    assert (left, top, right, bottom) == pytest.approx((24, 24, end, end), abs=4)
    assert read(code, ("datamatrix",)) == []


@pytest.mark.parametrize(
    ("text", "charset", "read"),
    [
        pytest.param("K7M2-9QXD", "utf-8", "K7M2-9QXD", id="ascii"),
        pytest.param(
            "正宗铁观音茶叶 乐品乐茶", "utf-8", "正宗铁观音茶叶 乐品乐茶", id="taken for SJIS"
        ),
        pytest.param("Müller", "utf-8", "Müller", id="taken for Big5"),
        pytest.param("设备编号：台式计算机", "utf-8", "设备编号：台式计算机", id="taken for UTF-8"),
        pytest.param("设备编号：台式计算机", "gbk", None, id="GBK taken for Big5"),
        pytest.param("办公桌", "gbk", None, id="short GBK"),
        pytest.param("größe naïve", "latin-1", None, id="Latin-1 taken for Big5"),
        pytest.param("日本語テスト", "shift_jis", None, id="a guess that is right"),
    ],
)
def test_what_zbar_guesses_at_is_put_right_or_dropped(
    text: str, charset: str, read: str | None, encode: Encode
) -> None:
    if (reason := engines_available()["zbar"]) is not None:
        pytest.skip(f"zbar does not work here: {reason}")
    code = qrcode.QRCode(box_size=6)
    code.add_data(qrcode.util.QRData(text.encode(charset), mode=qrcode.util.MODE_8BIT_BYTE))
    image = code.make_image().get_image().convert("L")
    assert [seen.text for seen in read_zbar(image, ("qr",))] == ([] if read is None else [read])
    # Two looks by the same engine guess alike, and so must not be taken for agreement.
    readings = read_picture(encode(image), engines=("zbar",))
    assert {reading.text for reading in readings} <= {read}


def test_a_second_engine_alone_is_a_fallback(make_code: MakeCode, encode: Encode) -> None:
    if (reason := engines_available()["zbar"]) is not None:
        pytest.skip(f"zbar does not work here: {reason}")
    data = encode(make_code(TEXT))
    (reading,) = read_picture(data, engines=("zbar",), accept=TEXT.__eq__)
    assert (reading.engine, reading.is_fallback) == ("zbar", True)


def test_fallback_passes_that_disagree_are_both_dropped() -> None:
    ballot = Ballot(lambda _: True)
    ballot.vote([fallback("A", "blur")])
    assert [reading.text for reading in ballot.readings()] == ["A"]
    ballot.vote([fallback("B", "clahe")])
    assert ballot.readings() == ()


def test_one_pass_saying_it_twice_is_not_agreement() -> None:
    ballot = Ballot(None)
    ballot.vote([fallback("A", "blur"), fallback("A", "blur")])
    assert ballot.readings() == ()
    ballot.vote([fallback("A", "clahe")])
    assert [reading.text for reading in ballot.readings()] == ["A"]


def test_a_fallback_never_overrules_the_plain_pass() -> None:
    ballot = Ballot(lambda _: True)
    ballot.add_plain([fallback("A", "plain")])
    ballot.vote([fallback("B", "blur"), fallback("B", "clahe")])
    assert [reading.text for reading in ballot.readings()] == ["A"]


def test_three_finders_tell_more_than_one_of_them() -> None:
    finder = ((0, 0), (48, 0), (48, 48), (0, 48))
    for first, then in (("microqr", "qr"), ("qr", "microqr")):
        ballot = Ballot(None)
        ballot.locate([Sighting(None, first, SQUARE if first == "qr" else finder)])
        ballot.locate([Sighting(None, then, SQUARE if then == "qr" else finder)])
        assert ballot.unread() == [Sighting(None, "qr", SQUARE)]
    ballot = Ballot(None)
    ballot.add_plain([replace(fallback("A", "plain", finder), symbology="microqr")])
    ballot.locate([Sighting(None, "qr", SQUARE)])
    assert [(one.text, one.corners) for one in ballot.readings()] == [("A", finder)]


def test_a_finder_pattern_inside_a_read_code_is_no_unread_place() -> None:
    ballot = Ballot(None)
    ballot.locate([Sighting(None, "microqr", ((0, 0), (25, 0), (25, 25), (0, 25)))])
    assert len(ballot.unread()) == 1
    ballot.add_plain([fallback("A", "plain")])
    assert ballot.unread() == []
    assert ballot.is_done()


def test_the_same_place_is_near_and_alike_in_size() -> None:
    moved = tuple((x + 8, y - 8) for x, y in SQUARE)
    beside = tuple((x + 104, y) for x, y in SQUARE)
    inner = tuple((x // 4 + 40, y // 4 + 40) for x, y in SQUARE)
    flat = ((0, 50), (100, 50), (100, 50), (0, 50))
    assert same_place(SQUARE, moved)
    assert same_place(flat, tuple((x, y + 3) for x, y in flat))
    assert not same_place(SQUARE, beside)
    assert not same_place(SQUARE, inner)
