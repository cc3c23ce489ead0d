"""Which roles may not meet in one person."""

from __future__ import annotations

from itertools import combinations

from assetctl.domain.roles import ACTING, AUDIT_ADMIN, AUDITOR, ROLES, conflict


def test_the_three_administrators_and_whoever_audits_are_different_persons() -> None:
    three = ("system_admin", "security_admin", AUDIT_ADMIN)
    for one, other in combinations(three, 2):
        assert conflict(one, [other]) == other
        assert conflict(other, [one]) == one
    for role in ACTING:
        assert conflict(role, [AUDITOR]) == AUDITOR
        assert conflict(AUDITOR, [role]) == role
    assert conflict(AUDITOR, [AUDIT_ADMIN]) is None
    assert all(conflict(role, []) is None for role in ROLES)
