"""The hash id of CBV 2.0 §8.9: known texts, and what may and what may not change it."""

from __future__ import annotations

import hashlib
import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.epcis.canonical import bare, event_hash, milliseconds, moment, pre_hash
from tests.epcis import event

NS = {"ex": "https://ns.example.com/epcis/", "old": "urn:old"}

FULL: dict[str, Any] = {
    "type": "ObjectEvent",
    "eventTime": "2026-03-01T09:00:00.1235+08:00",
    "recordTime": "2026-03-01T10:00:00Z",
    "eventTimeZoneOffset": "+08:00",
    "eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
    "certificationInfo": "https://example.com/certificate",
    "errorDeclaration": {"declarationTime": "2026-03-02T09:00:00+08:00"},
    "epcList": ["urn:epc:id:giai:4000001.2", " https://example.com/8004/40000011 "],
    "quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.012345.998877",
                      "quantity": Decimal("200.0"), "uom": "KGM"}],
    "action": "ADD",
    "bizStep": "urn:epcglobal:cbv:bizstep:receiving",
    "disposition": "in_progress",
    "persistentDisposition": {"unset": ["completeness_inferred"],
                              "set": ["completeness_verified", "available"]},
    "readPoint": {"id": "urn:epc:id:sgln:0614141.07346.1234", "ex:door": "3"},
    "bizLocation": {"id": "https://example.com/epcis/place/W1"},
    "bizTransactionList": [
        {"bizTransaction": "https://example.com/po/1", "type": "po"},
        {"bizTransaction": "https://example.com/x", "type": "https://example.com/loan"},
        {"bizTransaction": "https://example.com/without"},
    ],
    "sourceList": [{"type": "possessing_party", "source": "urn:epc:id:pgln:0614141.00777"}],
    "destinationList": [{"type": "owning_party", "destination": "ex:me"}],
    "sensorElementList": [{
        "sensorMetadata": {"time": "2026-03-01T01:00:00Z", "ex:seal": "s"},
        "sensorReport": [
            {"type": "Temperature", "value": Decimal("26.0"), "uom": "CEL"},
            {"type": "ex:Own", "booleanValue": True, "component": "x", "ex:more": "m",
             "exception": "ALARM_CONDITION"},
        ],
    }],
    "ilmd": {"cbvmda:lotNumber": "L7", "ex:grade": "A"},
    "ex:number": "007.50",
    "ex:list": ["b", "a", {"ex:inner": 1}],
    "ex:nested": {"ex:z": "gs1:Temperature", "ex:y": None, "old:x": False},
    "rdfs:comment": "not said",
}  # fmt: skip

