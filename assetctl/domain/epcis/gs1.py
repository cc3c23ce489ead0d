"""GS1 keys as canonical, constrained GS1 Digital Link URIs, by which CBV 2.0 compares identifiers.

Sources: EPC Tag Data Standard (the `urn:epc:` forms), GS1 Digital Link URI Syntax 1.2 §4.11, and
CBV 2.0 §8.9 for what "constrained" leaves: the finest level of identification, no query.
"""

from __future__ import annotations

import re
from collections.abc import Callable

DOMAIN = "https://id.gs1.org"
"""The domain of canonical Digital Links."""

_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(\d{6,12})\.(.+)")
_SERIAL = re.compile(r"(?:%[2-7][0-9A-Fa-f]|[!')(*+,.0-9:;=A-Za-z_-])+")
_ENCODED = str.maketrans({sign: f"%{ord(sign):02X}" for sign in "!()*+,:"})
_LINK = re.compile(r"https?://[^/?#\s]+(/[^?#\s]*)(?:\?[^#\s]*)?(?:#\S*)?")

_NAMES = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017",
    "gsrn": "8018", "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402",
    "grai": "8003", "giai": "8004", "cpv": "22", "lot": "10", "ser": "21",
}  # fmt: skip
"""Names that older Digital Links use in place of application identifiers."""

_TEXT = r"[\"'\-.0-9;<=>?A-Z_a-z]"
_KEYS = {
    "00": r"\d{18}", "01": r"\d{8}|\d{12,14}", "253": rf"\d{{13}}{_TEXT}{{0,17}}",
    "255": r"\d{13}\d{0,12}", "401": rf"{_TEXT}{{1,30}}", "402": r"\d{17}", "414": r"\d{13}",
    "417": r"\d{13}", "8003": rf"\d{{14}}{_TEXT}{{0,16}}", "8004": rf"\d{{4}}{_TEXT}{{1,26}}",
    "8006": r"\d{18}", "8010": r"\d{4}[#\-/0-9A-Z]{1,26}", "8017": r"\d{18}", "8018": r"\d{18}",
}  # fmt: skip
"""Primary keys and the form of their values; a GIAI begins with a company prefix."""

_QUALIFIERS = {
    "01": ("21", "235", "10"), "8006": ("21", "10"), "8010": ("8011",), "414": ("254",),
}  # fmt: skip
"""Qualifiers that identify more finely, the finest first; all others are left out."""

_QUALIFIER = re.compile(rf"{_TEXT}{{1,28}}")


def check_digit(digits: str) -> str:
    """Return the check digit of a GS1 key (GS1 General Specifications §7.9.1)."""
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def canonical(uri: str) -> str:
    """Return the canonical form of a URI that carries a GS1 key; any other URI as it is."""
    if uri.startswith("urn:epc:"):
        return _from_urn(uri) or uri
    return _from_link(uri) or uri


def key_of(uri: str) -> tuple[str, str]:
    """Return the application identifier and value that a URI stands for, such as `8004`, `4…`.

    Both are empty where it carries no GS1 key or one with a qualifier.
    """
    parts = canonical(uri).removeprefix(DOMAIN).split("/")
    return (parts[1], parts[2]) if len(parts) == 3 and parts[1] in _KEYS else ("", "")


def _from_urn(uri: str) -> str | None:
    found = _URN.fullmatch(uri)
    if not found:
        return None
    scheme, kind, prefix, rest = found.groups()
    known = _URNS.get((scheme, kind))
    if known is None:
        return None
    digits, write = known
    reference, dot, serial = rest, "", ""
    if digits:
        reference, dot, serial = rest.partition(".")
        if not (reference + "0").isdigit() or len(prefix + reference) != digits:
            return None
    if (dot or not digits) and not _SERIAL.fullmatch(serial if digits else rest):
        return None
    if bool(dot) != (kind not in _BARE) and digits:
        return None
    path = write(prefix, reference, serial.translate(_ENCODED))
    return DOMAIN + path if path else None


def _gtin(prefix: str, reference: str) -> str:
    digits = reference[0] + prefix + reference[1:]
    return digits + check_digit(digits)


def _checked(digits: str) -> str:
    return digits + check_digit(digits)


