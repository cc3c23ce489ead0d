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
