"""Parameters and bodies of messages as values, by tables that say what they are made of.

A body is fields, then, where its layout says so, parameters. A parameter is TV (a byte with the
top bit set, its length known by its type) or TLV (two bytes of type, two of length, which counts
these four); LLRP 1.1, 17.2.1. What no table knows is stepped over where its length tells how.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from struct import Struct, error
from typing import Final

from scanner.llrp.frames import ProtocolError

_DEEPEST: Final = 16
_TLV: Final = Struct(">HH")
_COUNT: Final = Struct(">H")
_TV_BIT: Final = 0x80
_TYPE: Final = 0x03FF
_ITEMS: Final = {"octets": "B", "words": "H", "longs": "I"}
"""Fields of many: two bytes that count, then so many numbers."""


@dataclass(frozen=True, slots=True)
class Bits:
    """A string of bits; the last byte is filled up with zeros."""

    count: int = 0
    data: bytes = b""


Value = int | str | bytes | tuple[int, ...] | Bits


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter, or the body of a message: its fields and the parameters in it."""

    name: str
    values: Mapping[str, Value] = field(default_factory=dict)
    inside: tuple[Parameter, ...] = ()

    def number(self, name: str) -> int:
        """A field that is a number."""
        value = self.values[name]
        return value if isinstance(value, int) else 0

    def text(self, name: str) -> str:
        """A field that is text, or the hexadecimal of one that is bytes or words."""
        value = self.values[name]
        if isinstance(value, tuple):
            return "".join(f"{word:04X}" for word in value)
        return value.hex().upper() if isinstance(value, bytes) else str(value)

    def numbers(self, name: str) -> tuple[int, ...]:
        """A field that is many numbers."""
        value = self.values[name]
        return value if isinstance(value, tuple) else ()

    def bits(self, name: str) -> Bits:
        """A field that is a string of bits."""
        value = self.values[name]
        return value if isinstance(value, Bits) else Bits()

    def all(self, name: str) -> Iterator[Parameter]:
        """The parameters of that name in it, in order."""
        return (one for one in self.inside if one.name == name)

    def first(self, *path: str) -> Parameter | None:
        """The first of that name, or what lies in it, going down a path of names."""
        found: Parameter | None = self
        for name in path:
            found = None if found is None else next(found.all(name), None)
        return found

    def deep(self, name: str) -> Iterator[Parameter]:
        """The parameters of that name at any depth."""
        for one in self.inside:
            if one.name == name:
                yield one
            yield from one.deep(name)


@dataclass(frozen=True, slots=True)
class Layout:
    """What a type of parameter or message is made of; `holds` says whether parameters follow."""

    kind: int
    name: str
    fields: tuple[tuple[str, str], ...]
    holds: bool


def parameter(name: str, *inside: Parameter, **values: Value) -> Parameter:
    """Return a parameter, or the body of a message, of that name."""
    return Parameter(name, values, inside)


def layouts(table: str) -> tuple[Layout, ...]:
    """Read a table: in each line a type, a name, `field:form` in order, `+` if parameters follow.

    Forms are those of `struct`, `text` (counted UTF-8), `octets`, `words` and `longs` (counted
    numbers), `bits` (counted bits) and `rest`.
    """
    found = []
    for line in table.strip().splitlines():
        kind, name, *rest = line.split()
        parts = [part.partition(":") for part in rest if part != "+"]
        fields = tuple((part[0], part[2]) for part in parts)
        found.append(Layout(int(kind), name, fields, "+" in rest))
    return tuple(found)


