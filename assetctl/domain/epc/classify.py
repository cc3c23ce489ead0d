"""What a number in a tag is, and whose: ours, GS1's, by an ISO standard, typed in, or the chip's.

About a third of all tags hold what somebody typed straight into them, so a number is looked at in
more ways than its header: see `Meaning`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assetctl.domain.epc.bits import hexadecimal
from assetctl.domain.epc.codec import Epc, decode
from assetctl.domain.epc.iso import STANDARDS, decode_uii
from assetctl.domain.epc.pc import ControlWord, parse_pc
from assetctl.domain.epc.private96 import MAGIC, Private96
from assetctl.domain.epc.private96 import decode as decode_private96
from assetctl.domain.epc.schemes import BY_HEADER
from assetctl.domain.identity import asset_id
from assetctl.errors import EpcError

KINDS = ("ours", "gs1", "iso", "typed", "chip", "foreign")
"""What a number can be."""

_TYPED = re.compile(r"[0-9A-Za-z][0-9A-Za-z #./_-]{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a number is.

    `kind` is one of `KINDS`:

    - `ours`: a `private96` number with a fitting check (`private`), whatever its PC word says;
      `asset_id` is set if it stands for an asset;
    - `gs1`: a valid number by an EPC scheme (`epc`);
    - `iso`: its PC word says that it is by an ISO standard (`afi`), never by GS1;
      `text` is what it says in six-bit characters, if it does;
    - `typed`: a text in ASCII, or 24 decimal digits, somebody typed in (`text`);
    - `chip`: what a factory leaves: nothing but 0 or F, or the chip's own number, E2…;
    - `foreign`: none of these; `fault` says what is wrong where it nearly is ours or GS1's.

    `scheme` names the layout, `bits` is the length. A valid number of a scheme that is made of
    decimal digits only may have been typed all the same: they stand in `text` too.
    """

    kind: str
    digits: str
    bits: int
    scheme: str = ""
    private: Private96 | None = None
    asset_id: str | None = None
    epc: Epc | None = None
    afi: str = ""
    text: str = ""
    fault: EpcError | None = None


def classify(epc: str, pc: str | None = None) -> Meaning:
    """Return what a number in hexadecimal is; `pc` is its control word, if the reader gave it.

    Without `pc` its header decides.

    Raises:
        EpcError: they are no hexadecimal digits, or more than a tag can hold.
    """
    digits = hexadecimal(epc)
    control = parse_pc(pc) if pc else ControlWord(words=0)
    bits = len(digits) * 4
    header = int(digits[:2], 16)
    fault = None
    if header == MAGIC:
        try:
            return _ours(digits, decode_private96(digits))
        except EpcError as error:
            fault = error
    if control.iso:
        return _by_iso(digits, control.afi)
    text = _typed_text(digits)
    if text:
        return Meaning(kind="typed", digits=digits, bits=bits, text=text)
    if header in BY_HEADER:
        try:
            return _by_gs1(digits, decode(digits))
        except EpcError as error:
            fault = error
    if digits.isdigit() and len(digits) == 24 and set(digits) != {"0"}:
        return Meaning(kind="typed", digits=digits, bits=bits, text=digits, fault=fault)
    is_chip = header == 0xE2 or set(digits) in ({"0"}, {"F"})
    return Meaning(kind="chip" if is_chip else "foreign", digits=digits, bits=bits, fault=fault)


def _ours(digits: str, private: Private96) -> Meaning:
    return Meaning(
        kind="ours", digits=digits, bits=len(digits) * 4, scheme="private96", private=private,
        asset_id=asset_id(private.serial) if private.tag_class == 0 else None,
    )  # fmt: skip


def _by_gs1(digits: str, epc: Epc) -> Meaning:
    return Meaning(
        kind="gs1", digits=digits, bits=len(digits) * 4, scheme=epc.scheme, epc=epc,
        text=digits if digits.isdigit() and len(digits) == 24 else "",
    )  # fmt: skip


def _by_iso(digits: str, afi: str) -> Meaning:
    try:
        text = decode_uii(digits)
    except EpcError:
        text = ""
    return Meaning(
        kind="iso", digits=digits, bits=len(digits) * 4, scheme=STANDARDS.get(afi, ""), afi=afi,
        text=text if afi in STANDARDS else "",
    )  # fmt: skip


def _typed_text(digits: str) -> str:
    """Return the text that a number is in ASCII, without what fills it up; empty if it is none.

    Of numbers by a scheme one in ten million looks like this, of typed ones all.
    """
    if len(digits) % 2:
        return ""
    try:
        text = bytes.fromhex(digits).rstrip(b"\0").decode("ascii")
    except UnicodeDecodeError:
        return ""
    return text.rstrip(" #") if _TYPED.fullmatch(text) else ""
