"""ZPL II, the language of Zebra printers and of many that imitate them.

A label is sent as a picture made by us, dot for dot, so that it looks the same on every printer;
`native` lets the printer draw text and code itself, which is shorter and needs a font in the
printer. With `rfid` the printer also writes the radio tag in the label, reads it back and says what
it read. Sources: ZPL II Programming Guide, RFID Programming Guide; GS1 TDS 2.3 for the PC word.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from labels.bitmap import Bitmap
from labels.drawing import Text
from labels.job import (
    DPI,
    MOST_COPIES,
    require,
    require_code,
    require_encodable,
    require_fitting,
    require_size,
    to_dots,
)
from labels.label import LabelError, UnknownChoiceError

MOST_DARK = 30
MOST_SPEED = 14
MOST_MODULE = 10

# Everything else in ASCII goes as hexadecimal: prefixes, delimiters, the mark itself, controls.
_ESCAPED = re.compile(rb"[^A-Za-z0-9 .,:/+*%$()=?&#@!\x80-\xff-]")
_UNSAFE = re.compile("[\x80-\x9f\u2028\u2029]")
_FONT = re.compile(r"[A-Z]:[A-Z0-9_-]{1,16}\.[A-Z]{3}")

STATUS = b"~HS\r\n"
"""Asks a printer how it is; `replies` reads the answer."""

# The EPC bank: word 0 is a checksum, word 1 the PC, the EPC begins at word 2.
_BANK_EPC = 1
_BANK_TID = 2
_WORD = 4
_MOST_WORDS = 31
_USUAL_WORDS = 6
_MOST_TRIES = 10
_MOST_TID = 32
_HEX = re.compile("[0-9A-F]+")
_READ = re.compile(rb"R([0-9]{1,6})\.([ET])=([0-9A-Fa-f]{1,256})\r?\n")
_HEALTH = re.compile(rb"\x02([^\x02\x03]{1,80})\x03")


class TagInvalidError(LabelError):
    """A number for a radio tag is none that a tag can hold."""

    code = "label.tag_invalid"
    template = "Tag {nth} cannot hold the number {epc!r}: {expected}."


class TagCountError(LabelError):
    """The numbers for radio tags and the labels are not one for one."""

    code = "label.tag_count"
    template = "There are {tags} tag numbers for {labels} labels in {copies} copies each."


class TagTwiceError(LabelError):
    """Two tags of one job would get the same number, so that no reader could tell them apart."""

    code = "label.tag_twice"
    template = "Tags {first} and {second} would both get the number {epc}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """What the printer writes into one radio tag (ISO/IEC 18000-63).

    `epc` is hexadecimal in whole words of four digits. With `pc`, four digits, the PC word is
    written too, which tells readers the length and whether the number is a GS1 one; without it the
    chip keeps its own, and the number must have the usual 96 bits. `tid_bytes` is how much of the
    chip's own number is read back, 0 for none: asking for more than the chip has fails the label.
    `tries` is how many labels may be spoilt before the printer gives up. Without `read_back`
    nothing is read back or reported, for a way on which no answer comes back.
    """

    epc: str
    pc: str | None = None
    tid_bytes: int = 12
    tries: int = 3
    read_back: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRead:
    """What the printer read from the tag of the `nth` label of a job; None is no answer."""

    nth: int
    pc: str | None = None
    epc: str | None = None
    tid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the printer is (`~HS`); `remaining` counts labels still to come of the present batch."""

    paper_out: bool
    paused: bool
    head_open: bool
    ribbon_out: bool
    remaining: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """Everything understood in a printer's answer; what is not understood is passed over."""

    tags: tuple[TagRead, ...]
    status: Status | None


def job(
    bitmaps: Sequence[Bitmap],
    *,
    dpi: int,
    width_mm: float,
    height_mm: float,
    copies: int = 1,
    darkness: int | None = None,
    speed: int | None = None,
    rfid: Sequence[Tag] | None = None,
) -> bytes:
    """Return one label format per picture: `^GFA` with zlib-packed dots, checked by a CRC.

    `darkness` is 0 to 30 and stays set in the printer until it is switched off, `speed` is 1 to 14
    inches a second. `rfid` has one tag for each picture, which the printer writes, reads back and
    reports (see `replies`). The same input gives the same bytes with the same zlib. Raises
    SheetError for a setting, BitmapBrokenError, BitmapTooLargeError, and for tags TagInvalidError,
    TagCountError, TagTwiceError.
    """
    size = require_size(dpi, width_mm, height_mm)
    require_fitting(bitmaps, width_mm * DPI[dpi], height_mm * DPI[dpi])
    tags: Sequence[Tag | None] = [None] * len(bitmaps)
    if rfid is not None:
        _require_writable(rfid, labels=len(bitmaps), copies=copies)
        tags = rfid
    before, head, tail = _frame(size, copies, darkness, speed)
    formats = [
        b"%b%b^FO0,0%b^FS\r\n%b"
        % (head, b"" if tag is None else _written(tag, nth), graphic(bitmap), tail)
        for nth, (bitmap, tag) in enumerate(zip(bitmaps, tags, strict=True), 1)
    ]
    return before + b"".join(formats)


