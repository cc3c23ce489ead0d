"""What the tests of EPCIS share: documents of a partner, and GS1's own data beside the project."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from assetctl.domain.epcis.mapping import CONTEXT
from tests.conftest import SHARED

GS1 = SHARED / "vectors" / "epcis-gs1"
SCHEMA = GS1 / "EPCIS-JSON-Schema.json"
EXAMPLES = sorted((GS1 / "JSON").rglob("*.jsonld"))
SAME_KEY_TWICE = "AssociationEvent-h.jsonld"
"""An example of GS1's in which one object has the key `eventID` twice."""

needs_gs1 = pytest.mark.skipif(
    not SCHEMA.is_file(), reason="GS1's schema and examples lie outside the project"
)

FOREIGN = "urn:epc:id:giai:4000001.12345"
"""An asset as a partner names it: GIAI 400000112345."""


def event(**more: Any) -> dict[str, Any]:
    """Return an event of a partner: it saw a thing arrive."""
    return {
        "type": "ObjectEvent", "eventTime": "2026-03-01T09:00:00.000+08:00",
        "eventTimeZoneOffset": "+08:00", "epcList": [FOREIGN], "action": "OBSERVE",
        "bizStep": "arriving", "disposition": "in_progress", **more,
    }  # fmt: skip


def document(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a document of a partner."""
    return {
        "@context": [CONTEXT, {"ex": "https://ns.example.com/epcis/"}], "type": "EPCISDocument",
        "schemaVersion": "2.0", "creationDate": "2026-03-02T00:00:00Z",
        "sender": "https://id.gs1.org/417/4012345000009",
        "epcisBody": {"eventList": list(events)}, **more,
    }  # fmt: skip


def written(path: Path, told: dict[str, Any]) -> Path:
    """Write a document and return its path."""
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return path


def read(path: Path) -> Any:
    """Return a document as the program reads it: fractions as decimals."""
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def events_of(path: Path) -> list[dict[str, Any]]:
    """Return the events of an exported document."""
    found: list[dict[str, Any]] = read(path)["epcisBody"]["eventList"]
    return found
