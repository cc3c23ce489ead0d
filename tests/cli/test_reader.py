"""Readers from the command line: named, tried, watched, recorded, followed to a thing."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import xlwt

from assetctl.i18n import LANGUAGES
from assetctl.reads.heard import bearers, epcs_of
from scanner.uhf.chainway import Chainway
from scanner.uhf.chainway import frame as chainway_frame
from tests.conftest import Register
from tests.unit.scanner.modules import Told, chainway_tag, running

ROOT = Path(__file__).parents[2]
EPCS = [f"E28011606000020000{number:06X}" for number in range(5)]
VERSION = chainway_frame(0x03, bytes([7, 40, 1]))


def recording(folder: Path, lines: list[dict[str, Any]], name: str = "heard.jsonl") -> str:
    path = folder / name
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return f"replay:{path}"


def heard(
    epc: str, ms: int, rssi: float | None = None, antenna: int | None = None
) -> dict[str, Any]:
    radio: dict[str, Any] = {"rssi": rssi, "antenna": antenna}
    return {"ms": ms, "text": epc, "symbology": "rfid", "radio": radio}


@contextmanager
def module(*answers: bytes) -> Iterator[str]:
    """An emulated reader module behind a pseudo terminal; gives its address."""
    told = Told(Chainway(), {Chainway.hello: [VERSION], Chainway.start: list(answers),
                             Chainway.stop: []})  # fmt: skip
    far, near = pty.openpty()
    with ExitStack() as stack:
        stack.callback(os.close, far)
        stack.callback(os.close, near)
        stack.enter_context(
            running(told, lambda: os.read(far, 4096), lambda piece: os.write(far, piece), far)
        )
        yield f"serial:{os.ttyname(near)}?format=chainway"


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def in_config(desk: Register, text: str) -> None:
    (desk.home / "config.toml").write_text(text, encoding="utf-8")


# --- names -------------------------------------------------------------------------------------


def test_readers_have_names_in_the_settings(desk: Register, tmp_path: Path) -> None:
    replay = recording(tmp_path, [heard(EPCS[0], 0, -50)])
    in_config(desk, f'station = "仓"\n\n[readers]\ngate = "{replay}"\n"手持" = "wedge:"\n')
    data = desk.ok("reader", "list")
    assert data["readers"] == [
        {"name": "gate", "address": replay}, {"name": "手持", "address": "wedge:"},
    ]  # fmt: skip
    assert "serial:PORT?format=FAMILY" in data["forms"]
    assert data["families"] == ["chainway", "uhfreader18", "m100"]
    assert desk.ok("reader", "test", "gate")["address"] == replay
    for lang in LANGUAGES:
        shown = desk("reader", "list", lang=lang)
        assert (shown.code, "gate" in shown.out) == (0, True)


@pytest.mark.parametrize("text", ["readers = 1", 'readers = "x"', "[readers]\ngate = 5"])
def test_a_table_of_anything_else_is_refused(desk: Register, text: str) -> None:
    in_config(desk, text)
    error = desk.fails(3, "reader", "list")
    assert (error["code"], "table" in error["message"]) == ("config.invalid", True)


def test_a_name_that_nobody_gave_is_refused(desk: Register) -> None:
    assert desk.fails(3, "reader", "test", "gate")["code"] == "input.invalid"
    assert desk.fails(3, "reader", "find", EPCS[0])["code"] == "input.invalid"


# --- test --------------------------------------------------------------------------------------


def test_a_module_on_a_serial_line_is_tried(desk: Register) -> None:
    tags = [chainway_tag(bytes.fromhex(epc), -450 - 10 * n, n) for n, epc in enumerate(EPCS)]
    with module(*tags) as address:
        data = desk.ok("reader", "test", address, "--seconds", "1.5")
    assert data["model"] == "Chainway V7.40.1"
    assert (data["tags"], data["best"], data["antennas"]) == (5, -45.0, [1, 2, 3, 4, 5])
    with module() as address:
        answer = desk("reader", "test", address, "--seconds", "1.0")
    assert answer.code == 0
    assert "heard no tag" in answer.err


@pytest.mark.parametrize(
    ("address", "code", "says"),
    [
        ("serial:/dev/tty-none?format=m100", "reader.unavailable", "does not exist"),
        ("tcp+m100://127.0.0.1:1", "reader.unavailable", "nothing listens"),
        ("nothing:", "reader.unavailable", "names no source"),
        ("tcp://127.0.0.1:0", "reader.silent", "said nothing"),
    ],
)
def test_a_reader_that_does_not_answer_says_why(
    desk: Register, address: str, code: str, says: str
) -> None:
    error = desk.fails(8, "reader", "test", address, "--seconds", "0.3")
    assert (error["code"], says in error["message"]) == (code, True)
    chinese = desk("reader", "test", address, "--seconds", "0.3", lang="zh")
    assert chinese.code == 8
    assert re.search("[\u4e00-\u9fff]", chinese.err)


def test_a_line_that_another_program_has_is_busy(desk: Register) -> None:
    with module() as address:
        fd = os.open(address.removeprefix("serial:").partition("?")[0], os.O_RDWR | os.O_NOCTTY)
        try:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX)
            error = desk.fails(8, "reader", "test", address)
        finally:
            os.close(fd)
    assert "another program" in error["message"]


# --- watch -------------------------------------------------------------------------------------


def test_what_was_heard_is_named_and_counted(desk: Register, tmp_path: Path) -> None:
    asset = desk.register("投影仪")
    desk.ok("tag", "bind", asset, "--epc", EPCS[1])
    replay = recording(tmp_path, [
        heard(EPCS[0], 100, -60, 1), heard(EPCS[0], 900, -55.5, 2), heard(EPCS[1], 1_000),
        heard(EPCS[0], 2_500, -70, 1), {"ms": 2_600, "text": "card 13", "symbology": "qr"},
    ])  # fmt: skip
    data = desk.ok("reader", "watch", replay)
    first, second = data["tags"]
    assert first == {
        "epc": EPCS[0], "asset_id": None, "name": None, "tid": None, "first": 0.1, "last": 2.5,
        "reads": 3, "epochs": 2, "best": -55.5, "antennas": [1, 2],
    }  # fmt: skip
    assert (second["epc"], second["asset_id"], second["name"]) == (EPCS[1], asset, "投影仪")
    assert (data["reads"], data["lost"]) == (4, None)
    for lang in LANGUAGES:
        shown = desk("reader", "watch", replay, lang=lang)
        assert (shown.code, "投影仪" in shown.out, "-55.5" in shown.out) == (0, True, True)


HEARD: list[list[Any]] = [["序号", "标签号", "次数", "RSSI(dBm)", "读取时间", "天线"],
         [1, "5A10557AC011123456789AC1", 12, -61.5, "2026-11-30 09:00:00", 1],
         [2, "e28011700000020f1a2b3c4d", 1, -70, "2026-11-30 09:00:02", 2]]  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "xls"])
def test_an_exported_list_is_watched_with_what_it_says(
    desk: Register, tmp_path: Path, form: str
) -> None:
    file = tmp_path / f"list.{form}"
    if form == "csv":
        file.write_text("\n".join(",".join(map(str, row)) for row in HEARD), encoding="gb18030")
    else:
        book = xlwt.Workbook()
        sheet = book.add_sheet("a")
        for row, cells in enumerate(HEARD):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell)
        book.save(str(file))
    heard = desk.ok("reader", "watch", f"list:{file}")
    assert [(one["epc"], one["best"], one["last"], one["antennas"]) for one in heard["tags"]] == [
        ("5A10557AC011123456789AC1", -61.5, 0.0, [1]),
        ("E28011700000020F1A2B3C4D", -70.0, 2.0, [2]),
    ]
    tried = desk.ok("reader", "test", f"list:{file}")
    assert (tried["tags"], tried["best"], tried["antennas"]) == (2, -61.5, [1, 2])


def test_every_fault_of_an_exported_list_is_named(desk: Register, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("EPC,RSSI\nxyz,-60\n5A10557AC011123456789AC1,fast\n", encoding="utf-8")
    for command in ("watch", "test"):
        error = desk.fails(3, "reader", command, f"list:{file}")
        assert error["code"] == "stocktake.reads_faulty"
        assert [line.partition(",")[0] for line in error["details"]["lines"]] == [
            "line 2",
            "line 3",
        ]


def test_without_a_register_tags_have_no_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = Register(tmp_path / "none", f"sqlite:///{tmp_path / 'none.db'}", capsys)
    replay = recording(tmp_path, [heard(EPCS[0], 0, -60)])
    assert bare.ok("reader", "watch", replay)["tags"][0]["asset_id"] is None
    assert bare("reader", "watch", replay).code == 0


def test_a_handheld_that_posts_is_watched(desk: Register, port: int) -> None:
    def post() -> None:
        body = json.dumps([{"epc": epc, "rssi": -60 - n} for n, epc in enumerate(EPCS)])
        for _ in range(200):
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as client:
                try:
                    client.request("POST", "/", body, {"Connection": "close"})
                except ConnectionRefusedError:
                    threading.Event().wait(0.05)
                    continue
                assert client.getresponse().read()
                return

    sender = threading.Thread(target=post)
    sender.start()
    data = desk.ok("reader", "watch", f"http://127.0.0.1:{port}", "--until-quiet", "1.5")
    sender.join()
    assert [(tag["epc"], tag["best"]) for tag in data["tags"]] == [
        (epc, -60 - n) for n, epc in enumerate(EPCS)
    ]


def test_a_module_that_goes_away_leaves_what_it_heard(desk: Register) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            peer, _ = listener.accept()
            peer.sendall(chainway_tag(bytes.fromhex(EPCS[0])))
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(100):
                pass
            peer.close()

        server = threading.Thread(target=serve)
        server.start()
        address = f"tcp+chainway://127.0.0.1:{listener.getsockname()[1]}"
        answer = desk("reader", "watch", address, "--json")
        server.join()
    assert answer.code == 9
    assert (answer.data["lost"], len(answer.data["tags"])) == ("scan.source_lost", 1)


def test_many_tags_are_looked_up_in_one_question(register: Register) -> None:
    asset = register.register()
    register.ok("tag", "bind", asset, "--epc", EPCS[0])
    many = [f"E280{number:020X}" for number in range(2_000)]
    asked: list[str] = []
    with closing(register.store) as store, store.reading() as connection:
        sa.event.listen(
            connection.engine, "before_cursor_execute", lambda *told: asked.append(told[2])
        )
        found = bearers(connection, [*many, EPCS[0]])
        assert len(asked) == 1
        assert epcs_of(connection, [asset]) == {asset: [EPCS[0]]}
    assert {epc: one.asset_id for epc, one in found.items()} == {EPCS[0]: asset}


# --- record ------------------------------------------------------------------------------------


def test_a_recording_is_what_was_heard(desk: Register, tmp_path: Path) -> None:
    lines = [heard(epc, 10 * n, -60 + n / 2, n + 1) for n, epc in enumerate(EPCS)]
    out = tmp_path / "out.jsonl"
    data = desk.ok("reader", "record", recording(tmp_path, lines), "--out", out)
    assert (data["reads"], data["out"]) == (5, str(out))
    again = desk.ok("reader", "watch", f"replay:{out}")["tags"]
    assert [(tag["epc"], tag["best"], tag["antennas"]) for tag in again] == [
        (epc, -60 + n / 2, [n + 1]) for n, epc in enumerate(EPCS)
    ]
    kept = out.read_bytes()
    error = desk.fails(8, "reader", "record", recording(tmp_path, lines), "--out", out)
    assert "there already" in error["message"]
    assert out.read_bytes() == kept


def test_a_recording_that_was_killed_is_readable(desk: Register, tmp_path: Path, port: int) -> None:
    out = tmp_path / "killed.jsonl"
    process = started(desk, "record", f"tcp://127.0.0.1:{port}", "--out", str(out))
    with connected(port, process) as client:
        client.sendall("".join(f"{epc.lower()}\n" for epc in EPCS).encode())
        await_(lambda: out.exists() and out.read_bytes().count(b"\n") == 5, process)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    whole = out.read_bytes()
    for cut in (0, 1, 7, 60):
        out.write_bytes(whole + whole[:cut])
        tags = desk.ok("reader", "watch", f"replay:{out}")["tags"]
        assert [tag["epc"] for tag in tags] == EPCS


# --- find --------------------------------------------------------------------------------------


def approach(folder: Path, epc: str) -> str:
    lines = [heard(epc, 100 * n, -80 + n / 2) for n in range(100)]
    lines += [heard(EPCS[4], 9_900 + n, -20) for n in range(5)]
    return recording(folder, lines, "approach.jsonl")


def test_a_thing_is_found_by_what_is_bound_to_it(desk: Register, tmp_path: Path) -> None:
    asset = desk.register("投影仪")
    desk.ok("tag", "bind", asset, "--epc", EPCS[2])
    replay = approach(tmp_path, EPCS[2])
    in_config(desk, f'[readers]\nonly = "{replay}"\n')
    for thing in (asset, EPCS[2].lower()):
        data = desk.ok("reader", "find", thing, "--until", "-35")
        assert (data["asset_id"], data["reached"]) == (asset, True)
        assert data["reads"] == 93  # the third in a row of -35 or more
        assert (data["best"], data["best_at"]) == (-34.0, 9.2)
    shown = desk("reader", "find", asset, replay, lang="zh")
    assert (shown.code, "-30.5" in shown.out) == (0, True)


def test_a_number_that_is_bound_to_nothing_is_found_too(desk: Register, tmp_path: Path) -> None:
    data = desk.ok("reader", "find", EPCS[3], approach(tmp_path, EPCS[3]), "--silent")
    assert (data["asset_id"], data["epcs"], data["reads"]) == (None, [EPCS[3]], 100)


def test_a_thing_that_is_not_heard_is_a_finding(desk: Register, tmp_path: Path) -> None:
    replay = approach(tmp_path, EPCS[3])
    answer = desk("reader", "find", EPCS[0], replay, "--json")
    assert (answer.code, answer.data["reads"], answer.data["best"]) == (9, 0, None)
    answer = desk("reader", "find", EPCS[3], replay, "--until", "-20", "--json")
    assert (answer.code, answer.data["reached"]) == (9, False)
    assert desk.fails(4, "reader", "find", "no-such-thing", replay)["code"] == "asset.not_found"


def test_control_c_ends_with_a_summary(desk: Register, port: int) -> None:
    process = started(desk, "find", EPCS[0], f"tcp://127.0.0.1:{port}", "--silent")
    with connected(port, process) as client, client.makefile("rb") as answers:
        client.sendall(f"{EPCS[0]},-44\n".encode())
        assert answers.readline() == b"OK\r\n"
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert json.loads(said)["data"]["best"] == -44


def test_the_bar_is_shown_to_who_watches(desk: Register, port: int) -> None:
    far, near = pty.openpty()
    process = started(
        desk, "find", EPCS[0], f"tcp://127.0.0.1:{port}", "--silent", stderr=near,
        as_json=False,
    )  # fmt: skip
    os.close(near)
    with connected(port, process) as client:
        client.sendall(f"{EPCS[0]},-45\n".encode())
        shown = b""
        while b"70 of 100" not in shown:
            shown += os.read(far, 4096)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    os.close(far)
    assert "█".encode() in shown


# --- emulate -----------------------------------------------------------------------------------


needs_llrp = pytest.mark.skipif(
    importlib.util.find_spec("scanner.llrp") is None,
    reason="the emulated reader comes with scanner.llrp",
)


@pytest.mark.parametrize("ways", [(), ("--tags", "3", "--from-register", "W1")])
def test_one_way_to_choose_tags(desk: Register, ways: tuple[str, ...]) -> None:
    assert desk.fails(3, "reader", "emulate", *ways)["code"] == "input.invalid"


@needs_llrp
def test_a_pretended_reader_plays_the_register(desk: Register, port: int) -> None:
    assets = [desk.register(f"文件柜{number}") for number in range(3)]
    desk.ok("tag", "bind", assets[0], "--epc", EPCS[0])
    process = started(desk, "emulate", "--from-register", "W1", "--port", str(port))
    data = watched(desk, f"llrp://127.0.0.1:{port}", process)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert {tag["epc"] for tag in data["tags"]} >= {EPCS[0]}
    assert len(data["tags"]) == 3
    assert json.loads(said)["data"]["tags"] == 3


@needs_llrp
def test_a_fixed_reader_that_hears_no_tag_answers(desk: Register, port: int) -> None:
    process = started(desk, "emulate", "--tags", "0", "--port", str(port))
    address = f"llrp://127.0.0.1:{port}"
    await_(lambda: desk("reader", "test", address, "--seconds", "1", "--json").code == 0, process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


@needs_llrp
def test_a_port_that_is_taken_is_not_listened_at(desk: Register, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        error = desk.fails(8, "reader", "emulate", "--tags", "1", "--port", str(port))
    assert error["code"] == "network.cannot_listen"


def watched(desk: Register, address: str, process: subprocess.Popen[str]) -> Any:
    await_(lambda: desk("reader", "test", address, "--seconds", "1", "--json").code == 0, process)
    return desk.ok("reader", "watch", address, "--until-quiet", "2")


# --- programs ----------------------------------------------------------------------------------


def started(
    desk: Register, *arguments: str, stderr: int = subprocess.PIPE, as_json: bool = True
) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSETCTL_")}
    place = ["--home", str(desk.home), "--db", desk.url, "--as", "admin", "--lang", "en"]
    return subprocess.Popen(
        [sys.executable, "-m", "assetctl", *place, *(["--json"] if as_json else []), "reader",
         *arguments],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=stderr, text=True,
    )  # fmt: skip


@contextmanager
def connected(port: int, process: subprocess.Popen[str]) -> Iterator[socket.socket]:
    found: list[socket.socket] = []

    def reach() -> bool:
        try:
            found.append(socket.create_connection(("127.0.0.1", port), timeout=20))
        except ConnectionRefusedError:
            return False
        return True

    await_(reach, process)
    with found[0] as client:
        yield client


def await_(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    for _ in range(600):
        if condition():
            return
        assert process.poll() is None, process.communicate()
        threading.Event().wait(0.05)
    pytest.fail("it never came")
