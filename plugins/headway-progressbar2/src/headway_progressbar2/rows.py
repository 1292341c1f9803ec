"""A block of rows at the bottom of a terminal, redrawn in place. (progressbar2's `MultiBar` leaves gaps and stale rows.)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headway.stream import Stream

__all__ = ["Rows"]


class Rows:
    """Keeps the cursor at the end of the last row; every frame is one write."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._height = 0
        self._columns = 0

    def show(self, rows: Sequence[str], above: Sequence[str] = ()) -> None:
        """Draw the rows in the place of those before, and lines that stay above them.

        Of more rows than the terminal has lines the last ones are shown. After the last row has gone the cursor stands
        at the start of the line below.
        """
        columns, lines = self._stream.size
        shown = list(rows[-(lines - 1) :])
        up = self._climb(columns)
        home = "\r" + (f"\x1b[{up}A" if up else "") + "\x1b[J"
        self._height, self._columns = len(shown), columns
        self._stream.write(home + "".join(f"{line}\n" for line in above) + "\n".join(shown))
        self._stream.flush()

    def _climb(self, columns: int) -> int:
        """How many lines up the block begins; a terminal that became narrower has wrapped its rows."""
        wrapped = -(-self._columns // columns) if columns < self._columns else 1
        return max(0, self._height * wrapped - 1)
