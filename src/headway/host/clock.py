"""The clock that everything shown is timed by: it stands while the process is stopped.

`stops.py` and `signals.py` notice that and have the time left out. They may do so a moment after the process has gone
on, and then the clock goes back by what it has gone too far. So it is for ages and durations: how long work took, how
long a row has been empty, how long a renderer has hung. When a thread is to wake up next, and how long one call waits
at most, goes by `time.monotonic`: after a stop that is overdue, and is made up for at once.
"""

from __future__ import annotations

from time import monotonic as _monotonic

try:
    from time import thread_time
except ImportError:  # in WebAssembly no time of the processor is told
    thread_time = _monotonic

__all__ = ["leave_out", "monotonic", "thread_time"]

_stopped = 0.0


def monotonic() -> float:
    """Return seconds, those left out in which the process was stopped (Ctrl-Z, `kill -STOP`)."""
    return _monotonic() - _stopped


def leave_out(seconds: float) -> None:
    """Have so many seconds count nowhere."""
    global _stopped
    _stopped += seconds
