"""What a sweep by radio shows: how it goes on, and what must be looked at when it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assetctl.cli.output import Answer, Table, View, Words
from assetctl.domain.identity import display_id
from assetctl.domain.stocktake import Line
from assetctl.domain.sweep import Advice, Sweep, Tally, Verdict, verdicts
from assetctl.i18n import N_
from assetctl.reads.heard import Bearer

_MOST_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What should be at a place: by EPC the line it belongs to; and lines that bear no radio tag.

    `places` says of every thing of the list where it should be; `is_hidden` where whoever counts
    is not to see any of it.
    """

    by_epc: Mapping[str, Line]
    untagged: tuple[Line, ...]
    places: Mapping[str, str]
    is_hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """A sweep that was entered: the verdicts, what was expected, whose the tags are, and copies.

    `is_repeated` where the same reads had been landed before.
    """

    found: Sweep
    expected: Expected
    bound: Mapping[str, Bearer]
    copies: int
    passed_over: int
    is_repeated: bool


def progress_line(tally: Tally, expected: Expected | None, words: Words) -> str:
    """Return how far a sweep is, in one line."""
    return _line(verdicts(tally, _epcs(expected)), expected, words)


def _epcs(expected: Expected | None) -> Sequence[str]:
    return list(expected.by_epc) if expected else ()


def _line(found: Sweep, expected: Expected | None, words: Words) -> str:
    say = words.say
    if expected is None or expected.is_hidden:
        return say(N_("{count} tags heard"), count=sum(1 for tag in found.tags if tag.heard))
    counts = found.counts
    seen = say(
        N_("{present} of {listed} heard well, {weak} weakly, {others} others"),
        present=counts[Verdict.PRESENT], listed=len(expected.by_epc), weak=counts[Verdict.WEAK],
        others=counts[Verdict.SURPLUS] + counts[Verdict.NEARBY],
    )  # fmt: skip
    return f"{seen}; {words.term('sweep_advice', found.hint.advice)}"


def swept_answer(swept: Swept, *, raw: str | None, hidden: bool) -> Answer:
    """Return what a sweep found: what is weak, missing, not expected, or bears no tag.

    `raw` is the SHA-256 of the reads that were kept; with `hidden` only how many tags were heard.
    """
    found = swept.found
    heard = sum(1 for tag in found.tags if tag.heard)
    data: dict[str, Any] = {
        "counts": {verdict.value: count for verdict, count in found.counts.items()},
        "strength": found.strength, "median": found.median, "threshold": found.threshold,
        "sweeps": found.sweeps, "hint": found.hint, "untagged": len(swept.expected.untagged),
        "copies": swept.copies, "passed_over": swept.passed_over,
        "repeated": swept.is_repeated, "raw": raw,
    }  # fmt: skip
    if hidden:
        data |= {"counts": {"heard": heard}, "untagged": None}
        text = N_("{count} tags heard")
        return Answer(
            data=data, view=lambda words: [words.say(text, count=heard)],
            remarks=lambda words: _landed_before(swept, words),
        )  # fmt: skip
    rows = _shown(swept)
    data["tags"] = rows

    def view(words: Words) -> Sequence[View]:
        table = Table(
            columns=[words.say(N_("Verdict")), words.say(N_("Id")), words.say(N_("Name")),
                     words.say(N_("Place")), "EPC", words.say(N_("Best, dBm"))],
            rows=[
                [_verdict(row["verdict"], words),
                 display_id(row["asset_id"]) if row["asset_id"] else "-", row["name"] or "-",
                 row["place"] or "", row["epc"] or "", str(row["rssi"] or "")]
                for row in rows[:_MOST_SHOWN]
            ],
        )  # fmt: skip
        return [_line(found, swept.expected, words), table]

    return Answer(data=data, view=view, remarks=lambda words: _remarks(swept, words))


def _verdict(code: str, words: Words) -> str:
    return words.say(N_("no radio tag")) if code == "untagged" else words.term("presence", code)


def _shown(swept: Swept) -> list[dict[str, Any]]:
    """Return what must be looked at: all but what was heard well, and strangers next door."""
    found, expected, bound = swept.found, swept.expected, swept.bound
    rows = []
    for tag in found.tags:
        if tag.verdict in (Verdict.PRESENT, Verdict.NEARBY):
            continue
        line = expected.by_epc.get(tag.epc)
        thing = line or bound.get(tag.epc)
        asset_id = thing.asset_id if thing else None
        rows.append({
            "verdict": tag.verdict.value, "epc": tag.epc, "asset_id": asset_id,
            "name": thing.name if thing else None, "place": expected.places.get(asset_id or ""),
            "rssi": tag.heard.rssi if tag.heard else None,
        })  # fmt: skip
    rows += [
        {"verdict": "untagged", "epc": None, "asset_id": line.asset_id, "name": line.name,
         "place": line.place, "rssi": None}
        for line in expected.untagged
    ]  # fmt: skip
    return rows


def _landed_before(swept: Swept, words: Words) -> list[str]:
    text = N_("These reads had been landed before; nothing was entered again.")
    return [words.say(text)] if swept.is_repeated else []


def _remarks(swept: Swept, words: Words) -> Sequence[str]:
    found, expected = swept.found, swept.expected
    said = _landed_before(swept, words)
    if swept.passed_over:
        said.append(words.say(
            N_("{count} reads were of more tags than are kept, and do not count."),
            count=swept.passed_over,
        ))  # fmt: skip
    if swept.copies:
        said.append(words.say(
            N_("{count} tags answered with another chip than the one bound: perhaps copies. See: "
               "assetctl audit gaps"),
            count=swept.copies,
        ))  # fmt: skip
    if found.hint.advice is Advice.NONE_HEARD and expected.by_epc:
        said.append(words.say(
            N_("None of the tags that are expected here was heard: is it the right place?")
        ))  # fmt: skip
    if not any(tag.heard and tag.heard.rssi is not None for tag in found.tags):
        said.append(words.say(N_("Judged without signal strength: the reader tells none.")))
    if found.hint.advice is Advice.MAY_STOP:
        said.append(words.say(
            N_("About {unseen} readable tags may be unheard: an estimate, and no proof. Dead and "
               "shielded tags never answer; walk to what is missing or weak."),
            unseen=f"{found.hint.unseen:.1f}",
        ))  # fmt: skip
    if expected.untagged:
        said.append(words.say(
            N_("{count} things here bear no radio tag: count them by label or by hand."),
            count=len(expected.untagged),
        ))  # fmt: skip
    return said
