"""The fields of the EPC schemes with a partition (TDS 2.3 §14.3 to §14.4), as data.

A field reads its values off a number and puts them in again, as the texts that stand in EPC URIs.
What would not come back as it was given is refused: leading zeros, characters, lengths.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from assetctl.domain.epc.bits import Put, Taken, refused
from assetctl.domain.epc.characters import GS1_39, GS1_82, groups, must_be_digits, must_be_of
from assetctl.i18n import N_, Phrase

PREFIX_BITS = {12: 40, 11: 37, 10: 34, 9: 30, 8: 27, 7: 24, 6: 20}
"""How many bits a GS1 company prefix of so many digits takes; 12 less digits is the partition."""

_PADDING = N_("bits that should be zero are not")


class Field(Protocol):
    """One field, or two that belong together."""

    @property
    def names(self) -> tuple[str, ...]:
        """The codes of its values."""

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return its values.

        Raises:
            EpcError: it does not hold any that may stand there.
        """

    def write(self, bits: Put, *values: str) -> None:
        """Add its values.

        Raises:
            EpcError: they may not stand there, or have no room.
        """


class Integer(NamedTuple):
    """A number without leading zeros, of any size that has room."""

    name: str
    width: int

    @property
    def names(self) -> tuple[str, ...]:
        """Its own code."""
        return (self.name,)

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return the number in decimal."""
        return (str(bits.take(self.width, self.name)),)

    def write(self, bits: Put, *values: str) -> None:
        """Add a decimal number."""
        (text,) = values
        must_be_digits(text, self.name)
        if not text:
            raise refused(self.name, text, N_("it is empty"))
        if text[0] == "0" and text != "0":
            raise refused(self.name, text, N_("it begins with a zero, which the tag would lose"))
        bits.put(int(text), self.width, self.name)


class Digits(NamedTuple):
    """A number that always has the same count of digits, zeros in front included."""

    name: str
    width: int
    digits: int

    @property
    def names(self) -> tuple[str, ...]:
        """Its own code."""
        return (self.name,)

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return all digits."""
        number = bits.take(self.width, self.name)
        if number >= 10**self.digits:
            reason = Phrase(N_("it has no room in {digits} digits"), digits=self.digits)
            raise refused(self.name, number, reason)
        return (f"{number:0{self.digits}d}" if self.digits else "",)

    def write(self, bits: Put, *values: str) -> None:
        """Add all digits."""
        (text,) = values
        must_be_digits(text, self.name)
        if len(text) != self.digits:
            reason = Phrase(N_("it must have {digits} digits"), digits=self.digits)
            raise refused(self.name, text, reason)
        bits.put(int(text or "0"), self.width, self.name)


class Marked(NamedTuple):
    """A row of digits that keeps its leading zeros behind a 1 (TDS "numeric string")."""

    name: str
    width: int
    most: int

    @property
    def names(self) -> tuple[str, ...]:
        """Its own code."""
        return (self.name,)

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return the digits behind the 1."""
        text = str(bits.take(self.width, self.name))
        if text[0] != "1" or not 2 <= len(text) <= self.most + 1:
            raise refused(self.name, text, N_("the 1 in front of it is missing"))
        return (text[1:],)

    def write(self, bits: Put, *values: str) -> None:
        """Add digits."""
        (text,) = values
        must_be_digits(text, self.name)
        _must_be_long(text, self.name, 1, self.most)
        bits.put(int(f"1{text}"), self.width, self.name)


class Text(NamedTuple):
    """Characters of 7 bits that end with a zero one, or fill the field."""

    name: str
    width: int
    most: int

    @property
    def names(self) -> tuple[str, ...]:
        """Its own code."""
        return (self.name,)

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return the characters."""
        number = bits.take(self.width, self.name)
        codes = groups(number, self.width, 7)
        text = "".join(map(chr, codes)).partition("\0")[0]
        if number & (1 << self.width - 7 * len(text)) - 1:
            raise refused("padding", text, _PADDING)
        _must_be_long(text, self.name, 1, self.most)
        must_be_of(text, GS1_82, self.name)
        return (text,)

    def write(self, bits: Put, *values: str) -> None:
        """Add characters."""
        (text,) = values
        _must_be_long(text, self.name, 1, self.most)
        must_be_of(text, GS1_82, self.name)
        for character in text:
            bits.put(ord(character), 7, self.name)
        bits.put(0, self.width - 7 * len(text), self.name)


