"""SM2 signatures with SM3 (GB/T 32918.2-2016) as notes carry them, checked by an outside library.

The form that this project fixes, because the standards leave it open: the public key is
`04 || x || y` (65 bytes, GB/T 32918.1, 4.2.9), the signature `r || s` (64 bytes, not DER), the
identity of the signer the 16 bytes `1234567812345678` of GM/T 0009. The library is gmssl-pyx; it
takes `x || y` and DER, and says the reason of a refusal on standard error of its own accord.
"""

from __future__ import annotations

from importlib.util import find_spec

LIBRARY = "gmssl_pyx"
IDENTITY = b"1234567812345678"

_SIZE = 32
_UNCOMPRESSED = b"\x04"
_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A = _P - 3
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_INTEGER, _SEQUENCE = 0x02, 0x30


def at_hand() -> bool:
    """Return whether SM2 signatures can be checked here."""
    return find_spec(LIBRARY) is not None


def is_key(public: bytes) -> bool:
    """Return whether 65 bytes are a point of the curve in uncompressed form."""
    if len(public) != 1 + 2 * _SIZE or not public.startswith(_UNCOMPRESSED):
        return False
    x, y = _number(public[1 : 1 + _SIZE]), _number(public[1 + _SIZE :])
    return x < _P and y < _P and (y * y - (x * x * x + _A * x + _B)) % _P == 0


def holds(public: bytes, text: bytes, signature: bytes) -> bool:
    """Return whether a signature of `r || s` over a text is one of this key.

    Raises:
        ImportError: the library is not installed; see `at_hand`.
    """
    from gmssl_pyx import GmsslInnerError, sm2_verify

    if not is_key(public) or len(signature) != 2 * _SIZE:
        return False
    r, s = _number(signature[:_SIZE]), _number(signature[_SIZE:])
    if not (0 < r < _ORDER and 0 < s < _ORDER):
        return False
    try:
        return bool(sm2_verify(public[1:], text, to_der(signature), IDENTITY))
    except GmsslInnerError:
        return False


def to_der(signature: bytes) -> bytes:
    """Return a signature of `r || s` as the DER sequence that libraries take."""
    body = _integer(signature[:_SIZE]) + _integer(signature[_SIZE:])
    return bytes([_SEQUENCE, len(body)]) + body


def from_der(signature: bytes) -> bytes:
    """Return a DER signature as `r || s`.

    Raises:
        ValueError: it is not the DER of two positive integers of at most 32 bytes.
    """
    if signature[:1] != bytes([_SEQUENCE]) or len(signature) < 2:
        raise ValueError("no sequence")
    rest, found = signature[2:], b""
    for _ in range(2):
        size = rest[1] if len(rest) > 1 else 0
        found += rest[2 : 2 + size].lstrip(b"\0").rjust(_SIZE, b"\0")
        rest = rest[2 + size :]
    if len(found) != 2 * _SIZE or to_der(found) != signature:
        raise ValueError("no DER of r and s")
    return found


def _integer(raw: bytes) -> bytes:
    short = raw.lstrip(b"\0") or b"\0"
    if short[0] & 0x80:
        short = b"\0" + short
    return bytes([_INTEGER, len(short)]) + short


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "big")
