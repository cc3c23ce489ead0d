"""The 96-bit numbers that a radio hears by the thousand, read without making anything but numbers.

Rows of shifts and masks are made once from the table of schemes, by the first 14 bits: header,
filter and partition. Nothing is remembered from one number to the next. What is wrong with a
number that is refused here, `codec.decode` and `private96.decode` say.
"""

from __future__ import annotations

from collections.abc import Iterator

from assetctl.domain.epc.bits import refused
from assetctl.domain.epc.fields import PREFIX_BITS, Digits, Integer, Prefixed
from assetctl.domain.epc.private96 import CLASSES, DIGITS, DIVISIONS, MAGIC, START, TABLE, VERSION
from assetctl.domain.epc.schemes import SCHEMES, Scheme
from assetctl.i18n import N_

Plain = tuple[str, int, int, int, int, int]
"""Scheme, filter, digits of the company prefix, and the three numbers that `decode96` names."""

_Row = tuple[str, int, int, int, int, int, int, int, int, int]


def decode96(text: str) -> Plain:
    """Return scheme, filter, digits of the prefix and the three numbers of 24 hexadecimal digits.

    The three are, for GIAI-96: prefix, reference, 0; for GRAI-96 and the others with a serial:
    prefix, reference, serial; for GID-96: manager, class, serial; for `private96`: division, unit,
    serial, its class in place of the filter and no digits of a prefix.

    Raises:
        EpcError: it is no valid number of one of these schemes.
    """
    try:
        raw = _from_hex(text)
        if raw[0] == MAGIC:
            _, b, c, d, e, f, g, h, i, j, k, check = raw
            t = TABLE
            crc = t[t[t[t[t[t[t[t[_STARTS[b] ^ c] ^ d] ^ e] ^ f] ^ g] ^ h] ^ i] ^ j] ^ k
            number = _from_bytes(raw)
            division = number >> 60 & 0xFFFFF
            if _LAST[crc] == check and division < DIVISIONS and len(text) == DIGITS:
                serial = number >> 8 & 0xFFFFFFFFFF
                return "private96", b & 15, 0, division, number >> 48 & 0xFFF, serial
        elif len(raw) * 2 == len(text) == DIGITS:
            number = _from_bytes(raw)
            name, kept, digits, at, mask, limit, next_at, next_mask, next_limit, last = _ROWS[
                number >> 82
            ]
            first, second = number >> at & mask, number >> next_at & next_mask
            if first < limit and second < next_limit:
                return name, kept, digits, first, second, number & last
    except (ValueError, LookupError):
        pass  # no hexadecimal digits, too few, or the beginning of no scheme
    raise refused("scheme", text[: 2 * DIGITS], N_("it is no valid number of a scheme of 96 bits"))


def _rows() -> Iterator[tuple[int, _Row]]:
    """Give the rows of all schemes that are made of a prefix and numbers, or of three numbers."""
    for scheme in SCHEMES.values():
        first, *others = scheme.fields
        if isinstance(first, Integer):
            yield from _of_three_numbers(scheme)
        elif isinstance(first, Prefixed) and all(isinstance(one, Integer) for one in others):
            for digits in PREFIX_BITS:
                rest = first.after(digits)
                width = sum(one.width for one in others if isinstance(one, Integer))
                if isinstance(rest, Integer | Digits) and first.total + width == 82:
                    yield from _with_prefix(scheme, digits, rest, width)


def _of_three_numbers(scheme: Scheme) -> Iterator[tuple[int, _Row]]:
    first, second, third = (one.width for one in scheme.fields if isinstance(one, Integer))
    row = (
        second + third, (1 << first) - 1, 1 << first, third, (1 << second) - 1, 1 << second,
        (1 << third) - 1,
    )  # fmt: skip
    for start in range(64):
        yield scheme.header << 6 | start, (scheme.name, 0, 0, *row)


def _with_prefix(
    scheme: Scheme, digits: int, rest: Integer | Digits, serial: int
) -> Iterator[tuple[int, _Row]]:
    limit = 10**rest.digits if isinstance(rest, Digits) else 1 << rest.width
    row = (
        rest.width + serial, (1 << PREFIX_BITS[digits]) - 1, 10**digits, serial,
        (1 << rest.width) - 1, limit, (1 << serial) - 1,
    )  # fmt: skip
    for kept in range(8):
        start = (scheme.header << 3 | kept) << 3 | 12 - digits
        yield start, (scheme.name, kept, digits, *row)


_from_hex, _from_bytes = bytes.fromhex, int.from_bytes
_ROWS = dict(_rows())
_LAST = tuple(crc ^ START for crc in TABLE)
_STARTS = {
    second: TABLE[TABLE[START ^ MAGIC] ^ second]
    for second in range(VERSION << 4, (VERSION << 4) + len(CLASSES))
}
"""The CRC after the first two bytes of `private96`, by the second: version and class."""
