"""Roles: what they are called, which may not meet in one person, and which may grant others.

The roles of a public-property warehouse and its offices; the administrators of system, security and
audit are different persons (三员分立), and whoever audits changes nothing, so holds no other role.
"""

from __future__ import annotations

from collections.abc import Iterable

ADMINISTRATOR = "administrator"
"""Whoever made the register: he may grant roles until there is a security administrator."""

SYSTEM_ADMIN = "system_admin"
SECURITY_ADMIN = "security_admin"
AUDIT_ADMIN = "audit_admin"
AUDITOR = "auditor"

ASSET_CLERK = "asset_clerk"
UNIT_HEAD = "unit_head"
UNIT_FINANCE = "unit_finance"
COMPETENT_DEPARTMENT = "competent_department"
WAREHOUSE_KEEPER = "warehouse_keeper"
WAREHOUSE_MANAGER = "warehouse_manager"
FINANCE_APPROVER = "finance_approver"

ACTING = (
    ASSET_CLERK, UNIT_HEAD, UNIT_FINANCE, COMPETENT_DEPARTMENT, WAREHOUSE_KEEPER,
    WAREHOUSE_MANAGER, FINANCE_APPROVER,
)  # fmt: skip
"""Roles of those who ask, approve, keep and hand out."""

ROLES = (ADMINISTRATOR, SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN, AUDITOR, *ACTING)

_AUDITING = frozenset({AUDIT_ADMIN, AUDITOR})
_RUNNING = frozenset({ADMINISTRATOR, SYSTEM_ADMIN})


def conflict(role: str, held: Iterable[str]) -> str | None:
    """Return the first role that one who is to get `role` may not hold beside it, None if none."""
    return next((other for other in sorted(held) if _exclude(role, other)), None)


def granting(is_there_security: bool) -> str:  # noqa: FBT001  it is the one question
    """Return the role that grants roles, given whether anybody is security administrator."""
    return SECURITY_ADMIN if is_there_security else ADMINISTRATOR


def _exclude(one: str, other: str) -> bool:
    pair = {one, other}
    if pair & _AUDITING:
        return not pair <= _AUDITING
    return SECURITY_ADMIN in pair and bool(pair & _RUNNING)
