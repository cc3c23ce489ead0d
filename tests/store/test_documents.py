"""Documents on both databases: who decides, what is promised, what moves, and who comes first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from assetctl.acts import documents, handovers, listing, loans, roles, warehouses
from assetctl.domain.document import DocState
from assetctl.domain.warehouse_rules import built_in
from assetctl.errors import AssetctlError, AssetPromisedError, DocumentRefusedError
from tests.store.county import DUE, STAFF, County, in_days, make_county
from tests.store.world import World, race, told_apart


@pytest.fixture
def county(world: World) -> County:
    return make_county(world)


def refused(act: Callable[..., Any], *arguments: Any, **wish: Any) -> AssetctlError:
    with pytest.raises(AssetctlError) as caught:
        act(*arguments, **wish)
    return caught.value


# --- the course ------------------------------------------------------------------------------


def test_a_loan_from_the_request_to_the_shelf(county: County) -> None:
    assets = [county.world.asset(owner="GOA") for _ in range(3)]
    number = county.loan(assets)
    assert county.doc(number).waits_for == ("unit_head@U2",)
    county.judge(number, "H2")
    assert county.doc(number).waits_for == ("warehouse_manager",)
    county.judge(number, "M")
    assert {county.world.row(one)["state"] for one in assets} == {"in_store"}  # approval moves none
    county.hand_over(number, assets[:2])
    assert county.doc(number).assets == {
        assets[0]: "out", assets[1]: "out", assets[2]: "reserved"
    }  # fmt: skip
    county.take_back(assets[:1], condition="fair", outcome="repair", compensation="120.00")
    county.hand_over(number, assets[2:])
    county.take_back(assets[1:])
    one = county.doc(number)
    assert (one.state, set(one.assets.values())) == ("done", {"back"})
    assert [paper[:2] for paper in one.papers] == ["CK", "CK", "GH", "GH"]
    check = county.doc(one.papers[2])
    assert check.fields == {"holder": "GOA", "place": "W1", "compensation": "120.00"}
    assert county.world.row(assets[0])["condition"] == "fair"
    county.world.verify()


def test_numbers_have_no_gap_whoever_takes_them(county: County) -> None:
    assets = [county.world.asset(owner="GOA") for _ in range(8)]
    outcomes = race([partial(county.loan, [one], person)
                     for one, person in zip(assets, ["C1", "C2"] * 4, strict=True)])  # fmt: skip
    year = in_days(0)[:4]
    assert sorted(map(str, outcomes)) == [f"JY-{year}-{count:04d}" for count in range(1, 9)]
    refused(county.by, "A", documents.draft, kind="loan", fields={}, assets=[], text="x")
    assert county.loan([county.world.asset(owner="GOA")]) == f"JY-{year}-0009"
    county.by("C2", documents.withdraw, number=f"JY-{year}-0009")
    assert county.loan([county.world.asset(owner="GOA")]) == f"JY-{year}-0010"
    county.world.verify()


def test_a_number_that_vanished_is_missed(county: County) -> None:
    county.loan([county.world.asset(owner="GOA")])
    county.world.run_sql("UPDATE counter SET last = last + 1")
    with pytest.raises(AssetctlError) as caught:
        county.world.verify()
    assert caught.value.code == "history.broken"


def test_what_comes_back_is_decided_anew_with_what_it_is_worth_then(county: County) -> None:
    one = county.world.asset(owner="GOA", values={"value": "100.00"})
    other = county.world.asset(owner="GOA", values={"value": "250.00"})
    number = county.loan([one])
    county.judge(number, "H2")
    county.judge(number, "M", verdict="return")
    assert county.doc(number).state == "returned"
    assert county.loan([one], "C1")  # meanwhile it is free
    county.by("C2", documents.revise, number=number, fields={}, assets=[other])
    county.by("C2", documents.submit, number=number)
    again = county.doc(number)
    assert (again.round, again.total, again.waits_for) == (2, "250.00", ("unit_head@U2",))
    county.judge(number, "H2", "M")
    assert county.doc(number).state == "approved"
    county.world.verify()


@pytest.mark.parametrize("end", ["withdraw", "void", "reject", "return"])
def test_every_end_sets_the_assets_free(county: County, end: str) -> None:
    asset = county.world.asset(owner="GOA")
    number = county.loan([asset])
    if end == "withdraw":
        county.by("C2", documents.withdraw, number=number)
    elif end == "void":
        county.by("M", documents.void, number=number, text="重复")
    else:
        county.judge(number, "H2", verdict=end)
    assert county.approved_loan([asset])
    county.world.verify()


def test_a_document_ended_early_lets_go_of_what_was_not_fetched(county: County) -> None:
    assets = [county.world.asset(owner="GOA") for _ in range(2)]
    number = county.approved_loan(assets)
    county.hand_over(number, assets[:1])
    assert refused(county.by, "M", documents.finish, number=number).code == "document.unfit"
    county.take_back(assets[:1])
    county.by("M", documents.finish, number=number)
    assert county.doc(number).assets == {assets[0]: "back", assets[1]: "released"}
    assert county.approved_loan(assets)
    county.world.verify()


def test_what_was_lost_under_a_loan_does_not_keep_it_open(county: County) -> None:
    assets = [county.world.asset(owner="GOA") for _ in range(2)]
    number = county.approved_loan(assets)
    county.hand_over(number, assets)
    county.by("K", handovers.report_missing, assets=assets[:1], note="遗失")
    assert refused(county.by, "M", documents.finish, number=number).code == "document.unfit"
    county.take_back(assets[1:])
    county.by("M", documents.finish, number=number, text="遗失一件，另案处理")
    assert county.doc(number).assets == {assets[0]: "released", assets[1]: "back"}
    county.by("K", handovers.report_found, assets=assets[:1], place="W1")
    assert county.approved_loan(assets)
    county.world.verify()


# --- who -------------------------------------------------------------------------------------


def test_duties_are_separated(county: County) -> None:
    asset = county.world.asset(owner="GOA")
    number = county.loan([asset])
    codes = {
        person: refused(county.judge, number, person).code
        for person in STAFF if person != "H2"
    }  # fmt: skip
    assert codes.pop("C2") == "document.duties"  # nobody decides what he asked for
    assert codes.pop("A") == "document.not_asked"
    assert set(codes.values()) == {"document.not_asked"}
    county.judge(number, "H2")
    assert refused(county.judge, number, "H2").code == "document.duties"
    county.judge(number, "M")
    for person, code in (("M", "role.may_not"), ("H2", "role.may_not"), ("A", "role.auditor")):
        assert refused(county.hand_over, number, [asset], person).code == code
    county.hand_over(number, [asset])
    assert county.doc(number).state == "executing"


def test_one_person_in_two_roles_does_one_of_them(county: County) -> None:
    """A keeper who may approve as well does not hand out what he approved or asked for."""
    with county.world.store.writing() as tx:
        for code, role in (("M", "warehouse_keeper"), ("K", "asset_clerk"), ("C2", "unit_head")):
            roles.appoint(tx, code=code, role=role, stamp=county.world.stamp())
    asset = county.world.asset(owner="GOA")
    number = county.loan([asset])
    assert refused(county.judge, number, "C2").code == "document.duties"
    county.judge(number, "H2", "M")
    assert refused(county.hand_over, number, [asset], "M").code == "document.duties"
    own = county.loan([county.world.asset(owner="GOA")], "K")
    county.by("M", documents.void, number=own, text="测试")
    county.hand_over(number, [asset], "K")


def test_an_auditor_changes_nothing(county: County) -> None:
    before = county.world.contents()
    for act, wish in (
        (documents.draft, {"kind": "loan", "fields": {}, "assets": [], "text": "x"}),
        (warehouses.adopt_rules, {"text": built_in(), "source": "x", "doc": "1"}),
    ):
        assert refused(county.by, "A", act, **wish).code == "role.auditor"
    assert refused(county.world.asset, stamp=county.world.stamp(actor="A")).code == "role.auditor"
    assert county.world.contents() == before


def test_act_without_a_document_needs_a_role_too(county: County) -> None:
    asset = county.world.asset(owner="GOA")
    assert refused(county.by, "H1", loans.check_out, assets=[asset], to="U1").code == "role.may_not"
    county.by("K", loans.check_out, assets=[asset], to="U1")


# --- promises --------------------------------------------------------------------------------


def test_two_units_want_the_last_desk(county: County) -> None:
    desk = county.world.asset("办公桌", class_code="A05010201", owner="GOA")
    drafts = {person: county.asks(person, "loan", [desk], submit=False,
                                  borrower=STAFF[person][0], due=DUE)
              for person in ("C1", "C2")}  # fmt: skip
    outcomes = race([partial(county.by, person, documents.submit, number=number)
                     for person, number in drafts.items()])  # fmt: skip
    won, lost = told_apart(outcomes)
    assert (len(won), [type(one) for one in lost]) == (1, [AssetPromisedError])
    states = sorted(county.doc(number).state for number in drafts.values())
    assert states == ["draft", "submitted"]
    county.world.verify()


def test_a_desk_is_lent_past_the_desk_while_another_is_asking(county: County) -> None:
    """A bare check-out and a request at once: one of them has it, and never both."""
    for _ in range(6):
        desk = county.world.asset("办公桌", class_code="A05010201", owner="GOA")
        number = county.asks("C2", "loan", [desk], submit=False, borrower="U2", due=DUE)
        outcomes = race([
            partial(county.by, "C2", documents.submit, number=number),
            partial(county.by, "K", loans.check_out, assets=[desk], to="U1"),
        ])  # fmt: skip
        won, lost = told_apart(outcomes)
        assert (len(won), len(lost)) == (1, 1)
        assert isinstance(lost[0], AssetPromisedError | DocumentRefusedError)
        is_lent = county.world.row(desk)["state"] == "on_loan"
        assert is_lent == (county.doc(number).state == "draft")
    county.world.verify()


def test_what_is_promised_is_given_to_nobody_else(county: County) -> None:
    asset = county.world.asset(owner="GOA")
    number = county.approved_loan([asset])
    for act, wish in (
        (loans.check_out, {"to": "U1"}),
        (loans.check_out, {"to": "U1", "doc": "外字1号"}),
        (handovers.send, {"to": "U1"}),
        (handovers.transfer_title, {"to_unit": "U1", "doc": "外字1号"}),
    ):
        assert refused(county.by, "K", act, assets=[asset], **wish).code == "asset.promised"
    for wish in ({"to": "U1", "due": DUE}, {"to": "U2", "due": in_days(31)}, {"to": "U2"}):
        error = refused(county.by, "K", loans.check_out, assets=[asset], doc=number, **wish)
        assert error.code == "document.unfit"
    stranger = county.world.asset(owner="GOA")
    assert refused(county.hand_over, number, [asset, stranger]).code == "document.unfit"
    assert county.world.row(asset)["state"] == "in_store"
    county.by("K", handovers.move, assets=[asset], to="W1-Z1")  # looking after it goes on
    county.hand_over(number, [asset])
    county.world.verify()


def test_things_of_several_loans_come_back_in_one_go(county: County) -> None:
    """Each loan has its own return check; and two who bring back crosswise do not block."""
    loans_of = {}
    for _ in range(2):
        assets = [county.world.asset(owner="GOA") for _ in range(3)]
        number = county.approved_loan(assets)
        county.hand_over(number, assets)
        loans_of[number] = assets
    (one, other) = loans_of.values()
    outcomes = race([
        partial(county.take_back, [one[0], other[0]], "K"),
        partial(county.take_back, [other[1], one[1]], "K"),
    ])  # fmt: skip
    won, lost = told_apart(outcomes)
    assert (len(won), lost) == (2, [])
    county.take_back([one[2], other[2]], outcome="repair")
    for number, assets in loans_of.items():
        assert county.doc(number).state == "done"
        checks = [county.doc(paper) for paper in county.doc(number).papers if paper[:2] == "GH"]
        assert [len(check.assets) for check in checks] == [1, 1, 1]
        assert {asset for check in checks for asset in check.assets} == set(assets)
    county.world.verify()


def test_a_number_of_ours_that_does_not_exist_allows_nothing(county: County) -> None:
    asset = county.world.asset(owner="GOA")
    county.approved_loan([county.world.asset(owner="GOA")])
    wrong = f"JY-{in_days(0)[:4]}-0099"
    error = refused(county.by, "K", loans.check_out, assets=[asset], to="U2", doc=wrong)
    assert error.code == "document.not_found"


# --- terms -----------------------------------------------------------------------------------


def test_terms_of_loans(county: County) -> None:
    asset = county.world.asset(owner="GOA")
    for due in (in_days(-1), in_days(181)):
        error = refused(county.loan, [asset], "C2", due=due)
        assert (error.code, error.facts["count"]) == ("document.refused", 1)
    late = county.world.asset(owner="GOA")
    past = county.world.stamp(actor="K", at="2026-01-01T00:00:00.000000Z")
    county.world.do(loans.check_out, assets=[late], to="U2", due="2026-02-01", stamp=past)
    assert refused(county.loan, [asset]).code == "document.refused"  # far overdue: brings it first
    county.take_back([late])
    assert county.loan([asset])


def test_a_person_may_stand_for_his_unit(county: County) -> None:
    """A card at the counter is a person's: who borrows is his unit, and it answers for him."""
    asset = county.world.asset(owner="GOA")
    number = county.approved_loan([asset])
    wish: dict[str, Any] = {"assets": [asset], "due": DUE, "doc": number}
    assert refused(county.by, "K", loans.check_out, to="C1", **wish).code == "document.unfit"
    county.by("K", loans.check_out, to="P2", **wish)
    assert county.world.row(asset)["holder"] == "P2"
    past = county.world.stamp(actor="K", at="2026-01-01T00:00:00.000000Z")
    late = county.world.asset(owner="GOA")
    county.world.do(loans.check_out, assets=[late], to="P2", due="2026-02-01", stamp=past)
    other = county.world.asset(owner="GOA")
    assert refused(county.loan, [other]).code == "document.refused"
    county.world.verify()


