"""A clock that a test moves, so that what happened when is known to the microsecond."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from assetctl.domain.chain import instant
from assetctl.domain.request import Stamp

START = datetime(2026, 3, 1, tzinfo=UTC)


def moment(seconds: float) -> str:
    """Return the instant so many seconds after the start, as history writes it."""
    return instant(START + timedelta(seconds=seconds))


@dataclass
class Clock:
    """Stamps at moments that a test names: when it happened, and when it was recorded.

    Ids are numbered from `first`; two clocks of one register begin at different ones.
    """

    now: float = 0
    actor: str = "P1"
    first: int = 1 << 32
    _numbers: itertools.count[int] = field(init=False)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(self.first)

    def stamp(self, at: float | None = None, actor: str | None = None, **more: str) -> Stamp:
        """Return the stamp of a request recorded now, which happened at `at` (by default now)."""
        number = next(self._numbers)
        rec = moment(self.now)
        facts = {"request_id": f"R-{number}", "station": "desk"} | more
        return Stamp(
            actor=actor or self.actor, at=rec if at is None else moment(at), rec=rec,
            request_id=facts["request_id"], station=facts["station"],
            fresh="request_id" not in more, on_behalf=facts.get("on_behalf"),
            new_id=self._new_id(number), new_salt=lambda: number.to_bytes(32, "big"),
        )  # fmt: skip

    def _new_id(self, request: int) -> _Ids:
        return _Ids(request, itertools.count(1))


@dataclass
class _Ids:
    request: int
    numbers: itertools.count[int]

    def __call__(self) -> str:
        return f"{self.request:016x}{next(self.numbers):016x}"
