"""Before something is bought, what there is must have been looked at; here the rules say no."""

from __future__ import annotations

from assetctl.errors.base import AssetctlError, Kind
from assetctl.i18n import N_


class NotSearchedError(AssetctlError):
    """Nothing was searched for a need yet."""

    kind = Kind.REFUSED
    code = "sourcing.not_searched"
    template = N_("Nothing was searched for {number} yet; see: assetctl source search {number}")


class SearchStaleError(AssetctlError):
    """Things that may be had came since the newest search."""

    kind = Kind.REFUSED
    code = "sourcing.stale"
    template = N_(
        "{count} things for {number} came since search {search}, such as {asset_id}. Search again "
        "first: assetctl source search {number}"
    )


class NoCandidateError(AssetctlError):
    """A thing cannot be taken, refused or judged as a candidate."""

    kind = Kind.REFUSED
    code = "sourcing.no_candidate"
    template = N_(
        "Search {search} for {number} does not allow this for {asset_id}: {reason}. Nothing was "
        "done."
    )


class CandidatesUnjudgedError(AssetctlError):
    """It cannot be certified what is lacking while something may still be had."""

    kind = Kind.REFUSED
    code = "sourcing.unjudged"
    template = N_("{number} cannot be certified yet; {count} reasons are listed below.")


class AlreadyCertifiedError(AssetctlError):
    """The newest search was certified before."""

    kind = Kind.REFUSED
    code = "sourcing.certified"
    template = N_(
        "Search {search} for {number} was certified before ({certificate}). Search again for a new "
        "certificate."
    )


class CertificateExpiredError(AssetctlError):
    """A certificate no longer lets anything be bought."""

    kind = Kind.REFUSED
    code = "sourcing.expired"
    template = N_(
        "{certificate} was valid until {valid_until}. Search and certify anew: assetctl source "
        "search {number}"
    )


class CertificateReplacedError(AssetctlError):
    """A newer search or certificate has taken the place of this one."""

    kind = Kind.REFUSED
    code = "sourcing.replaced"
    template = N_("{certificate} no longer counts: search {search} for {number} is newer.")


class PurchaseTooManyError(AssetctlError):
    """More would be bought than the certificate says is lacking."""

    kind = Kind.REFUSED
    code = "sourcing.over_quantity"
    template = N_(
        "{quantity} are more than {certificate} allows: {unmet} are lacking and {bought} of them "
        "bought, so {left} are left. Nothing was done."
    )


class PurchaseTooDearError(AssetctlError):
    """The price is above what the provision standard allows."""

    kind = Kind.REFUSED
    code = "sourcing.over_price"
    template = N_(
        "{price} yuan each is more than {price_cap}, which {standard} allows. Give the number of "
        "the reply that allows it, or buy for less."
    )
