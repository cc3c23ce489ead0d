"""What reader commands show: tags heard, what a reader is, a bar that grows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from assetctl.cli.hearing import Hearing
from assetctl.cli.output import Sheet, Table, Words
from assetctl.domain.identity import display_id
from assetctl.domain.sweep import Heard
from assetctl.i18n import N_

if TYPE_CHECKING:
    from scanner import ScanError
    from scanner.homing import Beat

_BAR = 40
_MOST_NAME = 24


def heard_data(hearing: Hearing) -> dict[str, Any]:
    """Return what was heard as JSON holds it; times in seconds, strengths in dBm."""
    return {"reads": hearing.reads, "tags": [_row(tag, hearing) for tag in hearing.tags()]}


def _row(tag: Heard, hearing: Hearing) -> dict[str, Any]:
    bound = hearing.bound.get(tag.epc)
    return {
        "epc": tag.epc, "asset_id": bound.asset_id if bound else None,
        "name": bound.name if bound else None, "tid": tag.tids[0] if tag.tids else None,
        "first": round(tag.first, 3), "last": round(tag.last, 3), "reads": tag.reads,
        "epochs": tag.epochs, "best": tag.rssi, "antennas": tag.antennas,
    }  # fmt: skip


def heard_table(hearing: Hearing, words: Words, most: int | None = None) -> Table:
    """Return the tags, the last one heard first; on a screen only the newest of them."""
    say = words.say
    rows = sorted(heard_data(hearing)["tags"], key=lambda row: (-row["last"], row["epc"]))[:most]
    return Table(
        columns=["EPC", say(N_("Id")), say(N_("Name")), say(N_("First, s")),
                 say(N_("Last, s")), say(N_("Seconds heard")), say(N_("Reads")),
                 say(N_("Best, dBm")), say(N_("Antennas"))],
        rows=[
            [row["epc"], display_id(row["asset_id"]) if row["asset_id"] else "-",
             (row["name"] or "-")[:_MOST_NAME], f"{row['first']:.1f}", f"{row['last']:.1f}",
             str(row["epochs"]), str(row["reads"]), dbm(row["best"]),
             " ".join(map(str, row["antennas"])) or "-"]
            for row in rows
        ],
    )  # fmt: skip


def test_sheet(data: Mapping[str, Any], words: Words) -> Sheet:
    """Return what a reader answered."""
    say = words.say
    return Sheet(
        title=data["reader"],
        pairs=[
            (say(N_("Address")), data["address"]),
            (say(N_("Model")), data["model"] or "-"),
            (say(N_("Tags")), str(data["tags"])),
            (say(N_("Reads")), str(data["reads"])),
            (say(N_("Best, dBm")), dbm(data["best"])),
            (say(N_("Antennas")), " ".join(map(str, data["antennas"])) or "-"),
        ],
    )


def lost_remark(lost: ScanError | None, words: Words | None) -> str | None:
    """Return why a reader was lost, in words or, without any, as its code."""
    if lost is None:
        return None
    return words.say(lost.template, **lost.facts) if words else lost.code


def bar(beat: Beat, words: Words) -> str:
    """Return the bar of a search: how near the thing seems."""
    full = round(_BAR * beat.level / 100)
    tail = words.say(N_("lost: walk back to where it was heard")) if beat.is_lost else (
        words.say(N_("{level} of 100, {dbm} dBm"), level=beat.level, dbm=dbm(beat.rssi))
    )  # fmt: skip
    return f"{'█' * full}{'░' * (_BAR - full)}  {tail}"


def dbm(rssi: float | None) -> str:
    """Return a signal strength with at most one digit behind the point."""
    return "-" if rssi is None else f"{round(rssi, 1):g}"
