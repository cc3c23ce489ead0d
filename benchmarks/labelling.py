"""Labels: sheets as PDF by our own writer against the same drawings written by fpdf2.

Each side is a process of its own, so that processor time and peak memory are its own.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from benchmarks.timing import Row
from labels import PRESETS, Label, builtin, compose, face, find_font, sheet_pdf
from labels.drawing import Drawing, Modules, Text
from labels.encode import runs
from labels.template import for_cell

_PRESET = "a4-24"
_MANY, _FEW = 10_000, 240
_CHARACTERS = {_MANY: 3_700, _FEW: 300}
"""How many different Chinese characters the names of a register of that size have."""


@dataclass(frozen=True, slots=True)
class _Made:
    """What one job cost: processor seconds, megabytes of the file, megabytes of memory."""

    cpu: float
    size: float
    memory: float


def labelling(folder: Path, *, quick: bool) -> list[Row]:
    """Measure sheets of many and of few labels: id, three Chinese lines, a date, a vector QR."""
    rows = []
    for count in (_FEW,) if quick else (_FEW, _MANY):
        turns = 3 if count == _FEW else 1
        ours = [_job("ours", count, folder) for _ in range(turns)]
        base = [_job("fpdf2", count, folder) for _ in range(turns)] if find_spec("fpdf") else []
        for name, unit, most in (("cpu", "s", 0.6), ("size", "MB", 1.0), ("memory", "MB", 1.0)):
            mine = median(getattr(one, name) for one in ours)
            theirs = median(getattr(one, name) for one in base) if base else None
            rows.append(
                Row(
                    name=f"{count:,} labels as PDF, {name}",
                    ours=f"{mine:.3g} {unit}",
                    base="-" if theirs is None else f"{theirs:.3g} {unit}",
                    ratio=None if theirs is None else mine / theirs,
                    at_most=most if count == _MANY else None,
                )
            )
    return rows


def _job(side: str, count: int, folder: Path) -> _Made:
    out = folder / f"{side}.pdf"
    command = [sys.executable, "-m", "benchmarks.labelling", side, str(count), str(out)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    found = json.loads(done.stdout)
    return _Made(found["cpu"], out.stat().st_size / 1e6, found["memory"])


def _labels(count: int) -> Iterator[Label]:
    choice = random.Random(count)
    # GB 2312, level 1: the characters that names are made of.
    han = [bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xF8)
           for cell in range(0xA1, 0xFF) if row != 0xD7 or cell < 0xFA]  # fmt: skip
    han = choice.sample(han, _CHARACTERS[count])
    for number in range(count):
        lines = ("".join(choice.choices(han, k=length)) for length in (8, 12, 6))
        yield Label(
            payload=f"HTTPS://ZC.EXAMPLE.GOV.CN/A/K7M{number:05d}4F.01ABCDEFGHJKMNPQRS",
            code=f"K7M2-{number:05d}-4F",
            lines=(*lines, "2026-11-23"),
        )


def _by_fpdf2(count: int) -> bytes:
    """Write the same drawings with the library, its symbols as one path too."""
    from fpdf import FPDF

    sheet, typeface = PRESETS[_PRESET], face(find_font(None))
    template = for_cell(builtin("sheet"), sheet)
    pdf = FPDF(unit="mm", format=(sheet.page_width, sheet.page_height))
    pdf.set_auto_page_break(False)
    pdf.add_font("label", fname=typeface.path, collection_font_number=typeface.index)
    for number, label in enumerate(_labels(count)):
        cell = number % sheet.cells
        if cell == 0:
            pdf.add_page()
        _draw(pdf, compose(label, template, typeface), *sheet.corner(cell))
    return bytes(pdf.output())


def _draw(pdf: object, drawing: Drawing, left: float, top: float) -> None:
    from fpdf import FPDF
    from fpdf.enums import TextMode

    assert isinstance(pdf, FPDF)  # noqa: S101  for the type checker
    for mark in drawing.marks:
        if isinstance(mark, Modules):
            scale = mark.module * pdf.k
            shapes = " ".join(f"{x} {y} {length} 1 re" for x, y, length in runs(mark.matrix))
            at = f"{(left + mark.x) * pdf.k:.5f} {(pdf.h - top - mark.y) * pdf.k:.5f}"
            pdf._out(f"q {scale:.5f} 0 0 {-scale:.5f} {at} cm 0 g {shapes} f Q")
        elif isinstance(mark, Text):
            pdf.set_font("label", size=mark.size_pt)
            mode = TextMode.FILL_STROKE if mark.strong else TextMode.FILL
            with pdf.local_context(text_mode=mode, line_width=mark.size_pt * 0.03):
                pdf.text(left + mark.x, top + mark.y, mark.text)


def _main(side: str, count: int, out: Path) -> None:
    """Run one side in this process and print what it cost, imports and the font included."""
    data = _by_fpdf2(count) if side == "fpdf2" else sheet_pdf(_labels(count), preset=_PRESET)
    out.write_bytes(data)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": time.process_time(), "memory": memory}))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
