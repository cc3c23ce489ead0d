"""Reading 96-bit numbers of radio tags: our quick way against parsing the digits and two shifts.

The goal beside the ratio is a million a second of processor time on a machine where the baseline
makes two and a half.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from assetctl.domain.epc.codec import Epc, encode
from assetctl.domain.epc.private96 import Private96
from assetctl.domain.epc.private96 import encode as encode_private96
from assetctl.domain.epc.quick import decode96
from benchmarks.timing import Cost, Row, cost_of, in_turns, per_second, rows_of

_COUNT, _QUICK_COUNT = 200_000, 20_000


def numbers(folder: Path, *, quick: bool) -> list[Row]:  # noqa: ARG001  all in memory
    """Measure each profile; every number is another one, so that nothing can be remembered."""
    count = _QUICK_COUNT if quick else _COUNT
    rows = []
    for name, (make, goal) in _PROFILES.items():
        random = Random(name)
        made = [make(random) for _ in range(count)]
        pairs = in_turns(_all(decode96, made), _all(_bare, made), 5 if quick else 11)
        rows += rows_of(
            f"numbers {name} against int and two shifts", pairs, show=per_second(count),
            speed=True, at_least=goal, clocks=("cpu",),
        )  # fmt: skip
    return rows


def _bare(text: str) -> tuple[int, int]:
    number = int(text, 16)
    return number >> 48 & 0xFFFF, number & 0xFFFF


def _all(read: Callable[[str], object], made: Sequence[str]) -> Callable[[], Cost]:
    def work() -> None:
        for text in made:
            read(text)

    return lambda: cost_of(work)


def _giai(random: Random) -> str:
    return encode(Epc(scheme="GIAI-96", values=("9521141", str(random.getrandbits(40)))))


def _grai(random: Random) -> str:
    kind, serial = f"{random.randrange(10**5):05d}", str(random.getrandbits(38))
    return encode(Epc(scheme="GRAI-96", values=("9521141", kind, serial)))


def _gid(random: Random) -> str:
    values = tuple(str(random.getrandbits(bits)) for bits in (28, 24, 36))
    return encode(Epc(scheme="GID-96", values=values))


def _private96(random: Random) -> str:
    return encode_private96(
        Private96(0, random.randrange(10**6), random.getrandbits(12), random.getrandbits(40))
    )


_PROFILES: dict[str, tuple[Callable[[Random], str], float]] = {
    "GIAI-96": (_giai, 0.4), "GRAI-96": (_grai, 0.4), "GID-96": (_gid, 0.4),
    "private96": (_private96, 0.3),
}  # fmt: skip
"""How a number of each profile is made, and the goal: `private96` has a check to compute."""
