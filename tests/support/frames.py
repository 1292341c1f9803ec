"""Bars without a program: they are opened, changed and ended by hand, and each frame of them goes to a sink."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

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
        self._size = stream.size
        self.bars: dict[int, Snapshot] = {}
        """Those that are open, by their numbers."""
        self._opened: dict[int, Snapshot] = {}
        self._changed: set[int] = set()
        self._ended: list[Snapshot] = []

    def open(self, number: int, parent: int | None = None, **fields: Any) -> None:
        """Open a bar; it is called by its number if it has no description."""
        fields = {"desc": f"bar {number}", "total": 100, "leave": parent is None, **fields}
        self.bars[number] = self._opened[number] = Snapshot(number, parent, **fields)

    def set(self, number: int, **fields: Any) -> None:
        """Change a bar."""
        self.bars[number] = self.bars[number]._replace(**fields)
        self._changed.add(number)

    def end(self, number: int, state: Any = "finished", **fields: Any) -> None:
        """End a bar."""
        self._ended.append(self.bars.pop(number)._replace(state=state, **fields))

    def draw(self) -> None:
        """Have the sink draw a frame of what has happened since the last one."""
        self.sink.frame(self._frame())

    def show(self) -> None:
        """Have the sink show all rows again."""
        self.sink.show(self._frame())

    def _frame(self) -> Frame:
        size: os.terminal_size = self._stream.size
        bars = tuple(self._in_order(None))
        opened = tuple(self._opened.values())
        changed = tuple(s for s in bars if s.id in self._changed and s.id not in self._opened)
        frame = Frame(bars, opened, changed, tuple(self._ended), size, size != self._size)
        self._size = size
        self._opened.clear()
        self._changed.clear()
        self._ended.clear()
        return frame

    def _in_order(self, parent: int | None) -> list[Snapshot]:
        inner = [s for s in self.bars.values() if (s.parent if s.parent in self.bars else None) == parent]
        return [each for s in inner for each in (s, *self._in_order(s.id))]
