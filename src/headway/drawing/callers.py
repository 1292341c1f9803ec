"""Callers that draw themselves, one at a time: where the system refuses a thread, or none is wanted."""

from __future__ import annotations

import _thread
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from headway.drawing.agenda import Agenda, Job, held
from headway.host.daemon import Daemon
from headway.host.handlers import DeferringAll

__all__ = ["ANSWER_WITHIN", "Callers"]

ANSWER_WITHIN = 1.0
"""Seconds that a caller waits for its first frame, last frame or text to be out if no other one comes out meanwhile."""
PASSED_OVER = 3
"""Reports between two looks at the clock while reports come fast: a look takes longer than all else that is done at a
report, and in WebAssembly three times as long as all of tqdm's work on an item."""
FAST = 0.0001
"""Seconds from one look at the clock to the next, at most, while reports come fast."""


class Callers(Agenda):
    """The part of the throttle that does jobs in the caller."""

    _draw: Callable[[float], float | None]

    def _begin(self) -> None:
        super()._begin()
        self._thread: Daemon | None = None
        self._drawing_in: int | None = None
        """The thread that draws, or the caller that does."""
        self._wake = _thread.allocate_lock()
        self._due = 0.0
        self._passed_over = 0
        """How many reports are still to be passed over before the next look at the clock."""
        self._looked = 0.0
        self._afterwards: list[Job] = []

    def afterwards(self, act: Job) -> None:
        """Have a caller that draws do something when it draws no more; for a signal handler that interrupts it."""
        self._afterwards.append(act)

    @property
    def inside(self) -> bool:
        """Whether this is code that a job or a frame calls."""
        return self._drawing_in == _thread.get_ident()

    def nudge(self) -> None:
        """Have the thread look now whether something is due."""
        with suppress(RuntimeError):  # it is awake already
            self._wake.release()

    def _draw_here(self, act: Job) -> None:
        """Do something in the caller, after the jobs that others have left; if another caller draws, have it do that.

        What it raises is the caller's, such as the exception of a signal handler.
        """
        with DeferringAll():
            try:
                claimed = self._claims()
                if claimed:
                    self._due = 0.0  # a job may bring the next frame forward
                    if self._jobs:
                        self._run_jobs()
                    act()
            finally:
                self._release()
            if not claimed:
                self._leave_to_another(act)
            elif self._jobs:
                self._catch_up()

    def _leave_to_another(self, act: Job) -> None:
        done = held()
        self._jobs.append((act, done))
        self.nudge()
        self._catch_up()
        done.acquire(timeout=ANSWER_WITHIN)

    def _catch_up(self) -> None:
        """Run the jobs that have come in, unless another one draws, who does so before it ends."""
        while self._jobs and self._claims():
            try:
                self._run_jobs()
            finally:
                self._release()

    def _claims(self) -> bool:
        """Be the one that draws, unless another one is."""
        with self._lock:
            if self._thread is not None or self._drawing_in is not None:
                return False
            self._drawing_in = _thread.get_ident()
            return True

    def _release(self) -> None:
        """Draw no more, if this caller did, and do what a signal handler has left for then."""
        if self._drawing_in == _thread.get_ident():
            self._drawing_in = None
        if self._afterwards and threading.current_thread() is threading.main_thread():
            while self._afterwards:
                self._afterwards.pop()()

    def _is_due(self) -> bool:
        """Look at the clock, and tell whether a frame is due; while reports come fast, the next ones do without."""
        now, before = monotonic(), self._looked
        self._looked = now
        if now - before < FAST:
            self._passed_over = PASSED_OVER
        return now >= self._due

    def _frame_here(self) -> None:
        wait = self._draw(monotonic())
        self._due = monotonic() + (0.1 if wait is None else wait)
