"""The one thread that draws: its jobs and frames, how long callers wait for it, and when it is abandoned for a hang.

Callers hand it jobs, and the hub tells it when to wake next; it knows nothing of bars or sinks. A caller waits for
`ANSWER_WITHIN` at most. `give_up_hanging` decides that the thread hangs, and has another one take its place.
"""

from __future__ import annotations

import _thread
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic

from headway.drawing.watchdog import Watch
from headway.format import in_words
from headway.host import clock, fork
from headway.host.faults import tell
from headway.host.signals import deferring_interrupts
from headway.host.stops import stops
from headway.notation import TypeVar

__all__ = ["ANSWER_WITHIN", "HANGS_AFTER", "Abandoned", "Throttle", "threads_wanted"]

ANSWER_WITHIN = 1.0
"""Seconds that a caller waits at most for its first frame, last frame or text to be out."""
HANGS_AFTER = 10.0
"""Seconds without an answer after which the thread is suspected. If it is found so again a fifth of that later, by a
caller or by `headway-watch`, it is abandoned, and another one takes its place."""
LINGER = 0.5
"""Seconds that the thread outlives the last bar, so that a series of short bars needs one thread."""

Job = Callable[[], object]
T = TypeVar("T")


class Abandoned(BaseException):
    """Ends the thread that was given up, when what it hung in returns after all."""


