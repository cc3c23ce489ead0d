"""Asking a witness on the network to cosign a checkpoint (C2SP tlog-witness), and nothing more.

A witness may be anybody's program: its answer has a largest size and the asking a longest time. It
is asked at the address it has and nowhere else: no proxy of the surroundings, no redirection.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
)
from urllib.parse import SplitResult, urlsplit

from assetctl.domain.checkpoint import parse_number
from assetctl.domain.note import parse_signatures
from assetctl.errors import NoteInvalidError, WitnessUnavailableError
from assetctl.i18n import N_, Phrase

MOST_BYTES = 1 << 16
"""Largest answer: 64 signatures of the usual kind fit several times."""

SIZE_TYPE = "text/x.tlog.size"
"""Content type of the answer that names the size to prove from."""

_REASONS = {
    400: N_("it says that the request is malformed (400)"),
    403: N_("it says that no key it trusts has signed the checkpoint (403)"),
    404: N_("it does not know this log (404); it must trust the key of the log first"),
    422: N_(
        "it says that the log does not continue what it cosigned before (422); compare the "
        "checkpoints before anything else"
    ),
}


def ask(url: str, body: str, timeout: float) -> str | int:
    """Return the signature lines that a witness gives for an `add-checkpoint` request.

    Or the size that it cosigned last, if the request proves from another one: then ask again with a
    proof from there. `url` is the submission prefix of the witness, `timeout` the longest time for
    all of it, in seconds. Whether the lines are signatures of that witness is still to be verified.

    Raises:
        WitnessUnavailableError: it cannot be asked, is silent, refuses, or answers nonsense.
    """
    address = _address(url)
    try:
        with called(address, timeout) as connection:
            connection.request(
                "POST", f"{address.path.rstrip('/')}/add-checkpoint", body.encode(),
                {"Content-Type": "text/plain; charset=utf-8", "Connection": "close"},
            )  # fmt: skip
            with connection.getresponse() as response:
                raw = response.read(MOST_BYTES + 1)
                if response.length and len(raw) <= MOST_BYTES:
                    raise IncompleteRead(raw, response.length)
                return _understood(url, response, raw)
    except (OSError, HTTPException, ValueError) as error:
        raise WitnessUnavailableError(url=url, reason=_why_silent(error)) from error


def _address(url: str) -> SplitResult:
    try:
        address = urlsplit(url)
        usable = address.scheme in ("http", "https") and bool(address.hostname)
        usable = usable and address.port != 0 and url.isascii() and url.isprintable()
        plain = not (address.query or address.fragment or address.username or address.password)
    except ValueError:
        usable = plain = False
    if not usable or not plain or " " in url:
        raise WitnessUnavailableError(url=url, reason=N_("this is no address of a witness"))
    return address


@contextmanager
def called(address: SplitResult, seconds: float) -> Iterator[HTTPConnection]:
    """Give a connection that ends after so long, however busily a byte comes now and then."""
    host, late = address.hostname or "", threading.Event()
    lines: list[socket.socket] = []

    def hang_up() -> None:
        late.set()
        for one in lines:
            with suppress(OSError):  # not the shutdown of TLS, which would first take leave
                socket.socket.shutdown(one, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        if address.scheme == "https":
            context = ssl.create_default_context()
            connection: HTTPConnection = HTTPSConnection(host, address.port, context=context)
            plain = socket.create_connection((host, connection.port), seconds)
            lines.append(plain)
            wrapped = context.wrap_socket(
                plain, server_hostname=host, do_handshake_on_connect=False
            )
            lines.append(wrapped)
            wrapped.do_handshake()
        else:
            connection = HTTPConnection(host, address.port)
            lines.append(socket.create_connection((host, connection.port), seconds))
        connection.sock = lines[-1]
        yield connection
    except (OSError, HTTPException, WitnessUnavailableError) as error:
        raise (TimeoutError() if late.is_set() else error) from error
    else:
        if late.is_set():
            raise TimeoutError
    finally:
        timer.cancel()
        hang_up()
        for one in lines:
            one.close()


def _understood(url: str, response: HTTPResponse, raw: bytes) -> str | int:
    nonsense = N_("its answer is none of a witness ({status})")
    try:
        text = raw.decode()
        if len(raw) <= MOST_BYTES and response.status == 200:
            parse_signatures(text)
            return text
        if response.status == 409 and response.getheader("Content-Type") == SIZE_TYPE:
            return parse_number(text.removesuffix("\n"))
    except (UnicodeDecodeError, NoteInvalidError):
        pass
    reason = _REASONS.get(response.status) or Phrase(nonsense, status=response.status)
    raise WitnessUnavailableError(url=url, reason=reason)


def _why_silent(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return N_("it is silent")
    if isinstance(error, ConnectionRefusedError):
        return N_("nobody listens there")
    if isinstance(error, socket.gaierror):
        return N_("its name is not known")
    if isinstance(error, OSError) and not isinstance(error, HTTPException):
        return Phrase(N_("the connection failed ({why})"), why=error.strerror or str(error))
    return N_("it broke off or does not speak HTTP")
