"""How far a bar is inside its next unit: what the bars that are nested in it have done of it.

Knows places and times; asks the nested bars for nothing but how far they are, and whether they stand still.
"""

from __future__ import annotations

import _weakref  # of `weakref`, whose dictionaries no bar needs
import threading
from collections.abc import Callable

from headway.host.clock import monotonic
from headway.notation import Protocol
from headway.snapshot import Number

__all__ = ["DEEPEST", "Nest", "Nested", "Outlook"]


PLACES = 1000
"""So many bars of a unit are told apart; further ones have no share of it."""
LEFT = 0.01
"""What is taken to be left of a unit until the outer bar has counted it: it may have more in it than is known."""


class Nested(Protocol):
    """**Protocol:** what is asked of a nested bar."""

    @property
    def id(self) -> int:
        """A number that no other bar of the process has."""

    @property
    def position(self) -> Number:
        """Units that are done."""

    @property
    def total(self) -> Number | None:
        """Units in all."""

    @property
    def stalled(self) -> float | None:
        """Seconds since anything has moved in it, where that is implausibly long; else `None`."""


class Outlook(Protocol):
    """**Protocol:** what a bar asks about its inside."""

    def opened(self, bar: Nested, n: Number) -> None:
        """Take note of a bar that was opened inside, while the outer one stood at `n`."""

    def closed(self, bar: Nested, n: Number) -> None:
        """Take note that it has ended."""

    def position(self, n: Number, total: Number) -> Number:
        """Tell how far the outer bar is, in its units."""

    @property
    def busy(self) -> bool:
        """Whether something is going on inside that is reported for itself."""

    @property
    def stalled(self) -> float | None:
        """Seconds that all of it has stood still, where that is implausibly long; else `None`."""

    def eta(self, own: float | None) -> float | None:
        """Tell the seconds that are left, given the outer bar's own estimate; `None` where they are not known."""

    def share(self, bar: Nested) -> float | None:
        """Tell how much of one unit of the outer bar all of a bar inside is; `None` where that is not known."""

    @property
    def step(self) -> int | None:
        """Optimizer steps that are done; `None` where it is no training run."""

    @property
    def deadline(self) -> float | None:
        """Seconds since the epoch at which the time budget is used up; `None` where there is none."""


DEEPEST = 40
"""Bars that are further inside move no outer one: reading a position takes calls for each bar in another."""


class Nest:
    """The bars nested in one bar, as they come.

    Bars that run one after the other are parts of one unit of the outer bar. What share of it each place has is learnt
    from the unit before (its seconds of all seconds); in the first one the first bar is taken for all of it. Bars that
    are open at the same time are a unit each, as with files that are worked on by several threads.

    The position never goes back unless the outer count does.
    """

    step = None
    deadline = None

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._open: dict[int, tuple[_weakref.ref[Nested], int, float]] = {}
        self._n: Number = 0
        self._begun = 0
        self._at_once = 1
        self._done = 0.0
        self._seconds: dict[int, float] = {}
        self._usual: dict[int, float] = {}
        self._usually = 0.0
        self._overdue = False
        self._furthest: Number = 0

    def opened(self, bar: Nested, n: Number) -> None:
        """Give the bar the next place in the present unit."""
        with self._lock:
            self._step(n)
            self._open[bar.id] = _weakref.ref(bar), self._begun, self._clock()
            self._begun += 1
            self._at_once = max(self._at_once, len(self._open))

    def closed(self, bar: Nested, n: Number) -> None:
        """Count its place as done."""
        with self._lock:
            self._step(n)
            if bar.id in self._open:
                _, place, start = self._open.pop(bar.id)
                if place < PLACES:
                    self._seconds[place] = self._clock() - start
                self._done += self._share(place) * (_fraction(bar) if bar.total else 1.0)

    def position(self, n: Number, total: Number) -> Number:
        """Add what is done of the next unit, or of as many as are being worked on at once."""
        with self._lock:
            self._step(n)
            inside = self._done + sum(self._share(place) * _fraction(ref()) for ref, place, _ in self._open.values())
            if not inside and not self._furthest:
                return n
            most = min(n + self._at_once, total) - LEFT
            self._overdue = n + inside >= most
            self._furthest = max(self._furthest, min(n + inside, most))
            return n if n >= total else max(n, min(self._furthest, total - LEFT))

    @property
    def busy(self) -> bool:
        """Whether a bar is open inside."""
        return bool(self._open)

    @property
    def stalled(self) -> float | None:
        """Seconds since anything has moved in the open bars, where that is implausibly long for each; else `None`."""
        with self._lock:
            bars = [bar for ref, _, _ in self._open.values() if (bar := ref()) is not None]
        seconds = [bar.stalled for bar in bars]
        return min((each for each in seconds if each is not None), default=None) if None not in seconds else None

    def eta(self, own: float | None) -> float | None:
        """Leave it to the outer bar, unless its unit has more in it than was known."""
        return None if self._overdue else own

    def share(self, bar: Nested) -> float | None:
        """Tell the share of its place; a place that nothing is known of has none."""
        with self._lock:
            known = self._open.get(bar.id)
            return None if known is None else self._share(known[1]) or None

    def _step(self, n: Number) -> None:
        """See whether the outer bar has moved on, and begin its next unit if so."""
        moved, self._n = n - self._n, n
        if not moved:
            return
        if moved < 0:
            self._furthest = n
        self._done = max(0.0, self._done - moved) if self._at_once > 1 else 0.0
        if not self._open:
            self._usual = self._seconds or self._usual
            self._usually = sum(self._usual.values())
            self._seconds, self._begun, self._at_once = {}, 0, 1

    def _share(self, place: int) -> float:
        if self._at_once > 1:
            return 1.0
        if not self._usual:
            return 1.0 if place == 0 else 0.0
        return self._usual.get(place, 0.0) / (self._usually or 1.0)


def _fraction(bar: Nested | None) -> float:
    total = None if bar is None else bar.total
    return min(1.0, bar.position / total) if bar is not None and total else 0.0