def test_extensions_are_documents_of_their_own(county: County) -> None:
    asset = county.world.asset(owner="GOA")
    number = county.approved_loan([asset])
    county.hand_over(number, [asset])
    error = refused(county.by, "K", loans.extend, assets=[asset], due=in_days(40))
    assert error.code == "lifecycle.document_required"
    for days in (40, 50):
        longer = county.asks("C2", "extension", [asset], loan=number, due=in_days(days))
        county.judge(longer, "H2", "M")
        county.by("K", loans.extend, assets=[asset], due=in_days(days), doc=longer)
        assert county.doc(longer).state == "done"
    assert county.world.row(asset)["due"] == in_days(50)
    assert refused(county.asks, "C2", "extension", [asset], loan=number,
                   due=in_days(60)).code == "document.refused"  # fmt: skip
    county.take_back([asset])
    county.world.verify()


# --- reallocation and intake -------------------------------------------------------------------


def test_reallocation_moves_title_and_no_value(county: County) -> None:
    values = {"value": "5000.00", "accumulated": "1597.12"}
    assets = [county.world.asset(owner="GOA", values=values) for _ in range(2)]
    number = county.asks("C1", "realloc", assets, to_unit="U1")
    assert county.doc(number).lines[0].net == "3402.88"
    county.judge(number, "H1", "M")
    county.by("K", handovers.send, assets=assets, to="U1", doc=number)
    for person in ("C2", "K"):
        error = refused(county.by, person, handovers.receive, assets=assets, doc=number)
        assert error.code in ("document.duties", "role.may_not")
    county.by("C1", handovers.receive, assets=assets[:1], doc=number)
    county.by("C1", handovers.transfer_title, assets=assets[:1], to_unit="U1", doc=number)
    county.by("C1", handovers.refuse, assets=assets[1:], note="型号不符", doc=number)
    one = county.doc(number)
    assert one.state == "done"
    assert one.assets == {assets[0]: "moved", assets[1]: "refused"}
    rows = [county.world.row(asset) for asset in assets]
    assert [(row["owner"], row["holder"]) for row in rows] == [("U1", "U1"), ("GOA", "GOA")]
    assert sum(row["value_fen"] - row["accumulated_fen"] for row in rows) == 2 * 340_288
    county.world.verify()


