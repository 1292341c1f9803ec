"""The sink: which displays a frame changes."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from headway.host.notebook import in_notebook
from headway.host.stream import SafeStream
from headway.notation import TYPE_CHECKING, Any
from headway.sink import Renderer
from headway.sinks.notebook.blocks import Block
from headway.sinks.plain import PlainSink

if TYPE_CHECKING:
    from headway.sink import Context, Draws, Frame, Stream

__all__ = ["RENDERER", "NotebookSink"]


class NotebookSink:
    """Shows each outermost bar, with those inside, as a display in the output of the cell that has opened it.

    A frame changes one display, besides those of bars that come and go: so there are few messages however many bars.

    Args:
        context: The stream that texts are written to. Those for the standard error stream are written to the output,
            since front ends frame errors in red.
    """

    def __init__(self, context: Context) -> None:
        is_for_errors = getattr(context.stream, "file", None) is sys.stderr
        self._stream: Stream = SafeStream(sys.stdout) if is_for_errors else context.stream
        self._blocks: dict[Block, None] = {}
        """Those that are open, the one that was shown last at the end."""
        self._of: dict[int, Block] = {}
        """The block of each bar that is open."""

    def frame(self, frame: Frame) -> None:
        """Show what has changed."""
        due: dict[Block, None] = {}
        for snapshot in frame.opened:
            block = self._of.get(snapshot.id) or self._of.get(snapshot.parent or 0)
            if block is None:
                block = Block(snapshot)
                self._blocks[block] = due[block] = None
            block.open(snapshot)
            self._of[snapshot.id] = block
        for snapshot in frame.changed:
            self._of[snapshot.id].take(snapshot)
        for snapshot in frame.ended:
            if snapshot.id in self._of:  # else this frame comes a second time
                block = self._of.pop(snapshot.id)
                block.close(snapshot)
                if block.over:
                    due[block] = None
        if not due:
            due = dict.fromkeys([block for block in self._blocks if block.changed][:1])
        for block in due:
            del self._blocks[block]
            if not block.over:
                self._blocks[block] = None
            block.show()

    def write(self, text: str) -> None:
        """Write a text where the program's prints are."""
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def hide(self) -> None:
        """Leave the displays: nothing is in their way."""

    def show(self, frame: Frame) -> None:
        """Go on."""
        self.frame(frame)

    def stop(self, within: float) -> None:
        """End: all displays show the last of their bars."""


def _draws(_options: Mapping[str, Any]) -> Draws:
    return "cell" if in_notebook() else "lines"


def _make(context: Context) -> NotebookSink | PlainSink:
    return NotebookSink(context) if in_notebook() else PlainSink(context)


RENDERER = Renderer(_make, protocol=2, draws=_draws, interval=0.4)
"""Outside of a notebook it writes lines."""
