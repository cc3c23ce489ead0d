"""A picture that is evidence, known by the hash of its bytes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A picture kept in the file store: the SHA-256 of its bytes in hex, and what it is.

    `role` is what it shows: `condition`, how a thing looked when it changed hands, or `scan`, the
    frame its tag was read in.
    """

    sha256: str
    byte_count: int
    media_type: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LostPhoto:
    """A picture of a thing that was to be attached and could not be.

    `problem` says why: `missing`, the file is gone, or `altered`, it holds other bytes.
    """

    asset_id: str
    sha256: str
    problem: str
