"""The pictures of this story: which label lies where, and how it was photographed."""

from __future__ import annotations

from demo.camera import Pose, Shot

SINGLE: tuple[Shot, ...] = (
    Shot(surface="casing", seed=1, shade=0.4, poses=(Pose(width=0.72, yaw=14, pitch=8, roll=-4),)),
    Shot(surface="wood", seed=2, warmth=0.06, shade=0.5,
         poses=(Pose(x=0.47, y=0.52, width=0.76, yaw=-18, pitch=22, roll=9),)),
    Shot(surface="plastic", seed=3, light=0.85, noise=7, poses=(
        Pose(y=0.56, width=0.74, yaw=20, pitch=-12, roll=3),)),
    Shot(surface="fabric", seed=4, warmth=-0.04, blur=1.3,
         poses=(Pose(x=0.53, y=0.47, width=0.74, yaw=-10, pitch=16, roll=-17),)),
    Shot(surface="metal", seed=5, glare=0.3, poses=(Pose(width=0.8, yaw=26, pitch=5, roll=5),)),
    Shot(surface="cardboard", seed=6, light=0.7, shade=0.6, noise=10, blur=1.2,
         poses=(Pose(y=0.45, width=0.68, yaw=-22, pitch=-14, roll=-8),)),
    Shot(surface="plastic", seed=7, light=1.05, shake=4, quality=66,
         poses=(Pose(x=0.5, y=0.54, width=0.66, yaw=8, pitch=24, roll=92),)),
    Shot(surface="casing", seed=8, size=(1600, 1200), light=0.85, shade=0.8, warmth=0.08, noise=8,
         poses=(Pose(width=0.52, yaw=-30, pitch=10, roll=13),)),
)  # fmt: skip
"""One label each."""

SHEET = Shot(surface="wood", seed=21, size=(2000, 1500), warmth=0.05, blur=1.0, shade=0.5,
             poses=(Pose(width=0.86, yaw=-12, pitch=20, roll=-3),))  # fmt: skip
"""Six labels that were not peeled off the sheet yet."""

SHELF = Shot(surface="metal", seed=22, size=(2000, 1500), light=0.9, glare=0.15, poses=(
    Pose(x=0.24, y=0.3, width=0.34, yaw=16, pitch=6, roll=-6),
    Pose(x=0.7, y=0.36, width=0.32, yaw=-14, pitch=10, roll=4),
    Pose(x=0.46, y=0.72, width=0.35, yaw=5, pitch=-12, roll=10),
))  # fmt: skip
"""Three things beside each other."""

FORGED = Shot(surface="plastic", seed=31, poses=(Pose(y=0.54, width=0.5, yaw=-15, pitch=9),))
OLD = Shot(surface="metal", seed=32, poses=(Pose(width=0.64, yaw=12, pitch=14, roll=-6),))
