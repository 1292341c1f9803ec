"""Bars of a storm on their way to the display: they come with the next frame, or never, if they have ended by then."""

from __future__ import annotations

import _weakref  # of `weakref`, whose dictionaries no bar needs
from collections.abc import Callable, Iterator
from time import monotonic

from headway.choosing.selection import Choice
from headway.drawing.source import Source
from headway.notation import NamedTuple, TextIO

__all__ = ["Arrival", "Arrivals"]

WAIT = 0.05
"""Seconds that a bar of a storm waits at least, if no frame is due before."""


class Arrival(NamedTuple):
    """A bar that is to be opened."""

    bar: Callable[[], Source | None]
    """Returns the bar; `None` if the program has dropped it."""
    choices: tuple[Choice, ...]
    file: TextIO


class Arrivals:
    """Bars that wait for the thread that draws. Each is taken once: by that thread, or by the caller that ends it."""

    def __init__(self) -> None:
        self._waiting: dict[int, Arrival] = {}
        self.due = 0.0
        """The monotonic time at which the thread looks here, if it has not passed."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __contains__(self, bar_id: int | None) -> bool:
        return bar_id in self._waiting

    def add(self, bar: Source, choices: tuple[Choice, ...], file: TextIO, due: float) -> bool:
        """Have a bar wait, and tell whether the thread has to be told of it: else it looks here at `due` anyway.

        Args:
            bar: The bar.
            choices: The sinks that will show it.
            file: The stream that they are for.
            due: The monotonic time of the next frame.
        """
        self._waiting[bar.id] = Arrival(_weakref.ref(bar), choices, file)
        now = monotonic()  # later than that: if the thread is yet to look, it finds the bar
        if self.due > now:
            return False
        self.due = max(due, now + WAIT)
        return True

    def take(self, bar_id: int) -> Arrival | None:
        """Return a bar that waits no more, if it did."""
        return self._waiting.pop(bar_id, None)

    def take_each(self) -> Iterator[Arrival]:
        """Yield the bars that have waited until now, one by one in their order: if one hangs, the others still wait."""
        for bar_id in list(self._waiting):
            arrival = self.take(bar_id)
            if arrival is not None:
                yield arrival
