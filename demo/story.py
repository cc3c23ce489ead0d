"""The chapters of the story, each a few real commands and what must come of them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from assetctl.cli import clock
from assetctl.domain.identity import TagKeys, make_payload
from demo import camera, photos
from demo.county import HalfYear
from demo.desk import DemoError, Desk, must, near
from demo.proof import BORROWER, SHELF, TITLE_DOC, Proof
from labels import Label, png

BROKEN = (
    (6, "取得日期", "2018-02-30"),
    (15, "取得日期", "03/04/2021"),
    (29, "原值(元)", "0.45万元"),
    (58, "所属单位", "云屿县档案馆"),
    (83, "分类代码", "A02019999"),
    (110, "存放地点", "B区9号架1层"),
    (147, "资产名称", ""),
    (172, "序列号", "1.23457E+11"),
    (227, "卡片编号", "YL2017-0225"),
    (289, "数量", "一"),
)
"""Cells as hurried hands leave them: row, column, what stands there."""

WAREHOUSE, ARRIVALS = "GWC", "GWC-C"
RECEIVER, ROOM = "U05", "WC-1-202"
SHREDDER, OLD_PRINTER = "YL2022-0004", "YL2016-0078"


class Story(Proof):
    """The register in the making, and what is known of it so far."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.lists = near(Path(__file__).parent)
        self.home = out / "home"
        self.photos = out / "photos"
        self.suspects = out / "photos-suspicious"
        self.desk = Desk()
        self.order: list[str] = []
        self.summary: dict[str, Any] = {}

    def tell(self) -> None:
        """Tell the whole story."""
        self.make_register()
        self.import_codes()
        self.import_assets()
        self.print_labels()
        self.take_photographs()
        self.scan_and_act()
        self.refuse_suspects()
        self.hand_over()
        self.lose_and_dispose()
        self.trace_and_verify()
        self.tamper_with_history()
        self.tamper_with_table()
        self.hand_to_an_auditor()
        self.restore_a_backup()
        self.half_a_year()

    def half_a_year(self) -> None:
        """Chapter: a whole county, with its papers."""
        county = HalfYear(self.out / "county", self.desk)
        county.tell()
        self.summary["county"] = {"books": county.books(), "papers": county.papers()}

    # --- the register ------------------------------------------------------------------------

    def make_register(self) -> None:
        """Chapter: init."""
        self.desk.step("建账", "Make a register")
        self.desk.say(
            f"以下命令都在 ASSETCTL_HOME={self.home} 下执行；操作人写在其中的 config.toml 里。",
            f"All commands run with ASSETCTL_HOME={self.home}; the operator is in its config.toml.",
        )
        self.desk.run("init")

    def import_codes(self) -> None:
        """Chapter: parties and places."""
        self.desk.step(
            "导入单位、人员、供应商和地点（都是虚构的样例）",
            "Import units, people, vendors and places (all of them made up)",
        )
        self.desk.run("import", "parties", self.lists / "parties.csv")
        self.desk.run("import", "places", self.lists / "places.csv")

    def import_assets(self) -> None:
        """Chapter: a faulty list, the good one, and the good one again."""
        desk = self.desk
        desk.step("导入资产清单：先试，后导", "Import the list of assets: try first, then import")
        faulty = self.out / "assets-faulty.csv"
        rows = _break(self.lists / "assets.csv", faulty)
        desk.say(
            f"清单有 {rows} 项资产，我们故意弄坏 {len(BROKEN)} 格。--dry-run 只检查，不写入。",
            f"The list has {rows} assets; we broke {len(BROKEN)} cells on purpose. "
            "--dry-run checks and writes nothing.",
        )
        desk.run("import", "assets", faulty, "--dry-run", expect=9)
        named = desk.ask("import", "assets", faulty, "--dry-run", expect=9)["faults"]
        must(
            be={(row, column) for row, column, _ in BROKEN},
            found={(fault["row"], fault["column"]) for fault in named},
            zh="点名的单元格", en="cells named",
        )  # fmt: skip
        desk.say(
            f"一次点出全部 {len(named)} 处错误。不带 --dry-run 也会整份不收。现在导入正确的：",
            f"All {len(named)} faults are named at once. Without --dry-run nothing is taken "
            "either; now the good list:",
        )
        desk.run("import", "assets", self.lists / "assets.csv")
        desk.say("再导入一次也不会重复：", "The same list once more adds nothing:")
        desk.run("import", "assets", self.lists / "assets.csv")
        held = desk.ask("find", "--limit", "1000")["items"]
        must(be=rows, found=len(held), zh="台账中的资产数", en="assets in the register")
        self.summary |= {"assets": rows, "faults_named": len(named)}

    # --- labels and photographs --------------------------------------------------------------

    def print_labels(self) -> None:
        """Chapter: the sheet of the warehouse, one PNG, and a replaced label."""
        desk = self.desk
        desk.step("打印标签", "Print the labels")
        desk.run("label", "sheet", "--place", WAREHOUSE, "--out", self.out / "labels.pdf")
        desk.run("label", "png", photos.LAPTOP, "--out", self.out / "label.png")
        items = desk.ask("find", "--place", WAREHOUSE, "--limit", "1000")["items"]
        self.order = sorted(item["asset_id"] for item in items)
        self.summary["labels_printed"] = len(self.order)
        desk.say(
            "有一枚标签污损了：换发新标签，旧标签从此不再有效。",
            "One label got dirty: it is issued anew, and the old one no longer counts.",
        )
        desk.run("tag", "replace", photos.PROJECTOR, "--note", "标签污损")

    def take_photographs(self) -> None:
        """Chapter: pictures of what was printed."""
        self.desk.step("给打印出来的标签拍照", "Photograph the printed labels")
        self.photos.mkdir()
        self.suspects.mkdir()
        prints = camera.Prints(self.out / "labels.pdf")
        for taken in (*photos.SINGLE, photos.SHELF):
            self._shoot(prints, taken, self.photos)
        self._shoot(prints, photos.OLD, self.suspects)
        first = self._free_rows()
        piece = prints.rows(first, columns=photos.SHEET_COLUMNS, rows=photos.SHEET_ROWS)
        self._keep([piece], photos.SHEET, self.photos / photos.SHEET_FILE)
        self._keep([self._forged_label()], photos.FORGED, self.suspects / photos.FORGED_FILE)
        made = sorted(self.photos.glob("*.jpg"))
        self.desk.say(
            f"照片取自 labels.pdf，有透视、模糊、噪点和光影：{self.photos}（{len(made)} 张）",
            f"The pictures are made from the pages of labels.pdf, seen at an angle, blurred, "
            f"grainy and unevenly lit: {self.photos} ({len(made)} pictures)",
        )
        self.desk.say(
            f"另有两枚可疑标签：一枚用别人的密钥伪造，一枚已换发：{self.suspects}",
            f"And two suspicious labels, one forged with a foreign key, one replaced: "
            f"{self.suspects}",
        )
        self.summary["photos"] = [path.name for path in made]

    def _shoot(self, prints: camera.Prints, taken: photos.Taken, folder: Path) -> None:
        cells = [prints.label(self.order.index(self._id(card))) for card in taken.cards]
        self._keep(cells, taken.shot, folder / taken.file)

    def _keep(self, prints: Sequence[Image.Image], shot: camera.Shot, path: Path) -> None:
        camera.save(camera.photograph(prints, shot), path, quality=shot.quality)

    def _free_rows(self) -> int:
        """Return the first cell of the first rows on one page that hold none of the story's things.

        Ids are drawn at random, so on each run other labels lie beside each other.
        """
        cards = [card for taken in (*photos.SINGLE, photos.SHELF) for card in taken.cards]
        cards += [photos.PROJECTOR, photos.VAN, SHREDDER, OLD_PRINTER]
        busy = {self.order.index(self._id(card)) for card in cards}
        columns, rows = photos.SHEET_COLUMNS, photos.SHEET_ROWS
        for first in range(0, len(self.order) - columns * rows, columns):
            on_one_page = first % camera.CELLS <= camera.CELLS - columns * rows
            if on_one_page and not busy & set(range(first, first + columns * rows)):
                return first
        raise DemoError(zh="标签页上没有合适的位置", en="the sheets have no two rows free")

    def _forged_label(self) -> Image.Image:
        """Draw a label that looks right in every way, signed with a key that is not ours."""
        van = self.desk.ask("show", photos.VAN)[0]
        keys = TagKeys({"0": b"a key that somebody else made up"})
        payload = make_payload(
            keys, key="0", asset=van["asset_id"], issue=1, host="assets.example.gov.cn"
        )
        label = Label(payload=payload, code=van["display_id"], lines=(van["name"],))
        path = self.out / "forged-label.png"
        path.write_bytes(png(label, module_px=24))
        with Image.open(path) as picture:
            return picture.convert("RGB")

    # --- scanning ----------------------------------------------------------------------------

    def scan_and_act(self) -> None:
        """Chapter: look, lend, take back, put on a shelf, all by picture."""
        desk = self.desk
        desk.step("扫描照片，直接办理借出、归还、移位", "Scan the pictures; lend, return and move")
        scans = desk.ask("scan", "image", self.photos)
        genuine = {scan["asset_id"] for scan in scans if scan["verdict"] == "genuine"}
        files = {Path(scan["file"]).name for scan in scans if scan["verdict"] == "genuine"}
        must(be=set(self.summary["photos"]), found=files, zh="读出标签的照片", en="pictures read")
        things = len(photos.SINGLE) + len(photos.SHELF.cards)
        things += photos.SHEET_COLUMNS * photos.SHEET_ROWS
        must(be=things, found=len(genuine), zh="读出的真标签数", en="genuine labels read")
        self.summary["genuine_tags"] = len(genuine)
        due = (clock.now() + timedelta(days=30)).date().isoformat()
        desk.run("scan", "image", self.photos, "--act", "checkout", "--to", BORROWER,
                 "--due", due, "--doc", "样借〔2026〕1号")  # fmt: skip
        self._must_stand(genuine, "on_loan")
        desk.run("scan", "image", self.photos, "--act", "checkin", "--place", ARRIVALS)
        self._must_stand(genuine, "in_store")
        laptop = self.photos / "03-laptop.jpg"
        desk.run("scan", "image", laptop, self.photos / photos.SHELF.file, "--act", "move",
                 "--to", SHELF)  # fmt: skip
        moved = desk.ask("find", "--place", SHELF)["items"]
        must(be=1 + len(photos.SHELF.cards), found=len(moved), zh="移位件数", en="things moved")

    def refuse_suspects(self) -> None:
        """Chapter: forged and replaced labels."""
        desk = self.desk
        desk.step("拒绝伪造和已换发的标签", "Forged and replaced labels are refused")
        due = (clock.now() + timedelta(days=30)).date().isoformat()
        desk.run("scan", "image", self.suspects, "--act", "checkout", "--to", BORROWER,
                 "--due", due, expect=9)  # fmt: skip
        scans = desk.ask("scan", "image", self.suspects, expect=9)
        found = {Path(scan["file"]).name: scan for scan in scans}
        forged, old = found[photos.FORGED_FILE], found[photos.OLD.file]
        must(be="forged", found=forged["verdict"], zh="伪造标签的判定", en="the forged label")
        must(be="replaced", found=old["tag_state"], zh="旧标签的状态", en="the replaced label")
        self._must_stand({self._id(photos.VAN), self._id(photos.PROJECTOR)}, "in_store")
        desk.say("两件东西都没有借出。", "Neither thing was lent.")
        self.summary |= {"forged": forged["verdict"], "replaced": old["tag_state"]}

    # --- the daily verbs ---------------------------------------------------------------------

    def hand_over(self) -> None:
        """Chapter: send, receive with a difference, transfer of title."""
        desk = self.desk
        desk.step(
            "移交、接收（有差异）、凭文号划转产权",
            "Send, receive with a difference, transfer title under a document",
        )
        desk.run("send", photos.LAPTOP, "--to", RECEIVER)
        desk.run("receive", photos.LAPTOP, "--differs", "缺电源适配器一个", "--place", ROOM)
        desk.run("transfer", photos.LAPTOP, "--to-unit", RECEIVER, "--doc", TITLE_DOC)
        laptop = desk.ask("show", photos.LAPTOP)[0]
        must(be=(RECEIVER, RECEIVER, ROOM),
             found=(laptop["owner"], laptop["holder"], laptop["place"]),
             zh="权属、持有方、地点", en="owner, holder, place")  # fmt: skip

    def lose_and_dispose(self) -> None:
        """Chapter: missing and found, disposal, and an act that is no longer possible."""
        desk = self.desk
        desk.step("盘亏、找回、处置", "Missing, found, disposed of")
        desk.run("missing", SHREDDER, "--note", "盘点未见")
        desk.run("found", SHREDDER, "--place", "GWC-B-02-1")
        desk.run("dispose", "propose", OLD_PRINTER, "--method", "scrap",
                 "--ground", "past_service_life")  # fmt: skip
        desk.run(
            "dispose", "complete", OLD_PRINTER, "--doc", "样处〔2026〕1号", "--income", "35.00"
        )
        desk.say("处置以后就不能再动了：", "What was disposed of cannot be moved any more:")
        desk.run("move", OLD_PRINTER, "--to", SHELF, expect=5)
        self._must_stand({self._id(SHREDDER)}, "in_store")
        self._must_stand({self._id(OLD_PRINTER)}, "disposed")

    # --- proof -------------------------------------------------------------------------------

    def trace_and_verify(self) -> None:
        """Chapter: one asset's whole history, and the proof of all of them."""
        self.desk.step("查一件资产的全部来历，并验证历史", "One asset's history; verify everything")
        self.desk.run("trace", photos.LAPTOP)
        self.desk.run("verify", "--replay")
        checked = self.desk.ask("verify", "--replay")
        self.summary["verified"] = {name: checked[name] for name in ("subjects", "entries", "rows")}

    def _must_stand(self, ids: set[str], state: str) -> None:
        found = {asset["state"] for asset in self.desk.ask("show", *sorted(ids))}
        must(be={state}, found=found, zh="资产状态", en="state of the assets")


def _break(good: Path, faulty: Path) -> int:
    """Write a copy of a list with the broken cells in it; return how many assets it has."""
    with good.open(encoding="gb18030", newline="") as stream:
        rows = list(csv.reader(stream))
    for row, column, value in BROKEN:
        rows[row - 1][rows[0].index(column)] = value
    with faulty.open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return len(rows) - 1
