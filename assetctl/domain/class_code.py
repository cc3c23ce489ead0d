"""Codes of asset classes: which classes lie below which."""

from __future__ import annotations

import re

GB_T_14885 = "gbt14885-2022"
"""The classification in force: GB/T 14885-2022."""


def class_prefix(code: str) -> str:
    """Return the part of a class code that all classes below it share.

    Codes of GB/T 14885 are a letter and four pairs of digits; trailing zero pairs mean "all".
    """
    pairs = re.fullmatch(r"([A-Z]\d\d)((?:\d\d)*?)(?:00)*", code)
    return pairs[1] + pairs[2] if pairs else code
