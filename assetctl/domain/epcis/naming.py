"""What things, places, parties and papers are called in EPCIS, and back again.

With a GS1 company prefix an asset is a GIAI, a place an SGLN (the office's GLN with the code of the
place as its extension) and a unit whose code is a location reference under the prefix a PGLN; all
as GS1 Digital Links. Everything else, and everything without a prefix, is a private address under
the register's own host: EPCIS 2.0 takes any absolute URI. Names come from permanent codes alone,
so that the same entry is told in the same words whenever it is exported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, unquote

from assetctl.domain.epcis.gs1 import DOMAIN, check_digit, key_of
from assetctl.domain.identity import parse_payload
from assetctl.errors import PayloadForeignError

GLN_BODY = 12
"""Digits of a GLN before its check digit."""

_EXTENSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
_ID = re.compile(r"[0-9A-Z]{10}")


@dataclass(frozen=True)
class Naming:
    """How one register names things: its base address, its GS1 prefix, codes of its units.

    `units` are only asked for where there is a prefix.
    """

    base: str
    prefix: str = ""
    units: frozenset[str] = frozenset()

    def asset(self, asset_id: str) -> str:
        """Return the URI of an asset."""
        if self.prefix:
            return f"{DOMAIN}/8004/{self.prefix}{asset_id}"
        return f"{self.base}A/{asset_id}"

    def place(self, code: str) -> str:
        """Return the URI of a place."""
        # An extension of 0 stands for none, and would name the office itself.
        if self.prefix and code != "0" and _EXTENSION.fullmatch(code):
            return f"{DOMAIN}/414/{self._gln('')}/254/{code}"
        return self.private("place", code)

    def party(self, code: str) -> str:
        """Return the URI of a unit, person or vendor: its code, never a name."""
        if code in self.units and len(self.prefix + code) == GLN_BODY and _is_number(code):
            return f"{DOMAIN}/417/{self._gln(code)}"
        return self.private("who", code)

    def tag(self, carrier: str, code: str, issue: int) -> str:
        """Return the URI of a label or radio tag: what it carries and its issue number."""
        return self.private("tag", carrier, code, str(issue))

    def private(self, *parts: str) -> str:
        """Return an address under the base that stands for something and resolves to nothing."""
        return f"{self.base}epcis/" + "/".join(quote(part, safe="") for part in parts)

    def term(self, word: str) -> str:
        """Return the URI of a word that the standard vocabulary lacks."""
        return f"{self.vocabulary}{word}"

    @cached_property
    def vocabulary(self) -> str:
        """The namespace of such words and of what events say beyond the standard."""
        return f"{self.base}epcis/voc/"

    @property
    def office(self) -> str:
        """Who sends the document: the office's PGLN, or the base address."""
        return f"{DOMAIN}/417/{self._gln('')}" if self.prefix else self.base

    def _gln(self, reference: str) -> str:
        body = f"{self.prefix}{reference}".ljust(GLN_BODY, "0")
        return body + check_digit(body)


def own_asset(naming: Naming, uri: str) -> str | None:
    """Return the asset id that a URI of this register's making carries, whether or not it exists.

    Taken are GIAIs under the prefix and, under the base, addresses of assets, texts of their labels
    and tags. Another register under another host has ids of its own, some of them the same.
    """
    key, value = key_of(uri)
    if key == "8004":
        own = value.removeprefix(naming.prefix) if naming.prefix else value
        return own if own != value and _ID.fullmatch(own) else None
    if uri[: len(naming.base)].lower() != naming.base.lower():
        return None
    rest = uri[len(naming.base) :]
    if rest.startswith("epcis/tag/"):
        parts = [unquote(part) for part in rest.split("/")[2:]]
        return parts[1] if len(parts) == 3 and _ID.fullmatch(parts[1]) else None
    if rest[:2].upper() != "A/":
        return None
    try:
        payload = parse_payload(rest[2:])
    except PayloadForeignError:
        return None
    return None if payload.scheme else payload.subject


def foreign_codes(uri: str) -> tuple[tuple[str, str], ...]:
    """Return scheme and code of the aliases by which one of our assets may be meant by a URI.

    An empty scheme stands for any: a URI that somebody has noted as an alias as it is.
    """
    key, value = key_of(uri)
    scheme = {"8004": "giai", "8003": "grai"}.get(key)
    if not scheme:
        return (("", uri),)
    dotted = uri.rpartition(":")[2] if uri.startswith("urn:") else value
    return (("", uri), *((scheme, code) for code in dict.fromkeys((value, dotted))))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
