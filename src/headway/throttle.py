"""The one thread that draws: it runs what must be out now, and wakes to draw what is due.

Knows when; knows nothing of bars or sinks. Callers hand it jobs; the hub tells it when to wake next.
"""

from __future__ import annotations

import _thread
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic

from headway.errors import in_words, tell

__all__ = ["ANSWER_WITHIN", "Throttle", "threads_wanted"]

ANSWER_WITHIN = 1.0
"""Seconds that a caller waits at most for its first frame, last frame or text to be out."""
LINGER = 0.5
"""Seconds that the thread outlives the last bar, so that a series of short bars needs one thread."""

Job = Callable[[], None]


class Throttle:
    """Runs jobs in order and draws in between, all in one thread.

    `call` is safe from any thread, from signal handlers and from finalisers: it takes no lock that the drawing
    thread holds while it draws. Where threads cannot be had (`HEADWAY_THREADS=0`, or none can be started) jobs run
    in the caller, and drawing in `poll`.

    Args:
        draw: Draws what is due at the given monotonic time and returns the seconds until something is due again, or
            `None` while nothing is open.
        inline: Do without a thread.
    """

    def __init__(self, draw: Callable[[float], float | None], *, inline: bool = False) -> None:
        self.inline = inline
        self._draw = draw
        self._jobs: deque[tuple[Job, _thread.LockType]] = deque()
        self._wake = _thread.allocate_lock()
        self._life = threading.RLock()
        self._thread: threading.Thread | None = None
        self._parked = False
        self._late = False
        self._due = 0.0
        self._polling = False

    def call(self, job: Job) -> None:
        """Run a job, and return when it is done or after `ANSWER_WITHIN` seconds.

        After a job that was late, callers do not wait until the thread has answered again: a sink that hangs costs
        one wait, not one for each call. From the drawing thread itself the job runs at once.
        """
        if self.inline or sys.is_finalizing() or threading.current_thread() is self._thread:
            job()  # while the interpreter is torn down no thread runs any more, nor can one be started
            return
        done = _thread.allocate_lock()
        done.acquire()
        self._jobs.append((job, done))
        if self._start():
            self.nudge()
            if not self._late and not done.acquire(timeout=ANSWER_WITHIN):
                self._late = True
        else:
            self._run_jobs()

    def poll(self) -> None:
        """Draw what is due, where there is no thread to do it."""
        now = monotonic()
        if now < self._due or self._polling:
            return
        self._polling = True
        try:
            wait = self._draw(now)
        finally:
            self._polling = False
        self._due = monotonic() + (0.1 if wait is None else wait)

    def park(self) -> None:
        """Stop the thread before a fork, so that no lock is held across it."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            self._parked = True
            self.nudge()
            thread.join(ANSWER_WITHIN)

    def unpark(self) -> None:
        """Start the thread again in the parent of a fork."""
        if self._parked:
            self._parked = False
            self._start()
            self.nudge()

    def _start(self) -> bool:
        with self._life:
            if self._thread is None and not self.inline:
                thread = threading.Thread(target=self._run, name="headway", daemon=True)
                self._thread = thread
                try:
                    thread.start()
                except RuntimeError:
                    self._thread = None
                    self.inline = True
        return not self.inline

    def nudge(self) -> None:
        """Have the thread look now whether something is due."""
        try:
            self._wake.release()
        except RuntimeError:
            return  # it is awake already

    def _run(self) -> None:
        idle_since: float | None = None
        wait = 0.0
        while True:
            self._wake.acquire(timeout=wait)
            self._run_jobs()
            now = monotonic()
            due_in = None if self._parked else self._frame(now)
            if due_in is not None:
                idle_since, wait = None, max(due_in, 0.0)
                continue
            idle_since = idle_since or now
            wait = max(idle_since + LINGER - now, 0.0)
            if (wait == 0.0 or self._parked) and self._retire():
                return

    def _run_jobs(self) -> None:
        while self._jobs:
            try:
                job, done = self._jobs.popleft()
            except IndexError:
                return
            try:
                job()
            except BaseException as error:  # nothing may end this thread: other bars depend on it
                _tell(error)
            self._late = False
            done.release()
            del job, done

    def _frame(self, now: float) -> float | None:
        try:
            return self._draw(now)
        except BaseException as error:  # as above
            _tell(error)
            return LINGER

    def _retire(self) -> bool:
        """End the thread unless a job has just come in; whoever comes later starts a new one."""
        with self._life:
            if self._jobs:
                return False
            self._thread = None
            return True


def _tell(error: BaseException) -> None:
    words = in_words(error)
    tell(f"drawing {type(error)}", f"Drawing progress raised {words}. The program goes on; please report this.")


def threads_wanted() -> bool:
    """Tell whether a thread may be used: not with `HEADWAY_THREADS=0`."""
    return os.environ.get("HEADWAY_THREADS", "1") != "0"
