"""Blank tags as people name them: by text, by id, or from the first to the last of a batch."""

from __future__ import annotations

from collections.abc import Sequence

from assetctl.cli.context import Context, expand
from assetctl.domain.identity import Payload, parse_payload
from assetctl.errors import AssetNotFoundError, PayloadForeignError
from assetctl.reads.blanks import between, blanks_of
from assetctl.reads.resolve import resolve

_UNTIL = ".."


def blank_tags(world: Context, references: Sequence[str]) -> list[str]:
    """Return the ids of tags: texts, ids in any spelling, `FIRST..LAST`, `-`, `@file`; each once.

    Raises:
        PayloadForeignError, PayloadForgedError, PayloadKeyError, InputError: see `Context.blank`.
        BlankMissingError, InputError: the ends of a range are no blank tags of one batch.
        FileMissingError: an `@file` is not there.
    """
    found: dict[str, None] = {}
    for reference in expand(references):
        first, until, last = reference.partition(_UNTIL)
        if not until:
            found[world.blank(reference).subject] = None
            continue
        ends = world.blank(first).subject, world.blank(last).subject
        with world.reading() as connection:
            found |= dict.fromkeys(between(connection, *ends))
    return list(found)


def is_an_asset(world: Context, reference: str) -> bool:
    """Whether a reference names an asset; what names neither that nor a blank tag is taken for one.

    So a blank tag that was bound is a tag of its asset.

    Raises:
        AssetAmbiguousError, PayloadForgedError, PayloadKeyError: see `resolve`.
    """
    if _UNTIL in reference:
        return False
    with world.reading() as connection:
        try:
            resolve(connection, [reference], keys=world.tag_keys, prefix=world.settings.gs1_prefix)
        except AssetNotFoundError:
            try:
                subject = parse_payload(reference).subject
            except PayloadForeignError:
                return True
            return not blanks_of(connection, [subject])
    return True


def signed_text(reference: str) -> Payload | None:
    """Return what a reference says that is the signed text of a tag, None for ids and aliases."""
    try:
        payload = parse_payload(reference)
    except PayloadForeignError:
        return None
    return payload if payload.is_signed else None
