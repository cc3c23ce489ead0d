"""The page of EPCIS: what each kind of entry is told as, how things are named, what comes in."""

from __future__ import annotations

from collections.abc import Iterator

from assetctl.domain.epcis import document
from assetctl.domain.epcis.mapping import CONTEXT
from assetctl.domain.epcis.table import DISPOSITIONS, MAPPING, SILENT, Row
from assetctl.domain.evidence_events import Evidence
from assetctl.i18n import term
from docs.markdown import code, page_of, table

_OUT = (
    "`assetctl export epcis --out FILE` writes an EPCISDocument of EPCIS 2.0 in JSON-LD, context "
    f"`{CONTEXT}`. Each entry of the history means none, one or several events. `eventTime` is "
    "when it happened, `recordTime` when it was recorded, both UTC, cut to milliseconds; "
    "`eventTimeZoneOffset` is that of the setting `timezone`. A field of the entry that says "
    "nothing leaves its EPCIS field out; so does a party that stays the same. Events say two "
    "things beyond the standard: `assetctl:kind`, the kind of entry, and `assetctl:leaf`, its "
    "leaf hash, by which it can be found in the history; and, where they apply, `assetctl:due`, "
    "`assetctl:condition` and `assetctl:method`. Names and remarks are never told."
)
_ID = (
    "`eventID` is the EPCIS event hash id of CBV 2.0 (§8.9): SHA-256 of a canonical text of the "
    "event, without `eventID`, `recordTime`, `errorDeclaration` and `certificationInfo`, as "
    "`ni:///sha-256;…?ver=CBV2.0`. The same entry gives the same id as long as names and time "
    "zone stay as they are set. It says which event it is; it does not show who said it or that "
    "it is true."
)
_PRIVATE = "as without a prefix"
_NAMES = (
    ("asset", "`https://id.gs1.org/8004/PREFIX ID` (GIAI)", "`BASE A/ID`"),
    ("place", "`https://id.gs1.org/414/GLN/254/CODE` (SGLN)", "`BASE epcis/place/CODE`"),
    ("unit", "`https://id.gs1.org/417/GLN` (PGLN)", "`BASE epcis/who/CODE`"),
    ("person, vendor", _PRIVATE, "`BASE epcis/who/CODE`"),
    ("tag", _PRIVATE, "`BASE epcis/tag/CARRIER/ID/ISSUE`"),
    ("document", _PRIVATE, "`BASE epcis/doc/NUMBER`"),
    ("own word", _PRIVATE, "`BASE epcis/voc/WORD`"),
)
_NAMING = (
    "`BASE` is the setting `epcis_uri` or the option `--epcis-uri`, else `https://HOST/`; codes "
    "are percent-encoded. `PREFIX` is the setting `gs1_prefix`; the `GLN` of places is the prefix "
    "filled up with zeros, which must be allocated to the office; that of a unit is the prefix "
    "and the unit's code, where those are twelve digits together. Other units, and places whose "
    "code is `0` or not 1 to 20 of `A–Z a–z 0–9 . _ -`, are named as without a prefix. Import "
    "takes back what export gives, so both must be given the same settings. An alias (`giai`, "
    "`grai`, or a whole URI) is understood on import and never told: an event must not change "
    "its id when a number is added later."
)
_IN = (
    "`assetctl import epcis FILE` keeps each event of an EPCISDocument or EPCISQueryDocument as "
    "evidence: an entry of the subject `evidence:` and the SHA-256 that its hash id holds, with "
    "what the event says of itself and the assets of ours that it concerns; the file is kept by "
    "its SHA-256. No asset changes. An event that is known already, in whatever document it came, "
    "adds nothing. An `errorDeclaration` becomes an entry of its own beside the event that it is "
    "about, which stays. `assetctl trace ASSET` shows it all under a heading of its own. Nothing "
    "is fetched and nothing is believed: neither the sender nor an `eventID` is checked. XML is "
    "refused. Every fault is named with its event and JSON path, and then nothing is taken."
)


def epcis_page() -> str:
    """Return the page of EPCIS."""
    limits = [
        ("bytes in a document", f"{document.MOST_BYTES:,}"),
        ("values in a document", f"{document.MOST_VALUES:,}"),
        ("events in a document", f"{document.MOST_EVENTS:,}"),
        ("depth", str(document.DEEPEST)),
        ("faults listed", f"{document.MOST_FAULTS:,}"),
    ]
    return page_of([
        "# EPCIS",
        "## What is told",
        _OUT,
        table(("Entry", "中文", "Event", "bizStep", "disposition", "About", "readPoint",
               "bizLocation", "source → destination", "Transaction", "Where"),
              [line for kind, rows in MAPPING.items() for line in _lines(kind, rows)]),
        "Dispositions by the state after the act:",
        table(("State", "中文", "disposition"),
              [(code(state), term("state", state, "zh"), code(word))
               for state, word in DISPOSITIONS.items()]),
        "## What is not told",
        table(("Entry", "中文", "Why"),
              [(code(kind), term("event", kind, "zh"), why) for kind, why in SILENT.items()]),
        "## Ids of events",
        _ID,
        "## Names",
        _NAMING,
        table(("What", "With a GS1 prefix", "Without"), _NAMES),
        "## What comes in",
        _IN,
        table(("Fields that may be erased", ""),
              [(code(name), "free text of the sender") for name in sorted(Evidence.personal)]),
        table(("Limit", ""), limits),
    ])  # fmt: skip


def _lines(kind: str, rows: tuple[Row, ...]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        about = row.thing if row.event != "AssociationEvent" else f"{row.parent} ← {row.thing}"
        parties = "; ".join(f"{name}: {one} → {other}" for name, one, other in row.parties)
        where = ""
        if row.only:
            name, values = row.only
            where = f"{name}: {', '.join(values)}" if values else f"with {name}"
        yield (
            code(kind), term("event", kind, "zh"), f"{row.event} {row.action}", row.step,
            row.disposition or "", about, row.read or "", row.location or "", parties,
            row.transaction or "", where,
        )  # fmt: skip
