"""scan session and scan sync: a clerk's session at a desk, and landing what waited offline."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from assetctl.acts.landing import Landed
from assetctl.cli import clock, output
from assetctl.cli.basket import (
    basket_table,
    conflicts_table,
    findings_lines,
    message,
    receipt_text,
)
from assetctl.cli.context import Context
from assetctl.cli.desk import Desk, run
from assetctl.cli.files import secret_in
from assetctl.cli.logbook import opened
from assetctl.cli.moments import Done, Moment, Report, Start
from assetctl.cli.options import Document, Place
from assetctl.cli.output import Answer, View, Words
from assetctl.cli.scan import app as scan
from assetctl.cli.scan import ours
from assetctl.cli.session_data import findings_data, has_findings, report_data
from assetctl.domain.intent import Conflict
from assetctl.domain.session import Mode
from assetctl.errors import FileMissingError, InputError, PartMissingError
from assetctl.i18n import N_, Phrase, one_of

app = scan
groups = {"scan": scan}

_SCHEMES = ("stdin", "wedge", "tcp", "http", "list", "replay", "serial", "llrp")
_LONGEST = 4096
"""Bytes of a line; a longer one is no tag and passed over, its end as well."""


@scan.command("session")
def session(
    ctx: typer.Context,
    *,
    mode: Annotated[
        str, typer.Option(help=N_("What is done: show, checkout, checkin, move, count."))
    ] = "show",
    to: Annotated[str | None, typer.Option(help=N_("Party that takes the first basket."))] = None,
    place: Place = None,
    due: Annotated[str | None, typer.Option(help=N_("Day they are due back."))] = None,
    doc: Document = None,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            help=N_("-, a file, wedge:, wedge:/dev/input/eventN, tcp://H:P, http://H:P …"),
        ),
    ] = "-",
    secret_file: Annotated[
        Path | None,
        typer.Option(
            help=N_("File that holds what those who push texts over the network must know.")
        ),
    ] = None,
    resume: Annotated[
        bool | None,
        typer.Option("--resume/--discard", help=N_("What becomes of a basket left open.")),
    ] = None,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help=N_("Take ids and numbers typed by hand as well."))
    ] = False,
    commit: Annotated[
        bool, typer.Option("--commit", help=N_("Commit what lies in the basket at the end."))
    ] = False,
    receipt: Annotated[
        Path | None, typer.Option(help=N_("File to which receipts are added."))
    ] = None,
) -> Answer:
    """A clerk's session: scan cards, places, commands and things; one commit for each basket."""
    world: Context = ctx.obj
    must_not_be_dry(world)
    if mode not in set(Mode):
        raise InputError(field="--mode", value=mode, expected=one_of(Mode))
    start = Start(
        mode=Mode(mode), to=to, place=place, due=clock.parse_day(due, "--due") if due else None,
        doc=doc, resume=resume, ask=asker(world), unsigned=unsigned, commits=commit,
    )  # fmt: skip
    with_receipts = Receipts(world, receipt)
    coming = texts(world.settings.readers.get(source, source), secret_in(secret_file))
    report = run(world, coming, start=start, tell=teller(world), on_done=with_receipts.add)
    return session_answer(report)


@scan.command("sync")
def sync(
    ctx: typer.Context,
    *,
    settle: Annotated[
        list[str] | None,
        typer.Option(metavar="RECEIPT", help=N_("Put a conflict aside that has been cleared up.")),
    ] = None,
    roll: Annotated[
        bool,
        typer.Option("--roll", help=N_("Begin a new file of the journal; the former is kept.")),
    ] = False,
) -> Answer:
    """Land in the register what this station confirmed while it was away; show what contradicts."""
    world: Context = ctx.obj
    with opened(world) as journal:
        desk = Desk(world, journal)
        if world.flags.dry_run:
            return sync_answer((), desk)
        landed = desk.land_all()
        desk.settle(settle or [])
        return sync_answer(landed, desk, former=desk.roll() if roll else None)


def session_answer(report: Report) -> Answer:
    """Return the answer of a session that has ended."""

    def view(words: Words) -> Sequence[View]:
        receipts: list[View] = [receipt_text(done, words) for done in report.done]
        conflicts = [conflict for one in report.synced for conflict in one.conflicts]
        if conflicts:
            receipts.append(conflicts_table(conflicts, words))
        if report.session.items:
            receipts.append(basket_table(report.session, words))
        return receipts

    def remarks(words: Words) -> Sequence[str]:
        left = []
        if report.session.items:
            left.append(
                words.say(
                    N_("{count} things stay in the basket; go on with: scan session --resume"),
                    count=len(report.session.items),
                )
            )
        if report.waiting:
            left.append(_waiting(report.waiting, words))
        return left

    return Answer(
        data=report_data(report), view=view, remarks=remarks, findings=has_findings(report)
    )


