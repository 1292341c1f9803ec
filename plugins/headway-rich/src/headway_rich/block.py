"""A block of rows at the bottom of a terminal, redrawn in place.

rich's own `Live` clears its rows before it draws them, hides the cursor, and puts itself in the place of `stdout`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from headway.sink import Stream

__all__ = ["Block", "Row"]


class Row(NamedTuple):
    """One row as it is written, and the columns that it takes."""

    text: str
    width: int


class Block:
    """Keeps the cursor at the end of the last row; every frame is one write."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.rows: Sequence[Row] = ()
        """The rows that are drawn."""
        self._columns = 0

    def show(self, rows: Sequence[Row], above: Sequence[str] = ()) -> None:
        """Draw the rows over those before, and lines that stay above them.

        After the last row has gone the cursor stands at the start of the line below.
        """
        columns = self._stream.size.columns
        up = self._lines(columns) - 1
        home = f"\r\x1b[{up}A" if up > 0 else "\r"
        texts = [row.text for row in rows]
        if above:
            drawn = "\x1b[J" + "".join(f"{line}\n" for line in above) + "\n".join(texts)
        else:
            drawn = "\x1b[K\n".join(texts) + "\x1b[J"
        self.rows, self._columns = rows, columns
        self._stream.write(home + drawn)
        self._stream.flush()

    @property
    def fits(self) -> bool:
        """Whether the terminal is as wide as when the rows were drawn."""
        return self._columns == self._stream.size.columns

    def _lines(self, columns: int) -> int:
        """Lines that the rows take now."""
        if columns >= self._columns or not _folds():
            return len(self.rows)
        return sum(max(1, -(-row.width // columns)) for row in self.rows)


def _folds() -> bool:
    """Tell whether the terminal is known to fold rows if it is made narrower; most cannot be told."""
    return "TMUX" in os.environ and os.environ.get("TERM", "").startswith(("tmux", "screen"))
