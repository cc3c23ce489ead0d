"""export dossier and export proof: what an auditor takes along, and checks without us."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Sequence
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import typer

from assetctl.cli import clock, timeline
from assetctl.cli.context import Context
from assetctl.cli.files import write_file
from assetctl.cli.lists import exports
from assetctl.cli.output import Answer, Table, Words
from assetctl.cli.sealing import seal_log, sign_log, snapshot_log
from assetctl.cli.views import codes_in, entries_table, lines
from assetctl.domain import chain
from assetctl.domain.identity import display_id
from assetctl.errors import AttachmentBrokenError, LabelRefusedError
from assetctl.i18n import N_, Phrase
from assetctl.reads.dossier import Dossier, Proven, completeness_json, dossier, proof_of
from assetctl.reads.log_keys import log_keys
from assetctl.reads.parties import names_of
from assetctl.reads.trace import trace
from assetctl.store import blobs

if TYPE_CHECKING:
    from assetctl.reads.trace import Entry

app = exports
groups = {"export": exports}

Members = Iterator[tuple[str, bytes]]


@exports.command("dossier")
def dossier_(
    ctx: typer.Context,
    subject: Annotated[
        str,
        typer.Argument(metavar="ASSET", help=N_("Id, alias or tag text; or place:W1 ….")),
    ],
    *,
    out: Annotated[Path, typer.Option(help=N_("ZIP file to write."))],
    names: Annotated[
        bool,
        typer.Option("--names/--no-names", help=N_("Whether personal data goes along.")),
    ] = True,
    fresh: Annotated[
        bool,
        typer.Option("--fresh/--as-signed", help=N_("Seal, take a snapshot and sign first.")),
    ] = True,
) -> Answer:
    """Write everything about one asset so that anybody can check it, without network or us."""
    world: Context = ctx.obj
    wanted = _subject(world, subject)
    if fresh:
        seal_log(world)
        snapshot_log(world)
        seal_log(world)
        sign_log(world)
    with world.reading() as connection:
        found = dossier(connection, wanted)
        entries = trace(connection, [wanted])[: len(found.entries)]
        if not names:
            entries = [_without_names(one) for one in entries]
        known = names_of(connection, codes_in(entries)) if names else {}
    table = entries_table(_title(wanted), entries, known, world.words)
    members = [*_members(world, found, names=names), *_reading(world, found, table)]
    write_file(out, _zip(members))
    proven = found.completeness.seq if found.completeness else 0
    data = {"out": str(out), "subject": wanted, "entries": len(found.entries),
            "complete_to": proven, "size": found.checkpoint.head.size, "later": found.later,
            "files": len(found.files)}  # fmt: skip
    return Answer(
        data=data,
        view=lines(
            lambda words: words.say(
                N_("{count} entries went to {out}, proven to a log of {size}. Check it with: "
                   "python3 verify.py {out}"),
                count=len(found.entries), out=out, size=found.checkpoint.head.size,
            )
        ),
        findings=bool(found.later),
    )  # fmt: skip


@exports.command("proof")
def proof(
    ctx: typer.Context,
    event: Annotated[str, typer.Argument(metavar="EVENT", help=N_("Id of an entry: trace."))],
    *,
    out: Annotated[Path, typer.Option(help=N_("Proof to write (.tlog-proof)."))],
) -> Answer:
    """Write the proof that one entry stands in the log, and the entry beside it (.json)."""
    world: Context = ctx.obj
    with world.reading() as connection:
        found = proof_of(connection, event)
    write_file(out, str(found.proof).encode())
    write_file(out.with_suffix(".json"), found.entry)
    data = {"out": str(out), "index": found.index, "bytes": len(str(found.proof).encode())}
    return Answer(data=data, view=lines(lambda _words: str(out)))


def _subject(world: Context, text: str) -> str:
    sort = text.partition(":")[0]
    if sort in ("asset", "party", "place", "class", "key", "blank") and ":" in text:
        return text
    return f"asset:{world.ids([text])[0]}"


def _title(subject: str) -> str:
    sort, _, code = subject.partition(":")
    return display_id(code) if sort == "asset" else subject


def _members(world: Context, found: Dossier, *, names: bool) -> Members:
    """Give what is proven, in the order of docs/dossier.md."""
    yield "dossier.json", _manifest(found)
    yield "checkpoint", str(found.checkpoint.note).encode()
    yield "policy", policy_text(world)
    yield from _proven("genesis", found.genesis)
    for one in found.entries:
        yield f"entries/{one.seq:06}.json", one.entry
        yield f"proofs/{one.seq:06}.tlog-proof", str(one.proof).encode()
    for code, entries in found.keys.items():
        for one in entries:
            yield from _proven(f"keys/{code}/{one.seq:06}", one)
    if names:
        yield "disclosures.txt", "".join(f"{one}\n" for one in found.disclosures).encode()
    if found.completeness is not None:
        yield from _proven("snapshot", found.completeness.snapshot)
        yield "completeness.json", completeness_json(found.completeness)
    for file in found.files:
        fault = blobs.problem(world.settings.blobs, file.sha256)
        if fault is not None:
            raise AttachmentBrokenError(sha256=file.sha256, fault=fault)
        data = blobs.path_of(world.settings.blobs, file.sha256).read_bytes()
        yield _file_name(file.sha256, file.media_type), data


def _reading(world: Context, found: Dossier, table: Table) -> Members:
    """Give what is for reading, and the program that checks the rest."""
    from labels import LabelError, find_font

    words = world.words
    above = _above(found, words)
    yield "timeline.html", timeline.html(table, above, words)
    try:
        font = find_font(world.settings.font or None)
        yield "timeline.pdf", timeline.pdf(table, above, words, font=font, created=clock.now())
    except LabelError as error:
        raise LabelRefusedError(
            reason=Phrase(error.template, **error.facts), label_code=error.code
        ) from error
    yield "README.txt", _readme(found).encode()
    yield "verify.py", verifier()


def verifier() -> bytes:
    """Return the verifier that is one file."""
    return files("assetctl").joinpath("offline/verify.py").read_bytes()


def _manifest(found: Dossier) -> bytes:
    return chain.canonical({
        "_": "assetctl/dossier@1", "subject": found.subject, "origin": found.origin,
        "size": found.checkpoint.head.size, "made": chain.instant(clock.now()),
        "entries": len(found.entries), "snapshot": found.completeness is not None,
        "files": [{"name": _file_name(one.sha256, one.media_type), "sha256": one.sha256,
                   "role": one.role} for one in found.files],
    })  # fmt: skip


def policy_text(world: Context) -> bytes:
    """Return the register's policy; where there is none, the one that its genesis entry implies."""
    if world.settings.policy.exists():
        return world.settings.policy.read_bytes()
    with world.reading() as connection:
        return str(log_keys(connection).policy()).encode()


