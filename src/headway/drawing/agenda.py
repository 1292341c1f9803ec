"""What is to be drawn: jobs in their order, and what is left of those under way if one of them hangs.

A job calls the code of others, which may hang, and goes through steps. Code of others may lead to a job within the job,
with calls and steps of its own. These levels are kept here and not in the thread that draws, so that another thread can
do the rest without the calls that hang.
"""

from __future__ import annotations

import _thread
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from headway.format import in_words
from headway.host import clock
from headway.host.faults import stack, tell
from headway.notation import NamedTuple, TypeVar

__all__ = ["Abandoned", "Agenda", "Asked", "Asking", "Job", "held", "report"]

T = TypeVar("T")
Job = Callable[[], object]


class Abandoned(BaseException):
    """Ends the thread that was given up, when the call that it hung in returns after all."""


class Asked(NamedTuple):
    """Code of others that is waited for."""

    name: Callable[[], str]
    """Says what it is, for the message."""
    give_up: Callable[[], object]
    """Has it asked no more, or returns false where it may come back; called in another thread."""
    go_on: Job
    """Does without it what it was asked for."""
    instead: str
    """What becomes of it, for the message."""
    come_back: Job = lambda: None
    """Goes on with it after all."""


class Asking:
    """Waits in a block for code of others; if it was given up, the thread ends when it comes back after all."""

    __slots__ = ("_agenda", "_asked")

    def __init__(self, agenda: Agenda, asked: Asked) -> None:
        self._agenda = agenda
        self._asked = asked

    def __enter__(self) -> None:
        with self._agenda._lock:
            self._agenda._enter(self._asked)

    def __exit__(self, *error: object) -> None:
        agenda = self._agenda
        with agenda._lock:
            if agenda._lost and agenda._is_lost():
                agenda.post(self._asked.come_back)
                raise Abandoned
            agenda._levels.pop()


class Agenda:
    """Jobs, and the levels of the one that is under way.

    One thread at a time goes through it. Its parts change under one lock, which is held for moments and never while a
    job or code of others runs; it is reentrant, for signal handlers and finalisers report, too. Jobs alone are added
    without it.
    """

    def _begin(self) -> None:
        """Begin anew, with nothing to do."""
        self._lock = threading.RLock()
        self._jobs: deque[tuple[Job, _thread.LockType]] = deque()
        self._levels: list[Asked | deque[Job]] = []
        """Calls that are waited for and steps that are left, the innermost last."""
        self._busy_since: float | None = None
        """When the call began that is waited for, or the job or frame if it calls nobody."""
        self._suspected: tuple[float, float] | None = None
        """Of which call it was found that it hangs, and when that was found first."""
        self._lost: set[int] = set()
        """The threads that were given up and have not ended."""
        self.late = False
        """Whether a job was not done in time, and none since."""
        self.answers = 0
        """How many jobs have been done."""

    def post(self, job: Job) -> None:
        """Have a job done soon, and do not wait: what a job, or code that a frame calls, wants done after it."""
        self._jobs.append((job, held()))

    def do(self, steps: Iterable[Job]) -> None:
        """Do one thing after the other; where one hangs or raises, the rest is done next all the same."""
        todo = deque(steps)
        with self._lock:
            self._enter(todo)
        try:
            while todo:
                todo.popleft()()
        finally:
            with self._lock:
                if self._lost and self._is_lost():
                    raise Abandoned
                self._levels.pop()
                if todo:
                    self._put_first(todo)

    def _enter(self, level: Asked | deque[Job]) -> None:
        if self._lost and self._is_lost():
            raise Abandoned
        self._levels.append(level)
        if self._busy_since is not None:
            self._busy_since = clock.monotonic()

    def _is_lost(self) -> bool:
        return _thread.get_ident() in self._lost

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
            except BaseException as error:  # nothing may end the thread: other bars depend on it
                report(error)
            finally:
                self.answers += 1
                del job  # before the caller goes on: what it drops then ends in its own thread
                done.release()
            self.late = False

    def _timed(self, act: Callable[[], T]) -> T:
        """Do a job or draw a frame; the thread ends if it was given up meanwhile."""
        self._busy_since = clock.monotonic()
        try:
            return act()
        finally:
            with self._lock:
                if self._lost and self._is_lost():
                    raise Abandoned
                self._busy_since = None

    def _hangs(self, seconds: float) -> bool:
        """Tell whether a call has not come back for so long.

        That has to be found a second time, a fifth of that later: the first may be just after the process was stopped.
        """
        since, now = self._busy_since, clock.monotonic()
        if since is None or now - since < seconds:
            return False
        if self._suspected is None or self._suspected[0] != since:
            self._suspected = since, now
        return now - self._suspected[1] >= seconds / 5

    def _give_up(self, thread: threading.Thread, seconds: float) -> None:
        """Have what a thread hangs in done next without it: its levels, from the inner to the outer, then the words.

        All calls are given up that wait for the one that hangs, since a sink is never called in two threads at once.
        Called under the lock, in whichever thread notices.

        Args:
            thread: The thread.
            seconds: How long it has hung, for the message.
        """
        self._lost.add(thread.ident or 0)
        levels, self._levels, self._busy_since = self._levels, [], None
        left: list[Job] = []
        words: list[Job] = []
        for level in reversed(levels):
            if isinstance(level, deque):
                left += level
                level.clear()
            elif _is_given_up(level):
                left.append(level.go_on)
                words.append(_words(level, thread, seconds))
        self._put_first(left + words)

    def _put_first(self, jobs: Sequence[Job]) -> None:
        self._jobs.extendleft((job, held()) for job in reversed(jobs))


def held() -> _thread.LockType:
    """Return a lock that is held, until the job that it belongs to is done."""
    lock = _thread.allocate_lock()
    lock.acquire()
    return lock


def _is_given_up(asked: Asked) -> bool:
    try:
        return asked.give_up() is not False
    except Exception as error:
        report(error)
        return True


def _words(asked: Asked, thread: threading.Thread, seconds: float) -> Job:
    try:
        name = asked.name()
    except Exception as error:
        name = f"Code whose name raised {in_words(error)}"
    message = f"{name} has not come back for {seconds:.0f} s. The program goes on; {asked.instead}."
    where = stack(sys._current_frames().get(thread.ident or 0))
    return lambda: tell(name, message, details=where)


def report(error: BaseException) -> None:
    """Tell of an error that is headway's own; nothing is raised, not even if memory has run out."""
    with suppress(Exception):
        words = in_words(error)
        tell(f"drawing {type(error)}", f"Drawing progress raised {words}. The program goes on; please report this.")
