"""The asset card (资产信息卡): the fields that every kind of asset shares.

Fields follow the government asset card (固定资产卡片): identity, acquisition, money, use.
A field is one row here; columns, import headers, help and checks are made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FieldType = Literal[
    "text", "code", "date", "money", "decimal", "integer", "choice", "person", "asset"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the card: its code name, its type, and the headers people give it in lists."""

    name: str
    type: FieldType = "text"
    headers: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    frozen: bool = False
    """Fixed once booked: changed only under a document number."""
    classes: tuple[str, ...] = ()
    """For attributes: beginnings of the class codes that have this field."""


CONDITIONS = ("new", "good", "fair", "poor", "broken")
"""Grades of condition, best first."""

METHODS = ("free_transfer", "donation", "sale", "swap", "scrap", "loss_write_off")
"""Ways of disposal (行政事业性国有资产管理条例 and its practice)."""

GROUNDS = ("obsolete", "loss", "past_service_life", "force_majeure")
"""Grounds of scrapping or write-off (行政事业性国有资产管理条例, article 21)."""

REGIMES = ("public", "confiscated", "case_property")
"""Rules a thing stands under: public property, confiscated goods (罚没), property in a case."""

SANITISING = ("overwritten", "media_removed", "degaussed", "destroyed")
"""How data on a thing was made unreadable."""

ACQUIRED_BY = (
    "purchase", "self_built", "free_transfer_in", "donation_in", "swap_in", "surplus",
    "finance_lease", "other",
)  # fmt: skip

CARD: tuple[Field, ...] = (
    Field(name="brand", headers=("品牌", "brand")),
    Field(name="model", headers=("规格型号", "型号", "规格", "model", "specification")),
    Field(name="serial", type="code", headers=("序列号", "出厂编号", "serial", "serial no", "sn")),
    Field(name="maker", headers=("生产厂家", "制造商", "厂家", "maker", "manufacturer")),
    Field(name="supplier", headers=("供应商", "销售商", "supplier")),
    Field(name="measure", headers=("计量单位", "unit of measure", "measure")),
    Field(name="quantity", type="integer", headers=("数量", "quantity", "qty")),
    Field(name="part_of", type="asset", headers=("上级资产", "主件编号", "part of")),
    Field(name="acquired_by", type="choice", choices=ACQUIRED_BY, headers=("取得方式",)),
    Field(name="acquired", type="date", frozen=True,
          headers=("取得日期", "购置日期", "购入日期", "acquired", "acquired on", "purchase date")),
    Field(name="in_service", type="date", headers=("投入使用日期", "启用日期", "in service")),
    Field(name="budget_item", headers=("预算项目", "预算项目编号", "budget item")),
    Field(name="procurement", type="choice", headers=("采购组织形式", "procurement"),
          choices=("central", "departmental", "dispersed", "other")),
    Field(name="contract", headers=("合同编号", "合同号", "contract", "contract no")),
    Field(name="invoice", headers=("发票号", "发票号码", "invoice", "invoice no")),
    Field(name="fund_source", type="choice", headers=("经费来源", "资金来源", "fund source"),
          choices=("fiscal", "other")),
    Field(name="value_type", type="choice", headers=("价值类型", "value type"),
          choices=("original", "provisional", "replacement", "appraised", "nominal")),
    Field(name="value", type="money", frozen=True,
          headers=("原值", "资产原值", "价值", "账面原值", "金额", "value", "original value")),
    Field(name="booked", type="date", headers=("入账日期", "记账日期", "booked", "booked on")),
    Field(name="voucher", headers=("会计凭证号", "记账凭证号", "凭证号", "voucher")),
    Field(name="account_subject", headers=("会计科目", "account subject")),
    Field(name="depreciation", type="choice", headers=("折旧状态", "depreciation"),
          choices=("none", "running", "complete")),
    Field(name="life_months", type="integer", headers=("折旧年限(月)", "使用月数", "life months")),
    Field(name="accumulated", type="money", headers=("累计折旧", "accumulated")),
    Field(name="managing_dept", headers=("管理部门", "managing dept")),
    Field(name="using_dept", headers=("使用部门", "using dept", "department")),
    Field(name="user_of", type="person", headers=("使用人工号", "使用人编号", "user", "user of")),
    Field(name="custodian", type="person", headers=("保管人工号", "保管人编号", "custodian")),
    Field(name="usage", type="choice", headers=("使用用途", "usage"),
          choices=("own_use", "lent", "let", "other")),
    Field(name="warranty", type="date", headers=("保修截止日期", "质保到期", "warranty")),
    Field(name="secrecy", type="choice", headers=("涉密等级", "密级", "secrecy"),
          choices=("none", "internal", "confidential", "secret", "top_secret")),
    Field(name="regime", type="choice", choices=REGIMES, frozen=True,
          headers=("物资性质", "regime")),
)  # fmt: skip

CARD_FIELDS = {field.name: field for field in CARD}

_VEHICLE, _BUILDING, _SOFTWARE, _DATA = ("A0203",), ("A0101", "A0102"), ("A0806",), ("A0201",)

ATTRIBUTES: tuple[Field, ...] = (
    Field(name="plate", type="code", headers=("号牌号码", "车牌号", "plate"), classes=_VEHICLE),
    Field(name="vin", type="code", headers=("车辆识别代号", "车架号", "vin"), classes=_VEHICLE),
    Field(name="engine_no", type="code", headers=("发动机号", "engine no"), classes=_VEHICLE),
    Field(name="fuel", type="choice", headers=("燃料种类", "燃料类型", "fuel"), classes=_VEHICLE,
          choices=("petrol", "diesel", "electric", "plug_in_hybrid", "hybrid", "gas", "hydrogen")),
    Field(name="seats", type="integer", headers=("座位数", "seats"), classes=_VEHICLE),
    Field(name="displacement", type="decimal", headers=("排气量", "displacement"),
          classes=_VEHICLE),
    Field(name="vehicle_use", type="choice", headers=("车辆用途", "vehicle use"), classes=_VEHICLE,
          choices=("dispatch", "emergency", "law_enforcement", "special", "business", "other")),
    Field(name="establishment", type="choice", headers=("编制情况", "establishment"),
          classes=_VEHICLE, choices=("authorised", "unauthorised")),
    Field(name="title_no", type="code", headers=("产权证号", "权属证明", "title no"),
          classes=_BUILDING),
    Field(name="address", headers=("坐落", "地址", "address"), classes=_BUILDING),
    Field(name="structure", type="choice", headers=("建筑结构", "structure"), classes=_BUILDING,
          choices=("steel", "reinforced_concrete", "brick_concrete", "brick_wood", "simple")),
    Field(name="floor_area", type="decimal", headers=("建筑面积", "floor area"),
          classes=_BUILDING),
    Field(name="usable_area", type="decimal", headers=("使用面积", "usable area"),
          classes=_BUILDING),
    Field(name="floors", type="integer", headers=("层数", "floors"), classes=_BUILDING),
    Field(name="licence", headers=("许可证", "授权", "licence", "license"), classes=_SOFTWARE),
    Field(name="sanitised", type="date", headers=("数据清除日期", "sanitised"), classes=_DATA),
    Field(name="domestic", type="choice", headers=("信创", "domestic"),
          classes=_DATA + _SOFTWARE, choices=("yes", "no")),
)  # fmt: skip
"""Class-specific fields, typed like those of the card."""

ATTRIBUTE_FIELDS = {field.name: field for field in ATTRIBUTES}


def belongs(field: Field, class_code: str) -> bool:
    """Return whether an attribute belongs to assets of this class."""
    return class_code.startswith(field.classes)
