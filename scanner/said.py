"""Texts that devices type or send, as readings; with what some of them say of a radio tag.

    E28011606000020A1B2C3D4E                  an EPC, where the device is known to read radio tags
    E28011606000020A1B2C3D4E,-57.5            with its signal strength in dBm
    E28011606000020A1B2C3D4E,-57.5,2          and the antenna that heard it
    C93000E28011606000020A1B2C3D4E            strength, PC word and EPC in one, as call-backs give

A strength is negative, so that a count or a time is never taken for one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from scanner.base import plain
from scanner.reading import RFID, Radio, Reading

ANY, EPC, CALLBACK = "", "epc", "callback"
FORMS = (EPC, CALLBACK)
"""What an address may say of a device's texts: that a long hexadecimal number is the EPC of a
radio tag, and that strength and PC word stand before it."""

FAINTEST, LOUDEST = -150.0, 20.0
"""What lies outside is no signal strength in dBm."""

_EPC = re.compile(r"(?:[0-9A-Fa-f]{4}){2,31}")
_STRENGTH = r"[,;] ?(-[0-9]{1,3}(?:\.[0-9]{1,3})?)(?: ?dBm)?(?:[,;] ?([0-9]{1,3}))?"
_WITH_STRENGTH = re.compile(rf"((?:[0-9A-Fa-f]{{4}}){{2,31}}){_STRENGTH}", re.IGNORECASE)
_STRENGTH_ALONE = re.compile(_STRENGTH, re.IGNORECASE)
_CALLBACK = re.compile(r"[0-9A-Fa-f]{14,130}")


def is_epc(text: str) -> bool:
    """Whether a text can be an EPC in hexadecimal: 2 to 31 words of 16 bits."""
    return _EPC.fullmatch(text) is not None


def said(
    texts: Iterable[str],
    *,
    engine: str,
    form: str = ANY,
    now: Callable[[], float] = time.monotonic,
) -> Iterator[Reading]:
    """Return texts as readings of the source `engine`; `form` is one of `FORMS` or none.

    A number of ours in front of its strength comes apart from it where reads are untangled; the
    two are put together again here.
    """
    held: Reading | None = None
    for text in texts:
        alone = _STRENGTH_ALONE.fullmatch(text) if held is not None else None
        if held is not None and alone is not None:
            radio = _radio(now(), alone[1], alone[2])
            yield replace(held, radio=radio) if radio else held
            held = None
            continue
        if held is not None:
            yield held
        reading = _reading(text, engine, form, now)
        held = reading if reading.symbology == RFID and reading.radio is None else None
        if held is None:
            yield reading
    if held is not None:
        yield held


def strength(value: object) -> float | None:
    """Return what is or spells a signal strength in dBm, None for anything else."""
    if isinstance(value, str):
        value = value.strip().lower().removesuffix("dbm").strip()
        if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,6})?", value):
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    found = float(value)
    return found if FAINTEST <= found <= LOUDEST else None


def _reading(text: str, engine: str, form: str, now: Callable[[], float]) -> Reading:
    if form == CALLBACK and (found := _called_back(text, now)):
        epc, radio = found
        return Reading(text=epc, symbology=RFID, engine=engine, radio=radio)
    if match := _WITH_STRENGTH.fullmatch(text):
        radio_or_none = _radio(now(), match[2], match[3])
        if radio_or_none:
            epc = match[1].upper()
            return Reading(text=epc, symbology=RFID, engine=engine, radio=radio_or_none)
    if form and is_epc(text):
        return Reading(text=text.upper(), symbology=RFID, engine=engine)
    return plain(text, engine=engine)


def _called_back(text: str, now: Callable[[], float]) -> tuple[str, Radio] | None:
    """A strength of one byte (signed, dBm), a PC word, and as much of an EPC as the word says."""
    digits = text.replace(" ", "")
    if not _CALLBACK.fullmatch(digits):
        return None
    pc, epc = digits[2:6].upper(), digits[6:].upper()
    if (int(pc, 16) >> 11) * 4 != len(epc) or not is_epc(epc):
        return None
    byte = int.from_bytes(bytes.fromhex(digits[:2]), signed=True)
    return epc, Radio(heard=now(), rssi=strength(byte), pc=pc)


def _radio(heard: float, told: str, antenna: str | None) -> Radio | None:
    rssi = strength(told)
    if rssi is None:
        return None
    return Radio(heard=heard, rssi=rssi, antenna=int(antenna) if antenna else None)
