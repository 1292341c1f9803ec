"""Rate and remaining time from (time, count) pairs.

Knows arithmetic only: times are given by the caller, no clock is read here. Constant memory and time per observation.
"""

from __future__ import annotations

from math import exp

__all__ = ["Estimator"]

RATE_MEMORY = 30.0
"""The shown rate looks back over this many seconds, or half the run while that is shorter."""
SLOW = 3.0
WINDOWS = (0, 1, 4)
"""Powers p of the pace windows: a step at progress u of x counts (u/x)**p, so p=0 is the whole run alike, p=1 leans
to the later half, p=4 to the last fifth. The middle one gives the ETA, the three together its range."""


class Estimator:
    """Estimate the rate and the remaining time of one run.

    The remaining time is the work left times the *pace*, seconds a unit. The pace is a mean over the run so far in
    which a step's weight grows in proportion to how far along it lay (p = 1 below), so it follows a drift and still
    remembers pauses. The window is free of scale: it is the same share of a run of seconds or of weeks. With u the
    progress at which a step of dt seconds lay, and x the progress now::

        pace_p = sum((u / x)**p * dt) / sum((u / x)**p * dn) = A_p * (p + 1) / x
        A_p   <- A_p * (x_before / x)**p + (x_middle / x)**p * dt        at each advance

    The first advance is left out when the second shows it to have been `SLOW` times slower: the first step often
    compiles or fills caches. (keras' `Progbar` leaves it out always.) Work done before the run (`initial`) counts
    towards the total, never towards the rate.

    The *rate* is another question, "how fast is it now", and has a shorter memory: exponentially weighted units over
    exponentially weighted seconds, over `RATE_MEMORY`.

    Args:
        total: Units in all, `None` while unknown; may be set at any time.
        initial: Units that were done before the run began.
    """

    def __init__(self, total: float | None, initial: float = 0) -> None:
        self.total = total
        self._restart(0.0, initial)

    def _restart(self, t: float, n: float) -> None:
        self._origin_n = self._start_n = self._last_n = n
        self._last_t = t
        self._start_t = t
        self._gap = 0.0
        self._advances = 0
        self._seconds = [0.0 for _ in WINDOWS]
        self._recent_n = self._recent_t = 0.0

    def observe(self, t: float, n: float) -> None:
        """Take note that `n` units were done at `t` seconds; a count that went back starts the estimate anew."""
        if n < self._last_n:
            self._restart(t, n)
        if n == self._last_n or t <= self._last_t:
            return
        if self._advances == 1 and self._was_slow(t, n):
            self._origin_n = self._last_n
            self._seconds = [0.0 for _ in WINDOWS]
            self._recent_n = self._recent_t = 0.0
        dt, before, x = t - self._last_t, self._last_n - self._origin_n, n - self._origin_n
        middle = (before + x) / 2
        self._seconds = [
            a * (before / x) ** p + (middle / x) ** p * dt for a, p in zip(self._seconds, WINDOWS, strict=True)
        ]
        fade = exp(-dt / min(RATE_MEMORY, (t - self._start_t) / 2))
        self._recent_n = self._recent_n * fade + (n - self._last_n)
        self._recent_t = self._recent_t * fade + dt
        self._last_t, self._last_n, self._gap = t, n, dt
        self._advances += 1

    @property
    def n(self) -> float:
        """The count that was observed last."""
        return self._last_n

    def skip(self, n: float) -> None:
        """Take note that the count goes on by `n` units for which nothing was done."""
        self._origin_n += n
        self._start_n += n
        self._last_n += n

    def _was_slow(self, t: float, n: float) -> bool:
        """Tell whether the first advance, compared with the second, was no measure of the pace."""
        first = self._last_n - self._origin_n
        return self._gap * (n - self._last_n) > SLOW * (t - self._last_t) * first

    def rate(self, t: float) -> float | None:
        """Return units a second as of late, `None` before the first advance; it sinks while nothing comes."""
        if not self._advances:
            return None
        overdue = max(0.0, t - self._last_t - self._gap)
        return self._recent_n / (self._recent_t + overdue)

    def average(self) -> float | None:
        """Return units a second over all of this run, for when it is over; `None` if nothing was done."""
        seconds = self._last_t - self._start_t
        return (self._last_n - self._start_n) / seconds if self._advances else None

    def eta(self, t: float) -> float | None:
        """Return the seconds that are left, never negative; `None` while there is nothing to tell them from."""
        return self._left(t, self._pace(1))

    def pace(self) -> float | None:
        """Return the seconds a unit that the remaining time goes by, `None` before the first advance."""
        return self._pace(1)

    def seconds(self, t: float, n: float) -> float | None:
        """Return the seconds that `n` more units will take, those that the present one has had taken off."""
        pace = self._pace(1)
        return None if pace is None else self._after(t, n, pace)

    def interval(self, t: float) -> tuple[float, float] | None:
        """Return the range of what the three windows say is left: how much they disagree, not a calibrated range."""
        left = [s for i in range(len(WINDOWS)) if (s := self._left(t, self._pace(i))) is not None]
        return (min(left), max(left)) if left else None

    def _pace(self, window: int) -> float | None:
        if not self._advances:
            return None
        return self._seconds[window] * (WINDOWS[window] + 1) / (self._last_n - self._origin_n)

    def _left(self, t: float, pace: float | None) -> float | None:
        if self.total is None or pace is None:
            return None
        return self._after(t, self.total - self._last_n, pace)

    def _after(self, t: float, n: float, pace: float) -> float:
        waited = min(max(0.0, t - self._last_t), self._gap)
        return max(0.0, n * pace - waited)
