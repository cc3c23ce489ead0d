"""The pictures of this story: what is in them, and how they were taken."""

from __future__ import annotations

from typing import NamedTuple

from demo.camera import Pose, Shot


class Taken(NamedTuple):
    """One picture: its file name, the card numbers of the things in it, and the shot."""

    file: str
    cards: tuple[str, ...]
    shot: Shot


LAPTOP = "YL2022-0087"
"""The asset whose whole life the story tells."""
PROJECTOR = "YL2023-0138"
"""The asset whose label is replaced."""
VAN = "YL2021-0302"
"""The asset whose label somebody forges."""

SINGLE: tuple[Taken, ...] = (
    Taken("01-desktop.jpg", ("YL2018-0272",), Shot(
        surface="casing", seed=1, shade=0.4, poses=(Pose(width=0.72, yaw=14, pitch=8, roll=-4),))),
    Taken("02-desk.jpg", ("YL2020-0033",), Shot(
        surface="wood", seed=2, warmth=0.06, shade=0.5,
        poses=(Pose(x=0.47, y=0.52, width=0.76, yaw=-18, pitch=22, roll=9),))),
    Taken("03-laptop.jpg", (LAPTOP,), Shot(
        surface="plastic", seed=3, light=0.85, noise=7,
        poses=(Pose(y=0.56, width=0.74, yaw=20, pitch=-12, roll=3),))),
    Taken("04-chair.jpg", ("YL2025-0086",), Shot(
        surface="fabric", seed=4, warmth=-0.04, blur=1.3,
        poses=(Pose(x=0.53, y=0.47, width=0.74, yaw=-10, pitch=16, roll=-17),))),
    Taken("05-cabinet.jpg", ("YL2018-0016",), Shot(
        surface="metal", seed=5, glare=0.3, poses=(Pose(width=0.8, yaw=26, pitch=5, roll=5),))),
    Taken("06-boxed.jpg", ("YL2021-0148",), Shot(
        surface="cardboard", seed=6, light=0.7, shade=0.6, noise=10, blur=1.2,
        poses=(Pose(y=0.45, width=0.68, yaw=-22, pitch=-14, roll=-8),))),
    Taken("07-printer.jpg", ("YL2022-0280",), Shot(
        surface="plastic", seed=7, light=1.05, shake=4, quality=66,
        poses=(Pose(y=0.54, width=0.66, yaw=8, pitch=24, roll=92),))),
    Taken("08-dim-light.jpg", ("YL2022-0212",), Shot(
        surface="casing", seed=8, size=(1600, 1200), light=0.85, shade=0.8, warmth=0.08, noise=8,
        poses=(Pose(width=0.52, yaw=-30, pitch=10, roll=13),))),
)  # fmt: skip
"""One label each."""

SHELF = Taken("10-three-things.jpg", ("YL2020-0055", "YL2021-0115", "YL2021-0269"), Shot(
    surface="metal", seed=22, size=(2000, 1500), light=0.9, glare=0.15, poses=(
        Pose(x=0.24, y=0.3, width=0.34, yaw=16, pitch=6, roll=-6),
        Pose(x=0.7, y=0.36, width=0.32, yaw=-14, pitch=10, roll=4),
        Pose(x=0.46, y=0.72, width=0.35, yaw=5, pitch=-12, roll=10),
    ),
))  # fmt: skip
"""Three things beside each other."""

SHEET_FILE = "09-six-on-the-sheet.jpg"
SHEET_COLUMNS, SHEET_ROWS = 3, 2
SHEET = Shot(
    surface="wood", seed=21, size=(2000, 1500), warmth=0.05, blur=1.0, shade=0.5,
    poses=(Pose(width=0.86, yaw=-12, pitch=20, roll=-3),),
)  # fmt: skip
"""Labels that were not peeled off the sheet yet."""

FORGED_FILE = "11-forged.jpg"
FORGED = Shot(
    surface="plastic", seed=31, poses=(Pose(y=0.55, width=0.52, yaw=-15, pitch=9, roll=4),)
)
OLD = Taken("12-replaced.jpg", (PROJECTOR,), Shot(
    surface="metal", seed=32, poses=(Pose(width=0.74, yaw=12, pitch=14, roll=-6),)))  # fmt: skip
