"""Codes in a stream of frames: one plain look at each, and the dearer looks spread over many.

A hand holds a tag before the camera for a second or more, so what one frame misses may be found in
the next. A frame without a tag costs little more than the plain look at it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from scanner.engines import (
    SYMBOLOGIES,
    Sighting,
    engine_fault,
    numpy_works,
    read_zxing,
)
from scanner.gray import Gray, as_gray
from scanner.passes import CROP_PASSES, LIVE_PASSES
from scanner.places import Ballot, regions
from scanner.reading import PLAIN, ChoiceUnknownError, EngineMissingError, Reading
from scanner.steps import bent, crop, readings_of, whole

_ALLOWANCE = 0.16
"""How much of a plain look each frame adds to what a dearer look at the whole may cost."""

_ALLOWANCE_MOST = 3.5
"""What is saved up; the dearest look must fit in."""

_CLOSE_COST = 1.2
"""What a closer look at a lone finder is charged, in plain looks: a third of what it costs, for
where there is a finder there is mostly a code. A bent look costs ten times more and is rarer."""

_BENT_EVERY = 4
"""Of the closer looks at a place each fourth is the one for bent codes."""

_REMEMBERED = 60
"""For so many frames a text waits for a second pass to say the same: two seconds or so."""

_Look = Callable[[], list[Reading]]


class Live:
    """What is read in frames that are given one after the other.

    Frames are quickest as arrays of gray; pictures of Pillow's in any mode will do.

    Each frame gets the plain pass and at most one dearer step: a closer look at a place that was
    located and not read, in another way each time, or now and then another preparation of the
    whole frame. What the plain pass reads counts at once. What a dearer step reads counts if
    `accept` says yes to it or, with no `accept`, if another pass has said the same text within
    the last `_REMEMBERED` frames.

    Raises `ChoiceUnknownError` for a name that is no symbology, `EngineMissingError` if the
    decoder does not work here.
    """

    def __init__(
        self,
        *,
        accept: Callable[[str], bool] | None = None,
        symbologies: Sequence[str] = ("qr", "microqr", "code128"),
    ) -> None:
        for name in symbologies:
            if name not in SYMBOLOGIES:
                known = ", ".join(SYMBOLOGIES)
                raise ChoiceUnknownError(field="symbology", value=name, known=known)
        if (reason := engine_fault("zxing")) is not None:
            raise EngineMissingError(reasons=f"zxing: {reason}")
        self._accept = accept
        self._symbologies = tuple(symbologies)
        self._frame = 0
        self._allowed = 0.0
        self._next_whole = 0
        self._next_close = 0
        self._said: dict[str, dict[str, int]] = {}
        self._doubt: Sighting | None = None
        self._doubt_turns = 0

    def read(self, frame: Gray) -> tuple[Reading, ...]:
        """What counts in this frame, from top to bottom and from left to right."""
        self._frame += 1
        gray = as_gray(frame)
        seen = read_zxing(gray, self._symbologies)
        ballot = Ballot(lambda _: True)
        ballot.add_plain(readings_of(seen, engine="zxing", pass_name=PLAIN))
        ballot.locate(found for found in seen if found.text is None)
        step = self._step(gray, ballot)
        if step is not None:
            ballot.vote(reading for reading in step() if self._counts(reading))
        return ballot.readings()

    def _step(self, gray: Gray, ballot: Ballot) -> _Look | None:
        """The one dearer step for this frame, if there is one."""
        self._allowed = min(self._allowed + _ALLOWANCE, _ALLOWANCE_MOST)
        unread = ballot.unread()
        # Three finders together are hardly chance; one alone is found in many a texture.
        codes = [place for place in unread if place.symbology == "qr"]
        if codes:
            return self._close_look(gray, codes)
        if self._doubt is not None and self._doubt_turns > 0:
            self._doubt_turns -= 1
            kind = CROP_PASSES[self._doubt_turns % len(CROP_PASSES)]
            return partial(crop, gray, self._doubt, kind, self._symbologies)
        if ballot.readings():
            return None
        if unread and self._next_whole % 2:
            if self._allowed < _CLOSE_COST:
                return None
            self._allowed -= _CLOSE_COST
            self._next_whole += 1
            return self._close_look(gray, unread)
        kind, cost = LIVE_PASSES[self._next_whole % len(LIVE_PASSES)]
        if self._allowed < cost:
            return None
        self._allowed -= cost
        self._next_whole += 1
        return partial(whole, gray, 1.0, kind, ballot, self._symbologies)

    def _close_look(self, gray: Gray, unread: list[Sighting]) -> _Look:
        turn = self._next_close
        self._next_close += 1
        squares = regions(unread)
        nth, rest = divmod(turn, _BENT_EVERY)
        if rest == _BENT_EVERY - 1 and squares and self._bends():
            return partial(bent, gray, squares[nth // 2 % len(squares)], fine=nth % 2 == 1)
        # The largest is the likeliest code and has two turns of three; the others share the third.
        place = unread[turn // 3 % len(unread)] if turn % 3 == 2 else unread[0]
        kind = CROP_PASSES[(turn - nth) % len(CROP_PASSES)]
        return partial(crop, gray, place, kind, self._symbologies)

    def _bends(self) -> bool:
        return "qr" in self._symbologies and numpy_works()

    def _counts(self, reading: Reading) -> bool:
        if self._accept is not None:
            return self._accept(reading.text)
        self._forget()
        passes = self._said.setdefault(reading.text, {})
        passes[reading.pass_name] = self._frame
        if len(passes) == 1 and self._doubt_turns == 0:
            # Where one pass has read something, the next frames are looked at more closely.
            self._doubt = Sighting(None, reading.symbology, reading.corners)
            self._doubt_turns = len(CROP_PASSES)
        return len(passes) > 1

    def _forget(self) -> None:
        oldest = self._frame - _REMEMBERED
        kept = {
            text: {name: frame for name, frame in passes.items() if frame >= oldest}
            for text, passes in self._said.items()
        }
        self._said = {text: passes for text, passes in kept.items() if passes}
