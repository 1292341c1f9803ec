"""The bars as one sink sees them, and the frame that tells of their changes."""

from __future__ import annotations

import os
from collections.abc import Collection

from headway.notation import TYPE_CHECKING
from headway.points import KEPT
from headway.sink import Frame
from headway.snapshot import Snapshot, in_tree

if TYPE_CHECKING:
    from headway.points import Point

__all__ = ["Picture", "merged"]


class Picture:
    """Gathers the changes of bars, one by one, into frames.

    Args:
        points: Whether the sink asks for each value that is reported.
    """

    def __init__(self, *, points: bool) -> None:
        self.texts: list[str] = []
        """Texts that are to be written before the next frame."""
        self._bars: dict[int, Snapshot] = {}
        self._order: list[int] | None = []
        """The ids in the order of the tree; `None` if it is not known."""
        self.more = 0
        """How many bars are open that are not in it."""
        self._opened: dict[int, Snapshot] = {}
        self._changed: dict[int, Snapshot] = {}
        self._ended: list[Snapshot] = []
        self._size: os.terminal_size | None = None
        self._asks = points
        self._points: list[Point] = []
        self._taken: dict[int, int] = {}
        """How many values of each bar's log have been taken."""
        self._lost = 0
        self._told = 0
        """How many were left out of the frame before."""

    def open(self, snapshot: Snapshot) -> None:
        """Add a bar."""
        self._bars[snapshot.id] = self._opened[snapshot.id] = snapshot
        self._order = None
        if self._asks:
            self._take_points(snapshot)

    def update(self, snapshot: Snapshot) -> None:
        """Change a bar."""
        self._bars[snapshot.id] = snapshot
        changes = self._opened if snapshot.id in self._opened else self._changed
        changes[snapshot.id] = snapshot
        if self._asks:
            self._take_points(snapshot)

    def close(self, snapshot: Snapshot) -> None:
        """Take a bar away that has ended."""
        del self._bars[snapshot.id]
        self._changed.pop(snapshot.id, None)
        self._ended.append(snapshot)
        self._order = None
        if self._asks:
            self._take_points(snapshot)
            self._taken.pop(snapshot.id, None)

    def leave(self, bar_id: int) -> None:
        """Take a bar out that is still open."""
        del self._bars[bar_id]
        self._opened.pop(bar_id, None)
        self._changed.pop(bar_id, None)
        self._order = None

    def seen(self) -> Collection[int]:
        """Return the bars whose changes are to be seen: all of them."""
        return self._bars.keys()

    def coming(self, _bar_id: int) -> Collection[int]:
        """Return the bars that will be seen as soon as a bar has ended: none."""
        return ()

    def settle(self) -> None:
        """Have all bars in it, as they are."""

    def write(self, text: str) -> None:
        """Have a text written before the next frame."""
        self.texts.append(text)

    def take(self, size: os.terminal_size | None) -> Frame:
        """Return the frame of the changes since the one before."""
        opened, changed, ended, points, lost = self._opened, self._changed, self._ended, self._points, self._lost
        self._opened, self._changed, self._ended, self._points, self._lost = {}, {}, [], [], 0
        resized, self._size, self._told = self._size not in (None, size), size, self.more
        return Frame(
            tuple([self._bars[bar_id] for bar_id in self._in_order()]),
            tuple(opened.values()),
            tuple(changed.values()),
            tuple(ended),
            size,
            resized,
            lost,
            tuple(points),
            self.more,
        )

    def _take_points(self, snapshot: Snapshot) -> None:
        """Take the values that are new since the last time, as many as there is room for."""
        stretch = snapshot.points
        if stretch is None:
            return
        points, lost = stretch.log.between(self._taken.get(snapshot.id, stretch.first), stretch.last, snapshot.id)
        self._taken[snapshot.id] = stretch.last
        room = KEPT - len(self._points)
        self._points += points[:room]
        self._lost += lost + max(0, len(points) - room)

    @property
    def changed(self) -> bool:
        """Whether there is something to tell."""
        return bool(self._changed or self._order is None or self._told != self.more)

    def fits(self, size: os.terminal_size | None) -> bool:
        """Tell whether the frame before was for a terminal of that size."""
        return self._size == size

    def _in_order(self) -> list[int]:
        if self._order is None:
            self._order = [snapshot.id for snapshot, _ in in_tree(self._bars)]
        return self._order


def merged(first: Frame, then: Frame) -> Frame:
    """Return one frame that tells the changes of two, one right after the other."""
    opened = {snapshot.id: snapshot for snapshot in (*first.opened, *then.opened)}
    changed = {snapshot.id: snapshot for snapshot in (*first.changed, *then.changed)}
    for bar_id in opened.keys() & changed.keys():
        opened[bar_id] = changed.pop(bar_id)
    for snapshot in then.ended:
        changed.pop(snapshot.id, None)
    return then._replace(
        opened=tuple(opened.values()),
        changed=tuple(changed.values()),
        ended=first.ended + then.ended,
        resized=first.resized or then.resized,
        lost=first.lost + then.lost + max(0, len(first.points) + len(then.points) - KEPT),
        points=(first.points + then.points)[:KEPT],
    )
