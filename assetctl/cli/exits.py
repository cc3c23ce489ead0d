"""Exit codes: one small map from the kind of a failure. Codes never change their meaning."""

from __future__ import annotations

from assetctl.errors import Kind

OK = 0
BUG = 1
USAGE = 2
FINDINGS = 9
INTERRUPTED = 130

EXIT_CODES: dict[Kind, int] = {
    Kind.INVALID: 3,
    Kind.NOT_FOUND: 4,
    Kind.REFUSED: 5,
    Kind.CONFLICT: 6,
    Kind.UNVERIFIED: 7,
    Kind.UNAVAILABLE: 8,
}
