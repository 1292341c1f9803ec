"""Troubles of a run that is going on: lines tell of them at once."""

from __future__ import annotations

from headway.snapshot import Snapshot

__all__ = ["troubles"]


def troubles(s: Snapshot) -> frozenset[str]:
    """Return the names of the metrics that are no finite numbers, and `stalled` if the run stands still."""
    names = frozenset(f"metric {name}" for name, reading in s.metrics.items() if reading.since is not None)
    return names if s.stalled is None else names | {"stalled"}