def graphic(bitmap: Bitmap) -> bytes:
    """Return the `^GFA` command of a picture in the form `:Z64:`, without `^FS`.

    The text is base64 of zlib; the CRC is CRC-16-CCITT from 0 over that text.
    """
    text = base64.b64encode(zlib.compress(bitmap.rows))
    total = len(bitmap.rows)
    crc = binascii.crc_hqx(text, 0)
    return b"^GFA,%d,%d,%d,:Z64:%b:%04X" % (total, total, bitmap.stride, text, crc)


def native(
    texts: Sequence[Text],
    *,
    payload: str,
    x: float,
    y: float,
    module: int,
    dpi: int,
    width_mm: float,
    height_mm: float,
    ecc: str = "M",
    font: str | None = None,
    copies: int = 1,
    darkness: int | None = None,
    speed: int | None = None,
) -> bytes:
    """Return one label that the printer draws itself: rows of text and a QR code, in UTF-8.

    `x` and `y` are the code's corner in millimetres, `module` is in dots, 1 to 10. `font` is the
    name of a font inside the printer, such as `E:SIMSUN.TTF`: without one the printer has no
    Chinese, and nobody can check from here what it does have. No text can leave its field: what is
    not plain goes as hexadecimal. Raises SheetError, TextUnprintableError, ModuleTooSmallError,
    CodeTooLargeError, PayloadEmptyError, PayloadTooLongError.
    """
    size = require_size(dpi, width_mm, height_mm)
    require("module", module, 1, MOST_MODULE, "ZPL")
    require_code(payload, ecc=ecc, module=module, dpi=dpi, at=(x, y), most=size)
    before, head, tail = _frame(size, copies, darkness, speed)
    rows = [_row(text, dpi, font) for text in texts]
    # The first letter of the data is the level of error correction, the second lets the printer
    # choose how to pack the text.
    code = b"^FO%d,%d^BQN,2,%d^FH_^FD%bA,%b^FS\r\n" % (
        to_dots(x, dpi), to_dots(y, dpi), module, ecc.encode(), escaped(payload),
    )  # fmt: skip
    return b"".join([before, head, b"^CI28\r\n", *rows, code, tail])


def escaped(text: str) -> bytes:
    """Return field data for use after `^FH_`: no `^`, `~`, `_`, `\\` or control is left in it.

    Raises TextUnprintableError for halves of surrogate pairs.
    """

    def hexed(data: bytes) -> bytes:
        return b"".join(b"_%02X" % byte for byte in data)

    safe = _ESCAPED.sub(lambda found: hexed(found[0]), require_encodable(text, "utf-8"))
    # Controls beyond ASCII are no bytes of their own in UTF-8, yet are not to be sent as they are.
    whole = safe.decode("utf-8")
    return _UNSAFE.sub(lambda found: hexed(found[0].encode()).decode(), whole).encode()


def replies(data: bytes) -> Replies:
    """Return what a printer answered: tags it read, in order of the job, and its status.

    Noise, halves and unknown answers are passed over, and of two answers for one label the later
    counts, because a spoilt label is written again.
    """
    found: dict[int, dict[bytes, str]] = {}
    for nth, bank, digits in _READ.findall(data):
        found.setdefault(int(nth), {})[bank] = digits.decode().upper()
    tags = []
    for number, banks in sorted(found.items()):
        epc = banks.get(b"E")
        pc, rest = (epc[:_WORD], epc[_WORD:]) if epc else (None, None)
        tags.append(TagRead(nth=number, pc=pc, epc=rest or None, tid=banks.get(b"T")))
    return Replies(tags=tuple(tags), status=_status(data))


def complete(wanted: Sequence[Tag], data: bytes) -> bool:
    """Return whether every tag of a job has been answered for, so that nothing more will come.

    A tag that is not read back has no answer.
    """
    read = {tag.nth: tag for tag in replies(data).tags}
    return all(
        nth in read
        and read[nth].pc is not None
        and (read[nth].tid is not None or tag.tid_bytes == 0)
        for nth, tag in enumerate(wanted, 1)
        if tag.read_back
    )


def unwritten(wanted: Sequence[Tag], read: Sequence[TagRead]) -> tuple[int, ...]:
    """Return which labels, from 1, carry no tag that reads back exactly as it was to be written."""
    last = {tag.nth: tag for tag in read}
    return tuple(
        nth
        for nth, tag in enumerate(wanted, 1)
        if nth not in last
        or last[nth].epc != tag.epc.upper()
        or (tag.pc is not None and last[nth].pc != tag.pc.upper())
    )


