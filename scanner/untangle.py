"""Cut what a scanner typed back into the texts it read.

A keyboard wedge types into whatever listens: terminators get lost so that reads are glued
together, or stand inside a read and split it; reads come twice; a Chinese input method turns
letters and marks into their full-width forms. Our texts carry their own checks and lengths, so
they can be found again wherever they begin:

    HTTPS://HOST/<A|P|B|S|C>/<id10>.<k><n><sig>    a tag's text, in either case
    <id10>.<k><n><sig>                             the short form on small labels
    24 hexadecimal digits                          a radio tag's private96 number with its CRC
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from scanner.epc96 import is_private96

IsOurs = Callable[[str], bool]
"""Says whether a text is a whole one of ours; the more it checks, the surer a tangle is cut."""

LONGEST = 7_089
"""The most characters that any QR code holds; what is longer was never one read."""

MOST_HELD = 65_536
"""How much unfinished text is kept at most while waiting for its end."""

_LONGEST_OURS = 400
_ID_LENGTH = 10
_MOST_PARTS = 4

# One character each, so that a place in the changed text is the same place in the original.
_AS_TYPED = {
    **{wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)},
    **{ord(mark): "." for mark in "。｡"},
    **{ord(mark): "/" for mark in "、､"},
    **{ord(mark): "-" for mark in "—–−‐―"},
    0x3000: " ",
}
_PLAIN = {key: ord(text.upper()) for key, text in _AS_TYPED.items()} | {
    ord(letter): ord(letter.upper()) for letter in "abcdefghijklmnopqrstuvwxyz"
}

_SIGNED = r"[0-9A-Z]{10}\.(?:[0-9][0-9A-Z][0-9A-Z]{16}|[A-Z][0-9A-Z][0-9A-Z]{103})"
_ADDRESS = rf"HTTPS?://[^/\s]{{1,253}}/[APBSC]/{_SIGNED}"
_OURS = re.compile(rf"{_ADDRESS}|{_SIGNED}|5A1[0-4][0-9A-F]{{20}}")
_FORM = re.compile(rf"{_ADDRESS}|{_SIGNED}", re.IGNORECASE)
_BEGINNING = re.compile(r"HTTPS?://")
_OTHER_CLASS = re.compile(r"/[B-Z]/")
_TERMINATOR = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
# Arrow and function keys of a terminal, and characters that nobody sees; but the separators of
# fields in a GS1 text (hexadecimal 1C to 1E) are part of what it says.
_NOISE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[A-Z])?"
    r"|[\x00-\x08\x0e-\x1b\x1f\x7f\x80-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


def looks_ours(text: str) -> bool:
    """Whether a text has the form of a signed tag; nothing in it is checked."""
    return len(text) <= _LONGEST_OURS and _FORM.fullmatch(text) is not None


def untangle(buffer: str, *, is_ours: IsOurs) -> tuple[str, ...]:
    """Return the texts that were read, in order, the same one twice in a row once.

    Ours come in capitals, wherever they began and whatever stood around them. What is not ours
    comes as it was typed, cut at terminators (CR, LF, TAB) and where one of ours begins or ends.
    What is longer than any symbol holds is dropped. `is_ours` judges tags; of numbers of radio
    tags their CRC is judged here.
    """
    return tuple(text for text, _ in groupby(text for text, _ in _texts(buffer, is_ours)))


class Untangler:
    """The same for text that arrives bit by bit: what has no end yet is kept for later."""

    def __init__(self, is_ours: IsOurs) -> None:
        self._is_ours = is_ours
        self._held = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing unfinished is kept."""
        return not self._held

    @property
    def is_overfull(self) -> bool:
        """Whether more is kept than any read can be, so that it is time to settle."""
        return len(self._held) >= MOST_HELD

    def feed(self, text: str) -> None:
        """Take up what has arrived."""
        self._held += text

    def settle(self) -> tuple[str, ...]:
        """Return what is whole: up to the last terminator, and every one of ours behind it.

        Call it when nothing arrives for a moment: a read that is cut in two within one burst is
        put together only if both parts are there. An end that may still grow is kept.
        """
        found = list(_texts(self._held, self._is_ours))
        if found and found[-1][1] and _is_sure(found[-1][0]):
            return self.flush()
        last = max((m.end() for m in _TERMINATOR.finditer(self._held)), default=0)
        tail = _NOISE.sub("", self._held[last:])
        ends = [end for end, _ in _matches(tail.translate(_PLAIN), self._is_ours)]
        cut = ends[-1] if ends else 0
        whole, self._held = self._held[:last] + tail[:cut], tail[cut:]
        if self.is_overfull:
            # No symbol is that long; only its last part can still become one of ours.
            self._held = self._held[-_LONGEST_OURS:]
        return untangle(whole, is_ours=self._is_ours)

    def flush(self) -> tuple[str, ...]:
        """Return everything that is kept, whether it has an end or not."""
        held, self._held = self._held, ""
        return untangle(held, is_ours=self._is_ours)


