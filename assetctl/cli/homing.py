"""reader find: walk towards a thing by the signal of its tag."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from assetctl.cli import output
from assetctl.cli.context import Context
from assetctl.cli.encoding import numbering
from assetctl.cli.files import secret_in
from assetctl.cli.hearing import known
from assetctl.cli.listening import Listener, listening, until
from assetctl.cli.output import Answer, Sheet, Words
from assetctl.cli.reader import Seconds, Secret
from assetctl.cli.reader import app as reader_group
from assetctl.cli.reader_views import bar, dbm, lost_remark
from assetctl.domain.epc.numbering import number_of
from assetctl.domain.identity import display_id
from assetctl.i18n import N_
from assetctl.reads.heard import epcs_of

if TYPE_CHECKING:
    from scanner import Reading
    from scanner.homing import Beat, Homing
    from scanner.sound import Speaker

app = reader_group
groups = {"reader": app}

_EPC = re.compile(r"(?:[0-9A-Fa-f]{4}){2,31}")
_TICK = 0.05


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is looked for: an EPC, or an asset whatever it is tagged with."""

    epcs: frozenset[str]
    asset_id: str | None = None


@app.command()
def find(
    ctx: typer.Context,
    thing: Annotated[
        str, typer.Argument(metavar="ASSET|EPC", help=N_("The thing that is looked for."))
    ],
    reader: Annotated[
        str,
        typer.Argument(
            metavar="READER", help=N_("Name or address; may be left out where one has a name.")
        ),
    ] = "",
    *,
    until_dbm: Annotated[
        float | None,
        typer.Option(
            "--until",
            metavar="DBM",
            min=-120.0,
            max=20.0,
            help=N_("End when it is heard as strong as this, such as -35."),
        ),
    ] = None,
    hold: Annotated[
        int, typer.Option(min=1, max=1000, help=N_("So many readings in a row, with --until."))
    ] = 3,
    seconds: Seconds = None,
    sound: Annotated[bool, typer.Option("--sound/--silent", help=N_("Play sounds."))] = True,
    secret_file: Secret = None,
) -> Answer:
    """Walk towards a thing: bar and tone rise with the signal of its tag; Ctrl-C ends it."""
    from scanner.homing import Homing
    from scanner.sound import Speaker

    world: Context = ctx.obj
    wanted = _wanted(world, thing)
    homing = Homing(until=until_dbm, hold=hold)
    with listening(world, reader, secret=secret_in(secret_file)) as listener:
        began = time.monotonic() if listener.is_live else 0.0
        speaking = Speaker() if sound and listener.is_live else nullcontext()
        with speaking as speaker, output.live(quiet=world.flags.json) as show:
            guide = _Guide(homing, wanted.epcs, listener, speaker)

            def tick(now: float) -> None:
                show(bar(guide.beat(now), world.words))

            until(
                listener, guide.take, seconds=seconds, every=_TICK, tick=tick,
                enough=lambda _now: homing.is_reached,
            )  # fmt: skip
    data = {
        "thing": thing, "asset_id": wanted.asset_id, "epcs": sorted(wanted.epcs),
        "reads": homing.reads, "best": homing.best,
        "best_at": None if homing.best_at is None else round(homing.best_at - began, 3),
        "reached": homing.is_reached, "lost": lost_remark(listener.lost, None),
    }  # fmt: skip

    def remarks(words: Words) -> Sequence[str]:
        said = [lost_remark(listener.lost, words)]
        if not homing.reads:
            said.append(words.say(N_("Its tag was not heard at all.")))
        return [one for one in said if one]

    missed = not homing.reads or (until_dbm is not None and not homing.is_reached)
    return Answer(
        data=data, view=lambda words: [_found_sheet(data, words)], remarks=remarks,
        findings=missed or listener.lost is not None,
    )  # fmt: skip


class _Guide:
    """Feeds the search with readings of the thing, and plays what comes of it."""

    def __init__(
        self, homing: Homing, epcs: frozenset[str], listener: Listener, speaker: Speaker | None
    ) -> None:
        self._homing, self._epcs = homing, epcs
        self._listener, self._speaker = listener, speaker
        self._now = self._due = 0.0

    def take(self, reading: Reading) -> None:
        """Take a reading; those of other things are passed over."""
        if reading.text not in self._epcs:
            return
        radio = reading.radio
        self._now = max(self._now, radio.heard if radio else time.monotonic())
        self._homing.hear(self._now, radio.rssi if radio else None)

    def beat(self, now: float) -> Beat:
        """Play what is to be played now, and return what is to be shown."""
        beat = self._homing.look(max(self._now, now) if self._listener.is_live else self._now)
        if self._speaker is not None and not beat.is_lost and now >= self._due:
            self._speaker.beep(beat.hertz)
            self._due = now + beat.every
        return beat


def _wanted(world: Context, thing: str) -> _Wanted:
    """Return what a word means: an asset of the register, or an EPC that belongs to none."""
    is_epc = _EPC.fullmatch(thing) is not None
    if is_epc and not known(world, [thing.upper()]):
        return _Wanted(epcs=frozenset({thing.upper()}))
    (asset_id,) = world.ids([thing])
    with world.reading() as connection:
        bound = epcs_of(connection, [asset_id]).get(asset_id, [])
    own = number_of(asset_id, numbering(world.settings)).epc
    return _Wanted(epcs=frozenset({own, *bound}), asset_id=asset_id)


def _found_sheet(data: Mapping[str, object], words: Words) -> Sheet:
    say = words.say
    asset_id, best, at = data["asset_id"], data["best"], data["best_at"]
    pairs = [
        (say(N_("Id")), display_id(asset_id) if isinstance(asset_id, str) else "-"),
        (say(N_("Reads")), str(data["reads"])),
        (say(N_("Best, dBm")), dbm(best if isinstance(best, float | int) else None)),
        (say(N_("Heard best after, s")), "-" if at is None else f"{at}"),
    ]
    return Sheet(title=str(data["thing"]), pairs=pairs)
