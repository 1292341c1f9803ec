"""The one thread that draws: when it works, how long callers wait for it, and when it is abandoned for a hang.

Callers hand it jobs, and the hub tells it when to wake next; it knows nothing of bars or sinks. A caller waits until
its job is done, but no longer than `ANSWER_WITHIN` while none is. `give_up_hanging` decides that the thread hangs, and
has another one take its place. Where no thread can be had callers draw themselves, until there is one again.
"""

from __future__ import annotations

import _thread
import math
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from headway.drawing.agenda import Abandoned, Job, held, report
from headway.drawing.callers import ANSWER_WITHIN, Callers
from headway.drawing.watchdog import Watch
from headway.host import fork
from headway.host.daemon import Daemon, begins_or_ends, is_here
from headway.host.handlers import Deferring
from headway.host.stops import stops
from headway.notation import cast

__all__ = ["ANSWER_WITHIN", "HANGS_AFTER", "Throttle"]

HANGS_AFTER = 10.0
"""Seconds without an answer after which the thread is suspected. If it is found so again a fifth of that later, by a
caller or by `headway-watch`, it is abandoned, and another one takes its place."""
LINGER = 0.5
"""Seconds that the thread outlives the last bar, so that a series of short bars needs one thread."""
AGAIN_AFTER = 1.0
"""Seconds after which a thread is asked for again, if the system has refused one."""
REFUSED = (RuntimeError, MemoryError, OSError)
"""How the system refuses a thread."""


