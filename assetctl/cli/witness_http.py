"""A witness on the network: `POST /add-checkpoint` and `GET /<SHA-256 of origin>/checkpoint`.

Plain HTTP by the standard library (C2SP tlog-witness). Whoever asks is a stranger: a request has a
largest size and a longest time, from its first byte to its last, and so many are served at once.
Nobody needs to be known here, for what is not signed by a trusted log is refused.
"""

from __future__ import annotations

import re
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING

from assetctl.cli.ask_witness import SIZE_TYPE
from assetctl.domain.checkpoint import Checkpoint, parse_request
from assetctl.errors import (
    AssetctlError,
    Kind,
    LogForkedError,
    LogUnknownError,
    NoteInvalidError,
    SignerSizeError,
    WitnessRequestError,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from assetctl.store.witness import Witness

MOST_BYTES = 1 << 18
"""Largest request: 63 hashes and 16 signatures of the longest kind fit twice."""

REQUEST_SECONDS = 15.0
"""A request that is not whole after so long is given up, and so is a connection at rest."""

MOST_CLIENTS = 64

_TEXT = "text/plain; charset=utf-8"
_MOST_DRAINED = 1 << 22
_CHECKPOINT = re.compile(r"/([0-9a-f]{64})/checkpoint")
_LENGTH = re.compile(r"0|[1-9][0-9]{0,9}")
_STATUSES: dict[type[AssetctlError], HTTPStatus] = {
    WitnessRequestError: HTTPStatus.BAD_REQUEST,
    NoteInvalidError: HTTPStatus.FORBIDDEN,
    LogUnknownError: HTTPStatus.NOT_FOUND,
    SignerSizeError: HTTPStatus.CONFLICT,
    LogForkedError: HTTPStatus.UNPROCESSABLE_ENTITY,
}
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class WitnessServer(socketserver.ThreadingTCPServer):
    """Serves a witness at an address until it is closed; with port 0 the system chooses one."""

    daemon_threads = False
    block_on_close = True
    allow_reuse_address = sys.platform != "win32"
    request_queue_size = MOST_CLIENTS

    def __init__(
        self, host: str, port: int, witness: Witness, *, now: Callable[[], int],
        tell: Callable[[Checkpoint | AssetctlError], None],
    ) -> None:  # fmt: skip
        """Listen; `now` gives seconds since 1970, `tell` is told what was signed or refused.

        Raises:
            OSError, OverflowError: the address cannot be had.
        """
        self.witness = witness
        self.now = now
        self.tell = tell
        self._places = threading.BoundedSemaphore(MOST_CLIENTS)
        self._clients: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Client)

    @property
    def url(self) -> str:
        """Where it is reached: the submission prefix and the monitoring prefix."""
        host, port = str(self.server_address[0]), self.server_address[1]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def verify_request(self, request: object, client_address: object) -> bool:  # noqa: ARG002
        """Take a client in, or tell it that there is no room."""
        if not isinstance(request, socket.socket):
            return False
        if self._places.acquire(blocking=False):
            with self._lock:
                self._clients.add(request)
            return True
        with suppress(OSError):
            request.settimeout(0.0)
            request.sendall(_FULL)
        return False

    def shutdown_request(self, request: object) -> None:
        """End one connection."""
        if not isinstance(request, socket.socket):
            return
        with self._lock:
            if request in self._clients:
                self._clients.remove(request)
                self._places.release()
        with suppress(OSError):
            request.shutdown(socket.SHUT_WR)
        request.close()

    def server_close(self) -> None:
        """Take nothing more, let what is being answered end, and hang up on all others."""
        with self._lock:
            for client in self._clients:
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RD)
        super().server_close()


