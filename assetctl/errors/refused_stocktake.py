"""What a stocktake refuses: its course, its teams, what is not settled yet."""

from __future__ import annotations

from assetctl.errors.base import AssetctlError, Kind
from assetctl.i18n import N_


class StocktakeStateError(AssetctlError):
    """A stocktake may not be treated so in its state."""

    kind = Kind.REFUSED
    code = "stocktake.state"
    template = N_(
        "{stocktake_act} is not possible: stocktake {number} is {stocktake_state}; it is possible "
        "in {stocktake_states}. Nothing was recorded."
    )


class StocktakeBlindError(AssetctlError):
    """What a blind count expects is asked for while it goes on."""

    kind = Kind.REFUSED
    code = "stocktake.blind"
    template = N_(
        "What {number} expects is not shown before it was counted, except to {planner}: the count "
        "is blind. Nothing was written."
    )


class NotOnTeamError(AssetctlError):
    """Somebody counts who is on none of the teams."""

    kind = Kind.REFUSED
    code = "stocktake.not_on_team"
    template = N_(
        "{actor} is on none of the teams of {number} ({teams}). Nothing was recorded; what was "
        "scanned can be confirmed by somebody who is."
    )


class StocktakeUnsettledError(AssetctlError):
    """Something of a stocktake is not settled yet."""

    kind = Kind.REFUSED
    code = "stocktake.unsettled"
    template = N_("{stocktake_act} of {number} must wait; {count} reasons are listed below.")


class CountedHimselfError(AssetctlError):
    """Somebody who counted, or holds what differs, would decide about the results."""

    kind = Kind.REFUSED
    code = "stocktake.duties"
    template = N_("{actor} cannot decide the results of {number}: {reason}. Nothing was recorded.")


class NoDifferenceError(AssetctlError):
    """Something is explained that does not differ."""

    kind = Kind.REFUSED
    code = "stocktake.no_difference"
    template = N_(
        "Nothing was recorded: {items} differ in nothing in stocktake {number}. What differs: "
        "assetctl stocktake status {number}"
    )
