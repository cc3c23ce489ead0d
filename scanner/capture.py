"""What a camera is called, how it is opened, and every way in which that fails."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from scanner.reading import PathMissingError, ScanError

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Picture = NDArray[numpy.uint8]
    """Rows, columns, and blue, green and red of 8 bits each, as OpenCV has them."""

SCHEMES = ("rtsp", "rtsps", "http", "https")
"""What an address of a stream may begin with. FFmpeg knows more, some of which open local files."""

DEVICES = Path("/dev")
"""Where Linux keeps its cameras."""

LIMIT_PIXELS = 50_000_000
"""The largest frame that is taken: more than any camera has, less than fills the memory."""

_NETWORK_MS = 5000
"""How long a stream may take to answer, and how long it may then be silent."""

_NUMBER = re.compile(r"(?:/dev/video)?([0-9]{1,3})", re.ASCII)
_LIBRARY = re.compile(r"\.(?:so|dylib)\b|DLL")


class VideoMissingError(ScanError):
    """OpenCV, which cameras and videos need, does not work on this machine."""

    code = "scan.video_missing"
    template = (
        "Cameras and videos need OpenCV, and it does not work here: {reason}. To mend: {mend}"
    )


class CameraUnknownError(ScanError):
    """A text names neither a camera nor a stream nor a file."""

    code = "scan.camera_unknown"
    template = "{source!r} names no camera: give a number, an address ({known}) or a video file."


class CameraMissingError(ScanError):
    """There is no camera of that number."""

    code = "scan.camera_missing"
    template = "There is no camera {camera}. Found: {known}. Plug it in, or name another one."


class CameraDeniedError(ScanError):
    """The camera is there and this user may not open it."""

    code = "scan.camera_denied"
    template = (
        "This user may not open camera {camera}. On Linux add the user to the group 'video' and "
        "sign in again; elsewhere allow the camera in the privacy settings."
    )


class CameraSilentError(ScanError):
    """The camera is there and gives no picture: mostly another program holds it."""

    code = "scan.camera_silent"
    template = (
        "Camera {camera} gives no picture. Close other programs that use it, or plug it in again."
    )


class StreamClosedError(ScanError):
    """A stream cannot be reached, or gives no picture."""

    code = "scan.stream_closed"
    template = (
        "The stream {address} gives no picture. Check the address, and that the phone and this "
        "machine are in the same network."
    )


class VideoUnreadableError(ScanError):
    """A file is no video that can be played."""

    code = "scan.video_unreadable"
    template = "{source} cannot be read as a video: {reason}."


class Kind(StrEnum):
    """What a source is."""

    CAMERA = "camera"
    STREAM = "stream"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Where frames come from: `name` is a number, an address or a path, by `kind`."""

    kind: Kind
    name: str

    @property
    def is_live(self) -> bool:
        """Whether the world goes on while nobody looks: a frame not taken is a frame gone."""
        return self.kind is not Kind.FILE

    @property
    def shown(self) -> str:
        """The name without the password that an address may hold."""
        return masked(self.name) if self.kind is Kind.STREAM else self.name


class Capture(Protocol):
    """The part of OpenCV's VideoCapture that is used."""

    def isOpened(self) -> bool:  # noqa: N802  OpenCV's name
        """Whether it was opened."""

    def read(self) -> tuple[bool, Any]:
        """The next frame, or False and nothing."""

    def get(self, prop: int, /) -> float:
        """A property by number."""

    def release(self) -> None:
        """Let go of the device."""


def parse_feed(text: str) -> Feed:
    """What `text` names: a camera by number (`0`, `/dev/video0`), a stream, or a file.

    Raises `CameraUnknownError` for an empty text and for an address of any other scheme.
    """
    text = text.strip()
    if number := _NUMBER.fullmatch(text):
        return Feed(kind=Kind.CAMERA, name=str(int(number[1])))
    scheme, mark, rest = text.partition("://")
    if mark:
        if scheme.lower() not in SCHEMES or not rest or not text.isprintable():
            raise _unknown(masked(text))
        return Feed(kind=Kind.STREAM, name=text)
    if not text or "\0" in text:
        raise _unknown(text)
    return Feed(kind=Kind.FILE, name=text)


