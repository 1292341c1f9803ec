"""Rows of columns that stand below one another, as in a table of rich's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from headway_rich.block import Row
from headway_rich.columns import Column, Content
from headway_rich.contents import Bar
from headway_rich.fitting import Fitting
from headway_rich.ink import Ink

if TYPE_CHECKING:
    from headway.snapshot import Snapshot

__all__ = ["Grid"]


class Grid:
    """Draws bars that have the same columns.

    Args:
        columns: The columns.
        ink: rich's look.
    """

    def __init__(self, columns: Sequence[Column], ink: Ink) -> None:
        self._columns = columns
        self._ink = ink
        self._widest = [0] * len(columns)
        self._room = 0
        self._places: list[int] = []
        """The places of the last frame."""
        self._contents: dict[int, tuple[Snapshot, list[Content]]] = {}

    def rows(self, bars: Sequence[Snapshot], room: int) -> list[Row]:
        """Draw bars below one another."""
        known, self._contents = self._contents, {}
        for s in bars:
            found = known.get(s.id)
            self._contents[s.id] = found if found is not None and found[0] is s else (s, self._contents_of(s))
        lines = [contents for _, contents in self._contents.values()]
        widths = [max(_width(line[i]) for line in lines) for i in range(len(self._columns))]
        self._widest = [
            max(before, now) if column.stays else now
            for column, before, now in zip(self._columns, self._widest, widths, strict=True)
        ]
        if room != self._room:
            self._room, self._places = room, []
        self._places = Fitting(self._columns, lines, self._widest, room, self._places).places()
        return [self._row(line, self._places) for line in lines]

    def row(self, s: Snapshot, room: int) -> Row:
        """Draw a bar that has ended; its columns that are empty take no place."""
        line = self._contents_of(s)
        widths = [
            max(_width(content), before) if _width(content) and column.stays else _width(content)
            for column, content, before in zip(self._columns, line, self._widest, strict=True)
        ]
        return self._row(line, Fitting(self._columns, [line], widths, room).places())

    def _contents_of(self, s: Snapshot) -> list[Content]:
        return [column.content(s, self._ink) for column in self._columns]

    def _row(self, line: list[Content], places: list[int]) -> Row:
        drawn, width, blanks = "", 0, 0
        for column, content, place in zip(self._columns, line, places, strict=True):
            if not place:
                continue
            if isinstance(content, Bar):
                text, columns = content.drawn(self._ink, place)
            else:
                fitted = content.within(place)
                text, columns = fitted.drawn(self._ink), fitted.wide
            pad = place - columns
            before, after = (pad, 0) if column.right else (0, pad)
            if columns:
                drawn += " " * (blanks + before) + text
                width += blanks + before + columns
                blanks = 0
            else:
                after = place
            blanks += after + 1
        return Row(drawn, width)


def _width(content: Content) -> int:
    return 0 if isinstance(content, Bar) else content.width
