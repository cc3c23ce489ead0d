"""The history does not verify."""

from __future__ import annotations

from assetctl.errors.base import AssetctlError, Kind
from assetctl.i18n import N_


class HistoryBrokenError(AssetctlError):
    """The history, or the tables made from it, are not what the chain proves."""

    kind = Kind.UNVERIFIED
    code = "history.broken"
    template = N_(
        "The history does not verify at {subject}, entry {seq}: {problem}. Expected {expected}, "
        "got {got}."
    )


class JournalBrokenError(AssetctlError):
    """A station's journal is not what the station wrote: a line was changed, moved or taken out."""

    kind = Kind.UNVERIFIED
    code = "journal.broken"
    template = N_(
        "The journal {file} does not verify at line {line}: {problem}. Nothing was done with it. "
        "Keep the file and report it."
    )
