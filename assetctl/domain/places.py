"""Kinds of place, outer to inner, in two families: office premises and warehouses."""

from __future__ import annotations

PREMISES = ("campus", "building", "floor", "room")
WAREHOUSE = ("warehouse", "zone", "rack", "shelf")
KINDS = PREMISES + WAREHOUSE

MODES = ("physical", "virtual")
"""实体仓, which holds things, and 虚拟仓, which only lists what others hold."""

FORMS = ("central", "distributed", "main", "branch")
"""How a warehouse is run: 集中仓, 分散仓, 主仓, 分仓."""


def default_kind(parent_kind: str | None) -> str:
    """Return the kind of a place that was not told: one step inside its parent's kind."""
    if parent_kind is None:
        return "warehouse"
    family = WAREHOUSE if parent_kind in WAREHOUSE else PREMISES
    return family[min(family.index(parent_kind) + 1, len(family) - 1)]


def fits(kind: str, parent_kind: str) -> bool:
    """Return whether a place of `kind` may lie in one of `parent_kind`.

    Outer holds inner of the same family, never the other way round; a warehouse may stand on a
    campus, in a building, on a floor or in a room.
    """
    if kind == "warehouse" and parent_kind in PREMISES:
        return True
    family = WAREHOUSE if kind in WAREHOUSE else PREMISES
    return parent_kind in family and family.index(parent_kind) < family.index(kind)


def in_warehouse(kind: str | None) -> bool:
    """Return whether a place of this kind is, or lies in, a warehouse."""
    return kind in WAREHOUSE