TEXT = "".join([
    "eventType=ObjectEvent", "eventTime=2026-03-01T01:00:00.124Z", "eventTimeZoneOffset=+08:00",
    "epcList", "epc=https://id.gs1.org/8004/40000011", "epc=https://id.gs1.org/8004/40000012",
    "quantityList", "quantityElement", "epcClass=https://id.gs1.org/01/04012345123456/10/998877",
    "quantity=200", "uom=KGM", "action=ADD",
    "bizStep=https://ref.gs1.org/cbv/BizStep-receiving",
    "disposition=https://ref.gs1.org/cbv/Disp-in_progress",
    "persistentDisposition", "set=https://ref.gs1.org/cbv/Disp-available",
    "set=https://ref.gs1.org/cbv/Disp-completeness_verified",
    "unset=https://ref.gs1.org/cbv/Disp-completeness_inferred",
    "readPoint", "id=https://id.gs1.org/414/0614141073467/254/1234",
    "bizLocation", "id=https://example.com/epcis/place/W1",
    "bizTransactionList", "bizTransaction=https://example.com/without",
    "type=https://example.com/loan", "bizTransaction=https://example.com/x",
    "type=https://ref.gs1.org/cbv/BTT-po", "bizTransaction=https://example.com/po/1",
    "sourceList", "type=https://ref.gs1.org/cbv/SDT-possessing_party",
    "source=https://id.gs1.org/417/0614141007776",
    "destinationList", "type=https://ref.gs1.org/cbv/SDT-owning_party",
    "destination=https://ns.example.com/epcis/me",
    "sensorElement", "sensorMetadata", "time=2026-03-01T01:00:00.000Z",
    "sensorReport", "type=https://gs1.org/voc/Temperature", "value=26", "uom=CEL",
    "sensorReport", "type=https://ns.example.com/epcis/Own",
    "exception=https://gs1.org/voc/ALARM_CONDITION",
    "component=https://ref.gs1.org/cbv/Comp-x", "booleanValue=true",
    "ilmd", "{https://ns.example.com/epcis/}grade=A", "{urn:epcglobal:cbv:mda:}lotNumber=L7",
    "readPoint", "{https://ns.example.com/epcis/}door=3",
    "sensorElement", "sensorMetadata", "{https://ns.example.com/epcis/}seal=s",
    "sensorReport", "{https://ns.example.com/epcis/}more=m",
    "{https://ns.example.com/epcis/}list=a", "{https://ns.example.com/epcis/}list=b",
    "{https://ns.example.com/epcis/}list", "{https://ns.example.com/epcis/}inner=1",
    "{https://ns.example.com/epcis/}nested", "{https://ns.example.com/epcis/}y",
    "{https://ns.example.com/epcis/}z=https://gs1.org/voc/Temperature", "{urn:old}x=false",
    "{https://ns.example.com/epcis/}number=7.5",
])  # fmt: skip


def test_the_text_is_the_one_the_rules_give() -> None:
    assert pre_hash(FULL, NS) == TEXT
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    assert event_hash(FULL, NS) == f"ni:///sha-256;{digest}?ver=CBV2.0"


def test_other_lists_of_things_stand_in_their_order() -> None:
    told: dict[str, Any] = {
        "type": "TransformationEvent", "eventTime": "2026-03-01T09:00:00Z",
        "outputQuantityList": [{"epcClass": "urn:x:1"}], "outputEPCList": ["urn:x:2"],
        "inputQuantityList": [{"epcClass": "urn:x:3"}], "inputEPCList": ["urn:x:4"],
        "childQuantityList": [{"epcClass": "urn:x:5"}], "childEPCs": ["urn:x:6"],
        "parentID": "urn:x:7", "epcList": ["urn:x:8"], "transformationID": "urn:x:9",
        "quantityList": [], "action": "ADD",
    }  # fmt: skip
    assert pre_hash(told, {}) == (
        "eventType=TransformationEventeventTime=2026-03-01T09:00:00.000ZepcListepc=urn:x:8"
        "parentID=urn:x:7inputEPCListepc=urn:x:4childEPCsepc=urn:x:6"
        "childQuantityListquantityElementepcClass=urn:x:5"
        "inputQuantityListquantityElementepcClass=urn:x:3outputEPCListepc=urn:x:2"
        "outputQuantityListquantityElementepcClass=urn:x:1action=ADDtransformationID=urn:x:9"
    )


def shuffled(value: Any, drawn: random.Random) -> Any:
    """Return the same event with every object and list in another order."""
    if isinstance(value, dict):
        keys = list(value)
        drawn.shuffle(keys)
        return {key: shuffled(value[key], drawn) for key in keys}
    if isinstance(value, list):
        items = [shuffled(one, drawn) for one in value]
        drawn.shuffle(items)
        return items
    return value


@given(st.randoms(use_true_random=False))
def test_no_order_of_writing_changes_the_id(drawn: random.Random) -> None:
    assert pre_hash(shuffled(FULL, drawn), NS) == TEXT


