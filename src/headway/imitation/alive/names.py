"""The names that options of alive-progress take: those of styles, in the place of a style itself, and of scales."""

from __future__ import annotations

from typing import Literal

__all__ = ["BARS", "SPINNERS", "THEMES", "UNIT_SCALES"]

BARS = (
    *("smooth", "classic", "classic2", "brackets", "blocks", "bubbles", "solid", "checks", "circles", "squares"),
    *("halloween", "filling", "notes", "ruler", "ruler2", "fish", "scuba"),
)
SPINNERS = (
    *("classic", "stars", "twirl", "twirls", "horizontal", "vertical", "waves", "waves2", "waves3", "dots"),
    *("dots_waves", "dots_waves2", "it", "ball_belt", "balls_belt", "triangles", "brackets", "bubbles", "circles"),
    *("squares", "flowers", "elements", "loving", "notes", "notes2", "arrow", "arrows", "arrows2", "arrows_in"),
    *("arrows_out", "radioactive", "boat", "fish", "fish2", "fishes", "crab", "alive", "wait", "wait2", "wait3"),
    *("wait4", "pulse"),
)
THEMES = {
    "smooth": {"spinner": "waves", "bar": "smooth", "unknown": "triangles"},
    "classic": {"spinner": "classic", "bar": "classic", "unknown": "brackets"},
    "scuba": {"spinner": "fish2", "bar": "scuba", "unknown": "fishes"},
    "musical": {"spinner": "notes", "bar": "notes", "unknown": "notes2"},
}
"""Themes, each with the styles that it stands for."""
UNIT_SCALES: dict[str | None, Literal["", "si", "iec"]] = {None: "", "SI": "si", "SI2": "iec", "IEC": "iec"}
"""Scales, each with headway's `unit_scale`."""
