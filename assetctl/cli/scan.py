"""scan image: read tags from pictures, judge them, and act on those that count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assetctl.acts import handovers, loans
from assetctl.acts.sightings import Sighted, sighting
from assetctl.cli import clock, output
from assetctl.cli.context import Context
from assetctl.cli.custody import grade_of
from assetctl.cli.options import Condition, Document, KeepGoing, Note, Place
from assetctl.cli.output import Answer, Table, View, Words, sentence
from assetctl.cli.views import receipt_line
from assetctl.domain.identity import display_id, parse_payload
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.travel import TRAVEL_MINUTES
from assetctl.errors import (
    AssetctlError,
    FileMissingError,
    InputError,
    PartMissingError,
    PayloadForeignError,
)
from assetctl.i18n import N_, Phrase, one_of
from assetctl.reads import assets as asset_reads
from assetctl.reads.tags import Verdict, judge
from assetctl.store.engine import Tx

if TYPE_CHECKING:
    from scanner import Reading

app = typer.Typer(help=N_("Read tags."))
groups = {"scan": app}

ACTS = ("show", "checkout", "checkin", "move")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One code seen in one picture (or none), and what it is worth."""

    file: str
    text: str | None
    verdict: str | None
    asset_id: str | None = None
    name: str | None = None
    state: str | None = None
    issue: int | None = None
    tag_state: str | None = None
    kind: str | None = None
    code: str | None = None
    counts: bool = False
    reason: str | None = None
    symbology: str | None = None
    corners: tuple[tuple[int, int], ...] = ()
    engine: str | None = None
    pass_name: str | None = None


@app.callback()
def _group() -> None:
    """Keep this a group, so that more sources can stand beside pictures."""


