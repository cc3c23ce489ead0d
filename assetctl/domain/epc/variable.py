"""The fields of the EPC schemes without a partition, `+` and `++` (TDS 2.3 §14.5), as data.

They hold whole GS1 keys, so nobody needs to know how long a company prefix is. Digits take four
bits each; other text says first how it is encoded (table E) and how long it is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from assetctl.domain.epc.bits import Put, Taken, refused
from assetctl.domain.epc.characters import (
    BASE64,
    CODE_40,
    GS1_82,
    groups,
    must_be_digits,
    must_be_of,
)
from assetctl.domain.epcis.gs1 import check_digit
from assetctl.i18n import N_, Phrase

_END, _TEXT_FOLLOWS = 0xF, 0xE
_SIXTEENTHS = "0123456789ABCDEF"


def integer_bits(digits: int) -> int:
    """Return how many bits a number of so many digits takes (table B)."""
    largest: int = 10**digits - 1
    return largest.bit_length()


class Encoding(NamedTuple):
    """One way to write text: its characters, the bits of so many of them, to and from a number."""

    allowed: frozenset[str]
    bits: Callable[[int], int]
    number: Callable[[str], int]
    text: Callable[[int, int], str]


def _code40_bits(length: int) -> int:
    return -(-length // 3) * 16


def _code40_number(text: str) -> int:
    number = 0
    padded = text + "\0" * (-len(text) % 3)
    for at in range(0, len(padded), 3):
        first, second, third = (CODE_40.index(one) for one in padded[at : at + 3])
        number = number << 16 | 1600 * first + 40 * second + third + 1
    return number


def _code40_text(number: int, length: int) -> str:
    text = ""
    for code in groups(number, _code40_bits(length), 16):
        if not 1 <= code <= 64000:
            return ""
        first, rest = divmod(code - 1, 1600)
        text += CODE_40[first] + CODE_40[rest // 40] + CODE_40[rest % 40]
    return text[:length] if text[length:].strip("\0") == "" else ""


def _of(characters: str, size: int) -> Encoding:
    """Return the encoding in which a character is its place in a row, or its code in ASCII."""
    codes = {character: code for code, character in enumerate(characters) if character != "\0"}

    def number(text: str) -> int:
        value = 0
        for character in text:
            value = value << size | codes[character]
        return value

    def text(value: int, length: int) -> str:
        return "".join(characters[code] for code in groups(value, length * size, size))

    return Encoding(frozenset(codes), lambda length: length * size, number, text)


_ASCII = "".join(chr(code) if chr(code) in GS1_82 else "\0" for code in range(128))
CODE_40_TEXT = Encoding(frozenset(CODE_40[1:]), _code40_bits, _code40_number, _code40_text)
ENCODINGS = (
    Encoding(
        frozenset("0123456789"), integer_bits, int, lambda number, length: f"{number:0{length}d}"
    ),
    _of(_SIXTEENTHS, 4),
    _of(_SIXTEENTHS.lower(), 4),
    _of(BASE64, 6),
    _of(_ASCII, 7),
    CODE_40_TEXT,
)
"""By their indicator (table E): integer, upper and lower hexadecimal, base 64, ASCII, Code 40."""


class Fixed(NamedTuple):
    """Digits of four bits each, always as many (§14.5.4); the last of `checked` is right."""

    name: str
    digits: int
    checked: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Its own code."""
        return (self.name,)

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return the digits."""
        text = f"{bits.take(4 * self.digits, self.name):0{self.digits}X}"
        self._must_be_right(text)
        return (text,)

    def write(self, bits: Put, *values: str) -> None:
        """Add the digits."""
        (text,) = values
        self._must_be_right(text)
        bits.put(int(text, 16), 4 * self.digits, self.name)

    def _must_be_right(self, text: str) -> None:
        must_be_digits(text, self.name)
        if len(text) != self.digits:
            reason = Phrase(N_("it must have {digits} digits"), digits=self.digits)
            raise refused(self.name, text, reason)
        key = text[: self.checked]
        if key and check_digit(key[:-1]) != key[-1]:
            raise refused(self.name, text, N_("its check digit does not fit"))


class Variable(NamedTuple):
    """Text that says how it is encoded and how long it is (§14.5.6)."""

    name: str
    most: int
    least: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """Its own code."""
        return (self.name,)

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return the text."""
        indicator = bits.take(3, self.name)
        if indicator >= len(ENCODINGS):
            raise refused("encoding", indicator, N_("there are only 0 to 5"))
        length = bits.take(5, self.name)
        encoding = ENCODINGS[indicator]
        text = encoding.text(bits.take(encoding.bits(length), self.name), length)
        self._must_be_right(text, length)
        return (text,)

    def write(self, bits: Put, *values: str) -> None:
        """Add text in the encoding that takes the fewest bits, of equal ones the first."""
        (text,) = values
        self._must_be_right(text, len(text))
        able = [
            (one.bits(len(text)), indicator)
            for indicator, one in enumerate(ENCODINGS)
            if one.allowed.issuperset(text)
        ]
        width, indicator = min(able)
        bits.put(indicator, 3, self.name)
        bits.put(len(text), 5, self.name)
        bits.put(ENCODINGS[indicator].number(text), width, self.name)

    def _must_be_right(self, text: str, length: int) -> None:
        if not self.least <= length <= self.most:
            reason = Phrase(
                N_("it must have {least} to {most} characters"), least=self.least, most=self.most
            )
            raise refused(self.name, text, reason)
        must_be_of(text, GS1_82, self.name)
        if len(text) != length:
            raise refused(self.name, text, N_("it holds what its encoding does not allow"))


