"""The pace of a sink: how long it rests between two frames, and whether a frame would look different."""

from __future__ import annotations

from collections import deque
from time import monotonic

from headway.host.clock import thread_time
from headway.snapshot import Snapshot

__all__ = ["AT_ONCE", "BUDGET", "LONGEST_REST", "SHORTEST_REST", "Cost", "Storm", "differs", "rest"]

BUDGET = 0.02
"""The share of the wall time that drawing may cost: a frame of d seconds is followed by d / BUDGET without one."""
WAITING = 0.1
"""The part of its time that a frame costs at least, if it waits: for a terminal, a device, or other programs."""
LONGEST_REST = 60.0
"""Seconds without a frame at most: what a frame takes once may be a terminal that was stopped meanwhile."""
SHORTEST_REST = 0.025
"""Seconds from one frame of rows to the next at least; as many as a sink asks for at most."""
AT_ONCE = 4
"""First frames of rows that are drawn at once in any second; further ones come with the next frame. A place of its own
has no more frames a second."""


class Storm:
    """Many frames one right after the other, as many bars open."""

    def __init__(self) -> None:
        self._firsts: deque[float] = deque(maxlen=AT_ONCE)

    def rages(self, now: float) -> bool:
        """Tell whether frames have to wait, as there were `AT_ONCE` in the last second."""
        return len(self._firsts) == AT_ONCE and now - self._firsts[0] < 1.0

    def takes(self, now: float) -> bool:
        """Tell whether a frame has to wait; else it counts as one."""
        if self.rages(now):
            return True
        self._firsts.append(now)
        return False


class Cost:
    """The cost of a stretch of work in this thread, in seconds: the time of the processor, or a part of all its time.

    Time in which a thread waits costs the program nothing. On a busy machine that is most of it.
    """

    __slots__ = ("_processor", "_start")

    def __init__(self) -> None:
        self._start, self._processor = monotonic(), thread_time()

    @property
    def seconds(self) -> float:
        """The cost so far."""
        return max(thread_time() - self._processor, (monotonic() - self._start) * WAITING)


def rest(interval: float, elapsed: float, eta: float | None) -> float:
    """Return the seconds from one frame of rows to the next: fewer where a run begins, and where a short one ends.

    It is a hundredth of what has passed, or of what is left where that is less, but not below a thousandth of what has
    passed: a run of a second is seen in 40 frames, and one of an hour that is late costs no more than it did before.

    Args:
        interval: What the sink asks for.
        elapsed: Seconds that the bar has run.
        eta: Seconds that it has left, if that is known.
    """
    near = elapsed if eta is None else max(elapsed / 10, min(elapsed, eta))
    return min(interval, max(SHORTEST_REST, near / 100))


def differs(new: Snapshot, old: Snapshot) -> bool:
    """Tell whether a person would see a difference: a change, or another second on one of the clocks."""
    return (
        int(new.elapsed) != int(old.elapsed)
        or _whole(new.eta) != _whole(old.eta)
        or new.n != old.n
        or new.position != old.position
        or new.total != old.total
        or new.message != old.message
        or new.desc != old.desc
        or new.phase != old.phase
        or new.paused != old.paused
        or (new.stalled is None) != (old.stalled is None)
        or new.metrics != old.metrics
        or new.points != old.points
    )


def _whole(seconds: float | None) -> float | None:
    return None if seconds is None else seconds // 1
