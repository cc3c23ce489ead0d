"""A GS1 number of a tag and what it says: hexadecimal digits in, values out, and back.

Whatever is read is written back the same, zero bits at the end apart; whatever would not is
refused. Sources: GS1 EPC Tag Data Standard 2.3 §6.3 (URIs), §7 (element strings), §14 (bits).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from assetctl.domain.epc.bits import WORD, Put, Taken, hexadecimal, refused
from assetctl.domain.epc.characters import escaped
from assetctl.domain.epc.fields import read_all, write_all
from assetctl.domain.epc.schemes import BY_HEADER, SCHEMES, Elements, Scheme
from assetctl.i18n import N_, Phrase

_TAG_URI = "urn:epc:tag:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Epc:
    """A number by one of the EPC schemes.

    `values` are texts in the order of the scheme's fields (`names`): those of its tag URI, for the
    schemes with a plus whole GS1 keys. `filter` is what the tag is on, 0 for "all others".
    `followed` says that other data follow the number in the same memory; they are not read.
    """

    scheme: str
    values: tuple[str, ...]
    filter: int = 0
    followed: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The codes of its values."""
        return self._layout.names

    @property
    def elements(self) -> Elements:
        """Application identifiers and their values; none where the scheme has no GS1 key."""
        return self._layout.elements(*self.values)

    @property
    def element_string(self) -> str:
        """The GS1 element string, such as `(8004)95211415678`."""
        return "".join(f"({ai}){value}" for ai, value in self.elements)

    @property
    def prefix(self) -> str:
        """The GS1 company prefix; empty where the number does not tell how long it is."""
        return dict(zip(self.names, self.values, strict=True)).get("prefix", "")

    @property
    def uri(self) -> str:
        """The pure identity, such as `urn:epc:id:giai:9521141.5678`; empty for plus schemes."""
        kind = self.scheme.partition("-")[0].lower()
        return "" if self._layout.whole else f"urn:epc:id:{kind}:{self._dotted}"

    @property
    def tag_uri(self) -> str:
        """The tag URI, such as `urn:epc:tag:giai-96:0.9521141.5678`; empty for plus schemes."""
        if self._layout.whole:
            return ""
        kept = f"{self.filter}." if self._layout.filter_bits else ""
        return f"{_TAG_URI}{self.scheme.lower()}:{kept}{self._dotted}"

    @property
    def _dotted(self) -> str:
        return ".".join(escaped(value) for value in self.values)

    @property
    def _layout(self) -> Scheme:
        return SCHEMES[self.scheme]


def decode(text: str) -> Epc:
    """Return what a number in hexadecimal says, by its header.

    Raises:
        EpcError: the header is not assigned, or a field holds what may not stand there.
    """
    bits = Taken(hexadecimal(text))
    header = bits.take(8, "header")
    scheme = BY_HEADER.get(header)
    if scheme is None:
        raise refused("header", f"{header:02X}", N_("no GS1 scheme begins with it"))
    followed = bool(scheme.whole and bits.take(1, "toggle"))
    number = bits.take(scheme.filter_bits, "filter")
    values = read_all(scheme.fields, bits)
    if not followed:
        _must_end(bits)
    return Epc(scheme=scheme.name, values=values, filter=number, followed=followed)


def encode(epc: Epc) -> str:
    """Return a number in hexadecimal, as whole words of memory.

    Raises:
        EpcError: there is no such scheme, or a value may not stand in its field.
    """
    scheme = SCHEMES.get(epc.scheme)
    if scheme is None:
        raise refused("scheme", epc.scheme, N_("there is no such scheme"))
    if epc.followed:
        raise refused("toggle", 1, N_("the data that follow are not known"))
    bits = Put()
    bits.put(scheme.header, 8, "header")
    if scheme.whole:
        bits.put(0, 1, "toggle")
    bits.put(epc.filter, scheme.filter_bits, "filter")
    write_all(scheme.fields, bits, epc.values)
    return bits.hexadecimal()


def parse_tag_uri(text: str) -> Epc:
    """Return the number that a tag URI names, such as `urn:epc:tag:giai-96:0.9521141.5678`.

    Raises:
        EpcError: it is no tag URI, or of a scheme without one.
    """
    name, _, rest = text.removeprefix(_TAG_URI).partition(":")
    scheme = SCHEMES.get(name.upper())
    if not text.startswith(_TAG_URI) or scheme is None or scheme.whole:
        raise refused("scheme", text, N_("there is no such scheme"))
    first, _, others = rest.partition(".") if scheme.filter_bits else ("0", "", rest)
    if not first.isascii() or not first.isdigit() or len(first) > 2:
        raise refused("filter", first, N_("only digits may stand there"))
    # Only the last value may hold a full stop.
    parts = others.split(".", len(scheme.names) - 1)
    values = tuple(unquote(part) for part in parts)
    return Epc(scheme=scheme.name, values=values, filter=int(first))


def _must_end(bits: Taken) -> None:
    """Return if nothing is left but zero bits that fill the last word."""
    if bits.left >= WORD:
        reason = Phrase(N_("{count} bits are too many"), count=bits.left)
        raise refused("length", bits.left, reason)
    if bits.take(bits.left, "padding"):
        raise refused("padding", "", N_("bits that should be zero are not"))