def test_intake_line_by_line(county: County) -> None:
    assets = [county.world.asset(owner="U1", place="B1-101") for _ in range(3)]
    fields: dict[str, Any] = {
        "source": "idle",
        "mode": "custody",
        "warehouse": "W1",
        "keeping_unit": "GOA",
    }
    error = refused(county.asks, "C1", "intake", assets, **fields)
    assert (error.code, error.facts["count"]) == ("document.refused", 3)  # data was not wiped
    county.by("C1", listing.sanitise, assets=assets, method="overwritten")
    number = county.asks("C1", "intake", assets, **fields)
    county.judge(number, "H1", "M")
    county.by("C1", handovers.send, assets=assets, to="GOA", doc=number)
    elsewhere = refused(county.by, "K", handovers.receive, assets=assets, place="W2", doc=number)
    assert elsewhere.code == "document.unfit"
    county.by("K", handovers.receive, assets=assets[:2], place="W1-Z1-R1", condition="good",
              doc=number)  # fmt: skip
    county.by("K", handovers.refuse, assets=assets[2:], note="缺配件", doc=number)
    rows = [county.world.row(asset) for asset in assets]
    assert [(row["state"], row["owner"], row["holder"]) for row in rows] == [
        ("in_store", "U1", "GOA"), ("in_store", "U1", "GOA"), ("in_use", "U1", "U1"),
    ]  # fmt: skip
    kinds = sorted(county.doc(paper).kind for paper in county.doc(number).papers)
    assert kinds == ["acceptance", "acceptance", "goods_in", "handover", "receipt"]
    county.world.verify()


