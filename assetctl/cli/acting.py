"""An act on assets, from the command line to its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assetctl.cli.context import Context
from assetctl.cli.output import Answer
from assetctl.cli.views import receipt_answer
from assetctl.domain.request import Receipt, Stamp
from assetctl.store.engine import Tx


def acted(
    world: Context, assets: Sequence[str], act: Callable[[Tx, list[str], Stamp], Receipt],
    *, keep_going: bool,
) -> Answer:  # fmt: skip
    """Carry out an act on all assets, or on each by itself, and answer with what was done."""
    receipt, refused = world.each(assets, act, keep_going=keep_going)
    return receipt_answer(receipt, refused)