def masked(address: str) -> str:
    """An address as it may be shown: without user, password and query."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address.partition("://")[0] + "://…"
    host = parts.netloc.rpartition("@")
    query = "?…" if parts.query else ""
    return f"{parts.scheme}://{'…@' if host[1] else ''}{host[2]}{parts.path}{query}"


def video_fault() -> str | None:
    """Why cameras and videos do not work here, or None if they do; loading may take 0.2 s."""
    try:
        load_opencv()
    except VideoMissingError as error:
        return str(error.facts["reason"])
    return None


def load_opencv() -> Any:
    """The module `cv2`. Raises `VideoMissingError` with what to do."""
    try:
        import cv2

        if not hasattr(cv2, "VideoCapture"):
            # A folder of that name on the path imports well and is empty.
            raise ImportError("the module cv2 has no VideoCapture")
    except (ImportError, OSError, AttributeError, RuntimeError) as error:
        raise opencv_missing(error) from error
    # Its warnings say in other words, on the screen, what our errors and states say.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    return cv2


def opencv_missing(error: Exception) -> VideoMissingError:
    """The error for OpenCV that failed to load, told by the cause."""
    reason = str(error) or type(error).__name__
    if _LIBRARY.search(reason):
        mend = "apt-get install libgl1 libxcb1 libglib2.0-0"
    else:
        mend = "pip install 'assetctl[vision]'"
    return VideoMissingError(reason=reason, mend=mend)


def open_capture(
    feed: Feed, *, size: tuple[int, int] = (1280, 720), devices: Path = DEVICES
) -> tuple[Capture, Picture]:
    """Open a feed and take its first frame, which alone shows that it works.

    `size` is the width and height in pixels that a camera is asked for; it may give others. A
    stream may take 5 s to answer. Raises `VideoMissingError`; for a camera `CameraMissingError`,
    `CameraDeniedError`, `CameraSilentError`; for a stream `StreamClosedError`; for a file
    `PathMissingError`, `VideoUnreadableError`.
    """
    cv2 = load_opencv()
    if feed.kind is Kind.FILE:
        _check_file(Path(feed.name))
        capture = cv2.VideoCapture(feed.name, _file_reader(cv2))
    elif feed.kind is Kind.STREAM:
        capture = _stream(cv2, feed.name)
    else:
        _check_camera(int(feed.name), devices)
        capture = _camera(cv2, int(feed.name), size)
    taken, picture = _first(cv2, capture, feed)
    if not taken:
        capture.release()
        raise _silent(feed)
    return capture, picture


def _first(cv2: Any, capture: Capture, feed: Feed) -> tuple[bool, Any]:
    if not capture.isOpened():
        return False, None
    pixels = capture.get(cv2.CAP_PROP_FRAME_WIDTH) * capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
    if pixels > LIMIT_PIXELS:
        capture.release()
        raise VideoUnreadableError(source=feed.shown, reason="its pictures are too large")
    try:
        return capture.read()
    except cv2.error:
        return False, None


def _silent(feed: Feed) -> ScanError:
    if feed.kind is Kind.CAMERA:
        return CameraSilentError(camera=feed.name)
    if feed.kind is Kind.STREAM:
        return StreamClosedError(address=feed.shown)
    return VideoUnreadableError(source=feed.name, reason="it is not a video")


def _unknown(shown: str) -> CameraUnknownError:
    return CameraUnknownError(source=shown, known=", ".join(f"{one}://" for one in SCHEMES))


# --- files ---------------------------------------------------------------------------------


def _check_file(path: Path) -> None:
    try:
        if not path.exists():
            raise PathMissingError(path=str(path))
        if not path.is_file():
            raise VideoUnreadableError(source=str(path), reason="it is not a file")
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise VideoUnreadableError(source=str(path), reason="it may not be opened") from error
    if not head:
        raise VideoUnreadableError(source=str(path), reason="it is empty")
    if b"\0" not in head:
        # A text may be a playlist, and a player would go wherever that leads.
        raise VideoUnreadableError(source=str(path), reason="it is not a video")


def _file_reader(cv2: Any) -> int:
    """FFmpeg where it is built in: others take a name such as `a%d.png` for a row of pictures."""
    known = cv2.videoio_registry.getBackends()
    return int(cv2.CAP_FFMPEG if cv2.CAP_FFMPEG in known else cv2.CAP_ANY)


# --- streams and cameras -------------------------------------------------------------------


def _stream(cv2: Any, address: str) -> Any:
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _NETWORK_MS]
    limits += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, _NETWORK_MS]
    reader = _file_reader(cv2)
    if reader == cv2.CAP_FFMPEG:
        return cv2.VideoCapture(address, reader, limits)
    return cv2.VideoCapture(address, reader)


def _check_camera(number: int, devices: Path) -> None:
    """Find out what is wrong before OpenCV, which would only say that it does not work."""
    if sys.platform != "linux":
        return
    path = devices / f"video{number}"
    try:
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
    except OSError as error:
        raise camera_error(error, number, devices) from error


def camera_error(error: OSError, number: int, devices: Path = DEVICES) -> ScanError:
    """What it means that the device of a camera could not be opened."""
    if isinstance(error, PermissionError):
        return CameraDeniedError(camera=number)
    if isinstance(error, FileNotFoundError):
        found = sorted(
            int(path.name[5:]) for path in devices.glob("video[0-9]*") if path.name[5:].isdecimal()
        )
        return CameraMissingError(camera=number, known=", ".join(map(str, found)) or "–")
    # Busy, or unplugged a moment ago while its name is still there.
    return CameraSilentError(camera=number)


def _camera(cv2: Any, number: int, size: tuple[int, int]) -> Any:
    reader = cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY
    capture = cv2.VideoCapture(number, reader)
    if capture.isOpened():
        # Without compression, USB 2 carries only a few large frames a second.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter_fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return capture
