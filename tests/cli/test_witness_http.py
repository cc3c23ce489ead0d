"""A witness over sockets on loopback: every status, races, garbage, slow and rude clients."""

from __future__ import annotations

import hashlib
import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assetctl.cli import witness_http
from assetctl.cli.witness_http import MOST_BYTES, MOST_CLIENTS, WitnessServer, serving
from assetctl.domain.checkpoint import Checkpoint, Request, parse_checkpoint
from assetctl.domain.note import Note, Signature, parse_note, parse_signatures, verify
from assetctl.errors import AssetctlError
from assetctl.store.witness import Witness, make_witness
from tests.logs import Log, Signer

NOW = 1_790_000_000
Reply = tuple[int, str, str]


class Served:
    """A witness that listens, and a client of it."""

    def __init__(self, server: WitnessServer, told: list[Checkpoint | AssetctlError]) -> None:
        self.server = server
        self.told = told
        self.witness = server.witness
        self.host, self.port = str(server.server_address[0]), int(server.server_address[1])

    def ask(
        self, body: str | bytes, path: str = "/add-checkpoint", method: str = "POST"
    ) -> Reply:  # fmt: skip
        """Send one request; return status, content type and text of the answer."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            data = body.encode("utf-8", "surrogateescape") if isinstance(body, str) else body
            connection.request(method, path, data if method == "POST" else None)
            response = connection.getresponse()
            kind = response.getheader("Content-Type") or ""
            return response.status, kind, response.read().decode()
        finally:
            connection.close()

    @contextmanager
    def client(self) -> Iterator[socket.socket]:
        """Give a bare connection."""
        with socket.create_connection((self.host, self.port), timeout=30) as connection:
            yield connection

    def raw(self, data: bytes) -> bytes:
        """Send bytes and return all that comes back until the server hangs up."""
        with self.client() as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return _all(connection)


def _all(connection: socket.socket) -> bytes:
    found = b""
    try:
        while piece := connection.recv(1 << 16):
            found += piece
    except ConnectionResetError:
        pass
    return found


@pytest.fixture
def log() -> Log:
    return Log().grow(60)


@pytest.fixture
def served(tmp_path: Path, log: Log) -> Iterator[Served]:
    witness = make_witness(tmp_path / "w", "audit.example/w1", [log.key])
    told: list[Checkpoint | AssetctlError] = []
    server = WitnessServer("127.0.0.1", 0, witness, now=lambda: NOW, tell=told.append)
    with serving(server):
        yield Served(server, told)


def post(body: str, path: str = "/add-checkpoint") -> bytes:
    data = body.encode()
    head = f"POST {path} HTTP/1.1\r\nHost: w\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


# --- every status --------------------------------------------------------------------------


def test_200_the_lines_are_cosignatures(served: Served, log: Log) -> None:
    status, kind, text = served.ask(log.request(0, 7))
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    assert text.startswith("— audit.example/w1 ")
    assert text.endswith("\n")
    (one,) = verify(log.note(7).with_signatures(parse_signatures(text)), [served.witness.key])
    assert one.time == NOW
    assert served.ask(log.request(7, 60))[0] == 200
    assert served.told == [log.checkpoint(7), log.checkpoint(60)]


def test_400_malformed(served: Served, log: Log) -> None:
    body = log.request(0, 7)
    cut = body.replace("old 0", "old 9")
    for bad in (
        "",
        "garbage",
        body[:-1],
        body.replace("\n", "\r\n"),
        b"\xff\xfe",
        "\x00" * 50,
        cut,
    ):
        status, kind, text = served.ask(bad)
        assert (status, kind) == (400, "text/plain; charset=utf-8")
        assert text.startswith("The request to the witness cannot be used")


def test_403_not_signed(served: Served, log: Log) -> None:
    note = log.note(7)
    bad = Signature(name=log.origin, key_id=log.key.key_id, value=bytes(64))
    for lines in ((Signer(log.origin, 9).sign(note.text),), (bad,), (*note.signatures, bad), ()):
        body = str(Request(old=0, proof=(), note=Note(note.text, lines)))
        assert served.ask(body)[0] == 403


def test_404_unknown_log(served: Served) -> None:
    assert served.ask(Log("log.example/stranger", 9).grow(3).request(0))[0] == 404


def test_409_is_the_size_and_nothing_else(served: Served, log: Log) -> None:
    assert served.ask(log.request(3, 7)) == (409, "text/x.tlog.size", "0\n")
    served.ask(log.request(0, 7))
    for old, new in ((0, 7), (0, 9), (8, 9), (6, 7)):
        assert served.ask(log.request(old, new)) == (409, "text/x.tlog.size", "7\n")


def test_422_fork_and_false_proofs(served: Served, log: Log) -> None:
    assert served.ask(str(Request(old=0, proof=(bytes(32),), note=log.note(7))))[0] == 422
    empty = Checkpoint(origin=log.origin, size=0, root=bytes(32))
    note = Note(str(empty), (log.sign(str(empty)),))
    assert served.ask(str(Request(old=0, proof=(), note=note)))[0] == 422
    served.ask(log.request(0, 7))
    for body in (
        log.fork(6, 9).request(7, 9), log.fork(6, 7).request(7, 7),
        str(Request(old=7, proof=(), note=log.note(9))),
        str(Request(old=7, proof=(bytes(32),), note=log.note(7))),
    ):  # fmt: skip
        assert served.ask(body)[0] == 422
    assert served.ask(log.request(7, 9))[0] == 200


def test_which_refusal_comes_first(served: Served, log: Log) -> None:
    """A stranger learns neither what was signed nor whether the proof would hold."""
    served.ask(log.request(0, 7))
    forged = log.request(3, 9).replace(
        str(log.note(9).signatures[0]), str(Signer(log.origin, 9).sign("x"))
    )
    assert served.ask(forged)[0] == 403
    assert served.ask(log.request(7, 9).replace("old 7", "old 10"))[0] == 400
    assert served.ask(log.fork(2, 9).request(3, 9))[0] == 409


def test_503_where_the_witness_cannot_remember(served: Served, log: Log) -> None:
    folder = served.witness.folder
    (folder / "signed").unlink()
    (folder / "signed").mkdir()
    assert served.ask(log.request(0, 7))[0] == 503
    (folder / "signed").rmdir()
    assert served.ask(log.request(0, 7))[0] == 200


def test_500_where_its_memory_is_not_what_it_wrote(served: Served, log: Log) -> None:
    served.ask(log.request(0, 7))
    (served.witness.folder / "signed").write_bytes(b"")
    assert served.ask(log.request(7, 9))[0] == 500
    assert served.ask(log.request(0, 9))[0] == 500


def test_the_newest_checkpoint_is_there_for_everybody(served: Served, log: Log) -> None:
    digest = hashlib.sha256(log.origin.encode()).hexdigest()
    path = f"/{digest}/checkpoint"
    assert served.ask("", path, "GET")[0] == 404
    for old, new in ((0, 7), (7, 9)):
        line = served.ask(log.request(old, new))[2]
        status, kind, text = served.ask("", path, "GET")
        assert (status, kind) == (200, "text/plain; charset=utf-8")
        note = parse_note(text)
        assert parse_checkpoint(note.text) == log.checkpoint(new)
        assert len(verify(note, [log.key, served.witness.key])) == 2
        assert text.endswith(line)


@pytest.mark.parametrize(
    "path", ["/", "/add-checkpoint", "/{}", "/{}/", "/{}/checkpoint/", "/{}/checkpoint?x",
             "/../policy", "/{}/../witness", "/%2e%2e/witness", "/witness", "/policy", "/signed",
             "/last-{}", "/{}/CHECKPOINT", "*", "x" * 3000],
)  # fmt: skip
def test_nothing_else_is_there(served: Served, log: Log, path: str) -> None:
    served.ask(log.request(0, 7))
    digest = hashlib.sha256(log.origin.encode()).hexdigest()
    for one in (digest, digest.upper(), digest[:16], "0" * 64):
        assert served.ask("", path.format(one), "GET")[0] == 404
    if path != "/add-checkpoint":
        assert served.ask(log.request(7, 9), path)[0] == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "TRACE", "FOO"])
def test_other_methods(served: Served, method: str) -> None:
    assert served.ask("", "/add-checkpoint", method)[0] == 501


# --- connections ---------------------------------------------------------------------------


def test_a_connection_serves_many_requests(served: Served, log: Log) -> None:
    connection = http.client.HTTPConnection(served.host, served.port, timeout=30)
    connection.connect()
    first = connection.sock
    statuses = []
    for body in (log.request(0, 7), log.request(0, 9), log.request(7, 9), "garbage",
                 log.request(9, 60)):  # fmt: skip
        connection.request("POST", "/add-checkpoint", body.encode())
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
        assert connection.sock is first
    connection.close()
    assert statuses == [200, 409, 200, 400, 200]


def test_requests_sent_at_once_are_answered_in_order(served: Served, log: Log) -> None:
    data = post(log.request(0, 3)) + post(log.request(3, 7)) + post("garbage")
    answers = served.raw(data)
    assert [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]] == [200, 200, 400]


def test_a_client_that_waits_to_be_told_to_go_on(served: Served, log: Log) -> None:
    head, _, body = post(log.request(0, 7)).partition(b"\r\n\r\n")
    with served.client() as connection:
        connection.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Transfer-Encoding: chunked", 411), ("", 411), ("Content-Length: -1", 400),
        ("Content-Length: +5", 400), ("Content-Length: 5_0", 400), ("Content-Length: ５", 400),
        ("Content-Length: 0x5", 400), ("Content-Length: 5, 5", 400), ("Content-Length: 05", 400),
        ("Content-Length: 5\r\nContent-Length: 5", 400), ("Content-Length: 99999999999999", 400),
        ("Content-Length: 5\r\nTransfer-Encoding: chunked", 411),
        (f"Content-Length: {MOST_BYTES + 1}", 413), ("Content-Length: 1000000000", 413),
        ("Content-Length: 900", 400), ("Content-Length: 0", 400),
    ],
)  # fmt: skip
def test_lengths(served: Served, log: Log, head: str, status: int) -> None:
    data = f"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n{head}\r\n\r\n".encode()
    answer = served.raw(data + log.request(0, 7).encode()[:200])
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer
    assert answer.count(b"HTTP/1.1 ") == 1
    assert served.ask(log.request(0, 7))[0] == 200


def test_the_largest_body_is_read_and_one_byte_more_is_not(served: Served) -> None:
    status, _, text = served.ask("x" * MOST_BYTES)
    assert (status, "cannot be used" in text) == (400, True)
    assert served.ask("x" * (MOST_BYTES + 1))[0] == 413
    assert served.ask("x" * (4 * MOST_BYTES))[0] == 413


def test_as_many_signatures_as_anybody_has_fit(served: Served, log: Log) -> None:
    note = log.note(7)
    large = [Signature(name=f"pq{n}.example", key_id=b"1234", value=bytes(5000)) for n in range(15)]
    body = str(Request(old=0, proof=(), note=note.with_signatures(large)))
    assert len(body) > 90_000
    assert served.ask(body)[0] == 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300))
def test_garbage_never_breaks_it(served: Served, data: bytes) -> None:
    served.raw(data)
    served.raw(b"POST /add-checkpoint HTTP/1.1\r\n" + data)
    assert served.ask(data)[0] == 400


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\r\n" * 50, b"GET / HTTP/9.9\r\n\r\n", b"GET /\r\n", b"G" * 70_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 300 + b"\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/1.1\r\nA: " + b"x" * 70_000 + b"\r\n\r\n", b"\x00" * 1000,
        b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 1000\r\n\r\nold 0\n",
    ],
)  # fmt: skip
def test_what_no_client_says(served: Served, log: Log, data: bytes) -> None:
    served.raw(data)
    assert served.ask(log.request(0, 7))[0] == 200


def _drip(served: Served, data: bytes) -> None:
    """Send a byte at a time until the server hangs up."""
    with served.client() as connection:
        connection.settimeout(0.02)
        for place in range(len(data)):
            try:
                connection.sendall(data[place : place + 1])
                if connection.recv(1) == b"":
                    return
            except TimeoutError:
                continue
            except OSError:
                return
    pytest.fail("the server waited to the end")


@pytest.mark.parametrize(
    "data",
    [
        b"P" * 60_000,
        b"POST /add-checkpoint HTTP/1.1\r\n" + b"A: b\r\n" * 10_000,
        b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 60000\r\n\r\n" + b"x" * 60_000,
    ],
    ids=["line", "head", "body"],
)
def test_a_byte_now_and_then_does_not_hold_a_place(
    served: Served, log: Log, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    monkeypatch.setattr(witness_http, "REQUEST_SECONDS", 0.5)
    _drip(served, data)
    assert served.ask(log.request(0, 7))[0] == 200


def test_silent_clients_lose_their_places(
    served: Served, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness_http, "REQUEST_SECONDS", 0.5)
    silent = [socket.create_connection((served.host, served.port), 30) for _ in range(MOST_CLIENTS)]
    for one in silent:
        assert _all(one) == b""  # it was hung up on
        one.close()
    assert served.ask(log.request(0, 7))[0] == 200


def test_one_client_too_many_is_told_so(served: Served, log: Log) -> None:
    body = post(log.request(0, 7))
    held = []
    for _ in range(MOST_CLIENTS):
        one = socket.create_connection((served.host, served.port), 30)
        one.sendall(body[:20])
        held.append(one)
    with served.client() as more:
        assert _all(more).startswith(b"HTTP/1.1 503 ")
    held[0].sendall(body[20:])
    assert held[0].recv(1 << 16).startswith(b"HTTP/1.1 200 ")
    for one in held:
        one.close()


def test_closing_answers_what_is_being_asked_and_hangs_up_on_the_rest(
    tmp_path: Path, log: Log
) -> None:
    witness = make_witness(tmp_path / "w", "audit.example/w1", [log.key])
    server = WitnessServer("127.0.0.1", 0, witness, now=lambda: NOW, tell=lambda _what: None)
    address = str(server.server_address[0]), int(server.server_address[1])
    with serving(server):
        idle = socket.create_connection(address, 30)
        idle.sendall(post(log.request(0, 7)))
        assert idle.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        half = socket.create_connection(address, 30)
        half.sendall(post(log.request(7, 9))[:100])
    assert _all(idle) == b""
    assert b" 200 " not in _all(half)
    idle.close()
    half.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, 30)


# --- races ---------------------------------------------------------------------------------


def _at_once(served: Served, bodies: list[str]) -> list[Reply]:
    """Send requests at the same moment; return their answers in the same order."""
    barrier = threading.Barrier(len(bodies))
    replies: dict[int, Reply] = {}

    def send(number: int) -> None:
        barrier.wait()
        replies[number] = served.ask(bodies[number])

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(bodies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [replies[number] for number in range(len(bodies))]


def test_of_requests_at_once_one_is_signed_and_nothing_rolls_back(served: Served, log: Log) -> None:
    size = 0
    for step in range(6):
        ends = [size + 1 + (step + number) % 8 for number in range(8)]
        replies = _at_once(served, [log.request(size, end) for end in ends])
        (winner,) = (end for end, reply in zip(ends, replies, strict=True) if reply[0] == 200)
        others = {reply for reply in replies if reply[0] != 200}
        assert others == {(409, "text/x.tlog.size", f"{winner}\n")}
        size = winner
    signed = (served.witness.folder / "signed").read_text().split("\n\n")[:-1:2]
    heads = [parse_checkpoint(f"{text}\n") for text in signed]
    assert [head.size for head in heads] == sorted({head.size for head in heads})
    assert heads == [log.checkpoint(head.size) for head in heads]
    assert len(heads) == 6


def test_two_forks_at_once_only_one_is_ever_signed(served: Served, log: Log) -> None:
    served.ask(log.request(0, 5))
    forks = [Log().grow(5).fork(5, 9), log]
    replies = _at_once(served, [one.request(5, 9) for one in forks for _ in range(4)])
    signed = [reply for reply in replies if reply[0] == 200]
    assert len(signed) == 1
    assert {reply[0] for reply in replies} == {200, 409}


def test_a_witness_that_serves_and_one_that_signs_files_are_one(served: Served, log: Log) -> None:
    other = Witness(served.witness.folder)
    served.ask(log.request(0, 7))
    other.add_checkpoint(log.request(7, 9), NOW)
    assert served.ask(log.request(7, 10)) == (409, "text/x.tlog.size", "9\n")
    assert served.ask(log.request(9, 10))[0] == 200
    stranger = Log("log.example/b", 2).grow(3)
    assert served.ask(stranger.request(0))[0] == 404
    other.trust([stranger.key])
    assert served.ask(stranger.request(0))[0] == 200
