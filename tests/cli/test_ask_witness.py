"""Asking a witness: what it signs, what it refuses, and programs that only look like one."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from assetctl.cli.ask_witness import MOST_BYTES, ask
from assetctl.cli.witness_http import WitnessServer, serving
from assetctl.domain.note import parse_signatures, verify
from assetctl.errors import Kind, WitnessUnavailableError
from assetctl.store.witness import make_witness
from tests.logs import Log, Signer

NOW = 1_790_000_000
_HELLO_OF_TLS = b"\x16"
LINE = str(Signer("w.example", 3).sign("text"))


@contextmanager
def rude(*pieces: bytes, endless: bytes = b"") -> Iterator[tuple[str, list[bytes]]]:
    """Serve the same bytes to everybody who comes; give the address and what was heard.

    With `endless` they are followed by these bytes again and again until the client leaves.
    """
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client, suppress(OSError):
                    heard.append(b"")
                    while piece := client.recv(1 << 16):
                        heard[-1] += piece
                        if heard[-1].endswith(b"\nold 0\n") or heard[-1][:1] == _HELLO_OF_TLS:
                            break
                    for piece in pieces:
                        client.sendall(piece)
                    while endless:
                        client.sendall(endless)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heard
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def answer(status: str, body: bytes, kind: str = "text/plain", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


def refused(url: str, timeout: float = 20) -> str:
    """Return why a witness that is asked has not signed."""
    with pytest.raises(WitnessUnavailableError) as caught:
        ask(url, "old 0\n", timeout)
    assert caught.value.kind is Kind.UNAVAILABLE
    assert caught.value.facts["url"] == url
    return str(caught.value.facts["reason"])


def test_what_a_witness_answers(tmp_path: Path) -> None:
    log = Log().grow(30)
    witness = make_witness(tmp_path / "w", "audit.example/w1", [log.key])
    server = WitnessServer("127.0.0.1", 0, witness, now=lambda: NOW, tell=lambda _what: None)
    with serving(server):
        for url in (server.url, f"{server.url}/"):
            lines = ask(url, log.request(0, 7), 20)
            if url == server.url:
                assert isinstance(lines, str)
                note = log.note(7).with_signatures(parse_signatures(lines))
                assert verify(note, [witness.key])[0].time == NOW
            else:
                assert lines == 7
        assert ask(server.url, log.request(9, 12), 20) == 7
        assert "malformed (400)" in _refusal(server.url, "nonsense")
        assert "(403)" in _refusal(server.url, log.request(7, 9).replace("/a\n9", "/a\n10"))
        assert "does not know this log" in _refusal(server.url, Log("x.example", 5).request(0))
        assert "does not continue" in _refusal(server.url, log.fork(3, 9).request(7, 9))
    assert "nobody listens" in _refusal(server.url, log.request(7, 9))


def _refusal(url: str, body: str) -> str:
    with pytest.raises(WitnessUnavailableError) as caught:
        ask(url, body, 20)
    return str(caught.value.facts["reason"])


def test_the_request_is_a_plain_post_below_the_prefix() -> None:
    with rude(answer("200 OK", LINE.encode())) as (url, heard):
        assert ask(f"{url}/some/prefix/", "old 0\n", 20) == LINE
    assert heard[0].startswith(b"POST /some/prefix/add-checkpoint HTTP/1.1\r\n")
    assert heard[0].endswith(b"\r\n\r\nold 0\n")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (answer("200 OK", b""), "none of a witness (200)"),
        (answer("200 OK", b"<html>"), "none of a witness (200)"),
        (answer("200 OK", b"\xff\xfe"), "none of a witness (200)"),
        (answer("200 OK", LINE.encode()[:-1]), "none of a witness (200)"),
        (answer("200 OK", LINE.encode() * 400), "none of a witness (200)"),
        (answer("201 Created", LINE.encode()), "none of a witness (201)"),
        (answer("409 Conflict", b"7\n"), "none of a witness (409)"),
        (answer("409 Conflict", b"-7\n", "text/x.tlog.size"), "none of a witness (409)"),
        (answer("409 Conflict", b"7\n\n", "text/x.tlog.size"), "none of a witness (409)"),
        (answer("409 Conflict", b"07\n", "text/x.tlog.size"), "none of a witness (409)"),
        (answer("409 Conflict", b"9" * 30, "text/x.tlog.size"), "none of a witness (409)"),
        (answer("500 Oops", b"x"), "none of a witness (500)"),
        (answer("302 Found", b"", more="Location: http://127.0.0.1:1/\r\n"), "(302)"),
        (answer("307 Moved", b"", more="Location: file:///etc/passwd\r\n"), "(307)"),
        (answer("403 No", b"\x1b[2J"), "(403)"), (b"", "broke off"), (b"garbage\r\n\r\n", "speak"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nshort", "broke off"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n", "speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000, "speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "broke off"),
        (b"SSH-2.0-OpenSSH\r\n", "speak HTTP"),
    ],
)  # fmt: skip
def test_answers_that_are_none(reply: bytes, reason: str) -> None:
    with rude(reply) as (url, heard):
        assert reason in refused(url)
    assert len(heard) == 1, "it was asked once and followed nowhere"


def test_an_answer_without_end_is_not_read_to_it() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    with rude(head, endless=LINE.encode() * 100) as (url, _heard):
        assert "none of a witness" in refused(url)
    with rude(answer("200 OK", b"x" * (MOST_BYTES + 1))) as (url, _heard):
        assert "none of a witness" in refused(url)


@pytest.mark.parametrize(
    "begin", [b"", b"HTTP/1.1 200 OK\r\nA: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"]
)
def test_a_witness_that_never_ends_what_it_says_is_left(begin: bytes) -> None:
    """A byte now and then keeps every single wait short: the whole asking has a longest time."""
    released = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client, suppress(OSError):
                client.recv(1 << 16)
                client.sendall(begin)
                while not released.wait(0.05):
                    client.sendall(b"x")

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            assert refused(f"http://127.0.0.1:{listener.getsockname()[1]}", 0.6) == "it is silent"
        finally:
            released.set()
            thread.join()


def test_a_witness_that_says_nothing_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert refused(f"http://127.0.0.1:{port}", 0.3) == "it is silent"
        assert refused(f"https://127.0.0.1:{port}", 0.3) == "it is silent"


def test_plain_text_behind_an_address_that_promises_encryption() -> None:
    with rude(b"HTTP/1.1 400 Bad Request\r\n\r\n") as (url, _heard):
        assert "connection failed" in refused(url.replace("http:", "https:"))


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate and key for 127.0.0.1 in one file, vouched for by nobody."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "w.example")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(private, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        signed.public_bytes(Encoding.PEM)
        + private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return path


def test_encrypted_only_with_whom_somebody_vouches_for(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log().grow(30)
    witness = make_witness(tmp_path / "w", "audit.example/w1", [log.key])
    server = WitnessServer("127.0.0.1", 0, witness, now=lambda: NOW, tell=lambda _what: None)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with serving(server):
        url = server.url.replace("http:", "https:")
        assert "connection failed" in _refusal(url, log.request(0, 7))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        lines = ask(url, log.request(0, 7), 20)
        assert isinstance(lines, str)
        assert ask(url, log.request(0, 7), 20) == 7
        assert "connection failed" in _refusal(url.replace("127.0.0.1", "localhost"), "")


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "w.example", "ftp://w.example", "file:///etc/passwd", "http://", "http:///x",
        "http://w.example:0", "http://w.example:99999", "http://w.example:x", "http://[::1",
        "http://user:secret@w.example", "http://user@w.example", "http://w.example/?a=b",
        "http://w.example/#a", "http://w.example/a b", "http://w.example/\r\nX: y",
        "http://w.exa\u200bmple", "//w.example", "unix:///tmp/x", "data:text/plain,x",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_witness(url: str) -> None:
    assert refused(url) == "this is no address of a witness"


def test_proxies_of_the_surroundings_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with rude(answer("200 OK", LINE.encode())) as (proxy, heard):
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy)
        with rude(answer("409 Conflict", b"3\n", "text/x.tlog.size")) as (url, _heard):
            assert ask(url, "old 0\n", 20) == 3
    assert heard == []
