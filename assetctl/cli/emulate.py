"""reader emulate: a fixed reader that only pretends, to try everything without hardware."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from assetctl.cli import clock, output
from assetctl.cli.context import Context
from assetctl.cli.encoding import numbering
from assetctl.cli.homing import app as reader
from assetctl.cli.output import Answer, Words
from assetctl.cli.reader import Seconds
from assetctl.domain.epc.numbering import number_of, private96
from assetctl.errors import InputError, ListenFailedError
from assetctl.i18n import N_
from assetctl.reads.heard import epcs_of
from assetctl.reads.search import Filter, all_ids

app = reader
groups = {"reader": reader}

_MOST = 100_000
_CHIP = "E2801160"
"""How the TIDs of made-up chips begin."""

_LOOK_SECONDS = 0.25


@reader.command()
def emulate(
    ctx: typer.Context,
    *,
    tags: Annotated[
        int | None, typer.Option(min=0, max=_MOST, help=N_("So many made-up tags."))
    ] = None,
    assets: Annotated[
        str | None, typer.Option(help=N_("File of assets, or - : the tags that they bear."))
    ] = None,
    from_register: Annotated[
        str | None, typer.Option(metavar="PLACE", help=N_("The tags of what stands in a place."))
    ] = None,
    host: Annotated[str, typer.Option(help=N_("Address to listen at."))] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help=N_("Port to listen at; 0 takes a free one."))
    ] = 5084,
    seed: Annotated[int, typer.Option(help=N_("The same number gives the same signals."))] = 1,
    seconds: Seconds = None,
) -> Answer:
    """Play a fixed reader (LLRP) with tags before it, until Ctrl-C."""
    world: Context = ctx.obj
    epcs = _epcs(world, tags, assets, from_register)
    from scanner.llrp.emulator import EmulatedTag, Emulator

    # Tags that nobody has bound have chips to be bound by; of others the register knows the chip.
    played = epcs if tags is None else [
        EmulatedTag(epc=epc, tid=f"{_CHIP}{nth:016X}") for nth, epc in enumerate(epcs, 1)
    ]  # fmt: skip
    try:
        emulator = Emulator(played, host, port, seed=seed)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ListenFailedError(address=f"{host}:{port}", reason=reason) from error
    with emulator:
        address = f"llrp://{host}:{emulator.port}"
        told = N_("A pretended reader with {count} tags listens at {address}; Ctrl-C ends it.")
        output.note(world.words.say(told, count=len(epcs), address=address))
        _wait(seconds)
    data = {"address": address, "tags": len(epcs), "reports": emulator.reports}

    def view(words: Words) -> Sequence[str]:
        return [words.say(N_("Reports sent: {count}"), count=emulator.reports)]

    return Answer(data=data, view=view)


def _wait(seconds: float | None) -> None:
    began = time.monotonic()
    for _ in clock.ticks(_LOOK_SECONDS if seconds is None else min(_LOOK_SECONDS, seconds)):
        if seconds is not None and time.monotonic() - began >= seconds:
            return


def _epcs(world: Context, tags: int | None, assets: str | None, place: str | None) -> list[str]:
    """Return the numbers of the tags that are played.

    Raises:
        InputError: not exactly one of the three ways was chosen.
    """
    if [tags, assets, place].count(None) != 2:
        expected = N_("exactly one of --tags, --assets, --from-register")
        raise InputError(field="--tags", value=tags, expected=expected)
    if tags is not None:
        begin = numbering(world.settings)
        return [
            private96(serial, division=begin.division, unit=begin.unit)
            for serial in range(1, tags + 1)
        ]
    if assets is not None:
        return list(_borne(world, world.ids([assets if assets == "-" else f"@{assets}"])))
    with world.reading() as connection:
        ids = all_ids(connection, Filter(place=place))
    return list(_borne(world, ids))


def _borne(world: Context, ids: list[str]) -> Iterator[str]:
    """The numbers that assets bear: those bound to them, else the one that is theirs by rule."""
    with world.reading() as connection:
        bound = epcs_of(connection, ids)
    own = numbering(world.settings)
    for asset_id in ids:
        yield from bound.get(asset_id) or [number_of(asset_id, own).epc]
