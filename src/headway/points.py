"""Values of metrics as they were reported, one by one, for the sinks that ask for them.

A `Log` keeps the values of one bar, and knows nothing of its readers. A snapshot refers to a stretch of it, so that a
sink that is called for some snapshots only misses no value.
"""

from __future__ import annotations

import _thread
from collections import deque
from itertools import islice
from time import time

from headway.notation import NamedTuple

__all__ = ["KEPT", "Log", "Point", "Stretch"]

KEPT = 10_000
"""Values of a bar that wait for the next frame, at most; the oldest give way."""


class Point(NamedTuple):
    """One value of a metric, as it was reported."""

    bar: int
    """The id of the bar, see `headway.snapshot.Snapshot.id`."""
    name: str
    """The name of the metric."""
    value: float
    """The value: a number, which may be NaN or infinite. Texts are in `Snapshot.metrics` alone."""
    n: float
    """The count of the bar at the report, in units; in a training run the optimizer steps."""
    at: float
    """The time of the report, in seconds since the epoch."""


class Log:
    """The values that were reported to one bar, the newest `KEPT` of them."""

    __slots__ = ("_kept", "_lock", "told")

    def __init__(self) -> None:
        self._kept: deque[tuple[str, float, int | float, float]] = deque(maxlen=KEPT)
        self._lock = _thread.allocate_lock()
        self.told = 0
        """How many values were reported so far."""

    def add(self, name: str, value: float, n: float) -> None:
        """Add a value of a metric that is reported now, at a count."""
        with self._lock:
            self._kept.append((name, value, n, time()))
            self.told += 1

    def between(self, first: int, last: int, bar: int) -> tuple[list[Point], int]:
        """Return the values from one number up to another, and how many of them have given way.

        Args:
            first: How many values were reported before them.
            last: How many values were reported up to the last of them.
            bar: The id of the bar that they are for.
        """
        with self._lock:
            oldest = self.told - len(self._kept)
            values = list(islice(self._kept, max(0, first - oldest), max(0, last - oldest)))
        return [Point(bar, *value) for value in values], max(0, min(oldest, last) - first)


class Stretch(NamedTuple):
    """The part of a log that belongs to a bar."""

    log: Log
    first: int = 0
    """How many values the log had when the bar began."""
    last: int = 0
    """How many values it has now."""

    def until_now(self) -> Stretch:
        """Return it with what has been reported since."""
        return self._replace(last=self.log.told)