def _cpi(prefix: str, rest: str, _serial: str) -> str:
    part, _, serial = rest.rpartition(".")
    base = f"/8010/{prefix}{part.translate(_ENCODED)}"
    return base if serial == "*" else f"{base}/8011/{serial}"


def _itip(prefix: str, reference: str, serial: str) -> str:
    piece, total, serial = [*serial.split(".", 2), "", ""][:3]
    base = f"/8006/{_gtin(prefix, reference)}{piece}{total}"
    return base if serial in ("*", "%2A") else f"{base}/21/{serial}"


def _sgln(prefix: str, reference: str, extension: str) -> str:
    base = f"/414/{_checked(prefix + reference)}"
    return base if extension == "0" else f"{base}/254/{extension}"


_Write = Callable[[str, str, str], str]
_BARE = frozenset({"sscc", "gsrn", "gsrnp", "gsin", "pgln"})
"""Kinds of EPC without a serial number."""

_URNS: dict[tuple[str, str], tuple[int, _Write]] = {
    ("id", "sgtin"): (13, lambda p, r, s: f"/01/{_gtin(p, r)}/21/{s}"),
    ("id", "sscc"): (17, lambda p, r, _s: f"/00/{_checked(r[0] + p + r[1:])}"),
    ("id", "sgln"): (12, _sgln),
    ("id", "pgln"): (12, lambda p, r, _s: f"/417/{_checked(p + r)}"),
    ("id", "grai"): (12, lambda p, r, s: f"/8003/{_checked('0' + p + r)}{s}"),
    ("id", "giai"): (0, lambda p, r, _s: f"/8004/{p}{r.translate(_ENCODED)}"),
    ("id", "gsrn"): (17, lambda p, r, _s: f"/8018/{_checked(p + r)}"),
    ("id", "gsrnp"): (17, lambda p, r, _s: f"/8017/{_checked(p + r)}"),
    ("id", "gdti"): (12, lambda p, r, s: f"/253/{_checked(p + r)}{s}"),
    ("id", "cpi"): (0, _cpi),
    ("id", "sgcn"): (12, lambda p, r, s: f"/255/{_checked(p + r)}{s}"),
    ("id", "ginc"): (0, lambda p, r, _s: f"/401/{p}{r.translate(_ENCODED)}"),
    ("id", "gsin"): (16, lambda p, r, _s: f"/402/{_checked(p + r)}"),
    ("id", "itip"): (13, _itip),
    ("id", "upui"): (13, lambda p, r, s: f"/01/{_gtin(p, r)}/235/{s}"),
    ("class", "lgtin"): (13, lambda p, r, s: f"/01/{_gtin(p, r)}/10/{s}"),
    ("idpat", "sgtin"): (13, lambda p, r, _s: f"/01/{_gtin(p, r)}"),
    ("idpat", "grai"): (12, lambda p, r, _s: f"/8003/{_checked('0' + p + r)}"),
    ("idpat", "gdti"): (12, lambda p, r, _s: f"/253/{_checked(p + r)}"),
    ("idpat", "sgcn"): (12, lambda p, r, _s: f"/255/{_checked(p + r)}"),
    ("idpat", "cpi"): (0, _cpi),
    ("idpat", "itip"): (13, _itip),
    ("idpat", "upui"): (13, lambda p, r, _s: f"/01/{_gtin(p, r)}"),
}
"""Each EPC form: how many digits prefix and reference have together, and its path in a link."""


def _from_link(uri: str) -> str | None:
    found = _LINK.fullmatch(uri)
    if not found:
        return None
    parts = [_NAMES.get(part, part) for part in found[1].rstrip("/").split("/")[1:]]
    for index in range(len(parts) - 1):
        key, value = parts[index : index + 2]
        if key in _KEYS and re.fullmatch(_KEYS[key], value):
            path = _constrained(key, value, parts[index + 2 :])
            return DOMAIN + path if path else None
    return None


def _constrained(key: str, value: str, rest: list[str]) -> str | None:
    if len(rest) % 2:
        return None
    qualifiers = dict(zip(rest[::2], rest[1::2], strict=True))
    path = f"/{key}/{value.rjust(14, '0') if key == '01' else value}"
    for name in _QUALIFIERS.get(key, ()):
        if name in qualifiers:
            finer = qualifiers[name]
            return f"{path}/{name}/{finer}" if _QUALIFIER.fullmatch(finer) else None
    return path