class SixBit(NamedTuple):
    """Characters of 6 bits, the lower bits of ASCII, with six zero bits after the last."""

    name: str
    most: int
    least: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """Its own code."""
        return (self.name,)

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return the characters."""
        text = ""
        while code := bits.take(6, self.name):
            text += six(code)
        _must_be_long(text, self.name, self.least, self.most)
        must_be_of(text, GS1_39, self.name)
        return (text,)

    def write(self, bits: Put, *values: str) -> None:
        """Add characters."""
        (text,) = values
        _must_be_long(text, self.name, self.least, self.most)
        must_be_of(text, GS1_39, self.name)
        for character in text:
            bits.put(ord(character) & 63, 6, self.name)
        bits.put(0, 6, self.name)


class Cage(NamedTuple):
    """A CAGE code or DoDAAC: five or six characters of `size` bits, a blank before five."""

    name: str
    size: int

    @property
    def names(self) -> tuple[str, ...]:
        """Its own code."""
        return (self.name,)

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return the five or six characters."""
        codes = groups(bits.take(6 * self.size, self.name), 6 * self.size, self.size)
        text = "".join(map(chr if self.size == 8 else six, codes)).removeprefix(" ")
        _must_be_long(text, self.name, 5, 6)
        must_be_of(text, GS1_39 - set("#-/IO"), self.name)
        return (text,)

    def write(self, bits: Put, *values: str) -> None:
        """Add five or six characters."""
        (text,) = values
        _must_be_long(text, self.name, 5, 6)
        must_be_of(text, GS1_39 - set("#-/IO"), self.name)
        for character in text.rjust(6):
            bits.put(ord(character) & (1 << self.size) - 1, self.size, self.name)


class Zeros(NamedTuple):
    """Bits that are reserved and zero."""

    width: int

    @property
    def names(self) -> tuple[str, ...]:
        """None: it holds no value."""
        return ()

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return nothing."""
        if number := bits.take(self.width, "padding"):
            raise refused("padding", f"{number:X}", _PADDING)
        return ()

    def write(self, bits: Put, *values: str) -> None:  # noqa: ARG002  there are none
        """Add zero bits."""
        bits.put(0, self.width, "padding")


Rest = Callable[[int, int], Field]
"""Makes the field after a company prefix of so many digits, which has so many bits."""


class Prefixed(NamedTuple):
    """A GS1 company prefix and a reference that share `total` bits; a partition says how."""

    total: int
    rest: Rest

    @property
    def names(self) -> tuple[str, ...]:
        """The prefix and the reference."""
        return ("prefix", *self.after(6).names)

    def after(self, digits: int) -> Field:
        """Return the field of the reference after a prefix of so many digits."""
        return self.rest(digits, self.total - PREFIX_BITS[digits])

    def read(self, bits: Taken) -> tuple[str, ...]:
        """Return the prefix with its leading zeros, and the reference."""
        partition = bits.take(3, "partition")
        digits = 12 - partition
        if digits not in PREFIX_BITS:
            raise refused("partition", partition, N_("there are only 0 to 6"))
        prefix = Digits("prefix", PREFIX_BITS[digits], digits)
        return (*prefix.read(bits), *self.after(digits).read(bits))

    def write(self, bits: Put, *values: str) -> None:
        """Add prefix and reference."""
        prefix, reference = values
        must_be_digits(prefix, "prefix")
        digits = len(prefix)
        if digits not in PREFIX_BITS:
            raise refused("prefix", prefix, N_("it must have 6 to 12 digits"))
        bits.put(12 - digits, 3, "partition")
        bits.put(int(prefix), PREFIX_BITS[digits], "prefix")
        self.after(digits).write(bits, reference)


def six(code: int) -> str:
    """Return the character of six bits: letters count from 1, all else as in ASCII."""
    return chr(code | 64 if code < 32 else code)


def read_all(fields: Sequence[Field], bits: Taken) -> tuple[str, ...]:
    """Return the values of fields that follow one another."""
    return tuple(value for field in fields for value in field.read(bits))


def write_all(fields: Sequence[Field], bits: Put, values: Sequence[str]) -> None:
    """Add the values of fields that follow one another.

    Raises:
        EpcError: there are more or fewer values, or a field refuses its own.
    """
    names = [name for field in fields for name in field.names]
    if len(values) != len(names):
        reason = Phrase(N_("these parts are needed: {names}"), names=", ".join(names))
        raise refused("parts", ".".join(values), reason)
    start = 0
    for field in fields:
        end = start + len(field.names)
        field.write(bits, *values[start:end])
        start = end


def _must_be_long(text: str, field: str, least: int, most: int) -> None:
    if not least <= len(text) <= most:
        reason = Phrase(N_("it must have {least} to {most} characters"), least=least, most=most)
        raise refused(field, text, reason)
