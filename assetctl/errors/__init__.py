"""Every way to fail: a kind, a stable code, and a sentence made from the facts of the case.

An error never prints, exits or reads a context. Each edge maps `kind` once, the command line to
an exit code. Codes never change their meaning.
"""

from __future__ import annotations

from assetctl.errors.base import AssetctlError, Fault, Kind
from assetctl.errors.conflict import (
    CodeTakenError,
    RequestReusedError,
    SomeoneFirstError,
    SubjectChangedError,
)
from assetctl.errors.invalid import (
    AssetIdError,
    CanonicalError,
    ConfigError,
    FileFormatError,
    ImportFaultsError,
    InputError,
    LabelRefusedError,
    MoneyError,
    PayloadForeignError,
    UsccError,
)
from assetctl.errors.not_found import (
    AssetAmbiguousError,
    AssetNotFoundError,
    ClassNotFoundError,
    FileMissingError,
    PartyNotFoundError,
    PlaceNotFoundError,
    TagNotFoundError,
)
from assetctl.errors.refused import (
    ActRefusedError,
    DateOrderError,
    DocumentRequiredError,
    FieldFrozenError,
    NothingToCorrectError,
    PayloadForgedError,
    ReceiverError,
    SamePartyError,
    TagIssuesSpentError,
    TagStateError,
    WrongPartyError,
)
from assetctl.errors.unavailable import (
    KeyMissingError,
    PartMissingError,
    PayloadKeyError,
    StoreMissingError,
    StoreNewerError,
    StoreOutdatedError,
    StoreUnavailableError,
)
from assetctl.errors.unverified import (
    HistoryBrokenError,
)

__all__ = [
    "ActRefusedError",
    "AssetAmbiguousError",
    "AssetIdError",
    "AssetNotFoundError",
    "AssetctlError",
    "CanonicalError",
    "ClassNotFoundError",
    "CodeTakenError",
    "ConfigError",
    "DateOrderError",
    "DocumentRequiredError",
    "Fault",
    "FieldFrozenError",
    "FileFormatError",
    "FileMissingError",
    "HistoryBrokenError",
    "ImportFaultsError",
    "InputError",
    "KeyMissingError",
    "Kind",
    "LabelRefusedError",
    "MoneyError",
    "NothingToCorrectError",
    "PartMissingError",
    "PartyNotFoundError",
    "PayloadForeignError",
    "PayloadForgedError",
    "PayloadKeyError",
    "PlaceNotFoundError",
    "ReceiverError",
    "RequestReusedError",
    "SamePartyError",
    "SomeoneFirstError",
    "StoreMissingError",
    "StoreNewerError",
    "StoreOutdatedError",
    "StoreUnavailableError",
    "SubjectChangedError",
    "TagIssuesSpentError",
    "TagNotFoundError",
    "TagStateError",
    "UsccError",
    "WrongPartyError",
]