def test_a_virtual_listing_leaves_the_thing_where_it_is(county: County) -> None:
    county.world.do(warehouses.set_warehouse, code="W2", mode="virtual", form="central",
                    regime="public", unit="GOA", stamp=county.world.stamp(actor="M"))  # fmt: skip
    asset = county.world.asset("办公桌", class_code="A05010201", owner="U1", place="B1-101")
    fields: dict[str, Any] = {
        "source": "idle",
        "mode": "virtual",
        "warehouse": "W2",
        "keeping_unit": "GOA",
    }
    number = county.asks("C1", "intake", [asset], **fields)
    county.judge(number, "H1", "M")
    assert refused(county.by, "C1", listing.publish, assets=[asset], warehouse="W2",
                   doc=number).code in ("role.may_not", "document.duties")  # fmt: skip
    county.by("K", listing.publish, assets=[asset], warehouse="W2", doc=number)
    row = county.world.row(asset)
    assert (row["listed"], row["owner"], row["holder"], row["place"], row["state"]) == (
        "W2", "U1", "U1", "B1-101", "in_use",
    )  # fmt: skip
    county.by("C1", listing.unpublish, assets=[asset])
    assert county.world.row(asset)["listed"] is None
    county.world.verify()


def test_secrets_and_confiscated_goods_are_kept_apart(county: County) -> None:
    desk: dict[str, Any] = {"class_code": "A05010201", "owner": "U1", "place": "B1-101"}
    secret = county.world.asset(**desk, values={"secrecy": "secret"})
    taken = county.world.asset(**desk, values={"regime": "confiscated"})
    fields: dict[str, Any] = {
        "source": "idle",
        "mode": "custody",
        "warehouse": "W1",
        "keeping_unit": "GOA",
    }
    for asset in (secret, taken):
        error = refused(county.asks, "C1", "intake", [asset], **fields)
        assert (error.code, error.facts["count"]) == ("document.refused", 1)
    for act, wish in ((loans.check_out, {"to": "U2"}),
                      (handovers.transfer_title, {"to_unit": "U2", "doc": "1"})):  # fmt: skip
        assert refused(county.by, "K", act, assets=[taken], **wish).code == "asset.regime"
    county.world.do(warehouses.set_warehouse, code="W2", mode="physical", form="central",
                    regime="confiscated", unit="GOA",
                    stamp=county.world.stamp(actor="M"))  # fmt: skip
    number = county.asks("C1", "intake", [taken], **fields | {"warehouse": "W2",
                                                              "source": "confiscated"})  # fmt: skip
    county.judge(number, "H1", "M")
    county.by("C1", handovers.send, assets=[taken], to="GOA", doc=number)
    county.by("K", handovers.receive, assets=[taken], place="W2", doc=number)
    assert county.world.row(taken)["place"] == "W2"


