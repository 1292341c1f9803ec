"""The clock that work is timed by: it stands while the process is stopped."""

from __future__ import annotations

from time import monotonic as _monotonic

__all__ = ["leave_out", "monotonic"]

_stopped = 0.0


def monotonic() -> float:
    """Return seconds that never go back, those left out in which the process was stopped (Ctrl-Z, `kill -STOP`)."""
    return _monotonic() - _stopped


def leave_out(seconds: float) -> None:
    """Have so many seconds count nowhere."""
    global _stopped
    _stopped += seconds
