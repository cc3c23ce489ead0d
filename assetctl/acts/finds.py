"""What is counted in a stocktake, entered in it: things seen, things missed, radio sweeps.

Nothing that was counted is refused for what it says: who may confirm it is judged when it is
settled. The stocktake is locked after the assets, as documents are everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assetctl.acts.authority import authority_of, must_may
from assetctl.acts.parts import in_parts, record_parts
from assetctl.acts.steps import earlier
from assetctl.domain.lifecycle import Act
from assetctl.domain.request import Receipt, Recorded, Stamp
from assetctl.domain.settling import HAND, TAGS
from assetctl.domain.stocktake import StocktakeAct, StocktakeState, must_stand
from assetctl.domain.stocktake_events import PlaceSwept, ThingsCounted
from assetctl.errors import InputError, NotOnTeamError
from assetctl.i18n import N_, one_of
from assetctl.reads.parties import find_party, need_party, need_place
from assetctl.reads.stocktakes import Stocktake, listed, need_stocktake
from assetctl.reads.stocktakes import finds as finds_of
from assetctl.store.engine import Tx
from assetctl.store.record import Fact, lock, record


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardTag:
    """A tag as a sweep heard it: to which asset it is bound, if any, when, how often, how well.

    `first` and `last` are whole seconds after the start of the sweep, `epochs` the one-second
    epochs that heard it, `rssi` the best signal in dBm, `antennas` their numbers.
    """

    epc: str
    asset_id: str
    verdict: str
    first: int
    last: int
    epochs: int
    rssi: float | None = None
    antennas: tuple[int, ...] = ()

    def row(self) -> list[Any]:
        """Return it as history writes it."""
        rssi = "" if self.rssi is None else f"{self.rssi:.1f}"
        antennas = ",".join(map(str, self.antennas))
        return [
            self.epc, self.asset_id, self.verdict, self.first, self.last, self.epochs, rssi,
            antennas,
        ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """A radio sweep of a place, judged by the counting rule.

    `raw` is the SHA-256 of the reads where they were kept; `median` and `threshold` (dBm) are None
    where the reader told no signal strength.
    """

    place: str
    reader: str
    began: str
    epochs: int
    sweeps: int
    tags: tuple[HeardTag, ...]
    median: float | None = None
    threshold: float | None = None
    raw: str | None = None


def record_finds(
    tx: Tx, number: str, finds: Sequence[dict[str, Any]], *, place: str | None, how: str,
    stamp: Stamp,
) -> tuple[Recorded, ...]:  # fmt: skip
    """Enter what was counted in a stocktake; the assets are locked already.

    Raises:
        StocktakeNotFoundError, StocktakeStateError: there is none that is being counted.
        NotOnTeamError: the actor is on none of its teams, nor of its unit when it is counted again.
    """
    one, stands, team = _counting(tx, number, stamp)
    subject = f"stocktake:{number}"
    facts: list[Fact] = [
        (subject, ThingsCounted(
            stands=stands, batch=batch, round=one.round, team=team, person=stamp.actor,
            place=place, how=how, finds=part,
        ))
        for batch, part in enumerate(in_parts(list(finds)), one.batch + 1)
    ]  # fmt: skip
    return record(tx, stamp, facts[:1]) + record_parts(tx, stamp, facts[1:])


def miss(tx: Tx, *, number: str, items: Sequence[str], stamp: Stamp) -> Receipt:
    """Record that things were looked for, each where it should be, and are not there.

    Raises:
        StocktakeNotFoundError, StocktakeStateError: there is none that is being counted.
        NotOnTeamError: the actor is on none of its teams, nor of its unit when it is counted again.
        InputError: a thing is none of this stocktake.
    """
    wish = {"how": HAND}
    again = earlier(tx, stamp, ThingsCounted.kind, [f"stocktake:{number}"], wish)
    if again:
        return again
    must_may(authority_of(tx, stamp.actor), stamp.actor, Act.COUNT)
    places = {line.asset_id: line.place for line in listed(tx.connection, number)}
    places |= _nameless(tx, number)
    finds = []
    for item in items:
        if item not in places:
            raise InputError(field="assets", value=item, expected=N_("a thing of this stocktake"))
        name = "item" if item.startswith("+") else "asset"
        finds.append({name: item, "quantity": 0, "place": places[item]})
    return Receipt(events=record_finds(tx, number, finds, place=None, how=HAND, stamp=stamp))


def find_unregistered(
    tx: Tx, *, number: str, place: str, name: str, stamp: Stamp, class_code: str | None = None,
    quantity: int = 1, tag: str | None = None, photo: str | None = None, item: str | None = None,
) -> Receipt:  # fmt: skip
    """Record a thing that has no identity: found at a place, and in no book known.

    `item` is what it was called when somebody found it before (`+BATCH.LINE`).

    Raises:
        PlaceNotFoundError: the place is not in the register.
        StocktakeNotFoundError, StocktakeStateError: there is none that is being counted.
        NotOnTeamError: the actor is on none of its teams, nor of its unit when it is counted again.
        InputError: nothing was found before as `item`.
    """
    again = earlier(tx, stamp, ThingsCounted.kind, [f"stocktake:{number}"], {"place": place})
    if again:
        return again
    must_may(authority_of(tx, stamp.actor), stamp.actor, Act.COUNT)
    need_place(tx.connection, place)
    must_be_tag(tag)
    if item is not None and item not in _nameless(tx, number):
        raise InputError(field="--item", value=item, expected=one_of(_nameless(tx, number)))
    said = {"item": item, "name": name, "class_code": class_code, "quantity": quantity, "tag": tag,
            "photo": photo}  # fmt: skip
    find = {key: value for key, value in said.items() if value is not None}
    return Receipt(events=record_finds(tx, number, [find], place=place, how=HAND, stamp=stamp))


def sweep(tx: Tx, *, number: str, report: SweepReport, stamp: Stamp) -> Receipt:
    """Record what a radio reader heard at a place: evidence, by which nothing is booked.

    Raises:
        PlaceNotFoundError: the place is not in the register.
        StocktakeNotFoundError, StocktakeStateError: there is none that is being counted.
        NotOnTeamError: the actor is on none of its teams, nor of its unit when it is counted again.
    """
    subject = f"stocktake:{number}"
    again = earlier(tx, stamp, PlaceSwept.kind, [subject], {"place": report.place})
    if again:
        return again
    must_may(authority_of(tx, stamp.actor), stamp.actor, Act.COUNT)
    need_place(tx.connection, report.place)
    one, stands, team = _counting(tx, number, stamp)
    facts: list[Fact] = []
    line = 1
    for part in in_parts([tag.row() for tag in report.tags]):
        facts.append((subject, PlaceSwept(
            stands=stands, batch=one.batch + 1, round=one.round, team=team, person=stamp.actor,
            place=report.place, reader=report.reader, began=report.began, epochs=report.epochs,
            sweeps=report.sweeps, strength=int(report.median is not None),
            median=_dbm(report.median), threshold=_dbm(report.threshold), raw=report.raw,
            line=line, tags=part,
        )))  # fmt: skip
        line += len(part)
    first = record(tx, stamp, facts[:1])
    return Receipt(events=first + record_parts(tx, stamp, facts[1:]))


def must_be_said(tx: Tx, said: Mapping[str, str]) -> None:
    """Check what was seen of things: a holder must be known, and a tag in a way that has a name.

    Raises:
        PartyNotFoundError: the holder is not in the register.
        InputError: the tag is in no such way.
    """
    if "holder" in said:
        need_party(tx.connection, said["holder"])
    must_be_tag(said.get("tag"))


def must_be_tag(tag: str | None) -> None:
    """Check that what is wrong with a tag has a name.

    Raises:
        InputError: it has none.
    """
    if tag is not None and tag not in TAGS:
        raise InputError(field="--tag", value=tag, expected=one_of(TAGS))


def _nameless(tx: Tx, number: str) -> dict[str, str]:
    """Return the things without identity that were found, and where each was found last."""
    return {one.item: one.place for one in finds_of(tx.connection, number) if one.item[0] == "+"}


def _counting(tx: Tx, number: str, stamp: Stamp) -> tuple[Stocktake, str, str]:
    lock(tx, [f"stocktake:{number}"])
    one = need_stocktake(tx.connection, number)
    stands = must_stand(StocktakeAct.COUNT, StocktakeState(one.state), number)
    team = one.team_of(stamp.actor)
    if team is None and not _may_confirm(tx, one, stamp.actor):
        teams = "; ".join(f"{team.code}: {', '.join(team.people)}" for team in one.teams)
        raise NotOnTeamError(actor=stamp.actor, number=number, teams=teams)
    return one, stands.value, team or ""


def _may_confirm(tx: Tx, one: Stocktake, actor: str) -> bool:
    """Return whether somebody on no team may confirm: whoever is on one may have counted it."""
    person = find_party(tx.connection, actor)
    return one.round > 1 and person is not None and person.unit == one.unit


def _dbm(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f}"
