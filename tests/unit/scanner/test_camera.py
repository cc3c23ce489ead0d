"""Frames from files and streams: real files, a real server on a socket, real faults."""

from __future__ import annotations

import errno
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("cv2", exc_type=ImportError)

import cv2

from scanner.camera import Frame, Frames, Link, Signal
from scanner.capture import (
    CameraDeniedError,
    CameraMissingError,
    CameraSilentError,
    CameraUnknownError,
    Kind,
    StreamClosedError,
    VideoMissingError,
    VideoUnreadableError,
    camera_error,
    masked,
    open_capture,
    opencv_missing,
    parse_feed,
    video_fault,
)
from scanner.reading import PathMissingError, ScanError

Pixels = NDArray[np.uint8]
GUARD = 60.0
"""Seconds after which a test gives up waiting; nothing is measured by it."""


def plain(shade: int, size: tuple[int, int] = (160, 120)) -> Pixels:
    return np.full((size[1], size[0], 3), shade, np.uint8)


def record(path: Path, shades: list[int], rate: float = 12.5) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (160, 120))
    for shade in shades:
        writer.write(plain(shade))
    writer.release()
    return path


def shade_of(frame: Frame) -> int:
    return round(float(frame.picture.mean()))


class Phone:
    """A phone that sends pictures over HTTP, one part after another, as camera apps do."""

    def __init__(self, port: int = 0) -> None:
        self._server = socket.create_server(("127.0.0.1", port))
        self.port: int = self._server.getsockname()[1]
        self.address = f"http://user:secret@127.0.0.1:{self.port}/video?token=secret"
        self.sent = 0
        self._shade = 0
        self._is_off = False
        self._change = threading.Condition()
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def show(self, shade: int) -> None:
        with self._change:
            self._shade = shade

    def await_sent(self, count: int) -> None:
        """Wait until so many more pictures have been sent."""
        with self._change:
            goal = self.sent + count
            assert self._change.wait_for(lambda: self.sent >= goal, timeout=GUARD)

    def switch_off(self) -> None:
        """Break the connection and stop listening."""
        self._is_off = True
        # A closed socket alone does not wake the thread that waits for it.
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        if self._connection is not None:
            self._connection.close()
        self._thread.join(GUARD)

    def _serve(self) -> None:
        while not self._is_off:
            try:
                self._connection, _ = self._server.accept()
                with self._connection as connection:
                    self._send(connection)
            except OSError:
                continue

    def _send(self, connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(
            b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=cut\r\n\r\n"
        )
        while not self._is_off:
            data = cv2.imencode(".jpg", plain(self._shade))[1].tobytes()
            head = f"--cut\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            connection.sendall(head.encode() + data + b"\r\n")
            with self._change:
                self.sent += 1
                self._change.notify_all()
                # Fast enough to overrun any reader, slow enough to leave it the processor.
                self._change.wait(0.004)


@pytest.fixture
def phone() -> Iterator[Phone]:
    phone = Phone()
    yield phone
    if not phone._is_off:
        phone.switch_off()


# --- files ---------------------------------------------------------------------------------


def test_a_file_gives_every_frame_in_order_at_its_own_time(tmp_path: Path) -> None:
    shades = list(range(10, 240, 10))
    with Frames(str(record(tmp_path / "a.avi", shades))) as frames:
        got = [item for item in frames if isinstance(item, Frame)]
        assert frames.is_over
        assert frames.take() is None
    assert [frame.number for frame in got] == list(range(1, len(shades) + 1))
    assert [frame.seconds for frame in got] == pytest.approx([n / 12.5 for n in range(len(got))])
    assert {frame.dropped for frame in got} == {0}
    assert [shade_of(frame) for frame in got] == pytest.approx(shades, abs=2)


def test_a_slow_taker_of_a_file_misses_nothing(tmp_path: Path) -> None:
    path = record(tmp_path / "a.avi", list(range(0, 250, 5)))
    numbers = []
    with Frames(str(path)) as frames:
        while not frames.is_over:
            item = frames.take(GUARD)
            if isinstance(item, Frame):
                # Far more work than a frame of this size takes to be read.
                cv2.GaussianBlur(cv2.resize(item.picture, (1600, 1200)), (0, 0), 5)
                numbers.append(item.number)
            # A film of an hour must not lie in the memory.
            assert len(frames._box._items) <= 1
    assert numbers == list(range(1, 51))


def test_a_frame_is_blue_green_red_and_can_be_gray(tmp_path: Path) -> None:
    path = tmp_path / "red.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:, :, 2] = 255
    writer.write(picture)
    writer.release()
    with Frames(str(path)) as frames:
        (frame,) = (item for item in frames if isinstance(item, Frame))
    assert frame.picture.shape == (48, 64, 3)
    assert frame.picture.mean(axis=(0, 1)) == pytest.approx([0, 0, 255], abs=6)
    gray = frame.gray()
    assert gray.dtype == np.uint8
    assert gray.shape == (48, 64)
    assert gray.mean() == pytest.approx(76, abs=4)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "it is empty", id="empty"),
        pytest.param(b"asset,place\n" * 40, "it is not a video", id="text"),
        pytest.param(b"#EXTM3U\nhttp://127.0.0.1:1/a.ts\n", "it is not a video", id="playlist"),
        pytest.param(b"ffconcat version 1.0\nfile 'a.avi'\n", "it is not a video", id="script"),
        pytest.param(b"RIFF\xff\xff\xff\xffAVI " + bytes(400), "it is not a video", id="hollow"),
        pytest.param(bytes(range(256)) * 40, "it is not a video", id="noise"),
    ],
)
def test_what_is_no_video_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "x.avi"
    path.write_bytes(data)
    with pytest.raises(VideoUnreadableError, match=reason), Frames(str(path)):
        pass


