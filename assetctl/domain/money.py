"""Money: decimal amounts in yuan, kept as whole fen in tables and as text in history."""

from __future__ import annotations

import re
from decimal import Decimal

from assetctl.errors import MoneyError

_AMOUNT = re.compile(r"(\d{1,16})(?:\.(\d+))?", re.ASCII)
CENT = Decimal("0.01")


def parse_amount(text: str) -> Decimal:
    """Return an amount in yuan, exact to the fen.

    Raises:
        MoneyError: not a plain decimal number, negative, or finer than a fen.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise MoneyError(text=text, reason="write it as digits with at most two decimals: 5000.00")
    if (match[2] or "").rstrip("0")[2:]:
        raise MoneyError(text=text, reason="it is finer than a fen (0.01)")
    return Decimal(text.strip()).quantize(CENT)


def fen(text: str) -> int:
    """Return whole fen of an amount as history writes it: `5000.00`.

    Raises:
        ValueError: it has not exactly two decimals.
    """
    yuan, point, cents = text.partition(".")
    if not point or len(cents) != 2:
        raise ValueError(text)
    return int(yuan + cents)


def from_fen(fen: int) -> Decimal:
    """Return whole fen as an amount in yuan."""
    return Decimal(fen).scaleb(-2).quantize(CENT)


def fen_text(fen: int) -> str:
    """Return whole fen, zero or more, as history writes the amount: `5000.00`."""
    return f"{fen // 100}.{fen % 100:02d}"


def amount_text(amount: Decimal) -> str:
    """Return an amount as history writes it: `5000.00`."""
    return f"{amount:.2f}"
