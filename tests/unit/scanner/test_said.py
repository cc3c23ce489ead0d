"""Radio facts in texts, requests and recordings."""

from __future__ import annotations

import http.client
import io
import json
import os
import pty
import socket
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.lines import Lines
from scanner.parcels import Sent, unpack
from scanner.push_http import PushHttp
from scanner.push_tcp import PushTcp
from scanner.reading import RFID, TYPED, Radio, Reading
from scanner.replay import Recorder, Replay, recorded
from scanner.said import CALLBACK, EPC, said, strength
from scanner.source import open_source
from scanner.untangle import looks_ours, untangle
from scanner.wedge import Terminal
from tests.unit.scanner.test_replay import Given

OURS = "5A10557AC011123456789AC1"
OTHER = "5A10557AC01112345678AB33"
FOREIGN = "E28011606000020A1B2C3D4E"
LONG = "E280" * 31


def heard(line: str, form: str = "") -> list[tuple[str, str, float | None, int | None]]:
    texts = untangle(line, is_ours=looks_ours)
    found = []
    for one in said(texts, engine="x", form=form, now=lambda: 5.0):
        rssi, antenna = (one.radio.rssi, one.radio.antenna) if one.radio else (None, None)
        found.append((one.text, one.symbology, rssi, antenna))
    return found


# --- lines of text -----------------------------------------------------------------------------


@pytest.mark.parametrize("epc", [OURS, FOREIGN, LONG])
@pytest.mark.parametrize(
    ("tail", "rssi", "antenna"),
    [(",-57.5", -57.5, None), (", -57 dBm", -57, None), (";-57,2", -57, 2), (",-57,16", -57, 16)],
)
def test_a_strength_belongs_to_its_tag(
    epc: str, tail: str, rssi: float, antenna: int | None
) -> None:
    assert heard(epc.lower() + tail) == [(epc, RFID, rssi, antenna)]
    assert heard(f"{epc}{tail}\r{OTHER}\r{epc}{tail}") == [
        (epc, RFID, rssi, antenna), (OTHER, RFID, None, None), (epc, RFID, rssi, antenna),
    ]  # fmt: skip


@pytest.mark.parametrize("line", [f"{FOREIGN},57", f"{FOREIGN},-999", f"{FOREIGN},-57,1,2", ",-57"])
def test_what_may_be_a_count_or_a_time_is_left_as_it_is(line: str) -> None:
    assert heard(line) == [(line, TYPED, None, None)]


def test_a_long_number_is_a_tag_where_the_device_reads_tags() -> None:
    assert heard(FOREIGN) == [(FOREIGN, TYPED, None, None)]
    assert heard(FOREIGN.lower(), EPC) == [(FOREIGN, RFID, None, None)]
    for other in ("E280116", "E28011", "E2801160600", "E280" * 32, "ZC-0001", "123456"):
        assert heard(other, EPC) == [(other, TYPED, None, None)]


def test_callback_strings_carry_strength_and_pc_word() -> None:
    (found,) = said([f"C9 3000 {FOREIGN}"], engine="x", form=CALLBACK, now=lambda: 5.0)
    assert found.text == FOREIGN
    assert found.radio == Radio(heard=5.0, rssi=-55, pc="3000")
    # The PC word says six words: anything else behind it is no such string.
    assert heard(f"C93400{OURS}0000", CALLBACK) != [(f"{OURS}0000", RFID, -55, None)]
    assert heard(f"c93000{FOREIGN}".lower()) == [(f"c93000{FOREIGN}".lower(), TYPED, None, None)]


@given(st.text(max_size=60), st.sampled_from(["", EPC, CALLBACK]))
def test_no_text_is_lost(text: str, form: str) -> None:
    texts = untangle(text, is_ours=looks_ours)
    assert len(list(said(texts, engine="x", form=form))) <= len(texts)
    assert bool(texts) == bool(list(said(texts, engine="x", form=form)))


@pytest.mark.parametrize(
    ("value", "dbm"),
    [(-57, -57), ("-57.5 dBm", -57.5), (-5750, None), (True, None), ("x", None), ("-1e1", None),
     (float("nan"), None), (None, None), ([], None), (0, 0)],
)  # fmt: skip
def test_only_a_possible_strength_is_one(value: object, dbm: float | None) -> None:
    assert strength(value) == dbm


# --- devices -----------------------------------------------------------------------------------


def test_every_typed_road_carries_a_strength() -> None:
    line = f"{FOREIGN},-61,3\r\n"
    found = [*Lines(io.BytesIO(line.encode()))]
    with PushTcp("127.0.0.1", 0) as tcp:
        with socket.create_connection(tcp.address, timeout=20) as client:
            client.sendall(line.encode())
        found += islice(tcp, 1)
    far, near = pty.openpty()
    with Terminal(near, pause=0.05) as wedge:
        os.write(far, line.encode() + b"\x04")
        found += list(wedge)
    os.close(far)
    os.close(near)
    assert [one.text for one in found] == [FOREIGN] * 3
    assert [(one.radio.rssi, one.radio.antenna) for one in found if one.radio] == [(-61, 3)] * 3


