"""Loans to what ends: their due day follows its end, for documents and for each thing out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from assetctl.acts import documents, loans, occasions
from assetctl.domain.request import Receipt
from assetctl.errors import (
    CodeTakenError,
    DocumentUnfitError,
    InputError,
    OccasionNotFoundError,
    RequestReusedError,
)
from assetctl.reads.occasions import occasions as listed
from assetctl.reads.trace import trace
from tests.store.office import asked, lent, loan, staff
from tests.store.world import World, race, told_apart

TODAY = datetime.now(UTC).date()


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


@pytest.fixture
def office(world: World) -> World:
    """A register where everybody has his role, and an event ends in 300 days."""
    staff(world)
    world.do(
        occasions.add_occasion, code="运动会", name="第一届运动会", ends=day(300), doc="会〔1〕号",
        stamp=world.stamp("M"),
    )  # fmt: skip
    return world


def move(world: World, ends: str, request_id: str | None = None) -> Receipt:
    return world.do(
        occasions.move_occasion, code="运动会", ends=ends, doc="会〔2〕号",
        stamp=world.stamp("M", request_id=request_id),
    )  # fmt: skip


def test_a_loan_is_due_after_the_end_though_that_is_far(office: World) -> None:
    number = lent(office, [office.asset()], event="运动会")
    assert loan(office, number).fields["due"] == day(307)
    with office.store.reading() as connection:
        (one,) = listed(connection)
    assert (one.code, one.ends, one.out) == ("运动会", day(300), 1)
    with pytest.raises(InputError):
        asked(office, [office.asset()], borrower="U2", event="运动会", due=day(20))
    with pytest.raises(OccasionNotFoundError):
        asked(office, [office.asset()], borrower="U2", event="会议", due=day(20))
    with pytest.raises(CodeTakenError):
        office.do(
            occasions.add_occasion, code="运动会", name="x", ends=day(9), doc="1",
            stamp=office.stamp("M"),
        )  # fmt: skip


@pytest.mark.parametrize("days", [310, 20, -3])
def test_moving_the_end_moves_documents_and_things(office: World, days: int) -> None:
    out, still, other = office.asset(), office.asset(), office.asset()
    number = lent(office, [out], event="运动会")
    waiting = asked(office, [still], borrower="U2", event="运动会")
    apart = lent(office, [other], due=day(30))
    move(office, day(days))
    due = day(days + 7)
    assert [loan(office, one).fields["due"] for one in (number, waiting)] == [due, due]
    assert office.row(out)["due"] == due
    assert (loan(office, apart).fields["due"], office.row(other)["due"]) == (day(30), day(30))
    assert office.kinds(f"asset:{out}")[-1] == "asset.loan_extended"
    assert office.kinds(f"asset:{still}") == ["asset.registered"]
    assert office.kinds(f"doc:{waiting}")[-1] == "doc.due_moved"
    with office.store.reading() as connection:
        told = trace(connection, [f"asset:{out}"])[-1]
    assert (told.data["from_due"], told.data["due"], told.data["doc"]) == (
        day(307), due, "会〔2〕号",
    )  # fmt: skip
    office.verify()


def test_handover_goes_by_the_day_that_was_moved(office: World) -> None:
    asset = office.asset()
    number = asked(office, [asset], borrower="U2", event="运动会")
    for who in ("H2", "M"):
        office.do(
            documents.give_opinion, number=number, verdict="agree", stamp=office.stamp(who)
        )  # fmt: skip
    move(office, day(40))
    out = {"assets": [asset], "to": "U2", "doc": number}
    with pytest.raises(DocumentUnfitError):
        office.do(loans.check_out, due=day(307), stamp=office.stamp("K"), **out)
    office.do(loans.check_out, due=day(47), stamp=office.stamp("K"), **out)
    office.do(loans.check_in, assets=[asset], stamp=office.stamp("K"))
    move(office, day(50))
    assert loan(office, number).fields["due"] == day(47), "what is done stays as it was"
    office.verify()


def test_a_thing_extended_on_its_own_keeps_its_later_day(office: World) -> None:
    asset = office.asset()
    move(office, day(10))
    number = lent(office, [asset], event="运动会")
    receipt = office.do(
        documents.draft, kind="extension", fields={"loan": number, "due": day(60)},
        assets=[asset], text="延", stamp=office.stamp("C2"),
    )  # fmt: skip
    more = receipt.events[0].subject.removeprefix("doc:")
    office.do(documents.submit, number=more, stamp=office.stamp("C2"))
    for who in ("H2", "M"):
        office.do(
            documents.give_opinion, number=more, verdict="agree", stamp=office.stamp(who)
        )  # fmt: skip
    office.do(loans.extend, assets=[asset], due=day(60), doc=more, stamp=office.stamp("K"))
    move(office, day(20))
    assert (office.row(asset)["due"], loan(office, number).fields["due"]) == (day(60), day(27))
    move(office, day(90))
    assert (office.row(asset)["due"], loan(office, number).fields["due"]) == (day(97), day(97))
    office.verify()


def test_a_repeated_request_moves_once(office: World) -> None:
    lent(office, [office.asset()], event="运动会")
    first = move(office, day(20), "R1")
    again = move(office, day(20), "R1")
    assert (len(first.events), again.repeated) == (3, True)
    with pytest.raises(RequestReusedError):
        move(office, day(21), "R1")


def test_a_draft_and_a_move_at_once_leave_no_loan_behind(office: World) -> None:
    for turn in range(4):
        asset = office.asset()

        def draft(asset: str = asset) -> Receipt:
            return office.do(
                documents.draft, kind="loan", fields={"borrower": "U2", "event": "运动会"},
                assets=[asset], text="x", stamp=office.stamp("C2"),
            )  # fmt: skip

        won, lost = told_apart(race([draft, partial(move, office, day(30 + turn))]))
        assert (len(won), lost) == (2, [])
        (made,) = (one for one in won if one.events[0].kind == "doc.drafted")
        number = made.events[0].subject.removeprefix("doc:")
        assert loan(office, number).fields["due"] == day(37 + turn)
    office.verify()


def test_a_draft_may_be_revised_to_another_event(office: World) -> None:
    number = asked(office, [office.asset()], borrower="U2", due=day(9))
    office.do(
        documents.give_opinion, number=number, verdict="return", text="写明活动",
        stamp=office.stamp("H2"),
    )  # fmt: skip
    office.do(
        documents.revise, number=number, fields={"event": "运动会"}, assets=None,
        stamp=office.stamp("C2"),
    )  # fmt: skip
    assert loan(office, number).fields == {"borrower": "U2", "due": day(307), "event": "运动会"}
    with pytest.raises(InputError):
        office.do(
            documents.revise, number=number, fields={"due": day(9)}, assets=None,
            stamp=office.stamp("C2"),
        )  # fmt: skip
    office.verify()
