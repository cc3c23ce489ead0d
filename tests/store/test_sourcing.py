"""Needs on both databases: two at once, stale searches, and tables that history says again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
import sqlalchemy as sa

from assetctl.acts import certificates, documents, parties, roles, sourcing
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.sourcing import CONFIRMED, OVERRULED
from assetctl.domain.standards import CENTRE, Standard, in_force
from assetctl.errors import (
    AlreadyCertifiedError,
    AssetPromisedError,
    CandidatesUnjudgedError,
    CertificateExpiredError,
    DocumentRefusedError,
    DocumentStateError,
    DutiesMixedError,
    HistoryBrokenError,
    NoCandidateError,
    PurchaseTooManyError,
    RequestReusedError,
    SearchStaleError,
)
from assetctl.reads.documents import need_document
from assetctl.reads.log import head_of
from assetctl.reads.quotas import price_cap_of
from assetctl.reads.sourcing import Evidence, Search, evidence, needs
from assetctl.store.tables import history
from tests.store.world import World, race, told_apart

PEOPLE = {
    "C2": ("U2", "asset_clerk"), "H2": ("U2", "unit_head"), "F2": ("U2", "unit_finance"),
    "C3": ("U3", "asset_clerk"), "H3": ("U3", "unit_head"), "F3": ("U3", "unit_finance"),
    "M1": ("U1", "warehouse_manager"), "M2": ("U1", "warehouse_manager"),
}  # fmt: skip


@pytest.fixture
def office(world: World) -> World:
    """A register with three units, their people, and three computers in the warehouse."""
    world.do(parties.add_party, code="U3", kind="unit", name="丙镇人民政府", unit=None)
    for code, (unit, role) in PEOPLE.items():
        world.do(parties.add_party, code=code, kind="person", name=code, unit=unit)
        world.do(roles.appoint, code=code, role=role)
    keeper(world, "K1")
    for _ in range(3):
        world.asset(stamp=world.stamp("K1"))
    return world


def keeper(world: World, code: str) -> None:
    world.do(parties.add_party, code=code, kind="person", name=code, unit="U1")
    world.do(roles.appoint, code=code, role="warehouse_keeper")


def by(world: World, person: str, act: Any, **wish: Any) -> Receipt:
    """Carry out an act as a person."""
    done: Receipt = world.do(act, **{"stamp": world.stamp(person)} | wish)
    return done


def need(world: World, unit: str = "2", quantity: int = 5) -> str:
    """Return an approved need of a unit."""
    fields = {
        "name": "台式计算机", "scheme": "gbt14885-2022", "class_code": "A02010105",
        "quantity": str(quantity), "needed_by": "2099-01-01", "use_place": "B1",
    }  # fmt: skip
    made = by(world, f"C{unit}", documents.draft, kind="need", fields=fields, assets=[],
              text="内存 16G")  # fmt: skip
    number = made.events[0].subject.removeprefix("doc:")
    by(world, f"C{unit}", documents.submit, number=number)
    for person in (f"H{unit}", f"F{unit}"):
        by(world, person, documents.give_opinion, number=number, verdict="agree")
    return number


def searched(world: World, unit: str = "2", quantity: int = 5) -> str:
    number = need(world, unit, quantity)
    by(world, f"C{unit}", sourcing.search, number=number)
    return number


def shown(world: World, number: str) -> Evidence:
    with world.store.reading() as connection:
        return evidence(connection, number)


def newest(world: World, number: str) -> Search:
    return shown(world, number).searches[-1]


def offered(world: World, number: str) -> list[str]:
    return [one.asset_id for one in newest(world, number).candidates]


def refused(world: World, number: str, assets: list[str] | None = None) -> None:
    """Refuse candidates, and have that confirmed."""
    ids = assets or offered(world, number)
    by(world, "C2", sourcing.refuse, number=number, assets=ids, reason="spec", text="旧")
    by(world, "M1", sourcing.judge, number=number, assets=ids, verdict=CONFIRMED)


def certified(world: World) -> tuple[str, str]:
    """Return a need of five for which nothing did, and its certificate."""
    number = searched(world)
    refused(world, number)
    by(world, "M1", certificates.certify, number=number)
    return number, newest(world, number).certificate or ""


def buy(world: World, certificate: str, quantity: int, **more: Any) -> Receipt:
    wish = {"certificate": certificate, "quantity": quantity, "price": "4000"} | more
    return by(world, "F2", certificates.purchase, **wish)


def later(stamp: Stamp, days: int) -> Stamp:
    day = date.fromisoformat(stamp.today) + timedelta(days=days)
    return replace(stamp, day=day.isoformat())


def taken(world: World, number: str, assets: list[str], unit: str = "2") -> str:
    """Ask for things on loan under a need, and submit that."""
    made = by(world, f"C{unit}", sourcing.take, number=number, kind="loan", assets=assets,
              fields={"borrower": f"U{unit}", "due": world.stamp().today}, text="用")  # fmt: skip
    loan = made.events[0].subject.removeprefix("doc:")
    by(world, f"C{unit}", documents.submit, number=loan)
    return loan


def test_a_search_is_frozen_with_what_an_auditor_can_check(office: World) -> None:
    number = need(office)
    with office.store.reading() as connection:
        before = head_of(connection)
    by(office, "C2", sourcing.search, number=number)
    found = newest(office, number)
    assert (found.log_size, found.available) == (before.size, 3)
    with office.store.reading() as connection:
        row = connection.execute(
            sa.select(history.c.entry).where(
                history.c.subject == f"doc:{number}", history.c.seq == found.entry
            )
        ).one()
        highest = connection.execute(
            sa.select(sa.func.max(history.c.recorded_at)).where(
                history.c.recorded_at < found.searched_at
            )
        ).scalar_one()
    entry = bytes(row.entry)
    assert sha256(entry).hexdigest() == found.sha256
    said = json.loads(entry)["data"]
    assert (said["recorded_to"], said["log_root"]) == (highest, found.log_root)
    assert [one["assets"] for one in said["candidates"]] == [offered(office, number)]
    office.verify()


def test_no_certificate_without_a_second_person(office: World) -> None:
    number = searched(office)
    ids = offered(office, number)
    by(office, "C2", sourcing.refuse, number=number, assets=ids, reason="spec", text="旧")
    with pytest.raises(CandidatesUnjudgedError) as caught:
        by(office, "M1", certificates.certify, number=number)
    assert caught.value.facts["count"] == 3
    office.do(roles.appoint, code="C2", role="competent_department")
    with pytest.raises(DutiesMixedError):
        by(office, "C2", sourcing.judge, number=number, assets=ids, verdict=CONFIRMED)
    by(office, "M1", sourcing.judge, number=number, assets=ids[1:], verdict=CONFIRMED)
    by(office, "M2", sourcing.judge, number=number, assets=ids[:1], verdict=OVERRULED)
    with pytest.raises(CandidatesUnjudgedError) as caught:
        by(office, "M1", certificates.certify, number=number)
    assert caught.value.facts["count"] == 1
    loan = taken(office, number, ids[:1])
    with pytest.raises(CandidatesUnjudgedError):
        by(office, "M1", certificates.certify, number=number)
    for person in ("H2", "M1"):
        by(office, person, documents.give_opinion, number=loan, verdict="agree")
    by(office, "M1", certificates.certify, number=number)
    assert (newest(office, number).result, newest(office, number).unmet) == ("part", 4)
    office.verify()


def test_two_that_buy_at_once_do_not_buy_too_many(office: World) -> None:
    _number, certificate = certified(office)
    done, failures = told_apart(race([lambda: buy(office, certificate, 4) for _ in range(2)]))
    assert len(done) == 1
    (failure,) = failures
    assert isinstance(failure, PurchaseTooManyError)
    assert failure.facts["left"] == 1
    buy(office, certificate, 1)
    with pytest.raises(DocumentStateError):
        buy(office, certificate, 1)
    office.verify()


def test_two_that_certify_at_once_issue_one_certificate(office: World) -> None:
    number = searched(office)
    refused(office, number)
    done, failures = told_apart(race([
        lambda: by(office, "M1", certificates.certify, number=number),
        lambda: by(office, "M2", certificates.certify, number=number),
    ]))  # fmt: skip
    assert (len(done), [type(one) for one in failures]) == (1, [AlreadyCertifiedError])
    with office.store.reading() as connection:
        assert need_document(connection, number).papers == (newest(office, number).certificate,)
    office.verify()


def test_two_needs_that_want_one_thing(office: World) -> None:
    first, second = searched(office), searched(office, "3")
    asset = offered(office, first)[0]
    done = race([lambda: taken(office, first, [asset]),
                 lambda: taken(office, second, [asset], "3")])  # fmt: skip
    assert sorted(type(one).__name__ for one in done) == ["AssetPromisedError", "str"]
    winner, loser = (first, "3") if isinstance(done[0], str) else (second, "2")
    assert [one.asset_id for one in shown(office, winner).taken] == [asset]
    other = second if winner == first else first
    by(office, f"C{loser}", sourcing.search, number=other)
    (found,) = (one for one in newest(office, other).candidates if one.asset_id == asset)
    assert (found.availability, found.promised_to) == ("promised", shown(office, winner)
                                                       .taken[0].document)  # fmt: skip
    assert isinstance(next(one for one in done if not isinstance(one, str)), AssetPromisedError)
    office.verify()


def test_only_what_the_search_offers_is_asked_for_under_a_need(office: World) -> None:
    number = searched(office)
    one, two, _three = offered(office, number)
    other = office.asset("桌", class_code="A05010201", stamp=office.stamp("K1"))
    fields = {"borrower": "U2", "due": office.stamp().today}
    with pytest.raises(NoCandidateError):
        by(office, "C2", sourcing.take, number=number, kind="loan", assets=[other],
           fields=fields, text="用")  # fmt: skip
    made = by(office, "C2", sourcing.take, number=number, kind="loan", assets=[one],
              fields=fields, text="用")  # fmt: skip
    loan = made.events[0].subject.removeprefix("doc:")
    by(office, "C2", documents.revise, number=loan, fields={"borrower": "U3"},
       assets=[other, two])  # fmt: skip
    with pytest.raises(DocumentRefusedError) as caught:
        by(office, "C2", documents.submit, number=loan)
    assert caught.value.facts["count"] == 2
    refused(office, number, [two])
    by(office, "C2", documents.revise, number=loan, fields={"borrower": "U2"}, assets=[two])
    with pytest.raises(DocumentRefusedError):
        by(office, "C2", documents.submit, number=loan)
    by(office, "C2", documents.revise, number=loan, fields={}, assets=[one])
    by(office, "C2", documents.submit, number=loan)
    assert [it.asset_id for it in shown(office, number).taken] == [one]
    office.verify()


def test_a_search_grows_stale(office: World) -> None:
    number = searched(office)
    refused(office, number)
    new = office.asset(stamp=office.stamp("K1"))
    with pytest.raises(SearchStaleError) as caught:
        by(office, "M1", certificates.certify, number=number)
    assert (caught.value.facts["count"], caught.value.facts["asset_id"]) == (1, new)
    by(office, "C2", sourcing.search, number=number)
    assert [len(one.candidates) for one in shown(office, number).searches] == [3, 4]
    refused(office, number)
    by(office, "M1", certificates.certify, number=number)
    office.verify()


def test_a_certificate_counts_to_its_last_day(office: World) -> None:
    number, certificate = certified(office)
    valid_until = newest(office, number).valid_until
    stamp = office.stamp("F2")
    assert valid_until == later(stamp, 30).today
    buy(office, certificate, 1, stamp=later(stamp, 30))
    with pytest.raises(CertificateExpiredError):
        buy(office, certificate, 1, stamp=later(office.stamp("F2"), 31))
    office.verify()


def test_requests_that_come_again_land_once(office: World) -> None:
    number, certificate = certified(office)
    for again in (False, True):
        done = buy(office, certificate, 2, stamp=office.stamp("F2", request_id="r"))
        assert (done.repeated, {one.kind for one in done.events}) == (
            again, {"doc.bought", "doc.issued"},
        )  # fmt: skip
    with pytest.raises(RequestReusedError):
        buy(office, certificate, 3, stamp=office.stamp("F2", request_id="r"))
    assert shown(office, number).bought == 2


def test_a_purchase_out_of_the_tables_is_found(office: World) -> None:
    number, certificate = certified(office)
    buy(office, certificate, 2)
    with office.store.reading() as connection:
        (line,) = needs(connection)
    assert (line.number, line.met, line.bought, line.unmet) == (number, 0, 2, 3)
    office.verify()
    office.run_sql("UPDATE sourcing_purchase SET quantity = 1")
    with pytest.raises(HistoryBrokenError):
        office.verify()
    office.run_sql("UPDATE sourcing_purchase SET quantity = 2",
                   "UPDATE sourcing_candidate SET verdict = 'overruled'")  # fmt: skip
    with pytest.raises(HistoryBrokenError):
        office.verify()


@pytest.mark.parametrize(
    ("basis", "cap"), [("per_person", "500.00"), ("per_office", "500.00"), ("by_area", None)]
)
def test_a_price_cap_counts_only_where_it_is_that_of_one_thing(
    basis: str, cap: str | None
) -> None:  # fmt: skip
    standard = Standard(
        jurisdiction=CENTRE, doc_no="函1", effective_from="2020-01-01", class_code="A0501",
        basis=basis, price_cap="500.00",
    )  # fmt: skip
    found = in_force([standard], division=CENTRE, class_code="A0501", day="2026-01-01")
    assert price_cap_of(found) == cap
