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


class FileMissingError(AssetctlError):
    """A file named on the command line is not there."""

    kind = Kind.NOT_FOUND
    code = "file.not_found"
    template = N_("There is no file {file}.")


class SubjectNotFoundError(AssetctlError):
    """Nothing of this subject stands in the sealed log."""

    kind = Kind.NOT_FOUND
    code = "subject.not_found"
    template = N_("Nothing of {subject} stands in the sealed log. Seal first: assetctl seal")
