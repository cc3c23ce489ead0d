"""A phone that speaks RTSP: the frames of a real session, with JPEG over RTP (RFC 2326, 2435)."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("cv2", exc_type=ImportError)

import cv2

from scanner.camera import Frame, Frames, Link, Signal

GUARD = 60.0
WIDTH, HEIGHT = 160, 120
RATE = 90_000
"""The clock of RTP for pictures, in ticks a second."""

_SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=phone\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP 26\r\nc=IN IP4 0.0.0.0\r\na=control:track1\r\n"
)


def packets(shade: int, first: int, ticks: int) -> Iterator[bytes]:
    """One picture as RTP packets, of which `first` is the number of the first."""
    picture = np.full((HEIGHT, WIDTH, 3), shade, np.uint8)
    tables, scan = taken_apart(cv2.imencode(".jpg", picture)[1].tobytes())
    size = 1000
    for number, offset in enumerate(range(0, len(scan), size)):
        is_last = offset + size >= len(scan)
        marker = 0x80 if is_last else 0
        head = struct.pack(">BBHII", 0x80, 26 | marker, (first + number) & 0xFFFF, ticks, 7)
        # Type 1 is 4:2:0; quality 255 says that the tables come along.
        jpeg = struct.pack(">B", 0) + offset.to_bytes(3) + bytes((1, 255, WIDTH // 8, HEIGHT // 8))
        if not offset:
            jpeg += struct.pack(">BBH", 0, 0, len(tables)) + tables
        yield head + jpeg + scan[offset : offset + size]


def taken_apart(data: bytes) -> tuple[bytes, bytes]:
    """The quantisation tables of a JPEG and the bytes of its picture."""
    tables, at = b"", 2
    while True:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        body = data[at + 4 : at + 2 + length]
        at += 2 + length
        if marker == 0xDB:
            for start in range(0, len(body), 65):
                tables += body[start + 1 : start + 65]
        if marker == 0xDA:
            return tables, data[at:-2]


class Phone:
    """A server of one picture, sent again and again inside the session's own connection."""

    def __init__(self, port: int = 0, *, shade: int) -> None:
        self._server = socket.create_server(("127.0.0.1", port))
        self.port: int = self._server.getsockname()[1]
        self.methods: list[str] = []
        self._shade = shade
        self._is_off = threading.Event()
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def switch_off(self) -> None:
        self._is_off.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        if self._connection is not None:
            self._connection.close()
        self._thread.join(GUARD)

    def _serve(self) -> None:
        while not self._is_off.is_set():
            try:
                self._connection, _ = self._server.accept()
                with self._connection as connection:
                    self._talk(connection)
            except OSError:
                continue

    def _talk(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as requests:
            while not self._is_off.is_set():
                method = self._answered(connection, [*iter(requests.readline, b"\r\n")])
                if method == "PLAY":
                    self._play(connection)

    def _answered(self, connection: socket.socket, lines: list[bytes]) -> str:
        if not lines:
            raise OSError
        method = lines[0].split()[0].decode()
        self.methods.append(method)
        fields = dict(line.decode().strip().split(": ", 1) for line in lines[1:])
        answer = {"CSeq": fields["CSeq"], "Session": "12345678"}
        body = ""
        if method == "DESCRIBE":
            body = _SDP
            answer |= {"Content-Type": "application/sdp", "Content-Length": str(len(body))}
        elif method == "SETUP":
            assert "RTP/AVP/TCP" in fields["Transport"]
            answer["Transport"] = "RTP/AVP/TCP;unicast;interleaved=0-1"
        head = "".join(f"{name}: {value}\r\n" for name, value in answer.items())
        connection.sendall(f"RTSP/1.0 200 OK\r\n{head}\r\n{body}".encode())
        return method

    def _play(self, connection: socket.socket) -> None:
        number = ticks = 0
        while not self._is_off.wait(0.004):
            for packet in packets(self._shade, number, ticks):
                connection.sendall(b"$\0" + struct.pack(">H", len(packet)) + packet)
                number += 1
            ticks += RATE // 30


def next_frame(frames: Frames, signals: list[Signal]) -> Frame:
    while True:
        item = frames.take(GUARD)
        assert item is not None
        if isinstance(item, Frame):
            return item
        signals.append(item)


def test_a_session_gives_frames_and_comes_back_when_it_breaks() -> None:
    signals: list[Signal] = []
    phone = Phone(shade=70)
    with Frames(f"rtsp://127.0.0.1:{phone.port}/live", patience=(0.05,)) as frames:
        frame = next_frame(frames, signals)
        assert frame.picture.shape == (HEIGHT, WIDTH, 3)
        assert frame.picture.mean() == pytest.approx(70, abs=3)
        assert phone.methods[:4] == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]
        assert signals == []
        phone.switch_off()
        while not signals:
            next_frame_or_signal(frames, signals)
        again = Phone(phone.port, shade=190)
        try:
            while next_frame(frames, signals).picture.mean() < 180:
                assert len(signals) < 1000
        finally:
            again.switch_off()
    links = [signal.link for signal in signals]
    assert links[0] is Link.LOST
    assert links.count(Link.BACK) == 1


def next_frame_or_signal(frames: Frames, signals: list[Signal]) -> None:
    item = frames.take(GUARD)
    assert item is not None
    if isinstance(item, Signal):
        signals.append(item)
