"""The iterable that `headway.track` returns."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator

from headway.host import endings
from headway.notation import Any, Generic, TypeVar
from headway.reporting.bar import Bar
from headway.reporting.offer import Offer
from headway.reporting.totals import length_of

__all__ = ["Track", "revive"]

T = TypeVar("T")


class Track(Offer, Generic[T]):
    """An iterable that reports how far a loop over it has come. Made by `headway.track`.

    The bar opens when the loop begins and ends with it: `finished` when the items ran out, `stopped` on a `break`,
    `failed` or `interrupted` on an exception. Each further loop gets a new bar. With progress off the loop gets the
    plain iterator of the iterable, and items are not counted.
    """

    _offered = "bar"

    def __init__(self, iterable: Iterable[T], make: Callable[[], tuple[Bar, Callable[[Bar], None]]]) -> None:
        self._iterable = iterable
        self._make = make
        self._begun = False
        self.bar: Bar
        """The bar of the present loop, or of the last one."""
        self.bar, self._open = make()

    def __iter__(self) -> Iterator[T]:
        if self._begun:
            self.bar, self._open = self._make()
        self._begun = True
        try:
            self._open(self.bar)
            return self.bar.iterate(self._iterable)
        except BaseException as error:  # the iterable's own __iter__ may raise, and Ctrl-C may come just here
            self.bar.end(endings.of_exception(error))
            raise

    def __len__(self) -> int:
        return len(self._iterable)  # type: ignore[arg-type]  # an iterable without a length raises its own TypeError

    def __length_hint__(self) -> int:
        length = length_of(self._iterable)
        return NotImplemented if length is None else length.items

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy it as its iterable, with a bar that is not shown."""
        return revive, (self._iterable, self.bar.__deepcopy__({}))


def revive(iterable: Iterable[T], bar: Bar) -> Track[T]:
    """Return the copy of a track: a loop over it is not shown."""
    return Track(iterable, lambda: (bar.__deepcopy__({}), lambda made: made.open((), sys.stderr)))
