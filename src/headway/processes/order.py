"""Puts the events of workers in order with the texts that they write on a terminal which this process reads.

An event that has a mark waits until the text has come to it, and text waits for the events before its mark, both within
bounds: a typed Ctrl-C has the kernel throw text away, marks included.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic

from headway.notation import TYPE_CHECKING
from headway.processes.wire import Event, Report, Text

if TYPE_CHECKING:
    from headway.processes.rows import Worker

__all__ = ["Order"]

WAITS = 0.5
"""Seconds that an event waits at most for its mark."""


class Order:
    """The events that wait.

    Args:
        deliver: Gets each event when it is due, and `None` for the end of a worker.
        clock: Tells the time, in seconds.
    """

    def __init__(self, deliver: Callable[[Worker, Event | None], None], clock: Callable[[], float] = monotonic) -> None:
        self._deliver = deliver
        self._clock = clock
        self._waiting: dict[int, deque[tuple[Worker, Event | None, float]]] = {}
        """Events that wait, with the time when they came, by the number of the worker."""
        self._met: dict[int, int] = {}
        """The last mark that the text of each process has come to."""
        self._seen: dict[int, int] = {}
        """The last mark of an event of each process."""
        self._deaf: set[int] = set()
        """Processes whose text has waited for an event in vain."""

    def take(self, worker: Worker, event: Event | None) -> None:
        """Take an event of a worker, or its end, behind all that it has said."""
        mark = _mark(event)
        if mark:
            self._seen[worker.pid] = mark
            self._deaf.discard(worker.pid)
        waiting = self._waiting.get(worker.number)
        if waiting or mark > self._met.get(worker.pid, 0):
            self._waiting.setdefault(worker.number, deque()).append((worker, event, self._clock()))
        else:
            self._give(worker, event)

    def meet(self, pid: int, number: int, *, late: bool = False) -> bool:
        """Deliver the events that are due as the text of a process has come to a mark, and tell whether all have come.

        Args:
            pid: The process.
            number: The mark.
            late: Whether text waits no longer for events that have not come.
        """
        self._met[pid] = max(number, self._met.get(pid, 0))
        known = self._seen.get(pid, 0) >= number
        for waiting in list(self._waiting.values()):
            if waiting and waiting[0][0].pid == pid:
                self._deliver_due(waiting)
        if late:
            self._deaf.add(pid)
        return known or pid in self._deaf

    def tend(self) -> None:
        """Deliver events that have waited too long."""
        late = self._clock() - WAITS
        for waiting in list(self._waiting.values()):
            while waiting and waiting[0][2] < late:
                self._give(*waiting.popleft()[:2])
            self._deliver_due(waiting)

    def let_go(self) -> None:
        """Deliver all that waits."""
        for waiting in list(self._waiting.values()):
            while waiting:
                self._give(*waiting.popleft()[:2])

    def _deliver_due(self, waiting: deque[tuple[Worker, Event | None, float]]) -> None:
        while waiting:
            worker, event, _ = waiting[0]
            if _mark(event) > self._met.get(worker.pid, 0):
                return
            waiting.popleft()
            self._give(worker, event)

    def _give(self, worker: Worker, event: Event | None) -> None:
        if event is None:  # another process may get its number
            self._met.pop(worker.pid, None)
            self._seen.pop(worker.pid, None)
            self._waiting.pop(worker.number, None)
        self._deliver(worker, event)


def _mark(event: Event | None) -> int:
    return event.mark if isinstance(event, Report | Text) else 0