@pytest.mark.parametrize("name", ["x.avi", "x.ffconcat"])
def test_a_script_that_leads_to_a_video_is_not_followed(tmp_path: Path, name: str) -> None:
    record(tmp_path / "a.avi", [50] * 5)
    (tmp_path / name).write_text("ffconcat version 1.0\nfile a.avi\n")
    with pytest.raises(VideoUnreadableError), Frames(str(tmp_path / name)):
        pass


def test_a_video_that_says_it_is_huge_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = record(tmp_path / "a.avi", [0] * 5)
    small, huge = struct.pack("<II", 160, 120), struct.pack("<II", 8000, 10_000)
    data = path.read_bytes().replace(small, huge)
    # The height and the width in the head of each JPEG.
    data = data.replace(struct.pack(">HH", 120, 160), struct.pack(">HH", 10_000, 8000))
    path.write_bytes(data)
    with pytest.raises(VideoUnreadableError, match="too large"), Frames(str(path)):
        pass


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(PathMissingError), Frames(str(tmp_path / "gone.avi")):
        pass
    with pytest.raises(VideoUnreadableError, match="it is not a file"), Frames(str(tmp_path)):
        pass


def test_a_row_of_pictures_is_not_taken_for_a_file(tmp_path: Path) -> None:
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"p{number}.png"), plain(90))
    with pytest.raises(PathMissingError), Frames(str(tmp_path / "p%d.png")):
        pass


@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_a_video_cut_short_gives_what_is_left_and_ends(tmp_path: Path, share: float) -> None:
    whole = record(tmp_path / "a.avi", list(range(0, 250, 5))).read_bytes()
    path = tmp_path / "cut.avi"
    path.write_bytes(whole[: int(len(whole) * share)])
    try:
        with Frames(str(path)) as frames:
            numbers = [item.number for item in frames if isinstance(item, Frame)]
    except VideoUnreadableError:
        numbers = []
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) <= 50


def test_leaving_early_ends_the_thread(tmp_path: Path) -> None:
    path = record(tmp_path / "a.avi", [50] * 40)
    with Frames(str(path)) as frames:
        frames.take(GUARD)
    assert frames.is_over
    assert frames.take() is None
    assert "frames" not in {thread.name for thread in threading.enumerate()}
    frames.close()


# --- streams -------------------------------------------------------------------------------


