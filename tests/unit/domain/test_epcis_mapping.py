"""Every kind of entry is told or left out for a reason, in standard words, by codes alone."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.card import METHODS
from assetctl.domain.epcis import form, words
from assetctl.domain.epcis.canonical import event_hash
from assetctl.domain.epcis.mapping import Told, epcis_events
from assetctl.domain.epcis.naming import Naming, foreign_codes, own_asset
from assetctl.domain.epcis.table import BY_STATE, DISPOSITIONS, MAPPING, SILENT, Row
from assetctl.domain.events import EVENTS, Custodial
from assetctl.domain.identity import TagKeys, asset_id, make_payload
from assetctl.domain.lifecycle import State
from tests.property.test_event_round_trips import events_of

ASSET = next(filter(None, map(asset_id, range(0x2A_0000_0000, 0x2A_0000_0009))))
PRIVATE = Naming("https://assets.example.gov.cn/")
PREFIXED = Naming("https://assets.example.gov.cn/", "69012345", frozenset({"0007", "U1"}))
ROWS = [(kind, row) for kind, rows in MAPPING.items() for row in rows]


def told(kind: str, data: dict[str, Any], subject: str = f"asset:{ASSET}") -> Told:
    return Told(
        subject=subject, kind=kind, at="2026-03-01T01:02:03.456789Z",
        rec="2026-03-02T00:00:00.000999Z", request_id="req 1", leaf="L" * 43, data=data,
    )  # fmt: skip


def moved(**more: Any) -> dict[str, Any]:
    return {
        "state": "in_store", "holder": "U1", "place": "W1", "from_state": "in_use",
        "from_holder": "P1", "from_place": "B1", **more,
    }  # fmt: skip


# --- the table -----------------------------------------------------------------------------


def test_every_kind_of_entry_is_mapped_or_left_out_for_a_reason() -> None:
    assert MAPPING.keys() | SILENT.keys() == EVENTS.keys()
    assert not MAPPING.keys() & SILENT.keys()
    assert all(MAPPING.values())
    assert all(SILENT.values())


@pytest.mark.parametrize(("kind", "row"), ROWS)
def test_rows_use_words_of_the_standard_and_fields_of_the_entry(kind: str, row: Row) -> None:
    assert row.step in words.STEPS
    if row.disposition not in (None, BY_STATE):
        assert row.disposition in words.DISPOSITIONS
    assert all(name in words.PARTY_TYPES for name, _, _ in row.parties)
    fields = {field.name for field in dataclasses.fields(EVENTS[kind])}
    used = {row.read, row.location, *(one for pair in row.parties for one in pair[1:])} - {None}
    assert used <= fields
    assert row.only is None or row.only[0] in fields
    assert row.disposition != BY_STATE or issubclass(EVENTS[kind], Custodial)
    assert not row.ilmd or row.action == "ADD"
    assert row.step != "encoding" or row.event == "TransactionEvent", "so CBV asks for it"


def test_every_state_and_every_method_of_disposal_is_told() -> None:
    assert DISPOSITIONS.keys() == set(State)
    assert set(DISPOSITIONS.values()) <= words.DISPOSITIONS
    for method in METHODS:
        told_events = epcis_events(
            told("asset.disposed", moved(state="disposed", method=method)), PRIVATE, "+08:00"
        )
        assert told_events[-1]["action"] == "DELETE", "nothing is told of it afterwards"


@pytest.mark.parametrize("kind", MAPPING)
@pytest.mark.parametrize("naming", [PRIVATE, PREFIXED], ids=["private", "gs1"])
def test_every_entry_gives_events_of_the_right_form(kind: str, naming: Naming) -> None:
    known: dict[str, list[str]] = {"state": list(State), "method": list(METHODS)}

    @given(events_of(EVENTS[kind]), st.sampled_from(State), st.sampled_from(METHODS))
    def check(event: Any, state: str, method: str) -> None:
        data = {
            field.name: getattr(event, field.name)
            for field in dataclasses.fields(event)
            if getattr(event, field.name) is not None and field.name not in event.personal
        }
        data |= {
            name: value for name, value in (("state", state), ("method", method))
            if name in data and data[name] not in known[name]
        }  # fmt: skip
        made = epcis_events(told(kind, data), naming, "+08:00")
        assert made or kind == "asset.disposed"
        for one in made:
            again = json.loads(json.dumps(one, ensure_ascii=False))
            assert list(form.event_faults("$", again)) == []
            assert one["eventID"] == event_hash(again, {"assetctl": naming.vocabulary})
            assert again["recordTime"] == "2026-03-02T00:00:00.000Z"
            assert again["eventTime"] == "2026-03-01T01:02:03.456Z"

    check()


def test_a_kind_that_nobody_thought_of_is_an_error() -> None:
    with pytest.raises(KeyError):
        epcis_events(told("asset.teleported", {}), PRIVATE, "+08:00")


# --- single events -------------------------------------------------------------------------


def test_a_loan_tells_who_had_it_and_who_has_it_now() -> None:
    data = moved(state="on_loan", holder="P2", place=None, from_holder="U1", from_place="W1",
                 doc="借〔2026〕1号", due="2027-01-31")  # fmt: skip
    (one,) = epcis_events(told("asset.checked_out", data), PRIVATE, "+08:00")
    one.pop("eventID")
    base = "https://assets.example.gov.cn/"
    assert one == {
        "type": "ObjectEvent", "eventTime": "2026-03-01T01:02:03.456Z",
        "recordTime": "2026-03-02T00:00:00.000Z", "eventTimeZoneOffset": "+08:00",
        "epcList": [f"{base}A/{ASSET}"], "action": "OBSERVE", "bizStep": "accepting",
        "disposition": "unavailable", "readPoint": {"id": f"{base}epcis/place/W1"},
        "bizTransactionList": [{
            "type": f"{base}epcis/voc/loan",
            "bizTransaction": f"{base}epcis/doc/%E5%80%9F%E3%80%942026%E3%80%951%E5%8F%B7",
        }],
        "sourceList": [{"type": "possessing_party", "source": f"{base}epcis/who/U1"}],
        "destinationList": [{"type": "possessing_party", "destination": f"{base}epcis/who/P2"}],
        "assetctl:kind": "asset.checked_out", "assetctl:leaf": "L" * 43,
        "assetctl:due": "2027-01-31",
    }  # fmt: skip


def test_a_return_to_a_warehouse_is_two_events_elsewhere_one() -> None:
    for state, steps in (("in_store", ["accepting", "storing"]), ("in_use", ["accepting"])):
        made = epcis_events(told("asset.checked_in", moved(state=state)), PRIVATE, "+08:00")
        assert [one["bizStep"] for one in made] == steps
        assert len({one["eventID"] for one in made}) == len(steps)


def test_a_party_that_stays_is_not_told_and_title_is() -> None:
    data = moved(holder="P1", owner="U2", from_owner="U1", doc="调1")
    (one,) = epcis_events(told("asset.title_transferred", data), PRIVATE, "+08:00")
    assert [pair["type"] for pair in one["sourceList"]] == ["owning_party"]
    assert one["destinationList"][0]["destination"].endswith("/who/U2")


def test_without_a_paper_a_transaction_is_named_by_its_request() -> None:
    (one,) = epcis_events(told("asset.loan_extended", {"due": "2027-01-01"}), PRIVATE, "+08:00")
    (paper,) = one["bizTransactionList"]
    assert paper["bizTransaction"] == "https://assets.example.gov.cn/epcis/request/req%201"
    (plain,) = epcis_events(told("asset.moved", moved()), PRIVATE, "+08:00")
    assert "bizTransactionList" not in plain


def test_a_replaced_label_leaves_and_another_comes() -> None:
    data = {"carrier": "qr", "code": ASSET, "issue": 1, "new_issue": 2}
    made = epcis_events(told("asset.tag_replaced", data), PRIVATE, "+08:00")
    tag = f"https://assets.example.gov.cn/epcis/tag/qr/{ASSET}"
    assert [(one["action"], one.get("childEPCs", one.get("epcList"))) for one in made] == [
        ("DELETE", [f"{tag}/1"]), ("ADD", [f"{tag}/2"]), ("DELETE", [f"{tag}/1"]),
    ]  # fmt: skip
    assert made[0]["parentID"] == made[1]["parentID"] == PRIVATE.asset(ASSET)


def test_the_tag_of_a_place_hangs_at_the_place() -> None:
    fresh = {"tag": "AAAAAAAAAA", "issue": 1}
    subject = "place:W1"
    (one,) = epcis_events(told("place.tag_issued", fresh, subject), PRIVATE, "+08:00")
    assert one["parentID"] == "https://assets.example.gov.cn/epcis/place/W1"
    again = fresh | {"issue": 2, "from_tag": "AAAAAAAAAA", "from_issue": 1}
    made = epcis_events(told("place.tag_issued", again, subject), PRIVATE, "+08:00")
    assert [one["action"] for one in made] == ["DELETE", "DELETE", "ADD"]
    assert made[0]["childEPCs"] == made[1]["epcList"] == one["childEPCs"]


# --- names ---------------------------------------------------------------------------------


def test_names_with_a_prefix_are_gs1_keys() -> None:
    assert PREFIXED.asset(ASSET) == f"https://id.gs1.org/8004/69012345{ASSET}"
    assert PREFIXED.place("W1-Z1") == "https://id.gs1.org/414/6901234500004/254/W1-Z1"
    assert PREFIXED.party("0007") == "https://id.gs1.org/417/6901234500073"
    assert PREFIXED.office == "https://id.gs1.org/417/6901234500004"


@pytest.mark.parametrize("code", ["0", "库房", "a b", "x" * 21, "A/1", ".x"])
def test_places_that_no_extension_can_name_are_private(code: str) -> None:
    name = PREFIXED.place(code)
    assert name.startswith("https://assets.example.gov.cn/epcis/place/")
    assert name.isascii()


@pytest.mark.parametrize("code", ["U1", "0008", "00071", "P1"])
def test_parties_are_no_pgln_unless_they_are_units_with_a_fitting_number(code: str) -> None:
    assert PREFIXED.party(code) == f"https://assets.example.gov.cn/epcis/who/{code}"
    assert PRIVATE.party("0007") == "https://assets.example.gov.cn/epcis/who/0007"


KEYS = TagKeys({"0": bytes(32)})
LABEL = make_payload(KEYS, key="0", asset=ASSET, issue=2, host="assets.example.gov.cn")


@pytest.mark.parametrize("naming", [PRIVATE, PREFIXED], ids=["private", "gs1"])
def test_what_was_named_is_known_again(naming: Naming) -> None:
    assert own_asset(naming, naming.asset(ASSET)) == ASSET
    assert own_asset(naming, naming.tag("qr", ASSET, 2)) == ASSET
    assert own_asset(naming, LABEL) == ASSET, "the text of a label, in capitals"
    assert own_asset(naming, PRIVATE.asset(ASSET)) == ASSET


@pytest.mark.parametrize(
    "uri",
    [
        f"https://other.example.gov.cn/A/{ASSET}", f"https://id.gs1.org/8004/69012346{ASSET}",
        "https://assets.example.gov.cn/epcis/place/W1", "https://assets.example.gov.cn/A/x",
        "https://assets.example.gov.cn/epcis/tag/qr/x/1", "urn:epc:id:giai:4000001.1", "", "x",
        f"https://assets.example.gov.cn/P/{ASSET}", "https://assets.example.gov.cn/A/(8004)1234",
    ],
)  # fmt: skip
def test_what_others_name_is_not_ours(uri: str) -> None:
    assert own_asset(PREFIXED, uri) is None


def test_aliases_of_a_foreign_giai() -> None:
    assert foreign_codes("urn:epc:id:giai:4000001.111") == (
        ("", "urn:epc:id:giai:4000001.111"), ("giai", "4000001111"), ("giai", "4000001.111"),
    )  # fmt: skip
    assert foreign_codes("https://x.example/8003/04012345555554987")[1] == (
        "grai", "04012345555554987",
    )  # fmt: skip
    assert foreign_codes("urn:x:1") == (("", "urn:x:1"),)
