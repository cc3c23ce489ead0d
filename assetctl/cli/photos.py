"""--photo: pictures of the condition of things, kept before the act that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assetctl.cli.context import Context
from assetctl.domain.photo import Photo
from assetctl.errors import FileMissingError, InputError
from assetctl.i18n import N_
from assetctl.store import blobs

ROLE = "condition"
_HEAD = 16
"""Bytes by which a picture is told from another file."""
_PICTURES = (
    (0, b"\xff\xd8\xff", "image/jpeg"), (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"), (8, b"WEBP", "image/webp"), (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"), (4, b"ftyphei", "image/heic"), (4, b"ftypmif1", "image/heif"),
    (4, b"ftypavif", "image/avif"),
)  # fmt: skip


def kept(world: Context, files: Sequence[Path] | None) -> list[Photo]:
    """Put pictures into the file store and return what they are known by; a dry run keeps none.

    Raises:
        FileMissingError: a file cannot be read.
        InputError: a file is no picture; its own beginning tells, not its name.
        StoreUnavailableError: the file store cannot be written.
    """
    types = [_media_type(file) for file in files or ()]
    photos = []
    for file, media_type in zip(files or (), types, strict=True):
        blob = blobs.keep(world.settings.blobs, file, only_measure=world.flags.dry_run)
        photos.append(
            Photo(sha256=blob.sha256, byte_count=blob.byte_count, media_type=media_type, role=ROLE)
        )
    return photos


def _media_type(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            head = opened.read(_HEAD)
    except OSError as error:
        raise FileMissingError(file=str(file)) from error
    for at, mark, media_type in _PICTURES:
        if head[at:].startswith(mark):
            return media_type
    expected = N_("a picture, such as JPEG, PNG, WebP or HEIC")
    raise InputError(field="--photo", value=str(file), expected=expected)