class Codec:
    """Turns parameters into bytes and back, by the layouts of parameters."""

    def __init__(self, known: tuple[Layout, ...]) -> None:
        self.by_kind = {one.kind: one for one in known}
        self.by_name = {one.name: one for one in known}
        self.sizes = {
            one.kind: Struct(">" + "".join(form for _, form in one.fields)).size
            for one in known
            if one.kind < _TV_BIT
        }

    def pack(self, one: Parameter) -> bytes:
        """Return a parameter as bytes; a field that was not given is zero or empty."""
        layout = self.by_name[one.name]
        body = self.pack_body(layout, one)
        if layout.kind < _TV_BIT:
            return bytes([_TV_BIT | layout.kind]) + body
        return _TLV.pack(layout.kind, _TLV.size + len(body)) + body

    def pack_body(self, layout: Layout, one: Parameter) -> bytes:
        """Return what follows the header of a parameter or message."""
        fields = [_packed(form, one.values.get(name)) for name, form in layout.fields]
        return b"".join(fields) + b"".join(map(self.pack, one.inside))

    def unpack_body(self, layout: Layout, data: bytes, depth: int = 0) -> Parameter:
        """Return what `data` says, all of it the body of one parameter or message.

        Raises:
            ProtocolError: it ends too early, or a length in it cannot be.
        """
        values: dict[str, Value] = {}
        at = 0
        for name, form in layout.fields:
            try:
                values[name], at = _unpacked(form, data, at)
            except error as cause:
                message = f"{layout.name} is cut off"
                raise ProtocolError(message) from cause
        inside = tuple(self._inside(data, at, depth + 1)) if layout.holds else ()
        return Parameter(layout.name, values, inside)

    def _inside(self, data: bytes, at: int, depth: int) -> Iterator[Parameter]:
        if depth > _DEEPEST:
            message = "parameters lie too deep in each other"
            raise ProtocolError(message)
        for kind, start, end in spans(data, at, len(data), self.sizes):
            if layout := self.by_kind.get(kind):
                yield self.unpack_body(layout, data[start:end], depth)


def spans(
    data: bytes, at: int, end: int, sizes: Mapping[int, int]
) -> Iterator[tuple[int, int, int]]:
    """Give the type, the begin and the end of each parameter's body between `at` and `end`.

    `sizes` are the lengths of the TV parameters. An unknown one has none, so that what follows it
    in here cannot be found: it ends what is given.

    Raises:
        ProtocolError: a length cannot be.
    """
    while at < end:
        if data[at] & _TV_BIT:
            kind, start = data[at] & ~_TV_BIT, at + 1
            if kind not in sizes:
                return
            stop = start + sizes[kind]
        else:
            if end - at < _TLV.size:
                message = "a parameter is cut off"
                raise ProtocolError(message)
            first, length = _TLV.unpack_from(data, at)
            kind, start, stop = first & _TYPE, at + _TLV.size, at + length
        if not start <= stop <= end:
            message = f"a parameter of type {kind} has an impossible length"
            raise ProtocolError(message)
        yield kind, start, stop
        at = stop


def _packed(form: str, value: Value | None) -> bytes:
    if form == "rest":
        return value if isinstance(value, bytes) else b""
    if form == "text":
        data = str(value or "").encode()[:0xFFFF]
        return _COUNT.pack(len(data)) + data
    if form == "bits":
        bits = value if isinstance(value, Bits) else Bits()
        return _COUNT.pack(bits.count) + bits.data
    if form in _ITEMS:
        items = value if isinstance(value, tuple) else ()
        return Struct(f">H{len(items)}{_ITEMS[form]}").pack(len(items), *items)
    return Struct(">" + form).pack(value if value is not None else b"" if "s" in form else 0)


def _unpacked(form: str, data: bytes, at: int) -> tuple[Value, int]:
    if form == "rest":
        return data[at:], len(data)
    if form not in ("text", "bits", *_ITEMS):
        whole = Struct(">" + form)
        value: int | bytes = whole.unpack_from(data, at)[0]
        return value, at + whole.size
    (count,) = _COUNT.unpack_from(data, at)
    size = (count + 7) // 8 if form == "bits" else count
    many = Struct(f">{size}{_ITEMS[form]}" if form in _ITEMS else f">{size}s")
    found = many.unpack_from(data, at + _COUNT.size)
    end = at + _COUNT.size + many.size
    if form == "bits":
        return Bits(count, found[0]), end
    return (found[0].decode("utf-8", "replace") if form == "text" else found), end
