"""The EPC schemes as one table: header, fields, and which GS1 key their values make.

Sources: GS1 EPC Tag Data Standard 2.3, table 14-1 (headers) and §14.6 (layouts).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from assetctl.domain.epc.fields import (
    Cage,
    Digits,
    Field,
    Integer,
    Marked,
    Prefixed,
    SixBit,
    Text,
    Zeros,
)
from assetctl.domain.epc.host import Host
from assetctl.domain.epc.variable import Counted, Date, Delimited, Fixed, Variable
from assetctl.domain.epcis.gs1 import check_digit

Elements = tuple[tuple[str, str], ...]
"""Application identifiers and their values."""


class Scheme(NamedTuple):
    """One layout of bits: the header, a filter of `filter_bits`, the fields.

    `elements` makes the GS1 element string of the values, where there is one. The values of a
    `whole` scheme are whole keys; a bit before its filter says whether more data follow.
    """

    name: str
    header: int
    fields: tuple[Field, ...]
    elements: Callable[..., Elements] = lambda *_values: ()
    filter_bits: int = 3
    whole: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The codes of its values, in their order."""
        return tuple(name for field in self.fields for name in field.names)


def _fixed(name: str, total: int) -> Callable[[int, int], Field]:
    return lambda digits, bits: Digits(name, bits, total - digits)


def _checked(digits: str) -> str:
    return digits + check_digit(digits)


def _gtin(prefix: str, reference: str) -> str:
    return _checked(reference[0] + prefix + reference[1:])


def _sgtin(prefix: str, reference: str, serial: str) -> Elements:
    return ("01", _gtin(prefix, reference)), ("21", serial)


def _sgln(prefix: str, reference: str, extension: str) -> Elements:
    place = ("414", _checked(prefix + reference))
    return (place,) if extension == "0" else (place, ("254", extension))


def _itip(prefix: str, reference: str, piece: str, total: str, serial: str) -> Elements:
    return ("8006", _gtin(prefix, reference) + piece + total), ("21", serial)


def _itip_whole(gtin: str, serial: str) -> Elements:
    return ("8006", gtin), ("21", serial)


def _after_prefix(ai: str, before: str = "") -> Callable[..., Elements]:
    return lambda prefix, reference, serial="": (
        (ai, _checked(before + prefix + reference) + serial),
    )


def _cpi(prefix: str, part: str, serial: str) -> Elements:
    return ("8010", prefix + part), ("8011", serial)


def _joined(ai: str) -> Callable[..., Elements]:
    return lambda *values: ((ai, "".join(values)),)


def _each(*ais: str) -> Callable[..., Elements]:
    return lambda *values: tuple(
        (ai, value) for ai, value in zip(ais, values, strict=True) if ai != "254" or value != "0"
    )


def _dated(kind: str, date: str, gtin: str, serial: str) -> Elements:
    return ("01", gtin), ("21", serial), (kind, date)


def _sscc(prefix: str, reference: str) -> Elements:
    return (("00", _checked(reference[0] + prefix + reference[1:])),)


_ITEM = Prefixed(44, _fixed("reference", 13))
_PLACE = Prefixed(41, _fixed("reference", 12))
_TYPE = Prefixed(44, _fixed("reference", 12))
_RELATION = Prefixed(58, _fixed("reference", 17))
_PART = Prefixed(51, lambda _digits, bits: Integer("reference", bits))
_PIECES = (Digits("piece", 7, 2), Digits("total", 7, 2))