@app.command()
def image(
    ctx: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE|DIR…", help=N_("Pictures, or folders of them."))
    ],
    *,
    act: Annotated[
        str, typer.Option(help=N_("What to do with them: show, checkout, checkin, move."))
    ] = "show",
    to: Annotated[str | None, typer.Option(help=N_("Party or place they go to."))] = None,
    due: Annotated[str | None, typer.Option(help=N_("Day they are due back."))] = None,
    place: Place = None,
    condition: Condition = None,
    budget: Annotated[
        float, typer.Option(min=0.0, max=60.0, help=N_("Seconds at most for a hard picture."))
    ] = 2.0,
    doc: Document = None,
    note: Note = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Read the tags in pictures; forged, replaced and void ones are refused with the reason."""
    world: Context = ctx.obj
    if act not in ACTS:
        raise InputError(field="--act", value=act, expected=one_of(ACTS))
    if act in ("checkout", "move") and not to:
        needed = Phrase(N_("given with --act {name}"), name=act)
        raise InputError(field="--to", value="", expected=needed)
    day = clock.parse_day(due, "--due") if due else None
    grade = grade_of(condition)
    scans = _judged(world, list(_read(world, files, budget)))
    _note_sightings(world, scans)
    if act == "show":
        return _answer(scans, words_act=act)
    chosen = list(dict.fromkeys(scan.asset_id for scan in scans if scan.asset_id and scan.counts))

    def carry_out(tx: Tx, ids: list[str], stamp: Stamp) -> Receipt:
        if act == "checkout":
            return loans.check_out(
                tx, assets=ids, to=to or "", due=day, place=place, doc=doc, note=note, stamp=stamp
            )
        if act == "checkin":
            return loans.check_in(
                tx, assets=ids, place=place, condition=grade, doc=doc, note=note, stamp=stamp
            )
        return handovers.move(tx, assets=ids, to=to or "", doc=doc, note=note, stamp=stamp)

    receipt = Receipt(events=())
    refused: list[tuple[str, AssetctlError]] = []
    if chosen:
        receipt, refused = world.each(chosen, carry_out, keep_going=keep_going)
    return _answer(scans, words_act=act, receipt=receipt, refused=refused)


def _read(
    world: Context, files: Sequence[Path], budget: float
) -> Iterator[tuple[str, Reading | None, str | None]]:
    import scanner

    words = world.words
    try:
        paths = list(scanner.pictures(files))
        label = words.say(N_("pictures"))
        with output.progress(label, len(paths), quiet=world.flags.json) as on_step:
            for done, path in enumerate(paths, 1):
                try:
                    readings = scanner.read_picture(path, accept=ours, budget_seconds=budget)
                except scanner.PictureUnreadableError as error:
                    yield str(path), None, error.code
                    continue
                for reading in readings:
                    yield str(path), reading, None
                if not readings:
                    yield str(path), None, "scan.no_code"
                on_step(done)
    except scanner.PathMissingError as error:
        raise FileMissingError(file=str(error.facts["path"])) from error
    except scanner.EngineMissingError as error:
        raise PartMissingError(
            part="scanner", cost=Phrase(error.template, **error.facts),
            mend="pip install zxing-cpp; assetctl doctor",
        ) from error  # fmt: skip


def ours(text: str) -> bool:
    """Whether a text carries our own check: only then may a doubtful reading count."""
    try:
        payload = parse_payload(text)
    except PayloadForeignError:
        return False
    return not payload.scheme


def _judged(world: Context, found: list[tuple[str, Reading | None, str | None]]) -> list[Scan]:
    scans = []
    with world.reading() as connection:
        verdicts: dict[str, Verdict] = {}
        for _file, reading, _reason in found:
            if reading is not None and reading.text not in verdicts:
                verdicts[reading.text] = judge(connection, world.tag_keys, reading.text)
        ids = sorted({v.asset_id for v in verdicts.values() if v.asset_id})
        assets = {a.asset_id: a for a in asset_reads.show(connection, ids, sign=world.sign)}
    for file, reading, reason in found:
        if reading is None:
            scans.append(Scan(file=file, text=None, verdict=None, reason=reason))
            continue
        verdict = verdicts[reading.text]
        asset = assets.get(verdict.asset_id or "")
        scans.append(
            Scan(
                file=file, text=reading.text, verdict=verdict.verdict, asset_id=verdict.asset_id,
                name=asset.name if asset else None, state=asset.state if asset else None,
                issue=verdict.issue, tag_state=verdict.tag_state, reason=verdict.reason,
                kind=verdict.kind, code=verdict.code, counts=verdict.counts,
                symbology=reading.symbology, corners=reading.corners, engine=reading.engine,
                pass_name=reading.pass_name,
            )
        )  # fmt: skip
    return scans


def _note_sightings(world: Context, scans: Sequence[Scan]) -> None:
    """Tell the register where genuine tags were seen: a copy shows by being in two places."""
    known = ("bound", "replaced")
    seen = [scan for scan in scans if scan.asset_id and scan.issue and scan.tag_state in known]
    if not seen or world.flags.dry_run:
        return
    place = world.settings.station_place or None
    minutes = TRAVEL_MINUTES if place else 0  # pictures taken anywhere say nothing about places
    with world.writing() as tx:
        stamp = world.stamp()
        for scan in seen:
            code = parse_payload(scan.text or "").subject
            sighted = Sighted(
                asset_id=scan.asset_id or "", code=code, issue=scan.issue or 0, place=place
            )
            sighting(tx, seen=sighted, stamp=stamp, minutes=minutes)


def _is_finding(scan: Scan, act: str) -> bool:
    if scan.reason == "scan.no_code" or scan.verdict == "foreign":
        return act != "show" and scan.text is None
    is_strange = scan.verdict == "unknown" or scan.tag_state == "blank"
    return not scan.counts and not (act == "show" and is_strange)


def _answer(
    scans: Sequence[Scan],
    *,
    words_act: str,
    receipt: Receipt | None = None,
    refused: Sequence[tuple[str, AssetctlError]] = (),
) -> Answer:
    data: object = list(scans)
    if receipt is not None:
        data = {
            "scans": list(scans), "events": receipt.events, "repeated": receipt.repeated,
            "refused": [{"asset_id": a, "code": e.code, "message": str(e)} for a, e in refused],
        }  # fmt: skip

    def view(words: Words) -> Sequence[View]:
        done = [receipt_line(event, words) for event in (receipt.events if receipt else ())]
        return [_table(scans, words), *done]

    def remarks(words: Words) -> Sequence[str]:
        loud = [
            words.say(
                N_("{file}: this tag does not count: {reason}"),
                file=scan.file,
                reason=_why(scan, words),
            )
            for scan in scans
            if _is_finding(scan, words_act)
        ]
        return loud + [
            words.say(N_("Not done for {asset}: {reason}"), asset=display_id(asset),
                      reason=sentence(error, words))
            for asset, error in refused
        ]  # fmt: skip

    findings = bool(refused) or any(_is_finding(scan, words_act) for scan in scans)
    return Answer(data=data, view=view, remarks=remarks, findings=findings)


def _why(scan: Scan, words: Words) -> str:
    if scan.tag_state in ("replaced", "void"):
        return words.term("tag_state", scan.tag_state)
    return words.term("reason", scan.reason or "")


def _table(scans: Sequence[Scan], words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("Picture")), say(N_("Verdict")), say(N_("Id")), say(N_("Name")),
                 say(N_("State")), say(N_("Tag")), say(N_("Text"))],
        rows=[
            [Path(scan.file).name, _verdict(scan, words),
             display_id(scan.asset_id) if scan.asset_id else "", scan.name or "",
             words.term("state", scan.state),
             f"#{scan.issue} {words.term('tag_state', scan.tag_state)}" if scan.tag_state else "",
             _why(scan, words) if scan.text is None else scan.text[:60]]
            for scan in scans
        ],
    )  # fmt: skip


def _verdict(scan: Scan, words: Words) -> str:
    verdict = words.term("verdict", scan.verdict or "none")
    if scan.tag_state in ("replaced", "void"):
        verdict += f" ({words.term('tag_state', scan.tag_state)})"
    return verdict