def test_an_address_says_that_a_device_reads_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{FOREIGN}\n"))
    with open_source("stdin:?form=epc") as source:
        assert [one.symbology for one in source] == [RFID]
    with open_source("tcp://127.0.0.1:0?form=callback") as pushed:
        assert isinstance(pushed, PushTcp)
        with socket.create_connection(pushed.address, timeout=20) as client:
            client.sendall(f"C93000{FOREIGN}\n".encode())
        (one,) = islice(pushed, 1)
    assert one.radio is not None
    assert (one.text, one.radio.rssi, one.radio.pc) == (FOREIGN, -55, "3000")


def test_a_request_carries_what_was_heard() -> None:
    body = json.dumps({
        "device": "C72", "time": "2026-11-30T10:00:00", "tags": [
            {"EPC": FOREIGN.lower(), "RSSI": "-57.50", "ant": 2, "count": "7", "tid": "e2801160",
             "pc": "3000"},
            {"epc": OURS, "rssi": 57, "antenna": 0, "count": -1, "tid": "xyz", "pc": 12},
            {"barcode": "ZC-0001", "count": 3},
        ],
    })  # fmt: skip
    with PushHttp("127.0.0.1", 0) as web:
        client = http.client.HTTPConnection(*web.address, timeout=20)
        client.request("POST", "/", body, {"Content-Type": "application/json"})
        assert client.getresponse().status == 200
        client.close()
        first, second, third = islice(web, 3)
    assert first.radio is not None
    assert second.radio is not None
    assert (first.text, first.symbology, first.engine) == (FOREIGN, RFID, "http")
    assert first.radio == Radio(
        heard=first.radio.heard, rssi=-57.5, antenna=2, count=7, tid="E2801160", pc="3000"
    )
    assert second.radio == Radio(heard=second.radio.heard)
    assert (third.text, third.symbology, third.radio) == ("ZC-0001", TYPED, None)


def test_a_strength_beside_any_name_makes_a_tag() -> None:
    def radio(document: object) -> list[Radio | None]:
        return [one.radio for one in unpack(json.dumps(document).encode(), "", heard=9.0)]

    assert radio({"data": FOREIGN, "rssi": -60}) == [Radio(heard=9.0, rssi=-60)]
    assert radio({"data": FOREIGN, "antenna": 1}) == [None]
    assert radio({"epcs": [FOREIGN, OURS]}) == [Radio(heard=9.0)] * 2
    assert unpack(b"plain", "") == (Sent(text="plain"),)


# --- recordings --------------------------------------------------------------------------------

radios = st.builds(
    Radio,
    heard=st.integers(0, 10**6).map(lambda ms: ms / 1000),
    rssi=st.none() | st.floats(-120, 0) | st.integers(-120, 0),
    antenna=st.none() | st.integers(1, 64),
    count=st.integers(1, 10_000),
    tid=st.none() | st.just("E2801160200041FF"),
    pc=st.none() | st.just("3400"),
    bits=st.sampled_from([0, 96, 202]),
    air=st.sampled_from(["gen2", "gb29768", "gjb7377"]),
)


@given(radio=radios)
def test_a_recording_keeps_how_a_tag_was_heard(
    tmp_path_factory: pytest.TempPathFactory, radio: Radio
) -> None:
    reading = Reading(text=FOREIGN, symbology=RFID, engine="llrp", radio=radio)
    path = tmp_path_factory.mktemp("radio") / "r.jsonl"
    path.write_text(recorded(reading, ms=round(radio.heard * 1000)) + "\n")
    with Replay(path) as replay:
        assert list(replay) == [reading]


def test_a_recording_says_when_a_tag_was_heard_not_when_it_was_taken(tmp_path: Path) -> None:
    def reading(heard: float) -> Reading:
        return Reading(text=FOREIGN, symbology=RFID, engine="x", radio=Radio(heard=heard))

    ticks = iter([100.0, 103.0, 103.0, 103.0])
    source = Given([reading(101.25), reading(101.5), reading(7.0)])
    with Recorder(source, tmp_path / "r", now=lambda: next(ticks)) as recorder:
        list(recorder)
    with Replay(tmp_path / "r") as replay:
        assert [ms for ms, _ in replay.timed()] == [1250, 1500, 3000]


@pytest.mark.parametrize(
    "radio",
    ["1", "[]", '{"rssi":"x"}', '{"rssi":NaN}', '{"rssi":1e9}', '{"antenna":-1}', '{"count":1.5}',
     '{"tid":"x"}', '{"pc":7}', '{"air":"other"}', '{"bits":-1}', '{"rssi":true}'],
)  # fmt: skip
def test_a_recording_with_an_impossible_tag_is_damaged(tmp_path: Path, radio: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(f'{{"ms":1,"text":"{FOREIGN}","radio":{radio}}}\n')
    with pytest.raises(Exception, match="line 1"), Replay(path) as replay:
        list(replay)
