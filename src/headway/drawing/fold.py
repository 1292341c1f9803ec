"""Arranges any number of bars on a sink that shows only a few.

Bars get a place of their own until one place is left; that one is shared by all further bars. It shows the innermost,
that is the youngest that is open, with its folded ancestors in front of its description.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from headway.drawing.picture import Picture
from headway.format import in_words
from headway.host.faults import tell
from headway.snapshot import Snapshot
from headway.text import layout, widgets

__all__ = ["Fold"]

SEPARATOR = "›"


class Fold:
    """Any number of bars in a picture of `max_bars`.

    The picture has the shared place as one bar that opens with the first and closes with the last of those who share
    it; its description, count and total change as they come and go.

    Args:
        picture: The picture.
        max_bars: How many bars its sink shows.
        room: Tells how many columns a line may take.
        line: Writes a bar as a line; by default it is the common row without a bar.
    """

    def __init__(
        self,
        picture: Picture,
        max_bars: int,
        room: Callable[[], int],
        line: Callable[[Snapshot], str] | None = None,
    ) -> None:
        self._picture = picture
        self._room = room
        self._line = line
        self._single = max_bars - 1
        self._own: set[int] = set()
        self._shared: dict[int, Snapshot] = {}
        self._place = 0

    def open(self, snapshot: Snapshot) -> None:
        """Give the bar a place of its own, or have it join the shared one."""
        if len(self._own) < self._single:
            self._own.add(snapshot.id)
            self._picture.open(snapshot)
            return
        first = not self._shared
        self._shared[snapshot.id] = snapshot
        if first:
            self._place = snapshot.id
            self._picture.open(self._folded(snapshot))
        else:
            self._picture.update(self._folded(snapshot))

    def update(self, snapshot: Snapshot) -> None:
        """Pass a bar's new snapshot on, if the bar is to be seen."""
        if snapshot.id in self._own:
            self._picture.update(snapshot)
            return
        self._shared[snapshot.id] = snapshot
        if snapshot.id == next(reversed(self._shared)):
            self._picture.update(self._folded(snapshot))

    def close(self, snapshot: Snapshot) -> None:
        """Show the last snapshot; of a bar that shared its place, as a line of text where others still use it."""
        if snapshot.id in self._own:
            self._own.discard(snapshot.id)
            self._picture.close(snapshot)
            return
        del self._shared[snapshot.id]
        if not self._shared:
            self._picture.close(self._folded(snapshot))
            return
        if snapshot.leave:
            self._picture.write(self._written(snapshot))
        self._picture.update(self._folded(next(reversed(self._shared.values()))))

    def _written(self, snapshot: Snapshot) -> str:
        """Write a bar that has ended as a line of text."""
        if self._line is not None and snapshot.layout is None:
            try:
                return self._line(snapshot)
            except Exception as error:  # a plugin's fault: the bar leaves a line all the same
                what = f"The renderer's line raised {type(error).__name__}"
                tell(what, f"{what}; the common row stands in its place: {in_words(error)}")
        return str(layout.fit(snapshot, self._room(), bar=0))

    def seen(self) -> Collection[int]:
        """Return the bars whose changes are to be seen: those that stand in front of the innermost, too."""
        innermost = next(reversed(self._shared), None)
        return self._own if innermost is None else {*self._own, *self._line_of(innermost)}

    def coming(self, bar_id: int) -> Collection[int]:
        """Return the bars that will be seen as soon as a bar has ended."""
        left = [each for each in self._shared if each != bar_id]
        return self._line_of(left[-1]) if left and len(left) < len(self._shared) else ()

    def settle(self) -> None:
        """Have the bars in their places, whatever the size of the terminal."""

    def _line_of(self, bar_id: int) -> list[int]:
        """Return a bar and those around it that share its place, the innermost first."""
        line = [bar_id]
        while (parent := self._shared[line[-1]].parent) in self._shared:
            line.append(parent)
        return line

    def _folded(self, snapshot: Snapshot) -> Snapshot:
        ancestors = self._line_of(snapshot.parent)[::-1] if snapshot.parent in self._shared else []
        around = " ".join(f"{_in_short(self._shared[each])} {SEPARATOR}" for each in ancestors)
        return snapshot._replace(id=self._place, parent=None, around=around, points=None)


def _in_short(s: Snapshot) -> str:
    """Label, how far, and remaining time: `epochs 40% <00:12`; `epochs 1/3` where nothing more is known."""
    far = widgets.counts(s) if s.position is None and s.eta is None else widgets.percentage(s)
    left = f"<{widgets.eta(s)}" if s.eta is not None else ""
    return " ".join(filter(None, (widgets.label(s), far, left)))
