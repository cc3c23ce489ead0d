"""An act on assets, from the command line to its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from assetctl.acts.photos import attach_photos
from assetctl.cli.context import Context
from assetctl.cli.output import Answer
from assetctl.cli.photos import kept
from assetctl.cli.views import receipt_answer
from assetctl.domain.request import Receipt, Stamp
from assetctl.store.engine import Tx

Deed = Callable[[Tx, list[str], Stamp], Receipt]
"""Does something with assets in a transaction."""


def acted(
    world: Context, assets: Sequence[str], act: Deed, *, keep_going: bool,
) -> Answer:  # fmt: skip
    """Carry out an act on all assets, or on each by itself, and answer with what was done."""
    receipt, refused = world.each(assets, act, keep_going=keep_going)
    return receipt_answer(receipt, refused)


def photographed(
    world: Context, assets: Sequence[str], act: Deed, *, photos: Sequence[Path] | None,
    keep_going: bool,
) -> Answer:  # fmt: skip
    """Carry out an act together with its photos: both are recorded, or neither."""
    pictures = kept(world, photos)

    def both(tx: Tx, ids: list[str], stamp: Stamp) -> Receipt:
        return attach_photos(tx, of=act(tx, ids, stamp), photos=pictures, stamp=stamp)

    return acted(world, assets, both, keep_going=keep_going)
