"""Text as a label takes it: one clean line in, rows of a given width out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

Measure = Callable[[str], float]

_CLOSING = "，。、；：！？）》」』】〕”’…,.;:!?)]}%·・•"
_OPENING = "（《「『【〔“‘([{"
# Han, kana, hangul and full-width forms: a row may end after any of these.
_WIDE = "\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_TOKEN = re.compile(
    rf"[{re.escape(_OPENING)}]*(?:[{_WIDE}]|[^\s{_WIDE}]+)[{re.escape(_CLOSING)}]*"
    rf"|[{re.escape(_OPENING + _CLOSING)}]+"
)


def clean(text: str) -> str:
    """Return `text` as one line without anything that is not meant to be seen.

    Line breaks and tabs become a space; control characters, invisible format characters (among
    them the ones that turn the direction of writing), halves of surrogate pairs and noncharacters
    go. What can be seen stays exactly as it is: names are not normalised.
    """
    if text.isprintable() and " " not in text:
        return text
    kept = (_seen(character) for character in text)
    return " ".join("".join(kept).split())


def wrap(text: str, width: float, measure: Measure) -> list[str] | None:
    """Break `text` into rows of at most `width`, in the unit of `measure`.

    Rows break at spaces and between Chinese characters, never before a closing mark. A word that
    is longer than a row is broken between its letters. Returns None when one character alone is
    wider than `width`.
    """
    if text and measure(text) <= width and text == text.strip():
        return [text]
    rows: list[str] = []
    row = ""
    for gap, token in _tokens(text):
        joined = row + gap + token if row else token
        if measure(joined) <= width:
            row = joined
            continue
        if row:
            rows.append(row)
        row = token
        while measure(row) > width:
            head = _longest_head(row, width, measure)
            if not head:
                return None
            rows.append(row[:head])
            row = row[head:]
    return [*rows, row] if row else rows


def widest_word(text: str, measure: Measure) -> float:
    """Return the width of the widest piece that is broken only where a row is too short for it."""
    return max((measure(token) for _, token in _tokens(text)), default=0.0)


def estimate(text: str) -> float:
    """Guess the width of `text` in ems for a font that is not known, rather wide than narrow."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.66 for c in text)


def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85" or category in {"Zl", "Zp", "Zs"}:
        return " "
    nonsense = ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
    return "" if category in {"Cc", "Cf", "Cs"} or nonsense else character


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    end = 0
    for match in _TOKEN.finditer(text):
        found.append((text[end : match.start()], match.group()))
        end = match.end()
    return found


def _longest_head(text: str, width: float, measure: Measure) -> int:
    """Return how many characters fit, by steps that double and halve: a word may be very long."""
    longest, step = 0, 1
    while longest + step < len(text) and measure(text[: longest + step]) <= width:
        longest += step
        step *= 2
    while step:
        if longest + step < len(text) and measure(text[: longest + step]) <= width:
            longest += step
        step //= 2
    return longest