_CLASSIC = (
    Scheme("GDTI-96", 0x2C, (_PLACE, Integer("serial", 41)), _after_prefix("253")),
    Scheme("GSRN-96", 0x2D, (_RELATION, Zeros(24)), _after_prefix("8018")),
    Scheme("GSRNP-96", 0x2E, (_RELATION, Zeros(24)), _after_prefix("8017")),
    Scheme("USDOD-96", 0x2F, (Cage("cage", 8), Integer("serial", 36)), filter_bits=4),
    Scheme("SGTIN-96", 0x30, (_ITEM, Integer("serial", 38)), _sgtin),
    Scheme("SSCC-96", 0x31, (_RELATION, Zeros(24)), _sscc),
    Scheme("SGLN-96", 0x32, (_PLACE, Integer("serial", 41)), _sgln),
    Scheme("GRAI-96", 0x33, (_TYPE, Integer("serial", 38)), _after_prefix("8003", "0")),
    Scheme("GIAI-96", 0x34, (Prefixed(82, lambda _digits, bits: Integer("reference", bits)),),
           _joined("8004")),
    Scheme("GID-96", 0x35,
           (Integer("manager", 28), Integer("class", 24), Integer("serial", 36)), filter_bits=0),
    Scheme("SGTIN-198", 0x36, (_ITEM, Text("serial", 140, 20)), _sgtin),
    Scheme("GRAI-170", 0x37, (_TYPE, Text("serial", 112, 16)), _after_prefix("8003", "0")),
    Scheme("GIAI-202", 0x38,
           (Prefixed(188, lambda digits, bits: Text("reference", bits, 30 - digits)),),
           _joined("8004")),
    Scheme("SGLN-195", 0x39, (_PLACE, Text("serial", 140, 20)), _sgln),
    Scheme("ADI-VAR", 0x3B, (Cage("cage", 6), SixBit("reference", 32, 0), SixBit("serial", 30)),
           filter_bits=6),
    Scheme("CPI-96", 0x3C, (_PART, Integer("serial", 31)), _cpi),
    Scheme("CPI-VAR", 0x3D,
           (Prefixed(40, lambda digits, _bits: SixBit("reference", 30 - digits)),
            Integer("serial", 40)), _cpi),
    Scheme("GDTI-174", 0x3E, (_PLACE, Text("serial", 119, 17)), _after_prefix("253")),
    Scheme("SGCN-96", 0x3F, (_PLACE, Marked("serial", 41, 12)), _after_prefix("255")),
    Scheme("ITIP-110", 0x40, (_ITEM, *_PIECES, Integer("serial", 38)), _itip),
    Scheme("ITIP-212", 0x41, (_ITEM, *_PIECES, Text("serial", 140, 20)), _itip),
)  # fmt: skip

_GTIN = (Fixed("gtin", 14, 14), Variable("serial", 20))
_WHOLE = (
    ("CPI", 0xF0, 0xE6, (Delimited("cpi", 30), Counted("serial", 4, 12, 1)), _each("8010", "8011")),
    ("GRAI", 0xF1, 0xEB, (Fixed("grai", 14, 14), Variable("serial", 16)), _joined("8003")),
    ("SGLN", 0xF2, 0xE9, (Fixed("gln", 13, 13), Variable("serial", 20)), _each("414", "254")),
    ("ITIP", 0xF3, 0xED, (Fixed("itip", 18, 14), Variable("serial", 20)), _itip_whole),
    ("GSRN", 0xF4, 0xE7, (Fixed("gsrn", 18, 18),), _each("8018")),
    ("GSRNP", 0xF5, 0xE8, (Fixed("gsrnp", 18, 18),), _each("8017")),
    ("GDTI", 0xF6, 0xEA, (Fixed("gdti", 13, 13), Variable("serial", 17)), _joined("253")),
    ("SGTIN", 0xF7, 0xFD, _GTIN, _each("01", "21")),
    ("SGCN", 0xF8, 0xEC, (Fixed("gcn", 13, 13), Counted("serial", 4, 12)), _joined("255")),
    ("SSCC", 0xF9, 0xEF, (Fixed("sscc", 18, 18),), _each("00")),
    ("GIAI", 0xFA, 0xEE, (Delimited("giai", 30),), _each("8004")),
    ("DSGTIN", 0xFB, 0xFC, (Date(), *_GTIN), _dated),
)
"""Name, header of `+`, header of `++` (with a host name behind the key), fields, element string."""


def _with_host(elements: Callable[..., Elements]) -> Callable[..., Elements]:
    return lambda *values: elements(*values[:-1])


SCHEMES = {
    scheme.name: scheme
    for scheme in (
        *_CLASSIC,
        *(Scheme(f"{name}+", header, fields, elements, whole=True)
          for name, header, _, fields, elements in _WHOLE),
        *(Scheme(f"{name}++", header, (*fields, Host()), _with_host(elements), whole=True)
          for name, _, header, fields, elements in _WHOLE),
    )
}  # fmt: skip
"""Every scheme by its name, such as `GIAI-96` or `GIAI+`."""

BY_HEADER = {scheme.header: scheme for scheme in SCHEMES.values()}
"""Every scheme by the first eight bits of its numbers."""
