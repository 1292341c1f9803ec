"""A renderer as its guide describes one: a row of text, drawn over."""

from headway import layout
from headway.hookspecs import hookimpl
from headway.sink import PerBar, Renderer
from headway.snapshot import Snapshot


class Rows(PerBar):
    """Draws the row of each bar as text."""

    def __init__(self, context) -> None:
        self._stream = context.stream

    def open(self, snapshot: Snapshot) -> None:
        """Draw the first row."""
        self.update(snapshot)

    def update(self, snapshot: Snapshot) -> None:
        """Draw the row over the one before."""
        row = layout.fit(snapshot, 80)
        self._put(f"\r{row.left}{'=' * row.bar}{row.right}")

    def close(self, snapshot: Snapshot) -> None:
        """Draw the last row, and end its line."""
        self.update(snapshot)
        self._put("\n")

    def write(self, text: str) -> None:
        """Put a text in place of the row, which comes again with the next picture."""
        self._put(f"\r\x1b[K{text}\n")

    def _put(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


@hookimpl
def headway_renderer() -> Renderer:
    """Return the renderer."""
    return Renderer(Rows, protocol=2)