def test_a_late_look_at_a_stream_sees_what_is_there_now(phone: Phone) -> None:
    phone.show(40)
    with Frames(phone.address) as frames:
        first = frames.take(GUARD)
        assert isinstance(first, Frame)
        phone.await_sent(50)
        phone.show(200)
        phone.await_sent(50)
        shades: list[int] = []
        number, time = first.number, first.seconds
        while not shades or shades[-1] < 190:
            item = frames.take(GUARD)
            assert isinstance(item, Frame)
            assert item.dropped == item.number - number - 1
            assert item.seconds >= time
            shades, number, time = [*shades, shade_of(item)], item.number, item.seconds
    # A hundred pictures were sent meanwhile; a queue would hand over all of them.
    assert len(shades) < 50
    assert number > len(shades)


def test_a_stream_that_breaks_is_told_and_comes_back(phone: Phone) -> None:
    phone.show(60)
    with Frames(phone.address, patience=(0.05,)) as frames:
        before = frames.take(GUARD)
        assert isinstance(before, Frame)
        phone.switch_off()
        signals: list[Signal] = []
        while not (signals and signals[-1].attempt >= 2):
            item = frames.take(GUARD)
            if isinstance(item, Signal):
                signals.append(item)
        assert {signal.link for signal in signals} == {Link.LOST}
        attempts = [signal.attempt for signal in signals]
        assert attempts == sorted(set(attempts))
        assert isinstance(signals[-1].reason, StreamClosedError)
        assert signals[-1].retry_in == 0.05

        again = Phone(phone.port)
        again.show(180)
        try:
            item = frames.take(GUARD)
            while not isinstance(item, Frame):
                if isinstance(item, Signal):
                    signals.append(item)
                item = frames.take(GUARD)
            assert signals[-1].link is Link.BACK
            assert shade_of(item) == pytest.approx(180, abs=3)
            assert item.number > before.number
            assert item.seconds > before.seconds
        finally:
            again.switch_off()


def test_of_many_failed_attempts_only_the_newest_is_told(phone: Phone) -> None:
    with Frames(phone.address, patience=(0.01,)) as frames:
        phone.switch_off()
        item = frames.take(GUARD)
        while not isinstance(item, Signal):
            item = frames.take(GUARD)
        with socket.create_server(("127.0.0.1", phone.port)) as deaf:
            deaf.settimeout(GUARD)
            for _ in range(6):
                deaf.accept()[0].close()
        item = frames.take(GUARD)
        assert isinstance(item, Signal)
        # The sixth was refused by us; what became of it may not be told yet.
        assert item.attempt >= 5


def test_closing_does_not_wait_for_the_next_attempt(phone: Phone) -> None:
    with Frames(phone.address, patience=(3600.0,)) as frames:
        phone.switch_off()
        item = frames.take(GUARD)
        while not isinstance(item, Signal):
            item = frames.take(GUARD)
        assert item.retry_in == 3600.0
    assert "frames" not in {thread.name for thread in threading.enumerate()}


def test_a_stream_that_is_not_there_says_so_without_its_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(StreamClosedError) as caught, Frames(f"http://me:secret@127.0.0.1:{port}/v"):
        pass
    assert f"http://…@127.0.0.1:{port}/v" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_stream_of_something_else_is_refused() -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html>no</html>")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    with server, pytest.raises(StreamClosedError):
        open_capture(parse_feed(f"http://127.0.0.1:{server.getsockname()[1]}/"))
    thread.join(GUARD)


# --- names of sources ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("0", Kind.CAMERA, "0"),
        (" 02 ", Kind.CAMERA, "2"),
        ("/dev/video1", Kind.CAMERA, "1"),
        ("rtsp://10.0.0.7:8554/live", Kind.STREAM, "rtsp://10.0.0.7:8554/live"),
        ("HTTP://10.0.0.7/video", Kind.STREAM, "HTTP://10.0.0.7/video"),
        ("tour.avi", Kind.FILE, "tour.avi"),
        ("2026-11-23", Kind.FILE, "2026-11-23"),
        ("４", Kind.FILE, "４"),
    ],
)
def test_what_a_text_names(text: str, kind: Kind, name: str) -> None:
    source = parse_feed(text)
    assert (source.kind, source.name) == (kind, name)
    assert source.is_live == (kind is not Kind.FILE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "a\0b",
        "file:///etc/passwd",
        "concat://a|b",
        "rtsp://",
        "http://a\nb",
        "gopher://x/",
    ],
)
def test_what_names_nothing(text: str) -> None:
    with pytest.raises(CameraUnknownError):
        parse_feed(text)


