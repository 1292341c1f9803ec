"""A count, a clock and an estimate: what a bar is made of, and each phase of a training run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from math import inf

from headway.drawing.hub import hub
from headway.drawing.looks import LOOK
from headway.estimate import Estimator
from headway.host.clock import monotonic
from headway.notation import TYPE_CHECKING, TypeVar
from headway.reporting import counter
from headway.reporting.tally import Tally

if TYPE_CHECKING:
    from headway.snapshot import Number, State

__all__ = ["Work", "time_of_advance"]

T = TypeVar("T")


def time_of_advance(now: float, before: float, units: Number) -> float:
    """Return the likely time of the last advance, for a count that is looked at only now and then.

    One that came between two looks came in the middle on average; the last of several at even distances came half a
    distance ago.

    Args:
        now: The time of this look.
        before: That of the look before. Not more than `LOOK` is taken to lie between, for where nobody could look
            (the interpreter was blocked, or there is no thread) the advance has just come.
        units: How much has come in between.
    """
    return now - min(LOOK, max(0.0, now - before)) / (2 * max(1, units))


class Work(Tally):
    """Counts units, those that a loop takes included, and knows how long they took. The clock runs from the start.

    Args:
        total: Units in all, `None` while unknown.
        initial: Units that an earlier session did: they count, but not towards the pace.
    """

    __slots__ = (
        "_before",
        "_course",
        "_estimate",
        "_learns_since",
        "_lock",
        "_looked",
        "_paused_at",
        "_rate_before",
        "_started",
        "initial",
    )

    def __init__(self, total: Number | None = None, initial: Number = 0) -> None:
        self.initial: Number = initial
        self._lock = threading.RLock()
        self._count = initial
        self._course: counter.Counted | None = None
        self._before = 0.0
        self._started = monotonic()
        self._paused_at: float | None = None
        self._estimate: Estimator | tuple[Number | None, Number] = total, initial
        """The estimate; before anybody has asked for it the total, and the count that it begins at."""
        self._learns_since = self._looked = 0.0
        self._rate_before: float | None = None

    # ── the count ────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def n(self) -> Number:
        """Units that are done, `initial` included; not below 0. A loop's item is done when its body is."""
        return max(0, self._count + self._looped)

    @property
    def balance(self) -> Number:
        """The count, which is negative if more was taken back than was reported."""
        return self._count + self._looped

    @balance.setter
    def balance(self, n: Number) -> None:
        with self._lock:
            self._count = n - self._looped

    @property
    def position(self) -> Number:
        """What is done as the estimate goes by it: units, by their weights where these are known."""
        return self.n

    @property
    def given(self) -> Number:
        """Units that are done, a loop's item in hand included."""
        course = self._course
        return self._count if course is None else self._count + course.given_out()

    @property
    def _looped(self) -> Number:
        course = self._course
        return 0 if course is None else course.completed

    def counted(self, iterable: Iterable[T], on_end: Callable[[State, str], None]) -> Iterator[T]:
        """Yield the items and count them.

        Args:
            iterable: The items.
            on_end: Called once, in the loop's thread, with the end of the loop: the state, and the reason of a failure.
        """
        if hub.throttle.inline or sys.implementation.name != "cpython":
            iterator, self._course = counter.polled(iterable, hub.throttle.tick, on_end)
        else:
            iterator, self._course = counter.looped(iterable, on_end)
        return iterator

    def look_up(self, count: counter.Counted) -> None:
        """Add what a count says, whenever this is looked at, to what is reported."""
        self._course = count

    def reach(self, n: Number) -> None:
        """Count up to `n` by hand, where there is no loop."""
        self._count = n

    def absorb_loop(self, *, given: bool = False) -> None:
        """Take over the count of a loop that is over.

        Args:
            given: Whether the item that the loop was left with counts as done.
        """
        with self._lock:
            course, looped = self._course, self._looped
            if given and course is not None:
                looped = course.given_out()
            self._course = None
            self._count += looped  # what another thread reports meanwhile is kept

    def start_over(self, n: Number, total: Number | None, elapsed: float = 0.0) -> None:
        """Count from `n` on, with nothing learnt; what an earlier session did and took is not this one's."""
        with self._lock:
            self.initial = n
            self._count = n - self._looped
            self._before = elapsed
            self._started = monotonic()
            if self._paused_at is not None:
                self._paused_at = self._started
            self._rate_before = None
            self._learn_anew(total, n)

    def _learn_anew(self, total: Number | None, n: Number) -> None:
        """Begin a new estimate now, at `n`."""
        self._estimate = total, n
        self._learns_since, self._looked = self._session, 0.0

    @property
    def _estimator(self) -> Estimator:
        estimate = self._estimate
        if isinstance(estimate, tuple):
            estimate = self._estimate = Estimator(*estimate)
        return estimate

    @property
    def _learning(self) -> float:
        """Seconds of this session that the estimate is about."""
        return self._session - self._learns_since

    def credit(self, n: Number) -> None:
        """Count units that an earlier session did."""
        with self._lock:
            self._observe(self.position)
            self.jump(lambda: self.reach(self._count + n))

    def jump(self, move: Callable[[], None]) -> None:
        """Let a function move the position, and take the way between for no work."""
        with self._lock:
            before = self.position
            move()
            self._estimator.skip(self.position - before)

    # ── the clock ────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def elapsed(self) -> float:
        """Seconds of work, pauses left out, sessions before a `load_state_dict` included."""
        return self._before + self._session

    @property
    def _session(self) -> float:
        return (monotonic() if self._paused_at is None else self._paused_at) - self._started

    def begin(self) -> None:
        """Start the clock anew."""
        self._started = monotonic()

    def halt(self) -> None:
        """Stop the clock, unless it stands."""
        with self._lock:
            if self._paused_at is None:
                self._paused_at = monotonic()

    def go_on(self) -> None:
        """Let the clock run, unless it does."""
        with self._lock:
            if self._paused_at is not None:
                self._started += monotonic() - self._paused_at
                self._paused_at = None

    def leave_out(self, seconds: float) -> None:
        """Take so many seconds out of the elapsed ones; negative adds."""
        with self._lock:
            self._started += seconds

    # ── the estimate ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _observe(self, n: Number) -> float:
        """Have the estimate learn that `n` units are done, and return the time of this look."""
        now, moved = self._learning, n - self._estimator.n
        from_outside = hub.throttle.inside and not hub.throttle.inline  # whoever counts asks when it has just counted
        at = time_of_advance(now, self._looked, moved) if from_outside and moved > 0 else now
        self._estimator.observe(at, n)
        self._looked = now
        return now

    @property
    def recent_rate(self) -> float | None:
        """Units a second as of late, of this session's work only; `None` before there is any."""
        with self._lock:
            return self._estimator.rate(self._observe(self.position))

    @property
    def pace(self) -> float | None:
        """Seconds a unit, the pauses left out; `None` while nothing is known of it."""
        with self._lock:
            self._observe(self.position)
            pace = self._estimator.pace()
        return 1 / self._rate_before if pace is None and self._rate_before else pace

    def seconds_for(self, units: Number) -> float | None:
        """Return the seconds that so many more units will take; `None` while nothing is known of their pace."""
        with self._lock:
            left = self._estimator.seconds(self._observe(self.position), units)
        return units / self._rate_before if left is None and self._rate_before else left

    @property
    def stalled(self) -> float | None:
        """Seconds since the last advance, where that is implausibly long; else `None`."""
        with self._lock:
            return self._estimator.stalled(self._observe(self.position))

    def look(self) -> bool:
        """Have the estimate learn what is done by now, and tell whether it knows too little to tell any stall."""
        with self._lock:
            self._observe(self.position)
            return self._estimator.stalled(inf) is None

    def expect(self, rate: float | None) -> None:
        """Go by the units a second of an earlier session, until this one has its own."""
        self._rate_before = rate
