"""Access passwords of radio tags: worked out from a secret and the chip, written down nowhere.

EPC Gen2 (ISO/IEC 18000-63) gives a tag an access password of 32 bits; zero means none. It is made
from the TID, because that is what no writing changes: a tag that gets another number, or another
thing, still opens.
"""

from __future__ import annotations

import hmac
from typing import Final

_WHAT: Final = b"rfid-access|"
_BYTES: Final = 4


def access_password(secret: bytes, tid: str) -> str:
    """Return the access password of the chip `tid` (hexadecimal) as eight hexadecimal digits.

    It is the first 32 bits of HMAC-SHA-256 over `rfid-access|TID` that are not all zero.
    """
    return _first_not_zero(hmac.digest(secret, _WHAT + tid.upper().encode("ascii"), "sha256"))


def _first_not_zero(digest: bytes) -> str:
    words = (digest[at : at + _BYTES] for at in range(0, len(digest), _BYTES))
    return next(word for word in words if any(word)).hex().upper()
