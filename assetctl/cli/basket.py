"""How a session looks to people: what it says, its basket, its receipts, what contradicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assetctl.acts.landing import Landed
from assetctl.cli.moments import Done, Moment
from assetctl.cli.output import Table, Words, sentence
from assetctl.domain.identity import display_id, parse_asset_id
from assetctl.domain.intent import COUNT, UNDO, Conflict, Intent
from assetctl.domain.session import ACT_OF, Item, Mode, Session, Told, why
from assetctl.errors import AssetctlError, AssetIdError
from assetctl.i18n import N_
from assetctl.reads.counts import Astray

SAID: Mapping[str, str] = {
    "added": N_("In the basket: {thing}"),
    "removed": N_("Taken out again: {thing}"),
    "graded": N_("Condition noted: {thing}"),
    "counted": N_("Noted: {thing}"),
    "shown": N_("{thing}: {state}; {holder}; {place}"),
    "refused": N_("Refused: {thing}: {reason}"),
    "repeat": N_("Still the same: {thing}"),
    "mode": N_("Now: {mode}"),
    "borrower": N_("They go to {thing}"),
    "place": N_("Place: {thing}"),
    "condition": N_("The next thing is: {condition}"),
    "quantity": N_("Of the next thing there are {quantity}"),
    "dropped": N_("The quantity that waited is dropped."),
    "photo": N_("Photo kept: {thing}"),
    "lost": N_("A photo was not attached: {thing}: {reason}"),
    "astray": N_("The register has it otherwise: {thing}: {state}; {holder}; {place}"),
    "miscounted": N_("The register has another quantity: {thing}: {quantity}"),
    "cancelled": N_("The basket is empty again; nothing was done."),
    "landed": N_("Done. Receipt {thing}"),
    "queued": N_("The register cannot be reached. Receipt {thing} waits at this station."),
    "offline": N_("The register cannot be reached; tags are judged by their signature alone."),
    "online": N_("The register can be reached again."),
    "synced": N_("Landed what had waited: {thing}"),
    "conflict": N_("The register says otherwise: {thing}: {reason}"),
    "resumed": N_("Going on with a basket of {thing} things."),
    "torn": N_("The last line of the journal was cut off by a crash; it was never acknowledged."),
}
"""What is said to each code a session tells."""

REASONS: Mapping[str, str] = {
    "lifecycle.refused": N_("its state does not allow that"),
    "custody.no_change": N_("it is there already"),
    "custody.someone_first": N_("somebody else was first"),
    "party.not_found": N_("no such party"),
    "place.not_found": N_("no such place"),
    "tag.replaced": N_("this label was replaced by a newer one"),
    "tag.void": N_("this label is void"),
    "tag.blank": N_("this label is bound to nothing"),
    "tag.unknown": N_("the register does not know this tag"),
    "session.after_conflict": N_("an earlier commit of it is in conflict"),
    "photo.altered": N_("its file is no longer what was photographed"),
    "photo.missing": N_("its file is gone"),
    "session.basket_open": N_("the basket is not empty: commit or cancel first"),
    "session.cannot_undo": N_("it cannot be taken back"),
    "session.counted_elsewhere": N_("the basket was counted at another place: commit it first"),
    "session.empty": N_("there is nothing in the basket that could be committed"),
    "session.full": N_("the basket is full: commit it first"),
    "session.needs_borrower": N_("who takes the things? Scan a card, or type !to CODE"),
    "session.needs_mode": N_("what shall be done? Scan a command, or type !checkout"),
    "session.needs_place": N_("where to? Scan a place, or type !place CODE"),
    "session.no_borrower_here": N_("nobody borrows in this mode"),
    "session.no_box_here": N_("a box is not taken as a whole"),
    "session.no_blank_here": N_("this label is bound to nothing"),
    "session.no_condition_here": N_("a condition is noted when things come back or are counted"),
    "session.no_number": N_("a whole number up to 999999 is needed"),
    "session.no_quantity_here": N_("quantities belong to a count: scan COUNT, or type !count"),
    "session.nothing_to_photograph": N_("there is nothing in the basket to photograph"),
    "session.quantity_waits": N_("a quantity waits for its thing: scan it, or type !quantity 0"),
    "session.unknown_command": N_("there is no such command"),
    "session.unknown_offline": N_("it cannot be known while the register is away"),
}
"""What each reason of a session means; reasons of tags stand among the terms."""

_MODES: Mapping[str, str] = {Mode.SHOW: N_("Show"), UNDO: N_("Undo")}


def message(moment: Moment, words: Words) -> str:
    """Return what a session says about the text it was just given."""
    return said(moment.told, moment.session, words)


def said(told: Told, session: Session, words: Words) -> str:
    """Return what is told, as a sentence."""
    seen = told.seen
    times = _times(told.quantity) if told.code in ("added", "counted") else ""
    facts = {
        "thing": thing(told.subject, told.name) + times,
        "quantity": told.quantity or "",
        "reason": _why_not(told, words),
        "mode": mode_word(session.mode, words),
        "condition": words.term("condition", told.subject.partition(".")[2]),
        "state": words.term("state", seen.state) if seen else "",
        "holder": (seen.holder or "-") if seen else "",
        "place": (seen.place or "-") if seen else "",
    }
    return words.say(SAID[told.code], **facts)


def reason_word(code: str, words: Words) -> str:
    """Return what a reason means."""
    if code in REASONS:
        return words.say(REASONS[code])
    said = words.term("reason", code)
    return said if said != code else words.say(N_("the rules refuse it ({code})"), code=code)


def mode_word(mode: str, words: Words) -> str:
    """Return the word for a mode or act."""
    if mode in _MODES:
        return words.say(_MODES[mode])
    act = ACT_OF[Mode(mode)].value if mode in set(Mode) else mode
    return words.term("act", act)


def thing(code: str, name: str | None) -> str:
    """Return a thing, a place or a person as people know it."""
    return f"{_shown(code)} {name or ''}".rstrip()


def basket_table(session: Session, words: Words) -> Table:
    """Return the basket: what a commit would carry, and what it would leave out and why."""
    say = words.say
    title = mode_word(session.mode, words)
    for arrow, code in (("→", session.borrower), ("@", session.place)):
        title += f" {arrow} {code}" if code else ""
    return Table(
        title=title,
        columns=["#", say(N_("Id")), say(N_("Name")), say(N_("State")), say(N_("Quantity")),
                 say(N_("Condition")), say(N_("Refused because")), say(N_("Allowed now"))],
        rows=[
            _row(number, item, session, words)
            for number, item in enumerate(session.items.values(), 1)
        ],
    )  # fmt: skip


def conflicts_table(conflicts: Sequence[Conflict], words: Words) -> Table:
    """Return conflicts with both sides: the journal's and the register's."""
    say = words.say
    return Table(
        title=say(N_("Conflicts")),
        columns=[say(N_("Id")), say(N_("The journal says")), say(N_("The register says")),
                 say(N_("Why it did not land")), say(N_("Receipt"))],
        rows=[
            [_shown(one.asset_id), _journal_side(one, words), _register_side(one, words),
             reason_word(one.code, words), one.request_id]
            for one in conflicts
        ],
    )  # fmt: skip


def receipt_text(done: Done, words: Words) -> str:
    """Return the receipt of a commit as text, to be shown, printed and signed."""
    intent, say = done.intent, words.say
    title = {
        "landed": N_("Receipt: {act}"), "queued": N_("Receipt (not in the register yet): {act}"),
        "refused": N_("Refused: {act}"),
    }[done.outcome]  # fmt: skip
    lines = [say(title, act=mode_word(intent.act, words)), *_head(intent, words)]
    lines += _things(done, words)
    if done.left_out:
        lines.append(say(N_("Left out:")))
    for code, reason in done.left_out:
        lines.append(f"    - {thing(code, done.names.get(code))}: {reason_word(reason, words)}")
    lines += findings_lines(done, words)
    if done.error is not None:
        lines.append(sentence(done.error, words))
    elif intent.act != COUNT:
        lines.append(say(N_("Signature: ____________________")))
    return "\n".join(lines)


def findings_lines(one: Done | Landed, words: Words) -> list[str]:
    """Return what a count found astray and which photos are lost, a line each under a heading."""
    lines = []
    if one.astray:
        lines.append(words.say(N_("Otherwise in the register:")))
    lines += [f"    - {_astray_text(found, words)}" for found in one.astray]
    if one.lost:
        lines.append(words.say(N_("Photos that were not attached:")))
    for lost in one.lost:
        reason = reason_word(f"photo.{lost.problem}", words)
        lines.append(f"    - {_shown(lost.asset_id)}: {reason} ({lost.sha256})")
    if one.photos:
        lines.append(words.say(N_("Photos attached: {count}"), count=len(one.photos)))
    return lines


def _astray_text(found: Astray, words: Words) -> str:
    parts = []
    if set(found.differs) - {"quantity"}:
        state = words.term("state", found.state)
        parts.append(f"{state} → {found.holder} @ {found.place or '-'}")
    if "quantity" in found.differs:
        parts.append(
            words.say(N_("{quantity} on the card, {counted} counted"),
                      quantity=found.quantity, counted=found.counted_quantity)
        )  # fmt: skip
    return f"{thing(found.asset_id, found.name)}: {'; '.join(parts)}"


def _things(done: Done, words: Words) -> list[str]:
    lines: list[str] = []
    for group in done.intent.groups:
        said = group.said()
        grade = f"  {words.term('condition', group.condition)}" if group.condition else ""
        for one in group.assets:
            named = thing(one, done.names.get(one)) + _times(said.get(one))
            lines.append(f"{len(lines) + 1:4}. {named}{grade}")
    return lines


def _times(quantity: int | None) -> str:
    return f" × {quantity}" if quantity else ""


def _why_not(told: Told, words: Words) -> str:
    if isinstance(told.error, AssetctlError):
        return sentence(told.error, words)
    reason = reason_word(told.reason or "", words)
    if not told.allowed:
        return reason
    acts = ", ".join(words.term("act", act) for act in told.allowed)
    return words.say(N_("{reason}; allowed now: {acts}"), reason=reason, acts=acts)


def _row(number: int, item: Item, session: Session, words: Words) -> list[str]:
    refusal = why(session, item)
    return [
        str(number), _shown(item.seen.code), item.seen.name or "",
        words.term("state", item.seen.state), str(item.quantity or ""),
        words.term("condition", item.condition),
        reason_word(refusal.code, words) if refusal else "",
        ", ".join(words.term("act", act) for act in refusal.allowed) if refusal else "",
    ]  # fmt: skip


def _head(intent: Intent, words: Words) -> list[str]:
    say = words.say
    pairs = [
        (N_("Receipt"), intent.request_id), (N_("When"), words.time(intent.at)),
        (N_("By"), f"{intent.actor} @{intent.station}"),
        (N_("Holder"), intent.to if intent.act != UNDO else None),
        (N_("Place"), intent.place if intent.act != UNDO else None),
        (N_("Due"), intent.due), (N_("Document"), intent.doc), (N_("Takes back"), intent.of),
    ]  # fmt: skip
    return [f"  {say(name)}: {value}" for name, value in pairs if value]


def _journal_side(one: Conflict, words: Words) -> str:
    where = " ".join(filter(None, (one.to and f"→ {one.to}", one.place and f"@ {one.place}")))
    return f"{words.time(one.at)} {one.actor}: {mode_word(one.act, words)} {where}".rstrip()


def _register_side(one: Conflict, words: Words) -> str:
    if one.register_recorded_at is None:
        return words.say(N_("none"))
    state = words.term("state", one.register_state)
    where = " ".join(
        filter(None, (one.register_holder and f"→ {one.register_holder}",
                      one.register_place and f"@ {one.register_place}"))
    )  # fmt: skip
    event = words.term("event", one.register_event)
    when = words.time(one.register_recorded_at)
    return f"{when} {one.register_actor}: {event}; {state} {where}".rstrip()


def _shown(code: str) -> str:
    """Return an asset id hyphenated; any other code as it is, a long text cut."""
    try:
        return display_id(parse_asset_id(code)) if len(code) == 10 else code[:60]
    except AssetIdError:
        return code
