"""What a session at a desk is given and gives: its start, each moment of it, its report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from assetctl.acts.landing import Landed
from assetctl.domain.intent import Intent
from assetctl.domain.photo import LostPhoto
from assetctl.domain.request import Receipt, Recorded
from assetctl.domain.session import Mode, Session, Told
from assetctl.errors import AssetctlError
from assetctl.reads.counts import Astray


class Arrived(NamedTuple):
    """A text from a source that tells arrivals apart, such as a camera."""

    text: str
    arrival: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A session after one text: what a picture or a sound is made from."""

    session: Session
    told: Told
    offline: bool
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A commit or undo and what became of it: landed, queued or refused."""

    intent: Intent
    outcome: str
    receipt: Receipt = field(default_factory=lambda: Receipt(events=()))
    left_out: tuple[tuple[str, str], ...] = ()
    """Things that stayed out of it, each with the code of the reason."""
    names: dict[str, str] = field(default_factory=dict)
    error: AssetctlError | None = None
    photos: tuple[Recorded, ...] = ()
    """Entries of what was photographed."""
    lost: tuple[LostPhoto, ...] = ()
    astray: tuple[Astray, ...] = ()
    """Of what was counted: that of which the register says something else."""


@dataclass(slots=True, kw_only=True)
class Report:
    """All of a session: what was told, what was done, and how it stands at the end."""

    session: Session
    told: list[Told]
    done: list[Done]
    synced: list[Landed]
    offline: bool
    waiting: int
    torn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How a session begins. `resume` says what becomes of a basket that was left open.

    With None it is an error that there is one.
    """

    mode: Mode = Mode.SHOW
    to: str | None = None
    place: str | None = None
    due: str | None = None
    doc: str | None = None
    resume: bool | None = None
    ask: Callable[[int], bool] | None = None
    """Asks whether to go on with a basket of so many things, where somebody can answer."""
    unsigned: bool = False
    commits: bool = False
    """Whether what lies in the basket when the source ends is committed."""
