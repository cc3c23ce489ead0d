"""Which key signs the acts of this process: the operator's own where it lies here, else the desk's.

The tables say which keys count now; the directory of the operator, or the place that the setting
`operator_key` names, says which of them are held.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sqlalchemy.engine import Connection

from assetctl.config import Settings
from assetctl.domain.act_signature import OPERATOR, STATION
from assetctl.domain.request import Signing, Stamp
from assetctl.i18n import N_, Phrase
from assetctl.reads.signing import standing
from assetctl.store.operator_keys import HeldKey, folder_of, held_keys, must_lie_there


class ActKeys:
    """The keys of operators and stations that lie here; each place is looked into once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held: dict[Path, list[HeldKey]] = {}
        self._told: set[Path] = set()

    def signed(self, connection: Connection, stamp: Stamp) -> tuple[Stamp, Phrase | None]:
        """Return a stamp with the newest key that counts for it, and what is to be told, once.

        Raises:
            KeyMissingError: there is nothing where the settings say that the key lies.
        """
        place = self._place_of(stamp.actor)
        desk = folder_of(self._settings.stations, stamp.station)
        known = standing(
            connection, operator=stamp.actor, station=stamp.station, rec=stamp.rec
        )  # fmt: skip
        signing = self._signing(OPERATOR, place, known.operator)
        told = None
        if signing is None and self._held_at(place) and place not in self._told:
            self._told.add(place)
            told = Phrase(
                N_("Not signed by {operator}: the key in {place} is not one that counts here. "
                   "Have one made: assetctl key make operator {operator}"),
                operator=stamp.actor, place=place,
            )  # fmt: skip
        signing = signing or self._signing(STATION, desk, known.station)
        return replace(stamp, signing=signing, must_sign=known.since), told

    def _signing(
        self, purpose: str, place: Path, counting: dict[str, tuple[str, str]]
    ) -> Signing | None:
        if not counting:
            return None
        fit = [
            (counting[one.public], one) for one in self._held_at(place) if one.public in counting
        ]
        if not fit:
            return None
        (_made, code), key = max(fit, key=lambda pair: pair[0])
        return Signing(by=code, purpose=purpose, sign=key.hand())

    def _place_of(self, operator: str) -> Path:
        given = self._settings.operator_key
        if given and operator == self._settings.operator:
            place = Path(given).expanduser()
            must_lie_there(place)
            return place
        return folder_of(self._settings.operators, operator)

    def _held_at(self, place: Path) -> list[HeldKey]:
        if place not in self._held:
            self._held[place] = held_keys(place)
        return self._held[place]