def _proven(name: str, one: Proven) -> Members:
    yield f"{name}.json", one.entry
    yield f"{name}.tlog-proof", str(one.proof).encode()


def _file_name(sha256: str, media_type: str) -> str:
    return f"files/{sha256}{mimetypes.guess_extension(media_type) or '.bin'}"


def _above(found: Dossier, words: Words) -> list[str]:
    say = words.say
    complete = (
        say(N_("Complete up to entry {seq}."), seq=found.completeness.seq)
        if found.completeness
        else say(N_("Whether this is all is not proven: there is no snapshot."))
    )
    return [
        say(N_("Log {origin}, {size} leaves"), origin=found.origin,
            size=found.checkpoint.head.size),
        complete,
        say(N_("This page is for reading; verify.py checks what it is made from.")),
    ]  # fmt: skip


def _readme(found: Dossier) -> str:
    return (
        f"{found.subject}\n{found.origin}\n\n"
        "本卷宗载有一项资产的全部历史及其证明。核验方法（不需要网络，也不需要本系统）：\n"
        "    python3 verify.py 本文件.zip\n"
        "最好使用您自己保存的 verify.py 和 policy：\n"
        "    python3 verify.py 本文件.zip --policy 您的policy\n\n"
        "This file holds the whole history of one thing and the proofs of it. To check it, without "
        "network and without us:\n"
        "    python3 verify.py THIS.zip\n"
        "Better with your own copies of verify.py and policy:\n"
        "    python3 verify.py THIS.zip --policy YOUR-POLICY\n"
    )


def _without_names(entry: Entry) -> Entry:
    from dataclasses import replace

    return replace(entry, disclosed={})


def _zip(members: Sequence[tuple[str, bytes]]) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(ZipInfo(name), data, ZIP_DEFLATED)
    return out.getvalue()
