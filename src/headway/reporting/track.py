"""The iterables that `headway.track` returns."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator

from headway.host import endings
from headway.notation import TYPE_CHECKING, Any, Generic, TypeVar
from headway.reporting.bar import Bar
from headway.reporting.offer import Offer
from headway.reporting.totals import length_of

__all__ = ["AsyncTrack", "EitherTrack", "Track", "revive", "tracked"]

T = TypeVar("T")
A = TypeVar("A")
Make = Callable[[], tuple[Bar, Callable[[Bar], None]]]


class Tracked(Offer):
    """An iterable, and the bars of the loops over it: each loop gets a new one.

    Args:
        iterable: The iterable.
        make: Makes a bar, and what opens it.
    """

    _offered = "bar"

    def __init__(self, iterable: Any, make: Make) -> None:
        self._iterable = iterable
        self._make = make
        self._begun = False
        self.bar: Bar
        """The bar of the present loop, or of the last one."""
        self.bar, self._open = make()

    def _begin(self, loop: Callable[[], T]) -> T:
        """Open the bar of a new loop, and return the iterator of that loop."""
        if self._begun:
            self.bar, self._open = self._make()
        self._begun = True
        try:
            self._open(self.bar)
            return loop()
        except BaseException as error:  # the iterable's own __iter__ may raise, and Ctrl-C may come just here
            self.bar.end(*endings.explained(error))
            raise

    def __len__(self) -> int:
        return len(self._iterable)  # an iterable without a length raises its own TypeError

    def __length_hint__(self) -> int:
        length = length_of(self._iterable)
        return NotImplemented if length is None else length.items

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Say where the calls of a bar are."""
            where = f"; its bar has: .bar.{name}" if name in Bar._offered.split() else ""
            raise AttributeError(f"A track has no {name!r}{where}.", name=name, obj=self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy it as its iterable, with a bar that is not shown."""
        return revive, (self._iterable, self.bar.__deepcopy__({}))


class Track(Tracked, Generic[T]):
    """An iterable that reports how far a loop over it has come. Made by `headway.track`.

    The bar opens when the loop begins and ends with it: `finished` when the items ran out, `stopped` on a `break`,
    `failed` or `interrupted` on an exception. Each further loop gets a new bar. With progress off the loop gets the
    plain iterator of the iterable, and items are not counted.
    """

    def __iter__(self) -> Iterator[T]:
        return self._begin(lambda: self.bar.iterate(self._iterable))


class AsyncTrack(Tracked, Generic[T]):
    """The same for `async for`. Made by `headway.track` of an asynchronous iterable.

    The source is let go of when the loop is left, as a loop over the source itself does: an asynchronous generator that
    nothing else holds is closed then by the event loop.
    """

    def __aiter__(self) -> AsyncIterator[T]:
        from headway.reporting import arrivals  # most loops are plain

        return self._begin(lambda: arrivals.counted(self._iterable, self.bar))

    if not TYPE_CHECKING:

        def __getitem__(self, _: int) -> Any:
            """Say what a plain loop is to do, without being an `Iterable` for those who ask."""
            raise TypeError("track() of an asynchronous iterable is looped over by `async for`, not by `for`.")


class EitherTrack(Track[T], AsyncTrack[A]):
    """The same for `for` and `async for`. Made by `headway.track` of what has both."""


def tracked(iterable: Any, make: Make) -> Tracked:
    """Return the track of an iterable: one for the loops that there may be over it."""
    if not hasattr(type(iterable), "__aiter__"):
        return Track(iterable, make)
    return EitherTrack(iterable, make) if hasattr(iterable, "__iter__") else AsyncTrack(iterable, make)


def revive(iterable: Any, bar: Bar) -> Tracked:
    """Return the copy of a track: a loop over it is not shown."""
    return tracked(iterable, lambda: (bar.__deepcopy__({}), lambda made: made.open((), sys.stderr)))