# --- chains ------------------------------------------------------------------------------------


def test_the_chain_is_data_of_the_day(county: County) -> None:
    """Countersigning, one of several, thresholds and classes: another office needs no code."""
    text = built_in().replace('effective_from = "2021-04-01"', f'effective_from = "{in_days(0)}"')
    text = text.replace(
        '[[chain]]\nkind = "loan"\nsteps = ["unit_head@applicant", "warehouse_manager"]',
        '[[chain]]\nkind = "loan"\nsteps = [["unit_head@applicant", "unit_finance@applicant"], '
        '{any = ["warehouse_manager", "competent_department"]}]\n'
        '[[chain]]\nkind = "loan"\nclasses = ["A05"]\nsteps = ["finance_approver"]',
    )
    before = county.loan([county.world.asset(owner="GOA")])
    county.by("M", warehouses.adopt_rules, text=text, source="rules", doc="办〔1〕号")
    number = county.loan([county.world.asset(owner="GOA")])
    assert county.doc(number).waits_for == ("unit_head@U2", "unit_finance@U2")
    county.judge(number, "F2")
    assert county.doc(number).waits_for == ("unit_head@U2",)
    county.judge(number, "H2")
    assert county.doc(number).waits_for == ("warehouse_manager", "competent_department")
    county.judge(number, "D")
    assert county.doc(number).state == DocState.APPROVED.value
    desk = county.loan([county.world.asset(class_code="A05010201", owner="GOA")])
    assert county.doc(desk).waits_for == ("finance_approver",)
    county.judge(before, "H2", "M")  # what was submitted before is decided as it was then
    assert county.doc(before).state == DocState.APPROVED.value
    county.world.verify()


