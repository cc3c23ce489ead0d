"""stocktake count --reader: a place is swept by radio; what was heard is judged and kept.

Reads are written to a file of the home as they come, so that a sweep outlives the program and the
network; the same file counts once, however often it is landed.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from assetctl.acts.finds import HeardTag, SweepReport, sweep
from assetctl.acts.sightings import copies_heard
from assetctl.cli import clock, output
from assetctl.cli.context import Context
from assetctl.cli.desk import away
from assetctl.cli.hearing import Hearing
from assetctl.cli.listening import address_of, faulty_list, listening, refused, until
from assetctl.cli.output import Answer
from assetctl.cli.sweep_views import Expected, Swept, progress_line, swept_answer
from assetctl.domain.chain import instant
from assetctl.domain.request import Stamp
from assetctl.domain.sweep import Sweep, Tally, verdicts
from assetctl.errors import AssetctlError, SweepKeptError
from assetctl.i18n import N_
from assetctl.reads.expected import Places
from assetctl.reads.heard import Bearer, bearers, epcs_of
from assetctl.reads.parties import need_place
from assetctl.reads.stocktakes import listed, need_stocktake
from assetctl.store import blobs

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


_FILES = ("replay", "list")
"""Addresses of reads that lie in a file already."""

_TICK = 0.5
"""Seconds between two lines on how a sweep goes on."""

_OURS = re.compile(r".*-([0-9a-f]{12}7[0-9a-f]{19})\.jsonl")


def swept(
    world: Context, number: str, place: str, reader: str, *, seconds: float | None, keep_raw: bool
) -> Answer:  # fmt: skip
    """Sweep a place with a reader, judge what was heard, and enter it in the stocktake.

    Raises:
        SweepKeptError: the register is away; the reads lie in a file, and how to land them is said.
        PartMissingError: the reader cannot be opened, or its file cannot be read.
        StocktakeNotFoundError, StocktakeStateError, NotOnTeamError: see `finds.sweep`.
    """
    expected = _expected(world, number, place)
    now = clock.now()
    file, tally = _heard(world, number, reader, expected, seconds)
    source = _Source(reader=reader, file=file, began=_begun(file) or now, keep_raw=keep_raw)
    try:
        return _entered(world, number, place, source, tally)
    except AssetctlError as error:
        if not away(error):
            raise
        raise SweepKeptError(number=number, place=place, file=str(file)) from error


def _expected(world: Context, number: str, place: str) -> Expected | None:
    """Return what is expected at a place; None where the register is away."""
    try:
        with world.reading() as connection:
            need_place(connection, place)
            one = need_stocktake(connection, number)
            is_hidden = one.is_hidden_from(world.settings.operator)
            return replace(_at(connection, number, place), is_hidden=is_hidden)
    except AssetctlError as error:
        if not away(error):
            raise
        note = N_("The register is away: what is heard is kept, and judged when it answers.")
        output.note(world.words.say(note))
        return None


def _at(connection: Connection, number: str, place: str) -> Expected:
    places = Places(connection)
    lines = listed(connection, number)
    here = [line for line in lines if line.place and places.agree(line.place, place)]
    tags = epcs_of(connection, [line.asset_id for line in here])
    return Expected(
        by_epc={epc: line for line in here for epc in tags.get(line.asset_id, ())},
        untagged=tuple(line for line in here if line.asset_id not in tags),
        places={line.asset_id: line.place for line in lines},
    )


def _with_numbers(expected: Expected, heard: Mapping[str, Bearer]) -> Expected:
    """Return what is expected, with the tags that nobody bound but that spell the thing's id."""
    lines = {line.asset_id: line for line in expected.untagged}
    spelt = {epc: lines[one.asset_id] for epc, one in heard.items() if one.asset_id in lines}
    answered = {line.asset_id for line in spelt.values()}
    return replace(
        expected, by_epc={**expected.by_epc, **spelt},
        untagged=tuple(line for line in expected.untagged if line.asset_id not in answered),
    )  # fmt: skip


def _heard(
    world: Context, number: str, reader: str, expected: Expected | None, seconds: float | None
) -> tuple[Path, Tally]:
    address = address_of(world, reader)
    scheme, _, rest = address.partition(":")
    is_file = scheme in _FILES
    file = Path(rest) if is_file else _spool(world, number)
    if scheme == "list":
        return file, _exported(reader, file)
    with output.live(quiet=world.flags.json) as show:
        with listening(world, reader, out=None if is_file else file) as listener:
            hearing = Hearing(time.monotonic(), is_live=not is_file)
            until(
                listener, lambda reading: hearing.take(reading, time.monotonic()), seconds=seconds,
                tick=lambda _now: show(progress_line(hearing.tally, expected, world.words)),
                every=_TICK,
            )  # fmt: skip
        if listener.lost is not None:
            raise refused(reader, listener.lost)
    return file, hearing.tally


