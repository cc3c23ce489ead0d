"""audit redact: erase personal data under a document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer

from assetctl.acts import redaction
from assetctl.acts.cells import fold
from assetctl.acts.values import words_of
from assetctl.cli.audit_options import text_of
from assetctl.cli.audit_views import erasable_table
from assetctl.cli.context import Context
from assetctl.cli.output import Answer, Words
from assetctl.cli.views import receipt_answer
from assetctl.domain.redaction import CAUSES
from assetctl.domain.request import Receipt
from assetctl.errors import InputError, NothingToEraseError
from assetctl.i18n import N_, one_of
from assetctl.reads.erasable import Erasable
from assetctl.store import blobs
from assetctl.store.redact import scrub

_EVENT = re.compile(r"[0-9a-f]{32}")


def redact(
    ctx: typer.Context,
    target: Annotated[
        str,
        typer.Argument(
            metavar="EVENT|SUBJECT",
            help=N_("Id of an entry; or a subject: party:0002, place:W1, an asset."),
        ),
    ],
    *,
    doc: Annotated[str, typer.Option(help=N_("Number of the document that orders it."))],
    path: Annotated[
        list[str] | None,
        typer.Option(
            help=N_("What to erase: person_name, note, title …; sha256 erases an attached file.")
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help=N_("Every name and text there; files only by --path."))
    ] = False,
    reason: Annotated[
        str | None, typer.Option(help=N_("A code: request, retention, mistake or order."))
    ] = None,
) -> Answer:
    """Erase personal data for good: names, free text, titles, files; the history still verifies.

    That it was erased, from where and under which document, stays in the history. Backups and
    copies made before keep it until they are thinned out. See first with --dry-run.
    """
    world: Context = ctx.obj
    if bool(path) == everything:
        raise InputError(field="--path", value="", expected=N_("given, or else --all"))
    paths = tuple(text_of(one) or "" for one in path or ())
    cause = _cause(reason)
    wanted, found = _chosen(world, target, paths)
    if found:
        question = N_("Erase {count} pieces of personal data for good? This cannot be undone.")
        world.confirm(question, count=len(found))
    with world.writing() as tx:
        receipt = redaction.redact(tx, target=wanted, doc=doc, cause=cause, stamp=world.stamp())
    if world.flags.dry_run:
        return _dry_answer(receipt, found)
    folder = world.settings.blobs
    files = {digest: blobs.erase(folder, digest) for digest in redaction.files_of(receipt)}
    return _answer(receipt, files, clean=scrub(world.store))


def _chosen(
    world: Context, reference: str, paths: tuple[str, ...]
) -> tuple[redaction.Target, list[Erasable]]:
    """Return what is meant and, unless the request was carried out before, what would go."""
    event_id = reference if _EVENT.fullmatch(reference) else None
    subject = "" if event_id else world.subjects([reference])[0]
    with world.reading() as connection:
        wanted = redaction.target_of(connection, event_id=event_id, subject=subject, paths=paths)
        try:
            return wanted, redaction.chosen(connection, wanted)
        except NothingToEraseError:
            if world.flags.request_id is None:
                raise
            return wanted, []  # perhaps this very request has erased it already


def _dry_answer(receipt: Receipt, found: Sequence[Erasable]) -> Answer:
    answer = receipt_answer(receipt, found=found)
    return replace(answer, view=lambda words: [erasable_table(found, words)])


def _answer(receipt: Receipt, files: dict[str, bool], *, clean: bool) -> Answer:
    answer = receipt_answer(receipt, files=files, clean=clean)

    def remarks(words: Words) -> Sequence[str]:
        told = [
            words.say(N_("The file {digest} does not lie at this desk; erase it where it does, "
                         "audit gaps finds it there."), digest=digest[:16])
            for digest, was_here in files.items() if not was_here
        ]  # fmt: skip
        if not clean:
            told.append(words.say(N_(
                "The database may keep deleted bytes until its log is reused and its tables are "
                "vacuumed."
            )))  # fmt: skip
        told.append(words.say(N_("Backups and exports made before still hold what was erased.")))
        return told

    return replace(answer, remarks=remarks)


def _cause(given: str | None) -> str | None:
    if given is None:
        return None
    cause = words_of("cause", CAUSES).get(fold(given))
    if cause is None:
        raise InputError(field="--reason", value=given, expected=one_of(CAUSES))
    return cause
