"""Programs of other people at the other end: llrpkit and sllurp, in an environment of their own.

Only tests run them, as processes; nothing here imports them.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scanner.llrp.access import write_epc
from scanner.llrp.emulator import EmulatedTag, Emulator
from scanner.source import open_source
from tests.offline.judges import judged, outside_python
from tests.unit.scanner.llrp.speaking import epc, tag

_EMULATOR = """
import asyncio, json, sys
from llrpkit.emulator.core import EmulatedTag, LLRPEmulator

async def main():
    tags = [EmulatedTag(epc=bytes.fromhex(one), antennas=(1, 2)) for one in sys.argv[1:]]
    async with LLRPEmulator(tags=tags, reads_per_sec=500) as emulator:
        print(emulator.port, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

asyncio.run(main())
"""

_LLRPKIT = """
import asyncio, json, sys
from llrpkit import Reader

async def main(given):
    async with Reader("127.0.0.1", given["port"]) as reader:
        seen = {}
        async for one in reader.inventory():
            seen[one.epc_hex.upper()] = [one.antenna, one.rssi_dbm]
            if len(seen) == given["count"]:
                break
        table = [len(reader.capabilities.modes), reader.max_antennas,
                 reader.capabilities.power_index_for_dbm(20.0)]
        return {"seen": seen, "table": table}

print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
"""

_LLRPKIT_WRITES = """
import asyncio, json, sys
from llrpkit import Reader

async def main(given):
    async with Reader("127.0.0.1", given["port"]) as reader:
        done = await reader.write_epc(given["new"], target_epc=given["old"])
        return {"ok": done.ok}

print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
"""

_SLLURP = """
import json, os, sys, threading
from sllurp.llrp import LLRPReaderClient, LLRPReaderConfig

given = json.load(sys.stdin)
seen, enough = {}, threading.Event()

def heard(reader, tags):
    for one in tags:
        seen[one["EPC"].decode().upper()] = [one["AntennaID"], one["PeakRSSI"]]
    if len(seen) == given["count"]:
        enough.set()

selected = {name: False for name in (
    "EnableROSpecID", "EnableSpecIndex", "EnableInventoryParameterSpecID", "EnableChannelIndex",
    "EnableFirstSeenTimestamp", "EnableLastSeenTimestamp", "EnableAccessSpecID")}
selected |= {"EnableAntennaID": True, "EnablePeakRSSI": True, "EnableTagSeenCount": True}
reader = LLRPReaderClient("127.0.0.1", given["port"], LLRPReaderConfig(
    {"report_every_n_tags": 3, "antennas": [1], "tx_power": 0, "tag_content_selector": selected}))
reader.add_tag_report_callback(heard)
reader.connect()
enough.wait(60)
print(json.dumps({"seen": seen}), flush=True)
# On a busy machine it may wait for ever for its own threads; what it read is told already.
threading.Thread(target=reader.disconnect, daemon=True).start()
reader.join(10)
os._exit(0)
"""


@pytest.fixture(scope="module")
def llrpkit() -> Path:
    return outside_python("import llrpkit")


@contextmanager
def strange_emulator(python: Path, *epcs: str) -> Iterator[int]:
    with subprocess.Popen(
        [python, "-I", "-c", _EMULATOR, *epcs], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def test_our_client_reads_the_reader_of_others(llrpkit: Path) -> None:
    wanted = {epc(number) for number in range(8)}
    told: list[Exception] = []
    with strange_emulator(llrpkit, *wanted) as port:
        # Power, session and search mode too: it pretends to be of the maker that has one.
        query = "power=25&session=1&mode=dual&population=16&antennas=1,2"
        with open_source(f"llrp://127.0.0.1:{port}?{query}", on_trouble=told.append) as source:
            seen = set()
            for one in source:
                assert one.radio is not None
                assert one.radio.rssi is not None
                assert -90 < one.radio.rssi < -20
                assert one.radio.antenna in (1, 2)
                seen.add(one.text)
                if seen == wanted:
                    break
        # It has been left in order: the next client is taken.
        with open_source(f"llrp://127.0.0.1:{port}") as source:
            assert next(iter(source)).text in wanted
    assert told == []


def test_we_write_a_tag_of_the_reader_of_others(llrpkit: Path) -> None:
    with strange_emulator(llrpkit, epc(1)) as port:
        address = f"llrp://127.0.0.1:{port}"
        done = write_epc(address, new=epc(2), old=epc(1), listen=1.0)
        assert (done.epc, done.pc[:2]) == (epc(2), "30")
        with open_source(address) as source:
            assert next(iter(source)).text == epc(2)


def test_llrpkit_reads_our_reader(llrpkit: Path) -> None:
    with Emulator([tag(number) for number in range(8)], antennas=2) as emulator:
        said = judged(llrpkit, _LLRPKIT, port=emulator.port, count=8)
    assert set(said["seen"]) == {epc(number) for number in range(8)}
    assert all(antenna in (1, 2) and abs(rssi + 55) <= 2 for antenna, rssi in said["seen"].values())
    assert said["table"] == [4, 2, 41]


def test_llrpkit_writes_a_tag_of_our_reader(llrpkit: Path) -> None:
    ours = EmulatedTag(epc=epc(1), tid="E2801160200000000000AAAA")
    with Emulator([ours]) as emulator:
        said = judged(llrpkit, _LLRPKIT_WRITES, port=emulator.port, old=epc(1), new=epc(9))
    assert said == {"ok": True}
    assert ours.now[0].hex().upper() == epc(9)


def test_sllurp_reads_our_reader() -> None:
    python = outside_python("import sllurp.llrp")
    with Emulator([tag(number) for number in range(8)], antennas=2) as emulator:
        said = judged(python, _SLLURP, port=emulator.port, count=8)
    assert set(said["seen"]) == {epc(number) for number in range(8)}
    assert all(antenna == 1 and abs(rssi + 55) <= 2 for antenna, rssi in said["seen"].values())