@pytest.mark.parametrize(
    "more",
    [
        {"eventID": "urn:uuid:1"}, {"recordTime": "2026-01-01T00:00:00Z"},
        {"errorDeclaration": {"declarationTime": "2026-01-01T00:00:00Z"}},
        {"eventTime": "2026-03-01T01:00:00Z"}, {"eventTime": "2026-03-01T01:00:00.0004Z"},
        {"bizStep": "https://ref.gs1.org/cbv/BizStep-arriving"},
        {"bizStep": "cbv:BizStep-arriving"},
        {"epcList": ["https://id.gs1.org/8004/400000112345"]},
        {"epcList": [" urn:epc:id:giai:4000001.12345"]},
        {"quantityList": []}, {"certificationInfo": "urn:x:1"}, {"comment": "x"},
    ],
)  # fmt: skip
def test_what_is_written_otherwise_is_the_same_event(more: dict[str, Any]) -> None:
    assert event_hash(event(**more)) == event_hash(event())


@pytest.mark.parametrize(
    "more",
    [
        {"type": "AggregationEvent"}, {"eventTime": "2026-03-01T09:00:00.001+08:00"},
        {"eventTimeZoneOffset": "+07:00"}, {"epcList": []}, {"action": "ADD"},
        {"epcList": ["urn:epc:id:giai:4000001.12346"]}, {"bizStep": "departing"},
        {"disposition": "in_transit"}, {"readPoint": {"id": "urn:x:1"}}, {"ex:a": "1"},
        {"ilmd": {"ex:a": "1"}}, {"bizTransactionList": [{"bizTransaction": "urn:x:1"}]},
        {"sourceList": [{"type": "location", "source": "urn:x:1"}]},
        {"destinationList": [{"type": "location", "destination": "urn:x:1"}]},
    ],
)  # fmt: skip
def test_what_says_something_else_is_another_event(more: dict[str, Any]) -> None:
    assert event_hash(event(**more)) != event_hash(event())


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2026-03-01T09:00:00+08:00", "2026-03-01T01:00:00.000Z"),
        ("2026-03-01t09:00:00.1z", "2026-03-01T09:00:00.100Z"),
        ("2026-12-31T23:59:59.9995Z", "2027-01-01T00:00:00.000Z"),
        ("2026-03-01T09:00:00.14149999Z", "2026-03-01T09:00:00.141Z"),
        ("2026-03-01T09:00:00.1415Z", "2026-03-01T09:00:00.142Z"),
    ],
)
def test_times_are_utc_and_rounded_to_the_millisecond(told: str, meant: str) -> None:
    assert milliseconds(moment(told)) == meant


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T09:00:00", "2026-03-01", "2026-02-30T09:00:00Z", "2026-03-01T25:00:00Z",
     "9999-12-31T23:59:59.9999Z", "0001-01-01T00:00:00+14:00", "20260301T090000Z", "now", "",
     "２０２６-03-01T09:00:00Z", "2026-03-01T09:00:00+0800"],
)  # fmt: skip
def test_other_texts_are_no_times(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        moment(text)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (1, "1"), ("1.0", "1"), ("0.3434000", "0.3434"), ("+5", "5"), ("-0", "0"), ("007", "7"),
        (Decimal("100"), "100"), ("1e3", "1000"), ("12345678901234567890", "12345678901234567890"),
        ("1.2.3", "1.2.3"), ("1_000", "1_000"), ("１", "１"), ("NaN", "NaN"), ("1e999", "1e999"),
        ("0x1", "0x1"), ("", ""),
    ],
)  # fmt: skip
def test_numbers_lose_what_says_nothing(told: Any, meant: str) -> None:
    text = pre_hash(event(**{"ex:a": told}), NS)
    assert text.endswith(f"}}a={meant}" if meant else "}a")


@pytest.mark.parametrize(
    ("term", "word"),
    [
        ("https://ref.gs1.org/cbv/BizStep-arriving", "arriving"), ("arriving", "arriving"),
        ("urn:epcglobal:cbv:disp:in_transit", "in_transit"), ("cbv:ER-did_not_occur",
                                                              "did_not_occur"),
        ("https://example.com/own", "https://example.com/own"),
    ],
)  # fmt: skip
def test_standard_words_are_shown_bare(term: str, word: str) -> None:
    assert bare(term) == word
