"""Make the pictures of a stocktake's reports in docs/forms: `python -m docs.stocktake_forms`.

They come from a made-up county as those of `docs.forms` do: a stocktake from its plan to its seal.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from assetctl.acts import finds
from assetctl.acts.finds import HeardTag, SweepReport
from assetctl.cli.context import Context, Flags
from assetctl.cli.stocktake_sheets import FORMS as SHEETS
from assetctl.cli.stocktake_sheets import TITLES
from assetctl.config import load
from docs.forms import FORMS, County, fixed_world, picture

PEOPLE = (
    ("P1", "测试甲", "U1", "asset_clerk"), ("P2", "测试乙", "U1", "unit_finance"),
    ("P3", "测试丙", "U1", "warehouse_keeper"), ("P4", "测试丁", "U1", "unit_head"),
    ("P5", "测试戊", "U2", "finance_approver"), ("P6", "测试己", "U1", "warehouse_keeper"),
)  # fmt: skip
_PLACES = (
    ("B1", "行政中心1号楼", "building", ""), ("B1-1F", "1层", "floor", "B1"),
    ("B1-101", "101办事大厅", "room", "B1-1F"), ("B1-102", "102档案室", "room", "B1-1F"),
    ("B1-2F", "2层", "floor", "B1"), ("B1-201", "201会议室", "room", "B1-2F"),
    ("B1-202", "202机要室", "room", "B1-2F"), ("W1", "一号公物仓", "warehouse", ""),
    ("W1-A", "甲区", "zone", "W1"), ("W1-B", "乙区", "zone", "W1"),
)  # fmt: skip
_THINGS = (
    ("台式计算机", "A02010105", "启天M450", "台", "4899.00", "", "B1-101", 4),
    ("会议桌", "A05010201", "2400×1200", "张", "3000.00", "", "B1-201", 1),
    ("会议椅", "A05010301", "", "把", "14399.70", "30", "B1-201", 1),
    ("多功能一体机", "A02020400", "M7400", "台", "9600.50", "", "B1-102", 2),
    ("投影机", "A02020200", "CB-X06", "台", "12800.00", "", "B1-202", 2),
    ("便携式计算机", "A02010108", "", "台", "6800.00", "", "W1-A", 3),
    ("保密文件柜", "A05010502", "五节", "个", "", "", "W1-B", 2),
)  # fmt: skip
_NEW = "便携式计算机"
"""From this one on they came after the base day."""
_BASE = "2026-02-28"


def build(county: County, now: list[datetime]) -> tuple[str, list[str]]:
    """Build a county whose stocktake is being counted; return its number, and its things.

    `now` is the moment that `fixed_world` gives. Most things are there before the base day.
    """
    begin = now[0]
    now[0] = begin - timedelta(days=30)
    county("admin", "init")
    county("admin", "party", "add", "U1", "--name", "示例县机关事务管理中心", "--kind", "unit")
    county("admin", "party", "add", "U2", "--name", "示例县发展和改革局", "--kind", "unit")
    for code, name, unit, role in PEOPLE:
        county("admin", "party", "add", code, "--name", name, "--kind", "person", "--unit", unit)
        county("admin", "role", "grant", code, role)
    for code, name, kind, parent in _PLACES:
        more = ["--parent", parent] if parent else []
        county("admin", "place", "add", code, "--name", name, "--kind", kind, *more)
    county("admin", "warehouse", "set", "W1", "--unit", "U1")
    things = []
    for name, kind, model, measure, value, many, place, how_many in _THINGS:
        if name == _NEW:
            now[0] = begin - timedelta(days=1)
        more = ["--model", model] if model else []
        more += ["--value", value] if value else []
        more += ["--set", f"quantity={many}"] if many else []
        things += [
            county("P1", "register", "--name", name, "--class", kind, "--owner", "U1", "--place",
                   place, "--set", f"measure={measure}", *more)["asset_id"]
            for _ in range(how_many)
        ]  # fmt: skip
    county("P1", "correct", things[4], "--set", "value=3200.00", "--doc", "示更〔2026〕1号")
    now[0] = begin
    number = county("P1", "stocktake", "plan", "--owner", "U1", "--team", "A=P1,P2", "--team",
                    "B=P3,P6", "--doc", "示财资〔2026〕8号", "--base", _BASE)["number"]  # fmt: skip
    county("P1", "stocktake", "open", number)
    return number, things


def count(county: County, number: str, things: list[str]) -> None:
    """Count for the first time: most by hand, some by radio, some not at all."""
    for place, found in (("B1-101", things[:3]), ("B1-201", [things[4]]), ("B1-102", things[6:7]),
                         ("W1-A", things[8:9]), ("W1-B", things[13:15])):  # fmt: skip
        county("P1", "stocktake", "count", number, *found, "--place", place)
    county("P3", "stocktake", "count", number, things[5], "--place", "B1-201", "--quantity", "27")
    county("P3", "stocktake", "count", number, things[12], "--place", "W1-A", "--tag", "damaged")
    county("P3", "stocktake", "count", number, "--found", "无标签铁皮柜", "--class", "A05010502",
           "--place", "W1-B")  # fmt: skip
    swept(county, number, "B1-202", {things[9]: "present", things[8]: "weak"})
    swept(county, number, "W1-A", {things[10]: "present", things[11]: "weak"})


def swept(county: County, number: str, place: str, heard: dict[str, str]) -> None:
    """Sweep a place by radio; `heard` are assets, and how each was heard."""
    tags = tuple(
        HeardTag(epc=f"E2{asset}", asset_id=asset, verdict=verdict, first=0, last=9, epochs=4,
                 rssi=-52.5, antennas=(1,))
        for asset, verdict in heard.items()
    )  # fmt: skip
    report = SweepReport(place=place, reader="gate", began="2026-03-02T01:00:00.000000Z", epochs=30,
                         sweeps=1, tags=tags, median=-55.0, threshold=-67.0)  # fmt: skip
    context = Context(load({"home": str(county.home), "operator": "P3"}), Flags())
    with closing(context), context.writing() as tx:
        finds.sweep(tx, number=number, report=report, stamp=context.stamp())


def settle(county: County, number: str, things: list[str]) -> None:
    """Count again what differs, explain it, and submit the results."""
    county("P1", "stocktake", "finish", number)
    county("P3", "stocktake", "finish", number)
    county("P1", "stocktake", "recount", number)
    lost = [things[3], things[7], things[11]]
    told = county("P1", "stocktake", "status", number, "--differences")["differences"]
    cabinet = next(one["item"] for one in told if one["item"].startswith("+"))
    county("P6", "stocktake", "count", number, *lost, "--absent")
    county("P6", "stocktake", "count", number, things[8], "--place", "W1-A")
    county("P6", "stocktake", "count", number, things[5], "--place", "B1-201", "--quantity", "27")
    county("P6", "stocktake", "count", number, things[12], "--place", "W1-A", "--tag", "damaged")
    county(
        "P6", "stocktake", "count", number, cabinet, "--found", "无标签铁皮柜", "--place", "W1-B"
    )
    county("P1", "stocktake", "explain", number, *lost[:2], "--reason", "lost", "--liable", "P2")
    county("P1", "stocktake", "explain", number, lost[2], "--reason", "stolen")
    county("P1", "stocktake", "explain", number, things[5], "--reason", "worn", "--leave")
    county("P1", "stocktake", "explain", number, things[8], "--reason", "moved_unbooked")
    county("P1", "stocktake", "explain", number, things[12], "--reason", "label_lost")
    county("P1", "stocktake", "explain", number, cabinet, "--reason", "never_booked", "--value",
           "800.00", "--value-type", "appraised", "--class", "A05010502")  # fmt: skip
    county("P1", "stocktake", "submit", number)


def close(county: County, number: str) -> None:
    """Have the results agreed to, book them, and seal the stocktake."""
    for who in ("P4", "P5"):
        county(who, "stocktake", "approve", number)
    county("P1", "stocktake", "close", number, "--yes")


def main() -> int:
    """Make the picture of the first page of each report."""
    with fixed_world() as now, tempfile.TemporaryDirectory() as folder:
        county = County(Path(folder) / "home")
        number, things = build(county, now)
        count(county, number, things)
        settle(county, number, things)
        close(county, number)
        for sheet in SHEETS:
            pdf = Path(folder) / f"{sheet}.pdf"
            county("P1", "stocktake", "report", number, "--form", sheet, "--out", pdf)
            picture(pdf.read_bytes(), FORMS / f"{TITLES[sheet]}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
