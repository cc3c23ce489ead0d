"""The county counts its warehouse at the end of the half-year: by radio, by label, and by walking.

The reader is a pretended one at the other end of a socket; all else is as in any warehouse: one
thing is gone, one stands elsewhere, one bears a tag that is dead, and one is in no book.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assetctl.domain.epc.numbering import Numbering, number_of
from demo.desk import Desk, must
from scanner.llrp.emulator import Emulator

SECONDS = "5"
"""A reader hears them all within a second; a busy machine may need more."""

LIKE = "台式计算机"
LISTED = 130
"""So many things should stand in the first warehouse after the half-year."""


class Counting:
    """What the stocktake needs of the county."""

    desk: Desk
    folder: Path
    day: str

    def by(self, person: str, *words: str, expect: int = 0, shown: bool = False) -> Any:
        """Let a person do something on the day."""
        raise NotImplementedError

    def refused(self, person: str, code: str, *words: str, expect: int = 5) -> None:
        """Let a person try what he may not."""
        raise NotImplementedError

    def june_stocktake(self) -> None:
        """Chapter: from plan to seal, with what a verdict proves and what it does not."""
        desk = self.desk
        desk.step(
            "半年盘点：射频、扫码、走到跟前", "The half-year's stocktake: radio, labels, legs"
        )
        listed = self.by("audit", "find", "--place", "W1", "--limit", "1000")["items"]
        must(be=LISTED, found=len(listed), zh="一号仓件数", en="things in the first warehouse")
        ids = sorted(one["asset_id"] for one in listed)
        # Alike, so that it is the same whichever ids chance has given them.
        lost, astray, dead, *_ = sorted(one["asset_id"] for one in listed if one["name"] == LIKE)
        number = self._opened(ids[0])
        desk.say(
            "读写器不报的三件：一件已不在，一件摆在别处，一件的标签失效。射频只是证据，不据此入账。",
            "Three things do not answer: one is gone, one stands elsewhere, one has a dead tag. "
            "Radio is evidence, and nothing is booked by it.",
        )
        self._swept(number, [one for one in ids if one not in (lost, astray, dead)])
        self._walked(number, astray, dead)
        self._counted_again(number, lost, astray)
        self._settled(number, lost, astray)

    def _opened(self, one: str) -> str:
        planned = self.by(
            "manager", "stocktake", "plan", "--place", "W1", "--team", "A=keeper", "--team",
            "B=GOA-clerk", "--note", "半年盘点",
        )  # fmt: skip
        number = str(planned["number"])
        self.refused(
            "keeper", "stocktake.state", "stocktake", "count", number, one, "--place", "W1"
        )
        self.by("manager", "stocktake", "open", number, shown=True)
        return number

    def _swept(self, number: str, there: list[str]) -> None:
        with Emulator(number_of(one, Numbering()).epc for one in there) as emulator:
            reader = f"llrp://{emulator.host}:{emulator.port}"
            self.by("keeper", "stocktake", "count", number, "--place", "W1", "--reader", reader,
                    "--seconds", SECONDS, shown=True)  # fmt: skip
        (reads,) = (self.folder / "home" / "sweeps").glob(f"{number}-*.jsonl")
        again = self.by("keeper", "stocktake", "count", number, "--place", "W1", "--reader",
                        f"replay:{reads}")  # fmt: skip
        must(be=True, found=again["repeated"], zh="同一份读取只计一次", en="reads count once")
        (reads.rename(self.folder / "sweep.jsonl")).chmod(0o644)

    def _walked(self, number: str, astray: str, dead: str) -> None:
        """What was not heard is walked to: the label of one is read, another stands elsewhere."""
        (shown,) = self.by("keeper", "show", dead)
        scanned = self.folder / "scanned.txt"
        scanned.write_text(f"{shown['payload']}\n!commit\n", encoding="utf-8")
        self.by("keeper", "stocktake", "count", number, "--place", "W1-A", "--from", str(scanned),
                shown=True)  # fmt: skip
        self.by("keeper", "stocktake", "count", number, astray, "--place", "B-GOA")
        self.by("keeper", "stocktake", "count", number, "--place", "W1-A", "--found", "投影幕布")
        for person in ("keeper", "GOA-clerk"):
            self.by(person, "stocktake", "finish", number)

    def _counted_again(self, number: str, lost: str, astray: str) -> None:
        """Whoever counted first does not confirm; somebody else does."""
        self.by("manager", "stocktake", "recount", number, shown=True)
        (new,) = (one["item"] for one in self._differences(number) if one["item"][0] == "+")
        self.by("keeper", "stocktake", "count", number, "--absent", lost)
        self.refused("manager", "stocktake.unsettled", "stocktake", "submit", number)
        self.by("GOA-clerk", "stocktake", "count", number, "--absent", lost)
        self.by("GOA-clerk", "stocktake", "count", number, astray, "--place", "B-GOA")
        self.by("GOA-clerk", "stocktake", "count", number, new, "--found", "投影幕布", "--place",
                "W1-A")  # fmt: skip
        self.by("manager", "stocktake", "explain", number, lost, "--reason", "lost")
        self.by("manager", "stocktake", "explain", number, astray, "--reason", "moved_unbooked")
        self.by("manager", "stocktake", "explain", number, new, "--reason", "never_booked",
                "--class", "A02020400", "--value", "600.00")  # fmt: skip

    def _settled(self, number: str, lost: str, astray: str) -> None:
        """Approved by whom the chain asks, booked, sealed; then nothing can be added."""
        self.by("manager", "stocktake", "submit", number)
        self.refused("keeper", "stocktake.duties", "stocktake", "approve", number)
        self.refused("EDU-head", "document.not_asked", "stocktake", "approve", number)
        self.by("GOA-head", "stocktake", "approve", number, "--opinion", "同意")
        self.by("manager", "stocktake", "close", number, "--yes", shown=True)
        self.refused("keeper", "stocktake.state", "stocktake", "count", number, lost, "--place",
                     "W1")  # fmt: skip
        one, other = self.by("audit", "show", lost, astray)
        must(be=("missing", "B-GOA"), found=(one["state"], other["place"]),
             zh="盘亏和移动已入账", en="loss and move are booked")  # fmt: skip
        self.by("audit", "verify", "--replay", shown=True)

    def _differences(self, number: str) -> list[dict[str, Any]]:
        status = self.by("manager", "stocktake", "status", number, "--differences")
        found: list[dict[str, Any]] = status["differences"]
        return found
