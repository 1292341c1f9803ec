"""The bars that a terminal has lines for: the outermost, and of those alike the oldest. The others are counted."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import chain, islice

from headway.drawing.picture import Picture
from headway.snapshot import Snapshot

__all__ = ["Window"]


class Window:
    """Any number of bars in a picture of as many as there is room for, each on a line of its own.

    One line of the terminal is left for text, and if there are bars without a line, another one to count them.

    Args:
        picture: The picture.
        lines: Tells how many lines the terminal has.
    """

    def __init__(self, picture: Picture, lines: Callable[[], int]) -> None:
        self._picture = picture
        self._lines = lines
        self._bars: dict[int, Snapshot] = {}
        self._depths: dict[int | None, int] = {}
        """How many of these bars are around each of them."""
        self._levels: list[dict[int, None]] = []
        """The bars by their depth, each level in the order in which they came."""
        self._shown: set[int] = set()
        self._settled: int | None = None
        """The room that the bars that are shown were chosen for; `None` if bars have come or gone since."""

    def open(self, snapshot: Snapshot) -> None:
        """Add a bar, which may take the place of one further inside."""
        self._bars[snapshot.id] = snapshot
        self._place(snapshot)
        self._settled = None

    def update(self, snapshot: Snapshot) -> None:
        """Keep a bar's new snapshot, and pass it on if the bar is to be seen."""
        self._bars[snapshot.id] = snapshot
        if snapshot.id in self._shown:
            self._picture.update(snapshot)

    def close(self, snapshot: Snapshot) -> None:
        """Show the last snapshot, also of a bar that had no place."""
        self.settle()
        if snapshot.id not in self._shown:
            self._picture.open(snapshot)
        self._picture.close(snapshot)
        self._shown.discard(snapshot.id)
        del self._bars[snapshot.id]
        self._displace(snapshot.id)
        self._settled = None

    def seen(self) -> Collection[int]:
        """Return the bars that there is room for now."""
        room = self._room
        return self._shown if self._settled == room else self._chosen(room)

    def coming(self, bar_id: int) -> Collection[int]:
        """Return the bars that will have a place as soon as a bar has ended."""
        if len(self._shown) == len(self._bars):
            return ()
        room = self._room
        if self._settled == room and bar_id not in self._shown:
            return ()
        return self._chosen(room, without=bar_id) - self._shown

    def settle(self) -> None:
        """Give the bars their places, as the terminal is now. It is called before each frame."""
        room = self._room
        if self._settled == room:
            return
        chosen = self._chosen(room)
        for bar_id in self._shown - chosen:
            self._picture.leave(bar_id)
        for bar_id in sorted(chosen - self._shown):
            self._picture.open(self._bars[bar_id])
        self._shown, self._settled = chosen, room
        self._picture.more = len(self._bars) - len(chosen)

    @property
    def _room(self) -> int:
        return max(1, self._lines() - 1)

    def _place(self, snapshot: Snapshot) -> None:
        self._depths[snapshot.id] = depth = self._depths.get(snapshot.parent, -1) + 1
        if depth == len(self._levels):
            self._levels.append({})
        self._levels[depth][snapshot.id] = None

    def _displace(self, bar_id: int) -> None:
        """Forget the place of a bar; bars inside it stand further outside from now on."""
        depth = self._depths.pop(bar_id)
        del self._levels[depth][bar_id]
        inside = self._levels[depth + 1] if depth + 1 < len(self._levels) else {}
        if any(self._bars[each].parent == bar_id for each in inside):
            self._depths, self._levels = {}, []
            for snapshot in self._bars.values():
                self._place(snapshot)

    def _chosen(self, room: int, without: int | None = None) -> set[int]:
        """Return the bars that there is room for, or would be if one were gone."""
        if len(self._bars) - (without in self._bars) > room:
            room = max(1, room - 1)
        return set(islice((each for each in chain.from_iterable(self._levels) if each != without), room))
