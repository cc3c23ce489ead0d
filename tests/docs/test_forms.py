"""The pictures of printed forms are there for every kind, small, and listed in both languages."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from assetctl.cli.forms import GATE_PASS
from assetctl.cli.stocktake_sheets import TITLES
from assetctl.domain.document_kinds import KINDS
from docs.forms import FORMS, WIDE, WIDTH

GUIDE = FORMS.parent / "guide" / "forms.md"
MOST = 60_000


@pytest.mark.parametrize("kind", [*KINDS, GATE_PASS, *TITLES.values()])
def test_every_kind_has_its_picture_and_two_lines_in_the_guide(kind: str) -> None:
    path = FORMS / f"{kind}.png"
    assert path.stat().st_size < MOST
    with Image.open(path) as image:
        assert image.mode == "P"
        assert image.width == (WIDTH if image.width < image.height else WIDE)
    assert GUIDE.read_text(encoding="utf-8").count(f"](../forms/{kind}.png)") == 2


def test_the_guide_names_no_picture_that_is_not_there() -> None:
    named = set(re.findall(r"\.\./forms/(\w+)\.png", GUIDE.read_text(encoding="utf-8")))
    assert named == {path.stem for path in FORMS.iterdir()}