class Throttle(fork.Part):
    """Runs jobs in order and draws in between, all in one thread.

    `call` is safe from any thread, from signal handlers and from finalisers: it takes no lock that the drawing
    thread holds while it draws. Where threads cannot be had (`HEADWAY_THREADS=0`, or none can be started) jobs run
    in the caller, and drawing in `poll`.

    What the thread hangs in for `HANGS_AFTER` seconds is given up together with the thread, and another one goes on
    with the rest. That is noticed by whoever calls, and by a second thread where `watch` asks for it.

    Args:
        draw: Draws what is due at the given monotonic time and returns the seconds until something is due again, or
            `None` while nothing is open.
        on_hang: Called with the drawing thread, in whichever thread notices, to give up what it hangs in.
        inline: Do without a thread.
    """

    def __init__(
        self,
        draw: Callable[[float], float | None],
        on_hang: Callable[[threading.Thread], None] = lambda _: None,
        *,
        inline: bool = False,
    ) -> None:
        self._draw = draw
        self._on_hang = on_hang
        self._without_thread = inline
        self._begin()
        fork.register(self)

    def _begin(self) -> None:
        self.inline = self._without_thread
        self._busy_since: float | None = None
        self._suspected: tuple[float, float] | None = None
        self._watch: Watch | None = None
        self._jobs: deque[tuple[Job, _thread.LockType]] = deque()
        self._wake = _thread.allocate_lock()
        self._life = threading.RLock()
        self._thread: threading.Thread | None = None
        self._parked = False
        self._late = False
        self._due = 0.0
        self._drawing_in: int | None = None

    def call(self, job: Job) -> None:
        """Run a job, and return when it is done or after `ANSWER_WITHIN` seconds.

        After a job that was late, callers do not wait until the thread has answered again: a sink that hangs costs
        one wait, not one for each call. From the drawing thread itself the job runs at once.
        """
        if self.inline:
            self._run_inline(job)
            return
        if sys.is_finalizing() or self.inside:
            job()  # while the interpreter is torn down no thread runs any more, nor can one be started
            return
        done = _held()
        self._jobs.append((job, done))
        if self._start():
            self.nudge()
            if not self._late and not done.acquire(timeout=ANSWER_WITHIN):
                self._late = not done.acquire(blocking=False)  # done, where the process was stopped meanwhile
            if self._late:
                self.give_up_hanging()
        else:
            self._run_jobs()

    def surely(self, job: Job) -> None:
        """Do as `call`; a Ctrl-C that strikes before the job is handed over does not undo it.

        Args:
            job: It may run twice.
        """
        try:
            self.call(job)
        except KeyboardInterrupt:
            self.call(job)
            raise

    def post(self, job: Job) -> None:
        """Have a job run soon, and do not wait: what a job, or code that a frame calls, wants done after it."""
        self._jobs.append((job, _held()))
        if not self.inline:
            self.nudge()

    @property
    def late(self) -> bool:
        """Whether the thread has not answered in time, and not since."""
        return self._late

    @property
    def inside(self) -> bool:
        """Whether this is code that a job or a frame calls."""
        if self.inline:
            return self._drawing_in == _thread.get_ident()
        return threading.current_thread() is self._thread

    def poll(self) -> None:
        """Draw what is due, where there is no thread to do it."""
        now = monotonic()
        if now < self._due or self.inside:
            return

        def frame() -> None:
            wait = self._draw(now)
            self._due = monotonic() + (0.1 if wait is None else wait)

        self._run_inline(frame)

    def _run_inline(self, job: Job) -> None:
        """Run a job in the caller, then what was posted meanwhile."""
        before, self._drawing_in = self._drawing_in, _thread.get_ident()
        try:
            with deferring_interrupts():
                job()
        finally:
            self._drawing_in = before
        if before is None:
            self._run_jobs()

    def park(self) -> None:
        """Stop the thread, so that it holds no lock. One that hangs is waited for once."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            self._parked = True
            self.nudge()
            if thread.is_alive():  # else it is just being started, and this may be a signal handler inside of that
                thread.join(0.0 if self._late else ANSWER_WITHIN)
            self._late = thread.is_alive()

    def unpark(self) -> None:
        """Start the thread again that was stopped."""
        if self._parked:
            self._parked = False
            stops.beat(0.0)  # the thread's own first sign of life may come after a stop
            self._start()
            self.nudge()

    def before_fork(self) -> None:
        """Stop the thread, see `park`."""
        self.park()

    def after_fork_in_parent(self) -> None:
        """Start the thread again."""
        self.unpark()

    def after_fork_in_child(self) -> None:
        """Begin without a thread, and without the jobs and locks of the parent's."""
        self._begin()

    def watch(self, wanted: bool) -> None:
        """Have a second thread notice when this one hangs, for others depend on it; called in the drawing thread."""
        if not wanted:
            self._end_watch()
        elif self._watch is None and not self.inline:
            self._watch = Watch(self.give_up_hanging, HANGS_AFTER / 5)

    def give_up_hanging(self) -> None:
        """Leave the thread to itself if it has not come back for too long, and go on with another one.

        It is given up when it is found hanging a second time: the first may be just after the process was stopped.
        """
        with self._life:
            since, thread, now = self._busy_since, self._thread, clock.monotonic()
            if since is None or thread is None or self.inside or now - since < HANGS_AFTER:
                return
            if self._suspected is None or self._suspected[0] != since:
                self._suspected = since, now
            if now - self._suspected[1] < HANGS_AFTER / 5:
                return
            self._thread, self._busy_since, self._late = None, None, False
            self._on_hang(thread)
        self._start()
        self.nudge()

    def _start(self) -> bool:
        with self._life:
            if self._thread is None and not self.inline:
                thread = threading.Thread(target=self._run, name="headway", daemon=True)
                try:
                    self._thread = thread
                    thread.start()
                except RuntimeError:
                    self._thread = None
                    self.inline = True
                except KeyboardInterrupt:
                    self._thread = None  # whether it runs is not known; if it does, it takes its place by itself
                    raise
        return not self.inline

    def nudge(self) -> None:
        """Have the thread look now whether something is due."""
        try:
            self._wake.release()
        except RuntimeError:
            return  # it is awake already

    def _run(self) -> None:
        if self._takes_place():
            try:
                self._serve()
            finally:
                stops.rest()

    def _takes_place(self) -> bool:
        """Be the one thread, unless another one has come to be that."""
        with self._life:
            if self._thread is None:
                self._thread = threading.current_thread()
            return self._thread is threading.current_thread()

    def _serve(self) -> None:
        me = threading.current_thread()
        idle_since: float | None = None
        wait = 0.0
        while me is self._thread:
            stops.beat(wait)
            self._wake.acquire(timeout=wait)
            stops.wake()
            try:
                self._run_jobs()
                now = monotonic()
                due_in = None if self._parked else self._frame(now)
            except Abandoned:
                return
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
                self._timed(job)
            except Abandoned:
                raise
            except BaseException as error:  # nothing may end this thread: other bars depend on it
                _tell(error)
            self._late = False
            done.release()
            del job, done

    def _frame(self, now: float) -> float | None:
        try:
            return self._timed(lambda: self._draw(now))
        except Abandoned:
            raise
        except BaseException as error:  # as above
            _tell(error)
            return LINGER

    def _timed(self, act: Callable[[], T]) -> T:
        """Do what may hang; what hung and was given up ends here when it comes back after all."""
        self._busy_since = clock.monotonic()
        try:
            return act()
        finally:
            if not self.inline and threading.current_thread() is not self._thread:
                raise Abandoned
            self._busy_since = None

    def _end_watch(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.end()

    def _retire(self) -> bool:
        """End the thread unless a job has just come in; whoever comes later starts a new one."""
        with self._life:
            if self._jobs:
                return False
            self._thread = None
        self._end_watch()
        return True


def _held() -> _thread.LockType:
    lock = _thread.allocate_lock()
    lock.acquire()
    return lock


def _tell(error: BaseException) -> None:
    words = in_words(error)
    tell(f"drawing {type(error)}", f"Drawing progress raised {words}. The program goes on; please report this.")


def threads_wanted() -> bool:
    """Tell whether a thread may be used: not with `HEADWAY_THREADS=0`."""
    return os.environ.get("HEADWAY_THREADS", "1") != "0"
