"""Handhelds over sockets on loopback: many shapes, many at once, slow, hostile."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import push_http
from scanner.epc96 import crc8
from scanner.parcels import ParcelError, unpack
from scanner.push import MOST_CLIENTS, Push
from scanner.push_http import MOST_BYTES, PushHttp
from scanner.push_tcp import PushTcp
from scanner.reading import RFID, TYPED, Reading, SourceUnavailableError

EPC = "5A10557AC011123456789AC1"
ADDRESS = "HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M29QXD4F.110123456789ABCDEF"
JSON, TEXT = "application/json", "text/plain"


def epc(serial: int) -> str:
    data = bytes.fromhex("5A10557AC011") + serial.to_bytes(5, "big")
    return (data + bytes([crc8(data)])).hex().upper()


def take(source: Push, count: int) -> list[Reading]:
    found = []
    for _ in range(count):
        reading = source.poll(20)
        assert reading is not None
        found.append(reading)
    return found


def texts(source: Push, count: int) -> list[str]:
    return [one.text for one in take(source, count)]


@contextmanager
def client(source: Push) -> Iterator[socket.socket]:
    with socket.create_connection(source.address, timeout=20) as connection:
        yield connection


def answer(connection: socket.socket, count: int = 1) -> list[str]:
    with connection.makefile("rb", 0) as stream:
        return [stream.readline().decode().strip() for _ in range(count)]


def post(
    source: Push, body: bytes | str, kind: str = JSON, *, path: str = "/", **headers: str
) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection(*source.address, timeout=20)
    try:
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body.encode() if isinstance(body, str) else body
        connection.request("POST", path, data, {"Content-Type": kind} | extra)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


@pytest.fixture
def tcp() -> Iterator[PushTcp]:
    with PushTcp("127.0.0.1", 0) as source:
        yield source


@pytest.fixture
def web() -> Iterator[PushHttp]:
    with PushHttp("127.0.0.1", 0) as source:
        yield source


# --- TCP -----------------------------------------------------------------------------------


def test_a_line_is_a_reading_and_is_answered(tcp: PushTcp) -> None:
    with client(tcp) as handheld:
        handheld.sendall(f"{ADDRESS}\r\n{EPC.lower()}\n\r\n卡片 12\n".encode("gb18030"))
        found = take(tcp, 3)
        assert answer(handheld, 3) == ["OK"] * 3
    assert [one.text for one in found] == [ADDRESS, EPC, "卡片 12"]
    assert [one.symbology for one in found] == [TYPED, RFID, TYPED]
    assert {(one.engine, one.pass_name, one.corners) for one in found} == {("tcp", "plain", ())}


def test_lines_arrive_a_byte_at_a_time_or_without_an_end(tcp: PushTcp) -> None:
    with client(tcp) as handheld:
        for byte in f"{EPC}\r\n".encode():
            handheld.sendall(bytes([byte]))
        assert texts(tcp, 1) == [EPC]
        handheld.sendall(ADDRESS.encode())
        assert texts(tcp, 1) == [ADDRESS]
        handheld.sendall(b"card 13")
    assert texts(tcp, 1) == ["card 13"]


def test_many_clients_at_once_lose_nothing(tcp: PushTcp) -> None:
    wanted = [[epc(1_000 * one + number) for number in range(200)] for one in range(8)]

    def send(mine: list[str]) -> None:
        with client(tcp) as handheld:
            handheld.sendall("".join(text + "\r\n" for text in mine).encode())
            assert answer(handheld, len(mine)) == ["OK"] * len(mine)

    threads = [threading.Thread(target=send, args=(mine,)) for mine in wanted]
    for thread in threads:
        thread.start()
    found = texts(tcp, 1_600)
    for thread in threads:
        thread.join(20)
    for mine in wanted:
        own = set(mine)
        assert [text for text in found if text in own] == mine


def test_a_client_waits_for_room_and_others_can_close() -> None:
    with PushTcp("127.0.0.1", 0, most_waiting=3) as source, client(source) as handheld:
        handheld.sendall("".join(f"{epc(number)}\n" for number in range(50)).encode())
        assert answer(handheld, 3) == ["OK"] * 3
        assert texts(source, 50) == [epc(number) for number in range(50)]
        assert answer(handheld, 47) == ["OK"] * 47
        handheld.sendall("".join(f"{epc(number)}\n" for number in range(50)).encode())
        assert answer(handheld, 3) == ["OK"] * 3
    assert [one.text for one in source] == [epc(number) for number in range(3)]


def test_ten_megabytes_without_a_line_end_are_refused_once(tcp: PushTcp) -> None:
    with client(tcp) as handheld:
        for _ in range(160):
            handheld.sendall(b"5A" * 32_768)
        handheld.sendall(b"\n" + EPC.encode() + b"\n")
        assert answer(handheld, 2) == ["TOO LONG", "OK"]
    assert texts(tcp, 1) == [EPC]


def test_bytes_that_are_no_text_are_survived(tcp: PushTcp) -> None:
    with client(tcp) as handheld:
        handheld.sendall(bytes(range(256)) * 40 + b"\n" + EPC.encode() + b"\n")
        handheld.shutdown(socket.SHUT_WR)
        found = [tcp.poll(20)]
        while found[-1] is not None and found[-1].text != EPC:
            found.append(tcp.poll(20))
    assert found[-1] is not None


def test_who_reads_no_answers_is_served_all_the_same(tcp: PushTcp) -> None:
    with client(tcp) as handheld:
        handheld.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        handheld.sendall(b"".join(b"%d\n" % number for number in range(9_000)))
        assert texts(tcp, 9_000) == [str(number) for number in range(9_000)]


@pytest.mark.parametrize("line", ["word 1", "AUTH word 1"])
def test_a_secret_opens_a_connection(line: str) -> None:
    with PushTcp("127.0.0.1", 0, secret="word 1") as source:
        with client(source) as stranger:
            stranger.sendall(f"{EPC}\n{line}\n{EPC}\n".encode())
            assert answer(stranger) == ["DENIED"]
            assert stranger.recv(10) == b""
        with client(source) as handheld:
            handheld.sendall(f"{line}\n{ADDRESS}\n".encode())
            assert answer(handheld, 2) == ["OK", "OK"]
        assert texts(source, 1) == [ADDRESS]
        assert source.poll() is None


def test_one_client_more_than_there_is_room_for_is_told(tcp: PushTcp) -> None:
    crowd = [socket.create_connection(tcp.address, timeout=20) for _ in range(MOST_CLIENTS)]
    try:
        for one in crowd:
            one.sendall(b"1\n")
            assert answer(one) == ["OK"]
        with client(tcp) as late:
            assert answer(late) == ["BUSY"]
        crowd.pop().close()
        texts(tcp, MOST_CLIENTS)
        served = False
        for _ in range(200):
            with client(tcp) as late:
                late.sendall(b"late\n")
                if answer(late) == ["OK"]:
                    served = True
                    break
        assert served
    finally:
        for one in crowd:
            one.close()


def test_who_has_long_been_silent_makes_room(tcp: PushTcp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.push._SILENT_SECONDS", 0.0)
    crowd = [socket.create_connection(tcp.address, timeout=20) for _ in range(MOST_CLIENTS + 4)]
    try:
        crowd[-1].sendall(EPC.encode() + b"\n")
        assert answer(crowd[-1]) == ["OK"]
        assert crowd[0].recv(10) == b""
    finally:
        for one in crowd:
            one.close()


# --- HTTP ----------------------------------------------------------------------------------

_SHAPES: list[tuple[str, str, list[str]]] = [
    (TEXT, f"{ADDRESS}\r\n{EPC}\r\n", [ADDRESS, EPC]),
    ("", ADDRESS + EPC, [ADDRESS, EPC]),
    (JSON, json.dumps(EPC), [EPC]),
    (JSON, json.dumps([ADDRESS, EPC]), [ADDRESS, EPC]),
    (JSON, json.dumps({"epc": EPC, "rssi": -61, "device": "PDA-1", "time": "12:00"}), [EPC]),
    (
        JSON,
        json.dumps({"deviceId": "PDA", "data": [{"EPC": EPC}, {"Bar_Code": "12"}]}),
        [EPC, "12"],
    ),
    (JSON, json.dumps({"tag_reads": [{"antennaPort": 1, "epc": EPC}]}), [EPC]),
    (JSON, json.dumps([{"data": {"idHex": EPC.lower(), "eventNum": 7}, "type": "X"}]), [EPC]),
    (JSON, json.dumps({"tagInventoryEvent": {"epcHex": EPC, "epc": "WhBXrAE="}}), [EPC]),
    (JSON, json.dumps({"code": 6901234567892, "count": 3}), ["6901234567892"]),
    (TEXT, json.dumps({"barcode": ADDRESS}), [ADDRESS]),
    ("application/x-ndjson", f'{{"epc":"{EPC}"}}\n\n{{"epc":"{ADDRESS}"}}\n', [EPC, ADDRESS]),
    ("application/x-www-form-urlencoded", urlencode({"epc": EPC, "user": "1"}), [EPC]),
    ("application/x-www-form-urlencoded", urlencode([("code", "1"), ("code", "2")]), ["1", "2"]),
    ("application/x-www-form-urlencoded", urlencode({"anything": ADDRESS}), [ADDRESS]),
    ("application/x-www-form-urlencoded", ADDRESS, [ADDRESS]),
    ("text/plain; charset=gbk", "卡片 12", ["卡片 12"]),
    (JSON, "[]", []),
    (TEXT, "", []),
]


@pytest.mark.parametrize(("kind", "body", "found"), _SHAPES)
def test_what_handhelds_post(web: PushHttp, kind: str, body: str, found: list[str]) -> None:
    encoding = "gb18030" if "gbk" in kind else "utf-8"
    assert post(web, body.encode(encoding), kind, path="/any/path") == (
        200, {"ok": True, "code": 0, "count": len(found), "message": "OK"},
    )  # fmt: skip
    assert texts(web, len(found)) == found
    assert web.poll() is None


def test_a_connection_is_kept_for_the_next_request(web: PushHttp) -> None:
    connection = http.client.HTTPConnection(*web.address, timeout=20)
    for number in range(5):
        connection.request("POST", "/", epc(number).encode())
        assert connection.getresponse().read()
        kept = connection.sock
        assert kept is not None
    connection.close()
    assert texts(web, 5) == [epc(number) for number in range(5)]


def test_a_look_with_a_browser_takes_nothing(web: PushHttp) -> None:
    connection = http.client.HTTPConnection(*web.address, timeout=20)
    connection.request("GET", f"/?code={EPC}")
    assert connection.getresponse().status == 200
    connection.close()
    assert web.poll() is None


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (JSON, "{", 400),
        (JSON, "[" * 100_000, 400),
        (JSON, "[" * 40 + '"1"' + "]" * 40, 400),
        (JSON, json.dumps(["1"] * 10_001), 413),
        ("multipart/form-data; boundary=x", "--x", 415),
        ("image/png", "x", 415),
        (TEXT, "7" * (MOST_BYTES + 1), 413),
        (JSON, "[" + "9" * 5_000 + "]", 400),
    ],
)
def test_what_cannot_be_taken_is_refused(web: PushHttp, kind: str, body: str, status: int) -> None:
    told, answered = post(web, body, kind)
    assert (told, answered["ok"], answered["code"]) == (status, False, status)
    assert web.poll() is None
    assert post(web, EPC, TEXT)[0] == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n1", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Encoding: gzip\r\n\r\n1", 415),
        (b"DELETE / HTTP/1.1\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ],
)  # fmt: skip
def test_requests_that_are_none(web: PushHttp, head: bytes, status: int) -> None:
    with client(web) as stranger:
        stranger.sendall(head)
        stranger.shutdown(socket.SHUT_WR)
        with stranger.makefile("rb") as stream:
            assert f" {status} " in stream.readline().decode() or status == 400
    assert web.poll() is None
    assert post(web, EPC, TEXT)[0] == 200


def _basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"pda:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({"Authorization": "Bearer 密 word"}, "/", 200),
        ({"Authorization": _basic("密 word")}, "/", 200),
        ({}, "/?key=%E5%AF%86%20word", 200),
        ({"Authorization": "Bearer word"}, "/", 401),
        ({"Authorization": _basic("x")}, "/", 401),
        ({"Authorization": "Basic ?"}, "/", 401),
        ({"Authorization": ""}, "/?key=", 401),
        ({}, "/", 401),
    ],
)
def test_a_secret_is_asked_for(headers: dict[str, str], path: str, status: int) -> None:
    with PushHttp("127.0.0.1", 0, secret="密 word") as source:
        sent = {name: value.encode().decode("latin-1") for name, value in headers.items()}
        assert post(source, EPC, TEXT, path=path, **sent)[0] == status
        assert (source.poll() is not None) == (status == 200)


def test_a_web_page_cannot_send_scans_behind_the_users_back(web: PushHttp) -> None:
    assert post(web, EPC, TEXT, Origin="https://evil.example")[0] == 403
    assert web.poll() is None
    with PushHttp("127.0.0.1", 0, secret="word") as source:
        headers = {"Origin": "file://", "X_Api_Key": "word"}
        assert post(source, EPC, TEXT, **headers)[0] == 200


def test_no_room_takes_all_of_a_request_or_nothing() -> None:
    with PushHttp("127.0.0.1", 0, most_waiting=3) as source:
        assert post(source, json.dumps(["1", "2"]))[0] == 200
        assert post(source, json.dumps(["3", "4"]))[0] == 503
        assert post(source, json.dumps(["5"]))[0] == 200
        assert texts(source, 3) == ["1", "2", "5"]
        assert post(source, json.dumps([str(number) for number in range(9)]))[0] == 200
        assert texts(source, 9) == [str(number) for number in range(9)]


def test_who_sends_a_byte_now_and_then_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_http, "REQUEST_SECONDS", 0.3)
    with PushHttp("127.0.0.1", 0) as source, client(source) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nContent-Length: 24\r\n\r\n5A")
        assert slow.recv(1_000) == b""
        assert post(source, EPC, TEXT)[0] == 200
        assert texts(source, 1) == [EPC]


@given(
    st.binary(max_size=300), st.sampled_from([JSON, TEXT, "", "application/x-www-form-urlencoded"])
)
def test_any_body_is_unpacked_or_refused(body: bytes, kind: str) -> None:
    try:
        found = unpack(body, kind)
    except ParcelError as error:
        assert error.status in (400, 413, 415)  # noqa: PT017
    else:
        assert all(one.text.strip() for one in found)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["epc", "Code", "data", "rssi", "x"]), inner, max_size=4)
    ),
)


@given(_json)
def test_any_json_is_unpacked(value: object) -> None:
    found = unpack(json.dumps(value).encode(), JSON)
    whole = json.dumps(value, ensure_ascii=False)
    assert all(json.dumps(one.text, ensure_ascii=False)[1:-1] in whole for one in found)


# --- both ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [PushTcp, PushHttp])
def test_a_port_that_is_taken_says_so(kind: Callable[..., Push]) -> None:
    with kind("127.0.0.1", 0) as source:
        with pytest.raises(SourceUnavailableError, match="another program listens") as caught:
            kind("127.0.0.1", source.address[1])
        assert str(source.address[1]) in str(caught.value)
        again = source.address[1]
    with kind("127.0.0.1", again) as source:
        assert source.address[1] == again


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("127.0.0.1", 70_000, "65535"),
        ("203.0.113.9", 0, "does not have"),
        ("no host", 0, "not have"),
    ],
)
def test_an_address_that_is_not_here(host: str, port: int, reason: str) -> None:
    with pytest.raises(SourceUnavailableError, match=reason):
        PushTcp(host, port)


@pytest.mark.parametrize("kind", [PushTcp, PushHttp])
def test_closing_ends_the_iteration_and_every_connection(kind: Callable[..., Push]) -> None:
    source = kind("127.0.0.1", 0)
    with client(source) as handheld:
        handheld.sendall(b"P")
        threading.Timer(0.05, source.close).start()
        assert list(source) == []
        assert handheld.recv(100) == b"" or kind is PushHttp
    source.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(source.address, timeout=5)