def sync_answer(landed: Sequence[Landed], desk: Desk, *, former: str | None = None) -> Answer:
    """Return what landed, what contradicts, and what still waits; `former` was rolled over."""
    conflicts: list[Conflict] = list(desk.book.conflicts.values())
    waiting = list(desk.book.queue.values())
    data = {
        "landed": [
            {"request_id": one.intent.request_id, "act": one.intent.act, "at": one.intent.at,
             "events": one.receipt.events, "repeated": one.receipt.repeated,
             "conflicts": one.conflicts, **findings_data(one)}
            for one in landed
        ],
        "conflicts": conflicts,
        "waiting": waiting,
        "torn": desk.torn,
        "former": former,
    }  # fmt: skip

    def view(words: Words) -> Sequence[View]:
        views: list[View] = [
            words.say(
                N_("Landed: {receipt}, {count} entries"),
                receipt=one.intent.request_id, count=len(one.receipt.events),
            )
            for one in landed
        ]  # fmt: skip
        views += [text for one in landed for text in findings_lines(one, words)]
        if conflicts:
            views.append(conflicts_table(conflicts, words))
        if former:
            views.append(
                words.say(N_("The journal goes on in a new file; the former is {file}."),
                          file=former)
            )  # fmt: skip
        return views or [words.say(N_("Nothing waits at this station."))]

    return Answer(
        data=data,
        view=view,
        remarks=lambda words: [_waiting(len(waiting), words)] if waiting else [],
        findings=bool(conflicts or waiting or any(one.lost or one.astray for one in landed)),
    )


def texts(source: str, secret: str = "") -> Iterator[str]:
    """Give the lines of standard input (`-`) or of a file, or what another source reads.

    Raises:
        FileMissingError: the file cannot be read.
        PartMissingError: the source cannot be opened, or was lost.
    """
    if source == "-":
        yield from _lines(sys.stdin.buffer)
        return
    if source.partition(":")[0].partition("+")[0] in _SCHEMES:
        yield from _readings(source, secret)
        return
    try:
        with Path(source).open("rb") as file:
            yield from _lines(file)
    except OSError as error:
        raise FileMissingError(file=source) from error


def _readings(source: str, secret: str) -> Iterator[str]:
    from scanner import ScanError, open_source

    try:
        with open_source(source, is_ours=ours, secret=secret) as readings:
            for reading in readings:
                yield reading.text
    except ScanError as error:
        raise PartMissingError(
            part=source, cost=Phrase(error.template, **error.facts),
            mend="assetctl scan session --help",
        ) from error  # fmt: skip


def _lines(file: BinaryIO) -> Iterator[str]:
    is_rest = False
    while raw := file.readline(_LONGEST):
        whole = raw.endswith(b"\n") or len(raw) < _LONGEST
        if whole and not is_rest:
            yield raw.decode("utf-8", "replace")
        is_rest = not whole


class Receipts:
    """Adds the receipt of every commit to a file, at once."""

    def __init__(self, world: Context, path: Path | None) -> None:
        self._words = world.words
        self._path = path

    def add(self, done: Done) -> None:
        """Add one receipt; without a file nothing is kept."""
        if self._path is None:
            return
        with self._path.open("a", encoding="utf-8") as file:
            file.write(output.clean(receipt_text(done, self._words), keep="\n") + "\n\n")


def teller(world: Context) -> Callable[[Moment], None]:
    """Return what says every moment of a session in words, and shows the basket on a screen."""
    words, is_screen = world.words, sys.stdout.isatty()

    def tell(moment: Moment) -> None:
        output.note(message(moment, words))
        if is_screen and moment.session.items:
            view: list[View] = [basket_table(moment.session, words)]
            output.show(Answer(data=None, view=lambda _words: view), words, as_json=False)

    return tell if not world.flags.json else lambda _moment: None


def asker(world: Context) -> Callable[[int], bool] | None:
    """Return what asks whether to go on with a basket left open; None where nobody can answer."""
    if world.flags.json or not sys.stdin.isatty():
        return None
    question = N_("A basket with {count} things was left open. Go on with it?")
    return lambda count: typer.confirm(world.words.say(question, count=count), err=True)


def must_not_be_dry(world: Context) -> None:
    """Return if a session may be held.

    Raises:
        InputError: with `--dry-run`: a session keeps what it is told.
    """
    if world.flags.dry_run:
        expected = N_("left out: a session keeps what it is told")
        raise InputError(field="--dry-run", value="", expected=expected)


def _waiting(count: int, words: Words) -> str:
    return words.say(N_("{count} commits wait for the register: scan sync"), count=count)
