"""Handhelds that POST what they read: text, JSON, JSON lines or a form, to any path.

The answer is JSON with the two signs of success that handhelds look for: `{"ok": true, "code": 0,
"count": 3, "message": "OK"}`. The secret may come as `Authorization: Bearer …`, as the password
of basic authorization, as `X-Api-Key`, or as `?key=…` where only an address can be set.
"""

from __future__ import annotations

import base64
import binascii
import json
import socket
import socketserver
import time
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from scanner.parcels import ParcelError, Sent, unpack
from scanner.push import Push, Server
from scanner.reading import RFID, Reading
from scanner.said import is_epc, said
from scanner.untangle import untangle

MOST_BYTES = 1 << 20
"""The largest body that is taken."""

REQUEST_SECONDS = 15.0
"""A request that is not whole after so long is given up."""

_LINGER_SECONDS = 2.0


class _Client(BaseHTTPRequestHandler):
    server: _HttpServer
    protocol_version = "HTTP/1.1"
    server_version = "scanner"
    sys_version = ""
    error_content_type = "application/json"
    error_message_format = '{"ok": false, "code": %(code)d, "message": "%(message)s"}'
    timeout = REQUEST_SECONDS
    wbufsize = -1

    def do_POST(self) -> None:
        """Take the readings of one request, all or none."""
        try:
            self._allow()
            body = self._body()
            sent = unpack(body, self.headers.get("Content-Type", ""), heard=time.monotonic())
        except ParcelError as error:
            self._refuse(error.status)
            return
        server = self.server
        found = tuple(reading for one in sent for reading in _readings(one, server))
        if found and not server.waiting.put(found, wait=False):
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        server.clients.heard(self.connection)
        self._answer(HTTPStatus.OK, {"ok": True, "code": 0, "count": len(found), "message": "OK"})

    do_PUT = do_POST  # noqa: N815

    def do_GET(self) -> None:
        """Say that someone listens here; readings are never taken from an address."""
        self._answer(HTTPStatus.OK, {"ok": True, "code": 0, "count": 0, "message": "POST"})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the consumer reports what came."""

    def _allow(self) -> None:
        if self.server.secret:
            if not any(map(self.server.is_secret, self._told())):
                raise ParcelError(HTTPStatus.UNAUTHORIZED)
        elif self.headers.get("Origin") is not None:
            # A web page that someone has open beside us would reach this port too.
            raise ParcelError(HTTPStatus.FORBIDDEN)

    def _told(self) -> Iterator[str]:
        kind, _, value = self._header("Authorization").partition(" ")
        if kind.lower() == "basic":
            with suppress(binascii.Error, ValueError):
                yield base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
        elif kind:
            yield value.strip() or kind
        yield self._header("X-Api-Key")
        with suppress(ValueError):
            yield from parse_qs(urlsplit(self.path).query, max_num_fields=100).get("key", [])

    def _header(self, name: str) -> str:
        # Headers come as if they were Latin-1, whatever they are.
        return (
            str(self.headers.get(name, ""))
            .encode("latin-1", "replace")
            .decode("utf-8", "replace")
            .strip()
        )

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") is not None:
            raise ParcelError(HTTPStatus.LENGTH_REQUIRED)
        if self.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise ParcelError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        lengths = self.headers.get_all("Content-Length", [])
        if not lengths:
            raise ParcelError(HTTPStatus.LENGTH_REQUIRED)
        if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdigit()):
            raise ParcelError(HTTPStatus.BAD_REQUEST)
        length = int(lengths[0][:20])
        if length > MOST_BYTES:
            raise ParcelError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(length)
        if len(body) < length:
            raise ParcelError(HTTPStatus.BAD_REQUEST)
        return body

    def _refuse(self, status: int) -> None:
        # What is left of the body would be taken for the next request.
        self.close_connection = True
        message = HTTPStatus(status).phrase
        self._answer(status, {"ok": False, "code": int(status), "count": 0, "message": message})
        self._let_finish()

    def _let_finish(self) -> None:
        """Read on for a while: who is hung up on while he still sends never sees the answer."""
        with suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(_LINGER_SECONDS)
            left = 4 * MOST_BYTES
            while left > 0 and (block := self.rfile.read1(1 << 16)):
                left -= len(block)

    def _answer(self, status: int, answer: dict[str, object]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", "Bearer")
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            self.send_header("Retry-After", "1")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        """Serve one client until it leaves or is hung up on."""
        with suppress(OSError):
            super().handle()


def _readings(sent: Sent, server: _HttpServer) -> Iterator[Reading]:
    text = sent.text.strip()
    if sent.radio is not None and is_epc(text):
        yield Reading(text=text.upper(), symbology=RFID, engine="http", radio=sent.radio)
        return
    yield from said(untangle(text, is_ours=server.is_ours), engine="http", form=server.form)


class _HttpServer(Server):
    scheme = "http"
    full = (
        b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
        b"Content-Length: 0\r\nConnection: close\r\n\r\n"
    )

    def handler(self) -> type[socketserver.BaseRequestHandler]:
        return _Client

    def service_actions(self) -> None:
        """Hang up on who sends a byte now and then, so that every place is taken by somebody."""
        self.clients.hang_up_silent(REQUEST_SECONDS)


class PushHttp(Push):
    """An HTTP listener: one POST, any number of reads."""

    server_class = _HttpServer
