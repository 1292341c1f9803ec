"""A renderer of a cell: pages of the open bars, each of which takes the place of the one before, and lines that stay."""

from headway import layout
from headway.sink import Context, Frame, ProgressSink, Renderer

STAYS, PAGE = "\v", "\f"
"""The marks that a line that stays and a page begin with."""


class PageSink(ProgressSink):
    """Writes a page for each frame."""

    def __init__(self, context: Context) -> None:
        self._stream = context.stream

    def frame(self, frame: Frame) -> None:
        """Have the rows stay that are to, and write a page of the others."""
        for snapshot in frame.ended:
            if snapshot.leave:
                self._stream.write(f"{STAYS}{layout.fit(snapshot, 100, bar=0)}\n")
        self._stream.write(PAGE + "".join(f"{layout.fit(snapshot, 100, bar=0)}\n" for snapshot in frame.bars))
        self._stream.flush()

    def write(self, text: str) -> None:
        """Have a text stay."""
        self._stream.write(f"{STAYS}{text}\n")
        self._stream.flush()


renderer = Renderer(PageSink, protocol=2, draws="cell", max_bars=5)