def test_five_hundred_different_things_on_one_document(county: County) -> None:
    assets = [county.world.asset(f"台式计算机{number:03d}型加长名称", owner="GOA",
                                 values={"value": f"{number + 1}.00"})
              for number in range(500)]  # fmt: skip
    number = county.approved_loan(assets)
    county.hand_over(number, assets)
    county.take_back(assets, condition="good")
    one = county.doc(number)
    assert (one.state, len(one.lines), one.total) == ("done", 500, f"{500 * 501 // 2}.00")
    assert [line.line for line in one.lines] == list(range(1, 501))
    assert len(county.doc(one.papers[1]).lines) == 500
    county.world.verify()


def test_the_same_request_is_carried_out_once(county: County) -> None:
    asset = county.world.asset(owner="GOA")
    number = county.approved_loan([asset])
    stamp = county.world.stamp(actor="K", request_id="R1")
    wish: dict[str, Any] = {"assets": [asset], "to": "U2", "due": DUE, "doc": number}
    first = county.world.do(loans.check_out, **wish, stamp=stamp)
    again = county.world.do(loans.check_out, **wish, stamp=stamp)
    assert again.repeated
    assert {one.event_id for one in again.events} == {one.event_id for one in first.events}
    assert len(county.doc(number).papers) == 1
