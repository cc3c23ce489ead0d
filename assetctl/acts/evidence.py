"""Take in what partners say: each event once, as evidence, and nothing of ours changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assetctl.domain.epcis.document import Declared, Document, Heard
from assetctl.domain.events import Event
from assetctl.domain.evidence_events import EvidenceDeclaredWrong, EvidenceReceived
from assetctl.domain.request import Recorded, Stamp
from assetctl.errors import InputError
from assetctl.i18n import N_, Phrase
from assetctl.reads.trace import trace
from assetctl.store.engine import Tx
from assetctl.store.record import lock, record

MOST_ASSETS = 3000
"""Assets of ours in one event: an entry of the history names them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a document: its events, those new, those known, and the entries written."""

    events: int
    new: int
    known: int
    declared_wrong: int
    concerning: int
    entries: tuple[Recorded, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the events come from: the file's SHA-256 in hex, and what its URIs mean to us."""

    document: str
    meant: Mapping[str, str]


def receive(tx: Tx, *, document: Document, source: Source, stamp: Stamp) -> Taken:
    """Record each event of a document that is new, and each declaration that one is wrong.

    An event is known by its hash id, in whatever document it came before. An event declared wrong
    has the same hash id as what it corrects, so both stand in one chain. No other table changes.

    Raises:
        InputError: one event concerns more than 3,000 of our assets.
    """
    events: dict[str, Heard] = {}
    for heard in document.events:
        events.setdefault(f"evidence:{heard.digest}", heard)
    known = lock(tx, events)
    facts: list[tuple[str, Event]] = [
        (subject, _received(heard, document, source))
        for subject, heard in events.items()
        if subject not in known
    ]
    entries = list(record(tx, stamp, facts)) if facts else []
    declared = _declared(tx, document, source, stamp)
    concerning = sum(any(one in source.meant for one in heard.things) for heard in events.values())
    return Taken(
        events=len(document.events), new=len(facts), known=len(known),
        declared_wrong=len(declared), concerning=concerning, entries=(*entries, *declared),
    )  # fmt: skip


def _received(heard: Heard, document: Document, source: Source) -> EvidenceReceived:
    assets = sorted({source.meant[one] for one in heard.things if one in source.meant})
    if len(assets) > MOST_ASSETS:
        expected = Phrase(N_("about at most {most} of our assets"), most=MOST_ASSETS)
        raise InputError(field="eventList", value=heard.given_id or heard.digest, expected=expected)
    return EvidenceReceived(
        document=source.document, given_id=heard.given_id, assets=assets, sender=document.sender,
        event_type=heard.event_type, event_time=heard.event_time, zone=heard.zone,
        action=heard.action, step=heard.step, disposition=heard.disposition,
    )  # fmt: skip


def _declared(tx: Tx, document: Document, source: Source, stamp: Stamp) -> list[Recorded]:
    wanted = [heard for heard in document.events if heard.declared]
    if not wanted:
        return []
    codes = list(dict.fromkeys(heard.digest for heard in wanted))
    lock(tx, [f"evidence:{code}" for code in codes])
    said = _said(tx, codes)
    done: list[Recorded] = []
    for heard in wanted:
        error = heard.declared
        if error is None or _key(error) in said.setdefault(heard.digest, set()):
            continue
        # A second declaration of one event in one document needs a request id of its own.
        again = f"{stamp.request_id}:{len(said[heard.digest])}" if said[heard.digest] else ""
        said[heard.digest].add(_key(error))
        event = EvidenceDeclaredWrong(
            document=source.document, given_id=heard.given_id, sender=document.sender,
            declared=error.at, error_reason=error.reason,
            corrected_by=list(error.corrected_by),
        )  # fmt: skip
        own = replace(stamp, request_id=again) if again else stamp
        done += record(tx, own, [(f"evidence:{heard.digest}", event)])
    return done


def _said(tx: Tx, codes: Sequence[str]) -> dict[str, set[tuple[str, ...]]]:
    """Return what has been declared wrong before, by event."""
    said: dict[str, set[tuple[str, ...]]] = {}
    for entry in trace(tx.connection, [f"evidence:{code}" for code in codes]):
        if entry.kind == EvidenceDeclaredWrong.kind:
            data = entry.data
            one = Declared(
                at=data["declared"], reason=data.get("error_reason"),
                corrected_by=tuple(data.get("corrected_by", ())),
            )  # fmt: skip
            said.setdefault(entry.subject.partition(":")[2], set()).add(_key(one))
    return said


def _key(error: Declared) -> tuple[str, ...]:
    return (error.at, error.reason or "", *error.corrected_by)
