"""Read every symbol in one picture: the plain pass always, the dearer ones only where they pay."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from scanner.engines import ENGINES, SYMBOLOGIES, engine_fault, read_zxing
from scanner.picture import load_gray
from scanner.places import Ballot
from scanner.reading import PLAIN, ChoiceUnknownError, EngineMissingError, Reading
from scanner.steps import Job, readings_of

Mode = Literal["photo", "thorough"]

MODES: tuple[Mode, ...] = ("photo", "thorough")
"""How much is tried: what a person waits for, or all there is."""


def read_picture(
    source: Path | bytes,
    *,
    accept: Callable[[str], bool] | None = None,
    budget_seconds: float = 2.0,
    symbologies: Sequence[str] = ("qr", "microqr", "code128"),
    engines: Sequence[str] = ENGINES,
    mode: Mode = "thorough",
    now: Callable[[], float] = time.monotonic,
) -> tuple[Reading, ...]:
    """Every symbol read in `source`, from top to bottom and from left to right.

    What the plain pass reads is always returned, whatever `accept` says. If it leaves located
    places unread, or reads nothing that `accept` wants, the picture is tried again in other ways
    and with other engines until all is read or `budget_seconds` (by `now`) have passed since the
    call; a step once begun is finished. What those find counts only if `accept` says yes to the
    text, or, with no `accept`, if two different passes agree on it.

    `mode` is "thorough" for everything there is, other engines and every bent code included, or
    "photo" for what pays while a person waits: it ends by itself after work that is fixed by the
    size of the picture, whatever the machine.

    Raises `PictureUnreadableError` if there is no picture, `ChoiceUnknownError` for a name that
    is no symbology, engine or mode, `EngineMissingError` if no engine asked for works here.
    """
    deadline = now() + budget_seconds
    _check("mode", (mode,), MODES)
    _check("symbology", symbologies, SYMBOLOGIES)
    _check("engine", engines, ENGINES)
    _require_one(engines)
    gray = load_gray(source)
    ballot = Ballot(accept)
    if "zxing" in engines and engine_fault("zxing") is None:
        seen = read_zxing(gray, symbologies)
        ballot.add_plain(readings_of(seen, engine="zxing", pass_name=PLAIN))
        ballot.locate(found for found in seen if found.text is None)
    if not ballot.is_done():
        job = Job(gray=gray, ballot=ballot, symbologies=symbologies, engines=engines, mode=mode)
        left = job.effort()
        for step in job.steps():
            left -= step.effort
            if ballot.is_done() or left < 0 or now() >= deadline:
                break
            ballot.vote(step.run())
    return ballot.readings()


def _require_one(engines: Sequence[str]) -> None:
    """Refuse the work if no engine can do it; later engines are not loaded before they are used."""
    reasons = []
    for name in (known for known in ENGINES if known in engines):
        reason = engine_fault(name)
        if reason is None:
            return
        reasons.append(f"{name}: {reason}")
    raise EngineMissingError(reasons="; ".join(reasons) or "none was asked for")


def _check(field: str, values: Sequence[str], known: Sequence[str]) -> None:
    for value in values:
        if value not in known:
            raise ChoiceUnknownError(field=field, value=value, known=", ".join(known))
