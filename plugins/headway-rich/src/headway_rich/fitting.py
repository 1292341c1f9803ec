"""The widths of columns in a place that may be too narrow: they give way as in headway's own rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from headway import widgets
from headway_rich.columns import Column, Content
from headway_rich.contents import Bar

__all__ = ["Fitting"]

LABEL = 8
"""Columns that a label is left before other columns give way."""
BAR = 10
"""Columns that a bar is left before what stands beside it gives way."""
NARROWEST = 3
"""Columns below which a bar says nothing."""


class Fitting:
    """Gives each column its place.

    Args:
        columns: The columns.
        lines: Their contents, in one or more rows.
        widths: Columns that they would take.
        room: Columns that there are.
    """

    def __init__(
        self, columns: Sequence[Column], lines: Sequence[Sequence[Content]], widths: Sequence[int], room: int
    ) -> None:
        self._columns = columns
        self._lines = lines
        self._widths = widths
        self._room = room
        self._places = list(widths)
        bars = [i for i in range(len(columns)) if any(isinstance(line[i], Bar) for line in lines)]
        self._bars = dict.fromkeys(bars, min(BAR, room // 5))

    def places(self) -> list[int]:
        """Take away until it fits, and give the bars what is left."""
        label, labels = max(self._room // 3, LABEL), self._texts(lambda column: column.priority == widgets.LABEL)
        for i in labels:
            self._limit(i, min(self._places[i], label))
        self._shrink(self._texts(lambda column: not column.stays))
        self._shrink(labels, LABEL)
        self._shrink(self._texts(lambda column: column.priority < widgets.FIRM and column.priority != widgets.LABEL))
        self._shrink_bars()
        self._shrink(self._texts(lambda column: column.priority >= widgets.FIRM or column.priority == widgets.LABEL))
        for i in labels:
            self._limit(i, min(self._widths[i], label, self._places[i] + max(0, -self._excess)))
        for i in reversed(range(len(self._places))):
            self._places[i] -= min(self._places[i], max(0, self._excess))
        self._widen_bars()
        return self._places

    def _texts(self, wanted: Callable[[Column], bool]) -> list[int]:
        """The columns of text that are wanted, in the order in which they give way."""
        found = [i for i, column in enumerate(self._columns) if i not in self._bars and wanted(column)]
        return sorted(found, key=lambda i: (self._columns[i].priority, -i))

    @property
    def _excess(self) -> int:
        taken = [place for place in (*self._places, *self._bars.values()) if place]
        return sum(taken) + len(taken) - 1 - self._room

    def _shrink(self, indices: Sequence[int], least: int = 0) -> None:
        for i in indices:
            if self._excess > 0 and self._places[i] > least:
                self._limit(i, max(least, self._places[i] - self._excess))

    def _limit(self, i: int, columns: int) -> None:
        """Have a column take at most so many columns, and no more than its texts fill then."""
        texts = [content for line in self._lines if not isinstance(content := line[i], Bar)]
        columns = max(columns, *(text.least for text in texts))
        filled = max(text.within(columns).width for text in texts)
        self._places[i] = columns if columns >= self._widths[i] else filled if filled > 1 else 0

    def _shrink_bars(self) -> None:
        for i in self._bars:
            if self._excess > 0:
                self._bars[i] = max(NARROWEST, self._bars[i] - self._excess)
        if self._excess > 0:
            self._bars = dict.fromkeys(self._bars, 0)

    def _widen_bars(self) -> None:
        """Let the bars have what is left, up to what each takes at most."""
        spare, bars = max(0, -self._excess), len(self._bars)
        for i, columns in self._bars.items():
            limits = [content.most for line in self._lines if isinstance(content := line[i], Bar)]
            wide = columns + spare // bars if columns else 0
            self._places[i] = wide if None in limits else min(wide, max(map(int, filter(None, limits))))