def _texts(buffer: str, is_ours: IsOurs) -> Iterator[tuple[str, bool]]:
    """Every text and whether it is ours; the parts of a split read put together."""
    loose: list[str] = []
    for piece in _TERMINATOR.split(buffer):
        for text, ours in _continued(loose, _NOISE.sub("", piece), is_ours):
            if ours:
                yield from _released(loose)
                loose.clear()
                yield text, True
                continue
            loose.append(text)
            joined = _joined(loose, is_ours)
            if joined is not None:
                text, count = joined
                yield from _released(loose[:-count])
                loose.clear()
                yield text, True
            elif len(loose) > _MOST_PARTS:
                yield from _released([loose.pop(0)])
    yield from _released(loose)


def _continued(loose: list[str], piece: str, is_ours: IsOurs) -> Iterator[tuple[str, bool]]:
    """The texts of a piece, the beginning of an address before it taken up if it belongs here.

    By itself the rest of a split address can look like a short form, of another class.
    """
    before = loose[-1].translate(_PLAIN) if loose else ""
    begins = _BEGINNING.match(before) or (before and "HTTPS://".startswith(before))
    if begins and len(before) <= _LONGEST_OURS:
        texts = list(_pieces(loose[-1] + piece, is_ours))
        if texts and texts[0][1]:
            loose.pop()
            return iter(texts)
    return _pieces(piece, is_ours)


def _released(loose: list[str]) -> Iterator[tuple[str, bool]]:
    return ((_as_meant(text), False) for text in loose if len(text) <= LONGEST)


def _as_meant(text: str) -> str:
    """A foreign text as it is, unless all that is not ASCII in it comes from an input method."""
    meant = text.translate(_AS_TYPED)
    return meant if meant.isascii() else text


def _is_sure(text: str) -> bool:
    """Whether one of ours has its full length: a bare id may be the beginning of a short form."""
    return "." in text or is_private96(text)


def _joined(loose: list[str], is_ours: IsOurs) -> tuple[str, int] | None:
    """The one of ours that the last parts make together, and how many they are."""
    for count in range(2, min(len(loose), _MOST_PARTS) + 1):
        parts = loose[-count:]
        if sum(map(len, parts)) > _LONGEST_OURS:
            return None
        text = "".join(parts).translate(_PLAIN)
        # A bare id is too short to be sure of: two foreign parts could make one.
        if is_private96(text) or (looks_ours(text) and is_ours(text)):
            return text, count
    return None


def _pieces(piece: str, is_ours: IsOurs) -> Iterator[tuple[str, bool]]:
    """One run of characters without terminator as ours and what stands between them."""
    plain = piece.translate(_PLAIN)
    stripped = plain.strip()
    if not stripped:
        return
    if whole := _whole(stripped, is_ours):
        yield from ((text, True) for text in whole)
        return
    done = 0
    for end, text in _matches(plain, is_ours):
        if between := piece[done : end - len(text)].strip():
            yield between, False
        yield text, True
        done = end
    if rest := piece[done:].strip():
        yield rest, False


def _whole(plain: str, is_ours: IsOurs) -> list[str]:
    """A run that is one of ours as it is, or the same or other bare ids one behind the other."""
    if is_private96(plain):
        return [plain]
    if len(plain) > _LONGEST_OURS:
        return []
    if is_ours(plain):
        return [plain]
    if len(plain) % _ID_LENGTH == 0 and plain.isalnum():
        parts = [plain[at : at + _ID_LENGTH] for at in range(0, len(plain), _ID_LENGTH)]
        if all(map(is_ours, parts)):
            return parts
    return []


def _matches(plain: str, is_ours: IsOurs) -> Iterator[tuple[int, str]]:
    """Where each of ours ends, and its text; from left to right, none inside another."""
    at = 0
    while match := _OURS.search(plain, at):
        text, start, at = match[0], match.start(), match.start() + 1
        if "." not in text:
            fits = is_private96(text)
        elif _swallows_next(plain, match):
            fits = False
        elif text.startswith("HTTP") and "://" in text:
            fits = is_ours(text)
        else:
            # The class letter is part of what is signed: a short form means an asset.
            fits = not _OTHER_CLASS.fullmatch(plain, max(0, start - 3), start) and is_ours(text)
        if fits:
            at = match.end()
            yield at, text


def _swallows_next(plain: str, match: re.Match[str]) -> bool:
    """Whether the last characters of a match are the first ones of the next address."""
    return any(
        _BEGINNING.match(plain, place)
        for place in range(match.end() - 5, match.end())
        if plain[place] == "H"
    )
