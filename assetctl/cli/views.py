"""How answers look to people: assets, entries, receipts, parties, places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from assetctl.cli.output import Answer, Sheet, Table, View, Words, sentence
from assetctl.domain.identity import display_id
from assetctl.domain.request import Receipt, Recorded
from assetctl.domain.settling import REASONS
from assetctl.errors import AssetctlError
from assetctl.i18n import N_
from assetctl.reads.assets import Asset, Attachment, Tag
from assetctl.reads.parties import Party, Place
from assetctl.reads.trace import Entry

_CODED = {"state": "state", "from_state": "state", "condition": "condition", "method": "method",
          "ground": "ground", "carrier": "carrier", "air": "air", "role": "role",
          "party_kind": "kind",
          "place_kind": "place_kind", "cause": "cause", "purpose": "purpose",
          "reason": "key_end", "doc_kind": "document", "verdict": "opinion",
          "mode": "warehouse_mode", "form": "warehouse_form", "stands": "stocktake_state",
          "how": "how", "treatment": "treatment"}  # fmt: skip
_KEYED = {"adjusted": "adjustment", "counts": "stocktake_result", "away": "state"}
"""Facts that count by code, and the group of the words for those codes."""

_SHOWN = 5
"""So many of a list are named; the entry itself has them all."""
_NAMED = ("holder", "owner", "place", "sent_to", "refused_by")
_BORING = {
    "doc", "scheme", "source", "issue", "carrier", "aliases", "before", "after", "vouched",
    "number", "fields", "lines", "steps", "assets", "released", "rules", "round", "next", "is_end",
    "promises", "results", "tags",
    "sha256",
}  # fmt: skip


def receipt_answer(
    receipt: Receipt, refused: Sequence[tuple[str, AssetctlError]] = (), **more: Any
) -> Answer:
    """Return the answer of an act: its entries, what was refused, and more facts for programs."""
    data: dict[str, Any] = {"events": receipt.events, "repeated": receipt.repeated, **more}
    if refused:
        data["refused"] = [
            {"asset_id": asset, "code": error.code, "message": str(error)}
            for asset, error in refused
        ]

    def view(words: Words) -> Sequence[View]:
        lines = [receipt_line(event, words) for event in receipt.events]
        if receipt.repeated:
            lines.insert(0, words.say(N_("This request was carried out before; nothing was done.")))
        return lines

    def remarks(words: Words) -> Sequence[str]:
        return [
            words.say(N_("Not done for {asset}: {reason}"), asset=display_id(asset),
                      reason=sentence(error, words))
            for asset, error in refused
        ]  # fmt: skip

    return Answer(data=data, view=view, remarks=remarks, findings=bool(refused))


def print_hint(asset_id: str) -> Callable[[Words], Sequence[str]]:
    """Return the remark that says how to print an asset's label."""
    return lambda words: [
        words.say(
            N_("Print its label with: assetctl label png {asset} --out label.png"),
            asset=display_id(asset_id),
        )
    ]


def receipt_line(event: Recorded, words: Words) -> str:
    """Return one line that says what was done to what."""
    details = details_of(event.data, words)
    if doc := event.data.get("doc"):
        details += f"; {words.say(N_('Document'))} {doc}"
    return f"✓ {words.term('event', event.kind)}  {subject_text(event.subject)}  {details}".rstrip()


def subject_text(subject: str) -> str:
    """Return a subject as people know it: the hyphenated id of an asset, else its code."""
    sort, _, code = subject.partition(":")
    return display_id(code) if sort == "asset" else code


