"""The order of rows, and where an ended bar goes that stays visible.

An ended bar that was inside another goes above all rows at once. One beside others keeps its row while one of those
before it is open, if the terminal has room for it; then it goes above them as well.
"""

from __future__ import annotations

from headway.notation import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from headway.sink import Frame
    from headway.snapshot import Snapshot

__all__ = ["NONE", "Arrangement", "Order", "Place"]


class Place(NamedTuple):
    """A bar that has a row."""

    snapshot: Snapshot
    depth: int
    """How many open bars are around it."""


class Arrangement(NamedTuple):
    """The rows from now on."""

    above: tuple[Snapshot, ...]
    """Ended bars whose lines go above all rows, for good."""
    places: tuple[Place, ...]
    """The rows from the first to the last."""
    settled: int
    """So many of them, from the first on, stay for good."""
    more: int
    """How many open bars have no row, if there is one to say so."""

    @property
    def later(self) -> Arrangement:
        """The rows that stand once these are painted."""
        return Arrangement((), self.places[self.settled :], 0, self.more)


NONE = Arrangement((), (), 0, 0)
"""No rows."""


class Order:
    """The order of rows from frame to frame."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._next = 0
        self._kept: list[Snapshot] = []

    def arrange(self, frame: Frame, lines: int) -> Arrangement:
        """Return the rows of a frame, and the ended bars that they have no room for.

        Args:
            frame: The frame.
            lines: Lines of the terminal.
        """
        self._number(frame)
        room = max(1, lines - 1)
        more = frame.more if room > 1 else 0
        above = [*self._ended(frame), *self._crowded_out(room - len(frame.bars) - bool(more))]
        shown = _places(frame.bars)
        places = self._merged(shown)
        live = {place.snapshot.id for place in shown}
        settled = next((i for i, place in enumerate(places) if place.snapshot.id in live), len(places))
        del self._kept[:settled]
        self._numbers = {s.id: self._numbers[s.id] for s in (*frame.bars, *self._kept)}
        return Arrangement(tuple(above), tuple(places), settled, more)

    def let_go(self) -> tuple[Snapshot, ...]:
        """Return the ended bars that still have a row, and forget them."""
        kept, self._kept = tuple(self._kept), []
        return kept

    def _number(self, frame: Frame) -> None:
        for s in (*frame.opened, *frame.ended, *frame.bars):
            if s.id not in self._numbers:
                self._numbers[s.id] = self._next
                self._next += 1

    def _ended(self, frame: Frame) -> list[Snapshot]:
        """Return those that have ended inside of others; keep the rest, and those that the bar around ended before."""
        around = {s.id for s in (*frame.bars, *frame.ended)}
        above: list[Snapshot] = []
        for s in frame.ended:
            around.discard(s.id)
            if s.leave:
                (above if s.parent in around else self._kept).append(s)
        self._kept.sort(key=lambda s: self._numbers[s.id])
        return above

    def _crowded_out(self, room: int) -> list[Snapshot]:
        """Return those that are kept and have no room, from the first on."""
        many = max(0, len(self._kept) - max(0, room))
        crowded, self._kept = self._kept[:many], self._kept[many:]
        return crowded

    def _merged(self, shown: list[Place]) -> list[Place]:
        places, waiting = [], [Place(s, 0) for s in self._kept]
        for place in shown:
            while waiting and not place.depth and self._before(waiting[0], place):
                places.append(waiting.pop(0))
            places.append(place)
        return places + waiting

    def _before(self, one: Place, other: Place) -> bool:
        return self._numbers[one.snapshot.id] < self._numbers[other.snapshot.id]


def _places(bars: tuple[Snapshot, ...]) -> list[Place]:
    depths: dict[int | None, int] = {}
    for s in bars:
        depths[s.id] = depths.get(s.parent, -1) + 1
    return [Place(s, depths[s.id]) for s in bars]