def _exported(reader: str, file: Path) -> Tally:
    """Return what a list says that a handheld exported; with a fault in it nothing counts."""
    from scanner import ScanError
    from scanner.radio_lists import RadioList
    from scanner.reading import ReadsFaultyError

    tally = Tally()
    try:
        tally.hear_all(RadioList(file))
    except ReadsFaultyError as error:
        raise faulty_list(str(file), error) from error
    except ScanError as error:
        raise refused(reader, error) from error
    return tally


def _spool(world: Context, number: str) -> Path:
    folder = world.settings.home / "sweeps"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{number}-{clock.new_event_id()}.jsonl"


def _called(reader: str) -> str:
    """Return what history calls a reader; a folder of somebody's machine is not its business."""
    scheme, _, rest = reader.partition(":")
    return (f"{scheme}:{Path(rest).name}" if scheme in _FILES else reader)[:80]


def _begun(file: Path) -> datetime | None:
    """Return when a sweep of ours was begun, which the name of its file tells; else None."""
    named = _OURS.fullmatch(file.name)
    return clock.moment_of(named[1]) if named else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where the reads of a sweep come from, and whether they are kept with it."""

    reader: str
    file: Path
    began: datetime
    keep_raw: bool

    def stamped(self, stamp: Stamp, last: float) -> Stamp:
        """Return a stamp that says when the last tag was heard, for a sweep of ours.

        What lands late is not to be blamed for what was moved meanwhile.
        """
        if _begun(self.file) is None:
            return stamp
        heard = instant(self.began + timedelta(seconds=max(last, 0.0)))
        return replace(stamp, at=min(heard, stamp.rec))


def _entered(world: Context, number: str, place: str, source: _Source, tally: Tally) -> Answer:
    content = source.file.read_bytes()
    digest = hashlib.sha256(b"\0".join([number.encode(), place.encode(), content])).hexdigest()
    with world.writing() as tx:
        heard = tally.heard(())
        others = bearers(tx.connection, heard, prefix=world.settings.gs1_prefix)
        expected = _with_numbers(_at(tx.connection, number, place), others)
        found = verdicts(tally, expected.by_epc)
        raw = None
        if source.keep_raw and not world.flags.dry_run:
            # The same reads give the same bytes: no time, no name in the envelope.
            raw = blobs.keep_bytes(world.settings.blobs, gzip.compress(content, mtime=0)).sha256
        stamp = world.stamp()
        if world.flags.at is None:
            stamp = source.stamped(stamp, max((one.last for one in heard.values()), default=0.0))
        if world.flags.request_id is None:
            stamp = replace(stamp, request_id=f"sweep-{digest[:32]}", fresh=False)
        report = SweepReport(
            place=place, reader=_called(source.reader), began=instant(source.began),
            epochs=found.hint.epochs, sweeps=found.sweeps, tags=_rows(found, others),
            median=found.median,
            threshold=found.threshold, raw=raw,
        )  # fmt: skip
        chips = {epc: one.tids for epc, one in heard.items() if one.tids}
        copies = copies_heard(tx, heard=chips, stamp=stamp)
        receipt = sweep(tx, number=number, report=report, stamp=stamp)
        one = need_stocktake(tx.connection, number)
    hidden = one.is_hidden_from(world.settings.operator)
    judged = Swept(
        found=found, expected=expected, bound=others, copies=len(copies),
        passed_over=tally.passed_over, is_repeated=receipt.repeated,
    )  # fmt: skip
    return swept_answer(judged, raw=raw, hidden=hidden)


def _rows(found: Sweep, bound: Mapping[str, Bearer]) -> tuple[HeardTag, ...]:
    heard = [(tag, tag.heard) for tag in found.tags if tag.heard is not None]
    began = min((each.first for _, each in heard), default=0.0)
    return tuple(
        HeardTag(
            epc=tag.epc, asset_id=bound[tag.epc].asset_id if tag.epc in bound else "",
            verdict=tag.verdict.value, first=int(each.first - began), last=int(each.last - began),
            epochs=each.epochs, rssi=each.rssi, antennas=each.antennas,
        )
        for tag, each in heard
    )  # fmt: skip