def _status(data: bytes) -> Status | None:
    lines = [line.split(b",") for line in _HEALTH.findall(data)]
    for first, second in pairwise(lines):
        if len(first) == 12 and len(second) == 11 and second[8].isdigit():
            return Status(
                paper_out=first[1] == b"1",
                paused=first[2] == b"1",
                head_open=second[2] == b"1",
                ribbon_out=second[3] == b"1",
                remaining=int(second[8]),
            )
    return None


def _require_writable(tags: Sequence[Tag], *, labels: int, copies: int) -> None:
    if len(tags) != labels or copies != 1:
        raise TagCountError(tags=len(tags), labels=labels, copies=copies)
    seen: dict[str, int] = {}
    for nth, tag in enumerate(tags, 1):
        epc = tag.epc.upper()
        _require_number(tag, nth)
        require("tid_bytes", tag.tid_bytes, 0, _MOST_TID, "RFID")
        require("tries", tag.tries, 1, _MOST_TRIES, "RFID")
        if seen.setdefault(epc, nth) != nth:
            raise TagTwiceError(first=seen[epc], second=nth, epc=epc)


def _require_number(tag: Tag, nth: int) -> None:
    expected = ""
    words = len(tag.epc) // _WORD
    if not _HEX.fullmatch(tag.epc.upper()) or len(tag.epc) % _WORD or words > _MOST_WORDS:
        expected = "hexadecimal, four digits for each word, at most 31 words"
    elif tag.pc is None:
        if words != _USUAL_WORDS:
            expected = "without a PC word it must have 24 digits"
    elif not _HEX.fullmatch(tag.pc.upper()) or len(tag.pc) != _WORD:
        expected = "the PC word is four hexadecimal digits"
    elif int(tag.pc, 16) >> 11 != words:
        expected = "the length in the PC word is another one"
    if expected:
        raise TagInvalidError(nth=nth, epc=tag.epc[:40], expected=expected)


def _written(tag: Tag, nth: int) -> bytes:
    """Return the commands that write one tag, read it back and report it under the label's number.

    Tag type 8 is Gen2. Error handling N drops a label that cannot be written and goes on, so that
    its answer is missing; P would leave the printer waiting at its panel.
    """
    epc = tag.epc.upper().encode()
    size = len(epc) // 2
    pc = b"" if tag.pc is None else tag.pc.upper().encode()
    start, count = (2, size) if tag.pc is None else (1, size + 2)
    lines = [
        b"^RS8,,,%d,N" % tag.tries,
        b"^RFW,H,%d,%d,%d^FD%b%b^FS" % (start, count, _BANK_EPC, pc, epc),
    ]
    if not tag.read_back:
        return b"\r\n".join([*lines, b""])
    lines += [
        b"^FN1^RFR,H,1,%d,%d^FS" % (size + 2, _BANK_EPC),
        b"^FH_^HV1,%d,R%d.E=,_0D_0A,L^FS" % (2 * size + 4, nth),
    ]
    if tag.tid_bytes:
        lines += [
            b"^FN2^RFR,H,0,%d,%d^FS" % (tag.tid_bytes, _BANK_TID),
            b"^FH_^HV2,%d,R%d.T=,_0D_0A,L^FS" % (2 * tag.tid_bytes, nth),
        ]
    return b"\r\n".join([*lines, b""])


def _row(text: Text, dpi: int, font: str | None) -> bytes:
    height = max(10, round(text.size_pt * 25.4 / 72 * DPI[dpi]))
    name = b"^A0N,%d,%d" % (height, height)
    if font is not None:
        if not _FONT.fullmatch(font):
            raise UnknownChoiceError(setting="font", value=font, known="E:NAME.TTF")
        name = b"^A@N,%d,%d,%b" % (height, height, font.encode())
    # ^FT sets the baseline, ^FO would set the upper edge.
    at = (to_dots(text.x, dpi), to_dots(text.y, dpi))
    return b"^FT%d,%d%b^FH_^FD%b^FS\r\n" % (*at, name, escaped(text.text))


def _frame(
    size: tuple[int, int], copies: int, darkness: int | None, speed: int | None
) -> tuple[bytes, bytes, bytes]:
    """Return what stands before the job, and what begins and ends each of its labels."""
    require("copies", copies, 1, MOST_COPIES, "ZPL")
    require("darkness", darkness, 0, MOST_DARK, "ZPL")
    require("speed", speed, 1, MOST_SPEED, "ZPL")
    before = b"" if darkness is None else b"~SD%02d\r\n" % darkness
    pace = b"" if speed is None else b"^PR%d" % speed
    head = b"^XA^PW%d^LL%d^LH0,0^LS0%b\r\n" % (*size, pace)
    return before, head, b"^PQ%d^XZ\r\n" % copies
