"""One bar as the page shows it: words and times, in which nothing changes while nothing happens.

The page counts the times itself, so a bar has the moments that they are counted from and to.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from headway.snapshot import Snapshot
from headway.text import widgets

__all__ = ["described"]

STEADY = 1.0
"""Seconds that a moment may move by and still be the same."""
UNSTEADY = 0.01
"""A moment to come may move by this share of the time until then, if that is more."""
FOREVER = 1e9
"""Seconds from which on an end is not told."""
METRICS = 24
"""So many metrics of a bar are shown; a number stands for the others."""


def described(s: Snapshot, time: float, place: str, lost: str, before: dict[str, Any]) -> dict[str, Any]:
    """Return the members of a bar in the page's document, those left out that say nothing.

    Args:
        s: Its newest snapshot.
        time: The time of that, in seconds since the epoch.
        place: The bar's place.
        lost: The words for how its process was lost; empty if it was not.
        before: The members so far: a moment that has hardly moved stays.
    """
    running = s.state == "running"
    shown = list(s.metrics.items())[:METRICS]
    share = s.fraction
    members = {
        "place": place,
        "title": widgets.label(s) or s.name,
        "state": "lost" if lost else s.state,
        "held": widgets.ending(s).partition(" ")[0] if running and not lost else "",
        "share": None if share is None else round(min(share, 1.0), 4),
        "percentage": widgets.percentage(s),
        "counts": widgets.counts(s),
        "rate": widgets.rate(s),
        "workers": widgets.workers(s),
        "reason": lost or s.reason or s.blocked,
        "message": s.message,
        "metrics": {name: f"{reading.text}{reading.mark}" for name, reading in shown},
        "more": len(s.metrics) - len(shown) or None,
        **(_moments(s, time, before) if running and not lost else {"elapsed": round(s.elapsed, 1)}),
    }
    return {name: value for name, value in members.items() if value not in (None, "", {}) and _can_be(value)}


def _can_be(value: object) -> bool:
    """Tell whether JSON has it: an event from anywhere may have times without an end."""
    return not isinstance(value, float) or isfinite(value)


def _moments(s: Snapshot, time: float, before: dict[str, Any]) -> dict[str, float]:
    """Return when it began, or how long it has worked if its clock stands; when it will end; since when it stands."""
    past = {"since": None if s.paused else s.elapsed, "still": s.stalled}
    to_come = {"ends": s.eta, "soonest": s.eta_low, "latest": s.eta_high}
    found = {name: (time - ago, STEADY) for name, ago in past.items() if ago is not None}
    for name, left in to_come.items():
        if left is not None and left < FOREVER:
            found[name] = time + left, max(STEADY, UNSTEADY * left)
    moments = {name: _steady(moment, before.get(name), within) for name, (moment, within) in found.items()}
    if s.paused:
        moments["elapsed"] = round(s.elapsed, 1)
    if s.deadline is not None:
        moments["limit"] = s.deadline
    return moments


def _steady(moment: float, before: float | None, within: float) -> float:
    if before is not None and abs(moment - before) <= within:
        return before
    return round(moment, 1)
