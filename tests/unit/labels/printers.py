"""Printers of our own: what a real one does with a job, written apart from what makes the job.

Each parser reads the bytes of one printer language and gives back the dots that would be burnt,
or stops at the first byte that the language does not explain.
"""

from __future__ import annotations

import base64
import re
import socket
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from labels.bitmap import Bitmap

Dots = list[list[int]]


@st.composite
def bitmaps(draw: st.DrawFn, *, widest: int = 70, highest: int = 40) -> Bitmap:
    """Any picture; the bits behind the last dot of a row are 0."""
    width = draw(st.integers(1, widest))
    height = draw(st.integers(1, highest))
    rows = [draw(st.integers(0, 2**width - 1)) for _ in range(height)]
    return packed([[row >> (width - 1 - x) & 1 for x in range(width)] for row in rows])


def packed(dots: Dots) -> Bitmap:
    width = len(dots[0])
    stride = (width + 7) // 8
    rows = b"".join(
        (int("".join(map(str, row)), 2) << (8 * stride - width)).to_bytes(stride, "big")
        for row in dots
    )
    return Bitmap(width=width, height=len(dots), rows=rows)


def dots(bitmap: Bitmap) -> Dots:
    return unpacked(bitmap.rows, bitmap.stride, bitmap.width)


def unpacked(rows: bytes, stride: int, width: int) -> Dots:
    lines = (rows[at : at + stride] for at in range(0, len(rows), stride))
    return [[line[x // 8] >> (7 - x % 8) & 1 for x in range(width)] for line in lines]


def symbol(payload: str, *, module: int, margin: int) -> Bitmap:
    """A label with nothing but a QR code, made by the library and not by this project."""
    import zxingcpp

    code: Any = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image = memoryview(code.to_image(scale=1, add_quiet_zones=False))
    height, width = image.shape or (0, 0)
    inner = [[int(image[y, x] == 0) for x in range(width)] for y in range(height)]
    wide = [[dot for dot in row for _ in range(module)] for row in inner for _ in range(module)]
    blank = [0] * (len(wide[0]) + 2 * margin)
    side = [0] * margin
    return packed([*[blank] * margin, *([*side, *row, *side] for row in wide), *[blank] * margin])


def read(picture: Dots) -> list[str]:
    """What a scanner reads from burnt dots."""
    import zxingcpp
    from PIL import Image

    image = Image.new("L", (len(picture[0]), len(picture)), 255)
    image.putdata([0 if dot else 255 for row in picture for dot in row])
    return [found.text for found in zxingcpp.read_barcodes(image)]


# --- ZPL -----------------------------------------------------------------------------------


@dataclass
class Page:
    """One label: its size, its pictures at their places, its fields and how often it comes."""

    settings: dict[str, str] = field(default_factory=dict)
    pictures: list[tuple[tuple[int, int], Dots]] = field(default_factory=list)
    fields: list[tuple[str, bytes]] = field(default_factory=list)
    tag: list[tuple[str, str]] = field(default_factory=list)


def zpl(job: bytes) -> list[Page]:
    """Run a ZPL job. Every command has a prefix, two letters, and parameters up to the next."""
    pages: list[Page] = []
    page: Page | None = None
    state: dict[str, str] = {}
    assert job.startswith((b"^", b"~"))
    for found in re.finditer(rb"([\^~])([A-Z][A-Z0-9@])([^\^~]*)", job):
        prefix, name = found[1], found[2].decode()
        whole = found[3]
        text = whole.rstrip(b"\r\n")
        if prefix == b"~":
            assert name == "SD", f"~{name} obeyed"
        elif name == "XA":
            assert page is None
            page = Page()
        elif name == "XZ":
            assert page is not None
            pages.append(page)
            page = None
        else:
            assert page is not None, f"^{name} outside a label"
            _zpl_in_label(page, state, name, text)
    assert page is None
    return pages


def _zpl_in_label(page: Page, state: dict[str, str], name: str, text: bytes) -> None:
    if name in ("PW", "LL", "LH", "LS", "PR", "PQ", "CI", "RS"):
        page.settings[name] = text.decode()
    elif name in ("FO", "FT", "FH", "FN", "BQ", "RF", "HV") or name.startswith("A"):
        state[name[0] if name.startswith("A") else name] = text.decode()
    elif name == "GF":
        x, y = map(int, state["FO"].split(","))
        page.pictures.append(((x, y), _graphic(text)))
    elif name == "FD":
        page.fields.append((state.get("BQ", ""), _unhexed(text) if "FH" in state else text))
        if "RF" in state:
            page.tag.append((f"RF{state['RF']}", text.decode()))
            page.fields.pop()
            state.pop("RF")
    elif name == "FS":
        if "RF" in state:
            page.tag.append((f"RF{state['RF']}", state["FN"]))
        if "HV" in state:
            page.tag.append((f"HV{state['HV']}", ""))
        state.clear()
    else:
        assert name == "", f"^{name} obeyed"


def _unhexed(text: bytes) -> bytes:
    return re.sub(rb"_([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()), text)


def _graphic(text: bytes) -> Dots:
    head, form, packed_rows, crc = text.split(b":")
    kind, sent, total, stride, rest = head.split(b",")
    assert (kind, form, rest) == (b"A", b"Z64", b"")
    assert int(crc, 16) == crc16(packed_rows)
    rows = zlib.decompress(base64.b64decode(packed_rows, validate=True))
    assert len(rows) == int(total) == int(sent)
    return unpacked(rows, int(stride), 8 * int(stride))


def crc16(data: bytes) -> int:
    """CRC-16-CCITT from 0, bit by bit."""
    register = 0
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ (0x1021 if register & 0x8000 else 0)
        register &= 0xFFFF
    return register


# --- TSPL ----------------------------------------------------------------------------------


@dataclass
class Sheet:
    """One TSPL label: the commands before it by name, its picture, its texts, its copies."""

    settings: dict[str, str]
    picture: Dots = field(default_factory=list)
    texts: list[tuple[str, bytes]] = field(default_factory=list)
    code: tuple[str, bytes] = ("", b"")
    copies: int = 0


_TSPL_TEXT = re.compile(rb'TEXT (\d+,\d+,"[A-Z0-9._-]+",0,\d+,\d+),"([^"\r\n]*)"')
_TSPL_CODE = re.compile(rb'QRCODE (\d+,\d+,[LMQH],\d+,A,0,M2),"([^"\r\n]*)"')


def tspl(job: bytes) -> list[Sheet]:
    """Run a TSPL job: lines that end with CR LF, except that a picture's bytes are counted."""
    settings: dict[str, str] = {}
    sheets: list[Sheet] = []
    sheet = Sheet(settings)
    while job:
        if job.startswith(b"BITMAP "):
            head = re.match(rb"BITMAP 0,0,(\d+),(\d+),0,", job)
            assert head
            stride, height = int(head[1]), int(head[2])
            rows = job[head.end() : head.end() + stride * height]
            # Here a dot that is 0 is burnt.
            sheet.picture = [[1 - dot for dot in row] for row in unpacked(rows, stride, 8 * stride)]
            line, job = b"", job[head.end() + stride * height :]
            assert job.startswith(b"\r\n")
            job = job[2:]
            continue
        line, ended, job = job.partition(b"\r\n")
        assert ended
        assert b"!" not in line
        if line == b"CLS":
            sheet = Sheet(settings)
        elif text := _TSPL_TEXT.fullmatch(line):
            sheet.texts.append((text[1].decode(), text[2]))
        elif code := _TSPL_CODE.fullmatch(line):
            sheet.code = (code[1].decode(), code[2])
        elif line.startswith(b"PRINT 1,"):
            sheet.copies = int(line[8:])
            sheets.append(sheet)
        else:
            name, _, value = line.decode("ascii").partition(" ")
            assert name in ("SIZE", "GAP", "DIRECTION", "REFERENCE", "DENSITY", "SPEED"), line
            settings[name] = value
    return sheets


# --- ESC/POS -------------------------------------------------------------------------------


@dataclass
class Slip:
    """One piece of paper: burnt rows, lines of text, the code, whether it was cut off."""

    width: int = 0
    picture: Dots = field(default_factory=list)
    bands: list[int] = field(default_factory=list)
    text: bytes = b""
    code: dict[int, bytes] = field(default_factory=dict)
    fed: int = 0
    cut: bool = False


def escpos(job: bytes) -> list[Slip]:
    """Run an ESC/POS job byte by byte."""
    assert job.startswith(b"\x1b@")
    slips: list[Slip] = []
    slip, at = Slip(), 2
    while at < len(job):
        if job.startswith(b"\x1dv0\x00", at):
            stride = int.from_bytes(job[at + 4 : at + 6], "little")
            height = int.from_bytes(job[at + 6 : at + 8], "little")
            end = at + 8 + stride * height
            slip.picture += unpacked(job[at + 8 : end], stride, 8 * stride)
            slip.bands.append(height)
            at = end
        elif job.startswith(b"\x1d(k", at):
            size = int.from_bytes(job[at + 3 : at + 5], "little")
            part = job[at + 5 : at + 5 + size]
            assert part[:1] == b"1"
            slip.code[part[1]] = part[2:]
            at += 5 + size
        elif job.startswith(b"\x1c&", at):
            at += 2
        elif job.startswith(b"\x1bJ", at):
            slip.fed += job[at + 2]
            slips.append(slip)
            slip, at = Slip(), at + 3
        elif job.startswith(b"\x1dVB\x00", at):
            slips[-1].cut = True
            at += 4
        else:
            assert job[at] == 10 or job[at] >= 32, f"control {job[at]:#x} obeyed"
            slip.text += job[at : at + 1]
            at += 1
    return slips


# --- a printer with a radio unit -----------------------------------------------------------


@dataclass
class Chip:
    """The tag in one label of the roll: its banks as bytes, and whether the label was voided."""

    epc: bytearray
    tid: bytes
    void: bool = False


@dataclass
class Encoder:
    """A ZPL printer that writes and reads tags, chip after chip of a roll.

    `spoilt` says how many chips in a row cannot be written for the nth label of a job: each such
    label is printed with VOID, and the next one is tried as often as `^RS` allows. `broken` labels
    can never be written, so that there is no answer for them. `deaf` chips keep what they had, and
    `wrong` ones take another number; neither is noticed by the printer. With `mute` chips the TID
    cannot be read. `tids` names the chips of the roll in their order; others are made up, and
    `chips` are those that were used.
    """

    tids: Sequence[str] = ()
    broken: Sequence[int] = ()
    deaf: Sequence[int] = ()
    wrong: Mapping[int, str] = field(default_factory=dict)
    spoilt: Mapping[int, int] = field(default_factory=dict)
    mute: Sequence[int] = ()
    done: int = 0
    chips: list[Chip] = field(default_factory=list)

    def __call__(self, caller: socket.socket, taken: bytearray) -> None:
        at = 0
        while piece := caller.recv(4096):
            taken += piece
            while (end := taken.find(b"^XZ", at)) > 0:
                caller.sendall(self.label(bytes(taken[at : end + 3])))
                at = end + 3

    def label(self, data: bytes) -> bytes:
        (page,) = zpl(data.lstrip(b"\r\n"))
        self.done += 1
        nth = self.done
        tries = int(page.settings["RS"].split(",")[3])
        failing = tries if nth in self.broken else self.spoilt.get(nth, 0)
        for _ in range(min(failing, tries)):
            self._next_chip().void = True
        return self._written(page, nth, self._next_chip()) if failing < tries else b""

    def _next_chip(self) -> Chip:
        nth = len(self.chips)
        tid = self.tids[nth] if nth < len(self.tids) else f"E2801160600002084F1B{nth:04X}"
        factory = bytearray.fromhex("0000" + "3000" + "00" * 12)
        self.chips.append(Chip(factory, bytes.fromhex(tid)))
        return self.chips[-1]

    def _written(self, page: Page, nth: int, chip: Chip) -> bytes:
        fields: dict[str, str] = {}
        answer = b""
        for command, value in page.tag:
            if command.startswith("HV"):
                answer += _host_answer(command, fields)
                continue
            _, form, start, size, bank = command.split(",")
            assert form == "H"
            first, length = 2 * int(start), int(size)
            if command.startswith("RFW"):
                number = bytes.fromhex(value)
                assert (len(number), bank) == (length, "1")
                if nth in self.wrong:
                    number = number[: -len(self.wrong[nth]) // 2] + bytes.fromhex(self.wrong[nth])
                if nth not in self.deaf:
                    chip.epc[first : first + length] = number
            else:
                memory = chip.epc if bank == "1" else chip.tid
                read = memory[first : first + length].hex().upper()
                fields[value] = "" if bank == "2" and nth in self.mute else read
        return answer


def _host_answer(command: str, fields: Mapping[str, str]) -> bytes:
    number, count, header, tail, _ = command[2:].split(",")
    text = header + fields[number][: int(count)] + tail
    return re.sub(rb"_([0-9A-F]{2})", lambda hexed: bytes.fromhex(hexed[1].decode()), text.encode())


# --- a printer on the network --------------------------------------------------------------


@dataclass
class Printer:
    """A listening printer: `taken` is what it has read, `address` where it listens."""

    address: str
    taken: bytearray = field(default_factory=bytearray)


@contextmanager
def printer(
    act: Callable[[socket.socket, bytearray], None], *, small: bool = False
) -> Iterator[Printer]:
    """Run `act` with the first caller's socket; with `small`, next to nothing lies in buffers."""
    with socket.socket() as listener:
        if small:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        listener.settimeout(20)
        emulated = Printer(f"tcp://127.0.0.1:{listener.getsockname()[1]}")

        def serve() -> None:
            caller, _ = listener.accept()
            with caller:
                caller.settimeout(20)
                act(caller, emulated.taken)

        with ThreadPoolExecutor(1) as pool:
            served = pool.submit(serve)
            yield emulated
            # What went wrong at the printer's end fails the test too.
            served.result(25)


def take_all(caller: socket.socket, taken: bytearray) -> None:
    """What a good printer does: read to the end."""
    while piece := caller.recv(4096):
        taken += piece
