"""Someone else was first."""

from __future__ import annotations

from assetctl.errors.base import AssetctlError, Kind
from assetctl.i18n import N_


class SomeoneFirstError(AssetctlError):
    """The asset changed between the start of this request and its turn: someone was first."""

    kind = Kind.CONFLICT
    code = "custody.someone_first"
    template = N_(
        "{act} came second: {asset_id} is {state}, held by {holder} since {since}. Nothing changed."
    )


class SubjectChangedError(AssetctlError):
    """Two writers added the same new thing, or wrote the same next entry; this one lost."""

    kind = Kind.CONFLICT
    code = "history.conflict"
    template = N_("{subject} was written by someone else at the same moment. Try again.")


class CodeTakenError(AssetctlError):
    """A code that must be unique is already in use."""

    kind = Kind.CONFLICT
    code = "code.taken"
    template = N_("{scheme} {value!r} is already used by {holder}.")


class StandardDiffersError(AssetctlError):
    """A provision standard of the same key was adopted before and says something else."""

    kind = Kind.CONFLICT
    code = "standard.differs"
    template = N_(
        "The standard {standard} was adopted before with another value of {field}: {had}, not "
        "{wanted}. Nothing was adopted. End it (standard end) and adopt one of a later day."
    )


class RequestReusedError(AssetctlError):
    """A request id came back with a different wish than the one it was first used for."""

    kind = Kind.CONFLICT
    code = "request.reused"
    template = N_(
        "Request {request_id!r} was already used for something else ({first}). Nothing was done. "
        "Use a new request id."
    )


class SessionOpenError(AssetctlError):
    """A basket was left open at this station and nobody said what shall become of it."""

    kind = Kind.CONFLICT
    code = "session.open"
    template = N_(
        "A basket with {count} things was left open at this station. Go on with it (--resume) or "
        "drop it (--discard)."
    )


class SignerSizeError(AssetctlError):
    """A signer or witness signed another size last than it was told."""

    kind = Kind.CONFLICT
    code = "signer.other_size"
    template = N_("What was signed last had {size} entries; the proof must begin there.")


class SlotTakenError(AssetctlError):
    """A shared thing is booked by others for some of the time."""

    kind = Kind.CONFLICT
    code = "booking.taken"
    template = N_(
        "{asset_id} is booked by {unit} from {start} to {end} ({number}). Nothing was booked. See "
        "what is free: assetctl share calendar {asset_id}"
    )


class AssetPromisedError(AssetctlError):
    """The asset is promised to a document: nobody else can have it until that lets it go."""

    kind = Kind.CONFLICT
    code = "asset.promised"
    template = N_(
        "{act} is refused: {asset_id} is promised to {number}. Nothing was done. Choose another "
        "thing, or see: assetctl doc show {number}"
    )
