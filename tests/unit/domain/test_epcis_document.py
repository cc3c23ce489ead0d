"""Documents of partners: what is read, what is a fault, and what hostile bytes cannot do."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.epcis import document as reading
from assetctl.domain.epcis.canonical import event_hash
from assetctl.domain.epcis.document import Declared, read_document
from assetctl.errors import AssetctlError, Fault, FileFormatError, ImportFaultsError
from tests.epcis import FOREIGN, document, event

EVENT = "$.epcisBody.eventList[0]"


def faults(told: Any) -> list[tuple[int, str, str]]:
    with pytest.raises(ImportFaultsError) as caught:
        read_document("x", json.dumps(told).encode())
    found: tuple[Fault, ...] = caught.value.facts["faults"]  # type: ignore[assignment]
    assert caught.value.facts["count"] == len(found)
    return [(one.row, one.column, one.code) for one in found]


def refused(data: bytes) -> str:
    with pytest.raises(FileFormatError) as caught:
        read_document("x", data)
    return str(caught.value.facts["reason"])


def heard(**more: Any) -> Any:
    (one,) = read_document("x", json.dumps(document(event(**more))).encode()).events
    return one


# --- what is read --------------------------------------------------------------------------


def test_what_an_event_says_of_itself() -> None:
    one = heard(eventID="urn:uuid:1")
    assert (one.event_type, one.action, one.step, one.disposition) == (
        "ObjectEvent", "OBSERVE", "arriving", "in_progress",
    )  # fmt: skip
    assert (one.event_time, one.zone) == ("2026-03-01T01:00:00.000000Z", "+08:00")
    assert (one.given_id, one.things, one.declared) == ("urn:uuid:1", (FOREIGN,), None)
    assert event_hash(event()) == f"ni:///sha-256;{one.digest}?ver=CBV2.0"


def test_every_thing_that_an_event_names() -> None:
    told = event(
        type="AggregationEvent", parentID="urn:x:1", childEPCs=["urn:x:2", "urn:x:3", "urn:x:2"]
    )
    del told["epcList"]
    (one,) = read_document("x", json.dumps(document(told)).encode()).events
    assert one.things == ("urn:x:1", "urn:x:2", "urn:x:3")


def test_a_declaration_keeps_the_id_of_what_it_is_about() -> None:
    error = {"declarationTime": "2026-04-01T00:00:00+08:00", "reason": "incorrect_data",
             "correctiveEventIDs": ["urn:uuid:2"]}  # fmt: skip
    one = heard(errorDeclaration=error)
    assert one.digest == heard().digest
    assert one.declared == Declared(
        at="2026-03-31T16:00:00.000000Z", reason="incorrect_data", corrected_by=("urn:uuid:2",)
    )


def test_the_answer_to_a_query_is_read_too() -> None:
    told = {
        "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        "type": "EPCISQueryDocument", "schemaVersion": "2.0",
        "epcisBody": {"queryResults": {"queryName": "q", "resultsBody": {"eventList": [event()]}}},
    }  # fmt: skip
    found = read_document("x", json.dumps(told).encode())
    assert [one.digest for one in found.events] == [heard().digest]
    assert found.sender is None


def test_prefixes_of_the_document_and_of_the_event_count() -> None:
    digest = heard(**{"https://ns.example.com/epcis/a": "1"}).digest
    short = heard(**{"ex:a": "1"}).digest
    own = heard(**{"my:a": "1", "@context": {"my": "https://ns.example.com/epcis/"}}).digest
    assert short == own
    assert digest != short, "a key that is a URI already has no namespace to be put in braces"


def test_a_byte_order_mark_is_no_fault() -> None:
    data = b"\xef\xbb\xbf" + json.dumps(document(event())).encode()
    assert len(read_document("x", data).events) == 1


# --- faults --------------------------------------------------------------------------------


def test_every_fault_of_a_document_is_named_with_its_place() -> None:
    bad = event(eventTime="yesterday", epcList=["no uri", "urn:x:1", "urn:x:1"], bizStep="dancing",
                foo=1, readPoint={}, bizTransactionList=[{"type": "po"}])  # fmt: skip
    del bad["eventTimeZoneOffset"]
    told = document(event(), bad, 7, {"type": "Strange"}, schemaVersion="1.2", creationDate=1)  # type: ignore[arg-type]
    second = "$.epcisBody.eventList[1]"
    assert faults(told) == [
        (0, "$.schemaVersion", "epcis.version"), (0, "$.creationDate", "epcis.time"),
        (2, f"{second}.eventTimeZoneOffset", "epcis.missing"),
        (2, f"{second}.eventTime", "epcis.time"), (2, f"{second}.epcList[0]", "epcis.uri"),
        (2, f"{second}.epcList[2]", "epcis.twice"), (2, f"{second}.bizStep", "epcis.word"),
        (2, f"{second}.foo", "epcis.field"), (2, f"{second}.readPoint.id", "epcis.missing"),
        (2, f"{second}.bizTransactionList[0].bizTransaction", "epcis.missing"),
        (3, "$.epcisBody.eventList[2]", "epcis.object"),
        (4, "$.epcisBody.eventList[3].type", "epcis.word"),
        (4, "$.epcisBody.eventList[3].eventTime", "epcis.missing"),
        (4, "$.epcisBody.eventList[3].eventTimeZoneOffset", "epcis.missing"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"epcList": "urn:x:1"}, "epcList"), ({"epcList": None}, "epcList"),
        ({"action": "observe"}, "action"), ({"action": ["OBSERVE"]}, "action"),
        ({"disposition": "ex:"}, "disposition"), ({"eventID": ""}, "eventID"),
        ({"eventID": "urn:" + "x" * 2000}, "eventID"), ({"eventTimeZoneOffset": "8"},
                                                        "eventTimeZoneOffset"),
        ({"recordTime": 5}, "recordTime"), ({"ilmd": {"ex:a": 1}}, "ilmd"),
        ({"sourceList": [{"source": "urn:x:1"}]}, "sourceList[0].type"),
        ({"sourceList": [{"type": "location", "source": "urn:x:1", "ex:a": 1}]},
         "sourceList[0].ex:a"),
        ({"quantityList": [{"epcClass": "urn:x:1", "quantity": "1"}]},
         "quantityList[0].quantity"),
        ({"quantityList": [{"epcClass": "urn:x:1", "quantity": True}]},
         "quantityList[0].quantity"),
        ({"persistentDisposition": {}}, "persistentDisposition.set"),
        ({"persistentDisposition": {"set": []}}, "persistentDisposition.set"),
        ({"sensorElementList": [{"sensorReport": []}]}, "sensorElementList[0].sensorReport"),
        ({"sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": "1"}]}]},
         "sensorElementList[0].sensorReport[0].value"),
        ({"errorDeclaration": {}}, "errorDeclaration.declarationTime"),
        ({"errorDeclaration": {"declarationTime": "2026-01-01T00:00:00Z", "reason": "bad luck"}},
         "errorDeclaration.reason"),
        ({"errorDeclaration": {"declarationTime": "2026-01-01T00:00:00Z",
                               "correctiveEventIDs": ["urn:x:1"] * 51}},
         "errorDeclaration.correctiveEventIDs"),
        ({"parentID": "urn:x:1"}, "parentID"), ({"certificationInfo": [1]}, "certificationInfo[0]"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named(more: dict[str, Any], place: str) -> None:
    assert [(row, column) for row, column, _ in faults(document(event(**more)))] == [
        (1, f"{EVENT}.{place}")
    ]


@pytest.mark.parametrize("name", ["type", "eventTime", "eventTimeZoneOffset", "epcList", "action"])
def test_what_an_event_must_have_is_missed(name: str) -> None:
    bad = event()
    del bad[name]
    assert (1, f"{EVENT}.{name}") in [(row, column) for row, column, _ in faults(document(bad))]


@pytest.mark.parametrize("name", ["@context", "type", "schemaVersion", "creationDate", "epcisBody"])
def test_what_a_document_must_have_is_missed(name: str) -> None:
    told = document(event())
    del told[name]
    (found,) = faults(told)
    assert found[0] == 0
    assert found[1] == f"$.{name}" + (".eventList" if name == "epcisBody" else "")


def test_types_of_somebodys_own_are_taken_and_their_known_fields_looked_at() -> None:
    assert heard(type="https://example.com/Strange", shape=1).event_type.endswith("Strange")
    assert faults(document(event(type="ex:Strange", epcList="x"))) == [
        (1, f"{EVENT}.epcList", "epcis.list")
    ]


# --- hostile bytes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no JSON"), (b"{", "no JSON"), (b"[]", "bare list"), (b"7", "bare list"),
        (b"  <?xml version='1.0'?><epcis:EPCISDocument/>", "XML"),
        ("<a/>".encode("utf-16"), "XML"), (b"\xff\xfe\x00", "UTF-8"), (b'{"a": "\xff"}', "UTF-8"),
        (b'{"a": NaN}', "not a number"), (b'{"a": -Infinity}', "not a number"),
        (b'{"a": 1, "a": 1}', "twice"), (b'{"a": ' + b"9" * 41 + b"}", "digits"),
        (b'{"a": 0.' + b"1" * 60 + b"}", "digits"), (b'{"a": "\\ud800"}', "surrogate"),
        (b"[" * 100_000, "deep"), (b'{"a":' * 40 + b"1" + b"}" * 40, "deep"),
        (b"[" * 40 + b"]" * 40, "bare list"),
        (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", "deep"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    assert reason in refused(data)


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 1000)
    assert "MiB" in refused(b" " * 1001)
    monkeypatch.setattr(reading, "MOST_VALUES", 100)
    assert "values" in refused(b"[" + b"0," * 101 + b"0]")
    monkeypatch.setattr(reading, "MOST_VALUES", 2000)
    monkeypatch.setattr(reading, "MOST_EVENTS", 3)
    assert faults({**document(), "epcisBody": {"eventList": [1] * 4}}) == [
        (0, "$.epcisBody.eventList", "epcis.many")
    ]


def test_a_thousand_faults_are_enough() -> None:
    found = faults(document(*({} for _ in range(2000))))
    assert len(found) == 1001
    assert found[-1] == (0, "$", "epcis.more")


def test_a_document_as_large_as_may_be_takes_bounded_memory() -> None:
    data = b'{"a":[' + b"[]," * 900_000 + b"[]]}"
    assert len(data) < reading.MOST_BYTES
    tracemalloc.start()
    try:
        with pytest.raises(ImportFaultsError):
            read_document("x", data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 200 << 20


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from([*event(), "ilmd", "sensorElementList", "ex:a", "type"]),
                      inner, max_size=4),
    max_leaves=25,
)  # fmt: skip


@given(st.lists(json_values | st.builds(lambda more: event(**more), st.dictionaries(
    st.sampled_from(["ilmd", "ex:a", "readPoint", "sensorElementList", "type", "epcList"]),
    json_values, max_size=3)), max_size=3))  # fmt: skip
def test_any_events_are_read_or_their_faults_are_named(events: list[Any]) -> None:
    try:
        found = read_document("x", json.dumps(document(*events)).encode())
    except (ImportFaultsError, FileFormatError) as error:
        told = error.facts.get("faults", "half a character")
    else:
        told = found.events if events else "none"
    assert told


@given(
    st.binary(max_size=200) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_are_a_document_or_refused(data: bytes) -> None:
    with pytest.raises(AssetctlError):
        read_document("x", data)
