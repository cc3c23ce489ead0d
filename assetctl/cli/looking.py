"""Looking a text up in the register, which is told at the same time where the tag was seen."""

from __future__ import annotations

from assetctl.acts.sightings import Sighted
from assetctl.acts.sightings import sighting as sighting_of
from assetctl.cli.context import Context
from assetctl.domain.identity import parse_payload
from assetctl.domain.session import Seen
from assetctl.domain.travel import TRAVEL_MINUTES
from assetctl.errors import PayloadForeignError
from assetctl.reads.sighting import Sighting, look


def look_up(world: Context, sighting: Sighting) -> Seen:
    """Return what a text stands for, as the register knows it.

    Raises:
        StoreUnavailableError, StoreMissingError: the register cannot be asked.
    """
    with world.reading() as connection:
        seen = look(connection, world.tag_keys, sighting)
    _note_sighting(world, sighting.text, seen)
    return seen


def _note_sighting(world: Context, text: str, seen: Seen) -> None:
    """Tell the register where a genuine tag was seen: a copy shows by being in two places."""
    if seen.kind != "asset" or seen.reason not in (None, "tag.replaced"):
        return
    try:
        payload = parse_payload(text)
    except PayloadForeignError:
        return
    if payload.scheme or not payload.issue:
        return  # typed, or another scheme: it says nothing about a label
    place = world.settings.station_place or None
    sighted = Sighted(asset_id=seen.code, code=payload.subject, issue=payload.issue, place=place)
    # Two desks side by side are no two places: only a desk that knows where it stands can tell.
    minutes = TRAVEL_MINUTES if place else 0
    with world.writing() as tx:
        sighting_of(tx, seen=sighted, stamp=world.stamp(), minutes=minutes)
