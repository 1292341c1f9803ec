"""News of a run that is going on: trouble, which is told at once, a sign of life, and another remaining time."""

from __future__ import annotations

from headway.snapshot import Snapshot

__all__ = ["APART", "is_changed", "is_sign_of_life", "troubles"]

APART = 5.0
"""Seconds from one piece of urgent news to the next at least."""
SIGNS = (30.0, 120.0, 600.0)
"""Seconds after which a bar that moves gives a sign of life; from then on it does each `LATER`."""
LATER = 1800.0
MOVED = 0.2
"""The share by which a remaining time is another one than was told."""


def troubles(s: Snapshot) -> frozenset[str]:
    """Return the names of the metrics that are no finite numbers, and `stalled` if the run stands still."""
    names = frozenset(f"metric {name}" for name, reading in s.metrics.items() if reading.since is not None)
    return names if s.stalled is None else names | {"stalled"}


def is_sign_of_life(s: Snapshot, told: Snapshot) -> bool:
    """Tell whether a bar has moved, and nothing was told of it for so long that one may think it does not.

    Args:
        s: The bar as it is.
        told: The bar as it was told of last.
    """
    due = next((each for each in SIGNS if each > told.elapsed), (told.elapsed // LATER + 1) * LATER)
    return s.elapsed >= due and (s.n, s.position) != (told.n, told.position)


def is_changed(s: Snapshot, told: Snapshot) -> bool:
    """Tell whether it is held up or no more, or whether its end is now expected at quite another time."""
    if s.blocked != told.blocked:
        return True
    if s.eta is None or told.eta is None:
        return False
    expected = told.eta - (s.elapsed - told.elapsed)
    return abs(s.eta - expected) > MOVED * max(told.eta, s.eta)
