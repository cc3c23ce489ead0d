"""Numbers by ISO standards: characters of six bits after an application family identifier.

Source: ISO 17364 to 17367 (a data identifier, then the text; six-bit coding of ISO/IEC 15962).
"""

from __future__ import annotations

from assetctl.domain.epc.bits import Taken, hexadecimal
from assetctl.domain.epc.characters import GS1_39, must_be_of
from assetctl.domain.epc.fields import six

STANDARDS = {
    "A1": "ISO 17367", "A2": "ISO 17365", "A3": "ISO 17364", "A5": "ISO 17366", "A9": "ISO 17363",
}  # fmt: skip
"""What kind of thing an AFI says that the tag is on, by the standard that defines it."""

_END = 0x21
_ALLOWED = GS1_39 | frozenset(" .:+*$%()")


def decode_uii(text: str) -> str:
    """Return the text of a number in six-bit characters, such as `25SQCTEST00000001`.

    It ends with the character 21h or with the number; what follows the end only fills words.

    Raises:
        EpcError: it holds characters that stand in no data identifier or identifier.
    """
    bits = Taken(hexadecimal(text))
    found = ""
    while bits.left >= 6 and (code := bits.take(6, "uii")) != _END:
        found += six(code)
    must_be_of(found, _ALLOWED, "uii")
    return found
