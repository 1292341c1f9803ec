"""The widths of columns in a place that may be too narrow: they give way as in headway's own rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from headway import widgets
from headway_rich.columns import Column, Content
from headway_rich.contents import LABEL, Bar, Runs, Words

__all__ = ["Fitting"]

METRICS = widgets.KNOWN["metrics"][1]
"""Columns that give way before metrics do so before a label that is cut anyway gets still shorter."""
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
        before: The places of the last frame, which those columns keep that stay as wide as they have been.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        lines: Sequence[Sequence[Content]],
        widths: Sequence[int],
        room: int,
        before: Sequence[int] = (),
    ) -> None:
        self._columns = columns
        self._lines = lines
        self._widths = widths
        self._room = room
        self._before = before or [0] * len(columns)
        self._places = list(widths)
        self._keeps = True
        """Whether columns keep what `Words.kept` says."""
        bars = [i for i in range(len(columns)) if any(isinstance(line[i], Bar) for line in lines)]
        self._bars = dict.fromkeys(bars, min(BAR, room // 5))

    def places(self) -> list[int]:
        """Take away until it fits, and give the bars what is left."""
        label, labels = max(self._room // 3, LABEL), self._texts(lambda column: column.priority == widgets.LABEL)
        for i in labels:
            self._limit(i, min(self._places[i], label + self._beside(i)))
        self._shrink(self._texts(lambda column: not column.stays))
        self._shrink(self._texts(lambda column: column.priority < METRICS and column.priority != widgets.LABEL))
        self._shrink_for_metrics([i for i in labels if self._widths[i] > label])
        self._shrink(self._low)
        self._narrow_bars()
        self._shrink(labels, LABEL)
        self._leave_out_bars()
        self._keeps = False
        self._shrink(self._texts(lambda column: not column.stays), LABEL)
        self._shrink(self._texts(lambda _column: True))
        for i in labels:
            self._limit(i, min(self._widths[i], self._places[i] + max(0, -self._excess)))
        for i in reversed(range(len(self._places))):
            self._places[i] -= min(self._places[i], max(0, self._excess))
        self._keep_places()
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
        """Make columns narrower.

        Args:
            indices: The columns.
            least: Columns that each is left, beside the word for how it ended.
        """
        for i in indices:
            stays = least and least + self._least(i)
            if self._excess > 0 and self._places[i] > stays:
                self._limit(i, max(stays, self._places[i] - self._excess))

    @property
    def _low(self) -> list[int]:
        """The columns of text that give way before bars and labels do."""
        return self._texts(lambda column: column.priority < widgets.FIRM and column.priority != widgets.LABEL)

    def _shrink_for_metrics(self, labels: Sequence[int]) -> None:
        """Make labels that are cut as they are narrower still, if a metric can stay by that."""
        before = list(self._places)
        self._shrink(labels, max(self._room // 5, LABEL))
        self._shrink(self._low)
        metrics = (i for i, column in enumerate(self._columns) if column.counts)
        if self._excess > 0 or not any(self._places[i] > self._least(i) for i in metrics):
            self._places = before

    def _limit(self, i: int, columns: int) -> None:
        """Have a column take at most so many columns, and no more than its texts fill then."""
        texts = [content for line in self._lines if not isinstance(content := line[i], Bar)]
        columns = max(columns, self._least(i))
        filled = max(text.within(columns).width for text in texts)
        self._places[i] = columns if columns >= self._widths[i] else filled if filled > 1 else 0

    def _least(self, i: int) -> int:
        """Columns of what cannot give way in a column now."""
        return max((each.least + (each.kept if self._keeps else 0) for each in self._contents(i)), default=0)

    def _beside(self, i: int) -> int:
        """Columns that a column takes beside its free texts."""
        return max((each.beside for each in self._contents(i)), default=0)

    def _contents(self, i: int) -> list[Words | Runs]:
        return [content for line in self._lines if not isinstance(content := line[i], Bar)]

    def _narrow_bars(self) -> None:
        for i in self._bars:
            if self._excess > 0:
                self._bars[i] = max(NARROWEST, self._bars[i] - self._excess)

    def _leave_out_bars(self) -> None:
        if self._excess > 0:
            self._bars = dict.fromkeys(self._bars, 0)

    def _keep_places(self) -> None:
        """Leave columns that stay the places that they have had, rather than give them to the bars for a while."""
        for i, before in enumerate(self._before):
            if self._columns[i].stays and i not in self._bars:
                taken = before - self._places[i]
                if taken > 0 and taken + (not self._places[i]) <= -self._excess:
                    self._places[i] = before

    def _widen_bars(self) -> None:
        """Let the bars have what is left, up to what each takes at most."""
        spare, bars = max(0, -self._excess), len(self._bars)
        for i, columns in self._bars.items():
            limits = [content.most for line in self._lines if isinstance(content := line[i], Bar)]
            wide = columns + spare // bars if columns else 0
            self._places[i] = wide if None in limits else min(wide, max(map(int, filter(None, limits))))
