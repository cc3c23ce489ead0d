"""A reader as a source: everything that goes wrong between it and us, at a real socket."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from scanner.llrp.address import read_address
from scanner.llrp.codec import parameter
from scanner.llrp.emulator import EmulatedTag, Emulator, Faults
from scanner.llrp.frames import HEADER, frame
from scanner.llrp.messages import answer_to, pack
from scanner.llrp.parameters import PARAMETERS
from scanner.llrp.reader import LlrpReader
from scanner.llrp.troubles import (
    ReaderBrokenOffError,
    ReaderBusyError,
    ReaderRefusedError,
    ReaderSettingError,
    ReaderSilentError,
    ReportDamagedError,
)
from scanner.reading import RFID, SourceLostError, SourceUnavailableError
from scanner.source import open_source
from tests.unit.scanner.llrp.speaking import (
    VENDOR,
    epc,
    message,
    reading,
    report,
    tag,
    take,
    until,
    until_seen,
)


def kinds(told: Sequence[Exception]) -> Counter[type[Exception]]:
    return Counter(type(one) for one in told)


# --- what it reads -------------------------------------------------------------------------


def test_tags_are_readings() -> None:
    tags = [tag(0, rssi=-40), tag(1, rssi=-70, antennas=(2,))]
    with Emulator(tags, interval=0.005) as emulator:
        before = time.monotonic()
        with open_source(f"llrp://127.0.0.1:{emulator.port}?tid=1&antennas=2") as source:
            found = [one for one, _ in zip(source, range(8), strict=False)]
        after = time.monotonic()
    assert {one.text for one in found} == {epc(0), epc(1)}
    assert {(one.symbology, one.engine) for one in found} == {(RFID, "llrp")}
    for one in found:
        radio = one.radio
        assert radio is not None
        # The reader's clock stands in the year 2000.
        assert before <= radio.heard <= after
        assert (radio.antenna, radio.count, radio.pc, radio.air) == (2, 1, "3000", "gen2")
        assert radio.tid == f"E28011602000000000{int(one.text[-2:], 16):06X}"
        assert radio.rssi is not None
        assert abs(radio.rssi - (-40 if one.text == epc(0) else -70)) <= 2


def test_an_epc_of_202_bits_keeps_its_length() -> None:
    long = "38" + "A5" * 24 + "40"
    with reading(tags=[EmulatedTag(epc=long, bits=202)]) as (_, source, _):
        (one,) = take(source, 1)
    assert one.radio is not None
    assert (one.text, one.radio.bits, one.radio.pc) == (long, 202, "6800")


def test_it_leaves_the_reader_as_it_was() -> None:
    with reading() as (emulator, source, told):
        take(source, 3)
    assert emulator.asked[-3:] == ["STOP_ROSPEC", "DELETE_ROSPEC", "CLOSE_CONNECTION"]
    assert emulator.reader.rospecs == {}
    assert told == []


def test_a_search_mode_of_the_maker() -> None:
    with reading(query="?mode=dual", maker=25882) as (emulator, source, told):
        take(source, 1)
        (spec,) = emulator.reader.rospecs.values()
        assert [one.text("data") for one in spec.spec.deep("Custom")] == ["0002"]
    assert told == []
    with reading(query="?mode=dual") as (_, source, told):
        take(source, 1)
    assert kinds(told) == {ReaderSettingError: 1}


def test_who_reads_slowly_makes_the_reader_wait() -> None:
    with reading(5, rounds=400, interval=0.0, most_waiting=10) as (emulator, source, told):
        found = [one.text for one in take(source, 4_000)]
        assert source.poll() is None
    # Two antennas hear five tags four hundred times, in this order.
    assert found == [epc(number) for number in range(5)] * 800
    assert emulator.reports == 4_000
    assert told == []


# --- strange readers -----------------------------------------------------------------------


def test_strange_messages_between_reports_take_nothing_with_them() -> None:
    with reading(4, rounds=50, faults=Faults(before_report=VENDOR)) as (emulator, source, told):
        found = take(source, 400)
        assert source.poll() is None
        assert emulator.reports == 400
    assert Counter(one.text for one in found) == {epc(number): 100 for number in range(4)}
    assert told == []


@pytest.mark.parametrize("tail", [b"", b"\xe4\x01\x02"])
def test_strange_parameters_in_reports_are_stepped_over(tail: bytes) -> None:
    custom = PARAMETERS.pack(parameter("Custom", vendor=1, subtype=2, data=b"abc"))
    strange = custom + bytes.fromhex("01F500080BADCAFE") + tail
    with reading(rounds=20, faults=Faults(in_report=strange)) as (_, source, told):
        found = take(source, 120)
    assert {one.text for one in found} == {epc(number) for number in range(3)}
    assert {one.radio.antenna for one in found if one.radio} == {1, 2}
    assert told == []


def test_a_damaged_report_is_told_once_and_the_others_count() -> None:
    good = message(report(number=77))
    bad = frame(61, 2, good[HEADER.size :] + b"\x00\xf0\x00\x03")
    with reading(2, rounds=10, faults=Faults(before_report=bad)) as (_, source, told):
        found = Counter(one.text for one in take(source, 80))
    assert found == {epc(77): 40, epc(0): 20, epc(1): 20}
    assert kinds(told) == {ReportDamagedError: 1}


@pytest.mark.parametrize("length", [3, 0xFFFFFFFF])
def test_a_length_that_cannot_be_ends_the_attempt(length: int) -> None:
    bad = HEADER.pack(1 << 10 | 34, length, 6)
    with (
        pytest.raises(ReaderBrokenOffError, match="no LLRP"),
        reading(faults=Faults(raw={"ENABLE_ROSPEC": bad})),
    ):
        pass


def test_a_length_that_cannot_be_amid_reports_is_recovered_from() -> None:
    faults = Faults()
    with reading(faults=faults) as (emulator, source, told):
        take(source, 3)
        faults.before_report = HEADER.pack(1 << 10 | 61, 0xFFFFFFFF, 6)
        while not told:
            source.poll(0.1)
        faults.before_report = b""
        while emulator.connections < 2:
            source.poll(0.1)
        until_seen(source, {epc(0), epc(1), epc(2)})
    # The pretended reader may not have seen yet that we hung up.
    assert set(kinds(told)) - {ReaderBusyError} == {ReaderBrokenOffError}


def test_capabilities_may_be_missing() -> None:
    with reading(query="?power=27", faults=Faults(has_regulations=False)) as (_, source, told):
        until_seen(source, {epc(0), epc(1), epc(2)})
    assert [one.facts["setting"] for one in told] == ["power"]


def test_an_answer_behind_a_flood_is_found() -> None:
    # Far more reports than there is room for stand before the answers that we wait for.
    flood = message(report(number=5)) * 300
    faults = Faults(
        raw={"ENABLE_ROSPEC": flood + pack(answer_to("ENABLE_ROSPEC"), 6)},
        flood={"START_ROSPEC": 50},
    )
    with reading(1, faults=faults, most_waiting=10, patience=1.0) as (_, source, told):
        found = take(source, 400)
    assert Counter(one.text for one in found) == {epc(5): 300, epc(0): 100}
    assert told == []


@pytest.mark.parametrize(
    "name",
    ["GET_READER_CAPABILITIES", "SET_READER_CONFIG", "ADD_ROSPEC",
     "ENABLE_ROSPEC", "START_ROSPEC"],
)  # fmt: skip
def test_a_refusal_names_the_step(name: str) -> None:
    with pytest.raises(ReaderRefusedError) as caught, reading(faults=Faults(refuse={name: 401})):
        pass
    assert (caught.value.facts["message"], caught.value.facts["status"]) == (name, "DeviceError")


def test_a_reader_that_has_nothing_to_take_away_reads() -> None:
    refused = {"DELETE_ACCESSSPEC": 109, "DELETE_ROSPEC": 100}
    with reading(faults=Faults(refuse=refused)) as (_, source, told):
        take(source, 3)
    assert told == []


def test_a_step_without_an_answer_is_told() -> None:
    faults = Faults(unanswered=frozenset({"ADD_ROSPEC"}))
    with (
        pytest.raises(SourceUnavailableError, match="does not answer"),
        reading(faults=faults, patience=0.1),
    ):
        pass


def test_a_busy_reader_says_so() -> None:
    with reading() as (emulator, source, _):
        take(source, 1)
        with pytest.raises(ReaderBusyError):
            open_source(f"llrp://127.0.0.1:{emulator.port}")
        take(source, 10)


@contextmanager
def listening(greeting: bytes | None) -> Iterator[int]:
    """Something at a port that is no reader: it says `greeting`, or hangs up at once."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                if greeting is not None:
                    client.sendall(greeting)
                    client.recv(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(20)


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", None])
def test_what_is_no_reader_is_told_apart(greeting: bytes | None) -> None:
    with listening(greeting) as port, pytest.raises(SourceUnavailableError, match="no LLRP reader"):
        LlrpReader(read_address(f"llrp://127.0.0.1:{port}"), patience=0.2)


def test_a_reader_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(SourceUnavailableError, match="nothing listens"):
        open_source(f"llrp://127.0.0.1:{port}")
    with pytest.raises(SourceUnavailableError, match="no machine"):
        open_source("llrp://reader.invalid")


# --- broken connections --------------------------------------------------------------------


def test_thirty_broken_connections_lose_no_tag() -> None:
    cuts = [1_900 + 61 * number for number in range(30)]
    wanted = {epc(number) for number in range(40)}
    with reading(40, rounds=120, interval=0.001, faults=Faults(cut_after=cuts), antennas=1) as (
        emulator,
        source,
        told,
    ):
        found: Counter[str] = Counter()
        quiet = 0
        while quiet < 100:
            one = source.poll(0.05)
            is_done = emulator.rounds == 0 and found.total() == emulator.reports
            quiet = quiet + 1 if one is None else 0
            if one is not None:
                found[one.text] += 1
            elif is_done:
                break
        # Every report that left the reader whole is a reading, once.
        assert found.total() == emulator.reports
        assert emulator.connections == 31
    assert set(found) == wanted
    assert kinds(told) == {ReaderBrokenOffError: 30}


def test_a_reader_that_falls_silent_is_connected_again() -> None:
    faults = Faults(silent_after=[3])
    with reading(keepalive=0.1, faults=faults) as (emulator, source, told):
        while emulator.connections < 2:
            source.poll(0.1)
        until_seen(source, {epc(0), epc(1), epc(2)})
    assert ReaderSilentError in kinds(told)


def test_signs_of_life_keep_a_reader_without_tags() -> None:
    with reading(tags=[tag(0, chance=0.0)], keepalive=0.1) as (emulator, source, told):
        while emulator.asked.count("KEEPALIVE_ACK") < 5:
            assert source.poll(0.02) is None
        assert emulator.connections == 1
    assert told == []


def test_a_reader_that_is_busy_for_a_while_is_tried_again() -> None:
    faults = Faults(cut_after=[2_500])
    with reading(faults=faults, waits=(0.01,) * 2_000) as (emulator, source, told):
        faults.is_busy = True
        while ReaderBusyError not in kinds(told):
            source.poll(0.05)
        faults.is_busy = False
        while emulator.connections < 2:
            source.poll(0.05)
        until_seen(source, {epc(0), epc(1), epc(2)})


def test_a_reader_that_never_comes_back_is_lost_after_what_it_read() -> None:
    with reading(rounds=4, waits=(0.0, 0.0)) as (emulator, source, told):
        found = take(source, 6)
        until(lambda: emulator.reports == 24)
        emulator.close()
        with pytest.raises(SourceLostError, match="reached again"):
            found.extend(source)
    assert len(found) == 24
    assert kinds(told) == {ReaderBrokenOffError: 1, SourceUnavailableError: 2}


# --- closing -------------------------------------------------------------------------------


def test_closing_from_another_thread_ends_the_iteration() -> None:
    with reading(tags=[tag(0, chance=0.0)]) as (_, source, _):
        found: list[object] = []
        thread = threading.Thread(target=lambda: found.extend(source))
        thread.start()
        source.close()
        thread.join(20)
        assert not thread.is_alive()
    assert found == []


def test_two_threads_close_while_the_queue_is_full() -> None:
    with reading(5, interval=0.0, most_waiting=10) as (emulator, source, told):
        take(source, 1)
        threads = [threading.Thread(target=source.close) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()
        # What it had told before can still be taken, and then it is over.
        assert {one.text for one in source} <= {epc(number) for number in range(5)}
        source.close()
    assert emulator.asked[-1] == "CLOSE_CONNECTION"
    assert told == []


def test_closing_while_it_waits_to_connect_again() -> None:
    with reading(waits=(3_600.0,)) as (emulator, source, told):
        emulator.close()
        while not told:
            source.poll(0.05)
        source.close()
        for one in source:
            assert one.text in {epc(0), epc(1), epc(2)}


def test_addresses_of_readers_are_sources_like_others() -> None:
    with Emulator([tag(0)]) as emulator, open_source(f"llrp://localhost:{emulator.port}") as source:
        assert source.name == f"llrp://localhost:{emulator.port}"
        assert next(iter(source)).text == epc(0)
