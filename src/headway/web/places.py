"""The places of bars: bars that follow one another inside the same bar have one place, those at one time have several.

The epochs of a run have one place, so that the loss of all epochs is one curve. A place is written as the numbers on
the way to it: `2.0` is the first place inside the third outermost bar.
"""

from __future__ import annotations

from itertools import count

__all__ = ["Places"]


class Places:
    """The places of the bars of one file."""

    def __init__(self) -> None:
        self._outermost = count()
        self._of: dict[str, str] = {}
        """The place of each bar that is open."""
        self._taken: dict[str, set[int]] = {}
        """The numbers inside each place that bars have now."""

    def open(self, bar: str, parent: str | None) -> str:
        """Return the place of a bar that opens; an outermost one has a place that none had before.

        Args:
            bar: The bar, by any name.
            parent: The name of the bar around it; if that is not open, the bar counts as outermost.
        """
        around = None if parent is None else self._of.get(parent)
        if around is None:
            place = str(next(self._outermost))
        else:
            taken = self._taken.setdefault(around, set())
            number = next(n for n in count() if n not in taken)
            taken.add(number)
            place = f"{around}.{number}"
        self._of[bar] = place
        return place

    def close(self, bar: str) -> None:
        """Free the place of a bar that has ended."""
        place = self._of.pop(bar, None)
        if place is None:
            return
        self._taken.pop(place, None)
        around, _, number = place.rpartition(".")
        if around in self._taken:
            self._taken[around].discard(int(number))
