"""Make the pictures of printed forms in docs/forms: `python -m docs.forms`, by hand.

They come from a small register of a made-up county, built through the command line in a temporary
home on days and with ids that are always the same.
"""

from __future__ import annotations

import io
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stdout
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pypdfium2 as pdfium
from PIL import Image

from assetctl.cli import clock
from assetctl.cli.app import main as assetctl
from assetctl.cli.context import Context, Flags
from assetctl.cli.forms import GATE_PASS
from assetctl.config import load
from assetctl.domain.document_events import PaperIssued
from assetctl.domain.document_kinds import KINDS
from assetctl.domain.identity import asset_id
from assetctl.domain.request import Stamp
from assetctl.reads.documents import need_document
from assetctl.store.engine import Tx
from assetctl.store.numbers import take_number
from assetctl.store.record import record

FORMS = Path(__file__).parent / "forms"
WIDTH, WIDE, COLOURS = 800, 1200, 16
"""Pixels across a form, and across one that lies on its side; shades of grey."""

_BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_PARTIES = (
    ("U1", "示例县机关事务管理中心", "unit", "", "113309210000000195"),
    ("U2", "示例县发展和改革局", "unit", "", "113309220000000359"),
    ("U3", "示例县文化和旅游局", "unit", "", "113309000000000513"),
    ("P1", "测试甲", "person", "U2", ""), ("P2", "测试乙", "person", "U2", ""),
    ("P3", "测试丙", "person", "U1", ""), ("P4", "测试丁", "person", "U1", ""),
    ("P5", "测试戊", "person", "U1", ""), ("P6", "测试己", "person", "U3", ""),
    ("P7", "测试庚", "person", "U3", ""), ("P8", "测试辛", "person", "U1", ""),
)  # fmt: skip
_ROLES = (
    ("P1", "asset_clerk"), ("P2", "unit_head"), ("P3", "warehouse_keeper"),
    ("P4", "warehouse_manager"), ("P5", "finance_approver"), ("P6", "asset_clerk"),
    ("P7", "unit_head"), ("P8", "competent_department"),
)  # fmt: skip
_PLACES = (
    ("W1", "一号公物仓", "warehouse", ""), ("W1-A", "甲区", "zone", "W1"),
    ("W1-A-03", "03号货架", "shelf", "W1-A"),
)  # fmt: skip
_THINGS = (
    ("办公桌（1.6米，胡桃木色）", "A05010201", "1850.00", 3),
    ("会议室投影机", "A02020200", "12800.00", 2),
    ("多功能一体机", "A02020400", "9600.50", 1),
    ("中央空调室外机组", "A02061804", "38600.00", 1),
)


class County:
    """A register in a temporary home, driven through the command line."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, who: str, *arguments: str | Path) -> Any:
        """Run one command line, which must succeed; return its JSON payload."""
        out = io.StringIO()
        line = ["--home", str(self.home), "--as", who, *map(str, arguments), "--json"]
        with redirect_stdout(out):
            code = assetctl(line)
        answer = json.loads(out.getvalue())
        if code:
            message = f"{arguments}: exit {code}: {answer}"
            raise RuntimeError(message)
        return answer["data"]

    def approve(self, number: str, *people: str) -> None:
        """Have a document agreed to by people, in the order of its chain."""
        for who, said in zip(people, cycle(("同意。", "", "同意，请按规定办理交接。"))):
            self(who, "doc", "approve", number, *(["--opinion", said] if said else []))

    def recall(self, loan: str) -> str:
        """Issue a recall of what is out under a loan."""
        context = Context(load({"home": str(self.home), "operator": "P3"}), Flags())
        with closing(context), context.writing() as tx:
            stamp = context.stamp()
            return issue_recall(tx, loan, stamp)


def issue_recall(tx: Tx, loan: str, stamp: Stamp) -> str:
    """Issue a recall of all that is on a loan; return its number."""
    one = need_document(tx.connection, loan)
    number = take_number(tx, f"CH-{stamp.today[:4]}")
    lines = [{"name": line.name, "scheme": line.scheme, "class": line.class_code,
              "value": line.value, "net": line.net, "assets": list(line.assets)}
             for line in one.lines]  # fmt: skip
    fields = {"borrower": one.fields["borrower"], "due": one.fields["due"]}
    event = PaperIssued(
        doc_state="done", doc_kind="recall", unit=one.unit, issuer=stamp.actor, under=loan,
        fields=fields, lines=lines, total=one.total,
    )  # fmt: skip
    record(tx, stamp, [(f"doc:{number}", event)])
    return number


@contextmanager
def fixed_world() -> Iterator[list[datetime]]:
    """Let the clock begin on a fixed day and ids be drawn the same way each time.

    Gives a list whose only item is the present moment, to be moved on.
    """
    drawn = random.Random(11)  # noqa: S311  ids that are the same each time are wanted
    now = [_BEGIN]

    def moment() -> datetime:
        now[0] += timedelta(seconds=1)
        return now[0]

    def new_asset_id() -> str:
        while True:
            made = asset_id(drawn.getrandbits(40))
            if made:
                return made

    with patch.object(clock, "now", moment), patch.object(clock, "new_asset_id", new_asset_id):
        yield now


def build(county: County, now: list[datetime]) -> dict[str, str]:
    """Build the county's register; return the number of a document of each kind."""
    county("admin", "init")
    for code, name, kind, unit, uscc in _PARTIES:
        more = (["--unit", unit] if unit else []) + (["--uscc", uscc] if uscc else [])
        county("admin", "party", "add", code, "--name", name, "--kind", kind, *more)
    for person, role in _ROLES:
        county("admin", "role", "grant", person, role)
    for code, name, kind, parent in _PLACES:
        more = ["--parent", parent] if parent else []
        county("admin", "place", "add", code, "--name", name, "--kind", kind, *more)
    county("admin", "warehouse", "set", "W1", "--unit", "U1")
    ids = [
        county("P1", "register", "--name", name, "--class", code, "--owner", "U2", "--value", value,
               "--condition", "good")["asset_id"]
        for name, code, value, count in _THINGS for _ in range(count)
    ]  # fmt: skip
    county("P1", "intake", "sanitise", ids[5], "--method", "overwritten")
    found = _intake(county, ids)
    now[0] += timedelta(days=5)
    found |= _loan(county, ids[:4], now)
    now[0] += timedelta(days=3)
    found |= _realloc(county, ids[5:])
    return found | _source(county)


