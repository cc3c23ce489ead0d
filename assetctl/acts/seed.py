"""The common classes of GB/T 14885-2022 that every register starts with.

Codes and names are facts of the standard (固定资产等资产基础分类与代码, in force 2022-12-30);
the whole catalogue is loaded with `import classes`. The first number is the lower bound of
depreciation years in the application guide to government accounting standard no. 3
(财会〔2017〕4号, table 1), the second the minimum years of service in the provision standards
(财资〔2016〕27号).
"""

from __future__ import annotations

from assetctl.acts.parties import NewClass, add_classes
from assetctl.acts.register import DEFAULT_SCHEME
from assetctl.domain.request import Receipt, Stamp
from assetctl.store.engine import Tx

_ROOTS = {
    "A01000000": ("房屋和构筑物", "Buildings and structures"),
    "A02000000": ("设备", "Equipment"),
    "A03000000": ("文物和陈列品", "Cultural relics and exhibits"),
    "A04000000": ("图书和档案", "Books and archives"),
    "A05000000": ("家具和用具", "Furniture and utensils"),
    "A06000000": ("特种动植物", "Special animals and plants"),
    "A07000000": ("物资", "Goods and materials"),
    "A08000000": ("无形资产", "Intangible assets"),
}
_COMMON: tuple[tuple[str, str, str, int | None, int | None], ...] = (
    ("A01010000", "房屋", "Buildings", None, None),
    ("A01010100", "办公用房", "Office premises", None, None),
    ("A02010000", "信息化设备", "Information equipment", 6, None),
    ("A02010100", "计算机", "Computers", 6, None),
    ("A02010104", "服务器", "Servers", 6, None),
    ("A02010105", "台式计算机", "Desktop computers", 6, 6),
    ("A02010108", "便携式计算机", "Portable computers", 6, 6),
    ("A02010109", "平板式计算机", "Tablet computers", 6, None),
    ("A02010200", "网络设备", "Network equipment", 6, None),
    ("A02010201", "路由器", "Routers", 6, None),
    ("A02010202", "交换设备", "Switches", 6, None),
    ("A02010300", "信息安全设备", "Information security equipment", 6, None),
    ("A02010301", "防火墙", "Firewalls", 6, None),
    ("A02020000", "办公设备", "Office equipment", 6, None),
    ("A02020100", "复印机", "Copiers", 6, 6),
    ("A02020200", "投影仪", "Projectors", 6, None),
    ("A02020400", "多功能一体机", "Multifunction machines", 6, 6),
    ("A02020800", "触控一体机", "Touch panels", 6, None),
    ("A02021000", "打印机", "Printers", 6, 6),
    ("A02021001", "A3黑白打印机", "A3 mono printers", 6, 6),
    ("A02021002", "A3彩色打印机", "A3 colour printers", 6, 6),
    ("A02021003", "A4黑白打印机", "A4 mono printers", 6, 6),
    ("A02021004", "A4彩色打印机", "A4 colour printers", 6, 6),
    ("A02021100", "输入输出设备", "Input and output devices", 6, None),
    ("A02021104", "液晶显示器", "LCD monitors", 6, None),
    ("A02021118", "扫描仪", "Scanners", 6, None),
    ("A02021120", "高拍仪", "Document cameras", 6, None),
    ("A02021300", "销毁设备", "Destruction equipment", 6, None),
    ("A02021301", "碎纸机", "Paper shredders", 6, None),
    ("A02030000", "车辆", "Vehicles", 8, None),
    ("A02030500", "乘用车", "Passenger cars", 8, 8),
    ("A02030501", "轿车", "Sedans", 8, 8),
    ("A02030502", "越野车", "Off-road vehicles", 8, 8),
    ("A02030503", "小型客车", "Light passenger vans", 8, 8),
    ("A02060000", "电气设备", "Electrical equipment", 5, None),
    ("A02061500", "电源设备", "Power supplies", 5, None),
    ("A02061504", "不间断电源", "Uninterruptible power supplies", 5, None),
    ("A02061800", "生活用电器", "Household appliances", 5, None),
    ("A02061804", "空调机", "Air conditioners", 5, None),
    ("A02080000", "通信设备", "Communication equipment", 5, None),
    ("A02081000", "传真通信设备", "Facsimile equipment", 5, None),
    ("A02081001", "传真机", "Fax machines", 6, None),
    ("A02090000", "广播、电视、电影设备", "Broadcasting, TV and film equipment", 5, None),
    ("A02091000", "电视设备", "Television equipment", 5, None),
    ("A02091001", "电视机", "Television sets", 5, None),
    ("A02091107", "视频监控设备", "Video surveillance", 5, None),
    ("A05010000", "家具", "Furniture", 15, None),
    ("A05010200", "台、桌类", "Tables and desks", 15, None),
    ("A05010201", "办公桌", "Office desks", 15, 15),
    ("A05010202", "会议桌", "Conference tables", 15, 20),
    ("A05010204", "茶几", "Tea tables", 15, 15),
    ("A05010300", "椅凳类", "Chairs and stools", 15, None),
    ("A05010301", "办公椅", "Office chairs", 15, 15),
    ("A05010302", "桌前椅", "Visitor chairs", 15, 15),
    ("A05010303", "会议椅", "Conference chairs", 15, 15),
    ("A05010400", "沙发类", "Sofas", 15, None),
    ("A05010401", "三人沙发", "Three-seat sofas", 15, 15),
    ("A05010402", "单人沙发", "Single sofas", 15, 15),
    ("A05010500", "柜类", "Cabinets", 15, None),
    ("A05010501", "书柜", "Bookcases", 15, 15),
    ("A05010502", "文件柜", "Filing cabinets", 15, 20),
    ("A05010503", "更衣柜", "Wardrobes", 15, 15),
    ("A05010504", "保密柜", "Security cabinets", 15, 20),
    ("A05010505", "茶水柜", "Tea cabinets", 15, 20),
    ("A05010600", "架类", "Racks", 15, None),
    ("A05010602", "金属质架类", "Metal racks", 15, None),
    ("A08060000", "信息数据类无形资产", "Information and data intangibles", None, None),
    ("A08060300", "计算机软件", "Computer software", None, None),
    ("A08060303", "应用软件", "Application software", None, None),
)  # fmt: skip


def seed_classes(tx: Tx, stamp: Stamp) -> Receipt:
    """Add the common classes that the register does not have yet."""
    roots = [
        NewClass(scheme=DEFAULT_SCHEME, code=code, name=name, name_en=english, depth=1)
        for code, (name, english) in _ROOTS.items()
    ]
    common = [
        NewClass(
            scheme=DEFAULT_SCHEME, code=code, name=name, name_en=english, parent=parent_of(code),
            depth=depth_of(code), life_years=life, use_years=use,
        )
        for code, name, english, life, use in _COMMON
    ]  # fmt: skip
    return add_classes(tx, classes=[*roots, *common], stamp=stamp)


def depth_of(code: str) -> int:
    """Return how deep a code of four pairs lies: 1 for `A02000000`, 4 for `A02010104`."""
    pairs = [code[place : place + 2] for place in range(1, 9, 2)]
    return sum(pair != "00" for pair in pairs)


def parent_of(code: str) -> str | None:
    """Return the code one step up: the last pair that is not zero becomes zero."""
    depth = depth_of(code)
    return code[: 2 * depth - 1].ljust(9, "0") if depth > 1 else None
