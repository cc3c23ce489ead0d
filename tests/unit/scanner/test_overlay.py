"""The picture of the station, pixel by pixel: colours, signs, words in two languages, odd input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("cv2", exc_type=ImportError)

from labels import LabelError, find_font
from scanner.overlay import (
    COLOURS,
    DARK,
    FontUnreadableError,
    Line,
    Mark,
    Painter,
    Scene,
    Verdict,
    clean,
    panel_width,
)
from scanner.reading import Corners

Pixels = NDArray[np.uint8]
WIDTH, HEIGHT = 640, 480
CODE: Corners = ((200, 200), (300, 210), (290, 310), (190, 300))


@pytest.fixture(scope="module")
def painter() -> Painter:
    try:
        return Painter(find_font(None))
    except LabelError:
        pytest.skip("no Chinese font on this machine")


@pytest.fixture
def frame() -> Pixels:
    return np.full((HEIGHT, WIDTH, 3), 128, np.uint8)


def changed(one: Pixels, two: Pixels) -> NDArray[np.bool_]:
    return np.asarray((one != two).any(axis=2))


def count(picture: Pixels, colour: tuple[int, int, int]) -> int:
    return int((picture == np.array(colour, np.uint8)).all(axis=2).sum())


# --- the frame -----------------------------------------------------------------------------


def test_the_panel_stands_beside_the_frame(painter: Painter, frame: Pixels) -> None:
    before = frame.copy()
    picture = painter.draw(frame, Scene())
    assert picture.shape == (HEIGHT, WIDTH + panel_width(WIDTH), 3)
    assert (picture[:, :WIDTH] == before).all()
    assert (picture[:, WIDTH:] == np.array(DARK)).all()
    assert (frame == before).all()


@pytest.mark.parametrize("verdict", Verdict)
def test_a_code_is_outlined_in_the_colour_of_its_verdict(
    painter: Painter, frame: Pixels, verdict: Verdict
) -> None:
    picture = painter.draw(frame, Scene(marks=(Mark(corners=CODE, verdict=verdict),)))
    for (x0, y0), (x1, y1) in zip(CODE, CODE[1:] + CODE[:1], strict=True):
        middle = picture[(y0 + y1) // 2, (x0 + x1) // 2]
        assert tuple(middle) == COLOURS[verdict]
    # What is inside the code stays as the camera saw it.
    assert (picture[240:270, 220:270] == 128).all()
    for other in set(Verdict) - {verdict}:
        assert count(picture, COLOURS[other]) == 0


def test_verdicts_are_told_apart_without_colour(painter: Painter, frame: Pixels) -> None:
    signs: list[NDArray[np.bool_]] = []
    for verdict in Verdict:
        picture = painter.draw(frame, Scene(marks=(Mark(corners=CODE, verdict=verdict),)))
        signs.append(np.asarray((picture[:, :WIDTH] > 250).all(axis=2)))
    assert all(sign.sum() > 20 for sign in signs)
    assert (signs[0] != signs[1]).any()
    assert (signs[1] != signs[2]).any()
    assert (signs[0] != signs[2]).any()


def test_the_words_of_a_mark_stand_above_it_or_below(painter: Painter, frame: Pixels) -> None:
    bare = painter.draw(frame, Scene())
    for corners, above in ((CODE, True), (((200, 10), (300, 10), (300, 110), (200, 110)), False)):
        mark = Mark(corners=corners, verdict=Verdict.ACCEPTED, lines=("K7M2-9QXD-4F", "台式计算机"))
        rows = np.asarray(changed(painter.draw(frame, Scene(marks=(mark,))), bare).any(axis=1))
        top, bottom = min(y for _, y in corners), max(y for _, y in corners)
        assert rows[max(0, top - 15)] == above
        assert rows[bottom + 15] != above


def test_longer_words_make_a_broader_ground(painter: Painter, frame: Pixels) -> None:
    grounds = []
    for line in ("短", "台式计算机", "台式计算机" * 40):
        mark = Mark(corners=CODE, verdict=Verdict.REFUSED, lines=(line,))
        picture = painter.draw(frame, Scene(marks=(mark,)))
        columns = (picture == np.array(COLOURS[Verdict.REFUSED])).all(axis=2).any(axis=0)
        grounds.append(int(columns.sum()))
    assert grounds[0] <= grounds[1] < grounds[2]
    # However long, it stays on the frame and is cut with an ellipsis.
    assert grounds[2] <= 16 * 15


@pytest.mark.parametrize(
    "corners",
    [
        (),
        ((5, 5),),
        ((-400, -400), (-300, -400), (-300, -300), (-400, -300)),
        ((700, 500), (900, 500), (900, 700), (700, 700)),
        ((-(10**9), -(10**9)), (10**9, -(10**9)), (10**9, 10**9), (-(10**9), 10**9)),
        ((0, 0), (0, 0), (0, 0), (0, 0)),
    ],
)
def test_odd_corners_do_no_harm(painter: Painter, frame: Pixels, corners: Corners) -> None:
    mark = Mark(corners=corners, verdict=Verdict.DOUBTFUL, lines=("K7M2-9QXD-4F",))
    picture = painter.draw(frame, Scene(marks=(mark,)))
    assert picture.shape == (HEIGHT, WIDTH + panel_width(WIDTH), 3)
    assert (picture[:, WIDTH:] == np.array(DARK)).all()


# --- the message ---------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [None, *Verdict])
def test_the_message_lies_across_the_foot_of_the_frame(
    painter: Painter, frame: Pixels, verdict: Verdict | None
) -> None:
    picture = painter.draw(frame, Scene(message=Line(text="已借出", verdict=verdict)))
    ground = DARK if verdict is None else COLOURS[verdict]
    assert tuple(picture[HEIGHT - 1, WIDTH - 1]) == ground
    assert (picture[: HEIGHT // 2, :WIDTH] == 128).all()
    assert (picture[HEIGHT - 40 :, :WIDTH] > 250).all(axis=2).any()


def test_a_long_message_takes_two_rows_and_no_more(painter: Painter, frame: Pixels) -> None:
    heights = []
    for text in ("已借出", "已借出台式计算机，" * 5, "已借出台式计算机，" * 50, "x" * 5000):
        picture = painter.draw(frame, Scene(message=Line(text=text)))
        heights.append(int(changed(picture[:, :WIDTH], frame).any(axis=1).sum()))
    assert heights[0] < heights[1] == heights[2] == heights[3]
    assert heights[1] < 90


# --- words ---------------------------------------------------------------------------------


CHINESE = Scene(
    facts=(("模式", "借出"), ("借用人", "测试甲")),
    basket_title="清单（1）",
    basket=(Line(text="台式计算机", verdict=Verdict.ACCEPTED),),
    message=Line(text="已登记借出"),
    keys=("c 提交　q 退出",),
)
ENGLISH = Scene(
    facts=(("Mode", "check out"), ("Borrower", "Test A")),
    basket_title="Basket (1)",
    basket=(Line(text="Desktop computer", verdict=Verdict.ACCEPTED),),
    message=Line(text="Checked out"),
    keys=("c commit  q quit",),
)


def test_both_languages_are_drawn_and_differ(painter: Painter, frame: Pixels) -> None:
    chinese, english = painter.draw(frame, CHINESE), painter.draw(frame, ENGLISH)
    assert changed(chinese, english).sum() > 500
    for picture in (chinese, english):
        panel = picture[:, WIDTH:]
        # The facts at the top, the basket below, the keys at the foot.
        assert (panel[: HEIGHT // 4] > 250).all(axis=2).any()
        assert count(panel, COLOURS[Verdict.ACCEPTED]) > 50
        assert changed(panel[-25:], np.full_like(panel[-25:], DARK)).any()


def test_chinese_characters_are_letters_and_not_boxes(painter: Painter, frame: Pixels) -> None:
    """A font without them draws the same empty box for each."""
    drawn = [
        painter.draw(frame, Scene(message=Line(text=text)))[HEIGHT - 40 :, :WIDTH]
        for text in ("借", "还", "验", "\ue000")
    ]
    for index, one in enumerate(drawn):
        assert all((one != other).any() for other in drawn[index + 1 :])


def test_the_same_scene_gives_the_same_picture(painter: Painter, frame: Pixels) -> None:
    assert (painter.draw(frame, CHINESE) == painter.draw(frame, CHINESE)).all()


def test_control_characters_and_turned_writing_are_not_drawn(
    painter: Painter, frame: Pixels
) -> None:
    assert clean("A\x1b[2J\u202eB\tC\n D\ud800") == "A[2JB C  D"
    hostile = painter.draw(frame, Scene(message=Line(text="已\u202e借\x00出\u200b")))
    assert (hostile == painter.draw(frame, Scene(message=Line(text="已借出")))).all()


# --- the basket ----------------------------------------------------------------------------


def test_a_full_basket_shows_its_newest_lines(painter: Painter, frame: Pixels) -> None:
    lines = tuple(Line(text=f"第{n}件", verdict=Verdict.ACCEPTED) for n in range(200))
    full = painter.draw(frame, Scene(basket_title="清单", basket=lines))
    newest = Line(text="新来的", verdict=Verdict.REFUSED)
    more = painter.draw(frame, Scene(basket_title="清单", basket=(*lines, newest)))
    refused = np.asarray((more == np.array(COLOURS[Verdict.REFUSED])).all(axis=2))
    rows = np.flatnonzero(refused.any(axis=1))
    assert rows.size
    # The newest is the lowest line, and it lies inside the panel.
    accepted = (more == np.array(COLOURS[Verdict.ACCEPTED])).all(axis=2)
    assert rows.min() > np.flatnonzero(accepted.any(axis=1)).max()
    assert rows.max() < HEIGHT - 5
    assert not refused[:, :WIDTH].any()
    assert changed(full, more).any()


@pytest.mark.parametrize("size", [(64, 48), (1, 1), (320, 20), (3000, 40)])
def test_small_and_flat_frames_are_drawn_on_too(painter: Painter, size: tuple[int, int]) -> None:
    small = np.zeros((size[1], size[0], 3), np.uint8)
    lines = tuple(Line(text=f"{n}", verdict=Verdict.ACCEPTED) for n in range(30))
    scene = Scene(
        marks=(Mark(corners=CODE, verdict=Verdict.REFUSED, lines=("K7M2", "台式")),),
        facts=(("模式", "借出"),),
        basket_title="清单",
        basket=lines,
        message=Line(text="已借出", verdict=Verdict.ACCEPTED),
        keys=("q",),
    )
    assert painter.draw(small, scene).shape == (size[1], size[0] + panel_width(size[0]), 3)


# --- fonts ---------------------------------------------------------------------------------


def test_a_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.ttf"
    path.write_bytes(b"not a font" * 100)
    with pytest.raises(FontUnreadableError, match=r"x\.ttf"):
        Painter(path)
    with pytest.raises(FontUnreadableError):
        Painter(tmp_path / "gone.ttf")
