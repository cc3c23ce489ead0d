"""A card as history tells it, in texts, and as the columns of the asset table hold it."""

from __future__ import annotations

import json
from typing import Any

from assetctl.domain.card import CARD_FIELDS
from assetctl.domain.money import fen, from_fen

Row = dict[str, Any]

_MONEY = frozenset(name for name, item in CARD_FIELDS.items() if item.type == "money")
_INTEGERS = frozenset(name for name, item in CARD_FIELDS.items() if item.type == "integer")


def card_columns(card: dict[str, str]) -> Row:
    """Return card values, texts as history has them, as the columns of the asset table."""
    row: Row = {}
    for name, text in card.items():
        if name in _MONEY:
            row[f"{name}_fen"] = fen(text) if text else None
        elif name in _INTEGERS:
            row[name] = int(text) if text else None
        else:
            row[name] = text or None
    return row


def card_texts(row: Row) -> dict[str, str]:
    """Return the card of a row of the asset table, as history writes it; empty fields left out."""
    card: dict[str, str] = {}
    for name, item in CARD_FIELDS.items():
        value = row[f"{name}_fen" if item.type == "money" else name]
        if value is not None:
            card[name] = f"{from_fen(value):.2f}" if item.type == "money" else str(value)
    return card


def attributes_text(attributes: dict[str, str]) -> str | None:
    """Return typed attributes as the one text column that holds them."""
    if not attributes:
        return None
    return json.dumps(attributes, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