class Delimited(NamedTuple):
    """Text that begins with digits: those first, then a mark, then what follows (§14.5.5)."""

    name: str
    most: int
    least_digits: int = 4

    @property
    def names(self) -> tuple[str, ...]:
        """Its own code."""
        return (self.name,)

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return the text."""
        text = ""
        while (digit := bits.take(4, self.name)) < 10 and len(text) <= self.most:
            text += str(digit)
        if digit == _TEXT_FOLLOWS:
            text += "".join(self._rest().read(bits))
        elif digit != _END:
            raise refused(self.name, text, N_("the mark at the end of its digits is wrong"))
        self._must_be_right(text)
        return (text,)

    def write(self, bits: Put, *values: str) -> None:
        """Add text."""
        (text,) = values
        self._must_be_right(text)
        rest = text.lstrip("0123456789")
        for digit in text[: len(text) - len(rest)]:
            bits.put(int(digit), 4, self.name)
        bits.put(_TEXT_FOLLOWS if rest else _END, 4, self.name)
        if rest:
            self._rest().write(bits, rest)

    def _rest(self) -> Variable:
        return Variable(self.name, self.most - self.least_digits)

    def _must_be_right(self, text: str) -> None:
        must_be_of(text, GS1_82, self.name)
        must_be_digits(text[: self.least_digits], self.name)
        if not self.least_digits < len(text) <= self.most:
            reason = Phrase(
                N_("it must have {least} to {most} characters"), least=self.least_digits + 1,
                most=self.most,
            )  # fmt: skip
            raise refused(self.name, text, reason)


class Counted(NamedTuple):
    """Digits after their count, as a number (§14.5.13)."""

    name: str
    count_bits: int
    most: int
    least: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Its own code."""
        return (self.name,)

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return the digits."""
        length = bits.take(self.count_bits, self.name)
        number = bits.take(integer_bits(length), self.name) if length else 0
        text = f"{number:0{length}d}" if length else ""
        self._must_be_right(text, length)
        return (text,)

    def write(self, bits: Put, *values: str) -> None:
        """Add digits."""
        (text,) = values
        must_be_digits(text, self.name)
        self._must_be_right(text, len(text))
        bits.put(len(text), self.count_bits, self.name)
        if text:
            bits.put(int(text), integer_bits(len(text)), self.name)

    def _must_be_right(self, text: str, length: int) -> None:
        if len(text) != length or not self.least <= length <= self.most:
            reason = Phrase(
                N_("it must have {least} to {most} characters"), least=self.least, most=self.most
            )
            raise refused(self.name, text, reason)


DATE_KINDS = ("11", "13", "15", "16", "17", "7006", "7007")
"""What a date before a GTIN means, as application identifiers in the order of their codes."""


class Date(NamedTuple):
    """What a date means, and the date as YYMMDD in 16 bits (§14.5.8); day 0 is the month's end."""

    @property
    def names(self) -> tuple[str, ...]:
        """What it means, and the date."""
        return ("date_kind", "date")

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return the application identifier and the date."""
        kind = bits.take(4, "date_kind")
        if kind >= len(DATE_KINDS):
            raise refused("date_kind", kind, N_("it is not assigned"))
        year, month, day = (bits.take(width, "date") for width in (7, 4, 5))
        text = f"{year:02d}{month:02d}{day:02d}"
        _must_be_a_day(text)
        return DATE_KINDS[kind], text

    def write(self, bits: Put, *values: str) -> None:
        """Add what the date means, and the date."""
        kind, text = values
        if kind not in DATE_KINDS:
            raise refused("date_kind", kind, N_("it is not assigned"))
        _must_be_a_day(text)
        bits.put(DATE_KINDS.index(kind), 4, "date_kind")
        for width, part in ((7, text[:2]), (4, text[2:4]), (5, text[4:])):
            bits.put(int(part), width, "date")


def _must_be_a_day(text: str) -> None:
    must_be_digits(text, "date")
    try:
        if len(text) != 6:
            raise ValueError(text)
        date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]) or 1)
    except ValueError:
        raise refused("date", text, N_("there is no such day")) from None