@contextmanager
def serving(server: WitnessServer) -> Iterator[None]:
    """Serve in a thread until the end, then close."""
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="witness")
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def status_of(error: AssetctlError) -> HTTPStatus:
    """Return the status that the protocol has for a refusal; 500 and 503 for our own faults."""
    ours = (
        HTTPStatus.SERVICE_UNAVAILABLE
        if error.kind is Kind.UNAVAILABLE
        else HTTPStatus.INTERNAL_SERVER_ERROR
    )
    return _STATUSES.get(type(error), ours)


class _Patience(RawIOBase):
    """What a client sends, as long as its time lasts; a byte now and then does not prolong it."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._until = 0.0

    def begin(self) -> None:
        """Give the time of one request."""
        self._until = time.monotonic() + REQUEST_SECONDS

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._client.settimeout(left)
        return self._client.recv_into(buffer)


class _Refused(Exception):  # noqa: N818  it carries a status to the one place that answers
    def __init__(self, status: HTTPStatus) -> None:
        self.status = status


class _Client(BaseHTTPRequestHandler):
    server: WitnessServer
    protocol_version = "HTTP/1.1"
    server_version = "assetctl-witness"
    sys_version = ""
    error_content_type = _TEXT
    error_message_format = "%(message)s\n"
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self._patience = _Patience(self.connection)
        self.rfile = BufferedReader(self._patience)

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def handle_one_request(self) -> None:
        self._patience.begin()
        super().handle_one_request()

    def handle_expect_100(self) -> bool:
        is_wanted = super().handle_expect_100()
        self.wfile.flush()
        return is_wanted

    def do_POST(self) -> None:
        """Cosign a checkpoint, or say why not."""
        try:
            if self.path != "/add-checkpoint":
                raise _Refused(HTTPStatus.NOT_FOUND)
            body = self._body()
        except _Refused as refused:
            self._refuse(refused.status)
            return
        self._answer(*self._add_checkpoint(body))

    def do_GET(self) -> None:
        """Give the newest checkpoint of a log with its signatures."""
        match = _CHECKPOINT.fullmatch(self.path)
        text = self.server.witness.published(match[1]) if match else None
        if text is None:
            self._answer(HTTPStatus.NOT_FOUND, "Not Found\n")
        else:
            self._answer(HTTPStatus.OK, text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing here: `tell` is told what counts."""

    def _add_checkpoint(self, body: bytes) -> tuple[HTTPStatus, str, str]:
        server = self.server
        try:
            try:
                text = body.decode()
            except UnicodeDecodeError as error:
                raise WitnessRequestError(reason="it is not UTF-8") from error
            lines = server.witness.add_checkpoint(text, server.now())
        except AssetctlError as error:
            server.tell(error)
            if isinstance(error, SignerSizeError):
                return status_of(error), f"{error.facts['size']}\n", SIZE_TYPE
            return status_of(error), f"{error}\n", _TEXT
        server.tell(parse_request(text).checkpoint)
        return HTTPStatus.OK, lines, _TEXT

    def _body(self) -> bytes:
        lengths = self.headers.get_all("Content-Length", [])
        if self.headers.get("Transfer-Encoding") is not None or not lengths:
            raise _Refused(HTTPStatus.LENGTH_REQUIRED)
        if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
            raise _Refused(HTTPStatus.BAD_REQUEST)
        length = int(lengths[0])
        if length > MOST_BYTES:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(length)
        if len(body) < length:
            raise _Refused(HTTPStatus.BAD_REQUEST)
        return body

    def _refuse(self, status: HTTPStatus) -> None:
        # What is left of the body would be taken for the next request, and if it were not read the
        # system would break the connection off before the answer arrived.
        self.close_connection = True
        self._answer(status, f"{status.phrase}\n")
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        left = _MOST_DRAINED
        while left > 0 and (passed_over := self.rfile.read1(1 << 16)):
            left -= len(passed_over)

    def _answer(self, status: HTTPStatus, text: str, kind: str = _TEXT) -> None:
        body = text.encode("utf-8", "replace")
        self.connection.settimeout(REQUEST_SECONDS)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
