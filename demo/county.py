"""Half a year of a made-up county's warehouse, from its rules to what stands at the end.

Six units, a thousand things, every document and what is refused on the way. Everything is done
with the command line, on the day it happened (`--at`), each by the person whose part it is.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from assetctl.domain.warehouse_rules import built_in
from demo.counting import Counting
from demo.desk import Desk, must

UNITS = {
    "GOA": "云屿县机关事务管理中心", "FIN": "云屿县财政局", "EDU": "云屿县教育局",
    "HEA": "云屿县卫生健康局", "AGR": "云屿县农业农村局", "TOW": "云屿县望潮镇人民政府",
}  # fmt: skip
HELD = {"GOA": (100, 20), "EDU": (150, 70), "HEA": (120, 100), "AGR": (100, 120),
        "TOW": (80, 140)}  # fmt: skip
"""Desktop computers at 5,000 yuan and desks at 1,500 yuan on the books of each unit."""

DESKTOP, DESK = ("台式计算机", "A02010105", "5000.00"), ("办公桌", "A05010201", "1500.00")
OFFICERS = (("clerk", "asset_clerk"), ("head", "unit_head"), ("money", "unit_finance"))
OTHERS = (
    ("GOA", "keeper", "warehouse_keeper"), ("GOA", "manager", "warehouse_manager"),
    ("GOA", "dept", "competent_department"), ("GOA", "GOA-clerk", "asset_clerk"),
    ("GOA", "GOA-head", "unit_head"), ("FIN", "budget", "finance_approver"),
    ("FIN", "audit", "auditor"),
)  # fmt: skip


class HalfYear(Counting):
    """The county's register, and who does what in it."""

    def __init__(self, folder: Path, desk: Desk, *, lang: str = "zh") -> None:
        self.desk = desk
        self.folder = folder
        self.day = "2026-01-05"
        self.things: dict[tuple[str, str], list[str]] = {}
        self._common = ["--home", str(folder / "home"), "--station", "county-desk", "--lang", lang]
        folder.mkdir(parents=True, exist_ok=True)

    def tell(self) -> None:
        """Tell all six months."""
        self.desk.step("一个县的半年", "Half a year of a county's warehouse")
        self.begin()
        self.january_rules()
        self.february_intake()
        self.march_loan()
        self.april_reallocation()
        self.may_look_first_then_buy()
        self.may_share()
        self.may_papers_that_end_early()
        self.june_overdue()
        self.june_stocktake()

    def by(self, person: str, *words: str, expect: int = 0, shown: bool = False) -> Any:
        """Let a person do something on the day; return the data, or the error it must give."""
        line = [*self._common, "--as", person, "--at", f"{self.day} 09:00", *words]
        if shown:
            self.desk.run(*line, expect=expect)
            return None
        return self.desk.ask(*line, expect=expect)

    def refused(self, person: str, code: str, *words: str, expect: int = 5) -> None:
        """Let a person try what he may not; it must be refused by this rule."""
        found = self.by(person, *words, expect=expect)
        must(be=code, found=found["code"], zh=f"{person} 应被拒绝", en=f"{person} is refused")

    def decide(self, number: str, *people: str) -> None:
        """Let people agree to a document, one after the other."""
        for person in people:
            self.by(person, "doc", "approve", number, "--opinion", "同意")

    def ask(self, person: str, *words: str) -> str:
        """Let a person ask for something; return the document's number."""
        return str(self.by(person, *words)["number"])

    # --- January -----------------------------------------------------------------------------

    def begin(self) -> None:
        """A register with units, people, places and a thousand things."""
        self.by("admin", "init")
        for code, name in UNITS.items():
            self.by("admin", "party", "add", code, "--kind", "unit", "--name", name)
        places = [
            ("W1", "一号仓", "", "warehouse"),
            ("W1-A", "A区", "W1", "zone"),
            ("W2", "虚拟仓", "", "warehouse"),
            ("W3", "罚没仓", "", "warehouse"),
            *((f"B-{unit}", f"{name}办公楼", "", "building") for unit, name in UNITS.items()),
        ]
        for code, name, parent, kind in places:
            inside = ["--parent", parent] if parent else []
            self.by("admin", "place", "add", code, "--name", name, "--kind", kind, *inside)
        file = self.folder / "assets.csv"
        with file.open("w", encoding="utf-8-sig", newline="") as stream:
            write = csv.writer(stream)
            write.writerow(["卡片编号", "资产名称", "分类代码", "所属单位", "存放地点", "原值",
                            "取得日期"])  # fmt: skip
            for unit, counts in HELD.items():
                for (name, code, value), count in zip((DESKTOP, DESK), counts, strict=True):
                    for number in range(1, count + 1):
                        place = "W1-A" if unit == "GOA" else f"B-{unit}"
                        card = f"{unit}-{code[-4:]}-{number:03d}"
                        write.writerow([card, name, code, unit, place, value, "2023-03-15"])
        self.by("admin", "import", "assets", str(file))
        for unit in HELD:
            for name, code, _ in (DESKTOP, DESK):
                found = self.by(
                    "admin", "find", "--owner", unit, "--class", code, "--limit", "1000"
                )
                cards = sorted((one["card_no"], one["asset_id"]) for one in found["items"])
                self.things[unit, name] = [asset for _, asset in cards]

    def january_rules(self) -> None:
        """Roles, warehouses, and the county's own rules; a faulty file is refused."""
        for unit in ("EDU", "HEA", "AGR", "TOW"):
            for short, role in OFFICERS:
                self._staff(unit, f"{unit}-{short}", role)
        for unit, short, role in OTHERS:
            self._staff(unit, short, role)
        for code, mode, regime in (("W1", "physical", "public"), ("W2", "virtual", "public"),
                                   ("W3", "physical", "confiscated")):  # fmt: skip
            self.by("manager", "warehouse", "set", code, "--unit", "GOA", "--mode", mode,
                    "--regime", regime, "--doc", "云机管〔2026〕1号")  # fmt: skip
        rules = self.folder / "rules.toml"
        text = built_in().replace("50000.00", "20000.00")
        text = text.replace('"2021-04-01"', '"2026-01-01"').replace("通用规则", "云屿县公物仓规则")
        faulty = text.replace('below = "20000.00"', 'below = "2万"', 1)
        rules.write_text(faulty, encoding="utf-8")
        self.refused("manager", "rules.faulty", "warehouse", "rules", "adopt", str(rules),
                     "--doc", "云机管〔2026〕2号", expect=3)  # fmt: skip
        rules.write_text(text, encoding="utf-8")
        self.refused(
            "audit", "role.auditor", "warehouse", "rules", "adopt", str(rules), "--doc", "1"
        )
        self.by("manager", "warehouse", "rules", "adopt", str(rules), "--doc", "云机管〔2026〕2号",
                shown=True)  # fmt: skip

    def _staff(self, unit: str, code: str, role: str) -> None:
        self.by("admin", "party", "add", code, "--kind", "person", "--unit", unit, "--name",
                f"样例{code}")  # fmt: skip
        self.by("admin", "role", "grant", code, role, "--doc", "云机管〔2026〕1号")

    # --- February ----------------------------------------------------------------------------

    def february_intake(self) -> None:
        """Into the warehouse: in custody, with title, and listed only."""
        self.day = "2026-02-03"
        old = self.things["EDU", DESKTOP[0]][:20]
        asking = ("intake", "request", *old, "--source", "idle", "--mode", "custody",
                  "--warehouse", "W1", "--reason", "更新后闲置")  # fmt: skip
        self.refused("EDU-clerk", "document.refused", *asking)  # nobody has wiped the data
        self.by("EDU-clerk", "intake", "sanitise", *old, "--method", "overwritten")
        self.refused("audit", "role.auditor", *asking)
        number = self.ask("EDU-clerk", *asking)
        self.refused("EDU-clerk", "document.duties", "doc", "approve", number)
        self.refused("manager", "document.not_asked", "doc", "approve", number)
        self.decide(number, "EDU-head", "dept", "manager", "budget")  # 100,000 yuan: the long chain
        self.refused("keeper", "role.may_not", "intake", "send", number, *old)
        self.by("EDU-clerk", "intake", "send", number, *old)
        self.refused("keeper", "document.unfit", "intake", "accept", number, old[0], "--place",
                     "B-EDU")  # fmt: skip
        self.by("keeper", "intake", "accept", number, *old[:18], "--place", "W1-A",
                "--condition", "good")  # fmt: skip
        self.by("keeper", "intake", "refuse", number, *old[18:], "--reason", "缺电源线")
        self.by("manager", "doc", "show", number, shown=True)

        self.day = "2026-02-17"
        desks = self.things["HEA", DESK[0]][:10]
        number = self.ask("HEA-clerk", "intake", "request", *desks, "--source", "over_standard",
                          "--mode", "title", "--warehouse", "W1", "--reason", "超标准配置",
                          "--decision", "云卫党〔2026〕4号")  # fmt: skip
        self.decide(number, "HEA-head", "manager")
        self.by("HEA-clerk", "intake", "send", number, *desks)
        self.by("keeper", "intake", "accept", number, *desks, "--place", "W1-A")

        desks = self.things["AGR", DESK[0]][:5]
        listing = ("intake", "request", *desks, "--source", "underused", "--reason", "低效运转")
        self.refused("AGR-clerk", "document.refused", *listing, "--mode", "virtual", "--warehouse",
                     "W1")  # fmt: skip
        number = self.ask("AGR-clerk", *listing, "--mode", "virtual", "--warehouse", "W2")
        self.decide(number, "AGR-head", "manager")
        self.by("keeper", "intake", "list", number, *desks)
        self._apart()

    def _apart(self) -> None:
        """Secrets are not taken in, and what was confiscated is kept apart from public property."""
        secret, taken = (
            self.by("admin", "register", "--name", name, "--class", "A05010504", "--owner", "AGR",
                    "--place", "B-AGR", "--set", more)["asset_id"]
            for name, more in (("保密柜", "secrecy=secret"), ("铁皮柜", "regime=confiscated"))
        )  # fmt: skip
        asking = ("intake", "request", "--source", "idle", "--mode", "custody", "--reason", "清理",
                  "--warehouse")  # fmt: skip
        self.refused("AGR-clerk", "document.refused", *asking, "W1", secret)
        self.refused("AGR-clerk", "document.refused", *asking, "W1", taken)
        number = self.ask("AGR-clerk", *asking, "W3", taken)
        self.decide(number, "AGR-head", "manager")
        self.by("AGR-clerk", "intake", "send", number, taken)
        self.by("keeper", "intake", "accept", number, taken, "--place", "W3")
        self.refused("TOW-clerk", "document.refused", "loan", "request", taken, "--due",
                     "2026-04-30", "--purpose", "存放")  # fmt: skip
        self.refused("keeper", "asset.regime", "checkout", taken, "--to", "TOW")

    # --- March -------------------------------------------------------------------------------

    def march_loan(self) -> None:
        """A loan to a town, another unit that comes too late, and an extension."""
        self.day = "2026-03-02"
        lent = self.things["GOA", DESKTOP[0]][:10]
        asking = ("loan", "request", *lent, "--purpose", "人口调查专班")
        self.refused("TOW-clerk", "document.refused", *asking, "--due", "2026-12-31")
        self.refused("TOW-clerk", "document.fields", *asking, "--due", "2026-04-30",
                     "--borrower", "NOBODY", expect=3)  # fmt: skip
        number = self.ask("TOW-clerk", *asking, "--due", "2026-04-30")
        self.refused("EDU-clerk", "asset.promised", "loan", "request", lent[0], "--due",
                     "2026-04-01", "--purpose", "考务", expect=6)  # fmt: skip
        self.refused("keeper", "document.state", "loan", "handover", number, *lent)
        self.decide(number, "TOW-head", "manager")
        self.refused("manager", "role.may_not", "loan", "handover", number, *lent)
        self.refused("keeper", "document.unfit", "checkout", *lent, "--to", "EDU", "--due",
                     "2026-04-30", "--doc", number)  # fmt: skip
        self.by("keeper", "loan", "handover", number, *lent)
        self.refused("keeper", "document.state", "doc", "void", number, "--reason", "迟了")
        self.day = "2026-04-20"
        self.refused("keeper", "lifecycle.document_required", "extend", *lent, "--due",
                     "2026-06-15")  # fmt: skip
        longer = self.ask("TOW-clerk", "loan", "extension", number, "--due", "2026-06-15",
                          "--purpose", "调查延期")  # fmt: skip
        self.decide(longer, "TOW-head", "manager")
        self.by("keeper", "loan", "extend", longer)
        self.day = "2026-05-20"
        self.by("keeper", "loan", "return", *lent[:6], "--condition", "good", "--outcome", "shelf")
        self.by("keeper", "loan", "return", *lent[6:8], "--condition", "broken", "--outcome",
                "repair", "--compensation", "200.00")  # fmt: skip

    # --- April -------------------------------------------------------------------------------

    def april_reallocation(self) -> None:
        """Title moves with the thing; above the threshold more people are asked."""
        self.day = "2026-04-22"
        desks = self.things["GOA", DESK[0]][:10]
        number = self.ask("AGR-clerk", "realloc", "request", *desks, "--to-unit", "AGR", "--reason",
                          "新增人员", "--reply", "云财资〔2026〕7号")  # fmt: skip
        self.decide(number, "AGR-head", "manager")  # 15,000 yuan: the short chain
        self.by("keeper", "realloc", "send", number, *desks)
        self.refused("TOW-clerk", "document.duties", "realloc", "receive", number, *desks)
        self.by("AGR-clerk", "realloc", "receive", number, *desks, "--place", "B-AGR")

        computers = self.things["EDU", DESKTOP[0]][:8]
        number = self.ask("TOW-clerk", "realloc", "request", *computers, "--to-unit", "TOW",
                          "--reason", "便民服务中心", "--reply", "云财资〔2026〕8号")  # fmt: skip
        self.decide(number, "TOW-head", "TOW-money", "manager", "budget")  # 40,000 yuan
        self.by("keeper", "realloc", "send", number, *computers)
        self.by("TOW-clerk", "realloc", "receive", number, *computers[:7], "--place", "B-TOW")
        self.by("TOW-clerk", "realloc", "receive", number, computers[7], "--refuse", "不能开机")
        self.by("TOW-clerk", "doc", "show", number, shown=True)

    # --- May -----------------------------------------------------------------------------------

    def may_look_first_then_buy(self) -> None:
        """A need, what the warehouses have for it, who says that it does not do, and the rest."""
        self.day = "2026-05-06"
        self.by("manager", "standard", "adopt", "--doc", "云财资〔2026〕9号")
        laptops = [
            self.by("admin", "register", "--name", "便携式计算机", "--class", "A02010108",
                    "--owner", "GOA", "--place", "W1-A", "--value", "6000.00",
                    "--condition", grade)["asset_id"]
            for grade in ("good", "poor")
        ]  # fmt: skip
        number = self.ask("EDU-clerk", "source", "need", "--class", "A02010108", "--quantity", "4",
                          "--name", "便携式计算机", "--spec", "内存 16G 以上", "--by", "2026-08-31",
                          "--place", "B-EDU", "--staff", "300")  # fmt: skip
        self.decide(number, "EDU-head", "EDU-money")
        self.refused("manager", "sourcing.not_searched", "source", "certify", number)
        self.by("EDU-clerk", "source", "search", number)
        good, poor = laptops
        loan = self.ask("EDU-clerk", "source", "take", number, good, "--as-loan", "--due",
                        "2026-10-31", "--text", "教研培训")  # fmt: skip
        self.decide(loan, "EDU-head", "manager")
        self.by("keeper", "loan", "handover", loan, good)
        self.by("EDU-clerk", "source", "refuse", number, poor, "--reason", "condition", "--text",
                "电池鼓包")  # fmt: skip
        self.refused("manager", "sourcing.unjudged", "source", "certify", number)
        self.by("dept", "source", "confirm", number, poor, "--text", "属实")
        self.by("manager", "source", "certify", number)
        certificate = self.by("audit", "source", "show", number)["searches"][-1]["certificate"]
        buying = ("source", "purchase", certificate, "--price", "6500.00", "--contract",
                  "云教采〔2026〕1号", "--quantity")  # fmt: skip
        self.refused("EDU-money", "sourcing.over_quantity", *buying, "4")
        self.by("EDU-money", *buying, "3")
        self.by("audit", "source", "show", number, shown=True)

    def may_share(self) -> None:
        """A thing that stays where it is and is used by the hour."""
        self.day = "2026-05-12"
        thing = self.things["AGR", DESK[0]][99]
        self.by("AGR-clerk", "share", "offer", thing)
        book = ("share", "book", thing, "--purpose", "培训", "--from")
        number = self.ask("TOW-clerk", *book, "2026-05-18 09:00", "--to", "2026-05-18 12:00")
        self.refused("EDU-clerk", "booking.taken", *book, "2026-05-18 11:00", "--to",
                     "2026-05-18 15:00", expect=6)  # fmt: skip
        self.day = "2026-05-18"
        self.by("AGR-clerk", "share", "use", number, "--out", "2026-05-18 09:00", "--back",
                "2026-05-18 09:00", "--condition", "good")  # fmt: skip

    # --- May and June ------------------------------------------------------------------------

    def may_papers_that_end_early(self) -> None:
        """Withdrawn, rejected, returned and made void: every number stays taken."""
        self.day = "2026-05-25"
        one = self.things["GOA", DESKTOP[0]][20:21]
        asking = ("loan", "request", *one, "--due", "2026-07-31", "--purpose", "义诊")
        number = self.ask("HEA-clerk", *asking)
        self.refused("HEA-head", "document.duties", "doc", "withdraw", number)
        self.by("HEA-clerk", "doc", "withdraw", number, "--reason", "改期")
        number = self.ask("HEA-clerk", *asking)
        self.by("HEA-head", "doc", "reject", number, "--reason", "可用现有设备")
        number = self.ask("HEA-clerk", *asking)
        self.by("HEA-head", "doc", "return", number, "--reason", "请写明地点")
        self.by("HEA-clerk", "doc", "revise", number, "--reason", "义诊，县城广场")
        self.by("HEA-clerk", "doc", "submit", number)
        self.by("HEA-head", "doc", "approve", number)
        self.by("manager", "doc", "void", number, "--reason", "活动取消")
        self.refused("HEA-clerk", "document.state", "doc", "submit", number)
        self.by("manager", "loan", "event", "add", "FLOOD", "--name", "防汛专班", "--ends",
                "2026-09-30", "--doc", "云防办〔2026〕1号")  # fmt: skip
        number = self.ask("HEA-clerk", "loan", "request", *one, "--event", "FLOOD", "--purpose",
                          "防汛值班")  # fmt: skip
        self.by("manager", "loan", "event", "move", "FLOOD", "--ends", "2026-10-31", "--doc",
                "云防办〔2026〕2号")  # fmt: skip
        due = self.by("audit", "doc", "show", number)["fields"]["due"]
        must(be="2026-11-07", found=due, zh="应还日期", en="the day it is due")
        self.by("HEA-clerk", "doc", "withdraw", number)
        self.refused("HEA-clerk", "document.not_found", "doc", "show", "JY-2026-9999", expect=4)

    def june_overdue(self) -> None:
        """Two things are not back; the auditor looks at everything and changes nothing."""
        self.day = "2026-06-30"
        late = self.by("manager", "loan", "overdue", "--on", "2026-06-30", expect=9)
        must(be=2, found=len(late), zh="超期件数", en="things overdue")
        self.by("manager", "loan", "remind", "--on", "2026-06-30")
        self.by("audit", "doc", "list", shown=True)
        self.by("audit", "warehouse", "list", shown=True)
        self.by("audit", "verify", "--replay", shown=True)

    # --- what stands at the end --------------------------------------------------------------

    def books(self) -> dict[str, tuple[int, str]]:
        """Return how many things are on the books of each unit, and their original value."""
        every = self.folder / "every.txt"
        every.write_text("\n".join(one["asset_id"] for one in self._all()), encoding="utf-8")
        fen: dict[str, list[int]] = {}
        for one in self.by("audit", "show", f"@{every}"):
            fen.setdefault(one["owner"], []).append(_fen(one["card"]))
        return {
            unit: (len(values), f"{sum(values) // 100}.{sum(values) % 100:02d}")
            for unit, values in fen.items()
        }

    def states(self) -> dict[str, int]:
        """Return how many things are in each state."""
        return _counted(one["state"] for one in self._all())

    def papers(self) -> dict[str, dict[str, int]]:
        """Return how many documents there are of each kind and state."""
        found: dict[str, dict[str, int]] = {}
        for one in self.by("audit", "doc", "list", "--limit", "10000"):
            states = found.setdefault(one["kind"], {})
            states[one["state"]] = states.get(one["state"], 0) + 1
        return found

    def _all(self, *words: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.by("audit", "find", "--limit", "2000", *words)["items"]
        return items


def _fen(card: dict[str, str]) -> int:
    return int(card.get("value", "0.00").replace(".", ""))


def _counted(values: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return found