class Throttle(Callers, fork.Part):
    """Runs jobs in order and draws in between, all in one thread.

    `call` is safe from any thread, from signal handlers and from finalisers: it takes no lock that the drawing
    thread holds while it draws. Where threads cannot be had (`HEADWAY_THREADS=0`, or the system refuses them for now)
    jobs run in the caller, and frames are drawn in `tick`; one caller draws at a time.

    What the thread hangs in for `HANGS_AFTER` seconds is given up together with the thread, and another one goes on
    with the rest. That is noticed by whoever calls, and by a second thread, which is started for the first frame that
    is due, or by the first caller that gets no answer: a short bar does without it.

    Args:
        draw: Draws what is due at the given monotonic time and returns the seconds until something is due again, or
            `None` while nothing is open.
        on_refused: Called when callers have to draw from now on, in any thread.
        get_ready: Called now and then, in the second thread: loads beforehand what a fault takes.
        inline: Do without a thread.
    """

    def __init__(
        self,
        draw: Callable[[float], float | None],
        on_refused: Callable[[], object] = lambda: None,
        get_ready: Callable[[], object] = lambda: None,
        *,
        inline: bool = False,
    ) -> None:
        self._draw = draw
        self._on_refused = on_refused
        self._get_ready = get_ready
        self._without_thread = inline
        self.mind: Callable[[float], float | None] = lambda _now: None
        """Called in each round, at a monotonic time: sees to other things, and returns the seconds until it has to be
        called again, or `None` if it has not."""
        self._begin()
        fork.register(self)

    def _begin(self) -> None:
        super()._begin()
        self.inline = self._without_thread
        """Whether callers draw, for there is no thread."""
        self._may_start = math.inf if self._without_thread else 0.0
        """When a thread may be asked for."""
        self._watch: Watch | None = None
        self._parked = False
        self._frame_due: float | None = None
        self._idle_since: float | None = None

    # ── in any thread ────────────────────────────────────────────────────────────────────────────────────────────────

    def call(self, job: Job) -> None:
        """Run a job, and return when it is done, or if none was done for `ANSWER_WITHIN` seconds.

        After a job that was late, callers do not wait until the thread has answered again: a sink that hangs costs
        one wait, not one for each call. From the drawing thread itself the job runs at once.
        """
        with Deferring():
            thread = self._thread
            if _thread.get_ident() in (self._drawing_in, thread and thread.ident):
                job()  # the thread may have yet to begin: the collector may run a finaliser there
            elif sys.is_finalizing():  # no other thread runs any more, nor can one be started
                self._lock = threading.RLock()  # one of them may have held it
                job()
            elif self.inline and monotonic() < self._may_start:
                self._draw_here(job)
            else:
                self._hand_over(job)

    def _hand_over(self, job: Job) -> None:
        if self._thread is not None and self._thread.is_of_old:
            self._follow_patches()
        done = held()
        self._jobs.append((job, done))
        started = self._start()
        if started:
            self.nudge()
            if self._drawing_in is not None or not begins_or_ends():
                self.late = self.late or not self._in_time(done)
            if self.late:
                self._look_after()
                self.give_up_hanging()
        if self.inline or not started:
            self._draw_here(self._frame_here)

    def wait_for_answers(self) -> None:
        """Wait until what was not done in time is done, as long as something is done within `ANSWER_WITHIN` seconds."""
        done = held()
        self._jobs.append((lambda: None, done))
        self.nudge()
        self._in_time(done)

    def _in_time(self, done: _thread.LockType) -> bool:
        """Wait for a job as long as jobs before it are done: a slow terminal is no hang."""
        before = None
        while before != self.answers:
            before = self.answers
            if done.acquire(timeout=ANSWER_WITHIN):
                return True
        return done.acquire(blocking=False)  # done, where the process was stopped meanwhile

    def surely(self, job: Job) -> None:
        """Do as `call`. A signal that strikes before the job is handed over does not undo it; it may run twice then."""
        try:
            self.call(job)
        except BaseException:
            self.call(job)
            raise

    def post(self, job: Job) -> None:
        """Have a job run soon, and do not wait: what a job, or code that a frame calls, wants done after it."""
        super().post(job)
        if not self.inline:
            self.nudge()

    def tick(self) -> None:
        """Draw what is due, where there is no thread to do it; a program calls this whenever it reports."""
        if self._passed_over:
            self._passed_over -= 1
        elif self.inline and self._drawing_in is None and (self._jobs or self._is_due()):
            if self._start():
                self.nudge()
            else:
                self._draw_here(self._frame_here)

    @property
    def runs(self) -> bool:
        """Whether there is a thread that draws."""
        return self._thread is not None

    @property
    def takes_turns(self) -> bool:
        """Whether this is another thread than the one that draws, which runs and comes back in time."""
        return self._thread is not None and not (self.inline or self.late or self.inside or sys.is_finalizing())

    def wake(self) -> bool:
        """Do as `nudge`, and tell whether there is a thread that will look; it does not retire meanwhile."""
        with self._lock:
            self.nudge()
            return self._thread is not None

    # ── the thread's life ────────────────────────────────────────────────────────────────────────────────────────────

    def _start(self) -> bool:
        """Have the thread run, and tell whether it does: not if the system refuses one, or while a caller draws."""
        if monotonic() < self._may_start:
            return False
        thread = None
        try:
            with self._lock:
                if self._thread is None and self._drawing_in is None:
                    self.inline = False
                    self._wake = _thread.allocate_lock()
                    thread = self._thread = Daemon(self._run, "headway")
            if thread is not None:
                thread.start()
        except REFUSED:
            self._let_go(thread)
            self._do_without()
        except BaseException:
            self._let_go(thread)  # whether it runs is not known; if it does, it takes its place by itself
            raise
        return self._thread is not None

    def _follow_patches(self) -> None:
        """End a thread that is not of the kind that is started now: gevent and eventlet replace what starts one.

        The locks that a caller waits for have been replaced, too, and belong to the other kind.
        """
        self.rest()
        self._thread = self._drawing_in = None  # it knows itself no more: its number has been replaced, too
        self.late = False

    def _let_go(self, thread: Daemon | None) -> None:
        """Be without a thread that has not taken its place."""
        with self._lock:
            if self._thread is thread and self._drawing_in is None:
                self._thread = None

    def _do_without(self) -> None:
        """Have callers draw, until a thread can be had again."""
        self._may_start = monotonic() + AGAIN_AFTER
        self._due = 0.0
        self.late, self.inline = False, True
        self._on_refused()

    def _run(self) -> None:
        if not self._takes_place():
            return
        try:
            with suppress(Abandoned):
                self._serve()
        finally:
            self._lost.discard(_thread.get_ident())
            self._retire(whatever=True)

    def _takes_place(self) -> bool:
        """Be the one thread, unless another one has come to be that."""
        with self._lock:
            if self._thread is None and self._drawing_in is None:
                self._thread = cast("Daemon", threading.current_thread())
            if self._thread is not threading.current_thread():
                return False
            self._drawing_in = _thread.get_ident()
            self._frame_due = self._idle_since = None
            return True

    def _retire(self, *, whatever: bool = False) -> bool:
        """Be the one thread no more, unless a job or a nudge has just come; whoever comes later starts a new one.

        Args:
            whatever: In that case, too.
        """
        with self._lock:
            if self._thread is not threading.current_thread():
                return True
            if (self._jobs or not self._wake.locked()) and not whatever:
                return False
            self._thread, self._drawing_in, self.late = None, None, False
            stops.rest()
        watch = self._without_watch()
        if watch is not None:
            watch.end()  # and is not waited for: it may be in a finaliser that waits for this thread
        return True

    def _serve(self) -> None:
        nap: float | None = 0.0
        while nap is not None:
            nap = self._survive(nap)

    def _survive(self, nap: float) -> float | None:
        try:
            return self._round(nap)
        except Abandoned:
            raise
        except BaseException as error:  # nothing may end this thread: other bars depend on it
            report(error)
            return LINGER

    def _round(self, nap: float) -> float | None:
        """Nap, run the jobs and draw what is due; return the seconds of the next nap, `None` at the end."""
        stops.beat(nap)
        self._wake.acquire(timeout=nap)
        stops.wake()
        self._run_jobs()
        now = monotonic()
        due_in = None if self._parked else self._frame(now)
        minded_in = None if self._parked else self.mind(now)
        self._frame_due = None if due_in is None else now + due_in
        naps = [nap for nap in (due_in, minded_in) if nap is not None]
        if naps:
            self._idle_since = None
            return max(min(naps), 0.0)
        since = self._idle_since = self._idle_since or now
        left = max(since + LINGER - now, 0.0)
        return None if (self._parked or not left) and self._retire() else left

    def _frame(self, now: float) -> float | None:
        if self._frame_due is not None and now >= self._frame_due:
            self._look_after()
        return self._timed(lambda: self._draw(now))

    # ── hangs ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _look_after(self) -> None:
        """Have a second thread notice if this one hangs; if none can be had, callers alone notice it for now."""
        try:
            with self._lock:
                if self._watch is not None or self._thread is None or self._thread.is_of_old:
                    return
                watch = self._watch = Watch(self._look, HANGS_AFTER / 5)
            watch.start()
        except REFUSED:
            self._watch = None

    def _look(self) -> None:
        self.give_up_hanging()
        self._get_ready()

    def _without_watch(self) -> Watch | None:
        with self._lock:
            watch, self._watch = self._watch, None
        return watch

    def give_up_hanging(self) -> None:
        """Leave the thread to itself if it has not come back for too long, and go on with another one."""
        with self._lock:
            thread = self._thread
            if thread is None or self._parked or self.inside or not self._hangs(HANGS_AFTER):
                return
            self._thread, self._drawing_in, self.late = None, None, False
            self._give_up(thread, HANGS_AFTER)
        self._start()
        self.nudge()

    # ── forks and stops ──────────────────────────────────────────────────────────────────────────────────────────────

    def park(self) -> None:
        """Stop the thread, and the one that looks after it, so that they hold no lock. A hang is waited for once."""
        thread = self._thread
        if thread is not None and not is_here(thread):
            self._parked = True
            watch = self._without_watch()
            self.nudge()
            thread.join(0.0 if self.late else ANSWER_WITHIN)
            self.late = thread.is_alive()
            if watch is not None:
                watch.end()
                watch.join(ANSWER_WITHIN)

    def rest(self) -> None:
        """End the thread now, unless it is late or is being stopped already; the next job has another one."""
        if not (self.late or self._parked):
            self.park()
            self._parked = False
            if self.late:
                self._look_after()

    def unpark(self) -> None:
        """Start the thread again that was stopped."""
        if self._parked:
            self._parked = False
            stops.beat(0.0)  # the thread's own first sign of life may come after a stop
            self._start()
            self.nudge()
            if self.late:
                self._look_after()
                self.give_up_hanging()

    before_fork = park
    after_fork_in_parent = unpark

    def after_fork_in_child(self) -> None:
        """Begin without a thread, jobs and locks of the parent's; a caller that forks while it draws, draws on."""
        inside, inline, levels = self.inside, self.inline, self._levels
        self._begin()
        if inside and inline:
            self._drawing_in, self._levels = _thread.get_ident(), levels
        elif inside:
            self._lost.add(_thread.get_ident())