def details_of(
    data: dict[str, Any], words: Words, names: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Return the facts of an entry in one line; what did not change is left out.

    `names` are those of the parties and places mentioned, put beside their codes.
    """
    parts = []
    for name, value in data.items():
        before = data.get(f"from_{name}")
        silent = name in _BORING or name.startswith("from_")
        if silent or value in (None, {}, "") or value == before:
            continue
        shown = _named_value(name, value, words, names)
        if before:
            shown = f"{_named_value(name, before, words, names)} → {shown}"
        parts.append(f"{words.term('field', name)} {shown}")
    for name, after in data.get("after", {}).items():
        before = _value(name, data["before"].get(name) or "-", words)
        shown = _value(name, after or "-", words)
        parts.append(f"{words.term('field', name)} {before} → {shown}")
    return "; ".join(parts)


def _named_value(name: str, value: Any, words: Words, names: Mapping[str, str]) -> str:
    if name in _NAMED and value in names:
        return f"{names[value]} ({value})"
    return _value(name, value, words)


def _value(name: str, value: Any, words: Words) -> str:
    if name == "erased":
        return ", ".join(words.term("field", item["path"]) for item in value)
    if isinstance(value, dict):
        group = _KEYED.get(name, "field")
        return ", ".join(
            f"{words.term(group, key)} {_value(key, inner, words)}" for key, inner in value.items()
        )
    if isinstance(value, list):
        more = [f"… ({len(value)})"] if len(value) > _SHOWN else []
        return ", ".join([*(_member(name, one, words) for one in value[:_SHOWN]), *more])
    if name == "reason" and value in REASONS:
        return words.term("difference_reason", value)
    return words.term(_CODED.get(name, name), str(value))


def _member(name: str, one: Any, words: Words) -> str:
    """Return one of a list: a team with its people, a thing that was counted, or what it is."""
    if isinstance(one, list):
        return " → ".join(map(str, one))
    if not isinstance(one, dict):
        return str(one)
    if name == "teams":
        places = f" @ {', '.join(one['places'])}" if one.get("places") else ""
        return f"{one['code']}: {', '.join(one['people'])}{places}"
    thing = display_id(one["asset"]) if one.get("asset") else one.get("name") or one.get("item", "")
    said = {key: inner for key, inner in one.items() if key not in ("asset", "name", "item")}
    return f"{thing} ({_value('', said, words)})" if said else str(thing)


def assets_table(assets: Sequence[Asset], words: Words) -> Table:
    """Return assets as rows."""
    say = words.say
    return Table(
        columns=[say(N_("Id")), say(N_("Name")), say(N_("Class")), say(N_("State")),
                 say(N_("Owner")), say(N_("Holder")), say(N_("Place")), say(N_("Due"))],
        rows=[
            [asset.display_id, asset.name, asset.class_name or asset.class_code,
             words.term("state", asset.state), _named(asset, asset.owner),
             _named(asset, asset.holder), _named(asset, asset.place), asset.due or ""]
            for asset in assets
        ],
    )  # fmt: skip


def asset_sheet(asset: Asset, words: Words) -> Sheet:
    """Return one asset in full: its card."""
    say = words.say
    pairs = [
        (say(N_("Class")), f"{asset.class_code} {asset.class_name or ''}"),
        (say(N_("State")), words.term("state", asset.state)),
        (say(N_("Owner")), _named(asset, asset.owner)),
        (say(N_("Holder")), f"{_named(asset, asset.holder)}  ({words.time(asset.held_since)})"),
        (say(N_("Place")), _named(asset, asset.place)),
        (say(N_("Condition")), words.term("condition", asset.condition)),
        (say(N_("Due")), asset.due or ""),
        (say(N_("Sent to")), _named(asset, asset.sent_to)),
        (say(N_("Last counted")), _counted_text(asset, words)),
        (say(N_("Disposal")),
         " ".join(filter(None, (words.term("method", asset.disposal_method), asset.disposal_doc)))),
    ]  # fmt: skip
    pairs += [(words.term("field", name), words.term(name, text))
              for name, text in (asset.card | asset.attributes).items()]  # fmt: skip
    pairs += [(say(N_("Also known as")), f"{value}  ({scheme})")
              for scheme, value in asset.aliases.items()]  # fmt: skip
    pairs += [(say(N_("Tag")), _tag_text(tag, words)) for tag in asset.tags]
    pairs += [(say(N_("File")), _file_text(one, words)) for one in asset.attachments]
    pairs.append((say(N_("Tag text")), asset.payload or ""))
    pairs.append((say(N_("Registered")), words.time(asset.registered_at)))
    return Sheet(
        title=f"{asset.display_id}  {asset.name}",
        pairs=[(name, value) for name, value in pairs if value.strip()],
    )


def codes_in(entries: Sequence[Entry]) -> list[str]:
    """Return the codes of parties and places that entries mention."""
    return [
        value
        for entry in entries
        for name, value in entry.data.items()
        if name.removeprefix("from_") in _NAMED and isinstance(value, str)
    ]


def entries_table(
    title: str, entries: Sequence[Entry], names: dict[str, str], words: Words
) -> Table:
    """Return the history of one subject: each entry with its authority."""
    say = words.say
    return Table(
        title=title,
        columns=["#", say(N_("When")), say(N_("What")), say(N_("Details")), say(N_("By")),
                 say(N_("Document")), say(N_("Leaf"))],
        rows=[_entry_row(entry, names, words) for entry in entries],
    )  # fmt: skip


def evidence_table(asset_id: str, entries: Sequence[Entry], words: Words) -> Table:
    """Return what partners say of an asset, marked as their word."""
    say = words.say
    title = N_("{asset}: what others say (evidence received, not acts of this register)")
    return Table(
        title=say(title, asset=display_id(asset_id)),
        columns=[say(N_("When, as they say")), say(N_("What")), say(N_("Said by")),
                 say(N_("Their id")), say(N_("In document")), say(N_("Received")),
                 say(N_("Leaf"))],
        rows=[_evidence_row(entry, words) for entry in entries],
    )  # fmt: skip


def _evidence_row(entry: Entry, words: Words) -> list[str]:
    data = entry.data
    when = words.time(data.get("declared") or data["event_time"])
    parts = [data.get(name) or "" for name in ("event_type", "action", "step", "disposition",
                                               "error_reason")]  # fmt: skip
    if "declared" in data:
        corrected = ", ".join(data.get("corrected_by", ())) or "-"
        parts.append(words.say(N_("corrected by {events}"), events=corrected))
    what = f"{words.term('event', entry.kind)}: {' '.join(filter(None, parts))}"
    sender = entry.disclosed.get("sender") or words.say(N_("(not named)"))
    received = f"{words.time(entry.at)} {entry.actor} @{entry.station}"
    return [when, what, sender, data.get("given_id") or "-", data["document"][:12], received,
            entry.leaf[:10]]  # fmt: skip


def parties_table(parties: Sequence[Party], words: Words) -> Table:
    """Return parties as rows."""
    say = words.say
    return Table(
        columns=[say(N_("Code")), say(N_("Kind")), say(N_("Name")), say(N_("Unit")),
                 say(N_("Credit code")), say(N_("Roles"))],
        rows=[
            [one.code, words.term("kind", one.kind), one.name or say(N_("(erased)")),
             one.unit or "", one.uscc or "",
             ", ".join(words.term("role", role) for role in one.roles)]
            for one in parties
        ],
    )  # fmt: skip


def places_table(places: Sequence[Place], words: Words) -> Table:
    """Return places as rows, inner ones indented."""
    say = words.say
    return Table(
        columns=[say(N_("Code")), say(N_("Name")), say(N_("Kind")), say(N_("Lies in"))],
        rows=[
            ["  " * len(one.path) + one.code, one.name, words.term("place_kind", one.kind),
             one.parent or ""]
            for one in places
        ],
    )  # fmt: skip


def lines(*make: Callable[[Words], str]) -> Callable[[Words], Sequence[View]]:
    """Return a view of plain sentences."""
    return lambda words: [one(words) for one in make]


def _entry_row(entry: Entry, names: dict[str, str], words: Words) -> list[str]:
    when, recorded = words.time(entry.at), words.time(entry.recorded_at)
    if recorded != when:
        when += f" ({words.say(N_('recorded {time}'), time=recorded)})"
    details = details_of(entry.data | entry.disclosed, words, names)
    actor = entry.actor if not entry.on_behalf else f"{entry.actor} → {entry.on_behalf}"
    return [str(entry.seq), when, words.term("event", entry.kind), details,
            f"{actor} @{entry.station}", entry.doc or "", entry.leaf[:10]]  # fmt: skip


def _named(asset: Asset, code: str | None) -> str:
    if not code:
        return ""
    name = asset.names.get(code)
    return f"{name} ({code})" if name and name != code else code


def _counted_text(asset: Asset, words: Words) -> str:
    if asset.counted_at is None:
        return ""
    return f"{words.time(asset.counted_at)} @ {_named(asset, asset.counted_place)}"


def _tag_text(tag: Tag, words: Words) -> str:
    carrier, state = words.term("carrier", tag.carrier), words.term("tag_state", tag.state)
    code = tag.epc or display_id(tag.code)
    return f"{carrier} {code} #{tag.issue} {state}"


def _file_text(one: Attachment, words: Words) -> str:
    erased = words.say(N_("(erased)")) if one.erased_at else ""
    role = words.term("role", one.role)
    text = f"{role} {one.title or ''} {one.sha256[:16]}… {one.byte_count:,} B {erased}"
    return text.rstrip()
