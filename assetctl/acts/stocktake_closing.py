"""Close a stocktake: book what was approved by acts of their own, then seal it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.acts import handovers
from assetctl.acts.register import NewAsset, correct, register
from assetctl.acts.steps import earlier, lock_assets
from assetctl.acts.stocktakes import running
from assetctl.domain.lifecycle import Custody, State
from assetctl.domain.request import Receipt, Recorded, Stamp
from assetctl.domain.settling import ADJUST, MISSING, OFF_BOOK, WRONG_PLACE, WRONG_STATE
from assetctl.domain.stocktake import AWAY, StocktakeAct
from assetctl.domain.stocktake_events import ResultsSubmitted, StocktakeClosed
from assetctl.domain.stocktake_results import Result
from assetctl.errors import SubjectChangedError
from assetctl.reads.stocktakes import Reason, Stocktake, need_stocktake, reasons, results
from assetctl.store.engine import Tx
from assetctl.store.lists import among
from assetctl.store.record import lock, record
from assetctl.store.tables import asset, history

REPORT_MISSING, REPORT_FOUND, MOVE, GRADE, REGISTER = (
    "report_missing", "report_found", "move", "grade", "register",
)  # fmt: skip
"""What closing may book, as it is counted in the last entry."""

_ELSEWHERE = frozenset({*AWAY, State.DISPOSED.value})
_SUBMITTED = (
    sa.select(sa.func.max(history.c.recorded_at))
    .where(history.c.subject == sa.bindparam("subject"), history.c.kind == ResultsSubmitted.kind)
    .scalar_subquery()
)
_CHANGED = sa.select(asset.c.asset_id).where(
    among(asset.c.asset_id, "wanted"), asset.c.changed_at > _SUBMITTED
)
"""Both are when it was recorded: results may be submitted for an earlier day."""


def close(
    tx: Tx, *, number: str, stamp: Stamp, new_asset_id: Callable[[], str]
) -> Receipt:  # fmt: skip
    """Book the approved differences and seal the stocktake: nothing can be added to it any more.

    Missing things are reported missing (盘亏待核实), found ones found, misplaced ones moved, what
    was graded anew is corrected, things without identity are registered; each under the number of
    the stocktake, all in one transaction. What somebody changed after the results were submitted is
    left alone and named. A wrong holder is settled by a hand-over of the two, a damaged tag by a
    new label, a surplus of another unit by that unit: closing books none of them.

    Raises:
        StocktakeNotFoundError, StocktakeStateError: there is none that is approved.
        ActDeniedError, DutiesMixedError: it is for somebody else.
        ActRefusedError: the lifecycle does not allow what should be booked.
        AssetctlError: a thing cannot be registered so; see `register`.
    """
    subject = f"stocktake:{number}"
    again = earlier(tx, stamp, StocktakeClosed.kind, [subject], {})
    if again:
        return again
    before = need_stocktake(tx.connection, number)
    found = results(tx.connection, number, before.submission)
    wanted = [each for each in found if each.treatment == ADJUST]
    # Assets are locked before what is about them everywhere, so that nobody waits in a circle.
    now = lock_assets(tx, [each.item for each in wanted if not each.item.startswith("+")])
    one, stands = running(tx, StocktakeAct.CLOSE, number, stamp)
    if one.submission != before.submission:
        raise SubjectChangedError(subject=subject)
    said = reasons(tx.connection, number)
    overtaken = _overtaken(tx.connection, wanted, subject)
    done = _Booking(tx, one, stamp, {custody.asset_id: custody for custody in now})
    done.book([each for each in wanted if each.item not in overtaken])
    for each in wanted:
        if OFF_BOOK in each.kinds:
            done.register(each, said[each.item], new_asset_id)
    lock(tx, [subject])
    event = StocktakeClosed(
        stands=stands, person=stamp.actor, list_sheet=one.sheet or "",
        sheet=one.result_sheet or "", adjusted=done.counts, overtaken=sorted(overtaken),
        registered=done.registered,
    )  # fmt: skip
    return Receipt(events=(*done.events, *record(tx, stamp, [(subject, event)])))


class _Booking:
    """What closing carries out, group by group, each known again by an id of its own."""

    def __init__(
        self, tx: Tx, one: Stocktake, stamp: Stamp, now: Mapping[str, Custody]
    ) -> None:  # fmt: skip
        self._tx = tx
        self._one = one
        self._stamp = stamp
        self._now = now
        self.events: list[Recorded] = []
        self.counts: dict[str, int] = {}
        self.registered: list[list[str]] = []

    def book(self, wanted: Sequence[Result]) -> None:
        """Book what differs of things that have an identity."""
        number = self._one.number
        # What somebody has put right meanwhile is right already.
        known = [(one, self._now[one.item]) for one in wanted if one.item in self._now]
        lost = [one.item for one, now in known if _is_lost(one, now)]
        if lost:
            self._done(REPORT_MISSING, handovers.report_missing(
                self._tx, assets=lost, doc=number, stamp=self._part("missing")
            ), len(lost))  # fmt: skip
        for place, items in _by_place(one for one, now in known if _is_back(one, now)):
            self._done(REPORT_FOUND, handovers.report_found(
                self._tx, assets=items, place=place, doc=number, stamp=self._part(f"found:{place}")
            ), len(items))  # fmt: skip
        for place, items in _by_place(one for one, now in known if _is_misplaced(one, now)):
            self._done(MOVE, handovers.move(
                self._tx, assets=items, to=place, doc=number, stamp=self._part(f"move:{place}")
            ), len(items))  # fmt: skip
        for one in (one for one, now in known if _is_graded_anew(one, now)):
            self._done(GRADE, correct(
                self._tx, asset_id=one.item, changes={"condition": one.found_condition},
                doc=number, stamp=self._part(f"grade:{one.item}"),
            ), 1)  # fmt: skip

    def register(self, one: Result, reason: Reason, new_asset_id: Callable[[], str]) -> None:
        """Take a thing into the register that was in no book (盘盈入账)."""
        card = dict(reason.card)
        new = NewAsset(
            name=card.pop("name", "") or one.name, class_code=card.pop("class_code"),
            owner=self._one.unit, place=one.found_place, doc=self._one.number,
            condition=one.found_condition or None,
            values={"acquired_by": "surplus", **card},
        )  # fmt: skip
        receipt = register(
            self._tx, new=new, stamp=self._part(f"register:{one.item}"), new_asset_id=new_asset_id
        )
        self._done(REGISTER, receipt, 1)
        self.registered.append([one.item, receipt.events[0].subject.removeprefix("asset:")])

    def _part(self, name: str) -> Stamp:
        return replace(self._stamp, request_id=f"{self._stamp.request_id}:{name}")

    def _done(self, what: str, receipt: Receipt, count: int) -> None:
        self.events += receipt.events
        self.counts[what] = self.counts.get(what, 0) + count


def _is_lost(one: Result, now: Custody) -> bool:
    """Whether all that a card stands for is missing, and was not reported so before.

    Where a part is missing the card stays: what of its value is lost is for people to say.
    """
    told = (State.MISSING, State.DISPOSED)
    return MISSING in one.kinds and one.found == "0" and now.state not in told


def _is_back(one: Result, now: Custody) -> bool:
    return bool(one.found_place) and now.state is State.MISSING


def _is_misplaced(one: Result, now: Custody) -> bool:
    """Whether a thing stands elsewhere than the register says, and nobody else answers for it."""
    if WRONG_PLACE not in one.kinds or now.state in (*_ELSEWHERE, State.MISSING):
        return False
    return bool(one.found_place) and now.place != one.found_place


def _is_graded_anew(one: Result, now: Custody) -> bool:
    if WRONG_STATE not in one.kinds or now.state in _ELSEWHERE or not one.found_condition:
        return False
    return now.condition != one.found_condition


def _by_place(found: Iterable[Result]) -> list[tuple[str, list[str]]]:
    places: dict[str, list[str]] = defaultdict(list)
    for one in found:
        places[one.found_place].append(one.item)
    return sorted(places.items())


def _overtaken(connection: Connection, wanted: Sequence[Result], subject: str) -> set[str]:
    parameters = {"wanted": [one.item for one in wanted], "subject": subject}
    return {item for (item,) in connection.execute(_CHANGED, parameters)}
