"""The rich renderer for headway: the numbers are headway's, the columns, the bar and the styles are rich's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headway.hookspecs import hookimpl
from headway.sink import Frame, ProgressSink, Renderer
from headway.text.row import Field
from headway_rich.block import Block, Row
from headway_rich.columns import DEFAULT, Columns
from headway_rich.grid import Grid
from headway_rich.ink import Ink
from headway_rich.lines import Lines
from headway_rich.options import LOOK, is_native, read

if TYPE_CHECKING:
    from headway.sink import Context
    from headway.snapshot import Snapshot
    from headway.text.layout import Layout

__all__ = ["RichSink", "headway_renderer"]


class RichSink(ProgressSink):
    """Shows bars in rich's look, in a block at the bottom of the terminal."""

    def __init__(self, context: Context) -> None:
        self._stream = context.stream
        self._ink = Ink(context.stream)
        self._block = Block(context.stream)
        self._frame = Frame(())
        self._parts: dict[Columns | None, Grid | Lines] = {}
        self._native: dict[Layout, Columns | None] = {}

    def frame(self, frame: Frame) -> None:
        """Redraw the rows; above them stands for good what the bars that have ended leave."""
        room = self._stream.room
        self._frame = frame
        rows = self._rows(room)
        if frame.last:  # no row is left that another one has to stand below
            self._parts.clear()
            self._native.clear()
        self._block.show(rows, [self._part(s).row(s, room).text for s in frame.ended if s.leave])

    def write(self, text: str) -> None:
        """Put lines above the rows."""
        rows = self._block.rows if self._block.fits else self._rows(self._stream.room)
        self._block.show(rows, text.split("\n"))

    def hide(self) -> None:
        """Take the rows off the terminal."""
        self._block.show(())

    def show(self, frame: Frame) -> None:
        """Draw the rows anew."""
        self.frame(frame)

    def _rows(self, room: int) -> list[Row]:
        """Draw the bars, and say how many there is no room for."""
        members: dict[Grid | Lines, list[Snapshot]] = {}
        for s in self._frame.bars:
            members.setdefault(self._part(s), []).append(s)
        rows = {s.id: row for part, bars in members.items() for s, row in zip(bars, part.rows(bars, room), strict=True)}
        drawn = [rows[s.id] for s in self._frame.bars]
        if self._frame.more and self._stream.size.lines > len(drawn) + 1:
            text = f"... {self._frame.more} more"[:room]
            drawn.append(Row(self._ink.styled(text, "dim"), len(text)))
        return drawn

    def _part(self, s: Snapshot) -> Grid | Lines:
        """Return where a bar is drawn: bars that ask for the same columns stand below one another."""
        columns = s.options.get("columns", DEFAULT if s.layout is None else self._columns_of(s.layout))
        if columns not in self._parts:
            self._parts[columns] = Lines(self._ink) if columns is None else Grid(columns, self._ink)
        return self._parts[columns]

    def _columns_of(self, asked: Layout) -> Columns | None:
        """Return the columns of a list of widgets with rich's own in it, `None` of one with headway's alone."""
        if asked not in self._native:
            self._native[asked] = None if asked.native is None else read(tuple(map(_item, asked.native)))
        return self._native[asked]


def _item(item: Any) -> Any:
    """Return a widget as it was given."""
    if isinstance(item, Field):
        return item.name if item.built_in else item.widget
    return item


@hookimpl
def headway_renderer() -> Renderer:
    """Offer rich's look: `columns` are those of a `rich.progress.Progress`, or names."""
    return Renderer(RichSink, protocol=2, max_bars="lines", look=LOOK, library="rich", native=is_native)
