"""Something named is not there."""

from __future__ import annotations

from assetctl.errors.base import AssetctlError, Kind
from assetctl.i18n import N_


class AssetNotFoundError(AssetctlError):
    """No asset answers to this reference."""

    kind = Kind.NOT_FOUND
    code = "asset.not_found"
    template = N_("No asset answers to {reference!r}. Nearest: {nearest}.")


class AssetAmbiguousError(AssetctlError):
    """Several assets answer to this reference."""

    kind = Kind.NOT_FOUND
    code = "asset.ambiguous"
    template = N_("Several assets answer to {reference!r}: {candidates}. Name one by its id.")


class PartyNotFoundError(AssetctlError):
    """No unit, person or vendor has this code."""

    kind = Kind.NOT_FOUND
    code = "party.not_found"
    template = N_("There is no party {party!r}. Nearest: {nearest}. Add it with: party add")


class PlaceNotFoundError(AssetctlError):
    """No place has this code."""

    kind = Kind.NOT_FOUND
    code = "place.not_found"
    template = N_("There is no place {place!r}. Nearest: {nearest}. Add it with: place add")


class ClassNotFoundError(AssetctlError):
    """No asset class has this code in the scheme."""

    kind = Kind.NOT_FOUND
    code = "class.not_found"
    template = N_(
        "There is no asset class {class_code!r} in scheme {scheme}. Nearest: {nearest}. "
        "Load the catalogue with: import classes FILE"
    )


class TagNotFoundError(AssetctlError):
    """The asset carries no such tag."""

    kind = Kind.NOT_FOUND
    code = "tag.not_found"
    template = N_("{asset_id} carries no {carrier} tag that could be changed.")


class BadgeMissingError(AssetctlError):
    """A place has no tag, or a person no card, that counts."""

    kind = Kind.NOT_FOUND
    code = "badge.not_found"
    template = N_("{holder} has no tag or card that counts.")


class BlankMissingError(AssetctlError):
    """Ids or texts were given for blank tags that were never issued as such."""

    kind = Kind.NOT_FOUND
    code = "blank.not_found"
    template = N_("{count} of the tags were never issued as blank tags: {tags}. Nothing was done.")


class FileMissingError(AssetctlError):
    """A file named on the command line is not there."""

    kind = Kind.NOT_FOUND
    code = "file.not_found"
    template = N_("There is no file {file}.")


class LogUnknownError(AssetctlError):
    """A witness was asked about a log whose key it does not trust."""

    kind = Kind.NOT_FOUND
    code = "witness.log_unknown"
    template = N_(
        "This witness does not know the log {origin!r}. Nothing was signed. Once its key has come "
        "by a way you trust: assetctl witness trust KEY"
    )


class SubjectNotFoundError(AssetctlError):
    """Nothing of this subject stands in the sealed log."""

    kind = Kind.NOT_FOUND
    code = "subject.not_found"
    template = N_("Nothing of {subject} stands in the sealed log. Seal first: assetctl seal")


class EntryNotFoundError(AssetctlError):
    """No entry of the history, and no subject, is named like this."""

    kind = Kind.NOT_FOUND
    code = "history.not_found"
    template = N_("The history has no entry and no subject {reference!r}.")


class NothingToEraseError(AssetctlError):
    """Nothing personal of that name is there to erase."""

    kind = Kind.NOT_FOUND
    code = "redaction.nothing"
    template = N_(
        "Nothing of the kind is there to erase from {reference}: {paths}. There is: {there}. "
        "Nothing was changed."
    )


class StandardNotFoundError(AssetctlError):
    """No provision standard has this key."""

    kind = Kind.NOT_FOUND
    code = "standard.not_found"
    template = N_("There is no standard {standard}. Those adopted: assetctl standard list")


class KeyNotFoundError(AssetctlError):
    """The register notes no key with this code."""

    kind = Kind.NOT_FOUND
    code = "key.not_found"
    template = N_("The register notes no key {key}. Those it notes: assetctl key list")


class DocumentNotFoundError(AssetctlError):
    """No document has this number."""

    kind = Kind.NOT_FOUND
    code = "document.not_found"
    template = N_("There is no document {number}. Those there are: assetctl doc list")


class StocktakeNotFoundError(AssetctlError):
    """No stocktake has this number."""

    kind = Kind.NOT_FOUND
    code = "stocktake.not_found"
    template = N_("There is no stocktake {number}. Those there are: assetctl stocktake list")


class BookingNotFoundError(AssetctlError):
    """No booking has this number."""

    kind = Kind.NOT_FOUND
    code = "booking.not_found"
    template = N_("There is no booking {number}. Those there are: assetctl share calendar")


class OccasionNotFoundError(AssetctlError):
    """No temporary body or activity has this code."""

    kind = Kind.NOT_FOUND
    code = "occasion.not_found"
    template = N_(
        "There is no event or temporary body {occasion}. Those there are: assetctl loan event list"
    )


class ChainMissingError(AssetctlError):
    """The rules of the office name no chain that decides such a document."""

    kind = Kind.NOT_FOUND
    code = "rules.no_chain"
    template = N_(
        "The rules {title} name no chain that decides {doc_kind} of {value} yuan. Nothing was "
        "done. See: assetctl warehouse rules show"
    )