def _intake(county: County, ids: list[str]) -> dict[str, str]:
    number = county(
        "P1", "intake", "request", *ids, "--source", "idle", "--mode", "custody", "--warehouse",
        "W1", "--reason", "办公用房调整后闲置，拟交公物仓统一保管调剂。", "--decision",
        "示发改党组〔2026〕5号",
    )["number"]  # fmt: skip
    county.approve(number, "P2", "P8", "P4", "P5")
    sent = county("P1", "intake", "send", number, *ids)["papers"]
    accepted = county("P3", "intake", "accept", number, *ids[:-1], "--place", "W1-A-03",
                      "--condition", "fair", "--differs", "桌面有轻微划痕。")["papers"]  # fmt: skip
    county("P3", "intake", "refuse", number, ids[-1], "--reason", "机组缺铭牌，无法核对序列号。")
    return {"intake": number, "handover": sent[0]} | {
        kind: paper
        for paper in accepted for kind in ("acceptance", "receipt", "goods_in")
        if paper.startswith(KINDS[kind].prefix)
    }  # fmt: skip


def _loan(county: County, ids: list[str], now: list[datetime]) -> dict[str, str]:
    number = county(
        "P6", "loan", "request", *ids, "--due", "2026-03-31", "--purpose", "示例县文化节筹备工作。",
        "--return-place", "W1-A-03", "--custodian", "P6",
    )["number"]  # fmt: skip
    county.approve(number, "P7", "P4")
    out = county("P3", "loan", "handover", number, *ids)["papers"]
    now[0] += timedelta(days=12)
    extension = county("P6", "loan", "extension", number, "--due", "2026-04-20", "--purpose",
                       "文化节闭幕式延期。")["number"]  # fmt: skip
    county("P7", "doc", "approve", extension)
    now[0] += timedelta(days=20)
    recall = county.recall(number)
    now[0] += timedelta(days=2)
    back = county("P3", "loan", "return", *ids, "--place", "W1-A-03", "--condition", "poor",
                  "--outcome", "repair", "--compensation", "200.00",
                  "--note", "一台投影机灯罩破损。")  # fmt: skip
    papers = [one["subject"] for one in back["events"] if one["kind"] == "doc.issued"]
    return {"loan": number, "goods_out": out[0], "extension": extension, "recall": recall,
            "return_check": papers[0].removeprefix("doc:")}  # fmt: skip


def _realloc(county: County, ids: list[str]) -> dict[str, str]:
    number = county(
        "P6", "realloc", "request", *ids[:1], "--to-unit", "U3", "--reason",
        "补充窗口单位办公设备，先调剂后采购。", "--reply", "示财资〔2026〕3号",
    )["number"]  # fmt: skip
    return {"realloc": number}


def _source(county: County) -> dict[str, str]:
    county("admin", "party", "add", "P9", "--name", "测试壬", "--kind", "person", "--unit", "U3")
    county("admin", "role", "grant", "P9", "unit_finance")
    need = county(
        "P6", "source", "need", "--class", "A02010108", "--quantity", "4", "--name",
        "便携式计算机", "--spec", "内存16G以上，能离线办公。", "--by", "2026-06-30", "--place",
        "W1", "--staff", "20",
    )["number"]  # fmt: skip
    county.approve(need, "P7", "P9")
    county("P6", "source", "search", need)
    found = county("P4", "source", "certify", need)
    certificate = found["searches"][-1]["certificate"]
    bought = county("P9", "source", "purchase", certificate, "--quantity", "4", "--price",
                    "6800.00", "--contract", "示采〔2026〕12号")  # fmt: skip
    return {"need": need, "certificate": certificate, "purchase": bought["number"]}


def picture(pdf: bytes, path: Path, *, page: int = 0) -> None:
    """Write a page of a PDF as a small picture."""
    with closing(pdfium.PdfDocument(pdf)) as document:
        sheet = document[page]
        width = WIDTH if sheet.get_width() < sheet.get_height() else WIDE
        image = sheet.render(scale=width / sheet.get_width()).to_pil().convert("L")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> int:
    """Make the picture of each kind of document, and of the gate pass."""
    FORMS.mkdir(exist_ok=True)
    with fixed_world() as now, tempfile.TemporaryDirectory() as folder:
        county = County(Path(folder) / "home")
        for kind, number in build(county, now).items():
            pdf = Path(folder) / f"{kind}.pdf"
            county("P3", "doc", "print", number, "--out", pdf)
            picture(pdf.read_bytes(), FORMS / f"{kind}.png")
            if kind == "goods_out":
                picture(pdf.read_bytes(), FORMS / f"{GATE_PASS}.png", page=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
