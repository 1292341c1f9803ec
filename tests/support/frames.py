"""Bars without a program: they are opened, changed and ended by hand, and each frame of them goes to a sink."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from headway.drawing.picture import Picture
from headway.drawing.window import Window
from headway.sink import Frame
from headway.sinks.rows.sink import RowsSink
from headway.snapshot import Snapshot

__all__ = ["Bars", "sink_on"]


def sink_on(stream: Any, **options: Any) -> RowsSink:
    """Make the core's own sink for a stream."""
    return RowsSink(SimpleNamespace(stream=stream, options=options))


class Bars:
    """The bars of a program, and the frames that they make for a sink.

    Args:
        stream: The stream, which tells the size of the terminal.
        sink: The sink; by default the core's own.
    """

    def __init__(self, stream: Any, sink: RowsSink | None = None) -> None:
        self.sink = sink or sink_on(stream)
        self._stream = stream
        self._picture = Picture(points=False)
        self._window = Window(self._picture, lambda: stream.size.lines)
        self._picture.take(stream.size)
        self.bars: dict[int, Snapshot] = {}
        """Those that are open, by their numbers."""

    def open(self, number: int, parent: int | None = None, **fields: Any) -> None:
        """Open a bar; it is called by its number if it has no description."""
        fields = {"desc": f"bar {number}", "total": 100, "leave": parent is None, **fields}
        self.bars[number] = Snapshot(number, parent, **fields)
        self._window.open(self.bars[number])

    def set(self, number: int, **fields: Any) -> None:
        """Change a bar."""
        self.bars[number] = self.bars[number]._replace(**fields)
        self._window.update(self.bars[number])

    def end(self, number: int, state: Any = "finished", **fields: Any) -> None:
        """End a bar."""
        self._window.close(self.bars.pop(number)._replace(state=state, **fields))

    def draw(self) -> None:
        """Have the sink draw a frame of what has happened since the last one."""
        self.sink.frame(self._frame())

    def show(self) -> None:
        """Have the sink show all rows again."""
        self.sink.show(self._frame())

    def _frame(self) -> Frame:
        self._window.settle()
        return self._picture.take(self._stream.size)
