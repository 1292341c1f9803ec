"""Notices afterwards that the process was stopped: by SIGSTOP, which nobody can catch, or where it left SIGTSTP alone.

Nothing tells that a stop begins; SIGCONT tells that one has ended. The thread that draws naps most of the time, and
says before each nap how long that is to be. So when SIGCONT comes, the process was stopped for as long as the thread
has overslept. If a thread oversleeps and no SIGCONT comes, the machine was loaded, or other code let no thread run:
that counts as work. If both come together, the work of the main thread counts as work, and so does the time in which
one of the two threads waited for a processor; the latter is known on Linux.

A stop is not noticed, and counts as work, if `Signals` cannot take SIGCONT (the program handles it, or opens its bars
in other threads than the main one) or if no thread draws (`HEADWAY_THREADS=0`). Up to a nap's length of each stop
counts as work: a tenth of a second for rows on a terminal and for a worker, a second for plain lines.
"""

from __future__ import annotations

import sys
import threading
import time

from headway.host import clock, fork
from headway.notation import NamedTuple

__all__ = ["Stops", "stops"]

NOTICEABLE = 0.25
"""Seconds that a thread has overslept by which it asks itself whether the process was stopped."""
CLOSE = 0.02
"""Seconds between two signs of life that are as good as one."""
PATIENCE = 0.01
"""Seconds that it gives the main thread then to run the handler, so that no frame shows the time that was no work."""
RECENT = 10.0
"""Seconds within which the main thread must run the handler: it may be busy in code that is not Python."""
OF_A_THREAD = 6
"""Has Linux take a number for the clock of a thread's work. To ask for it by the thread's identifier may crash: a
library such as gevent puts another number in the place of that."""
LOOK_EVERY = 1.0
"""Seconds between two looks at how long the threads have waited for a processor: files are read for that."""


class _Beat(NamedTuple):
    """A sign of life of the thread that draws."""

    at: float
    next_in: float
    """Seconds to the next one."""
    worked: float
    """Seconds that the main thread had worked by then."""
    waited: float
    """Seconds that both threads had waited for a processor, when that was looked at last."""


class Stops(fork.Part):
    """Has the clock leave out the time in which the process was stopped."""

    def __init__(self) -> None:
        self._begin()
        fork.register(self)

    def _begin(self) -> None:
        self._last: _Beat | None = None
        self._late: tuple[_Beat, float, float] | None = None
        """The sign of life after which the thread has overslept, when it noticed that, and for how long it did."""
        self._told = 0.0
        """When SIGCONT came last: the time before it is accounted for."""
        self._main: tuple[int, int] | None = None
        """The main thread, and the clock of its work."""
        self._drawing = 0
        """The thread that draws."""
        self._looked = 0.0
        """When it was looked at last how long both have waited for a processor."""

    def after_fork_in_child(self) -> None:
        """Begin anew: both threads are other ones."""
        self._begin()

    def watch(self) -> None:
        """Begin to watch; called in the main thread."""
        if self._main is None and sys.platform == "linux":
            native = threading.get_native_id()
            self._main = native, ~native << 3 | OF_A_THREAD
            last = self._last
            if last is not None:
                self._last = last._replace(worked=self._worked(), waited=self._waited(last))

    def beat(self, next_in: float) -> None:
        """Give a sign of life, in the thread that draws, before it naps.

        Args:
            next_in: Seconds to the next one: of the nap at most.
        """
        now, last = time.monotonic(), self._last
        if last is not None and now - last.at - last.next_in > NOTICEABLE:  # a stop between two naps
            self._late = last, now, self._missed(last, now)
        if last is not None and now - last.at < CLOSE and abs(now + next_in - last.at - last.next_in) < CLOSE:
            return  # jobs wake it up in quick succession
        waited = 0.0 if last is None else last.waited
        me = 0 if self._main is None else threading.get_native_id()
        if me != self._drawing or now - self._looked > LOOK_EVERY:
            self._drawing, self._looked = me, now
            waited = self._waited(last)
        worked = self._worked()
        self._last = _Beat(time.monotonic(), next_in, worked, waited)  # the time last, for others may run in between

    def wake(self) -> None:
        """Find out whether that thread has overslept, as soon as it is awake."""
        now, last = time.monotonic(), self._last
        if last is not None and now - last.at - last.next_in > NOTICEABLE:
            self._late = last, now, self._missed(last, now)
            time.sleep(PATIENCE)

    def rest(self) -> None:
        """Expect no sign of life until the next one: the thread ends, or stopped time is measured by other means."""
        self._last = self._late = None
        self._drawing = 0

    def went_on(self) -> None:
        """Leave out the time of the stop that is over; called in the main thread when SIGCONT has come."""
        now = time.monotonic()
        last, late, self._late = self._last, self._late, None
        missed = 0.0
        if late is not None and late[0].at >= self._told and now - late[1] < RECENT:
            missed = late[2]
        if last is not None:
            missed = max(missed, self._missed(last, now))
            self._last = last._replace(at=now, worked=self._worked())
        self._told = now
        clock.leave_out(missed)

    def _missed(self, last: _Beat, now: float) -> float:
        """Return the seconds that neither a nap nor work nor a loaded machine accounts for."""
        accounted = last.next_in + self._worked() - last.worked + self._waited(last) - last.waited
        return max(0.0, now - last.at - accounted)

    def _worked(self) -> float:
        if self._main is None:
            return 0.0
        try:
            return time.clock_gettime(self._main[1])
        except OSError:  # that thread has ended
            return 0.0

    def _waited(self, last: _Beat | None) -> float:
        """Return the seconds that both threads have waited for a processor; as before where that cannot be told."""
        before = 0.0 if last is None else last.waited
        if self._main is None:
            return before
        nanoseconds = 0
        try:
            for thread in (self._main[0], self._drawing):
                with open(f"/proc/self/task/{thread}/schedstat", "rb") as file:
                    nanoseconds += int(file.read().split()[1])
        except (OSError, ValueError, IndexError):  # not on Linux, or that thread has ended
            return before
        return nanoseconds / 1e9


stops = Stops()
