"""export epcis and import epcis: what is told to partners, and what they say."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from assetctl import config
from assetctl.acts.evidence import Source, Taken, receive
from assetctl.cli import clock, output
from assetctl.cli.context import Context
from assetctl.cli.output import Answer, View, Words
from assetctl.cli.views import lines
from assetctl.domain.chain import instant
from assetctl.domain.epcis import mapping
from assetctl.domain.epcis.document import MOST_BYTES, read_document
from assetctl.domain.epcis.naming import GLN_BODY, Naming
from assetctl.errors import FileMissingError, InputError, StoreUnavailableError
from assetctl.i18n import N_
from assetctl.reads.evidence import meant
from assetctl.reads.telling import Span, count, told, unit_codes
from assetctl.store import blobs

Base = Annotated[
    str | None,
    typer.Option(
        "--epcis-uri", metavar="https://…/", help=N_("Address that private names begin with.")
    ),
]
_HINT = N_("given alone, or else some of --asset, --since, --until")


def export_epcis(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=N_("File to write."))],
    *,
    assets: Annotated[
        list[str] | None,
        typer.Option("--asset", metavar="ASSET", help=N_("Only this asset; may be repeated.")),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help=N_("Only what happened at this time or later."))
    ] = None,
    until: Annotated[
        str | None, typer.Option(help=N_("Only what happened before this time."))
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help=N_("The whole history."))] = False,
    epcis_uri: Base = None,
) -> Answer:
    """Write the history as EPCIS 2.0 events (JSON-LD) for partners; codes only, no names."""
    world: Context = ctx.obj
    if everything == bool(assets or since or until):
        raise InputError(field="--all", value="", expected=_HINT)
    zone = world.settings.timezone
    span = Span(
        subjects=[f"asset:{one}" for one in world.ids(assets)] if assets else None,
        since=since and instant(clock.parse_moment(since, zone, field="--since")),
        until=until and instant(clock.parse_moment(until, zone, field="--until")),
    )
    naming = _naming(world, epcis_uri)
    facts: dict[str, Any] = {"file": str(out)}
    with _replacing(out, keep=not world.flags.dry_run) as stream:
        facts |= _write(world, span, naming, stream)
    return Answer(
        data=facts,
        view=lines(
            lambda words: words.say(
                N_("{events} EPCIS events of {entries} entries written to {file}."), **facts
            )
        ),
    )


def import_epcis(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE.jsonld", help=N_("Document to read; - is stdin."))
    ],
    epcis_uri: Base = None,
) -> Answer:
    """Keep a partner's EPCIS 2.0 events as evidence: another's word, which changes nothing."""
    world: Context = ctx.obj
    data = _read(file)
    document = read_document(str(file), data)
    digest = hashlib.sha256(data).hexdigest()
    naming = _naming(world, epcis_uri)
    with world.writing() as tx:
        uris = (uri for heard in document.events for uri in heard.things)
        source = Source(document=digest, meant=meant(tx.connection, naming, uris))
        taken = receive(tx, document=document, source=source, stamp=world.stamp())
        if taken.entries and not world.flags.dry_run:
            blobs.keep_bytes(world.settings.blobs, data)
    facts = {"file": str(file), "document": digest, "sender": document.sender}
    own = N_("It names this register itself as its sender: these are events of our own telling.")
    return Answer(
        data=facts | output.plain(taken),
        view=_taken_view(taken, dry_run=world.flags.dry_run),
        remarks=lambda words: [words.say(own)] if document.sender == naming.office else [],
    )


# --- writing -------------------------------------------------------------------------------


def _write(world: Context, span: Span, naming: Naming, stream: IO[str]) -> dict[str, int]:
    """Write the document; return how many entries and events it tells."""
    zone, words = world.settings.timezone, world.words
    entries = events = 0
    head = {
        "@context": mapping.context(naming), "type": "EPCISDocument", "schemaVersion": "2.0",
        "creationDate": mapping.cut(world.stamp().rec), "sender": naming.office,
    }  # fmt: skip
    stream.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "epcisBody": {"eventList": [')
    with world.reading() as connection:
        total = count(connection, span)
        with output.progress(words.say(N_("entries")), total, quiet=world.flags.json) as on_step:
            for entry in told(connection, span):
                offset = clock.offset(entry.at, zone)
                for event in mapping.epcis_events(entry, naming, offset):
                    stream.write(",\n" if events else "\n")
                    stream.write(json.dumps(event, ensure_ascii=False))
                    events += 1
                entries += 1
                on_step(entries)
    stream.write("\n]}}\n")
    return {"entries": entries, "events": events}


@contextmanager
def _replacing(file: Path, *, keep: bool) -> Iterator[IO[str]]:
    """Give a stream whose content takes the file's place only when it is complete.

    A pipe or device is written as it is; of a link, what it points to is replaced.
    """
    if file.exists() and not file.is_file():
        part = target = file
    else:
        target = file.resolve()
        part = target.parent / f".{target.name}.part"
    try:
        with part.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
        if keep and part != target:
            part.replace(target)
    except OSError as error:
        raise StoreUnavailableError(db=str(file), reason=str(error)) from error
    finally:
        if part != target:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _naming(world: Context, epcis_uri: str | None) -> Naming:
    settings = world.settings
    base = epcis_uri or settings.epcis_uri or f"https://{settings.host}/"
    config.check_epcis_uri(base)
    units: frozenset[str] = frozenset()
    if settings.gs1_prefix:
        with world.reading() as connection:
            units = unit_codes(connection, GLN_BODY - len(settings.gs1_prefix))
    return Naming(base=base, prefix=settings.gs1_prefix, units=units)


# --- reading -------------------------------------------------------------------------------


def _read(file: Path) -> bytes:
    # One byte more than may be: so a longer one is known without being read.
    if str(file) == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        with file.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise FileMissingError(file=str(file)) from error


def _taken_view(taken: Taken, *, dry_run: bool) -> Callable[[Words], Sequence[View]]:
    def view(words: Words) -> Sequence[View]:
        sentence = N_(
            "{events} events: {new} kept as evidence, {known} known already, {declared_wrong} "
            "declared wrong by their sender. {concerning} concern assets of this register. "
            "Nothing else was changed."
        )
        if dry_run:
            sentence = N_(
                "Nothing was written. {events} events: {new} would be kept as evidence, {known} "
                "are known already, {declared_wrong} would be marked as declared wrong by their "
                "sender. {concerning} concern assets of this register."
            )
        facts = output.plain(taken)
        facts.pop("entries")
        return [words.say(sentence, **facts)]

    return view
