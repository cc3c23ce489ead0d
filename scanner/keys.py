"""What a keyboard scanner types, from the events that Linux reports of its keys.

An event is `struct input_event` of <linux/input.h>: two longs of time, type, code, value. The
codes are those of <linux/input-event-codes.h>; scanners type as a US keyboard unless they are
set otherwise, or hold ALT and type the number of a character on the keypad.
"""

from __future__ import annotations

import struct

EVENT = struct.Struct("@llHHi")

_EV_SYN, _EV_KEY = 0, 1
_SYN_DROPPED = 3
_RELEASED, _PRESSED = 0, 1
_CAPS_LOCK = 58
_SHIFTS = frozenset({42, 54})
_ALTS = frozenset({56, 100})
_KEYPAD = {71: "7", 72: "8", 73: "9", 75: "4", 76: "5", 77: "6", 79: "1", 80: "2", 81: "3", 82: "0"}

_PLAIN = {
    **dict(enumerate("1234567890-=", 2)),
    **dict(enumerate("qwertyuiop[]", 16)),
    **dict(enumerate("asdfghjkl;'`", 30)),
    **dict(enumerate("\\zxcvbnm,./", 43)),
    **_KEYPAD,
    15: "\t", 28: "\n", 57: " ",
    55: "*", 74: "-", 78: "+", 83: ".", 96: "\n", 98: "/", 117: "=", 121: ",",
}  # fmt: skip
_ON_SHIFT = dict(
    zip("1234567890-=[];'`\\,./", '!@#$%^&*()_+{}:"~|<>?', strict=True)
)  # The pairs of a US keyboard.
_FROM_KEYPAD = frozenset({55, 74, 78, 83, 96, 98, 117, 121, *_KEYPAD})


class Keyboard:
    """Turns the bytes of a device into the text that its keys type."""

    def __init__(self) -> None:
        self._rest = b""
        self._caps = False
        self._shifts: set[int] = set()
        self._alts: set[int] = set()
        self._number = ""

    def typed(self, data: bytes) -> str:
        """Return what the events in `data` type; the beginning of an event is kept for later."""
        data = self._rest + data
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        return "".join(
            self._event(kind, code, value)
            for _, _, kind, code, value in EVENT.iter_unpack(data[:whole])
        )

    def _event(self, kind: int, code: int, value: int) -> str:
        if kind == _EV_SYN and code == _SYN_DROPPED:
            # The system lost events, perhaps the release of a key that is held.
            self._forget_held()
        if kind != _EV_KEY:
            return ""
        if code in _SHIFTS:
            self._hold(self._shifts, code, value)
            return ""
        if code in _ALTS:
            self._hold(self._alts, code, value)
            return "" if self._alts else self._numbered()
        if value != _PRESSED:
            # A scanner never means a key to repeat.
            return ""
        if code == _CAPS_LOCK:
            self._caps = not self._caps
            return ""
        if self._alts:
            self._number += _KEYPAD.get(code, "")
            return ""
        return self._character(code)

    def _character(self, code: int) -> str:
        character = _PLAIN.get(code, "")
        if code in _FROM_KEYPAD:
            return character
        if character.isalpha():
            return character.upper() if bool(self._shifts) != self._caps else character
        return _ON_SHIFT.get(character, character) if self._shifts else character

    def _numbered(self) -> str:
        number, self._number = self._number[-4:], ""
        return chr(int(number)) if number and 0x20 <= int(number) < 0x7F else ""

    def _forget_held(self) -> None:
        self._shifts.clear()
        self._alts.clear()
        self._number = ""

    @staticmethod
    def _hold(held: set[int], code: int, value: int) -> None:
        held.discard(code) if value == _RELEASED else held.add(code)