def test_an_address_is_shown_without_its_secrets() -> None:
    assert masked("rtsp://u:p@10.0.0.7:8554/live?key=p") == "rtsp://…@10.0.0.7:8554/live?…"
    assert masked("http://10.0.0.7/live") == "http://10.0.0.7/live"
    assert masked("http://u:p@[::1/x") == "http://…"
    with pytest.raises(CameraUnknownError) as caught:
        parse_feed("ftp://u:hidden@host/")
    assert "hidden" not in str(caught.value)


# --- cameras -------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux names its cameras in a folder")
def test_a_camera_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    for name in ("video0", "video10", "video2", "video-odd", "null"):
        (tmp_path / name).touch()
    with pytest.raises(CameraMissingError) as caught, Frames("7", devices=tmp_path):
        pass
    assert caught.value.facts == {"camera": 7, "known": "0, 2, 10"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux names its cameras in a folder")
def test_a_device_that_is_no_camera_is_silent(tmp_path: Path) -> None:
    # A number far above any that a machine has, so that no real camera answers.
    (tmp_path / "video989").touch()
    with pytest.raises(CameraSilentError), Frames("989", devices=tmp_path):
        pass


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.EACCES, CameraDeniedError),
        (errno.EPERM, CameraDeniedError),
        (errno.ENOENT, CameraMissingError),
        (errno.EBUSY, CameraSilentError),
        (errno.ENODEV, CameraSilentError),
    ],
)
def test_what_the_system_says_of_a_camera(
    number: int, expected: type[ScanError], tmp_path: Path
) -> None:
    error = camera_error(OSError(number, os.strerror(number)), 0, tmp_path)
    assert type(error) is expected


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() == 0, reason="root may open everything")
def test_a_camera_of_others_is_denied(tmp_path: Path) -> None:
    (tmp_path / "video0").touch(mode=0)
    with pytest.raises(CameraDeniedError), Frames("0", devices=tmp_path):
        pass


# --- without OpenCV ------------------------------------------------------------------------


def test_opencv_works_here() -> None:
    assert video_fault() is None


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (ModuleNotFoundError("No module named 'cv2'"), "pip install 'assetctl[vision]'"),
        (ImportError("libGL.so.1: cannot open shared object file"), "apt-get install libgl1"),
    ],
)
def test_what_is_missing_comes_with_what_to_do(error: ImportError, mend: str) -> None:
    missing = opencv_missing(error)
    assert isinstance(missing, VideoMissingError)
    assert str(error) in str(missing)
    assert mend in str(missing)


def test_without_opencv_everything_loads_and_opening_says_why(tmp_path: Path) -> None:
    """A process in which the package is another one: that of a machine without it."""
    (tmp_path / "cv2").mkdir()
    code = (
        "import sys\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "from scanner.camera import Frames\n"
        "from scanner import overlay, presence, sound, watch, window\n"
        "assert not {'cv2', 'numpy', 'PIL', 'zxingcpp'} & set(sys.modules)\n"
        "from scanner.capture import VideoMissingError, video_fault\n"
        "print(video_fault())\n"
        "try:\n"
        "    Frames('0').__enter__()\n"
        "except VideoMissingError as error:\n"
        "    print(error.facts['mend'])\n"
    )
    (tmp_path / "cv2" / "__init__.py").write_text("raise ImportError('libGL.so.1: cannot open')\n")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[3], timeout=GUARD,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "libGL.so.1: cannot open",
        "apt-get install libgl1 libxcb1 libglib2.0-0",
    ]
